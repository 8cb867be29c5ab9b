"""Which executor runs a graph, and what happens where it cannot.

Executors are found by name and loaded on first use; `wubu/executors/base.py` says what
one must do. One that somebody named runs a graph, or says why it cannot. Where nobody
named one, graphs run as machine code, on `native`; what it cannot run runs on `numpy`,
with a warning.
"""

from __future__ import annotations

import functools
import importlib
import os
from typing import Any

from wubu.core.graph import Graph
from wubu.core.location import warn_user
from wubu.core.modes import is_debugging_nans
from wubu.errors import ExecutorError, UnknownNameError

EXECUTORS = ("numpy", "native")

_HOW = 'wubu.set_executor("numpy"), or jit(..., executor="numpy")'

_named = os.environ.get("WUBU_EXECUTOR") or None  # None: nobody has named one


def set_executor(name: str | None) -> None:
    """Chooses the executor of every `jit` that names none.

    The environment variable `WUBU_EXECUTOR` sets it for a whole process.

    Args:
        name: "native" or "numpy"; None for Wubu's own choice, which is "native" where
            this machine can, and goes to "numpy" with what "native" cannot run.

    Raises:
        UnknownNameError: no executor has this name.
        ExecutorError: this machine cannot run it.

    Example:
        >>> import wubu
        >>> wubu.set_executor("numpy")
        >>> wubu.get_executor()
        'numpy'
        >>> wubu.set_executor(None)
    """
    global _named
    if name is not None:
        load_executor(name)
    _named = name


def get_executor() -> str:
    """The name of the executor that `jit` uses by default."""
    return _named or _default()


def chosen(name: str | None) -> tuple[str, bool]:
    """The executor for a function, which may name one; and whether anybody did. Every
    operation can be looked at on `numpy` alone."""
    if is_debugging_nans():
        return "numpy", True
    return name or get_executor(), bool(name or _named)


def load_executor(name: str) -> Any:
    """The executor of a name, imported on first use.

    Raises:
        UnknownNameError: no executor has this name.
        ExecutorError: it cannot be imported, or this machine cannot run it.
    """
    if name not in EXECUTORS:
        raise UnknownNameError("executor", name, EXECUTORS)
    try:
        executor = importlib.import_module(f"wubu.executors.{name}").executor
    except (ImportError, OSError) as error:  # a library that cannot be loaded, too
        raise ExecutorError(
            f"the {name} executor cannot be loaded",
            expected="the package llvmlite, which makes machine code",
            got=f"{type(error).__name__}: {error}",
            fix=f"python -m pip install llvmlite, or {_HOW}",
        ) from error
    executor.check()
    return executor


def compile_graph(graph: Graph, name: str, named: bool) -> Any:
    """The program of a graph on an executor.

    Args:
        named: whether somebody asked for this executor. If not, what it cannot run is
            given to `numpy`, with a warning.

    Raises:
        ExecutorError: the executor that was asked for cannot run the graph.
    """
    try:
        return load_executor(name).compile(graph)
    except ExecutorError as error:
        if named or name == "numpy":
            raise
        about = ExecutorError(
            f"{graph.name} runs on the numpy executor, not as machine code",
            where=error.where,
            got=error.what,
            fix=f"if that is meant: {_HOW}",
        )
        warn_user(str(about))
        return load_executor("numpy").compile(graph)


@functools.cache
def _default() -> str:
    """What runs where nobody has named an executor; decided once."""
    try:
        load_executor("native")
    except ExecutorError as error:
        about = ExecutorError(
            "compiled functions run on the numpy executor, not as machine code",
            expected=error.expected,
            got=f"{error.what}: {error.got}",
            fix=error.fix,
        )
        warn_user(str(about))
        return "numpy"
    return "native"
