"""`import wubu` is light: little more than NumPy, and nothing heavy.

Times are taken in fresh processes, NumPy and Wubu by turns, and the fastest of each are
compared: other tests running at the same time only ever make a process slower.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SOURCES = Path(__file__).resolve().parent.parent / "src"
LIMIT = 1.5
ROUNDS = 3
RUNS = 7  # of each, in one round

HEAVY = {
    "PIL",
    "jax",
    "llvmlite",
    "matplotlib",
    "pooch",
    "pydantic",
    "requests",
    "rich",
    "safetensors",
    "typer",
}

STOPWATCH = """
import time
start = time.perf_counter()
import {name}
print(time.perf_counter() - start)
"""


def test_importing_wubu_takes_at_most_half_as_long_again_as_numpy() -> None:
    for name in ("numpy", "wubu"):
        _import_seconds(name)  # writes the bytecode, warms the file cache
    numpy: list[float] = []
    wubu: list[float] = []
    for _ in range(ROUNDS):
        for _ in range(RUNS):
            numpy.append(_import_seconds("numpy"))
            wubu.append(_import_seconds("wubu"))
        if min(wubu) <= LIMIT * min(numpy):
            return
    raise AssertionError(
        f"import wubu takes {min(wubu) * 1e3:.0f} ms, import numpy "
        f"{min(numpy) * 1e3:.0f} ms: {min(wubu) / min(numpy):.2f} times as long, "
        f"allowed are {LIMIT}; `python -X importtime -c 'import wubu'` shows where"
    )


def test_importing_wubu_loads_nothing_heavy() -> None:
    loaded = _run("import sys, wubu; print(*sys.modules)").split()
    assert "wubu" in loaded
    assert sorted(HEAVY & set(loaded)) == [], "load these on first use instead"


def _import_seconds(name: str) -> float:
    return float(_run(STOPWATCH.format(name=name)))


def _run(code: str) -> str:
    """Runs `code` in a fresh Python that finds this tree and may write bytecode."""
    environment = dict(os.environ)
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    paths = [str(SOURCES), environment.get("PYTHONPATH", "")]
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout
