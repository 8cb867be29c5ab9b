"""Gradients as they come from `backward()`: some may be missing."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence

from wubu.core.location import user_location
from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.errors import ShapeError, StateError
from wubu.ops.prepare import cast_to
from wubu.optimizers.slots import wide

Pairs = list[tuple[Tensor, Variable]]


def present(
    grads: Sequence[Tensor | None], variables: Sequence[Variable], warned: set[str]
) -> Pairs:
    """The gradients that are there, each with its variable, in the dtype of its slots.

    Args:
        grads: one for each variable, or None.
        variables: trainable ones.
        warned: paths that a warning was given for; those found missing are added.

    Raises:
        StateError: all are None.
        ShapeError: a gradient has another shape than its variable.
    """
    absent = {v.path for g, v in zip(grads, variables, strict=True) if g is None}
    if all(g is None for g in grads):
        raise StateError(
            "no variable has a gradient",
            where=user_location(),
            expected="a gradient for at least one trainable variable",
            got=f"none for {few(absent)}",
            fix="call loss.backward() first, with a loss that depends on the "
            "variables; the gradient is variable.grad, and step() forgets it",
        )
    if not absent <= warned:
        warned |= absent
        warnings.warn(
            f"the loss does not depend on {few(absent)}: no gradient, so no update",
            stacklevel=4,
        )
    return [
        (_fitting(g, variable), variable)
        for g, variable in zip(grads, variables, strict=True)
        if g is not None
    ]


def few(names: Iterable[str]) -> str:
    """The first three names, and how many more there are.

    Example:
        >>> print(few({"a", "b"}))
        "a", "b"
    """
    names = sorted(names)
    shown = ", ".join(f'"{name}"' for name in names[:3])
    return (shown or "none") + (f" and {len(names) - 3} more" if names[3:] else "")


def _fitting(g: Tensor, variable: Variable) -> Tensor:
    if g.shape != variable.shape:
        raise ShapeError(
            f'the gradient of "{variable.path}" does not have its shape',
            expected=variable.shape,
            got=g.shape,
        )
    return cast_to(g, wide(variable.dtype))
