"""`import wubu` is light: the tensors and the compiler, and nothing heavy.

What is loaded is looked at, not how long it takes: that depends on who else is running.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parent.parent / "src"

OURS = {"wubu", "wubu.core", "wubu.errors", "wubu.ops"}  # with what is in them

HEAVY = {
    "PIL",
    "asyncio",
    "http",
    "jax",
    "json",
    "llvmlite",
    "logging",
    "matplotlib",
    "multiprocessing",
    "pooch",
    "pydantic",
    "requests",
    "rich",
    "safetensors",
    "sqlite3",
    "typer",
    "unittest",
    "xml",
}


def test_importing_wubu_loads_the_tensors_and_the_compiler_only() -> None:
    own = [name for name in _loaded("wubu") if name.partition(".")[0] == "wubu"]
    assert {"wubu.core.tensor", "wubu.core.jit", "wubu.ops"} <= set(own)
    others = {name for name in own if ".".join(name.split(".")[:2]) not in OURS}
    assert others == set(), "load these rooms on first use instead"


def test_importing_wubu_loads_nothing_heavy() -> None:
    added = _loaded("wubu") - _loaded("numpy")
    assert sorted(HEAVY & added) == [], "load these on first use instead"


def _loaded(name: str) -> set[str]:
    """The names of all modules after an import in a fresh Python."""
    code = f"import sys, {name}; print(*sys.modules)"
    environment = dict(os.environ)
    paths = [str(SOURCES), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())
