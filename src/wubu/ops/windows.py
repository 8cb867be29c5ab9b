"""What convolution and pooling share: windows that slide over spatial axes.

Everything here is about tensors with channels last, `(batch, *spatial, channels)`.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from wubu.errors import ArgumentError, ShapeError

Pairs = tuple[tuple[int, int], ...]


class Windows(NamedTuple):
    """How windows slide, one entry for each spatial axis."""

    size: tuple[int, ...]
    strides: tuple[int, ...]
    padding: Pairs
    dilation: tuple[int, ...]

    def extent(self) -> tuple[int, ...]:
        """How far a window reaches, holes of its dilation included."""
        return tuple(
            (n - 1) * d + 1 for n, d in zip(self.size, self.dilation, strict=True)
        )

    def counts(self, spatial: Sequence[int]) -> tuple[int, ...]:
        """How many windows fit along each axis of an input of this spatial shape."""
        found = []
        for n, reach, stride, (before, after) in zip(
            spatial, self.extent(), self.strides, self.padding, strict=True
        ):
            room = n + before + after - reach
            if room < 0:
                raise ShapeError(
                    "the window is larger than the input",
                    expected=f"at least {reach} along the axis, padding included",
                    got=f"{n + before + after}, of spatial shape {tuple(spatial)}",
                    fix='use padding="same", or a smaller window',
                )
            found.append(room // stride + 1)
        return tuple(found)

    def offsets(self) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Each place in the window, and its distance from the window's corner."""
        for place in itertools.product(*(range(n) for n in self.size)):
            yield (
                place,
                tuple(i * d for i, d in zip(place, self.dilation, strict=True)),
            )

    def slices(self, offset: Sequence[int], count: Sequence[int]) -> tuple[slice, ...]:
        """Where one place of every window lies in the padded input."""
        return tuple(
            slice(o, o + (n - 1) * stride + 1, stride)
            for o, n, stride in zip(offset, count, self.strides, strict=True)
        )


def resolve_padding(
    padding: str | Sequence[Sequence[int]],
    spatial: Sequence[int],
    size: Sequence[int],
    strides: Sequence[int],
    dilation: Sequence[int],
) -> Pairs:
    """Padding as numbers.

    "same" gives ceil(n / stride) windows; where the padding is odd, the larger half
    comes after (as in TensorFlow and Keras). "valid" pads nothing.
    """
    if not isinstance(padding, str):
        pairs = tuple((int(before), int(after)) for before, after in padding)
        if len(pairs) != len(spatial) or any(n < 0 for pair in pairs for n in pair):
            raise ArgumentError(
                "padding is (before, after), at least 0, for each spatial axis",
                expected=f"{len(spatial)} pairs",
                got=padding,
            )
        return pairs
    if padding.lower() == "valid":
        return ((0, 0),) * len(spatial)
    if padding.lower() != "same":
        raise ArgumentError(
            "unknown padding", expected='"valid", "same", or pairs', got=repr(padding)
        )
    found = []
    for n, window, stride, d in zip(spatial, size, strides, dilation, strict=True):
        reach = (window - 1) * d + 1
        total = max((-(-n // stride) - 1) * stride + reach - n, 0)
        found.append((total // 2, total - total // 2))
    return tuple(found)


def pad_spatial(x: np.ndarray, padding: Pairs, value: float = 0) -> np.ndarray:
    """The array with its spatial axes padded."""
    if not any(before or after for before, after in padding):
        return x
    widths = ((0, 0), *padding, (0, 0))
    return np.pad(x, widths, constant_values=value)


def unpad_spatial(x: np.ndarray, padding: Pairs) -> np.ndarray:
    """The array without the padding of its spatial axes."""
    inner = tuple(
        slice(before, n - after)
        for n, (before, after) in zip(x.shape[1:-1], padding, strict=True)
    )
    return x[(slice(None), *inner)]


def per_axis(value: int | Sequence[int], ndim: int, name: str) -> tuple[int, ...]:
    """A positive integer for each spatial axis, from one number or several."""
    found = (value,) * ndim if isinstance(value, int | np.integer) else tuple(value)
    if len(found) != ndim or any(
        not isinstance(n, int | np.integer) or n < 1 for n in found
    ):
        raise ArgumentError(
            f"{name} is a positive integer, or {ndim} of them", got=repr(value)
        )
    return tuple(int(n) for n in found)
