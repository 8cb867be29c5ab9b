"""Losses of one's own: `compute_loss` overridden, and what layers add."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest

import wubu
from reference.load import cases
from wubu import Model, layers, ops, optimizers
from wubu.errors import ShapeError, StateError
from wubu.saving import register

X = np.random.default_rng(0).standard_normal((12, 3)).astype("float32")
Y = np.random.default_rng(1).standard_normal((12, 2)).astype("float32")
RATE = 0.5


@register("tests")
class Adding(layers.Layer):
    """Adds the mean of its input, times a factor, to the loss."""

    def __init__(self, factor: float = 1.0, **options: Any) -> None:
        super().__init__(**options)
        self.factor = factor

    def call(self, x: Any) -> Any:
        self.add_loss(self.factor * ops.mean(x))
        return x


class Outer(Model):
    """A layer inside a layer adds to the loss."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.dense = layers.Dense(2, kernel_regularizer=wubu.regularizers.L2(0.1))
        self.adding = Adding()

    def call(self, x: Any) -> Any:
        return self.adding(self.dense(x))


class FourthPower(Outer):
    """A loss of its own, and nothing of `Learner`'s."""

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        return ops.mean((y - y_pred) ** 4)


class AndMore(Outer):
    """The loss of `compile` and of the layers, and one term more; it is older than the
    argument `training`."""

    def compute_loss(self, x: Any, y: Any, y_pred: Any, sample_weight: Any) -> Any:
        return super().compute_loss(x, y, y_pred, sample_weight) + ops.mean(x * x)


def made(
    kind: Any, eagerly: bool = False, loss: Any = "mse", rate: float = RATE
) -> Any:
    wubu.set_random_seed(3)
    model = kind()
    model.build((None, 3))
    model.compile(optimizers.SGD(rate), loss, run_eagerly=eagerly)
    return model


def outputs(model: Any, x: np.ndarray = X) -> np.ndarray:
    kernel, bias = model.get_weights()
    return x @ kernel + bias


def penalties(model: Any, x: np.ndarray = X) -> float:
    return outputs(model, x).mean() + 0.1 * (model.get_weights()[0] ** 2).sum()


