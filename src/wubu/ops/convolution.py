"""Convolution and its two transposes, over any number of spatial axes.

Inputs are `(batch, *spatial, channels)`, kernels `(*window, channels / groups,
filters)`. Convolution is linear in both, so each of the three primitives is the
derivative of the other two. The NumPy evaluation lays windows out as rows of a matrix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core import config
from wubu.core.location import located
from wubu.core.primitive import Primitive, primitive
from wubu.core.samples import normal, sample
from wubu.core.tensor import Shape, Tensor, as_tensor
from wubu.errors import ArgumentError, DTypeError, ShapeError
from wubu.ops.movement import moveaxis
from wubu.ops.prepare import common_dtype
from wubu.ops.windows import (
    Pairs,
    Windows,
    pad_spatial,
    per_axis,
    resolve_padding,
    unpad_spatial,
)

Spec = tuple[Shape, np.dtype]


def _windows(kernel: Shape, p: dict) -> Windows:
    return Windows(kernel[:-2], p["strides"], p["padding"], p["dilation"])


def _check(x: Shape, kernel: Shape, groups: int) -> None:
    if len(x) != len(kernel) or len(x) < 3:
        raise ShapeError(
            "convolution takes (batch, *spatial, channels) and (*window, channels, "
            "filters)",
            expected=f"an input with {len(kernel)} axes",
            got=f"{x} and {kernel}",
        )
    if x[-1] != kernel[-2] * groups:
        raise ShapeError(
            "the kernel is for another number of channels",
            expected=f"{kernel[-2] * groups} channels in the input",
            got=f"{x[-1]}, of shape {x}",
        )
    if kernel[-1] % groups:
        raise ArgumentError(
            "groups divide the filters",
            expected=f"a divisor of {kernel[-1]}",
            got=groups,
        )


def _conv_shape(x: Any, kernel: Any, groups: int, **p: Any) -> Spec:
    _check(x.shape, kernel.shape, groups)
    _check_dtypes(x, kernel)
    count = _windows(kernel.shape, p).counts(x.shape[1:-1])
    return (x.shape[0], *count, kernel.shape[-1]), x.dtype


def _columns(x: np.ndarray, windows: Windows, groups: int) -> np.ndarray:
    """(groups, batch * windows, window size * channels / groups)"""
    count = windows.counts(x.shape[1:-1])
    padded = pad_spatial(x, windows.padding)
    batch, channels = x.shape[0], x.shape[-1]
    places = math.prod(windows.size)
    out = np.empty((groups, batch, *count, places, channels // groups), x.dtype)
    for i, (_, offset) in enumerate(windows.offsets()):
        part = padded[(slice(None), *windows.slices(offset, count))]
        part = part.reshape(batch, *count, groups, channels // groups)
        out[..., i, :] = np.moveaxis(part, -2, 0)
    width = places * (channels // groups)
    return out.reshape(groups, batch * math.prod(count), width)


def _kernel_matrix(kernel: np.ndarray, groups: int) -> np.ndarray:
    """(groups, window size * channels / groups, filters / groups)"""
    filters = kernel.shape[-1]
    rows = kernel.reshape(-1, groups, filters // groups)
    return rows.transpose(1, 0, 2)


def _by_group(y: np.ndarray, groups: int) -> np.ndarray:
    """(batch, *count, filters) -> (groups, batch * windows, filters / groups)"""
    rows = math.prod(y.shape[:-1])
    return y.reshape(rows, groups, y.shape[-1] // groups).transpose(1, 0, 2)


def _conv(x: np.ndarray, kernel: np.ndarray, groups: int, **p: Any) -> np.ndarray:
    shape, dtype = _conv_shape(x, kernel, groups, **p)
    columns = _columns(x, _windows(kernel.shape, p), groups)
    product = np.matmul(columns, _kernel_matrix(kernel, groups))
    return product.transpose(1, 0, 2).reshape(shape).astype(dtype, copy=False)


def _conv_input(
    g: np.ndarray, kernel: np.ndarray, groups: int, shape: Shape, **p: Any
) -> np.ndarray:
    windows = _windows(kernel.shape, p)
    count = g.shape[1:-1]
    weights = _kernel_matrix(kernel, groups).transpose(0, 2, 1)
    columns = np.matmul(_by_group(g, groups), weights)
    places = math.prod(windows.size)
    columns = columns.reshape(groups, shape[0], *count, places, shape[-1] // groups)
    spatial = [
        n + before + after
        for n, (before, after) in zip(shape[1:-1], windows.padding, strict=True)
    ]
    out = np.zeros((shape[0], *spatial, groups, shape[-1] // groups), g.dtype)
    for i, (_, offset) in enumerate(windows.offsets()):
        target = (slice(None), *windows.slices(offset, count))
        out[target] += np.moveaxis(columns[..., i, :], 0, -2)
    out = out.reshape(shape[0], *spatial, shape[-1])
    return unpad_spatial(out, windows.padding)


def _conv_kernel(
    x: np.ndarray, g: np.ndarray, groups: int, shape: Shape, **p: Any
) -> np.ndarray:
    columns = _columns(x, _windows(shape, p), groups)
    product = np.matmul(columns.transpose(0, 2, 1), _by_group(g, groups))
    return product.transpose(1, 0, 2).reshape(shape).astype(x.dtype, copy=False)


def _input_shape(g: Any, kernel: Any, groups: int, shape: Shape, **p: Any) -> Spec:
    _check(shape, kernel.shape, groups)
    _check_dtypes(g, kernel)
    _check_windows(g.shape, shape, kernel.shape, p)
    return shape, g.dtype


def _kernel_shape(x: Any, g: Any, groups: int, shape: Shape, **p: Any) -> Spec:
    _check(x.shape, shape, groups)
    _check_dtypes(x, g)
    _check_windows(g.shape, x.shape, shape, p)
    return shape, g.dtype


def _check_dtypes(a: Any, b: Any) -> None:
    if a.dtype != b.dtype:
        raise DTypeError("convolution takes one dtype", got=f"{a.dtype}, {b.dtype}")


def _check_windows(g: Shape, x: Shape, kernel: Shape, p: dict) -> None:
    count = _windows(kernel, p).counts(x[1:-1])
    if g != (x[0], *count, kernel[-1]):
        raise ShapeError(
            "a gradient of conv has the shape of its result",
            expected=(x[0], *count, kernel[-1]),
            got=g,
        )


conv_primitive: Primitive = primitive(
    "conv",
    shape=_conv_shape,
    evaluate=_conv,
    vjp=[
        lambda g, y, x, kernel, **p: conv_input(g, kernel, shape=x.shape, **p),
        lambda g, y, x, kernel, **p: conv_kernel(x, g, shape=kernel.shape, **p),
    ],
    samples=[
        sample(
            normal(2, 5, 4, 2),
            normal(3, 2, 2, 3),
            strides=(1, 2),
            padding=((1, 1), (0, 1)),
            dilation=(1, 1),
            groups=1,
        ),
        sample(
            normal(2, 7, 4),
            normal(3, 2, 2),
            strides=(1,),
            padding=((2, 0),),
            dilation=(2,),
            groups=2,
        ),
    ],
    doc="Products of windows of the input with a kernel, summed over window and "
    "channels.",
)

conv_input: Primitive = primitive(
    "conv_input",
    shape=_input_shape,
    evaluate=_conv_input,
    vjp=[
        lambda g, y, x, kernel, shape, **p: conv_primitive(g, kernel, **p),
        lambda g, y, x, kernel, shape, **p: conv_kernel(g, x, shape=kernel.shape, **p),
    ],
    samples=[
        sample(
            normal(2, 5, 2, 3),
            normal(3, 2, 2, 3),
            shape=(2, 5, 4, 2),
            strides=(1, 2),
            padding=((1, 1), (0, 1)),
            dilation=(1, 1),
            groups=1,
        )
    ],
    doc="The gradient of `conv` with respect to its input of the given shape: a "
    "transposed convolution.",
)

conv_kernel: Primitive = primitive(
    "conv_kernel",
    shape=_kernel_shape,
    evaluate=_conv_kernel,
    vjp=[
        lambda g, y, x, other, shape, **p: conv_input(other, g, shape=x.shape, **p),
        lambda g, y, x, other, shape, **p: conv_primitive(x, g, **p),
    ],
    samples=[
        sample(
            normal(2, 5, 4, 2),
            normal(2, 5, 2, 3),
            shape=(3, 2, 2, 3),
            strides=(1, 2),
            padding=((1, 1), (0, 1)),
            dilation=(1, 1),
            groups=1,
        )
    ],
    doc="The gradient of `conv` with respect to its kernel of the given shape.",
)


@located
def conv(
    inputs: Any,
    kernel: Any,
    strides: int | Sequence[int] = 1,
    padding: str | Sequence[Sequence[int]] = "valid",
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """Convolution over one, two or three spatial axes.

    Args:
        inputs: (batch, *spatial, channels), or (batch, channels, *spatial).
        kernel: (*window, channels / groups, filters). With fewer channels than the
            input has, input and filters are divided into groups.
        strides: step of the window, one number or one for each spatial axis.
        padding: "valid", "same", or (before, after) for each spatial axis.
        data_format: "channels_last" (default) or "channels_first".
        dilation_rate: distance between the window's elements.

    Returns:
        (batch, *windows, filters), or (batch, filters, *windows).

    Raises:
        ArgumentError: groups that do not divide the filters, unknown padding.
        ShapeError: a kernel for other channels, or larger than the input.

    Example:
        >>> from wubu.ops import ones
        >>> conv(ones((1, 4, 4, 1)), ones((3, 3, 1, 2))).shape
        (1, 2, 2, 2)
    """
    dtype = common_dtype([inputs, kernel])
    x, kernel = (as_tensor(t, dtype) for t in (inputs, kernel))
    if x.ndim != kernel.ndim or x.ndim < 3:
        _check(x.shape, kernel.shape, 1)
    first = is_channels_first(data_format)
    x = moveaxis(x, 1, -1) if first else x
    n = x.ndim - 2
    steps = per_axis(strides, n, "strides")
    holes = per_axis(dilation_rate, n, "dilation_rate")
    pairs: Pairs = resolve_padding(
        padding, x.shape[1:-1], kernel.shape[:-2], steps, holes
    )
    groups = x.shape[-1] // kernel.shape[-2] if kernel.shape[-2] else 1
    y = conv_primitive(
        x, kernel, strides=steps, padding=pairs, dilation=holes, groups=max(groups, 1)
    )
    return moveaxis(y, -1, 1) if first else y


def is_channels_first(data_format: str | None) -> bool:
    """Whether a `data_format` argument says channels come first."""
    return config.standardize_data_format(data_format) == "channels_first"
