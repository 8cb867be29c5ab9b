"""`fit`: what it learns and what it reports, against gradient descent by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from training.small import Line, bits, data, deep, labels, line
from wubu import Model, Sequential, layers, optimizers
from wubu.training.steps import as_data


def close(found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


# -- loss and history ------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 4, 5, 10, 64])
def test_learns_and_reports_as_by_hand(size: int) -> None:
    """Batches of 1, with a short last one, even ones, and one larger than the data."""
    x, y = data()
    model = line()
    byhand = Line(model)
    wanted = [byhand.epoch(x, y, size) for _ in range(3)]
    history = model.fit(x, y, batch_size=size, epochs=3, shuffle=False, verbose=0)
    close(history.history["loss"], wanted)
    byhand.assert_like(model)
    assert history.epoch == [0, 1, 2]
    assert history is model.history
    assert all(isinstance(v, float) for v in history.history["loss"])


def test_batches_of_32_by_default() -> None:
    x, y = data(70)
    model = line()
    byhand = Line(model)
    byhand.epoch(x, y, 32)
    model.fit(x, y, shuffle=False, verbose=0)
    byhand.assert_like(model)


def test_history_has_a_list_for_every_number() -> None:
    x, y = data()
    history = line(metrics=["mae", "mse"]).fit(
        x, y, epochs=2, validation_data=(x, y), verbose=0
    )
    names = ["loss", "mae", "mse", "val_loss", "val_mae", "val_mse"]
    assert list(history.history) == names
    assert all(len(values) == 2 for values in history.history.values())


def test_metrics_average_over_samples_not_batches() -> None:
    x, y = data(10)
    model = line(0.0, metrics=["mae"])
    error = np.abs(model.predict(x) - y)
    history = model.fit(x, y, batch_size=4, verbose=0)
    close(history.history["mae"], [error.mean()])


def test_shuffling_changes_the_batches_and_not_the_samples() -> None:
    x, y = data(12)
    model = line(0.0)
    wanted = Line(model).losses(x, y).mean()
    close(model.fit(x, y, batch_size=5, verbose=0).history["loss"], [wanted])


def test_no_epochs_change_nothing() -> None:
    x, y = data()
    model = line()
    before = model.get_weights()
    history = model.fit(x, y, epochs=0, verbose=0)
    assert history.history == {}
    for found, wanted in zip(model.get_weights(), before, strict=True):
        assert np.array_equal(found, wanted)


def test_initial_epoch_counts_on() -> None:
    x, y = data()
    history = line().fit(x, y, initial_epoch=2, epochs=5, verbose=0)
    assert history.epoch == [2, 3, 4]
    assert len(history.history["loss"]) == 3


def test_fitting_again_starts_a_new_history() -> None:
    x, y = data()
    model = line()
    first = model.fit(x, y, epochs=2, verbose=0)
    second = model.fit(x, y, epochs=1, verbose=0)
    assert len(first.history["loss"]) == 2
    assert len(second.history["loss"]) == 1


# -- validation ------------------------------------------------------------------------


def test_validation_split_keeps_the_last_samples_before_shuffling() -> None:
    x, y = data(10)
    model = line(0.0)
    losses = Line(model).losses(x, y)
    history = model.fit(x, y, validation_split=0.3, verbose=0).history
    close(history["loss"], [losses[:7].mean()])
    close(history["val_loss"], [losses[7:].mean()])


def test_validation_split_splits_sample_weights_too() -> None:
    x, y = data(10)
    weight = np.linspace(0, 2, 10)
    model = line(0.0)
    losses = Line(model).losses(x, y) * weight
    history = model.fit(
        x, y, sample_weight=weight, validation_split=0.5, verbose=0
    ).history
    close(history["loss"], [losses[:5].mean()])
    close(history["val_loss"], [losses[5:].mean()])


def test_validation_data_with_weights_and_a_batch_size_of_its_own() -> None:
    x, y = data(10)
    weight = np.linspace(0, 2, 10)
    model = line(0.0)
    losses = Line(model).losses(x, y) * weight
    for validation in ((x, y, weight), [x, y, weight], iter([(x, y, weight)])):
        history = model.fit(
            x, y, validation_data=validation, validation_batch_size=3, verbose=0
        ).history
        close(history["val_loss"], [losses.mean()])


def test_validation_data_win_over_validation_split() -> None:
    x, y = data(10)
    model = line(0.0)
    losses = Line(model).losses(x, y)
    history = model.fit(
        x, y, validation_split=0.5, validation_data=(x[:2], y[:2]), verbose=0
    ).history
    close(history["loss"], [losses.mean()])
    close(history["val_loss"], [losses[:2].mean()])


def test_validation_steps_end_validation_early() -> None:
    x, y = data(10)
    model = line(0.0)
    losses = Line(model).losses(x, y)
    history = model.fit(
        x,
        y,
        validation_data=(x, y),
        validation_batch_size=2,
        validation_steps=2,
        epochs=2,
        verbose=0,
    ).history
    close(history["val_loss"], [losses[:4].mean()] * 2)


@pytest.mark.parametrize(
    ("freq", "times"), [(1, 4), (2, 2), (3, 1), ([1, 4], 2), ({2}, 1)]
)
def test_validation_freq(freq: Any, times: int) -> None:
    x, y = data()
    history = line().fit(
        x, y, epochs=4, validation_data=(x, y), validation_freq=freq, verbose=0
    )
    assert len(history.history["val_loss"]) == times
    assert len(history.history["loss"]) == 4


# -- steps -----------------------------------------------------------------------------


def test_steps_per_epoch_go_on_where_the_last_epoch_ended() -> None:
    """Epochs of 3 steps over data of 4 batches: 0 1 2, 3 0 1, 2 3 0."""
    x, y = data(10)
    model = line()
    byhand = Line(model)
    wanted = []
    for epoch in ([0, 1, 2], [3, 0, 1], [2, 3, 0]):
        rows = [slice(3 * i, 3 * i + 3) for i in epoch]
        found = [(byhand.step(x[r], y[r]), len(x[r])) for r in rows]
        wanted.append(sum(a * n for a, n in found) / sum(n for _, n in found))
    history = model.fit(
        x, y, batch_size=3, steps_per_epoch=3, epochs=3, shuffle=False, verbose=0
    )
    close(history.history["loss"], wanted)
    byhand.assert_like(model)


def test_steps_per_epoch_may_be_more_than_the_data_have() -> None:
    x, y = data(4)
    model = line()
    byhand = Line(model)
    for rows in (slice(0, 3), slice(3, 4)) * 2:
        byhand.step(x[rows], y[rows])
    model.fit(x, y, batch_size=3, steps_per_epoch=4, shuffle=False, verbose=0)
    byhand.assert_like(model)


def test_shuffled_rounds_see_every_sample_once() -> None:
    x, y = data(8)
    model = line(0.0)
    losses = Line(model).losses(x, y)
    found = model.fit(x, y, batch_size=2, steps_per_epoch=2, epochs=4, verbose=0)
    first, second, third, fourth = found.history["loss"]
    close((first + second) / 2, losses.mean())
    close((third + fourth) / 2, losses.mean())


# -- weights ---------------------------------------------------------------------------


def test_sample_weights_multiply_the_losses_and_not_the_count() -> None:
    x, y = data(10)
    weight = np.linspace(0.0, 3.0, 10)
    model = line()
    byhand = Line(model)
    wanted = [byhand.epoch(x, y, 4, weight) for _ in range(2)]
    history = model.fit(
        x, y, 4, epochs=2, sample_weight=weight, shuffle=False, verbose=0
    )
    close(history.history["loss"], wanted)
    byhand.assert_like(model)


def test_plain_metrics_ignore_sample_weights_and_weighted_ones_divide_by_them() -> None:
    x, y = data(10)
    weight = np.linspace(0.0, 3.0, 10)
    model = line(0.0, metrics=["mae"], weighted_metrics=["mse"])
    error = model.predict(x)[:, 0] - y[:, 0]
    history = model.fit(x, y, 4, sample_weight=weight, verbose=0).history
    close(history["mae"], [np.abs(error).mean()])
    close(history["mse"], [(weight * error**2).sum() / weight.sum()])


def classifier(rate: float = 0.0) -> Any:
    return line(rate, units=3, loss=wubu.losses.SparseCategoricalCrossentropy(True))


def crossentropies(model: Any, x: Any, y: Any) -> np.ndarray:
    logits = model.predict(x).astype("float64")
    return np.log(np.exp(logits).sum(axis=1)) - logits[np.arange(len(y)), y]


@pytest.mark.parametrize("dtype", ["int64", "uint8", "int32", "float32"])
def test_class_weights_are_sample_weights_by_class(dtype: str) -> None:
    x, _ = data(20)
    y = labels(20)
    model = classifier()
    wanted = (crossentropies(model, x, y) * np.array([1.0, 4.0, 0.5])[y]).mean()
    history = model.fit(x, y.astype(dtype), class_weight={1: 4.0, 2: 0.5}, verbose=0)
    close(history.history["loss"], [wanted])
    given = np.linspace(0, 1, 20)
    weights = given * np.array([1.0, 4.0, 0.5])[y]
    history = model.fit(
        x, y, sample_weight=given, class_weight={1: 4.0, 2: 0.5}, verbose=0
    )
    close(history.history["loss"], [(crossentropies(model, x, y) * weights).mean()])


def test_class_weights_of_columns_one_hot_rows_streams_and_single_batches() -> None:
    x, _ = data(20)
    y = labels(20)
    model = classifier()
    wanted = (crossentropies(model, x, y) * np.array([2.0, 1.0, 1.0])[y]).mean()
    weight = {0: 2.0}
    close(model.train_on_batch(x, y, class_weight=weight), wanted)
    for source in ((x, y[:, None]), (iter([(x, y)]),)):
        found = model.fit(*source, class_weight=weight, verbose=0)
        close(found.history["loss"], [wanted])
    model.compile(optimizers.SGD(0.0), wubu.losses.CategoricalCrossentropy(True))
    found = model.fit(x, np.eye(3)[y], class_weight=weight, verbose=0)
    close(found.history["loss"], [wanted])


# -- penalties -------------------------------------------------------------------------


class Adding(layers.Layer):
    """Adds the mean of its input to the loss."""

    def call(self, inputs: Any) -> Any:
        self.add_loss(inputs.mean())
        return inputs


@pytest.mark.parametrize("eagerly", [False, True])
def test_penalties_count_once_and_are_in_the_loss(eagerly: bool) -> None:
    x, y = data(8)
    model = Sequential(
        [
            layers.Input((3,)),
            Adding(),
            layers.Dense(
                1,
                kernel_regularizer=wubu.regularizers.L2(0.1),
                bias_regularizer=wubu.regularizers.L1(0.2),
                activity_regularizer=wubu.regularizers.L2(0.3),
            ),
        ]
    )
    model.set_weights([np.array([[1.0], [-2.0], [0.5]]), np.array([0.7])])
    model.compile(optimizers.SGD(0.0), "mse", run_eagerly=eagerly)
    outputs = model.predict(x)

    def penalty(rows: slice) -> float:
        return (
            0.1 * (1 + 4 + 0.25)
            + 0.2 * 0.7
            + 0.3 * (outputs[rows] ** 2).sum() / 4  # a mean over the samples
            + x[rows].mean()
        )

    halves = [slice(0, 4), slice(4, 8)]
    wanted = [((outputs[r] - y[r]) ** 2).mean() + penalty(r) for r in halves]
    history = model.fit(x, y, batch_size=4, epochs=2, shuffle=False, verbose=0)
    close(history.history["loss"], [np.mean(wanted)] * 2)
    close(model.evaluate(x, y, batch_size=4, verbose=0), np.mean(wanted))


def test_an_added_loss_is_enough() -> None:
    x, _ = data(8)
    model = Sequential([layers.Input((3,)), layers.Dense(2), Adding()])
    model.compile(optimizers.SGD(0.5))
    before = model.get_weights()
    model.fit(x, shuffle=False, verbose=0)
    kernel, bias = model.get_weights()
    close(before[1] - bias, np.full(2, 0.5 / 2))
    close(before[0] - kernel, 0.5 * np.repeat(x.mean(axis=0)[:, None], 2, 1) / 2)


# -- several inputs and outputs --------------------------------------------------------


def two(named: bool = False) -> Model:
    """Inputs left (2,) and right (1,); outputs a of both and b of the right."""
    left, right = layers.Input((2,), name="left"), layers.Input((1,), name="right")
    both = layers.Concatenate()([left, right])
    a, b = layers.Dense(2, name="a")(both), layers.Dense(1, name="b")(right)
    return Model([left, right], {"a": a, "b": b} if named else [a, b])


def halves(samples: int = 8) -> tuple[Any, Any, Any, Any]:
    x, a = data(samples, units=2)
    return x[:, :2], x[:, 2:], a, data(samples, seed=5)[1]


@pytest.mark.parametrize("named_inputs", [False, True])
@pytest.mark.parametrize("named_targets", [False, True])
@pytest.mark.parametrize("named_outputs", [False, True])
def test_several_inputs_and_outputs(
    named_inputs: bool, named_targets: bool, named_outputs: bool
) -> None:
    left, right, a, b = halves()
    model = two(named_outputs)
    model.compile(
        optimizers.SGD(0.0),
        {"a": "mse", "b": "mae"},
        loss_weights={"a": 0.5, "b": 2.0},
        metrics={"a": ["mae"], "b": ["mse", "mae"]},
    )
    x = {"right": right, "left": left} if named_inputs else [left, right]
    y = {"b": b, "a": a} if named_targets else [a, b]
    outputs = model.predict(x)
    found = outputs if named_outputs else dict(zip("ab", outputs, strict=True))
    error_a, error_b = found["a"] - a, found["b"] - b
    wanted = {
        "loss": 0.5 * (error_a**2).mean() + 2.0 * np.abs(error_b).mean(),
        "a_loss": (error_a**2).mean(),
        "b_loss": np.abs(error_b).mean(),
        "a_mae": np.abs(error_a).mean(),
        "b_mse": (error_b**2).mean(),
        "b_mae": np.abs(error_b).mean(),
    }
    history = model.fit(x, y, batch_size=3, validation_data=(x, y), verbose=0).history
    for name, value in wanted.items():
        close(history[name], [value])
        close(history[f"val_{name}"], [value])
    logs = model.evaluate(x, y, batch_size=3, verbose=0, return_dict=True)
    assert list(logs) == list(wanted)
    close(list(logs.values()), list(wanted.values()))
    close(model.evaluate(x, y, batch_size=3, verbose=0), list(wanted.values()))
    assert model.metrics_names == list(wanted)


@pytest.mark.parametrize(
    ("loss", "loss_weights", "metrics"),
    [
        (["mse", "mse"], [1.0, 3.0], [["mae"], ["mae"]]),
        ("mse", {"b": 3.0}, ["mae", "mae"]),
        ({"a": "mse", "b": "mse"}, [1, 3], {"a": "mae", "b": "mae"}),
    ],
)
def test_losses_weights_and_metrics_in_all_forms(
    loss: Any, loss_weights: Any, metrics: Any
) -> None:
    left, right, a, b = halves()
    model = two()
    model.compile(optimizers.SGD(0.0), loss, loss_weights, metrics)
    found_a, found_b = model.predict([left, right])
    logs = model.evaluate([left, right], [a, b], verbose=0, return_dict=True)
    mse_a, mse_b = ((found_a - a) ** 2).mean(), ((found_b - b) ** 2).mean()
    close(logs["loss"], mse_a + 3 * mse_b)
    close(logs["a_mae"], np.abs(found_a - a).mean())
    close(logs["b_mae"], np.abs(found_b - b).mean())


def test_an_output_without_loss_needs_no_target() -> None:
    left, right, a, _ = halves()
    model = two()
    model.compile("sgd", {"a": "mse"})
    with pytest.warns(UserWarning, match="does not depend on"):
        history = model.fit([left, right], {"a": a}, verbose=0).history
    close(history["loss"], history["a_loss"])


def test_sample_weights_for_each_output() -> None:
    left, right, a, b = halves()
    weight_a, weight_b = np.linspace(0, 1, 8), np.linspace(2, 0, 8)
    model = two()
    model.compile(optimizers.SGD(0.0), "mse")
    found_a, found_b = model.predict([left, right])
    loss_a = ((found_a - a) ** 2).mean(axis=1)
    loss_b = ((found_b - b) ** 2).mean(axis=1)
    for weights in ([weight_a, weight_b], {"b": weight_b, "a": weight_a}):
        found = model.evaluate(
            [left, right], [a, b], sample_weight=weights, verbose=0, return_dict=True
        )
        close(found["loss"], (weight_a * loss_a + weight_b * loss_b).mean())
    found = model.evaluate(
        [left, right], [a, b], sample_weight=weight_a, verbose=0, return_dict=True
    )
    close(found["loss"], (weight_a * (loss_a + loss_b)).mean())


# -- losses and metrics of the user's own ----------------------------------------------


def test_own_loss_functions_and_metrics() -> None:
    def fourth(y_true: Any, y_pred: Any) -> Any:
        return ((y_pred - y_true) ** 4).mean(axis=-1)

    def one_number(y_true: Any, y_pred: Any) -> Any:
        return ((y_pred - y_true) ** 4).mean()

    x, y = data(10)
    for loss in (fourth, one_number):
        model = line(0.0, loss=loss, metrics=[fourth])
        wanted = ((model.predict(x) - y) ** 4).mean()
        history = model.fit(x, y, verbose=0).history
        close(history["loss"], [wanted])
        close(history["fourth"], [wanted])


def test_metrics_of_one_name_are_told_apart() -> None:
    x, y = data(10)
    own = wubu.metrics.MeanSquaredError(name="mae")
    model = line(0.0, metrics=["mae", own])
    error = model.predict(x) - y
    logs = model.evaluate(x, y, verbose=0, return_dict=True)
    close(logs["mae"], np.abs(error).mean())
    close(logs["mae_1"], (error**2).mean())
    assert own.name == "mae"


def test_metrics_in_attributes_of_the_model_are_reset_and_logged_on_request() -> None:
    class Counting(Model):
        def __init__(self) -> None:
            super().__init__()
            self.head = layers.Dense(1)
            self.seen = wubu.metrics.Sum(name="seen")

        def call(self, x: Any) -> Any:
            return self.head(x)

        def compute_metrics(
            self, x: Any, y: Any, y_pred: Any, weight: Any = None
        ) -> Any:
            self.seen.update_state(float(x.shape[0]))
            return super().compute_metrics(x, y, y_pred, weight)

    x, y = data(10)
    model = Counting()
    model.compile("sgd", "mse")
    assert model.fit(x, y, 4, epochs=2, verbose=0).history["seen"] == [10.0, 10.0]


# -- single batches --------------------------------------------------------------------


def test_train_on_batch_is_a_step_and_reports_this_batch() -> None:
    x, y = data(10)
    model = line(metrics=["mae"])
    byhand = Line(model)
    for rows in (slice(0, 5), slice(5, 10), slice(0, 3)):
        error = x[rows] @ byhand.w + byhand.b - y[rows]
        loss = byhand.step(x[rows], y[rows])
        found = model.train_on_batch(x[rows], y[rows])
        close(found, [loss, np.abs(error).mean()])
    byhand.assert_like(model)
    logs = model.train_on_batch(x, y, return_dict=True)
    assert list(logs) == ["loss", "mae"]


def test_test_on_batch_and_predict_on_batch() -> None:
    x, y = data(10)
    model = line()
    weight = np.linspace(0, 1, 10)
    losses = Line(model).losses(x, y)
    close(model.test_on_batch(x, y), losses.mean())
    close(model.test_on_batch(x, y, sample_weight=weight), (losses * weight).mean())
    close(model.test_on_batch(x, y, return_dict=True)["loss"], losses.mean())
    found = model.predict_on_batch(x)
    assert isinstance(found, np.ndarray)
    close(found, x @ model.get_weights()[0] + model.get_weights()[1])


# -- evaluate and predict --------------------------------------------------------------


def test_evaluate_gives_a_number_a_list_or_a_dictionary() -> None:
    x, y = data(10)
    model = line(metrics=["mae"])
    found = model.evaluate(x, y, batch_size=3, verbose=0)
    error = model.predict(x) - y
    close(found, [(error**2).mean(), np.abs(error).mean()])
    close(line().evaluate(x, y, verbose=0), found[0])
    weight = np.linspace(0, 1, 10)
    weighted = line().evaluate(x, y, sample_weight=weight, verbose=0)
    close(weighted, (weight * error[:, 0] ** 2).mean())
    first = line().evaluate(x, y, batch_size=2, steps=2, verbose=0)
    close(first, (error[:4] ** 2).mean())


def test_evaluate_leaves_weights_and_moving_averages_alone() -> None:
    x, _ = data(10)
    model = deep()
    before = bits(model)
    model.evaluate(x, labels(), verbose=0)
    model.predict(x)
    assert bits(model) == before


def test_predict_joins_batches_in_the_order_of_the_data() -> None:
    x, _ = data(10)
    model = line(units=2)
    kernel, bias = model.get_weights()
    for size in (1, 3, 10, 100):
        found = model.predict(x, batch_size=size)
        assert isinstance(found, np.ndarray) and found.dtype == np.float32
        close(found, x @ kernel + bias)
    close(model.predict(x, batch_size=2, steps=2), (x @ kernel + bias)[:4])
    close(model.predict(x[i : i + 4] for i in (0, 4, 8)), x @ kernel + bias)


def test_predict_needs_no_compile() -> None:
    model = Sequential([layers.Dense(2)])
    assert model.predict(data(4)[0]).shape == (4, 2)


@pytest.mark.parametrize("dtype", ["uint8", "int64", "bool", "float64"])
def test_samples_of_every_dtype(dtype: str) -> None:
    x = (np.random.default_rng(0).random((10, 3)) > 0.5).astype(dtype)
    _, y = data(10)
    model = line()
    byhand = Line(model)
    byhand.epoch(x.astype(float), y, 4)
    model.fit(x, y.astype("float64"), 4, shuffle=False, verbose=0)
    byhand.assert_like(model)


def test_samples_of_half_floats_are_trained_on_as_float32() -> None:
    """Machine code has no vectors of them; a warning would be an error."""
    x = np.random.default_rng(0).random((10, 3)).astype("float16")
    model = line()
    byhand = Line(model)
    byhand.epoch(x.astype(float), data(10)[1], 4)
    model.fit(x, data(10)[1], 4, shuffle=False, verbose=0)
    byhand.assert_like(model)
    y = data(4)[1].astype("float16")
    byhand.epoch(x[:4].astype(float), y.astype(float), 4)
    model.train_on_batch(wubu.tensor(x[:4]), y)
    byhand.assert_like(model)


def test_half_floats_stay_where_models_compute_in_them() -> None:
    x = np.ones((4, 3), np.float16)
    assert as_data(x).dtype == "float32"
    wubu.config.set_floatx("float16")
    try:
        assert as_data(x).dtype == "float16"
    finally:
        wubu.config.set_floatx("float32")


def test_lists_of_numbers_and_memory_that_is_not_contiguous() -> None:
    x, y = data(10)
    for source in (x.tolist(), np.asfortranarray(x), np.repeat(x, 2, axis=0)[::2]):
        model = line()
        byhand = Line(model)
        byhand.epoch(x, y, 4)
        model.fit(source, y[:, 0].tolist(), 4, shuffle=False, verbose=0)
        byhand.assert_like(model)


# -- many short epochs ----------------------------------------------------------------


def test_metrics_are_forgotten_in_every_epoch_however_the_model_does_that() -> None:
    x, y = data(10)
    calls = []

    class Own(type(line())):  # type: ignore[misc]
        def reset_metrics(self) -> None:
            calls.append(1)
            super().reset_metrics()

    for kind, times in ((Sequential, 0), (Own, 4)):
        model = kind([layers.Input((3,)), layers.Dense(1)])
        model.compile(optimizers.SGD(0.0), "mse", metrics=["mae"])
        history = model.fit(x, y, 5, epochs=4, verbose=0).history
        for name in ("loss", "mae"):
            np.testing.assert_allclose(history[name], history[name][0], rtol=1e-6)
        assert len(calls) == times
