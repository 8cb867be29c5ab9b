"""Transposed convolutions: the way back from a small image to a larger one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.layers.arguments import positive_integer, weight_options
from wubu.layers.convolution import Convolution
from wubu.ops.transposed_convolution import output_lengthening


class _ConvTranspose(Convolution):
    """Transposed convolution over `num_spatial` axes, which a subclass fixes."""

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        output_padding: int | Sequence[int] | None = None,
        data_format: str | None = None,
        dilation_rate: int | Sequence[int] = 1,
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
        output_lengthening(output_padding, self.strides)
        self.output_padding = output_padding
        if max(self.strides) > 1 and max(self.dilation_rate) > 1:
            raise ArgumentError(
                "a transposed convolution has strides or a dilation, not both",
                expected="strides or dilation_rate of 1",
                got=f"strides={strides}, dilation_rate={dilation_rate}",
            )
        self.kernel_options = weight_options(
            kernel_initializer, kernel_regularizer, kernel_constraint
        )

    def _add_kernels(self, channels: int) -> int:
        self.kernel = self.add_weight(
            (*self.kernel_size, self.filters, channels),
            name="kernel",
            **self.kernel_options,
        )
        return self.filters

    def _convolve(self, inputs: Tensor) -> Tensor:
        return ops.conv_transpose(
            inputs,
            self.kernel,
            self.strides,
            self.padding,
            self.output_padding,
            self.data_format,
            self.dilation_rate,
        )


class Conv1DTranspose(_ConvTranspose):
    """A transposed convolution over time: activation(transposed(x, kernel) + bias).

        y[t*s + m*d, f] = sum over t, m, c of x[t, c] * kernel[m, f, c]

    with strides s and dilation d. Arguments are those of `Conv2DTranspose`, with one
    number for each of `kernel_size`, `strides`, `output_padding` and `dilation_rate`.

    Shapes:
        (batch, time, channels) -> (batch, longer, filters), longer as in
        `Conv2DTranspose`; kernel (size, filters, channels).

    Raises:
        ArgumentError: an output_padding as large as the strides; strides and dilation
            both above 1.
        ShapeError: another number of channels than in the first input.

    Example:
        >>> import wubu
        >>> Conv1DTranspose(2, 3, strides=2)(wubu.zeros((1, 5, 4))).shape
        (1, 11, 2)
    """

    num_spatial = 1


class Conv2DTranspose(_ConvTranspose):
    """A transposed convolution over images: activation(transposed(x, kernel) + bias).

        y[i*s + m*d, j*s + n*d, f] =
            sum over i, j, m, n, c of x[i, j, c] * kernel[m, n, f, c]

    with strides s and dilation d: the gradient of a convolution by its input. It makes
    images larger, as in decoders.

    Args:
        filters: how many output channels.
        kernel_size: height and width of the window, or one number for both.
        strides: step of the window in the output, one number or two.
        padding: "valid" (the output is all that windows reach) or "same" (strides
            times as large as the input).
        output_padding: what is added at the end of the output, less than the strides:
            one number or two; by default what `padding` asks for.
        data_format: "channels_last" (default) or "channels_first".
        dilation_rate: distance between the elements of the window, one number or two;
            1 if strides are above 1.
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
        (batch, height, width, channels) -> (batch, rows, columns, filters). A window
        that reaches k = (size - 1) * dilation + 1 makes (height - 1) * stride +
        max(k, stride) rows with "valid", height * stride with "same"; with an
        output_padding p (height - 1) * stride + k + p, or
        (height - 1) * stride + k % 2 + p. Kernel (*kernel_size, filters, channels).

    Raises:
        ArgumentError: an output_padding as large as the strides; strides and dilation
            both above 1.
        ShapeError: another number of channels than in the first input.

    Source:
        Zeiler, Krishnan, Taylor and Fergus, "Deconvolutional networks", 2010.

    Example:
        >>> import wubu
        >>> Conv2DTranspose(3, 4, 2, padding="same")(wubu.zeros((1, 7, 7, 8))).shape
        (1, 14, 14, 3)
    """

    num_spatial = 2


class Conv3DTranspose(_ConvTranspose):
    """A transposed convolution over volumes.

        y[i*s + l*d, j*s + m*d, k*s + n*d, f] =
            sum over i, j, k, l, m, n, c of x[i, j, k, c] * kernel[l, m, n, f, c]

    with strides s and dilation d. Arguments are those of `Conv2DTranspose`, with one
    number or three for each of `kernel_size`, `strides`, `output_padding` and
    `dilation_rate`; `data_format` stands before `output_padding`, as in Keras.

    Shapes:
        (batch, depth, height, width, channels) -> (batch, *larger, filters), larger
        as in `Conv2DTranspose`; kernel (*kernel_size, filters, channels).

    Raises:
        ArgumentError: an output_padding as large as the strides; strides and dilation
            both above 1.
        ShapeError: another number of channels than in the first input.

    Example:
        >>> import wubu
        >>> Conv3DTranspose(1, 2, strides=2)(wubu.zeros((1, 3, 3, 3, 2))).shape
        (1, 6, 6, 6, 1)
    """

    num_spatial = 3

    def __init__(
        self,
        filters: int,
        kernel_size: int | Sequence[int],
        strides: int | Sequence[int] = 1,
        padding: str = "valid",
        data_format: str | None = None,
        output_padding: int | Sequence[int] | None = None,
        dilation_rate: int | Sequence[int] = 1,
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
            filters,
            kernel_size,
            strides,
            padding,
            output_padding,
            data_format,
            dilation_rate,
            activation,
            use_bias,
            kernel_initializer,
            bias_initializer,
            kernel_regularizer,
            bias_regularizer,
            activity_regularizer,
            kernel_constraint,
            bias_constraint,
            **options,
        )


Convolution1DTranspose = Conv1DTranspose
Convolution2DTranspose = Conv2DTranspose
Convolution3DTranspose = Conv3DTranspose
