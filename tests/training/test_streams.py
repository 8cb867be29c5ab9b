"""Training on generators, sequences and other things that yield batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from training.small import Line, bits, data, labels, line
from wubu.errors import DataError

X, Y = data(10)
ROWS = [slice(0, 4), slice(4, 8), slice(8, 10)]


class Sequence:
    """As `keras.utils.PyDataset`: a length, and a batch by its number."""

    def __len__(self) -> int:
        return len(ROWS)

    def __getitem__(self, index: int) -> Any:
        return X[ROWS[index]], Y[ROWS[index]]


class Again:
    """Starts anew whenever it is iterated."""

    def __iter__(self) -> Iterator[Any]:
        return iter([(X[r], Y[r]) for r in ROWS])


def for_ever() -> Iterator[Any]:
    while True:
        yield from Again()


@pytest.mark.parametrize("source", [Sequence, Again])
def test_a_source_that_starts_anew_is_like_arrays(source: Any) -> None:
    model, other = line(), line()
    byhand = Line(model)
    wanted = [byhand.epoch(X, Y, 4) for _ in range(2)]
    history = model.fit(source(), epochs=2, verbose=0).history
    np.testing.assert_allclose(history["loss"], wanted, rtol=1e-5)
    byhand.assert_like(model)
    other.fit(X, Y, 4, epochs=2, shuffle=False, verbose=0)
    byhand.assert_like(other)


def test_an_endless_generator_with_steps_per_epoch() -> None:
    model = line()
    byhand = Line(model)
    for number in range(8):
        rows = ROWS[number % 3]
        byhand.step(X[rows], Y[rows])
    history = model.fit(for_ever(), steps_per_epoch=4, epochs=2, verbose=0)
    assert len(history.history["loss"]) == 2
    byhand.assert_like(model)


def test_validation_and_evaluation_on_streams() -> None:
    model = line(0.0)
    wanted = Line(model).losses(X, Y).mean()
    history = model.fit(X, Y, epochs=2, validation_data=Sequence(), verbose=0).history
    np.testing.assert_allclose(history["val_loss"], [wanted] * 2, rtol=1e-5)
    history = model.fit(
        X, Y, epochs=2, validation_data=for_ever(), validation_steps=3, verbose=0
    ).history
    np.testing.assert_allclose(history["val_loss"], [wanted] * 2, rtol=1e-5)
    for source, steps in ((Again(), None), (for_ever(), 3)):
        found = model.evaluate(source, steps=steps, verbose=0)
        np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_predicting_ignores_targets() -> None:
    model = line()
    np.testing.assert_array_equal(model.predict(Sequence()), model.predict(X, 4))
    assert model.predict(for_ever(), steps=2).shape == (8, 1)


def test_sample_weights_in_batches() -> None:
    weight = np.linspace(0, 2, 10)
    model = line()
    byhand = Line(model)
    byhand.epoch(X, Y, 4, weight)
    model.fit(iter([(X[r], Y[r], weight[r]) for r in ROWS]), verbose=0)
    byhand.assert_like(model)


def test_several_inputs_in_batches() -> None:
    from wubu import Model, layers

    a, b = layers.Input((3,), name="a"), layers.Input((3,), name="b")
    model = Model([a, b], layers.Dense(1)(a + b))
    model.compile("sgd", "mse")
    model.fit(iter([((X, X), Y)] * 2), verbose=0)
    model.fit(iter([({"b": X, "a": X}, Y)] * 2), verbose=0)


def test_a_generator_that_ends_is_one_epoch() -> None:
    model = line()
    assert len(model.fit(iter(Again()), verbose=0).history["loss"]) == 1
    with pytest.raises(DataError, match="ran out of batches in epoch 1") as caught:
        model.fit(iter(Again()), epochs=2, verbose=0)
    assert "while True" in str(caught.value)
    with pytest.raises(DataError, match="ran out of batches in epoch 0") as caught:
        model.fit(iter(Again()), steps_per_epoch=4, verbose=0)
    assert caught.value.got == "3 batches in this epoch"
    with pytest.raises(DataError, match="no batches"):
        model.fit(iter(()), verbose=0)


def test_a_bad_batch_is_named_and_its_step_not_made() -> None:
    def source(bad: Any) -> Iterator[Any]:
        yield X[:4], Y[:4]
        yield bad

    nan = X[4:8].copy()
    nan[2, 1] = np.nan
    good, model = line(), line()
    good.fit(source((X[4:8], Y[4:8])), steps_per_epoch=1, verbose=0)
    with pytest.raises(DataError, match="batch 1 of epoch 0: sample 2 of x holds NaN"):
        model.fit(source((nan, Y[4:8])), verbose=0)
    assert bits(model) == bits(good)
    with pytest.raises(DataError, match="batch 1 of epoch 0 has another form"):
        line().fit(source(X), verbose=0)


def test_a_bad_label_in_a_later_batch_is_named() -> None:
    model = line(units=3, loss="sparse_categorical_crossentropy")
    batches = [(X, labels()), (X, labels() + 1)]
    with pytest.raises(DataError) as caught:
        model.fit(iter(batches), verbose=0)
    assert str(caught.value.where).startswith("batch 1 of epoch 0, y, sample ")
    assert model.optimizer.iterations.item() == 1


def test_a_bad_first_batch_changes_nothing() -> None:
    model = line()
    before = bits(model)
    with pytest.raises(DataError, match="batch 0 of epoch 0"):
        model.fit(iter([(X, Y[:3])]), verbose=0)
    assert bits(model) == before
