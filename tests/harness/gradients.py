"""Derivatives compared with differences, first and second order, in random directions.

`f` maps float64 tensors to tensors. For random directions v (of the inputs) and u (of
the outputs), d/de f(x + e v) . u must equal sum(vjp(u) * v). The second order is the
same check for the function x -> vjp(u).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wubu import Tensor, tensor
from wubu.core.autodiff import gradients
from wubu.core.modes import enable_grad

STEP = 1e-5


def check_gradients(
    function: Callable[..., Any],
    inputs: Sequence[np.ndarray],
    *,
    orders: int = 2,
    seed: int = 0,
    tolerance: float = 1e-6,
) -> None:
    """Checks derivatives with respect to every float64 input."""
    random = np.random.default_rng(seed)
    floats = [i for i, x in enumerate(inputs) if x.dtype == np.float64]
    assert floats, "nothing to differentiate with respect to"

    def of_floats(*chosen: Any) -> list[Any]:
        arguments: list[Any] = [tensor(x) for x in inputs]
        for i, x in zip(floats, chosen, strict=True):
            arguments[i] = x
        found = function(*arguments)
        many = list(found) if isinstance(found, list | tuple) else [found]
        return [y for y in many if y.dtype.kind == "f"]

    _check(of_floats, [inputs[i] for i in floats], orders, random, tolerance)


def _check(
    function: Callable[..., list[Any]],
    arrays: Sequence[np.ndarray],
    orders: int,
    random: np.random.Generator,
    tolerance: float,
    order: int = 1,
) -> None:
    results = _values(function(*[tensor(a) for a in arrays]))
    seeds = [random.standard_normal(y.shape) for y in results]

    def pullback(*chosen: Any) -> list[Any]:
        with enable_grad():
            leaves = [_following(x) for x in chosen]
            outputs = function(*leaves)
            found = gradients(outputs, leaves, [tensor(u) for u in seeds])
        return [
            tensor(np.zeros(x.shape)) if g is None else g
            for x, g in zip(leaves, found, strict=True)
        ]

    found = _values(pullback(*[tensor(a) for a in arrays]))
    for place, x in enumerate(arrays):
        assert found[place].shape == x.shape
        assert found[place].dtype == x.dtype
        direction = random.standard_normal(x.shape)
        analytic = float((found[place] * direction).sum())
        numeric = _difference(function, arrays, place, direction, seeds)
        scale = max(1.0, abs(analytic), abs(numeric))
        assert abs(analytic - numeric) <= tolerance * scale, (
            f"order {order}, input {place} of shape {x.shape}: "
            f"analytic {analytic:.12g}, numeric {numeric:.12g}"
        )
    if order < orders:
        _check(pullback, arrays, orders, random, tolerance * 10, order + 1)


def _following(x: Tensor) -> Tensor:
    """The tensor, as something gradients can be taken of."""
    if x.requires_grad:
        return x
    return tensor(x.numpy(), requires_grad=True)


def _difference(
    function: Callable[..., list[Any]],
    arrays: Sequence[np.ndarray],
    place: int,
    direction: np.ndarray,
    seeds: Sequence[np.ndarray],
) -> float:
    """The fourth-order central difference of sum(f(x) * seed) along a direction."""

    def along(distance: float) -> float:
        moved = list(arrays)
        moved[place] = arrays[place] + distance * direction
        results = _values(function(*[tensor(a) for a in moved]))
        return sum(float((y * u).sum()) for y, u in zip(results, seeds, strict=True))

    near = along(STEP) - along(-STEP)
    far = along(2 * STEP) - along(-2 * STEP)
    return (8 * near - far) / (12 * STEP)


def _values(tensors: Sequence[Any]) -> list[np.ndarray]:
    return [t.detach().numpy() for t in tensors]
