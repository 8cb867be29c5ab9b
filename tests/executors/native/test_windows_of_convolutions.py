"""Convolutions leave out what would only meet zeros around the image."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from executors.native.compare import LANES, compare
from wubu import Variable, ops
from wubu.executors.native.code.emitter import Emitter
from wubu.executors.native.kernels.contraction import Window

CASES = [
    # image, kernel, strides, padding, dilation
    ((7, 7), (3, 3), 1, "same", 1),
    ((5, 9), (5, 2), 1, "same", 1),
    ((3, 4), (7, 6), 1, "same", 1),  # windows larger than the image
    ((6, 11), (4, 3), 2, "same", 1),
    ((9, 8), (3, 3), 1, "same", 2),
    ((10, 10), (5, 5), 1, "valid", 1),
    ((13, 5), (3, 5), (1, 3), "valid", 1),
    ((8, 13), (4, 4), 4, "valid", 1),  # patches, and a column in none of them
    ((7, 8), (1, 2), 3, "same", 1),  # most elements are in no window
    ((9, 9), (3, 2), (2, 3), "same", 2),
]


@pytest.mark.parametrize(
    ("image", "window", "strides", "padding", "dilation"), CASES, ids=str
)
def test_values_and_both_gradients(
    image: tuple[int, int], window: Any, strides: Any, padding: str, dilation: int
) -> None:
    rng = np.random.default_rng(0)
    kernel = Variable(rng.standard_normal((*window, 3, 7)).astype("float32"))
    before = Variable(rng.standard_normal((1, 1, 2, 3)).astype("float32"))

    def step(x: Any) -> Any:
        hidden = ops.conv(x, before, strides=1, padding="same")
        y = ops.conv(
            hidden, kernel, strides=strides, padding=padding, dilation_rate=dilation
        )
        ops.sum(ops.tanh(y)).backward()
        found = [before.grad, kernel.grad]
        before.grad = kernel.grad = None
        return y, *found

    x = rng.standard_normal((19, *image, 2)).astype("float32")
    compare(step, x, machines=[(LANES[0], 1), (LANES[-1], 2)])


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("shift", [-2, 0, 3])
def test_rounds_are_those_that_some_index_needs(
    sign: int, scale: int, shift: int
) -> None:
    window = Window(outer=0, scale=scale, sign=sign, shift=shift, size=6)
    e, steps = Emitter("test", 4), 5
    for first in range(7):
        for many in (1, 3):
            low, high = window.rounds(e, first, many, steps)
            needed = [
                t
                for t in range(steps)
                for outer in range(first, first + many)
                if 0 <= scale * outer + sign * t + shift < 6
            ]
            assert set(needed) <= set(range(low, high))
            if many == 1:
                assert sorted(needed) == list(range(low, high))
