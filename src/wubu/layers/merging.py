"""Layers that join several inputs to one: `Add`, `Concatenate`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.layers.layer import Layer
from wubu.ops.prepare import normal_axis


def _check_list(shapes: Any) -> None:
    """Refuses a single input."""
    if not isinstance(shapes, list):
        raise ArgumentError(
            "it joins several inputs",
            expected="a list of tensors",
            got=f"one, of shape {shapes}",
            fix="put the inputs into a list: layer([a, b])",
        )


class _Merge(Layer):
    """Inputs joined elementwise with `combine`, which a subclass fixes.

    Axes of length 1 are repeated. An input with fewer axes than another one gets axes
    of length 1 after the batch, so that samples stay with their samples.
    """

    combine: Callable[[Any, Any], Tensor]

    def build(self, input_shape: list[tuple[int | None, ...]]) -> None:
        _check_list(input_shape)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        _check_shapes([x.shape for x in inputs])
        ndim = max(x.ndim for x in inputs)
        same = [_with_axes(x, ndim) for x in inputs]
        return reduce(type(self).combine, same)

    def compute_mask(self, inputs: Any, mask: Any) -> Tensor | None:
        """True where no input is masked."""
        known = [m for m in mask or [] if m is not None]
        return reduce(ops.logical_and, known) if known else None


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


class Concatenate(Layer):
    """Inputs one behind the other along an axis.

    Args:
        axis: along which they are joined; they agree in all others.
        options: name, dtype of every layer.

    Shapes:
        A list of (batch, ..., n1), (batch, ..., n2) ... -> (batch, ..., n1 + n2 + ...).

    Raises:
        ShapeError: inputs that differ in another axis.

    Example:
        >>> import wubu
        >>> Concatenate()([wubu.zeros((1, 2)), wubu.ones((1, 1))]).tolist()
        [[0.0, 0.0, 1.0]]
    """

    def __init__(self, axis: int = -1, **options: Any) -> None:
        super().__init__(**options)
        self.axis = axis

    def build(self, input_shape: list[tuple[int | None, ...]]) -> None:
        _check_list(input_shape)

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        return ops.concatenate(list(inputs), axis=self.axis)

    def compute_mask(self, inputs: Any, mask: Any) -> Tensor | None:
        """True where every feature comes from a place that is not masked."""
        if mask is None:
            return None
        axis = normal_axis(self.axis, inputs[0].ndim)
        parts = [_whole_mask(x, m) for x, m in zip(inputs, mask, strict=True)]
        return ops.all(ops.concatenate(parts, axis=axis), axis=-1)


def _whole_mask(x: Tensor, mask: Tensor | None) -> Tensor:
    """A mask for every element of x."""
    if mask is None:
        return ops.ones(x.shape, dtype="bool")
    missing = [1] * (x.ndim - mask.ndim)
    return ops.broadcast_to(ops.reshape(mask, (*mask.shape, *missing)), x.shape)


def add(inputs: Any, **options: Any) -> Any:
    """`Add(**options)(inputs)`, the functional form."""
    return Add(**options)(inputs)


def concatenate(inputs: Any, axis: int = -1, **options: Any) -> Any:
    """`Concatenate(axis, **options)(inputs)`, the functional form."""
    return Concatenate(axis, **options)(inputs)
