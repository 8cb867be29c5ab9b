"""`LayerNormalization`: every sample with mean 0 and variance 1 over its features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.arguments import known_length, weight_options
from wubu.layers.layer import Layer, Shape
from wubu.ops.prepare import normal_axes


class LayerNormalization(Layer):
    """Every sample normalised over its features, then scaled and shifted.

        y = gamma * (x - mean) / sqrt(variance + epsilon) + beta

    with mean and (biased) variance of each sample over `axis`. Training and inference
    are alike, and samples do not touch each other.

    Args:
        axis: what is normalised together: an axis or several.
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
        (batch, ..., features) -> the same; gamma and beta have the lengths of `axis`.

    Source:
        Ba, Kiros and Hinton, "Layer normalization", 2016, equation 4.

    Example:
        >>> LayerNormalization(epsilon=0.0)([[1.0, 3.0]]).tolist()
        [[-1.0, 1.0]]
    """

    input_ndim: int | tuple[int, None] = (2, None)
    supports_masking = True

    def __init__(
        self,
        axis: int | Sequence[int] = -1,
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
        self.axis = tuple(axis) if isinstance(axis, list | tuple) else axis
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
        axes = normal_axes(self.axis, len(input_shape))
        shape = tuple(known_length(input_shape, axis, "features") for axis in axes)
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(shape, name="gamma", **self.gamma_options)
        if self.center:
            self.beta = self.add_weight(shape, name="beta", **self.beta_options)
        self.input_axes = dict(zip(axes, shape, strict=True))
        self.input_ndim = len(input_shape)

    def call(self, inputs: Tensor) -> Tensor:
        return ops.layer_normalization(
            inputs, self.gamma, self.beta, self.axis, self.epsilon
        )
