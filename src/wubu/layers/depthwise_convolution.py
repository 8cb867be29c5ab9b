"""Depthwise convolutions: every channel has kernels of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.arguments import positive_integer, weight_options
from wubu.layers.convolution import Convolution


class _DepthwiseConv(Convolution):
    """Depthwise convolution over `num_spatial` axes, which a subclass fixes."""

    def __init__(
        self,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        depth_multiplier: int = 1,
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
        activation: Any = None,
        use_bias: bool = True,
        depthwise_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        depthwise_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        depthwise_constraint: Any = None,
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
        self.depth_multiplier = positive_integer("depth_multiplier", depth_multiplier)
        self.depthwise_options = weight_options(
            depthwise_initializer, depthwise_regularizer, depthwise_constraint
        )

    def _add_kernels(self, channels: int) -> int:
        self.kernel = self.add_weight(
            (*self.kernel_size, channels, self.depth_multiplier),
            name="kernel",
            **self.depthwise_options,
        )
        return channels * self.depth_multiplier

    def _convolve(self, inputs: Tensor) -> Tensor:
        return ops.depthwise_conv(
            inputs,
            self.kernel,
            self.strides,
            self.padding,
            self.data_format,
            self.dilation_rate,
        )


class DepthwiseConv1D(_DepthwiseConv):
    """A convolution of each channel alone, over time.

        y[t, c*k + j] = sum over m of x[t*s + m*d, c] * kernel[m, c, j]

    with strides s, dilation d and k kernels for each channel. Arguments are those of
    `DepthwiseConv2D`, with one number for each of `kernel_size`, `strides` and
    `dilation_rate`.

    Shapes:
        (batch, time, channels) -> (batch, windows, channels * k); kernel
        (size, channels, k).

    Raises:
        ShapeError: the window is larger than the input; another number of channels
            than in the first input.

    Example:
        >>> import wubu
        >>> DepthwiseConv1D(3, depth_multiplier=2)(wubu.zeros((1, 9, 4))).shape
        (1, 7, 8)
    """

    num_spatial = 1


class DepthwiseConv2D(_DepthwiseConv):
    """A convolution of each channel alone, over images.

        y[i, j, c*k + l] =
            sum over m, n of x[i*s + m*d, j*s + n*d, c] * kernel[m, n, c, l]

    with strides s, dilation d and k kernels for each channel; then bias and activation.
    It is a convolution with as many groups as channels.

    Args:
        kernel_size: height and width of the window, or one number for both.
        strides: step of the window, one number or two.
        padding: "valid" (none) or "same" (zeros, so that strides of 1 keep the size).
        depth_multiplier: how many kernels each channel has.
        data_format: "channels_last" (default) or "channels_first".
        dilation_rate: distance between the elements of the window, one number or two.
        activation: a name, a function, or None.
        use_bias: whether there is a bias.
        depthwise_initializer: first values of the kernel.
        bias_initializer: first values of the bias.
        depthwise_regularizer: a penalty on the kernel.
        bias_regularizer: a penalty on the bias.
        activity_regularizer: a penalty on the output.
        depthwise_constraint: applied to the kernel after every update.
        bias_constraint: applied to the bias after every update.
        options: name, trainable, dtype of every layer.

    Shapes:
        (batch, height, width, channels) -> (batch, rows, columns, channels * k), rows
        and columns as for `Conv2D`; kernel (*kernel_size, channels, k).

    Raises:
        ShapeError: the window is larger than the input; another number of channels
            than in the first input.

    Source:
        Chollet, "Xception: deep learning with depthwise separable convolutions", 2017,
        section 1.

    Example:
        >>> import wubu
        >>> DepthwiseConv2D(3, padding="same")(wubu.zeros((1, 8, 8, 4))).shape
        (1, 8, 8, 4)
    """

    num_spatial = 2
