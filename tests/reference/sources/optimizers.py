"""More optimizers step by step, Keras' and PyTorch's; schedules; callbacks."""

import keras
import numpy as np
import torch

from .record import Record, array, draw
from .training import RATE, SHAPES, STEPS, make_optimizer, schedule_record

# Tall, wide, and with more than two axes.
KERNELS = {"tall": (4, 2), "wide": (2, 3), "kernel": (2, 2, 3), "bias": (3,)}
DECAY = {**RATE, "weight_decay": 0.05}
BETAS = {**RATE, "beta_1": 0.5, "beta_2": 0.7, "epsilon": 0.01}
POLYNOMIAL = {"initial_learning_rate": 0.1, "decay_steps": 6, "end_learning_rate": 0.02}
INVERSE = {"initial_learning_rate": 0.1, "decay_steps": 3, "decay_rate": 0.5}
RESTARTS = {"initial_learning_rate": 0.1, "first_decay_steps": 4}


def scheduled(name, config):
    """A schedule as an optimizer's configuration spells it."""
    return {"learning_rate": {"class_name": name, "config": config}}


KERAS = [
    ("Adagrad", "default", {}),
    ("Adagrad", "accumulator", {**RATE, "initial_accumulator_value": 0.0}),
    ("Adagrad", "weight_decay", {**DECAY, "epsilon": 0.01}),
    ("Adadelta", "default", {}),
    ("Adadelta", "rho", {"learning_rate": 1.0, "rho": 0.5, "epsilon": 0.01}),
    ("Adadelta", "weight_decay", {**DECAY, "clipnorm": 1.0}),
    ("Adamax", "default", {}),
    ("Adamax", "betas", BETAS),
    ("Adamax", "weight_decay", DECAY),
    ("Nadam", "default", {}),
    ("Nadam", "betas", BETAS),
    ("Nadam", "weight_decay", DECAY),
    ("Lion", "default", {}),
    ("Lion", "betas", {**RATE, "beta_1": 0.5, "beta_2": 0.7}),
    ("Lion", "weight_decay", DECAY),
    ("Lamb", "default", {}),
    ("Lamb", "betas", BETAS),
    ("Lamb", "weight_decay", DECAY),
    ("Ftrl", "default", {}),
    ("Ftrl", "power", {**RATE, "learning_rate_power": -0.3, "beta": 0.2}),
    (
        "Ftrl",
        "strengths",
        {
            **RATE,
            "initial_accumulator_value": 0.5,
            "l1_regularization_strength": 2.0,
            "l2_regularization_strength": 0.3,
            "l2_shrinkage_regularization_strength": 0.1,
        },
    ),
    ("Adafactor", "default", {}),
    ("Adafactor", "absolute_step", {**RATE, "relative_step": False}),
    (
        "Adafactor",
        "arguments",
        {
            "learning_rate": 2.0,
            "beta_2_decay": -0.5,
            "epsilon_1": 0.1,
            "epsilon_2": 0.5,
            "clip_threshold": 0.3,
        },
    ),
    ("Adafactor", "schedule", scheduled("InverseTimeDecay", INVERSE)),
    ("Muon", "default", {}),
    ("Muon", "plain", {**RATE, "nesterov": False, "rms_rate": None, "ns_steps": 3}),
    (
        "Muon",
        "arguments",
        {
            **DECAY,
            "adam_beta_1": 0.5,
            "adam_beta_2": 0.7,
            "adam_weight_decay": 0.5,
            "epsilon": 0.01,
            "muon_a": 1.5,
            "muon_b": -0.5,
            "muon_c": 0.1,
            "momentum": 0.5,
            "adam_lr_ratio": 0.3,
        },
    ),
    ("Muon", "undecayed", {"adam_weight_decay": None, "exclude_layers": ["w.de"]}),
]

