"""Gradients kept from being too large."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.ops.arithmetic import maximum
from wubu.ops.functions import clip, sqrt
from wubu.ops.prepare import cast_to
from wubu.ops.reduction import sum


def clip_by_value(g: Tensor, limit: float) -> Tensor:
    """Every element limited to [-limit, limit].

    Example:
        >>> import wubu
        >>> clip_by_value(wubu.tensor([-3.0, 0.5]), 1.0)
        Tensor([-1.   0.5], shape=(2,), dtype=float32)
    """
    return clip(g, -limit, limit)


def clip_by_norm(g: Tensor, limit: float) -> Tensor:
    """g * limit / max(norm(g), limit): no longer than the limit, in the same direction.

    Example:
        >>> import wubu
        >>> clip_by_norm(wubu.tensor([3.0, 4.0]), 1.0)
        Tensor([0.6 0.8], shape=(2,), dtype=float32)
    """
    return _scaled(g, _square_sum(g), limit)


def clip_by_global_norm(gradients: Sequence[Tensor], limit: float) -> list[Tensor]:
    """All gradients scaled by one factor: taken as one vector, they are no longer than
    the limit.

    Source: Pascanu et al. 2013, algorithm 1.
    """
    total: Any = 0.0
    for g in gradients:
        total = total + _square_sum(g)
    return [_scaled(g, total, limit) for g in gradients]


def _square_sum(g: Tensor) -> Tensor:
    return sum(g * g)


def _scaled(g: Tensor, square_sum: Tensor, limit: float) -> Tensor:
    factor = limit / maximum(sqrt(square_sum), limit)
    return g * cast_to(factor, g.dtype)


class Clipping:
    """One of the three ways, or none.

    Raises:
        ArgumentError: more than one is asked for, or a limit is not positive.
    """

    def __init__(
        self,
        clipnorm: float | None,
        clipvalue: float | None,
        global_clipnorm: float | None,
    ) -> None:
        given = {
            "clipnorm": clipnorm,
            "clipvalue": clipvalue,
            "global_clipnorm": global_clipnorm,
        }
        chosen = {name: limit for name, limit in given.items() if limit is not None}
        if len(chosen) > 1:
            raise ArgumentError(
                "gradients are clipped in one way only",
                expected="one of clipnorm, clipvalue and global_clipnorm",
                got=" and ".join(chosen),
            )
        for name, limit in chosen.items():
            if not limit > 0:
                raise ArgumentError(f"{name} is a limit", expected="above 0", got=limit)
        self._limits = given

    def __call__(self, gradients: Sequence[Tensor]) -> list[Tensor]:
        """The gradients, limited."""
        norm, value, global_norm = self._limits.values()
        if norm is not None:
            return [clip_by_norm(g, norm) for g in gradients]
        if value is not None:
            return [clip_by_value(g, value) for g in gradients]
        if global_norm is not None:
            return clip_by_global_norm(gradients, global_norm)
        return list(gradients)
