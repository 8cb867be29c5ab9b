"""`PReLU`: a leaky ReLU whose slopes are learned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.layers.arguments import known_length, weight_options
from wubu.layers.layer import Layer, Shape


class PReLU(Layer):
    """x above 0, alpha * x below, where alpha is learned. The derivative at 0 is 0.

    Args:
        alpha_initializer: first values of alpha.
        alpha_regularizer: a penalty on alpha.
        alpha_constraint: applied to alpha after every update.
        shared_axes: axes along which alpha is the same, counted from 1 as axis 0 is the
            batch; [1, 2] gives one alpha for each channel of an image.
        options: name, trainable, dtype of every layer.

    Shapes:
        (batch, ...) -> the same. alpha has the shape of one sample, with 1 in place of
        `shared_axes`.

    Raises:
        ArgumentError: an axis a sample does not have.

    Source:
        He, Zhang, Ren and Sun, "Delving deep into rectifiers", 2015, equation 1.

    Example:
        >>> PReLU("ones")([[-2.0, 3.0]]).tolist()
        [[-2.0, 3.0]]
    """

    supports_masking = True
    input_ndim: int | tuple[int, None] = (2, None)

    def __init__(
        self,
        alpha_initializer: Any = "Zeros",
        alpha_regularizer: Any = None,
        alpha_constraint: Any = None,
        shared_axes: int | Sequence[int] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.alpha_options = weight_options(
            alpha_initializer, alpha_regularizer, alpha_constraint
        )
        if isinstance(shared_axes, int):
            shared_axes = (shared_axes,)
        self.shared_axes = None if shared_axes is None else tuple(shared_axes)

    def build(self, input_shape: Shape) -> None:
        axes = range(1, len(input_shape))
        shared = self.shared_axes or ()
        if not set(shared) <= set(axes):
            raise ArgumentError(
                "shared_axes are axes of a sample",
                expected=f"numbers from 1 to {len(axes)}",
                got=shared,
            )
        own = {axis for axis in axes if axis not in shared}
        shape = tuple(
            known_length(input_shape, axis, "slopes") if axis in own else 1
            for axis in axes
        )
        self.alpha = self.add_weight(shape, name="alpha", **self.alpha_options)
        self.input_axes = {axis: shape[axis - 1] for axis in sorted(own)}
        self.input_ndim = len(input_shape)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.relu(inputs) - self.alpha * ops.relu(-inputs)