# The same in PyTorch's words. Its decay apart from the gradient is Keras'.
TORCH = [
    ("RAdam", "default", {}, {}),
    (
        "RAdam",
        "betas",
        {**DECAY, "beta_1": 0.5, "beta_2": 0.9, "epsilon": 0.01},
        {
            "lr": 0.1,
            "weight_decay": 0.05,
            "decoupled_weight_decay": True,
            "betas": (0.5, 0.9),
            "eps": 0.01,
        },
    ),
    ("RAdam", "never_known", {"beta_2": 0.6}, {"betas": (0.9, 0.6)}),
    ("Rprop", "default", {}, {}),
    (
        "Rprop",
        "arguments",
        {
            "learning_rate": 0.5,
            "eta_minus": 0.3,
            "eta_plus": 2.0,
            "min_step": 0.2,
            "max_step": 0.9,
        },
        {"lr": 0.5, "etas": (0.3, 2.0), "step_sizes": (0.2, 0.9)},
    ),
]

SCHEDULE_FREE = [
    ("default", {}),
    ("warmup", {**BETAS, "warmup_steps": 4}),
    ("weight_decay", DECAY),
]

SCHEDULES = [
    (
        "PiecewiseConstantDecay",
        "three",
        {"boundaries": [3, 7, 12], "values": [0.1, 0.5, 0.02, 0.001]},
    ),
    ("PiecewiseConstantDecay", "one", {"boundaries": [10], "values": [0.1, 0.01]}),
    ("PolynomialDecay", "default", {"initial_learning_rate": 0.1, "decay_steps": 10}),
    ("PolynomialDecay", "root", {**POLYNOMIAL, "power": 0.5}),
    ("PolynomialDecay", "cycle", {**POLYNOMIAL, "power": 2.0, "cycle": True}),
    ("InverseTimeDecay", "default", INVERSE),
    ("InverseTimeDecay", "staircase", {**INVERSE, "staircase": True}),
    ("CosineDecayRestarts", "default", RESTARTS),
    ("CosineDecayRestarts", "equal", {**RESTARTS, "t_mul": 1.0, "m_mul": 0.5}),
    ("CosineDecayRestarts", "alpha", {**RESTARTS, "t_mul": 1.5, "alpha": 0.1}),
]

ONE_CYCLES = [
    ("default", {"max_lr": 0.1, "total_steps": 20}),
    ("linear", {"max_lr": 0.1, "total_steps": 20, "anneal_strategy": "linear"}),
    (
        "three_phases",
        {
            "max_lr": 0.1,
            "total_steps": 21,
            "pct_start": 0.4,
            "div_factor": 10.0,
            "final_div_factor": 100.0,
            "three_phase": True,
        },
    ),
]
# A number for each epoch, and what ReduceLROnPlateau is told.
LOSSES = [1.0, 0.9, 0.95, 0.93, 0.89, 0.92, 0.9, 0.91, 0.9, 0.85, 0.88, 0.87, 0.86]
PLATEAUS = [
    ("patience", {"patience": 2, "factor": 0.5}),
    ("at_once", {"patience": 0, "factor": 0.5}),
    ("min_delta", {"patience": 2, "factor": 0.5, "min_delta": 0.06}),
    ("cooldown", {"patience": 1, "factor": 0.5, "cooldown": 2}),
    ("min_lr", {"patience": 1, "factor": 0.3, "min_lr": 0.02}),
    ("max", {"patience": 1, "factor": 0.5, "mode": "max", "min_delta": 0.01}),
]
# Also for EarlyStopping: whether and where it stops, and which weights it leaves.
STOPS = [
    ("patience", {"patience": 2}),
    ("restore", {"patience": 2, "restore_best_weights": True}),
    ("min_delta", {"patience": 3, "min_delta": 0.06, "restore_best_weights": True}),
    ("baseline", {"patience": 4, "baseline": 0.9, "restore_best_weights": True}),
    ("later", {"patience": 1, "start_from_epoch": 5, "restore_best_weights": True}),
    ("max", {"patience": 3, "mode": "max", "restore_best_weights": True}),
]
# And for ModelCheckpoint: what the files are called, in epochs of three batches, of
# which one or two are told of at once.
NAME = "e{epoch:02d}-{val_loss:.2f}.keras"
CHECKPOINTS = [
    ("every_epoch", 1, {"filepath": NAME}),
    ("best", 1, {"filepath": NAME, "save_best_only": True}),
    ("best_of_all", 1, {"filepath": "best.keras", "save_best_only": True}),
    (
        "threshold",
        1,
        {"filepath": NAME, "save_best_only": True, "initial_value_threshold": 0.9},
    ),
    ("max", 1, {"filepath": NAME, "save_best_only": True, "mode": "max"}),
    ("batches", 1, {"filepath": "e{epoch}-b{batch:03d}-{loss}.keras", "save_freq": 4}),
    ("two_at_once", 2, {"filepath": "e{epoch}-b{batch}.keras", "save_freq": 4}),
    (
        "best_batches",
        1,
        {
            "filepath": "e{epoch}-b{batch}.keras",
            "save_freq": 2,
            "save_best_only": True,
            "monitor": "loss",
        },
    ),
]
IN_KERAS_WORDS = {"max_lr": "max_learning_rate"}


