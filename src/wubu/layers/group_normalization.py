"""`GroupNormalization`: groups of channels with mean 0 and variance 1."""

from __future__ import annotations

from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.layers.arguments import known_length, positive_integer, weight_options
from wubu.layers.layer import Layer, Shape
from wubu.ops.prepare import normal_axis


class GroupNormalization(Layer):
    """Every sample normalised over groups of channels, then scaled and shifted.

        y = gamma * (x - mean) / sqrt(variance + epsilon) + beta

    with mean and (biased) variance of each sample over all places and the channels of
    one group. One group is LayerNormalization over a whole sample, as many groups as
    channels instance normalisation.

    Args:
        groups: how many; their number divides that of the channels. -1 is a group for
            each channel.
        axis: where the channels are.
        epsilon: keeps the root away from zero.
        center: whether there is a beta.
        scale: whether there is a gamma.
        beta_initializer: first values of beta.
        gamma_initializer: first values of gamma.
        beta_regularizer: a penalty on beta.
        gamma_regularizer: a penalty on gamma.
        beta_constraint: applied to beta after every update.
        gamma_constraint: applied to gamma after every update.
        options: name, trainable, dtype of every layer.

    Shapes:
        (batch, ..., channels) -> the same; gamma and beta (channels,).

    Raises:
        ArgumentError: `groups` is no positive integer, or does not divide the channels.

    Source:
        Wu and He, "Group normalization", 2018, equation 7.

    Example:
        >>> GroupNormalization(2, epsilon=0.0)([[1.0, 3.0, 10.0, 30.0]]).tolist()
        [[-1.0, 1.0, -1.0, 1.0]]
    """

    supports_masking = True
    input_ndim: int | tuple[int, None] = (2, None)

    def __init__(
        self,
        groups: int = 32,
        axis: int = -1,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.groups = groups if groups == -1 else positive_integer("groups", groups)
        self.axis = axis
        self.epsilon = float(epsilon)
        self.center = center
        self.scale = scale
        self.beta_options = weight_options(
            beta_initializer, beta_regularizer, beta_constraint
        )
        self.gamma_options = weight_options(
            gamma_initializer, gamma_regularizer, gamma_constraint
        )

    def build(self, input_shape: Shape) -> None:
        axis = normal_axis(self.axis, len(input_shape))
        channels = known_length(input_shape, axis, "channels")
        if self.groups != -1 and channels % self.groups:
            raise ArgumentError(
                "the number of groups does not divide that of the channels",
                expected=f"a divisor of {channels}, or -1",
                got=f"groups={self.groups}",
            )
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(
                (channels,), name="gamma", **self.gamma_options
            )
        if self.center:
            self.beta = self.add_weight((channels,), name="beta", **self.beta_options)
        self.input_axes = {axis: channels}
        self.input_ndim = len(input_shape)

    def call(self, inputs: Tensor) -> Tensor:
        shape, axis = inputs.shape, normal_axis(self.axis, inputs.ndim)
        groups = shape[axis] if self.groups == -1 else self.groups
        split = (*shape[:axis], groups, shape[axis] // groups, *shape[axis + 1 :])
        axes = [a for a in range(1, len(split)) if a != axis]
        y = ops.layer_normalization(
            ops.reshape(inputs, split), axis=axes, epsilon=self.epsilon
        )
        y = ops.reshape(y, shape)
        channels = [n if a == axis else 1 for a, n in enumerate(shape)]
        if self.gamma is not None:
            y = y * ops.reshape(self.gamma, channels)
        return y if self.beta is None else y + ops.reshape(self.beta, channels)
