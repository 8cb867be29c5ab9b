"""Finds Python side effects of a function that is being compiled.

A traced function runs once as Python; what it does to Python objects happens once too,
not at every call. Three nets catch that: the function's bytecode (assignments to outer
names), containers it can reach (changed while tracing), and traced tensors that are
still held by somebody when tracing is over.
"""

from __future__ import annotations

import copy
import dis
import functools
import gc
import types
from collections.abc import Callable, Iterator
from typing import Any

from wubu.core.location import Location
from wubu.core.trace import Trace
from wubu.errors import TraceError


def check_bytecode(function: Callable[..., Any]) -> None:
    """Refuses a function that assigns global or nonlocal names."""
    code = _code(function)
    if code is None:
        return
    for inner in _nested(code):
        for instruction in dis.get_instructions(inner):
            name = instruction.argval
            outer = name in code.co_freevars and name in inner.co_freevars
            if instruction.opname == "STORE_GLOBAL" or (
                instruction.opname == "STORE_DEREF" and outer
            ):
                line = instruction.positions.lineno if instruction.positions else None
                raise TraceError(
                    f'a compiled function assigns the outer name "{instruction.argval}"'
                    ", which would happen once, while tracing, not at every call",
                    where=Location(inner.co_filename, line or inner.co_firstlineno),
                    fix="return the value, or keep it in a wubu.Variable: "
                    f"{instruction.argval}.assign(...)",
                )


class Watch:
    """Notices changes of the lists, dictionaries and sets a function can reach by name.

    Example:
        >>> losses = []
        >>> watch = Watch(lambda: losses)
        >>> losses.append(1)
        >>> watch.check()
        Traceback (most recent call last):
        ...
        wubu.errors.TraceError: the compiled function changed "losses", ...
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._before = [
            (name, box, copy.copy(box)) for name, box in _containers(function)
        ]

    def check(self) -> None:
        for name, box, before in self._before:
            if not _same_contents(box, before):
                raise TraceError(
                    f'the compiled function changed "{name}", a {type(box).__name__} '
                    "outside it; that happened once, while tracing, and will not "
                    "happen again",
                    where=_definition(self._function),
                    fix="return the value, or keep it in a wubu.Variable",
                )


def check_survivors(trace: Trace, function: Callable[..., Any]) -> None:
    """Refuses traced tensors that somebody still holds when their trace has ended."""
    if not trace.survivors():
        return
    gc.collect()
    # The last one made is the one that is kept; others are what it was made from.
    for tensor in trace.survivors()[-1:]:
        history = tensor._history
        raise TraceError(
            "a compiled function kept a tensor that has no value outside it",
            where=(history and history.location) or _definition(function),
            expected="results that the function returns",
            got=f"a traced tensor of shape {tensor.shape}, held by {_holder(tensor)}",
            fix="return it from the function, or keep it in a wubu.Variable with "
            "assign()",
        )


def _holder(tensor: Any) -> str:
    for referrer in gc.get_referrers(tensor):
        if isinstance(referrer, list | set | tuple) and len(referrer) < 10_000:
            return f"a {type(referrer).__name__} with {len(referrer)} elements"
        if isinstance(referrer, dict):
            names = [str(name) for name, held in referrer.items() if held is tensor]
            return f'"{names[0]}"' if names else "a dictionary"
    return "a Python object"


def _unwrapped(function: Any) -> Any:
    """The Python function behind methods, decorators and partials."""
    while True:
        if isinstance(function, types.MethodType):
            function = function.__func__
        elif isinstance(function, functools.partial):
            function = function.func
        elif hasattr(function, "__wrapped__"):
            function = function.__wrapped__
        else:
            return function


def _definition(function: Any) -> Location | None:
    code = _code(function)
    return code and Location(code.co_filename, code.co_firstlineno)


def _code(function: Any) -> types.CodeType | None:
    return getattr(_unwrapped(function), "__code__", None)


def _nested(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _nested(constant)


def _containers(function: Any) -> Iterator[tuple[str, Any]]:
    """Lists, dictionaries and sets among the globals and outer names it uses."""
    code = _code(function)
    if code is None:
        return
    function = _unwrapped(function)
    cells = getattr(function, "__closure__", None) or ()
    reachable = {}
    for name, cell in zip(code.co_freevars, cells, strict=False):
        try:
            reachable[name] = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
    outer = getattr(function, "__globals__", {})
    names = {name for inner in _nested(code) for name in inner.co_names}
    reachable.update({name: outer[name] for name in sorted(names) if name in outer})
    for name, value in reachable.items():
        if type(value) in (list, dict, set):
            yield name, value


def _same_contents(box: Any, before: Any) -> bool:
    """Whether containers hold the same objects; equality may not exist between them."""
    return _ids(box) == _ids(before)


def _ids(box: Any) -> list[Any]:
    if isinstance(box, dict):
        return [(id(key), id(value)) for key, value in box.items()]
    return sorted(map(id, box)) if isinstance(box, set) else [id(item) for item in box]
