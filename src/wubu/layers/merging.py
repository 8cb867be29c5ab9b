"""Layers that join several inputs elementwise: `Add`, `Multiply`, `Maximum` ...

Each has a function of the same name in small letters that makes it and calls it. Read
next: `concatenation.py`, `dot.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.layers.layer import Layer

Masks = Sequence[Tensor | None]


def check_list(shapes: Any, count: int | None = None) -> None:
    """Refuses a single input, and more or fewer than `count`."""
    if not isinstance(shapes, list):
        raise ArgumentError(
            "it joins several inputs",
            expected="a list of tensors",
            got=f"one, of shape {shapes}",
            fix="put the inputs into a list: layer([a, b])",
        )
    if count is not None and len(shapes) != count:
        raise ArgumentError(
            f"it joins {count} inputs",
            expected=f"a list of {count} tensors",
            got=f"{len(shapes)} tensors",
        )


class _Merge(Layer):
    """Inputs joined elementwise with `combine`, which a subclass fixes.

    Axes of length 1 are repeated. An input with fewer axes than another one gets axes
    of length 1 after the batch, so that samples stay with their samples.
    """

    combine: Callable[[Any, Any], Tensor]
    num_inputs: int | None = None

    def build(self, input_shape: list[tuple[int | None, ...]]) -> None:
        check_list(input_shape, self.num_inputs)

    def call(self, inputs: Sequence[Tensor], *, mask: Any = None) -> Tensor:
        _check_shapes([x.shape for x in inputs])
        ndim = max(x.ndim for x in inputs)
        masks = mask or [None] * len(inputs)
        kept = [
            None if m is None else _with_axes(whole_mask(x, m), ndim)
            for x, m in zip(inputs, masks, strict=True)
        ]
        return self.join([_with_axes(x, ndim) for x in inputs], kept)

    def join(self, inputs: Sequence[Tensor], kept: Masks) -> Tensor:
        """What the inputs give.

        Args:
            inputs: of shapes that broadcast.
            kept: for each its mask in its own shape, or None.
        """
        return reduce(type(self).combine, inputs)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Tensor | None:
        """True where some input is not masked; None where one has no mask."""
        if mask is None or any(m is None for m in mask):
            return None
        ndim = max(m.ndim for m in mask)
        shapes = [(*m.shape, *[1] * (ndim - m.ndim)) for m in mask]
        pairs = zip(mask, shapes, strict=True)
        return reduce(ops.logical_or, [ops.reshape(m, shape) for m, shape in pairs])


def whole_mask(x: Tensor, mask: Tensor | None) -> Tensor:
    """A mask for every element of x."""
    if mask is None:
        return ops.ones(x.shape, dtype="bool")
    missing = [1] * (x.ndim - mask.ndim)
    return ops.broadcast_to(ops.reshape(mask, (*mask.shape, *missing)), x.shape)


def _with_axes(x: Tensor, ndim: int) -> Tensor:
    """The same samples with axes of length 1 after the batch."""
    missing = ndim - x.ndim
    if not missing:
        return x
    return ops.reshape(x, (*x.shape[:1], *[1] * missing, *x.shape[1:]))


def _check_shapes(shapes: Sequence[tuple[int, ...]]) -> None:
    ndim = max(len(shape) for shape in shapes)
    padded = [(*s[:1], *[1] * (ndim - len(s)), *s[1:]) for s in shapes]
    for lengths in zip(*padded, strict=True):
        if len(set(lengths) - {1}) > 1:
            raise ShapeError(
                "its inputs do not fit together",
                expected="axes of equal length, or of length 1",
                got=" and ".join(str(tuple(shape)) for shape in shapes),
                fix="bring them to one shape, for instance with a Dense or Conv2D of "
                "as many units or filters",
            )


class Add(_Merge):
    """y = x1 + x2 + ...

    Args:
        options: name, dtype of every layer.

    Shapes:
        A list of (batch, ...) that broadcast -> (batch, ...).

    Raises:
        ShapeError: axes that are neither equal nor 1.

    Source:
        He, Zhang, Ren and Sun, "Deep residual learning for image recognition", 2016,
        equation 1, where it joins a block with its shortcut.

    Example:
        >>> import wubu
        >>> Add()([wubu.tensor([[1.0, 2.0]]), wubu.tensor([[10.0, 20.0]])]).tolist()
        [[11.0, 22.0]]
    """

    combine = staticmethod(ops.add)


class Subtract(_Merge):
    """y = x1 - x2

    Args:
        options: name, dtype of every layer.

    Shapes:
        A list of two (batch, ...) that broadcast -> (batch, ...).

    Raises:
        ArgumentError: more or fewer than two inputs.
        ShapeError: axes that are neither equal nor 1.

    Example:
        >>> import wubu
        >>> a, b = wubu.tensor([[1.0, 2.0]]), wubu.tensor([[10.0, 20.0]])
        >>> Subtract()([a, b]).tolist()
        [[-9.0, -18.0]]
    """

    combine = staticmethod(ops.subtract)
    num_inputs = 2


class Multiply(_Merge):
    """y = x1 * x2 * ...

    A masked place counts as 1; where all inputs are masked, y is 0.

    Args:
        options: name, dtype of every layer.

    Shapes:
        A list of (batch, ...) that broadcast -> (batch, ...).

    Raises:
        ShapeError: axes that are neither equal nor 1.

    Example:
        >>> import wubu
        >>> a, b = wubu.tensor([[1.0, 2.0]]), wubu.tensor([[10.0, 20.0]])
        >>> Multiply()([a, b]).tolist()
        [[10.0, 40.0]]
    """

    combine = staticmethod(ops.multiply)

    def join(self, inputs: Sequence[Tensor], kept: Masks) -> Tensor:
        pairs = list(zip(inputs, kept, strict=True))
        product = super().join(
            [x if m is None else ops.where(m, x, 1) for x, m in pairs], kept
        )
        known = [m for m in kept if m is not None]
        if len(known) < len(kept):
            return product
        return ops.where(reduce(ops.logical_or, known), product, 0)


class Average(_Merge):
    """y = (x1 + x2 + ...) / n, for n inputs

    Args:
        options: name, dtype of every layer.

    Shapes:
        A list of (batch, ...) that broadcast -> (batch, ...).

    Raises:
        ShapeError: axes that are neither equal nor 1.

    Example:
        >>> import wubu
        >>> a, b = wubu.tensor([[1.0, 2.0]]), wubu.tensor([[10.0, 20.0]])
        >>> Average()([a, b]).tolist()
        [[5.5, 11.0]]
    """

    combine = staticmethod(ops.add)

    def join(self, inputs: Sequence[Tensor], kept: Masks) -> Tensor:
        return super().join(inputs, kept) / len(inputs)


class _Extreme(_Merge):
    """The largest or the smallest. A masked place counts only where all are masked."""

    def join(self, inputs: Sequence[Tensor], kept: Masks) -> Tensor:
        found, known = inputs[0], kept[0]
        for x, mask in zip(inputs[1:], kept[1:], strict=True):
            x = x if mask is None else ops.where(mask, x, found)
            found = found if known is None else ops.where(known, found, x)
            found = type(self).combine(found, x)
            both = known is not None and mask is not None
            known = ops.logical_or(known, mask) if both else None
        return found


class Maximum(_Extreme):
    """y = max(x1, x2, ...)

    A masked place counts only where all inputs are masked. Where two are equal, each
    gets half of the derivative.

    Args:
        options: name, dtype of every layer.

    Shapes:
        A list of (batch, ...) that broadcast -> (batch, ...).

    Raises:
        ShapeError: axes that are neither equal nor 1.

    Example:
        >>> import wubu
        >>> a, b = wubu.tensor([[1.0, 20.0]]), wubu.tensor([[10.0, 2.0]])
        >>> Maximum()([a, b]).tolist()
        [[10.0, 20.0]]
    """

    combine = staticmethod(ops.maximum)


class Minimum(_Extreme):
    """y = min(x1, x2, ...)

    A masked place counts only where all inputs are masked. Where two are equal, each
    gets half of the derivative.

    Args:
        options: name, dtype of every layer.

    Shapes:
        A list of (batch, ...) that broadcast -> (batch, ...).

    Raises:
        ShapeError: axes that are neither equal nor 1.

    Example:
        >>> import wubu
        >>> a, b = wubu.tensor([[1.0, 20.0]]), wubu.tensor([[10.0, 2.0]])
        >>> Minimum()([a, b]).tolist()
        [[1.0, 2.0]]
    """

    combine = staticmethod(ops.minimum)


def add(inputs: Any, **options: Any) -> Any:
    """`Add(**options)(inputs)`, the functional form."""
    return Add(**options)(inputs)


def subtract(inputs: Any, **options: Any) -> Any:
    """`Subtract(**options)(inputs)`, the functional form."""
    return Subtract(**options)(inputs)


def multiply(inputs: Any, **options: Any) -> Any:
    """`Multiply(**options)(inputs)`, the functional form."""
    return Multiply(**options)(inputs)


def average(inputs: Any, **options: Any) -> Any:
    """`Average(**options)(inputs)`, the functional form."""
    return Average(**options)(inputs)


def maximum(inputs: Any, **options: Any) -> Any:
    """`Maximum(**options)(inputs)`, the functional form."""
    return Maximum(**options)(inputs)


def minimum(inputs: Any, **options: Any) -> Any:
    """`Minimum(**options)(inputs)`, the functional form."""
    return Minimum(**options)(inputs)
