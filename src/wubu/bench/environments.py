"""The frameworks of the benchmark, and where the Python is that has them.

Peers live in environments of their own, because they are large and do not always agree
about what they need; Wubu does not depend on any of them. `make bench` makes them in
`.peers`; the environment variable `WUBU_PEERS_HOME` names another folder of
environments.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from wubu.errors import UnknownNameError

SCRIPTS = Path(__file__).parent / "peers"


class Mode(NamedTuple):
    """One of the ways a framework can do a job.

    Attributes:
        name: as its script knows it.
        title: as people read it; empty where there is only one.
        alone: on one thread, for a framework that may be faster so.
        needs: a kind of layer without which it means nothing.
    """

    name: str
    title: str
    alone: bool = False
    needs: str = ""


class Peer(NamedTuple):
    """A framework and the ways it is measured in.

    Attributes:
        name: as on the command line, and of its environment's folder.
        title: for people.
        script: what its Python runs.
        packages: what must be importable for it.
        modes: by task, "train" or "predict".
    """

    name: str
    title: str
    script: Path
    packages: tuple[str, ...]
    modes: Mapping[str, tuple[Mode, ...]]


_TORCH = (
    Mode("eager", "eager"),
    Mode("channels-last", "channels last", needs="conv"),
    Mode("compiled", "compiled"),
)
_PADDLE = (
    Mode("eager", "eager"),
    Mode("to_static", "to_static"),
    Mode("eager", "eager, 1 thread", alone=True),
)

WUBU = Peer(
    "wubu",
    "Wubu",
    SCRIPTS / "wubu_peer.py",
    ("wubu",),
    {"train": (Mode("native", ""),), "predict": (Mode("native", ""),)},
)

PEERS = {
    peer.name: peer
    for peer in (
        Peer(
            "torch",
            "PyTorch",
            SCRIPTS / "torch_peer.py",
            ("torch",),
            {"train": _TORCH, "predict": _TORCH},
        ),
        Peer(
            "keras",
            "Keras on TF",
            SCRIPTS / "keras_peer.py",
            ("keras", "tensorflow"),
            {
                "train": (Mode("fit", "fit"), Mode("tf.function", "tf.function")),
                "predict": (
                    Mode("tf.function", "tf.function"),
                    Mode("predict_on_batch", "predict_on_batch"),
                ),
            },
        ),
        Peer(
            "jax",
            "JAX",
            SCRIPTS / "jax_peer.py",
            ("jax",),
            {
                "train": (Mode("step", "step"), Mode("scan", "scan")),
                "predict": (Mode("step", ""),),
            },
        ),
        Peer(
            "paddle",
            "Paddle",
            SCRIPTS / "paddle_peer.py",
            ("paddle",),
            {"train": _PADDLE, "predict": _PADDLE},
        ),
        Peer(
            "onnx",
            "ONNX Runtime",
            SCRIPTS / "onnx_peer.py",
            ("onnx", "onnxruntime"),
            {
                "predict": (
                    Mode("session", ""),
                    Mode("session", "1 thread", alone=True),
                )
            },
        ),
    )
}


def find_peers(names: Iterable[str]) -> list[Peer]:
    """The peers of these names.

    Raises:
        UnknownNameError: there is none of a name; suggests the nearest.

    Example:
        >>> [peer.title for peer in find_peers(["torch", "jax"])]
        ['PyTorch', 'JAX']
    """
    found = []
    for name in names:
        if name not in PEERS:
            raise UnknownNameError("peer", name, PEERS)
        found.append(PEERS[name])
    return found


def find_python(
    peer: Peer, environment: Mapping[str, str] = os.environ
) -> tuple[Path | None, str]:
    """The Python that has a framework, or None and how to get one."""
    if peer is WUBU:
        return Path(sys.executable), ""
    home = Path(environment.get("WUBU_PEERS_HOME") or ".peers")
    for folder, program in (("bin", "python"), ("Scripts", "python.exe")):
        python = home / peer.name / folder / program
        if python.exists():
            return python.absolute(), ""
    if all(importlib.util.find_spec(name) is not None for name in peer.packages):
        return Path(sys.executable), ""
    return None, f"not installed: make peers PEERS={peer.name}"
