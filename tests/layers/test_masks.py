"""Masks go from the layer that makes them to layers, losses and metrics that follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import Model, Sequential, losses, metrics
from wubu.core.masks import mask_of, set_mask
from wubu.layers import (
    LSTM,
    Activation,
    Dense,
    Dropout,
    Embedding,
    Flatten,
    Input,
    Layer,
    Softmax,
)

WORDS = np.array([[3, 4, 0, 0], [5, 0, 1, 2]])
KEPT = WORDS != 0


class Seen(Layer):
    """Keeps the mask it is given, and passes it on."""

    supports_masking = True

    def call(self, x: Any, mask: Any = None) -> Any:
        self.mask = mask
        return x


class Through(Layer):
    """Layers in a row, called in Python."""

    def __init__(self, *layers: Layer) -> None:
        super().__init__()
        self.inner = list(layers)

    def call(self, x: Any) -> Any:
        for layer in self.inner:
            x = layer(x)
        return x


def functional(*layers: Layer) -> Any:
    x = y = Input((4,), dtype="int64")
    for layer in layers:
        y = layer(y)
    return Model(x, y)


def sequential(*layers: Layer) -> Any:
    return Sequential([Input((4,), dtype="int64"), *layers])


def nested(*layers: Layer) -> Any:
    """The first layer in front of a model of the others."""
    first, *rest = layers
    return Through(first, Sequential(rest))


def one_by_one(*layers: Layer) -> Callable[[Any], Any]:
    def call(x: Any) -> Any:
        for layer in layers:
            x = layer(x)
        return x

    return call


def mask_array(tensor: Any) -> np.ndarray:
    """The mask of a tensor that has one."""
    mask = mask_of(tensor)
    assert mask is not None
    return mask.numpy()


WAYS = [Through, functional, sequential, nested, one_by_one]


@pytest.mark.parametrize("way", WAYS)
def test_a_mask_reaches_a_later_layer_and_the_output(way: Any) -> None:
    seen = Seen()
    between = [Dense(3), Activation("tanh"), Dropout(0.5)]
    network = way(Embedding(9, 2, mask_zero=True), *between, seen)
    found = network(WORDS)
    np.testing.assert_array_equal(seen.mask.numpy(), KEPT)
    np.testing.assert_array_equal(mask_array(found), KEPT)


@pytest.mark.parametrize("executor", ["numpy", "native"])
def test_a_compiled_call_sees_the_mask(executor: str) -> None:
    embedding, lstm = Embedding(9, 2, mask_zero=True), LSTM(3)
    model = sequential(embedding, Dense(2), lstm)
    found = wubu.jit(model, executor=executor)(WORDS)
    wanted = Sequential(model.layers)(WORDS[:1, :2]).detach().numpy()
    np.testing.assert_allclose(found.numpy()[:1], wanted, 1e-5)


def test_a_sequence_that_ends_has_no_mask() -> None:
    embedding = Embedding(9, 2, mask_zero=True)
    assert mask_of(LSTM(3)(embedding(WORDS))) is None
    assert mask_of(sequential(embedding, LSTM(3), Dense(1))(WORDS)) is None


def test_a_layer_that_does_not_say_ends_the_mask_with_a_warning() -> None:
    embedding = Embedding(9, 2, mask_zero=True)
    with pytest.warns(
        UserWarning, match='layer "flat" \\(Flatten\\) was given'
    ) as said:
        found = Flatten(name="flat")(embedding(WORDS))
    assert mask_of(found) is None
    assert "supports_masking = True" in str(said[0].message)


def test_a_layer_may_say_it_when_it_is_made() -> None:
    class Twice(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.supports_masking = True

        def call(self, x: Any) -> Any:
            return x * 2

    found = Twice()(Embedding(9, 2, mask_zero=True)(WORDS))
    np.testing.assert_array_equal(mask_array(found), KEPT)


def test_a_layer_of_several_outputs_may_mask_each() -> None:
    class Halves(Layer):
        def call(self, x: Any) -> Any:
            return x[:, :2], x[:, 2:]

        def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
            return [None if mask is None else m for m in (mask[:, :2], mask[:, 2:])]

    first, second = Halves()(Embedding(9, 2, mask_zero=True)(WORDS))
    np.testing.assert_array_equal(mask_array(first), KEPT[:, :2])
    np.testing.assert_array_equal(mask_array(second), KEPT[:, 2:])


@pytest.mark.parametrize("way", [functional, sequential])
def test_a_mask_given_to_a_model_is_for_the_layers_inside(way: Any) -> None:
    seen = Seen()
    model = way(Embedding(9, 2), seen)
    x = wubu.tensor(WORDS)
    embedded = Embedding(9, 2)(x)
    inner = Sequential([Input((4, 2)), Dropout(0.5), seen])
    found = inner(embedded, mask=KEPT)
    np.testing.assert_array_equal(seen.mask.numpy(), KEPT)
    np.testing.assert_array_equal(mask_array(found), KEPT)
    assert mask_of(embedded) is None  # what is the caller's stays as it was
    model(x)
    assert seen.mask is None


def test_a_mask_given_goes_before_the_one_that_came() -> None:
    lstm = LSTM(3)
    x = Embedding(9, 2, mask_zero=True)(WORDS)
    other = np.array([[True, True, True, False]] * 2)
    found = lstm(x, mask=other).detach().numpy()
    np.testing.assert_allclose(found, lstm(x[:, :3]).detach().numpy(), 1e-5)


def test_arguments_have_masks_by_their_names() -> None:
    class Pair(Layer):
        def call(self, query: Any, value: Any, value_mask: Any = None) -> Any:
            self.seen = value_mask
            return query

    pair = Pair()
    x = Embedding(9, 2, mask_zero=True)(WORDS)
    pair(x.detach(), x)
    np.testing.assert_array_equal(pair.seen.numpy(), KEPT)
    pair(x, value=x)
    np.testing.assert_array_equal(pair.seen.numpy(), KEPT)


def test_softmax_leaves_masked_places_out() -> None:
    x = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    mask = np.array([[True, True, False], [False, False, False]])
    shares = np.exp([1.0, 2.0]) / np.exp([1.0, 2.0]).sum()
    found = Softmax(dtype="float64")(x, mask=mask)
    np.testing.assert_allclose(found.numpy(), [[*shares, 0], [0, 0, 0]], 1e-12)


def test_softmax_of_features_passes_the_mask_of_times_on() -> None:
    embedded = Embedding(9, 3, mask_zero=True)(WORDS)
    found = Softmax()(embedded)
    np.testing.assert_allclose(found.detach().numpy().sum(-1), 1.0, 1e-6)
    np.testing.assert_array_equal(mask_array(found), KEPT)
    over_time = Softmax(axis=1)(embedded).detach().numpy()
    assert (over_time[~KEPT] == 0).all()
    np.testing.assert_allclose(over_time.sum(1), 1.0, 1e-6)


# -- losses and metrics ---------------------------------------------------------------


def with_mask(values: Any, mask: Any) -> wubu.Tensor:
    tensor = wubu.tensor(np.array(values, "float32"))
    set_mask(tensor, wubu.tensor(mask))
    return tensor


P = np.array([[[1.0], [2.0], [9.0]], [[3.0], [9.0], [9.0]]])
MASK = np.array([[True, True, False], [True, False, False]])
SQUARES = np.array([1.0, 4.0, 9.0])  # of what is not masked


@pytest.mark.parametrize(
    ("reduction", "weights", "wanted"),
    [
        ("sum_over_batch_size", None, SQUARES.mean()),
        ("mean", None, SQUARES.mean()),
        ("sum", None, SQUARES.sum()),
        ("mean_with_sample_weight", [1.0, 3.0], (1 + 4 + 3 * 9) / 5),
        ("sum_over_batch_size", [1.0, 3.0], (1 + 4 + 3 * 9) / 3),
        ("none", None, np.array([[1, 4, 0], [9, 0, 0]])),
    ],
)
def test_a_loss_counts_what_is_not_masked(
    reduction: str, weights: Any, wanted: Any
) -> None:
    loss = losses.MeanSquaredError(reduction=reduction)
    found = loss(np.zeros_like(P), with_mask(P, MASK), sample_weight=weights)
    np.testing.assert_allclose(found.numpy(), wanted, 1e-6)


def test_a_mask_and_an_ignored_class_both_count() -> None:
    loss = losses.SparseCategoricalCrossentropy(ignore_class=0)
    p = np.full((2, 3, 2), 0.5)
    p[0, 0] = [0.2, 0.8]
    found = loss([[1, 0, 1], [1, 1, 1]], with_mask(p, MASK))
    np.testing.assert_allclose(found.numpy(), -np.log([0.8, 0.5]).mean(), 1e-5)


def test_nothing_but_padding_is_a_loss_of_0() -> None:
    found = losses.MeanSquaredError()(P, with_mask(P + 1, MASK & False))
    assert float(found) == 0.0


@pytest.mark.parametrize("weights", [None, [1.0, 3.0]])
def test_a_metric_counts_what_is_not_masked(weights: Any) -> None:
    metric = metrics.MeanSquaredError()
    metric.update_state(np.zeros_like(P), with_mask(P, MASK), sample_weight=weights)
    w = [1, 1, 1] if weights is None else [1, 1, 3]
    np.testing.assert_allclose(metric.result().numpy(), np.average(SQUARES, weights=w))


def test_fit_and_evaluate_are_deaf_to_padding() -> None:
    """What stands in targets where the words are padding changes nothing."""
    random = np.random.default_rng(0)
    y = random.normal(size=(2, 4, 1)).astype("float32")
    spoiled = np.where(KEPT[..., None], y, 1000.0).astype("float32")
    logs, values = [], []
    for targets in (y, spoiled):
        wubu.set_random_seed(1)
        model = sequential(
            Embedding(9, 2, mask_zero=True), LSTM(3, return_sequences=True), Dense(1)
        )
        model.compile("sgd", "mse", metrics=["mae"], weighted_metrics=["mse"])
        history = model.fit(WORDS, targets, epochs=2, verbose=0)
        logs.append(history.history | model.evaluate(
            WORDS, targets, verbose=0, return_dict=True))  # fmt: skip
        values.append([w.numpy() for w in model.weights])
        kept = model.predict(WORDS, verbose=0)[KEPT] - y[KEPT]
    assert logs[0] == logs[1]
    for a, b in zip(*values, strict=True):
        np.testing.assert_array_equal(a, b)
    np.testing.assert_allclose(logs[1]["loss"], np.mean(kept**2), 1e-5)
    np.testing.assert_allclose(logs[1]["mae"], np.mean(abs(kept)), 1e-5)
