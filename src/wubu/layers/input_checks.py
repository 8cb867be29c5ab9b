"""Whether a layer can take what it is given, and errors that say which layer it was."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.errors import DTypeError, ShapeError, WubuError
from wubu.layers.symbolic import is_shape


def check_value(layer: Any, args: tuple[Any, ...]) -> None:
    """Refuses a first argument that cannot be a tensor. A class of one's own may take
    anything."""
    own = type(layer).__module__.startswith("wubu.layers.")
    if own and args and (args[0] is None or isinstance(args[0], str)):
        raise DTypeError(
            "its input is no tensor",
            expected="a tensor, an array, or nested lists of numbers",
            got=repr(args[0])[:60],
        )


def check_shapes(layer: Any, shapes: tuple[Any, ...]) -> None:
    """Sees whether the first input has as many axes as the layer takes, and those its
    weights depend on are as long as they were.

    Raises:
        ShapeError: it has not.
    """
    wanted = layer.input_ndim
    first: Any = shapes[0] if shapes else None
    if wanted is None:
        return
    if isinstance(first, list):
        raise ShapeError(
            "it takes one input",
            expected="one tensor",
            got=f"{len(first)} in a list",
            fix="take the tensor out of the list: inputs[0]"
            if len(first) == 1
            else "join them first, for instance with Concatenate",
        )
    if not is_shape(first):
        return
    least, exact = (wanted[0], False) if isinstance(wanted, tuple) else (wanted, True)
    if len(first) < least or (exact and len(first) != least):
        names = f"{least} axes" if exact else f"at least {least} axes"
        raise ShapeError(
            "its input has another number of axes",
            expected=f"{names}, the batch included",
            got=f"shape {_in_words(first)}",
            fix="add the missing axis with Reshape or x[..., None]"
            if len(first) < least
            else "use Flatten or Reshape in front of it",
        )
    for axis, length in (layer.input_axes or {}).items():
        if first[axis] not in (None, length):
            raise ShapeError(
                "it was built for inputs of another length",
                expected=_pattern(len(first), {axis: length}),
                got=_in_words(first),
                fix=f"make axis {axis} of its input {length} long, or make a new "
                f"{type(layer).__name__} for inputs of length {first[axis]}",
            )


def _in_words(shape: tuple[int | None, ...]) -> str:
    """A shape in which what is open has a name.

    Example:
        >>> _in_words((None, None, 3))
        '(batch, any, 3)'
    """
    words = ["any" if n is None else str(n) for n in shape]
    if shape and shape[0] is None:
        words[0] = "batch"
    return f"({', '.join(words)}{',' if len(words) == 1 else ''})"


def _pattern(ndim: int, known: Mapping[int, int]) -> str:
    """A shape in words: (batch, ..., 128).

    Example:
        >>> _pattern(3, {-1: 128})
        '(batch, any, 128)'
    """
    words = ["batch", *["any"] * (ndim - 1)]
    for axis, length in known.items():
        words[axis] = str(length)
    return f"({', '.join(words)})"


def blame(error: WubuError, layer: Any) -> None:
    """Says which layer could not take its input, once, for the innermost one."""
    if getattr(error, "layer", None) is not None:
        return
    error.layer = layer.name  # type: ignore[attr-defined]
    named = f'layer "{layer.name}" ({type(layer).__name__})'
    if isinstance(error, ShapeError):
        error.what = f"{named} cannot take this input: {error.what}"
    else:
        error.what = f"{named}: {error.what}"
    if layer.created_at is not None and error.where is None:
        error.where = str(layer.created_at)
