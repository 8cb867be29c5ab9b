"""Separable convolutions: first each channel alone, then channels are mixed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.arguments import positive_integer, weight_options
from wubu.layers.convolution import Convolution


class _SeparableConv(Convolution):
    """Separable convolution over `num_spatial` axes, which a subclass fixes."""

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        depth_multiplier: int = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        pointwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        pointwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
        pointwise_constraint: Any = None,
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
        self.depth_multiplier = positive_integer("depth_multiplier", depth_multiplier)
        self.depthwise_options = weight_options(
            depthwise_initializer, depthwise_regularizer, depthwise_constraint
        )
        self.pointwise_options = weight_options(
            pointwise_initializer, pointwise_regularizer, pointwise_constraint
        )

    def _add_kernels(self, channels: int) -> int:
        self.depthwise_kernel = self.add_weight(
            (*self.kernel_size, channels, self.depth_multiplier),
            name="depthwise_kernel",
            **self.depthwise_options,
        )
        ones = [1] * self.num_spatial
        self.pointwise_kernel = self.add_weight(
            (*ones, channels * self.depth_multiplier, self.filters),
            name="pointwise_kernel",
            **self.pointwise_options,
        )
        return self.filters

    def _convolve(self, inputs: Tensor) -> Tensor:
        return ops.separable_conv(
            inputs,
            self.depthwise_kernel,
            self.pointwise_kernel,
            self.strides,
            self.padding,
            self.data_format,
            self.dilation_rate,
        )


class SeparableConv1D(_SeparableConv):
    """A convolution over time in two parts: of each channel alone, then of single
    elements across channels.

        y[t, f] = sum over c, j of pointwise[c*k + j, f]
            * sum over m of x[t*s + m*d, c] * depthwise[m, c, j]

    with strides s, dilation d and k kernels for each channel. Arguments are those of
    `SeparableConv2D`, with one number for each of `kernel_size`, `strides` and
    `dilation_rate`.

    Shapes:
        (batch, time, channels) -> (batch, windows, filters); depthwise kernel (size,
        channels, k), pointwise kernel (1, channels * k, filters).

    Raises:
        ShapeError: the window is larger than the input; another number of channels
            than in the first input.

    Example:
        >>> import wubu
        >>> SeparableConv1D(5, 3)(wubu.zeros((1, 9, 4))).shape
        (1, 7, 5)
    """

    num_spatial = 1


class SeparableConv2D(_SeparableConv):
    """A convolution over images in two parts: of each channel alone, then of single
    elements across channels.

        y[i, j, f] = sum over c, l of pointwise[c*k + l, f]
            * sum over m, n of x[i*s + m*d, j*s + n*d, c] * depthwise[m, n, c, l]

    with strides s, dilation d and k kernels for each channel; then bias and activation.
    It has far fewer weights than `Conv2D`, and far fewer products to compute.

    Args:
        filters: how many output channels.
        kernel_size: height and width of the window, or one number for both.
        strides: step of the window, one number or two.
        padding: "valid" (none) or "same" (zeros, so that strides of 1 keep the size).
        data_format: "channels_last" (default) or "channels_first".
        dilation_rate: distance between the elements of the window, one number or two.
        depth_multiplier: how many kernels each channel has in the first part.
        activation: a name, a function, or None.
        use_bias: whether there is a bias.
        depthwise_initializer: first values of the depthwise kernel.
        pointwise_initializer: first values of the pointwise kernel.
        bias_initializer: first values of the bias.
        depthwise_regularizer: a penalty on the depthwise kernel.
        pointwise_regularizer: a penalty on the pointwise kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the output.
        depthwise_constraint: applied to the depthwise kernel after every update.
        pointwise_constraint: applied to the pointwise kernel after every update.
        bias_constraint: applied to the bias after every update.
        options: name, trainable, dtype of every layer.

    Shapes:
        (batch, height, width, channels) -> (batch, rows, columns, filters), rows and
        columns as for `Conv2D`; depthwise kernel (*kernel_size, channels, k), pointwise
        kernel (1, 1, channels * k, filters).

    Raises:
        ShapeError: the window is larger than the input; another number of channels
            than in the first input.

    Source:
        Chollet, "Xception: deep learning with depthwise separable convolutions", 2017,
        section 1.

    Example:
        >>> import wubu
        >>> SeparableConv2D(5, 3, padding="same")(wubu.zeros((1, 8, 8, 4))).shape
        (1, 8, 8, 5)
    """

    num_spatial = 2


SeparableConvolution1D = SeparableConv1D
SeparableConvolution2D = SeparableConv2D
