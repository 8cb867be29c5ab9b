"""Convolutions: a small kernel that slides over an input, the same at every place.

`Convolution` holds what all kinds have in common; `Conv1D`, `Conv2D` and `Conv3D` are
here. Read next: `depthwise_convolution.py`, `separable_convolution.py`,
`transposed_convolution.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu import activations, ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.layers.arguments import (
    known_length,
    one_of,
    padding_mode,
    positive_integer,
    weight_options,
)
from wubu.layers.layer import Shape
from wubu.layers.spatial import Spatial
from wubu.ops.windows import per_axis


class Convolution(Spatial):
    """activation(convolved + bias), for any way to convolve.

    A subclass defines `_add_kernels(channels)`, which makes weights and gives the
    number of output channels, and `_convolve(inputs)`.
    """

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int],
        padding: str,
        data_format: str | None,
        dilation_rate: int | Sequence[int],
        activation: Any,
        use_bias: bool,
        bias_options: dict[str, Any],
        **options: Any,
    ) -> None:
        super().__init__(data_format, **options)
        n = self.num_spatial
        self.kernel_size = per_axis(kernel_size, n, "kernel_size")
        self.strides = per_axis(strides, n, "strides")
        self.padding = self._padding_mode(padding)
        self.dilation_rate = per_axis(dilation_rate, n, "dilation_rate")
        self.activation = activations.get(activation)
        self.use_bias = use_bias
        self.bias_options = bias_options

    def _padding_mode(self, padding: Any) -> str:
        return padding_mode(padding)

    def _add_kernels(self, channels: int) -> int:
        raise NotImplementedError

    def _convolve(self, inputs: Tensor) -> Tensor:
        raise NotImplementedError

    def build(self, input_shape: Shape) -> None:
        axis = self.channel_axis
        channels = known_length(input_shape, axis, "channels")
        filters = self._add_kernels(channels)
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight((filters,), name="bias", **self.bias_options)
        self.input_axes = {axis: channels}

    def call(self, inputs: Tensor) -> Tensor:
        y = self._convolve(inputs)
        if self.bias is not None:
            y = y + self._along_channels(self.bias)
        return self.activation(y)

    def _along_channels(self, bias: Tensor) -> Tensor:
        if self.data_format == "channels_last":
            return bias
        return ops.reshape(bias, (-1, *[1] * self.num_spatial))


class _Conv(Convolution):
    """The usual convolution, in groups of channels or in one."""

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
        super().__init__(
            kernel_size,
            strides,
            padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            weight_options(bias_initializer, bias_regularizer, bias_constraint),
            activity_regularizer=activity_regularizer,
            **options,
        )
        self.filters = positive_integer("filters", filters)
        self.groups = positive_integer("groups", groups)
        if self.filters % self.groups:
            raise ArgumentError(
                "groups divide the filters",
                expected=f"a divisor of {self.filters}",
                got=groups,
            )
        self.kernel_options = weight_options(
            kernel_initializer, kernel_regularizer, kernel_constraint
        )

    def _add_kernels(self, channels: int) -> int:
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
        return self.filters

    def _convolve(self, inputs: Tensor) -> Tensor:
        return ops.conv(
            inputs,
            self.kernel,
            self.strides,
            self._padding,
            self.data_format,
            self.dilation_rate,
        )

    @property
    def _padding(self) -> Any:
        return self.padding


class Conv1D(_Conv):
    """A convolution over time: activation(conv(x, kernel) + bias).

        y[t, f] = sum over m, c of x[t*s + m*d, c] * kernel[m, c, f]

    with strides s and dilation d.

    Args:
        filters: how many output channels.
        kernel_size: length of the window.
        strides: step of the window.
        padding: "valid" (none), "same" (zeros, so that strides of 1 keep the length) or
            "causal" (zeros in front only: an output sees no input that comes later).

    The other arguments are those of `Conv2D`.

    Shapes:
        (batch, time, channels) -> (batch, windows, filters), where "valid" gives
        (time - (size - 1) * dilation - 1) // stride + 1 windows, "same" and "causal"
        ceil(time / stride); kernel (size, channels / groups, filters).

    Raises:
        ArgumentError: groups that do not divide channels or filters.
        ShapeError: the window is larger than the input; another number of channels
            than in the first input.

    Source:
        van den Oord et al., "WaveNet: a generative model for raw audio", 2016, section
        2.1, for causal convolutions.

    Example:
        >>> import wubu
        >>> Conv1D(6, 5, padding="causal")(wubu.zeros((1, 28, 3))).shape
        (1, 28, 6)
    """

    num_spatial = 1

    def _padding_mode(self, padding: Any) -> str:
        return one_of("padding", padding, ("valid", "same", "causal"))

    @property
    def _padding(self) -> Any:
        if self.padding != "causal":
            return self.padding
        return [((self.kernel_size[0] - 1) * self.dilation_rate[0], 0)]


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


class Conv3D(_Conv):
    """A convolution over volumes, or over height, width and time.

        y[i, j, k, f] = sum over l, m, n, c of
            x[i*s + l*d, j*s + m*d, k*s + n*d, c] * kernel[l, m, n, c, f]

    with strides s and dilation d. Arguments are those of `Conv2D`, with one number or
    three for each of `kernel_size`, `strides` and `dilation_rate`.

    Shapes:
        (batch, depth, height, width, channels) -> (batch, *windows, filters), as many
        windows along each axis as for `Conv2D`; kernel (*kernel_size, channels /
        groups, filters).

    Raises:
        ArgumentError: groups that do not divide channels or filters.
        ShapeError: the window is larger than the input; another number of channels
            than in the first input.

    Example:
        >>> import wubu
        >>> Conv3D(2, 3, strides=2)(wubu.zeros((1, 9, 9, 9, 1))).shape
        (1, 4, 4, 4, 2)
    """

    num_spatial = 3


Convolution1D = Conv1D
Convolution2D = Conv2D
Convolution3D = Conv3D
