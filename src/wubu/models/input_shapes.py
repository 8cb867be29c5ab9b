"""Whether an input has the shape a model was built for, and what to do if not."""

from __future__ import annotations

from typing import Any


def agree(shape: tuple[Any, ...], wanted: tuple[Any, ...]) -> bool:
    """Whether a shape is the one that is wanted, where None is any length.

    Example:
        >>> agree((5, 4), (None, 4)), agree((5, 3), (None, 4))
        (True, False)
    """
    return len(shape) == len(wanted) and all(
        n is None or m == n for m, n in zip(shape, wanted, strict=True)
    )


def shape_in_words(shape: tuple[Any, ...]) -> str:
    """A shape whose first axis is the batch, for messages.

    Example:
        >>> shape_in_words((None, 28, 28))
        '(batch, 28, 28)'
    """
    words = ["batch", *("any" if n is None else str(n) for n in shape[1:])]
    return f"({', '.join(words[: len(shape)])}{',' if len(shape) == 1 else ''})"


def fix_for(shape: tuple[Any, ...], wanted: tuple[Any, ...]) -> str | None:
    """What to do about the usual reasons: the channel or the batch axis is missing, or
    there is one too many.

    Example:
        >>> fix_for((60, 28, 28), (None, 28, 28, 1))
        'add the channel axis: x[..., None]'
    """
    if len(shape) + 1 == len(wanted):
        if wanted[-1] == 1 and agree(shape[1:], wanted[1:-1]):
            return "add the channel axis: x[..., None]"
        if len(shape) == 1 or agree(shape[1:], wanted[2:]):
            return "add the batch axis: x[None]"
    if len(shape) == len(wanted) + 1 and shape[-1] == 1:
        return "drop the last axis: x[..., 0]"
    if len(shape) == len(wanted) and None not in wanted[1:]:
        return (
            f"give samples of shape {tuple(wanted[1:])}, or build the model for "
            f"{tuple(shape[1:])}"
        )
    return None
