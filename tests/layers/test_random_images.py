"""Layers that change pictures at random: how, how often, and when not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from wubu import layers
from wubu.errors import ArgumentError, ShapeError

PICTURES = np.random.default_rng(0).random((400, 5, 6, 2)).astype("float32")


def share(found: Any, wanted: np.ndarray) -> float:
    """Of the pictures that are as wanted."""
    same = (np.asarray(found) == wanted).all(axis=(1, 2, 3))
    return float(same.mean())


@pytest.mark.parametrize("mode", ["horizontal", "vertical"])
def test_every_second_picture_is_flipped(mode: str) -> None:
    flipped = PICTURES[:, :, ::-1] if mode == "horizontal" else PICTURES[:, ::-1]
    found = layers.RandomFlip(mode, seed=3)(PICTURES).numpy()
    assert 0.4 < share(found, flipped) < 0.6
    assert share(found, flipped) + share(found, PICTURES) == 1


def test_both_directions_are_flipped_independently() -> None:
    found = layers.RandomFlip(seed=3)(PICTURES).numpy()
    for a in (slice(None), slice(None, None, -1)):
        for b in (slice(None), slice(None, None, -1)):
            assert 0.18 < share(found, PICTURES[:, a, b]) < 0.32


def test_every_part_is_cut_out_at_its_own_place() -> None:
    found = layers.RandomCrop(3, 4, seed=3)(PICTURES).numpy()
    counts = np.array(
        [
            share(found, PICTURES[:, top : top + 3, left : left + 4])
            for top in range(3)
            for left in range(3)
        ]
    )
    assert counts.sum() == 1
    assert counts.min() > 0.06  # 1/9 each


def test_without_training_a_crop_is_the_middle() -> None:
    layer = layers.RandomCrop(5, 2)
    found = layer(PICTURES, training=False).numpy()
    np.testing.assert_array_equal(found, PICTURES[:, :, 2:4])
    square = layers.RandomCrop(10, 10)(PICTURES[:1]).numpy()  # larger than the picture
    assert square.shape == (1, 10, 10, 2)


def test_shifts_are_drawn_from_the_whole_range() -> None:
    ramp = np.broadcast_to(np.arange(10.0)[:, None, None], (500, 10, 1, 1))
    layer = layers.RandomTranslation((-0.2, 0.1), 0.0, fill_mode="nearest", seed=3)
    by = 5 - layer(ramp.astype("float32")).numpy()[:, 5, 0, 0]
    assert -2 <= by.min() < -1.9
    assert 0.9 < by.max() <= 1
    assert abs(by.mean() + 0.5) < 0.1


def test_brightness_and_contrast_by_their_formulas() -> None:
    up = layers.RandomBrightness((0.25, 0.25), value_range=(0, 1))(PICTURES).numpy()
    np.testing.assert_allclose(up, np.minimum(PICTURES + 0.25, 1), rtol=1e-6)
    found = layers.RandomContrast((0.5, 0.2), value_range=(-9, 9), seed=3)(PICTURES)
    mean = PICTURES.mean(axis=(1, 2), keepdims=True)
    factor = (found.numpy() - mean) / (PICTURES - mean)
    assert factor.std(axis=(1, 2, 3)).max() < 1e-3  # one for each picture
    assert 0.799 < factor.mean(axis=(1, 2, 3)).min() < 0.82
    assert 1.48 < factor.mean(axis=(1, 2, 3)).max() < 1.501


CHANGES = [
    lambda: layers.RandomFlip("horizontal"),
    lambda: layers.RandomTranslation(0.3, 0.3),
    lambda: layers.RandomZoom(0.3),
    lambda: layers.RandomRotation(0.2),
    lambda: layers.RandomBrightness(0.2, value_range=(0, 1)),
]


@pytest.mark.parametrize("make", CHANGES)
def test_called_alone_it_changes_in_a_network_only_in_training(make: Any) -> None:
    """As in Keras: `Sequential([RandomFlip()])(pictures)` is data augmentation."""
    augmentation = wubu.Sequential([make()])
    x = PICTURES[:16]
    assert not np.array_equal(augmentation(x).numpy(), x)
    model = wubu.Sequential([layers.Input(x.shape[1:]), augmentation])
    np.testing.assert_array_equal(model.predict(x), x)
    np.testing.assert_array_equal(model(x, training=False).numpy(), x)
    assert not np.array_equal(model(x, training=True).numpy(), x)


def test_a_network_with_them_is_trained() -> None:
    model = wubu.Sequential(
        [
            layers.Input(PICTURES.shape[1:]),
            layers.RandomFlip(),
            layers.RandomTranslation(0.2, 0.2),
            layers.RandomRotation(0.1),
            layers.Conv2D(4, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(1),
        ]
    )
    model.compile(wubu.optimizers.Adam(0.02), "mse")
    y = PICTURES.mean(axis=(1, 2, 3))
    history = model.fit(PICTURES, y, epochs=5, verbose=0).history["loss"]
    assert history[-1] < history[0] / 10
    assert model.program(PICTURES, y).text()  # machine code


def test_whole_numbers_and_a_single_picture() -> None:
    picture = (PICTURES[0] * 255).astype("uint8")
    found = layers.RandomTranslation((1.0, 1.0), 0.0, "wrap")(picture)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found.numpy(), picture)


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.RandomFlip("sideways"),
        lambda: layers.RandomCrop(0, 3),
        lambda: layers.RandomTranslation(1.5, 0.1),
        lambda: layers.RandomTranslation((0.1, 0.2, 0.3), 0.1),
        lambda: layers.RandomZoom(-1.0),
        lambda: layers.RandomRotation("much"),
        lambda: layers.RandomRotation(0.1, fill_mode="mirrors"),
        lambda: layers.RandomZoom(0.1, interpolation="cubic"),
        lambda: layers.RandomContrast(-0.1),
        lambda: layers.RandomBrightness(0.1, value_range=(1, 0)),
    ],
)
def test_arguments_that_make_no_sense_are_refused(make: Any) -> None:
    with pytest.raises(ArgumentError):
        make()


def test_an_affine_map_is_eight_numbers() -> None:
    with pytest.raises(ShapeError, match="eight"):
        wubu.ops.image.affine_transform(PICTURES, np.zeros((400, 6)))