def trajectory(record, shapes, prepare):
    """Gradients go in (step, *shape); the weights after each step come out so.

    `prepare` takes the first weights by name; it gives the variables, and a function
    that makes a step with one gradient for each of them.
    """
    random = record.random
    start = {key: draw(random, *shape) for key, shape in shapes.items()}
    given = {
        key: np.stack([draw(random, *shape) for _ in range(STEPS)])
        for key, shape in shapes.items()
    }
    variables, step = prepare(start)
    history = []
    for number in range(STEPS):
        step([torch.tensor(given[key][number]) for key in shapes])
        history.append([array(variable) for variable in variables])
    after = {
        key: np.stack([weights[index] for weights in history])
        for index, key in enumerate(shapes)
    }
    record.arrays = {"weights": start, "inputs": given, "outputs": after}
    return record


def keras_record(name, label, arguments):
    def prepare(start):
        variables = [keras.Variable(value, name=key) for key, value in start.items()]
        optimizer = make_optimizer(name, arguments)
        return variables, lambda gradients: optimizer.apply(gradients, variables)

    shapes = KERNELS if name in ("Adafactor", "Muon") else SHAPES
    return trajectory(Record("optimizer", name, label, arguments), shapes, prepare)


def torch_record(name, label, arguments, in_torch):
    def prepare(start):
        variables = [torch.nn.Parameter(torch.tensor(v)) for v in start.values()]
        optimizer = getattr(torch.optim, name)(variables, **in_torch)

        def step(gradients):
            for variable, gradient in zip(variables, gradients, strict=True):
                variable.grad = gradient
            optimizer.step()

        return variables, step

    return trajectory(Record("optimizer", name, label, arguments), SHAPES, prepare)


def schedule_free_record(label, arguments):
    """By the formula of the paper, with both sequences, z and x, written out.

    Keras' own on torch takes z for that of the step before when it has changed already:
    there `momentum_old` is the very tensor that `assign_sub` then changes in place.
    """
    defaults = {"learning_rate": 0.0025, "beta_1": 0.9, "beta_2": 0.999}
    more = {"epsilon": 1e-8, "warmup_steps": 0, "weight_decay": 0.0}
    a = {**defaults, **more, **arguments}
    b1, b2 = a["beta_1"], a["beta_2"]

    def prepare(start):
        weights = [torch.tensor(value) for value in start.values()]
        state = [{"z": w.clone(), "x": w.clone(), "v": 0.0} for w in weights]
        count = 0

        def step(gradients):
            nonlocal count
            count += 1
            rise = min(count / a["warmup_steps"], 1.0) if a["warmup_steps"] else 1.0
            for w, s, g in zip(weights, state, gradients, strict=True):
                # Of w, a mix of z and x, Keras takes the decay from x alone.
                s["x"] = s["x"] - a["learning_rate"] * a["weight_decay"] * w / b1
                s["v"] = b2 * s["v"] + (1 - b2) * g**2
                size = (s["v"] / (1 - b2**count)).sqrt() + a["epsilon"]
                s["z"] = s["z"] - rise * a["learning_rate"] * g / size
                s["x"] = (1 - 1 / count) * s["x"] + s["z"] / count
                w.copy_((1 - b1) * s["z"] + b1 * s["x"])

        return weights, step

    record = Record("optimizer", "ScheduleFreeAdamW", label, arguments)
    return trajectory(record, SHAPES, prepare)


