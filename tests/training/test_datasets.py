"""Datasets in `fit`, `evaluate` and `predict`: the same steps as from arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from wubu.data import Dataset
from wubu.errors import ArgumentError, DataError
from wubu.layers import Dense, Input
from wubu.models import Sequential
from wubu.training.feeds import ArrayFeed, StreamFeed, make_feed

X = np.random.default_rng(0).normal(size=(22, 3)).astype(np.float32)
Y = (X.sum(axis=1) > 0).astype(np.int64)


def model() -> Any:
    wubu.set_random_seed(1)
    made = Sequential([Input((3,)), Dense(2)])
    made.compile(
        wubu.optimizers.Adam(0.1),
        wubu.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    return made


def trained(*data: Any, **options: Any) -> tuple[list[float], list[np.ndarray]]:
    made = model()
    history = made.fit(*data, verbose=0, **{"epochs": 3} | options).history
    return history["loss"], made.get_weights()


def check_same(a: Any, b: Any) -> None:
    np.testing.assert_allclose(a[0], b[0], rtol=1e-6)
    for left, right in zip(a[1], b[1], strict=True):
        np.testing.assert_allclose(left, right, rtol=1e-5, atol=1e-6)


def one_by_one(dataset: Dataset, epochs: int) -> Any:
    """A generator of all batches of some epochs, one after the other."""
    return (batch for epoch in range(epochs) for batch in dataset.elements(epoch))


@pytest.mark.parametrize(
    ("change", "feed"),
    [
        (lambda d: d, ArrayFeed),
        (lambda d: d.cache(), ArrayFeed),
        (lambda d: d.map(lambda x, y: (x, y)).cache(), ArrayFeed),
        (lambda d: d.map(lambda x, y: (x, y)), StreamFeed),
        (lambda d: d.map(lambda x, y: (x, y), 2).prefetch(2), StreamFeed),
    ],
)
def test_every_way_trains_the_same(change, feed) -> None:
    dataset = change(Dataset.from_arrays(X, Y)).shuffle(seed=7).batch(4)
    assert isinstance(make_feed(dataset), feed)
    plain = Dataset.from_arrays(X, Y).shuffle(seed=7).batch(4)
    check_same(trained(dataset), trained(one_by_one(plain, 3), steps_per_epoch=6))


@pytest.mark.parametrize("mapped", [False, True])
def test_steps_go_round_the_data_and_a_run_is_taken_up_again(mapped) -> None:
    dataset = Dataset.from_arrays(X, Y).shuffle(seed=7)
    if mapped:
        dataset = dataset.map(lambda x, y: (x, y))
    batched = dataset.batch(4)
    wanted = trained(one_by_one(batched, 3), steps_per_epoch=4)
    check_same(trained(batched, steps_per_epoch=4), wanted)
    check_same(trained(batched.repeat(), steps_per_epoch=4), wanted)
    whole, resumed = model(), model()
    whole.fit(batched, epochs=3, verbose=0)
    resumed.fit(batched, epochs=2, verbose=0)
    resumed.fit(batched, epochs=3, initial_epoch=2, verbose=0)
    for a, b in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_samples_without_batches_are_batched_and_shuffled_as_arrays_are() -> None:
    dataset = Dataset.from_arrays(X, Y)
    check_same(trained(dataset, batch_size=5), trained(X, Y, batch_size=5))
    check_same(
        trained(dataset, batch_size=5, shuffle=False),
        trained(X, Y, batch_size=5, shuffle=False),
    )


def test_class_weights_and_sample_weights() -> None:
    weights = np.where(Y == 1, 3.0, 1.0)
    plain = trained(X, Y, batch_size=4, shuffle=False, sample_weight=weights)
    for dataset in [
        Dataset.from_arrays(X, Y, weights),
        Dataset.from_arrays(X, Y, weights).map(lambda x, y, w: (x, y, w)),
    ]:
        check_same(trained(dataset.batch(4)), plain)
    weighted = {"class_weight": {0: 1.0, 1: 3.0}}
    for dataset in [
        Dataset.from_arrays(X, Y),
        Dataset.from_arrays(X, Y).map(lambda x, y: (x, y)),
    ]:
        check_same(trained(dataset.batch(4), **weighted), plain)


def test_validating_evaluating_and_predicting() -> None:
    made = model()
    dataset = Dataset.from_arrays(X, Y)
    train, held = dataset.split(0.7, stratify=True, seed=1)
    history = made.fit(train.batch(4), validation_data=held.batch(4), verbose=0).history
    x, y = held.batch(len(held))[0]
    found = made.evaluate(x, y, verbose=0)
    assert history["val_loss"][0] == pytest.approx(found[0])
    assert made.evaluate(held.batch(3), verbose=0) == pytest.approx(found)
    mapped = held.map(lambda x, y: (x, y)).batch(3)
    assert made.evaluate(mapped, verbose=0) == pytest.approx(found)
    inputs = held.map(lambda x, y: x)
    np.testing.assert_allclose(
        made.predict(inputs.batch(3)), made.predict(x), rtol=1e-5, atol=1e-6
    )


def test_a_generator_in_fit() -> None:
    def samples() -> Any:
        yield from zip(X, Y, strict=True)

    dataset = Dataset.from_generator(samples).batch(4)
    check_same(trained(dataset), trained(X, Y, batch_size=4, shuffle=False))


def test_what_does_not_fit_together_is_refused() -> None:
    dataset = Dataset.from_arrays(X, Y).batch(4)
    made = model()
    with pytest.raises(ArgumentError, match="y cannot be given beside"):
        made.fit(dataset, Y, verbose=0)
    with pytest.warns(UserWarning, match="batch_size is not used"):
        made.fit(dataset, batch_size=3, verbose=0)
    with pytest.raises(ArgumentError) as caught:
        made.fit(dataset, validation_split=0.2, verbose=0)
    assert "dataset.split(0.8)" in str(caught.value)
    endless = Dataset.from_arrays(X, Y).map(lambda x, y: (x, y)).batch(4).repeat()
    with pytest.raises(ArgumentError, match="no epochs"):
        made.fit(endless, verbose=0)


def test_samples_at_fault_are_named() -> None:
    x = X.copy()
    x[9, 1] = np.nan
    with pytest.raises(DataError, match="sample 9 of x"):
        model().fit(Dataset.from_arrays(x, Y).batch(4), verbose=0)
    with pytest.raises(DataError) as caught:
        mapped = Dataset.from_arrays(x, Y).map(lambda x, y: (x, y))
        model().fit(mapped.batch(4), verbose=0)
    assert "batch 2 of epoch 0: sample 1 of x" in str(caught.value)
