"""Machine code gives the numbers of NumPy: layers, losses, metrics, optimizers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import wubu
from executors.native.compare import ALL, compare
from layers.harness import fixed_weights, shapes_of
from layers.samples import SAMPLES, Sample
from metrics.samples import SAMPLES as METRICS
from metrics.samples import Sample as Judged
from metrics.samples import batch_of
from wubu import layers, losses, ops, optimizers
from wubu.core import tree
from wubu.executors.native.planning.axes import batch_axes
from wubu.executors.native.planning.copies import with_copies

BATCH = 19

LOSSES = {
    "BinaryCrossentropy": "unit",
    "BinaryFocalCrossentropy": "unit",
    "CategoricalCrossentropy": "distribution",
    "CategoricalFocalCrossentropy": "distribution",
    "CategoricalGeneralizedCrossEntropy": "classes",
    "CategoricalHinge": "distribution",
    "Circle": "classes",
    "CosineSimilarity": "real",
    "CTC": "sequences",
    "Dice": "unit",
    "Hinge": "unit",
    "Huber": "real",
    "KLDivergence": "distribution",
    "LogCosh": "real",
    "MeanAbsoluteError": "real",
    "MeanAbsolutePercentageError": "real",
    "MeanSquaredError": "real",
    "MeanSquaredLogarithmicError": "real",
    "Poisson": "unit",
    "SparseCategoricalCrossentropy": "classes",
    "SquaredHinge": "unit",
    "Tversky": "unit",
}
OPTIMIZERS: dict[str, Callable[[], Any]] = {
    "sgd": lambda: optimizers.SGD(0.1),
    "momentum": lambda: optimizers.SGD(0.1, momentum=0.9),
    "nesterov": lambda: optimizers.SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda: optimizers.Adam(0.01),
    "amsgrad": lambda: optimizers.Adam(0.01, amsgrad=True),
    "adamw": lambda: optimizers.AdamW(0.01, weight_decay=0.1),
    "rmsprop": lambda: optimizers.RMSprop(0.01, momentum=0.5, centered=True),
    "clipnorm": lambda: optimizers.SGD(0.1, clipnorm=0.1),
    "clipvalue": lambda: optimizers.SGD(0.1, clipvalue=0.01),
    "global_clipnorm": lambda: optimizers.Adam(0.1, global_clipnorm=0.1),
    "ema": lambda: optimizers.SGD(0.1, use_ema=True, ema_overwrite_frequency=2),
    "accumulation": lambda: optimizers.Adam(0.1, gradient_accumulation_steps=2),
    "schedule": lambda: optimizers.SGD(
        optimizers.schedules.ExponentialDecay(0.1, 2, 0.9)
    ),
    "restarts": lambda: optimizers.SGD(
        optimizers.schedules.CosineDecayRestarts(0.1, 2, 1.5)
    ),
    "warmup": lambda: optimizers.SGD(
        optimizers.schedules.LinearWarmup(optimizers.schedules.OneCycle(0.1, 8, 0.4), 2)
    ),
    "adagrad": lambda: optimizers.Adagrad(0.1),
    "adadelta": lambda: optimizers.Adadelta(1.0),
    "adamax": lambda: optimizers.Adamax(0.01),
    "nadam": lambda: optimizers.Nadam(0.01),
    "radam": lambda: optimizers.RAdam(0.01, beta_2=0.85),
    "lion": lambda: optimizers.Lion(0.01),
    "lamb": lambda: optimizers.Lamb(0.01),
    "adafactor": lambda: optimizers.Adafactor(0.01),
    "muon": lambda: optimizers.Muon(0.01),
    "schedule_free": lambda: optimizers.ScheduleFreeAdamW(0.01, warmup_steps=3),
    "ftrl": lambda: optimizers.Ftrl(0.1, l1_regularization_strength=0.01),
    "rprop": lambda: optimizers.Rprop(0.01),
}

# Layers that join the batch with another axis, so that samples are not told apart.
ALL_IN_ONE = {"TimeDistributed-joined"}


def batched(sample: Sample) -> Sample:
    return dataclasses.replace(
        sample, shapes=tuple((BATCH, *s[1:]) for s in sample.shapes)
    )


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
@pytest.mark.parametrize("training", [False, True])
def test_layers_and_their_gradients(sample: Sample, training: bool) -> None:
    sample = batched(sample)
    layer = sample.make()
    inputs = sample.inputs("float32")
    layer.ensure_built(shapes_of(inputs))
    fixed_weights(layer)
    leaves, structure = tree.flatten(inputs)

    def function(*leaves: Any) -> Any:
        real = [
            x.detach().requires_grad_() if x.dtype.kind == "f" else x for x in leaves
        ]
        given = tree.unflatten(structure, real)
        outputs = tree.flatten(layer(given, training=training))[0]
        sum_of_squares = [(y * y * 0.5).mean() for y in outputs]
        if not training:
            return outputs
        total = sum(sum_of_squares[1:], sum_of_squares[0])
        total.backward() if total.requires_grad else None
        found = [x.grad for x in real if x.dtype.kind == "f"]
        found += [v.grad for v in layer.trainable_weights]
        for v in layer.trainable_weights:
            v.grad = None
        return outputs, [g for g in found if g is not None]

    graph = compare(function, *leaves, steps=2)
    if str(sample) not in ALL_IN_ONE:
        assert not graph.nodes or batch_axes(with_copies(graph))


def pair(kind: str, batch: int = BATCH) -> tuple[np.ndarray, np.ndarray]:
    """Targets and predictions."""
    random = np.random.default_rng(0)
    logits = random.standard_normal((batch, 5)).astype("float32")
    if kind == "real":
        return random.standard_normal((batch, 5)).astype("float32"), logits
    if kind == "sequences":
        times = random.standard_normal((batch, 6, 5)).astype("float32")
        return random.integers(1, 5, (batch, 3)) * [1, 1, 0], times
    if kind == "unit":
        return (logits > 0.3).astype("float32"), 1 / (1 + np.exp(-logits))
    probabilities = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    classes = random.integers(0, 5, batch)
    if kind == "classes":
        return classes, probabilities
    return np.eye(5, dtype="float32")[classes], probabilities


@pytest.mark.parametrize("name", LOSSES)
@pytest.mark.parametrize("reduction", ["sum_over_batch_size", "none"])
def test_losses_and_their_gradients(name: str, reduction: str) -> None:
    loss = getattr(losses, name)(reduction=reduction)
    weights = np.linspace(0, 2, BATCH, dtype="float32")

    def function(y: Any, p: Any, w: Any) -> Any:
        p = p.detach().requires_grad_()
        value = loss(y, p, sample_weight=w)
        value.sum().backward()
        return value, p.grad

    compare(function, *pair(LOSSES[name]), weights, machines=ALL[-1:])


@pytest.mark.parametrize("sample", METRICS, ids=str)
def test_metrics(sample: Judged) -> None:
    metric = sample.make()
    y_true, y_pred = batch_of(sample.kind, np.random.default_rng(0), BATCH)
    weights = np.linspace(0, 2, BATCH, dtype="float32")

    def function(y: Any, p: Any, w: Any) -> Any:
        metric.update_state(y, p, sample_weight=w)
        return metric.result()

    narrow = y_pred.astype("float32") if y_pred.dtype.kind == "f" else y_pred
    compare(function, y_true, narrow, weights, steps=3)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("batch", [16, 19])
def test_training_steps(name: str, batch: int) -> None:
    wubu.set_random_seed(0)
    model = wubu.Sequential(
        [
            layers.Input((6,)),
            layers.Dense(7, activation="tanh"),
            layers.Dropout(0.2),
            layers.Dense(5, activation="softmax"),
        ]
    )
    optimizer = OPTIMIZERS[name]()
    optimizer.build(model.trainable_variables)
    y, _ = pair("classes", batch)
    x = np.random.default_rng(3).standard_normal((batch, 6)).astype("float32")
    compare(step_of(model, optimizer), x, y, steps=4, machines=ALL[-1:])


def step_of(model: Any, optimizer: Any) -> Callable[..., Any]:
    def step(x: Any, y: Any) -> Any:
        loss = losses.sparse_categorical_crossentropy(y, model(x, training=True)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    return step


@pytest.mark.parametrize("batch", [16, 40, 19, 1])
def test_a_convolutional_network_learns(batch: int) -> None:
    wubu.set_random_seed(0)
    model = wubu.Sequential(
        [
            layers.Input((11, 12, 1)),
            layers.Conv2D(3, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.MaxPooling2D(3, 2),
            layers.Conv2D(4, 2, strides=2, activation="relu"),
            layers.AveragePooling2D(2),
            layers.Flatten(),
            layers.Dense(5, activation="softmax"),
        ]
    )
    optimizer = optimizers.Adam(0.01)
    optimizer.build(model.trainable_variables)
    y, _ = pair("classes", batch)
    x = np.random.default_rng(3).standard_normal((batch, 11, 12, 1)).astype("float32")
    compare(step_of(model, optimizer), x, y, steps=3, machines=ALL)


def test_attention_over_time() -> None:
    x = np.random.default_rng(0).standard_normal((BATCH, 6, 4)).astype("float32")

    def function(x: Any) -> Any:
        x = x.detach().requires_grad_()
        scores = ops.matmul(x, ops.swapaxes(x, 1, 2)) / 2.0
        y = ops.matmul(ops.softmax(scores), x)
        (y * y).sum().backward()
        return y, x.grad

    compare(function, x, machines=ALL)


@pytest.mark.parametrize("recurrent", [False, True])
def test_as_many_samples_as_units_features_and_steps(recurrent: bool) -> None:
    """Equal lengths do not make an axis of weights one of samples."""
    n = 8
    hidden = layers.LSTM(n) if recurrent else layers.Dense(n, activation="tanh")
    shape = (n, n) if recurrent else (n,)
    model = wubu.Sequential(
        [layers.Input(shape), hidden, layers.Dense(n, activation="softmax")]
    )
    optimizer = optimizers.Adam(0.01)
    optimizer.build(model.trainable_variables)
    random = np.random.default_rng(0)
    x = random.standard_normal((n, *shape)).astype("float32")
    y = random.integers(0, n, n)
    graph = compare(step_of(model, optimizer), x, y, steps=3)
    assert batch_axes(with_copies(graph))