def one_cycle_record(label, arguments):
    """The learning rate at each of the steps that PyTorch's schedule has."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], momentum=0.9)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, **arguments)
    found = []
    for step in range(arguments["total_steps"]):
        found.append(schedule.get_last_lr()[0])
        if step + 1 < arguments["total_steps"]:
            optimizer.step()
            schedule.step()
    own = {IN_KERAS_WORDS.get(key, key): value for key, value in arguments.items()}
    arrays = {
        "inputs": {"step": np.arange(len(found))},
        "outputs": {"learning_rate": np.array(found)},
    }
    return Record("schedule", "OneCycle", label, own, arrays=arrays)


class Untrained:
    """As much of a model as callbacks look at; its weights are the number of epochs."""

    def __init__(self):
        self.optimizer = keras.optimizers.SGD(0.1)
        self.metrics = []
        self.stop_training = False
        self.weights = 0
        self.saved = []

    def get_weights(self):
        return self.weights

    def set_weights(self, weights):
        self.weights = weights

    def save(self, filepath, overwrite):
        self.saved.append(filepath)


def plateau_record(label, arguments):
    """The learning rate after each epoch."""
    callback = keras.callbacks.ReduceLROnPlateau("val_loss", **arguments)
    callback.set_model(Untrained())
    callback.on_train_begin()
    rates = []
    for epoch, value in enumerate(LOSSES):
        callback.on_epoch_end(epoch, {"val_loss": value})
        rates.append(float(array(callback.model.optimizer.learning_rate)))
    arrays = {
        "inputs": {"val_loss": np.array(LOSSES)},
        "outputs": {"learning_rate": np.array(rates)},
    }
    name = "ReduceLROnPlateau"
    return Record("callback", name, label, arguments, arrays=arrays)


def stop_record(label, arguments):
    """After how many epochs it stops, and which epoch's weights are there then."""
    callback = keras.callbacks.EarlyStopping("val_loss", **arguments)
    model = Untrained()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(LOSSES):
        model.weights = epoch + 1
        callback.on_epoch_end(epoch, {"val_loss": value})
        if model.stop_training:
            break
    callback.on_train_end()
    found = {"epochs": np.array(epoch + 1), "weights": np.array(model.weights)}
    arrays = {"inputs": {"val_loss": np.array(LOSSES)}, "outputs": found}
    return Record("callback", "EarlyStopping", label, arguments, arrays=arrays)


def checkpoint_record(label, together, arguments):
    """The names of all files that are written."""
    callback = keras.callbacks.ModelCheckpoint(**arguments)
    model = Untrained()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(LOSSES):
        callback.on_epoch_begin(epoch)
        for batch in range(together - 1, 3 + together - 1, together):
            last = min(batch, 2)
            callback.on_train_batch_end(last, {"loss": value + last})
        callback.on_epoch_end(epoch, {"val_loss": value, "loss": value + 1})
    properties = {"together": together, "files": model.saved}
    arrays = {"inputs": {"val_loss": np.array(LOSSES)}}
    name = "ModelCheckpoint"
    return Record("callback", name, label, arguments, {}, properties, arrays)


def records():
    for row in KERAS:
        yield keras_record(*row)
    for row in TORCH:
        yield torch_record(*row)
    for row in SCHEDULE_FREE:
        yield schedule_free_record(*row)
    for row in SCHEDULES:
        yield schedule_record(*row)
    for row in ONE_CYCLES:
        yield one_cycle_record(*row)
    for row in PLATEAUS:
        yield plateau_record(*row)
    for row in STOPS:
        yield stop_record(*row)
    for row in CHECKPOINTS:
        yield checkpoint_record(*row)
