"""Calling a layer on symbols: what shapes come out, found by tracing.

No layer has to say what shape it produces. Its call is traced twice, with different
lengths wherever the input says None; lengths that differ in the result are None there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from wubu.core import tree
from wubu.core.location import user_location
from wubu.core.modes import no_grad, tracing
from wubu.core.tensor import as_tensor
from wubu.core.trace import Trace
from wubu.errors import ArgumentError, WubuError
from wubu.layers.context import current_context
from wubu.layers.symbol import Call, Symbol

# Lengths that stand in for None, by axis. They differ from each other, so that axes are
# not confused, and are large enough for windows.
_LENGTHS = ((64, 360, 364, 368, 372, 376), (65, 420, 424, 428, 432, 436))
# A table of places has fewer rows, so what fails with those is tried with these.
_SHORT = ((2, 8, 9, 10, 11, 12), (3, 13, 14, 15, 16, 17))


def record_call(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The symbols a call of a layer on symbols gives; they remember the call."""
    call = Call(layer, args, kwargs, user_location())
    found, structure = tree.flatten(output_symbols(layer, args, kwargs))
    made = [Symbol(s.shape, s.dtype, None, call, i) for i, s in enumerate(found)]
    outputs = tree.unflatten(structure, made)
    layer.connect(call, outputs)
    return outputs


def output_symbols(layer: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Symbols of the shapes and dtypes a layer gives for these symbols."""
    shapes = tree.map_structure(lambda leaf: getattr(leaf, "shape", None), args)

    def run(lengths: tuple[int, ...]) -> Any:
        return _traced(layer, args, kwargs, shapes, lengths)

    calls = getattr(current_context(), "calls", None)
    before = len(calls or ())
    try:
        first, second = map(run, _LENGTHS)
    except WubuError as error:
        if calls is not None:  # those of the attempt that failed
            del calls[before:]
        try:
            first, second = map(run, _SHORT)
        except WubuError:
            _hide_stand_ins(error, run)
            raise error from None

    def compare(a: Any, b: Any) -> Symbol:
        pairs = zip(a.shape, b.shape, strict=True)
        return Symbol(tuple(m if m == n else None for m, n in pairs), a.dtype)

    return tree.map_structure(compare, first, second)


def _traced(
    layer: Any,
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    shapes: tuple[Any, ...],
    lengths: tuple[int, ...],
) -> Any:
    trace = Trace()

    def stand_in(leaf: Any) -> Any:
        if not isinstance(leaf, Symbol):
            return leaf
        shape = [lengths[i] if n is None else n for i, n in enumerate(leaf.shape)]
        return trace.input(tuple(shape), leaf.dtype)

    try:
        with tracing(trace), no_grad():
            args = tree.map_structure(stand_in, args)
            kwargs = tree.map_structure(stand_in, kwargs)
            # Built for the true shapes, not for the lengths that stand in.
            layer.ensure_built(shapes)
            return tree.map_structure(as_tensor, layer(*args, **kwargs))
    finally:
        trace.close()


def _hide_stand_ins(error: WubuError, run: Callable[[tuple[int, ...]], Any]) -> None:
    """Makes "batch" and "any" of the lengths that stand in for None: of numbers that
    are others when the same call fails with other lengths."""
    try:
        run(_LENGTHS[1])
    except WubuError as other:
        for field in ("what", "expected", "got", "fix"):
            first, second = getattr(error, field), getattr(other, field)
            if None not in (first, second) and str(first) != str(second):
                setattr(error, field, _without_numbers(str(first), str(second)))


def _without_numbers(first: str, second: str) -> str:
    """
    Example:
        >>> _without_numbers("(64, 360, 5)", "(65, 420, 5)")
        '(batch, any, 5)'
    """
    parts, others = re.split(r"(\d+)", first), re.split(r"(\d+)", second)
    if parts[::2] != others[::2]:
        return first
    batch = (str(_LENGTHS[0][0]), str(_LENGTHS[1][0]))
    return "".join(
        a if a == b else "batch" if (a, b) == batch else "any"
        for a, b in zip(parts, others, strict=True)
    )


def is_shape(value: Any) -> bool:
    """Whether this is one shape, not a structure of shapes."""
    return isinstance(value, tuple) and all(isinstance(n, int | None) for n in value)


def as_shapes(given: Any) -> Any:
    """Shapes as users write them, lists included, as tuples in lists and dictionaries.

    Raises:
        ArgumentError: it is no shape.

    Example:
        >>> as_shapes([None, 3]), as_shapes([(None, 2), [None, 3]])
        ((None, 3), [(None, 2), (None, 3)])
    """
    if isinstance(given, dict) and given:
        return {key: as_shapes(part) for key, part in given.items()}
    if isinstance(given, list | tuple):
        if all(_is_length(n) for n in given):
            return tuple(None if n is None else int(n) for n in given)
        if all(isinstance(part, list | tuple | dict) for part in given):
            return [as_shapes(part) for part in given]
    raise ArgumentError(
        "this is no shape",
        expected="a tuple such as (None, 28, 28, 1), None for the batch; or a list or "
        "dictionary of them",
        got=repr(given)[:60],
    )


def _is_length(n: Any) -> bool:
    whole = isinstance(n, int | np.integer) and not isinstance(n, bool)
    return n is None or (whole and n >= 0)


def map_shapes(function: Callable[[Any], Any], structure: Any) -> Any:
    """`function` of every shape in a structure of shapes."""
    if is_shape(structure):
        return function(structure)
    if isinstance(structure, dict):
        return {k: map_shapes(function, v) for k, v in structure.items()}
    return [map_shapes(function, part) for part in structure]
