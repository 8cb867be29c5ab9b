"""Optimizers step by step, learning-rate schedules, and a small model trained."""

import keras
import numpy as np
import torch

from .record import Record, array, draw

STEPS = 8
SHAPES = {"matrix": (3, 4), "vector": (5,)}

EXPONENTIAL = {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5}
COSINE = {"initial_learning_rate": 0.1, "decay_steps": 10}
WARMUP = {
    "initial_learning_rate": 0.01,
    "decay_steps": 6,
    "alpha": 0.1,
    "warmup_target": 0.1,
    "warmup_steps": 3,
}

SCHEDULES = [
    ("ExponentialDecay", "default", EXPONENTIAL),
    ("ExponentialDecay", "staircase", {**EXPONENTIAL, "staircase": True}),
    ("CosineDecay", "default", COSINE),
    ("CosineDecay", "alpha", {**COSINE, "alpha": 0.2}),
    ("CosineDecay", "warmup", WARMUP),
]


def scheduled(index):
    """A schedule of the table as an optimizer's configuration spells it."""
    name, _, config = SCHEDULES[index]
    return {"learning_rate": {"class_name": name, "config": config}}


RATE = {"learning_rate": 0.1}

OPTIMIZERS = [
    ("SGD", "default", {}),
    ("SGD", "plain", RATE),
    ("SGD", "momentum", {**RATE, "momentum": 0.9}),
    ("SGD", "nesterov", {**RATE, "momentum": 0.9, "nesterov": True}),
    ("SGD", "weight_decay", {**RATE, "weight_decay": 0.05}),
    ("SGD", "clipnorm", {**RATE, "clipnorm": 1.0}),
    ("SGD", "clipvalue", {**RATE, "clipvalue": 0.5}),
    ("SGD", "global_clipnorm", {**RATE, "global_clipnorm": 1.0}),
    ("SGD", "clipnorm_above", {**RATE, "clipnorm": 1000.0}),
    ("SGD", "exponential_decay", scheduled(0)),
    ("SGD", "exponential_decay_staircase", scheduled(1)),
    ("SGD", "cosine_decay_warmup", {**scheduled(4), "momentum": 0.9}),
    ("SGD", "schedule_weight_decay", {**scheduled(0), "weight_decay": 0.05}),
    ("RMSprop", "default", {}),
    ("RMSprop", "rho", {**RATE, "rho": 0.5, "epsilon": 0.01}),
    ("RMSprop", "momentum", {**RATE, "momentum": 0.9}),
    ("RMSprop", "centered", {**RATE, "centered": True}),
    ("RMSprop", "centered_momentum", {**RATE, "centered": True, "momentum": 0.9}),
    ("RMSprop", "weight_decay", {**RATE, "weight_decay": 0.05}),
    ("Adam", "default", {}),
    ("Adam", "rate", RATE),
    ("Adam", "betas", {**RATE, "beta_1": 0.5, "beta_2": 0.7, "epsilon": 0.01}),
    ("Adam", "amsgrad", {**RATE, "amsgrad": True}),
    ("Adam", "weight_decay", {**RATE, "weight_decay": 0.05}),
    ("Adam", "clipnorm", {**RATE, "clipnorm": 1.0}),
    ("Adam", "global_clipnorm", {**RATE, "global_clipnorm": 1.0}),
    ("Adam", "cosine_decay", scheduled(3)),
    ("AdamW", "default", {}),
    ("AdamW", "weight_decay", {**RATE, "weight_decay": 0.05}),
    ("AdamW", "amsgrad", {**RATE, "weight_decay": 0.05, "amsgrad": True}),
    ("AdamW", "exponential_decay", scheduled(0)),
]


def make_optimizer(name, arguments):
    """Build an optimizer, and first the schedule inside its arguments."""
    arguments = dict(arguments)
    rate = arguments.get("learning_rate")
    if isinstance(rate, dict):
        schedule = getattr(keras.optimizers.schedules, rate["class_name"])
        arguments["learning_rate"] = schedule(**rate["config"])
    return getattr(keras.optimizers, name)(**arguments)


def optimizer_record(name, label, arguments):
    """Gradients go in (step, *shape); the weights after each step come out so."""
    record = Record("optimizer", name, label, arguments)
    random = record.random
    start = {key: draw(random, *shape) for key, shape in SHAPES.items()}
    given = {
        key: np.stack([draw(random, *shape) for _ in range(STEPS)])
        for key, shape in SHAPES.items()
    }
    variables = [keras.Variable(start[key], name=key) for key in SHAPES]
    optimizer = make_optimizer(name, arguments)
    history = []
    for step in range(STEPS):
        gradients = [torch.tensor(given[key][step]) for key in SHAPES]
        optimizer.apply(gradients, variables)
        history.append([array(variable) for variable in variables])
    after = {
        key: np.stack([weights[index] for weights in history])
        for index, key in enumerate(SHAPES)
    }
    record.arrays = {"weights": start, "inputs": given, "outputs": after}
    return record


def schedule_record(name, label, arguments):
    """The learning rate at steps 0 to 20."""
    schedule = getattr(keras.optimizers.schedules, name)(**arguments)
    steps = np.arange(21)
    values = np.array([float(array(schedule(int(step)))) for step in steps])
    arrays = {"inputs": {"step": steps}, "outputs": {"learning_rate": values}}
    return Record("schedule", name, label, arguments, arrays=arrays)


MODEL = {
    "layers": [
        {"class_name": "Dense", "config": {"units": 16, "activation": "relu"}},
        {"class_name": "Dense", "config": {"units": 4}},
    ],
    "loss": {
        "class_name": "SparseCategoricalCrossentropy",
        "config": {"from_logits": True},
    },
    "optimizer": {"class_name": "Adam", "config": {"learning_rate": 0.01}},
}


def make_model():
    """The model of the configuration above, compiled and built for six features."""
    layers = [
        getattr(keras.layers, part["class_name"])(**part["config"], name=f"dense_{i}")
        for i, part in enumerate(MODEL["layers"])
    ]
    model = keras.Sequential([keras.Input((6,)), *layers])
    loss = getattr(keras.losses, MODEL["loss"]["class_name"])
    model.compile(
        loss=loss(**MODEL["loss"]["config"]),
        optimizer=make_optimizer("Adam", MODEL["optimizer"]["config"]),
    )
    return model


def model_weights(model):
    """{"dense_0/kernel": array}, in the order of `model.weights`."""
    return {weight.path.split("/", 1)[1]: array(weight) for weight in model.weights}


def model_record():
    """Five epochs of one batch each: the loss of every step, and the final weights."""
    record = Record("model", "Sequential", "two_dense_adam", MODEL)
    random = record.random
    x = draw(random, 12, 6)
    y = random.integers(0, 4, 12)
    model = make_model()
    for weight in model.weights:
        weight.assign(draw(random, *weight.shape, low=-1.0, high=1.0))
    start = model_weights(model)
    history = model.fit(x, y, batch_size=12, epochs=5, shuffle=False, verbose=0)
    record.arrays = {
        "weights": start,
        "inputs": {"x": x, "y": y},
        "outputs": {"loss": np.array(history.history["loss"])},
        "updated": model_weights(model),
    }
    return record


def records():
    for row in OPTIMIZERS:
        yield optimizer_record(*row)
    for row in SCHEDULES:
        yield schedule_record(*row)
    yield model_record()
