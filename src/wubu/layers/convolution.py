"""Convolutions: a small kernel that slides over an image, the same at every place.

`_Conv` holds everything for any number of spatial axes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu import activations, ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.layers.arguments import (
    image_format,
    known_length,
    padding_mode,
    positive_integer,
    weight_options,
)
from wubu.layers.layer import Layer, Shape
from wubu.ops.windows import per_axis


class _Conv(Layer):
    """Convolution over `num_spatial` axes, which a subclass fixes."""

    num_spatial: int

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        groups: int = 1,
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
        n = self.num_spatial
        self.filters = positive_integer("filters", filters)
        self.kernel_size = per_axis(kernel_size, n, "kernel_size")
        self.strides = per_axis(strides, n, "strides")
        self.padding = padding_mode(padding)
        self.data_format = image_format(data_format)
        self.dilation_rate = per_axis(dilation_rate, n, "dilation_rate")
        self.groups = positive_integer("groups", groups)
        if self.filters % self.groups:
            raise ArgumentError(
                "groups divide the filters",
                expected=f"a divisor of {self.filters}",
                got=groups,
            )
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.kernel_options = weight_options(
            kernel_initializer, kernel_regularizer, kernel_constraint
        )
        self.bias_options = weight_options(
            bias_initializer, bias_regularizer, bias_constraint
        )

    def build(self, input_shape: Shape) -> None:
        axis = 1 if self.data_format == "channels_first" else -1
        channels = known_length(input_shape, axis, "channels")
        if channels % self.groups:
            raise ArgumentError(
                "groups divide the channels of the input",
                expected=f"a divisor of {channels}",
                got=self.groups,
            )
        self.kernel = self.add_weight(
            (*self.kernel_size, channels // self.groups, self.filters),
            name="kernel",
            **self.kernel_options,
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight(
                (self.filters,), name="bias", **self.bias_options
            )
        self.input_axes = {axis: channels}

    def call(self, inputs: Tensor) -> Tensor:
        y = ops.conv(
            inputs,
            self.kernel,
            self.strides,
            self.padding,
            self.data_format,
            self.dilation_rate,
        )
        if self.bias is not None:
            y = y + self._along_channels(self.bias)
        return self.activation(y)

    def _along_channels(self, bias: Tensor) -> Tensor:
        if self.data_format == "channels_last":
            return bias
        return ops.reshape(bias, (self.filters, *[1] * self.num_spatial))


class Conv2D(_Conv):
    """A convolution over images: activation(conv(x, kernel) + bias).

        y[i, j, f] = sum over m, n, c of x[i*s + m*d, j*s + n*d, c] * kernel[m, n, c, f]

    with strides s and dilation d; no flipping of the kernel, as everywhere in deep
    learning.

    Args:
        filters: how many output channels.
        kernel_size: height and width of the window, or one number for both.
        strides: step of the window, one number or two.
        padding: "valid" (none) or "same" (zeros, so that strides of 1 keep the size).
        data_format: "channels_last" (default) or "channels_first".
        dilation_rate: distance between the elements of the window, one number or two.
        groups: input channels and filters are divided into so many groups that do not
            see each other.
        activation: a name, a function, or None.
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
        (batch, height, width, channels) -> (batch, rows, columns, filters), where
        "valid" gives (height - (size - 1) * dilation - 1) // stride + 1 rows, and
        "same" ceil(height / stride); kernel (*kernel_size, channels / groups, filters).

    Raises:
        ArgumentError: groups that do not divide channels or filters.
        ShapeError: the window is larger than the input; another number of channels
            than in the first input.

    Source:
        LeCun, Bottou, Bengio and Haffner, "Gradient-based learning applied to document
        recognition", 1998, section II.

    Example:
        >>> import wubu
        >>> Conv2D(6, 5, padding="same")(wubu.zeros((1, 28, 28, 1))).shape
        (1, 28, 28, 6)
    """

    num_spatial = 2
    input_ndim = 4
