"""The sums of combs are the gradient of a convolution by its input, each place once."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from wubu.executors.native.planning.combs import combs_of, margins_of

CASES = [
    # window, stride, dilation, before
    (3, 1, 1, 1),
    (3, 2, 1, 0),
    (4, 2, 1, 1),
    (5, 3, 1, 2),
    (1, 3, 1, 0),  # most places meet no window
    (2, 5, 1, 0),
    (16, 16, 1, 0),
    (3, 1, 2, 2),
    (3, 2, 2, 2),
    (4, 4, 6, 3),
    (3, 3, 2, 1),
]


@pytest.mark.parametrize(("window", "stride", "dilation", "before"), CASES, ids=str)
def test_combs_are_the_gradient_by_the_input(
    window: int, stride: int, dilation: int, before: int
) -> None:
    random = np.random.default_rng(0)
    for length, after in itertools.product((1, 4, 9, 17), (0, 1, 3)):
        gradients = (
            length + before + after - (window - 1) * dilation - 1
        ) // stride + 1
        if gradients < 1:
            continue
        gradient, kernel = (
            random.standard_normal(gradients),
            random.standard_normal(window),
        )
        wanted = np.zeros(length)
        for o, m in itertools.product(range(gradients), range(window)):
            place = o * stride + m * dilation - before
            if 0 <= place < length:
                wanted[place] += gradient[o] * kernel[m]
        combs = combs_of(length, window, stride, dilation, before)
        low, high = margins_of(combs, gradients)
        padded = np.pad(gradient, (low, high))
        found: dict[int, float] = {}
        for c in combs:
            for u, j in itertools.product(range(c.width), range(c.teeth)):
                place = c.start + u + stride * j
                assert place not in found
                reads = [low + j + c.shift - q * c.back for q in range(c.taps)]
                assert all(0 <= at < len(padded) for at in reads)
                found[place] = sum(
                    padded[at] * kernel[c.first + u * c.move + q * c.step]
                    for q, at in enumerate(reads)
                )
        np.testing.assert_allclose([found[i] for i in range(length)], wanted, 1e-12)


def test_remainders_alike_share_a_comb() -> None:
    (patches,) = combs_of(32, window=16, stride=16, dilation=1, before=0)
    assert (patches.width, patches.teeth, patches.taps) == (16, 2, 1)
    (plain,) = combs_of(9, window=3, stride=1, dilation=1, before=1)
    assert (plain.width, plain.teeth, plain.taps) == (1, 9, 3)
    even, odd = combs_of(8, window=3, stride=2, dilation=1, before=0)
    assert (even.taps, odd.taps) == (2, 1)
