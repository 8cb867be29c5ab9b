"""Mistakes are found before a weight has changed, and say what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import wubu
from training.small import bits, data, labels, line
from wubu import Model, Sequential, layers
from wubu.errors import (
    ArgumentError,
    DataError,
    DTypeError,
    ShapeError,
    StateError,
    UnknownNameError,
    WubuError,
)

X, Y = data(10)


def refused(
    model: Any, kind: type[WubuError], call: Callable[[], Any], *words: str
) -> WubuError:
    """The error of a call, which has changed no weight and says these words."""
    before = bits(model)
    steps = 0 if model.optimizer is None else model.optimizer.iterations.item()
    with pytest.raises(kind) as caught:
        call()
    assert bits(model) == before
    if model.optimizer is not None:
        assert model.optimizer.iterations.item() == steps
    for word in words:
        assert word in str(caught.value), str(caught.value)
    return caught.value


def spoiled(array: np.ndarray, place: Any, value: float) -> np.ndarray:
    array = array.copy()
    array[place] = value
    return array


# -- samples ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "y", "kind", "words"),
    [
        (spoiled(X, (7, 1), np.nan), Y, DataError, ["sample 7 of x", "NaN", "x[7, 1]"]),
        (X, spoiled(Y, 3, np.inf), DataError, ["sample 3 of y", "infinite"]),
        (X[:0], Y[:0], DataError, ["x has no samples"]),
        ([[1.0, 2.0, 3.0], [1.0]], Y[:2], DataError, ["x"]),
        (np.array([["a", "b", "c"]] * 10), Y, DTypeError, ["x holds strings"]),
        (X.astype(complex), Y, DTypeError, ["complex"]),
        (X, Y[:9], DataError, ["x: 10 samples", "y: 9 samples"]),
        (None, Y, WubuError, []),
    ],
)
@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch"])
def test_samples_that_cannot_be_trained_on(
    x: Any, y: Any, kind: Any, words: list[str], method: str
) -> None:
    model = line()
    model.fit(X, Y, verbose=0)
    options = {} if method == "train_on_batch" else {"verbose": 0}
    refused(model, kind, lambda: getattr(model, method)(x, y, **options), *words)


@pytest.mark.parametrize(
    ("weight", "words"),
    [
        (np.full(10, -1.0), ["sample 0 of sample_weight is negative"]),
        (spoiled(np.ones(10), 4, np.nan), ["sample 4 of sample_weight", "NaN"]),
        (np.ones(9), ["sample_weight: 9 samples"]),
    ],
)
def test_sample_weights_that_weigh_nothing(weight: Any, words: list[str]) -> None:
    model = line()
    call = lambda: model.fit(X, Y, sample_weight=weight, verbose=0)  # noqa: E731
    refused(model, DataError, call, *words)


def test_validation_data_are_looked_at_before_training() -> None:
    model = classifier()
    y = labels()
    bad = spoiled(y, 6, 9)

    def fit(*validation: Any) -> Any:
        return lambda: model.fit(X, y, validation_data=validation, verbose=0)

    refused(model, DataError, fit(X, bad), "y, sample 6")
    refused(model, DataError, fit(spoiled(X, 2, np.nan), y), "sample 2 of x")
    refused(model, ShapeError, fit(X[:, :2], y), "(batch, 3)")
    refused(model, ArgumentError, fit(X, y, None, None), "4 parts")


@pytest.mark.parametrize("stream", [False, True])
def test_validation_targets_of_another_shape_are_found_before_training(
    stream: bool,
) -> None:
    model = line()
    bad = (X, Y[:, [0, 0]])
    history = model.fit(X, Y, verbose=0)

    def fit() -> None:
        validation = iter([bad]) if stream else bad
        model.fit(X, Y, validation_data=validation, verbose=0)

    refused(model, ShapeError, fit, "(10, 1)", "(10, 2)")
    assert model.history is history


# -- labels ----------------------------------------------------------------------------


def classifier() -> Sequential:
    return line(units=3, loss="sparse_categorical_crossentropy")


@pytest.mark.parametrize(
    ("y", "words"),
    [
        (spoiled(labels(), 4, 3), ["y, sample 4", "class numbers 0 to 2", "4 units"]),
        (spoiled(labels(), 8, -1), ["y, sample 8", "np.unique"]),
        (labels() + 1, ["labels count from 0: subtract 1"]),
        (spoiled(labels().astype(float), 5, 0.5), ["y, sample 5", "0.5"]),
        (spoiled(labels(), 4, 3)[:, None], ["y, sample 4"]),
    ],
)
def test_class_numbers_without_a_place(y: Any, words: list[str]) -> None:
    model = classifier()
    refused(model, DataError, lambda: model.fit(X, y, verbose=0), *words)
    refused(model, DataError, lambda: model.evaluate(X, y, verbose=0), *words)
    refused(model, DataError, lambda: model.train_on_batch(X, y), *words)


def test_class_numbers_of_a_generalized_crossentropy_are_looked_at_too() -> None:
    model = line(units=3, loss="categorical_generalized_cross_entropy")
    y = spoiled(labels(), 4, 3)
    refused(model, DataError, lambda: model.fit(X, y, verbose=0), "y, sample 4")


def test_a_class_that_is_ignored_is_no_mistake() -> None:
    loss = wubu.losses.SparseCategoricalCrossentropy(True, ignore_class=-1)
    line(units=3, loss=loss).fit(X, spoiled(labels(), 4, -1), verbose=0)


@pytest.mark.parametrize(
    ("values", "fix"),
    [((1, 2), "subtract 1"), ((-1, 1), "(y + 1) / 2"), ((0, 255), "255"), ((0, 7), "")],
)
@pytest.mark.parametrize("loss", ["binary_crossentropy", "binary_focal_crossentropy"])
def test_targets_of_a_binary_crossentropy_are_probabilities(
    loss: str, values: Any, fix: str
) -> None:
    model = line(loss=loss)
    y = np.array(values * 5)
    refused(model, DataError, lambda: model.fit(X, y, verbose=0), "y, sample", fix)


def test_labels_of_one_output_of_several_are_named() -> None:
    x = layers.Input((3,))
    a = layers.Dense(3, activation="softmax", name="a")(x)
    model = Model(x, {"a": a, "b": layers.Dense(1, name="b")(x)})
    model.compile("sgd", {"a": "sparse_categorical_crossentropy", "b": "mse"})
    y = {"a": labels() + 1, "b": Y}
    refused(model, DataError, lambda: model.fit(X, y, verbose=0), 'y["a"], sample')


# -- shapes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("loss", "units", "y", "words"),
    [
        ("mse", 2, Y[:, [0, 0, 0]], ["(10, 2)", "(10, 3)", "3 units"]),
        ("mse", 2, Y[:, 0], ["(10, 2)", "(10,)"]),
        ("categorical_crossentropy", 3, labels(), ["sparse_categorical"]),
        ("sparse_categorical_crossentropy", 3, np.eye(3)[labels()], ["categorical"]),
        ("binary_crossentropy", 2, labels(classes=2), ["(10, 2)"]),
    ],
)
def test_targets_that_do_not_fit_the_output(
    loss: str, units: int, y: Any, words: list[str]
) -> None:
    model = line(units=units, loss=loss)
    refused(model, ShapeError, lambda: model.fit(X, y, verbose=0), *words)


@pytest.mark.parametrize(
    ("x", "words"),
    [
        (X[:, :2], ["(batch, 3)", "(batch, 2)", "samples of shape (3,)"]),
        (X[..., None], ["(batch, 3)", "(batch, 3, 1)", "x[..., 0]"]),
        (X[0], ["(batch, 3)", "(batch,)", "x[None]"]),
    ],
)
@pytest.mark.parametrize("method", ["fit", "predict"])
def test_inputs_of_another_shape(x: Any, words: list[str], method: str) -> None:
    model = line()
    y = np.zeros(len(x))
    if method == "fit":
        refused(model, ShapeError, lambda: model.fit(x, y, verbose=0), *words)
    else:
        refused(model, ShapeError, lambda: model.predict(x), *words)


def test_a_layer_inside_that_does_not_fit_is_named_with_its_place() -> None:
    with pytest.raises(ShapeError) as caught:
        Sequential(
            [
                layers.Input((28, 28)),
                layers.Dense(4, name="first"),
                layers.MaxPooling2D(name="pool"),
            ]
        )
    text = str(caught.value)
    assert 'layer 2 "pool" (MaxPooling2D) cannot take this input' in text
    assert "test_errors.py" in text
    assert caught.value.expected and caught.value.got and caught.value.fix


def test_pictures_without_channels() -> None:
    model = Sequential([layers.Input((8, 8, 2)), layers.Conv2D(2, 3), layers.Flatten()])
    model.compile("sgd", "mse")
    call = lambda: model.fit(np.zeros((4, 8, 8)), np.zeros((4, 72)), verbose=0)  # noqa: E731
    refused(model, ShapeError, call, "(batch, 8, 8, 2)", "(batch, 8, 8)")
    grey = Sequential([layers.Input((8, 8, 1)), layers.Conv2D(2, 3)])
    grey.compile("sgd", "mse")
    call = lambda: grey.predict(np.zeros((4, 8, 8)))  # noqa: E731
    refused(grey, ShapeError, call, "add the channel axis: x[..., None]")


def test_another_number_of_inputs_or_targets() -> None:
    a, b = layers.Input((3,), name="a"), layers.Input((3,), name="b")
    model = Model([a, b], layers.Dense(1, name="head")(a + b))
    model.compile("sgd", "mse")
    fit = lambda x, y: lambda: model.fit(x, y, verbose=0)  # noqa: E731
    refused(model, ArgumentError, fit(X, Y), "2 (a, b)", "1")
    refused(model, ArgumentError, fit([X, X, X], Y), "2 (a, b)", "3")
    refused(model, ArgumentError, fit({"a": X}, Y), "a, b")
    refused(model, ArgumentError, fit([X, X], [Y, Y]), "1 arrays (head)", "2")
    refused(model, ArgumentError, fit([X, X], {"tail": Y}), "head", "tail")
    single = line()
    call = lambda: single.fit([X, X], Y, verbose=0)  # noqa: E731
    refused(single, ArgumentError, call, "has one input", "2 arrays", "np.stack")


# -- state and arguments ---------------------------------------------------------------


@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch"])
def test_before_compile(method: str) -> None:
    model = Sequential([layers.Input((3,)), layers.Dense(1)])
    call = lambda: getattr(model, method)(X, Y)  # noqa: E731
    refused(model, StateError, call, "has not been compiled", "model.compile(")


def test_without_targets() -> None:
    model = line()
    refused(model, DataError, lambda: model.fit(X, verbose=0), "no targets", "pass y")
    model.compile("sgd", metrics=["mae"])
    call = lambda: model.fit(X, Y, verbose=0)  # noqa: E731
    refused(model, StateError, call, "nothing to minimise", "give compile a loss")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"epochs": -1}, ["epochs is a whole number"]),
        ({"epochs": 2.5}, ["epochs is a whole number", "2.5"]),
        ({"epochs": "3"}, ["epochs"]),
        ({"epochs": True}, ["epochs"]),
        ({"initial_epoch": -2}, ["initial_epoch"]),
        ({"batch_size": 0}, ["batch_size"]),
        ({"batch_size": 2.0}, ["batch_size"]),
        ({"steps_per_epoch": 0}, ["number of steps"]),
        ({"validation_split": 1.0}, ["1.0"]),
        ({"validation_split": -0.5}, ["-0.5"]),
        ({"validation_split": 0.95}, ["leaves none for training"]),
        ({"validation_data": (X, Y), "validation_freq": 0}, ["validation_freq"]),
        ({"class_weight": [1.0]}, ["class_weight is a dictionary"]),
        ({"class_weight": {0: -1.0}}, ["class_weight is a dictionary"]),
    ],
)
def test_arguments_of_fit(options: dict[str, Any], words: list[str]) -> None:
    model = line()
    call = lambda: model.fit(X, Y, **{"verbose": 0, **options})  # noqa: E731
    refused(model, ArgumentError, call, *words)


@pytest.mark.parametrize(
    ("callback", "fix"),
    [
        (print, "LambdaCallback"),
        (wubu.training.callbacks.EarlyStopping, "with brackets"),
        ("early_stopping", "LambdaCallback"),
    ],
)
def test_what_is_no_callback(callback: Any, fix: str) -> None:
    model = line()
    call = lambda: model.fit(X, Y, callbacks=[callback], verbose=0)  # noqa: E731
    refused(model, DTypeError, call, "is a wubu.callbacks.Callback", fix)


@pytest.mark.parametrize(
    ("arguments", "kind", "words"),
    [
        (("admm", "mse"), UnknownNameError, ["optimizer", '"Adam"']),
        (("adam", "mes"), UnknownNameError, ["loss", '"mse"']),
        (("adam", ["mse", "mes"]), UnknownNameError, ['"mse"']),
        (("adam", "mse", None, ["acuracy"]), UnknownNameError, ['"accuracy"']),
        (("adam", "mse", ["accuracy"]), ArgumentError, ["metrics=[...]"]),
    ],
)
def test_compile_refuses_at_once_and_keeps_what_was(
    arguments: Any, kind: Any, words: list[str]
) -> None:
    model = line()
    optimizer = model.optimizer
    refused(model, kind, lambda: model.compile(*arguments), *words)
    assert model.optimizer is optimizer
    model.fit(X, Y, verbose=0)
    with pytest.raises(ArgumentError, match="steps_per_execution"):
        model.compile("adam", "mse", steps_per_execution=0)


def test_losses_and_metrics_for_outputs_that_are_not_there() -> None:
    x = layers.Input((3,))
    outputs = [layers.Dense(1, name="a")(x), layers.Dense(1, name="b")(x)]
    model = Model(x, outputs)
    for arguments, words in (
        ({"loss": {"a": "mse", "c": "mse"}}, ["a, b", "c"]),
        ({"loss": ["mse"] * 3}, ["2", "3"]),
        ({"loss": "mse", "metrics": {"c": ["mae"]}}, ["metrics", "c"]),
        ({"loss": "mse", "metrics": ["mae"]}, ["metrics", "1"]),
        ({"loss": "mse", "loss_weights": [1.0]}, ["loss_weights"]),
    ):
        model.compile("sgd", **arguments)
        call = lambda: model.fit(X, [Y, Y], verbose=0)  # noqa: E731
        refused(model, ArgumentError, call, *words)


def test_a_loss_that_is_not_one_number() -> None:
    def rows(y_true: Any, y_pred: Any) -> Any:
        return y_pred - y_true

    model = line(loss=wubu.losses.MeanSquaredError(reduction="none"))
    call = lambda: model.fit(X, Y, verbose=0)  # noqa: E731
    refused(model, ShapeError, call, "is not one number", "sum_over_batch_size")
    line(loss=rows).fit(X, Y, verbose=0)  # functions are averaged


def test_batches_beside_arguments_for_arrays() -> None:
    model = line()
    for name, value in (("y", Y), ("sample_weight", Y[:, 0])):
        call = lambda: model.fit(iter([(X, Y)]), **{name: value}, verbose=0)  # noqa: B023, E731
        refused(model, ArgumentError, call, name, "yield it")
    call = lambda: model.fit(iter([(X, Y)]), validation_split=0.5, verbose=0)  # noqa: E731
    refused(model, ArgumentError, call, "validation_split needs arrays")


def test_an_unknown_argument() -> None:
    with pytest.raises(TypeError, match="epoch"):
        line().fit(X, Y, epoch=3)
