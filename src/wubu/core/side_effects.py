"""Finds Python side effects of a function that is being compiled.

A traced function runs once as Python; what it does to Python objects happens once too,
not at every call. Three nets catch that: the function's bytecode (assignments to outer
names), what it can reach by name (`reach.py`; changed while tracing), and traced
tensors that are still held by somebody when tracing is over.
"""

from __future__ import annotations

import copy
import dis
import functools
import gc
import types
from collections.abc import Callable, Sequence
from typing import Any

from wubu.core.location import Location
from wubu.core.reach import Reach, attributes, nested
from wubu.core.trace import Trace
from wubu.errors import TraceError


def check_bytecode(function: Callable[..., Any]) -> None:
    """Refuses a function that assigns global or nonlocal names."""
    code = _code(function)
    if code is None:
        return
    for inner in nested(code):
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
    """Notices changes of what a function can reach by name: lists, dictionaries and
    sets; small arrays; numbers and strings that are attributes of the user's objects,
    or global names that the user's other functions assign.

    What was None, False or absent before may change: layers that are built by their
    first call set such attributes.

    Example:
        >>> losses = []
        >>> watch = Watch(lambda: losses)
        >>> losses.append(1)
        >>> watch.check()
        Traceback (most recent call last):
        ...
        wubu.errors.TraceError: the compiled function changed "losses", ...
    """

    def __init__(
        self, function: Callable[..., Any], arguments: Sequence[Any] = ()
    ) -> None:
        self._function = function
        reach = Reach(function, arguments)
        self._boxes = [(name, box, copy.copy(box)) for name, box in reach.boxes]
        self._arrays = [(name, a, a.tobytes()) for name, a in reach.arrays]
        self._objects: list[tuple[str, Any, dict[str, Any]]] = [
            (f"{name}.", attributes(thing), _plain_parts(attributes(thing)))
            for name, thing in reach.objects
        ]
        for found in reach.functions:
            names, cells = _assigned(found.__code__)
            # Only those that are assigned: others' values may be large, or change.
            outer = {n: v for n, v in found.__globals__.items() if n in names}
            self._objects.append(("", found.__globals__, _plain_parts(outer)))
            inner = _Cells(found, cells)
            self._objects.append(("", inner, _plain_parts(inner)))

    def check(self) -> None:
        """Raises for the first change found.

        Raises:
            TraceError: says what was changed.
        """
        for name, box, before in self._boxes:
            if not _same_contents(box, before):
                raise self._error(f'"{name}", a {type(box).__name__} outside it')
        for name, array, bits in self._arrays:
            if array.tobytes() != bits:
                raise self._error(f'the contents of "{name}", an array outside it')
        for owner, now, before in self._objects:
            if now.get("built") and not before.get("built", True):
                continue  # a layer's first call may set what it likes
            for name, value in before.items():
                if _differs(value, now.get(name)):
                    change = f"from {value!r:.40} to {now.get(name)!r:.40}"
                    raise self._error(f'"{owner}{name}" {change}')

    def _error(self, what: str) -> TraceError:
        return TraceError(
            f"the compiled function changed {what}; that happened once, while tracing, "
            "and will not happen again",
            where=_definition(self._function),
            fix="return the value, or keep it in a wubu.Variable: count = "
            "wubu.Variable(0, trainable=False), count.assign_add(1)",
        )


class _Cells:
    """The outer names that a nested function assigns, like a dictionary."""

    def __init__(self, function: types.FunctionType, names: frozenset[str]) -> None:
        cells = zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        )
        self._cells = {name: cell for name, cell in cells if name in names}

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self._cells[name].cell_contents
        except (KeyError, ValueError):  # ValueError: not assigned
            return default

    def items(self) -> list[tuple[str, Any]]:
        return [(name, self.get(name)) for name in self._cells]


_PLAIN = (int, float, complex, str, bool)


def _plain_parts(parts: Any) -> dict[str, Any]:
    return {n: v for n, v in list(parts.items()) if type(v) in _PLAIN}


def _differs(before: Any, after: Any) -> bool:
    """Whether a number or a string became another one. Flags may be set once: they say
    that something has been made."""
    if isinstance(before, bool):
        return False
    plain = after is None or type(after) in _PLAIN
    return plain and repr(before) != repr(after)  # NaN equals itself here


@functools.cache
def _assigned(code: types.CodeType) -> tuple[frozenset[str], frozenset[str]]:
    """The global names and the names of enclosing functions that code assigns."""
    stores = [
        (instruction.opname, instruction.argval, inner)
        for inner in nested(code)
        for instruction in dis.get_instructions(inner)
        if instruction.opname in ("STORE_GLOBAL", "STORE_DEREF")
    ]
    names = frozenset(name for op, name, _ in stores if op == "STORE_GLOBAL")
    cells = frozenset(
        name
        for op, name, inner in stores
        if op == "STORE_DEREF"
        and name in code.co_freevars
        and name in inner.co_freevars
    )
    return names, cells


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


def _same_contents(box: Any, before: Any) -> bool:
    """Whether containers hold the same objects; equality may not exist between them."""
    return _ids(box) == _ids(before)


def _ids(box: Any) -> list[Any]:
    if isinstance(box, dict):
        return [(id(key), id(value)) for key, value in box.items()]
    return sorted(map(id, box)) if isinstance(box, set) else [id(item) for item in box]
