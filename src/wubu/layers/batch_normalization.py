"""`BatchNormalization`: features with mean 0 and variance 1 over the batch."""

from __future__ import annotations

from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.errors import ArgumentError
from wubu.layers.arguments import known_length, weight_options
from wubu.layers.layer import Layer, Shape
from wubu.ops.prepare import normal_axis

_TINY = 1e-7  # keeps a mean over no sample at all away from 0 / 0


class BatchNormalization(Layer):
    """Every feature normalised over the batch, then scaled and shifted.

        y = gamma * (x - mean) / sqrt(variance + epsilon) + beta

    In training, mean and variance are those of the batch, and moving averages follow:

        moving = momentum * moving + (1 - momentum) * batch

    Afterwards, and while the layer is frozen (`trainable = False`), the moving averages
    are used and stay as they are.

    Args:
        axis: where the features are; 1 for images with channels first.
        momentum: how slowly the moving averages follow.
        epsilon: keeps the root away from zero.
        center: whether there is a beta.
        scale: whether there is a gamma.
        beta_initializer: first values of beta.
        gamma_initializer: first values of gamma.
        moving_mean_initializer: first values of the moving mean.
        moving_variance_initializer: first values of the moving variance.
        beta_regularizer: a penalty on beta.
        gamma_regularizer: a penalty on gamma.
        beta_constraint: applied to beta after every update.
        gamma_constraint: applied to gamma after every update.
        synchronized: statistics over several devices; not available.
        options: name, trainable, dtype of every layer.

    Shapes:
        (batch, ..., features) -> the same; every weight (features,). A mask, of shape
        (batch, ...), leaves masked places out of the statistics.

    Raises:
        ArgumentError: `synchronized`, or momentum outside [0, 1].

    Source:
        Ioffe and Szegedy, "Batch normalization: accelerating deep network training by
        reducing internal covariate shift", 2015, algorithms 1 and 2. The variance that
        is averaged is the biased one (divided by n), as in Keras.

    Example:
        >>> layer = BatchNormalization(epsilon=0.0)
        >>> layer([[1.0], [3.0]], training=True).tolist()
        [[-1.0], [1.0]]
    """

    input_ndim: int | tuple[int, None] = (2, None)
    supports_masking = True
    samples_touch = True

    def __init__(
        self,
        axis: int = -1,
        momentum: float = 0.99,
        epsilon: float = 1e-3,
        center: bool = True,
        scale: bool = True,
        beta_initializer: Any = "zeros",
        gamma_initializer: Any = "ones",
        moving_mean_initializer: Any = "zeros",
        moving_variance_initializer: Any = "ones",
        beta_regularizer: Any = None,
        gamma_regularizer: Any = None,
        beta_constraint: Any = None,
        gamma_constraint: Any = None,
        synchronized: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if synchronized:
            raise ArgumentError(
                "statistics over several devices are not available",
                expected="synchronized=False",
                got=f"synchronized={synchronized}",
            )
        if not 0 <= momentum <= 1:
            raise ArgumentError("momentum lies in [0, 1]", got=momentum)
        self.axis = axis[0] if isinstance(axis, list | tuple) else axis
        self.momentum = float(momentum)
        self.epsilon = float(epsilon)
        self.center = center
        self.scale = scale
        self.beta_options = weight_options(
            beta_initializer, beta_regularizer, beta_constraint
        )
        self.gamma_options = weight_options(
            gamma_initializer, gamma_regularizer, gamma_constraint
        )
        self.moving_mean_options = weight_options(moving_mean_initializer)
        self.moving_variance_options = weight_options(moving_variance_initializer)

    def build(self, input_shape: Shape) -> None:
        axis = normal_axis(self.axis, len(input_shape))
        shape = (known_length(input_shape, axis, "features"),)
        self.gamma = self.beta = None
        if self.scale:
            self.gamma = self.add_weight(shape, name="gamma", **self.gamma_options)
        if self.center:
            self.beta = self.add_weight(shape, name="beta", **self.beta_options)
        self.moving_mean = self.add_weight(
            shape, trainable=False, name="moving_mean", **self.moving_mean_options
        )
        self.moving_variance = self.add_weight(
            shape,
            trainable=False,
            name="moving_variance",
            **self.moving_variance_options,
        )
        self.input_axes = {axis: shape[0]}
        self.input_ndim = len(input_shape)

    def call(
        self, inputs: Tensor, training: bool = False, mask: Tensor | None = None
    ) -> Tensor:
        mean: Tensor = self.moving_mean
        variance: Tensor = self.moving_variance
        if training and self.trainable:
            mean, variance = self._moments(inputs, mask)
            self._follow(self.moving_mean, mean)
            self._follow(self.moving_variance, variance)
        return ops.batch_normalization(
            inputs, mean, variance, self.axis, self.beta, self.gamma, self.epsilon
        )

    def _moments(self, x: Tensor, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """Mean and biased variance of every feature, over what is not masked."""
        place = normal_axis(self.axis, x.ndim)
        axes = [a for a in range(x.ndim) if a != place]
        if mask is None:
            return ops.moments(x, axes)
        kept = ops.broadcast_to(_over_axes(mask, x.ndim).astype(x.dtype), x.shape)
        count = ops.sum(kept, axes, keepdims=True) + _TINY
        mean = ops.sum(kept * x, axes, keepdims=True) / count
        distance = x - mean
        variance = ops.sum(kept * distance * distance, axes) / count.reshape(-1)
        return mean.reshape(-1), variance

    def _follow(self, moving: Variable, batch: Tensor) -> None:
        old = moving.detach_value() * self.momentum
        moving.assign(old + batch.detach() * (1.0 - self.momentum))


def _over_axes(mask: Tensor, ndim: int) -> Tensor:
    """The mask with axes of length 1 behind its own."""
    return ops.reshape(mask, (*mask.shape, *[1] * (ndim - mask.ndim)))
