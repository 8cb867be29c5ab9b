"""`Spatial`: what layers over spatial axes have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.errors import ArgumentError
from wubu.layers.arguments import image_format
from wubu.layers.layer import Layer

# How much is added or cut at the ends of axes: see `edge_pairs`.
Ends = int | Sequence[int | Sequence[int]]


class Spatial(Layer):
    """A layer over `num_spatial` axes, which a subclass fixes, beside those of the
    batch and of channels.

    Args:
        data_format: "channels_last", or "channels_first" for (batch, channels,
            *spatial).
        options: name, trainable, dtype of every layer.
    """

    num_spatial: int

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "num_spatial" in vars(cls):
            cls.input_ndim = cls.num_spatial + 2

    def __init__(self, data_format: str | None = None, **options: Any) -> None:
        super().__init__(**options)
        self.data_format = image_format(data_format)

    @property
    def channel_axis(self) -> int:
        """Where channels are: 1 or -1."""
        return 1 if self.data_format == "channels_first" else -1

    @property
    def first_axis(self) -> int:
        """The first of the spatial axes: 2 or 1."""
        return 2 if self.data_format == "channels_first" else 1

    @property
    def spatial_axes(self) -> tuple[int, ...]:
        """The spatial axes, in order."""
        return tuple(range(self.first_axis, self.first_axis + self.num_spatial))


def edge_pairs(name: str, value: Any, ndim: int) -> tuple[tuple[int, int], ...]:
    """How much is added or cut at each end of each axis: (before, after) for each.

    One number stands for all ends; one number for each axis for both its ends; along
    a single axis two numbers are its two ends.

    Raises:
        ArgumentError: anything else, or a number below 0.

    Example:
        >>> edge_pairs("padding", 1, 2), edge_pairs("padding", ((1, 2), 3), 2)
        (((1, 1), (1, 1)), ((1, 2), (3, 3)))
        >>> edge_pairs("padding", (1, 2), 1)
        ((1, 2),)
    """
    parts: Sequence[Any]
    if _is_length(value):
        parts = [value] * ndim
    elif not isinstance(value, Sequence):
        parts = []
    elif ndim == 1 and len(value) == 2:
        parts = [value]
    else:
        parts = list(value)
    pairs = [(part, part) if _is_length(part) else part for part in parts]
    if len(pairs) != ndim or not all(
        isinstance(pair, Sequence) and len(pair) == 2 and all(map(_is_length, pair))
        for pair in pairs
    ):
        raise ArgumentError(
            f"{name} is a number of elements, at least 0, for each end of each axis",
            expected=f"one number, or {_forms(ndim)}",
            got=repr(value),
        )
    return tuple((int(before), int(after)) for before, after in pairs)


def _forms(ndim: int) -> str:
    if ndim == 1:
        return "(before, after)"
    return f"{ndim} numbers, or {ndim} pairs (before, after)"


def _is_length(value: Any) -> bool:
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    return whole and bool(value >= 0)
