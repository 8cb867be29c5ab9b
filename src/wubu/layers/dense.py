"""`Dense`: every output is a weighted sum of all features."""

from __future__ import annotations

from typing import Any

from wubu import activations, ops
from wubu.core.tensor import Tensor
from wubu.layers.arguments import known_length, positive_integer, weight_options
from wubu.layers.layer import Layer, Shape


class Dense(Layer):
    """A fully connected layer: activation(x @ kernel + bias).

    Args:
        units: how many outputs.
        activation: a name, a function, or None for the weighted sum itself.
        use_bias: whether there is a bias.
        kernel_initializer: first values of the kernel.
        bias_initializer: first values of the bias.
        kernel_regularizer: a penalty on the kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the output.
        kernel_constraint: applied to the kernel after every update.
        bias_constraint: applied to the bias after every update.
        options: name, trainable, dtype of every layer.

    Shapes:
        (batch, ..., features) -> (batch, ..., units); kernel (features, units), bias
        (units,).

    Raises:
        ArgumentError: `units` is no positive integer.
        ShapeError: an input with another number of features than the first one.

    Example:
        >>> import wubu
        >>> layer = Dense(2, kernel_initializer="ones")
        >>> layer(wubu.ones((1, 3))).tolist()
        [[3.0, 3.0]]
    """

    input_ndim = (2, None)
    supports_masking = True
    takes_more_axes = True

    def __init__(
        self,
        units: int,
        activation: Any = None,
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(activity_regularizer=activity_regularizer, **options)
        self.units = positive_integer("units", units)
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_options = weight_options(
            kernel_initializer, kernel_regularizer, kernel_constraint
        )
        self.bias_options = weight_options(
            bias_initializer, bias_regularizer, bias_constraint
        )

    def build(self, input_shape: Shape) -> None:
        features = known_length(input_shape, -1, "features")
        self.kernel = self.add_weight(
            (features, self.units), name="kernel", **self.kernel_options
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight((self.units,), name="bias", **self.bias_options)
        self.input_axes = {-1: features}

    def call(self, inputs: Tensor) -> Tensor:
        x = ops.matmul(inputs, self.kernel)
        return self.activation(x if self.bias is None else x + self.bias)
