"""Arguments as Keras 1 and 2 spelt them work; a note says how they are spelt now."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import layers, optimizers
from wubu.errors import ArgumentError, UnknownNameError

X = np.random.default_rng(0).random((12, 4)).astype("float32")
Y = X.sum(1)


def model() -> Any:
    wubu.set_random_seed(1)
    made = wubu.Sequential([layers.Input((4,)), layers.Dense(1)])
    made.compile("sgd", "mse")
    return made


@pytest.mark.parametrize(
    ("made", "argument", "value", "note"),
    [
        (lambda: optimizers.SGD(lr=0.5), "learning_rate", 0.5, "learning_rate=0.5"),
        (lambda: layers.Dense(output_dim=3), "units", 3, "units=3"),
        (
            lambda: layers.Dense(3, init="zeros"),
            "kernel_initializer",
            "zeros",
            "kernel_initializer='zeros'",
        ),
        (
            lambda: layers.Embedding(5, 2, init="ones"),
            "embeddings_initializer",
            "ones",
            "embeddings_initializer='ones'",
        ),
        (
            lambda: layers.Conv2D(nb_filter=2, kernel_size=3, border_mode="same"),
            "padding",
            "same",
            "padding='same'",
        ),
        (
            lambda: layers.MaxPooling2D(dim_ordering="th"),
            "data_format",
            "channels_first",
            "data_format='channels_first'",
        ),
        (lambda: layers.Dropout(p=0.25), "rate", 0.25, "rate=0.25"),
        (lambda: layers.Dense(3, input_dim=4), "units", 3, "Input((4,)) in front"),
    ],
)
def test_a_note_names_the_present_spelling(
    made: Any, argument: str, value: Any, note: str, capsys: pytest.CaptureFixture
) -> None:
    assert made().get_config()[argument] == value
    captured = capsys.readouterr()
    assert "note: " in captured.err
    assert note in captured.err
    assert captured.out == ""


def test_decay_is_a_schedule(capsys: pytest.CaptureFixture) -> None:
    optimizer = optimizers.SGD(lr=0.1, decay=0.5, momentum=0.9)
    w = wubu.Variable(1.0)
    for step in range(3):
        assert optimizer.learning_rate.item() == pytest.approx(0.1 / (1 + 0.5 * step))
        optimizer.apply([np.float32(1.0)], [w])
    assert "learning_rate=InverseTimeDecay(...)" in capsys.readouterr().err
    assert optimizers.Adam(lr=0.1, decay=0.0).learning_rate.item() == np.float32(0.1)
    with pytest.raises(ArgumentError, match="InverseTimeDecay"):
        optimizers.SGD(decay=1e-6)


def test_the_shape_of_a_batch_in_front(capsys: pytest.CaptureFixture) -> None:
    made = wubu.Sequential([layers.Dense(2, batch_input_shape=(None, 4))])
    assert made.input_shape == (None, 4)
    assert "input_shape=(4,)" in capsys.readouterr().err


def test_names_that_a_layer_has_are_not_old() -> None:
    assert layers.Embedding(3, output_dim=2).output_dim == 2


def test_both_spellings_at_once_are_refused() -> None:
    with pytest.raises(ArgumentError, match="the same"):
        optimizers.SGD(lr=0.1, learning_rate=0.2)
    with pytest.raises(ArgumentError, match="epochs"):
        model().fit(X, Y, nb_epoch=1, epochs=2, verbose=0)


def test_an_unknown_argument_is_still_one() -> None:
    with pytest.raises(UnknownNameError, match="unit"):
        layers.Dense(unit=3)
    with pytest.raises(TypeError, match="epoch"):
        model().fit(X, Y, epoch=3)


# -- fit ------------------------------------------------------------------------------


def test_epochs(capsys: pytest.CaptureFixture) -> None:
    history = model().fit(X, Y, nb_epoch=3, workers=4, verbose=0)
    assert len(history.history["loss"]) == 3
    said = capsys.readouterr().err
    assert "fit(nb_epoch=...) is now written epochs=3" in said
    assert "fit(workers=...) is not needed any more" in said


def batches(size: int) -> Iterator[Any]:
    while True:
        for start in range(0, 12, size):
            yield X[start : start + size], Y[start : start + size]


def test_samples_of_an_epoch_become_steps(capsys: pytest.CaptureFixture) -> None:
    """Of a generator's batches of 4, 12 samples are 3: as often as each came."""
    found, wanted = model(), model()
    found.set_weights(wanted.get_weights())
    found.fit_generator(batches(4), samples_per_epoch=12, nb_epoch=2, verbose=0)
    said = capsys.readouterr().err
    assert "steps_per_epoch=3" in said
    assert "fit(generator, ...)" in said
    wanted.fit(batches(4), steps_per_epoch=3, epochs=2, verbose=0)
    for a, b in zip(found.get_weights(), wanted.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_of_arrays_too(capsys: pytest.CaptureFixture) -> None:
    model().fit(X, Y, batch_size=5, samples_per_epoch=12, verbose=0)
    assert "steps_per_epoch=3" in capsys.readouterr().err


def test_methods_that_are_gone_say_what_to_write(capsys: pytest.CaptureFixture) -> None:
    made = model()
    wanted = pytest.approx(made.evaluate(X, Y, verbose=0), rel=1e-6)
    assert made.evaluate_generator(batches(4), 3) == wanted
    np.testing.assert_allclose(
        made.predict_generator((x for x, _ in batches(4)), 3), made.predict(X), 1e-5
    )
    np.testing.assert_array_equal(
        made.predict_classes(X), (made.predict(X) > 0.5).astype(int)
    )
    several = wubu.Sequential([layers.Input((4,)), layers.Dense(3)])
    np.testing.assert_array_equal(
        several.predict_classes(X), several.predict(X).argmax(-1)
    )
    said = capsys.readouterr().err
    for name in ("evaluate(generator)", "predict(generator)", "argmax(axis=-1)"):
        assert name in said
