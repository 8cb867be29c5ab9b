"""`Indexing`: `x[key]` as a layer, made by square brackets on symbols."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.layers.layer import Layer


class Indexing(Layer):
    """A part of the input, by NumPy's rules.

    Args:
        key: what stands between the brackets, in plain data: for each axis a number,
            None, "..." or [start, stop, step].
        options: name, trainable, dtype of every layer.

    Example:
        >>> import wubu
        >>> Indexing(["...", 0])(wubu.arange(6).reshape((2, 3))).tolist()
        [0, 3]
    """

    def __init__(self, key: list[Any], **options: Any) -> None:
        super().__init__(**options)
        self.key = tuple(_part(item) for item in key)

    def call(self, inputs: Tensor) -> Tensor:
        return inputs[self.key]


def plain_key(key: Any) -> list[Any] | None:
    """A key as plain data; None if it holds more than numbers, slices, None and `...`.

    Example:
        >>> plain_key((slice(1, None), ..., 0))
        [[1, None, None], '...', 0]
    """
    parts = key if isinstance(key, tuple) else (key,)
    found = [_plain(part) for part in parts]
    return None if any(part is _OTHER for part in found) else found


_OTHER = object()


def _plain(part: Any) -> Any:
    if part is None or (isinstance(part, int) and not isinstance(part, bool)):
        return part
    if part is ...:
        return "..."
    if isinstance(part, slice):
        ends = [part.start, part.stop, part.step]
        whole = all(end is None or isinstance(end, int) for end in ends)
        return ends if whole else _OTHER
    return _OTHER


def _part(item: Any) -> Any:
    if isinstance(item, list | tuple):
        return slice(*item)
    return ... if item == "..." else item
