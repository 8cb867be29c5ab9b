"""Distributions by their moments; the same numbers eagerly and compiled."""

from __future__ import annotations

import numpy as np
import pytest

import wubu
from wubu import random
from wubu.errors import ArgumentError, ShapeError

N = 20_000
DRAWS = {
    # name: (a draw, its mean, its variance)
    "gamma": (lambda: random.gamma((N,), 3.0, seed=1), 3.0, 3.0),
    "small_gamma": (lambda: random.gamma((N,), 0.4, seed=2), 0.4, 0.4),
    "beta": (lambda: random.beta((N,), 2.0, 3.0, seed=3), 0.4, 0.04),
    "binomial": (lambda: random.binomial((N,), 5, 0.3, seed=4), 1.5, 1.05),
}


@pytest.mark.parametrize("name", DRAWS)
def test_mean_and_variance_are_those_of_the_distribution(name):
    draw, mean, variance = DRAWS[name]
    x = draw().numpy()
    error = 4 * np.sqrt(variance / N)
    assert abs(x.mean() - mean) < error
    assert abs(x.var() / variance - 1) < 0.1
    np.testing.assert_allclose(wubu.jit(draw)().numpy(), x, 1e-5, 1e-6)


def test_classes_occur_with_the_probabilities_of_softmax():
    logits = np.log([[0.1, 0.2, 0.7], [0.5, 0.5, 1e-12]])
    drawn = random.categorical(logits, N, seed=5).numpy()
    assert drawn.shape == (2, N)
    assert drawn.dtype == np.int32
    shares = [np.bincount(row, minlength=3) / N for row in drawn]
    np.testing.assert_allclose(shares, np.exp(logits), atol=0.02)
    with pytest.raises(ShapeError, match="draws from rows"):
        random.categorical([0.0, 1.0], 2)


def test_shuffling_keeps_slices_whole():
    x = np.arange(40).reshape(2, 20)
    found = random.shuffle(x, axis=1, seed=6).numpy()
    assert found[0].tolist() != x[0].tolist()
    np.testing.assert_array_equal(np.sort(found, 1), x)
    np.testing.assert_array_equal(found[1] - found[0], np.full(20, 20))


def test_trials_may_differ_from_element_to_element():
    x = random.binomial((3,), [0, 2, 4], 1.0, seed=7)
    assert x.tolist() == [0.0, 2.0, 4.0]
    with pytest.raises(ArgumentError, match="at least 0"):
        random.binomial((2,), -1, 0.5)