def close(found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(found, wanted, rtol=2e-5)


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_loss_of_ones_own_is_minimised_and_reported(eagerly: bool) -> None:
    model = made(FourthPower, eagerly, loss=None)
    bias = model.get_weights()[1]
    gap = outputs(model) - Y
    history = model.fit(X, Y, batch_size=12, shuffle=False, verbose=0).history
    close(history["loss"], [(gap**4).mean()])
    close(bias - model.get_weights()[1], RATE * (4 * gap**3).mean(0) / 2)
    wanted = ((outputs(model) - Y) ** 4).mean()
    close(model.evaluate(X, Y, verbose=0), wanted)
    close(model.test_on_batch(X, Y), wanted)
    close(model.train_on_batch(X, Y), wanted)


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_term_more_counts_once(eagerly: bool) -> None:
    model = made(AndMore, eagerly, rate=0.0)
    weight = np.linspace(0, 2, 12).astype("float32")
    squares = ((outputs(model) - Y) ** 2).mean(-1)
    rows = [slice(0, 4), slice(4, 8), slice(8, 12)]
    wanted = [
        (squares[r] * weight[r]).mean() + penalties(model, X[r]) + (X[r] ** 2).mean()
        for r in rows
    ]
    given = {"sample_weight": weight, "batch_size": 4, "verbose": 0}
    close(model.fit(X, Y, shuffle=False, **given).history["loss"], [np.mean(wanted)])
    close(model.evaluate(X, Y, **given), np.mean(wanted))


def test_targets_may_be_anything_to_a_loss_of_ones_own() -> None:
    """Here they are class numbers, and the model has two outputs for each."""

    class Picking(Outer):
        def compute_loss(self, x, y, y_pred, *others: Any, **named: Any) -> Any:
            return -ops.mean(ops.take_along_axis(y_pred, y[:, None], axis=1))

    model = made(Picking, loss=None, rate=0.0)
    classes = np.array([0, 1] * 6)
    wanted = -outputs(model)[np.arange(12), classes].mean()
    close(model.fit(X, classes, verbose=0).history["loss"], [wanted])


def test_a_loss_of_ones_own_is_one_number() -> None:
    class ForEachSample(Outer):
        def compute_loss(self, x, y, y_pred, sample_weight, training=True) -> Any:
            return ops.mean((y - y_pred) ** 2, -1)

    with pytest.raises(ShapeError, match="ForEachSample"):
        made(ForEachSample).fit(X, Y, verbose=0)


# -- what layers add ------------------------------------------------------------------


def test_each_layer_knows_what_it_added() -> None:
    model = made(Outer)
    model(X)
    (added,) = model.adding.losses
    close(added.item(), outputs(model).mean())
    close(sum(loss.item() for loss in model.losses), penalties(model))
    model(2 * X)  # what the call before added is forgotten
    assert len(model.losses) == 2
    close(model.adding.losses[0].item(), outputs(model, 2 * X).mean())
    model.fit(X, Y, verbose=0)  # and what a trace added is no value
    assert np.isfinite([loss.item() for loss in model.losses]).all()


def test_a_step_that_calls_inner_layers_finds_what_they_added() -> None:
    class InParts(Outer):
        def train_step(self, data: Any) -> Any:
            x, y = data
            y_pred = self.adding(self.dense(x))
            self.add_loss(ops.mean(y_pred) * 2)
            loss = self.compute_loss(x, y, y_pred)
            loss.backward()
            self.optimizer.step()
            return {"loss": loss}

    model = made(InParts, rate=0.0)
    wanted = ((outputs(model) - Y) ** 2).mean() + penalties(model)
    wanted += 2 * outputs(model).mean()
    found = [model.fit(X, Y, batch_size=12, verbose=0).history["loss"] for _ in "ab"]
    close(found, [[wanted]] * 2)


@pytest.mark.parametrize("made_of", [copy.deepcopy, copy.copy])
def test_a_model_that_holds_losses_can_be_copied(made_of: Any) -> None:
    model = made(Outer)
    model(X)
    twin = made_of(model)
    close(twin.predict(X), outputs(model))
    twin(X)
    close(sum(loss.item() for loss in twin.losses), penalties(model))


def test_losses_are_added_inside_calls() -> None:
    with pytest.raises(StateError, match="inside of call"):
        Adding().add_loss(1.0)


def test_penalties_on_outputs_are_means_over_samples() -> None:
    layer = layers.Activation("linear", activity_regularizer="l1")
    for count in (1, 4, 8):
        layer(wubu.ones((count, 3)))
        close(layer.losses[0].item(), 0.01 * 3)


def test_models_keep_added_losses_in_files(tmp_path: Any) -> None:
    wubu.set_random_seed(0)
    model = wubu.Sequential(
        [layers.Input((3,)), layers.Dense(2), Adding(0.5, name="more")]
    )
    model.compile("sgd", "mse")
    model.fit(X, Y, verbose=0)
    model.save(tmp_path / "model.wubu")
    loaded = wubu.load_model(tmp_path / "model.wubu")
    plain = ((model.predict(X) - Y) ** 2).mean()
    close(loaded.evaluate(X, Y, verbose=0), plain + 0.5 * model.predict(X).mean())
    assert loaded.evaluate(X, Y, verbose=0) == model.evaluate(X, Y, verbose=0)


def test_a_loss_of_ones_own_that_is_no_number_is_noticed() -> None:
    class Root(Outer):
        def compute_loss(self, x, y, y_pred, sample_weight, training=True) -> Any:
            return ops.mean(ops.sqrt(y_pred - y - 100.0))

    with pytest.warns(UserWarning, match="the loss is nan in epoch 1, step 1"):
        made(Root).fit(X, Y, verbose=0)


# -- all together ----------------------------------------------------------------------


def two_outputs() -> Any:
    x = layers.Input((6,))
    hidden = layers.Dense(
        5,
        activation="tanh",
        kernel_constraint=wubu.constraints.MaxNorm(1.0),
        bias_constraint="non_neg",
        kernel_regularizer=wubu.regularizers.OrthogonalRegularizer(0.5, "columns"),
        activity_regularizer=wubu.regularizers.L2(0.1),
        name="hidden",
    )(x)
    a = layers.Dense(3, bias_regularizer="l1", name="a")(hidden)
    b = layers.Dense(1, activation="sigmoid", name="b")(hidden)
    return Model(x, [a, b])


@pytest.mark.parametrize("eagerly", [False, True])
def test_losses_penalties_and_constraints_are_those_of_keras(eagerly: bool) -> None:
    (case,) = cases("model", "Functional")
    model = two_outputs()
    model.set_weights(list(case.weights.values()))
    focal = wubu.losses.BinaryFocalCrossentropy(
        gamma=1.5, reduction="mean_with_sample_weight"
    )
    model.compile(
        optimizers.SGD(0.25, momentum=0.5),
        {"a": wubu.losses.Huber(0.5), "b": focal},
        loss_weights={"a": 0.5, "b": 2.0},
        run_eagerly=eagerly,
    )
    given = {name: value.astype("float32") for name, value in case.inputs.items()}
    history = model.fit(
        given["x"],
        [given["a"], given["b"]],
        sample_weight=[given["weight_a"], given["weight_b"]],
        batch_size=8,
        epochs=5,
        shuffle=False,
        verbose=0,
    ).history
    assert set(history) == set(case.outputs)
    for name, wanted in case.outputs.items():
        close(history[name], wanted)
    for found, wanted in zip(model.get_weights(), case.updated.values(), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-6)
    assert (case.updated["hidden/bias"] == 0).any()  # the constraint was needed
