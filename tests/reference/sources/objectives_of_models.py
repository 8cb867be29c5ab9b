"""A model of two outputs, trained: losses by name, their weights, sample weights,
penalties on weights and on outputs, and constraints."""

import keras
import numpy as np

from .record import Record, array, draw

EPOCHS = 5
SAMPLES = 8


def make_model():
    """Weights: kernel and bias of "hidden", "a" and "b"."""
    x = keras.Input((6,))
    hidden = keras.layers.Dense(
        5,
        activation="tanh",
        kernel_constraint=keras.constraints.MaxNorm(1.0),
        bias_constraint="non_neg",
        kernel_regularizer=keras.regularizers.OrthogonalRegularizer(0.5, "columns"),
        activity_regularizer=keras.regularizers.L2(0.1),
        name="hidden",
    )(x)
    a = keras.layers.Dense(3, bias_regularizer="l1", name="a")(hidden)
    b = keras.layers.Dense(1, activation="sigmoid", name="b")(hidden)
    model = keras.Model(x, [a, b])
    model.compile(
        keras.optimizers.SGD(0.25, momentum=0.5),
        loss={
            "a": keras.losses.Huber(0.5),
            "b": keras.losses.BinaryFocalCrossentropy(
                gamma=1.5, reduction="mean_with_sample_weight"
            ),
        },
        loss_weights={"a": 0.5, "b": 2.0},
    )
    return model


def records():
    record = Record("model", "Functional", "two_outputs")
    random = record.random
    inputs = {
        "x": draw(random, SAMPLES, 6),
        "a": draw(random, SAMPLES, 3),
        "b": random.integers(0, 2, (SAMPLES, 1)).astype(float),
        "weight_a": draw(random, SAMPLES, low=0.0),
        "weight_b": draw(random, SAMPLES, low=0.0),
    }
    model = make_model()
    for weight in model.weights:
        weight.assign(draw(random, *weight.shape, low=-1.0, high=1.0))
    record.arrays = {"inputs": inputs, "weights": weights(model)}
    history = model.fit(
        inputs["x"],
        [inputs["a"], inputs["b"]],
        sample_weight=[inputs["weight_a"], inputs["weight_b"]],
        batch_size=SAMPLES,
        epochs=EPOCHS,
        shuffle=False,
        verbose=0,
    ).history
    record.arrays["outputs"] = {name: np.array(row) for name, row in history.items()}
    record.arrays["updated"] = weights(model)
    yield record


def weights(model):
    """By their paths: "hidden/kernel"."""
    return {weight.path: array(weight) for weight in model.weights}
