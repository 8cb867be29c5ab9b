"""`conv_transpose`: the gradient of a convolution, used as a layer that makes images
larger.

Every element of the input is a factor of a whole window of the output. That is what
`conv_input` computes; here are the shapes that Keras asks for. Read `convolution.py`
first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.ops.convolution import conv_input, is_channels_first
from wubu.ops.movement import moveaxis
from wubu.ops.prepare import common_dtype
from wubu.ops.windows import per_axis


class _Reach(NamedTuple):
    """Along one axis: the length of the output, and how much of what the windows cover
    is cut off before and after it."""

    length: int
    before: int
    after: int


@located
def conv_transpose(
    inputs: Any,
    kernel: Any,
    strides: int | Sequence[int] = 1,
    padding: str = "valid",
    output_padding: int | Sequence[int] | None = None,
    data_format: str | None = None,
    dilation_rate: int | Sequence[int] = 1,
) -> Tensor:
    """Transposed convolution over one, two or three spatial axes.

        y[i*s + m*d - before, f] = sum over i, m, c of x[i, c] * kernel[m, f, c]

    with strides s and dilation d.

    Args:
        inputs: (batch, *spatial, channels), or (batch, channels, *spatial).
        kernel: (*window, filters, channels).
        strides: step of the window in the output, one number or one for each axis.
        padding: "valid" (the output is all that windows reach) or "same" (strides
            times as long as the input).
        output_padding: what is added to the length of the output at its end, less than
            the strides; by default what `padding` asks for.
        data_format: "channels_last" or "channels_first".
        dilation_rate: distance between the window's elements; 1 if strides are above 1.

    Shapes:
        With a window that reaches k = (window - 1) * d + 1, an axis of length n becomes
        (n - 1) * s + max(k, s) for "valid" and n * s for "same"; with an
        output_padding p it becomes (n - 1) * s + k + p, or (n - 1) * s + k % 2 + p.

    Raises:
        ArgumentError: an output_padding as large as the strides; strides and dilation
            both above 1; unknown padding.
        ShapeError: a kernel for other channels.

    Source:
        Zeiler, Krishnan, Taylor and Fergus, "Deconvolutional networks", 2010.

    Example:
        >>> from wubu.ops import ones
        >>> conv_transpose(ones((1, 3, 1)), ones((2, 1, 1)), 2).tolist()
        [[[1.0], [1.0], [1.0], [1.0], [1.0], [1.0]]]
    """
    dtype = common_dtype([inputs, kernel])
    x, kernel = (as_tensor(t, dtype) for t in (inputs, kernel))
    first = is_channels_first(data_format)
    x = moveaxis(x, 1, -1) if first and x.ndim > 2 else x
    if x.ndim != kernel.ndim or x.ndim < 3 or x.shape[-1] != kernel.shape[-1]:
        raise ShapeError(
            "a transposed convolution takes (batch, *spatial, channels) and (*window, "
            "filters, channels)",
            expected="as many axes in both, and as many channels",
            got=f"{x.shape} and {kernel.shape}",
        )
    n = x.ndim - 2
    steps = per_axis(strides, n, "strides")
    holes = per_axis(dilation_rate, n, "dilation_rate")
    ends = output_lengthening(output_padding, steps)
    if max(steps) > 1 and max(holes) > 1:
        raise ArgumentError(
            "a transposed convolution has strides or a dilation, not both",
            expected="strides or dilation_rate of 1",
            got=f"strides={steps}, dilation_rate={holes}",
        )
    reaches = [
        _reach(length, (k - 1) * d + 1, s, padding, end)
        for length, k, d, s, end in zip(
            x.shape[1:-1], kernel.shape[:-2], holes, steps, ends, strict=True
        )
    ]
    y = conv_input(
        x,
        kernel,
        shape=(x.shape[0], *(reach.length for reach in reaches), kernel.shape[-2]),
        strides=steps,
        padding=tuple((reach.before, reach.after) for reach in reaches),
        dilation=holes,
        groups=1,
    )
    return moveaxis(y, -1, 1) if first else y


def output_lengthening(given: Any, strides: Sequence[int]) -> tuple[int | None, ...]:
    """An `output_padding` argument, one for each axis; None means the default.

    Raises:
        ArgumentError: it is not below the strides.
    """
    if given is None:
        return (None,) * len(strides)
    found = [given] * len(strides) if isinstance(given, int) else list(given)
    if len(found) != len(strides) or not all(
        isinstance(p, int) and 0 <= p < s for p, s in zip(found, strides, strict=True)
    ):
        raise ArgumentError(
            "output_padding is at least 0 and below the strides",
            expected=f"below {tuple(strides)}",
            got=repr(given),
        )
    return tuple(found)


def _reach(n: int, window: int, stride: int, padding: Any, end: int | None) -> _Reach:
    """The output along an axis of length n, for a window with its holes."""
    mode = padding.lower() if isinstance(padding, str) else padding
    if mode not in ("valid", "same"):
        raise ArgumentError(
            "unknown padding of a transposed convolution",
            expected='"valid" or "same"',
            got=repr(padding),
        )
    covered = (n - 1) * stride + window
    if mode == "valid":
        lengthened = max(stride - window, 0) if end is None else end
        return _Reach(covered + lengthened, 0, 0)
    length = n * stride if end is None else (n - 1) * stride + window % 2 + end
    if length < 1:
        raise ShapeError(
            "the output of a transposed convolution is empty",
            expected="a longer input, or an output_padding of at least 1",
            got=f"length {n}, a window of {window} and strides {stride}",
        )
    # Of what is cut off, the larger half goes at the end.
    before = max((covered - length) // 2, 0)
    return _Reach(length, before, max(covered - length - before, 0))
