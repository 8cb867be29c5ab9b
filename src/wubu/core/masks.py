"""Masks that travel with tensors: which places hold data, and which only padding.

A mask is a tensor of bools with the first axes of the tensor it belongs to, as (batch,
time): True where the data counts. Layers put it on what they return; later layers,
losses and metrics look for it there. It is no part of the value: what is computed from
a tensor by other means than a layer has none.
"""

from __future__ import annotations

from typing import Any, TypeVar

from wubu.core.tensor import Tensor

T = TypeVar("T")


def mask_of(value: Any) -> Tensor | None:
    """The mask of a tensor, if it has one."""
    return getattr(value, "_mask", None) if isinstance(value, Tensor) else None


def set_mask(tensor: Tensor, mask: Tensor | None) -> None:
    """Puts a mask on a tensor; None leaves it as it is."""
    if mask is not None:
        tensor._mask = mask


def with_mask_of(tensor: T, old: Any) -> T:
    """`tensor`, with the mask of the one it was made from, if that has one.

    Example:
        >>> old = Tensor([[1.0, 2.0]])
        >>> set_mask(old, Tensor([[True, False]]))
        >>> mask_of(with_mask_of(old.detach(), old)).tolist()
        [[True, False]]
    """
    if tensor is not old and isinstance(tensor, Tensor):
        set_mask(tensor, mask_of(old))
    return tensor
