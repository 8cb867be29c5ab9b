"""Dropout: a share of the inputs, another one at every step, the same on every way."""

from __future__ import annotations

import numpy as np
import pytest

import wubu
from wubu.errors import ArgumentError
from wubu.layers import Dropout


def test_share_and_expectation_are_right() -> None:
    layer = Dropout(0.3, seed=1)
    y = layer(wubu.ones((1000, 100)), training=True).numpy()
    n = y.size
    assert set(np.unique(y)) == {0.0, np.float32(1 / 0.7)}
    # Five standard deviations of a share of 0.3 among n.
    assert abs((y == 0).mean() - 0.3) < 5 * np.sqrt(0.3 * 0.7 / n)
    assert abs(y.mean() - 1.0) < 5 * np.sqrt(0.3 / 0.7 / n)


def test_draws_are_independent_of_each_other() -> None:
    layer = Dropout(0.5, seed=1)
    masks = [layer(wubu.ones((200, 50)), training=True).numpy() > 0 for _ in range(2)]
    bound = 5 * 0.5 / np.sqrt(masks[0].size)
    assert abs((masks[0] == masks[1]).mean() - 0.5) < bound
    for axis in (0, 1):  # nor do neighbours agree
        shifted = np.roll(masks[0], 1, axis)
        assert abs((masks[0] == shifted).mean() - 0.5) < bound


def test_masks_are_the_same_compiled() -> None:
    def masks(compiled: bool) -> list[np.ndarray]:
        wubu.set_random_seed(7)
        layer = Dropout(0.5)
        step = lambda x: layer(x, training=True)  # noqa: E731 - one for both ways
        step = wubu.jit(step) if compiled else step
        return [step(np.ones((3, 4), "float32")).numpy() for _ in range(3)]

    eager, compiled = masks(False), masks(True)
    np.testing.assert_array_equal(eager, compiled)
    assert not np.array_equal(eager[0], eager[1])


def test_two_layers_draw_different_masks() -> None:
    wubu.set_random_seed(7)
    x = wubu.ones((10, 10))
    first, second = Dropout(0.5)(x, training=True), Dropout(0.5)(x, training=True)
    assert not np.array_equal(first.numpy(), second.numpy())


def test_a_model_with_the_same_seed_draws_the_same() -> None:
    wubu.set_random_seed(7)
    first = Dropout(0.5)(wubu.ones((10, 10)), training=True).numpy()
    wubu.set_random_seed(7)
    np.testing.assert_array_equal(
        Dropout(0.5)(wubu.ones((10, 10)), training=True).numpy(), first
    )


def test_noise_shape_shares_draws() -> None:
    y = Dropout(0.5, noise_shape=(None, 1, None), seed=1)(
        wubu.ones((4, 6, 5)), training=True
    ).numpy()
    assert (y == y[:, :1]).all()
    assert 0 < (y == 0).sum() < y.size


def test_nothing_is_left_out_after_training_or_at_rate_0() -> None:
    x = wubu.ones((4, 4))
    assert Dropout(0.9)(x).tolist() == x.tolist()
    assert Dropout(0.0)(x, training=True).tolist() == x.tolist()


def test_its_generator_is_a_variable_of_the_layer() -> None:
    layer = Dropout(0.5)
    assert [v.dtype for v in layer.variables] == [np.uint32]
    assert not layer.weights
    layer(wubu.ones((1, 1)), training=True)
    assert layer.variables[0].tolist()[3] == 1


@pytest.mark.parametrize("rate", [-0.1, 1.0, 50, "half", None, True])
def test_a_rate_is_a_share(rate: object) -> None:
    with pytest.raises(ArgumentError) as caught:
        Dropout(rate)  # type: ignore[arg-type]
    assert caught.value.got == repr(rate)
    if rate == 50:
        assert caught.value.fix == "50% is written 0.5"
