"""What decides the machine code of a graph, as one number.

Two graphs have one fingerprint if the compiler does the same for them: operations,
shapes, dtypes, parameters and constants agree, and so do the CPU and the compiler.
Names, lines and the values of variables do not count.
"""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Any

import llvmlite
import llvmlite.binding as llvm
import numpy as np

from wubu.core.graph import Graph, Node, Slot, Value
from wubu.executors.native.machine.target import Target


def fingerprint(
    graph: Graph, chosen: Target, threads: int, partials: int | None = None
) -> str | None:
    """The fingerprint in hexadecimal; None if a parameter cannot be described."""
    try:
        asked = tuple(chosen), threads, partials
        parts = (_compiler(), asked, _described(graph))
    except TypeError:
        return None
    return hashlib.sha256(repr(parts).encode()).hexdigest()


@functools.cache
def _compiler() -> str:
    """The compiler itself: its sources, LLVM, and the platform."""
    found = hashlib.sha256()
    package = Path(__file__).parents[1]
    for path in sorted(package.rglob("*.py")):
        found.update(path.read_bytes())
    versions = (llvmlite.__version__, llvm.llvm_version_info, np.__version__)
    found.update(repr((versions, llvm.get_default_triple())).encode())
    return found.hexdigest()


def _described(graph: Graph) -> tuple[Any, ...]:
    number: dict[Value, int] = {}

    def made(value: Value) -> tuple[Any, ...]:
        number[value] = len(number)
        return value.shape, value.dtype.str

    variables: dict[Slot, int] = {}
    inputs = [made(value) for value in graph.inputs]
    reads = [
        (variables.setdefault(slot, len(variables)), made(value))
        for slot, value in graph.reads
    ]
    constants = [
        (made(value), hashlib.sha256(array.tobytes()).digest())
        for value, array in graph.constants.items()
    ]
    nodes = [
        (
            node.primitive.name,
            [number[value] for value in node.inputs],
            [made(value) for value in node.outputs],
            _described_params(node),
        )
        for node in graph.nodes
    ]
    updates = [
        (variables.setdefault(slot, len(variables)), number[value])
        for slot, value in graph.updates
    ]
    outputs = [number[value] for value in graph.outputs]
    return inputs, reads, constants, nodes, updates, outputs


def _described_params(node: Node) -> list[tuple[str, Any]]:
    """The parameters, without a scan's plan of how it is differentiated: nobody who
    runs it looks there."""
    return [
        (name, _plain(part))
        for name, part in sorted(node.params.items())
        if (node.primitive.name, name) != ("scan", "plan")
    ]


def _plain(part: Any) -> Any:
    """A parameter as something whose `repr` says everything.

    Raises:
        TypeError: there is no such thing.
    """
    if part is None or isinstance(part, bool | int | str):
        return part
    if isinstance(part, float):
        return ("float", part.hex())
    if isinstance(part, tuple | list):
        return [_plain(one) for one in part]
    if isinstance(part, dict):
        return [(str(name), _plain(one)) for name, one in sorted(part.items())]
    if isinstance(part, np.dtype):
        return ("dtype", part.str)
    if isinstance(part, np.ndarray | np.generic):
        return ("array", part.shape, part.dtype.str, part.tobytes())
    if isinstance(part, type) and issubclass(part, np.generic):
        return ("dtype", np.dtype(part).str)
    if isinstance(part, slice):
        return ("slice", _plain((part.start, part.stop, part.step)))
    if isinstance(part, Graph):
        return _described(part)
    raise TypeError(f"no description of a {type(part).__name__}")
