"""Convolutions that see each channel alone: `depthwise_conv`, and `separable_conv`,
which mixes the channels afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ShapeError
from wubu.ops.convolution import conv, is_channels_first
from wubu.ops.movement import reshape


@located
def depthwise_conv(
    inputs: Any,
    kernel: Any,
    strides: int | Sequence[int] = 1,
    padding: str | Sequence[Sequence[int]] = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """Every channel convolved with kernels of its own.

        y[i, c*k + j] = sum over m of x[i*s + m*d, c] * kernel[m, c, j]

    Args:
        inputs: (batch, *spatial, channels), or (batch, channels, *spatial).
        kernel: (*window, channels, k), k kernels for each channel.
        strides: step of the window, one number or one for each spatial axis.
        padding: "valid", "same", or (before, after) for each spatial axis.
        data_format: "channels_last" or "channels_first".
        dilation_rate: distance between the window's elements.

    Returns:
        (batch, *windows, channels * k), or (batch, channels * k, *windows). It is a
        convolution with as many groups as channels: no product with zero is computed.

    Raises:
        ShapeError: a kernel for other channels, or larger than the input.

    Example:
        >>> from wubu.ops import ones
        >>> depthwise_conv(ones((1, 4, 4, 3)), ones((2, 2, 3, 1))).shape
        (1, 3, 3, 3)
    """
    x, kernel = as_tensor(inputs), as_tensor(kernel)
    channels = x.shape[1 if is_channels_first(data_format) else -1] if x.ndim else 0
    if x.ndim != kernel.ndim or x.ndim < 3 or kernel.shape[-2] != channels:
        raise ShapeError(
            "a depthwise convolution takes (batch, *spatial, channels) and (*window, "
            "channels, kernels of each)",
            expected=f"a kernel with {x.ndim} axes, for {channels} channels",
            got=f"{x.shape} and {kernel.shape}",
        )
    *window, _, each = kernel.shape
    by_group = reshape(kernel, (*window, 1, channels * each))
    return conv(x, by_group, strides, padding, data_format, dilation_rate)


@located
def separable_conv(
    inputs: Any,
    depthwise_kernel: Any,
    pointwise_kernel: Any,
    strides: int | Sequence[int] = 1,
    padding: str | Sequence[Sequence[int]] = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """A depthwise convolution, then one with windows of a single element.

        y = conv(depthwise_conv(x, depthwise_kernel), pointwise_kernel)

    Args:
        inputs: (batch, *spatial, channels), or (batch, channels, *spatial).
        depthwise_kernel: (*window, channels, k).
        pointwise_kernel: (*ones, channels * k, filters).
        strides: step of the window, one number or one for each spatial axis.
        padding: "valid", "same", or (before, after) for each spatial axis.
        data_format: "channels_last" or "channels_first".
        dilation_rate: distance between the window's elements.

    Returns:
        (batch, *windows, filters), or (batch, filters, *windows).

    Raises:
        ShapeError: kernels for other channels, or larger than the input.

    Example:
        >>> from wubu.ops import ones
        >>> x, a, b = ones((1, 4, 3)), ones((2, 3, 2)), ones((1, 6, 5))
        >>> separable_conv(x, a, b).shape
        (1, 3, 5)
    """
    y = depthwise_conv(
        inputs, depthwise_kernel, strides, padding, data_format, dilation_rate
    )
    return conv(y, pointwise_kernel, 1, "valid", data_format)
