"""Recurrent layers: plain ones as cases of kind "layer"; those with masks, states or
layers inside as cases of kind "recurrent", whose arguments may hold descriptions."""

import keras
import numpy as np

from .layers import SERIES, layer_record, set_weights
from .record import Record, array, draw, evaluate

SHORT = (3, 4, 2)  # (batch, time, features)
UNITS = 3
ALL = {"return_sequences": True, "return_state": True}
BACKWARDS = {"go_backwards": True}
LENGTHS = (4, 1, 2)
MASKS = {
    "right": np.arange(4) < np.array(LENGTHS)[:, None],  # padding at the end
    "left": np.arange(4) >= 4 - np.array(LENGTHS)[:, None],
    "holes": np.array([[1, 0, 1, 1], [0, 1, 1, 0], [0, 0, 0, 0]], bool),
}


def units(**arguments):
    return {"units": UNITS, **arguments}


LAYERS = [
    ("SimpleRNN", "default", units(), SERIES),
    ("SimpleRNN", "relu", units(activation="relu", use_bias=False), SERIES),
    ("SimpleRNN", "all", units(**ALL, **BACKWARDS), SERIES),
    ("GRU", "default", units(), SERIES),
    ("GRU", "no_bias", units(use_bias=False, **ALL), SERIES),
    ("GRU", "reset_before", units(reset_after=False, **ALL), SERIES),
    ("GRU", "reset_before_no_bias", units(reset_after=False, use_bias=False), SERIES),
    (
        "GRU",
        "activations",
        units(activation="relu", recurrent_activation="hard_sigmoid", **BACKWARDS),
        SERIES,
    ),
    ("GRU", "all_backwards", units(**ALL, **BACKWARDS), SERIES),
]


def described(name, **config):
    return {"class_name": name, "config": config}


def layer(name, **config):
    return described(name, **units(**config))


CELLS = [described("GRUCell", units=3), described("LSTMCell", units=2)]
OTHER_WAY = layer("LSTM", activation="relu", return_sequences=True, **BACKWARDS)

# name, label, arguments, which mask, how long the initial states are
LOOPS = [
    ("SimpleRNN", "mask", units(**ALL), "right", ()),
    ("SimpleRNN", "zeros", units(return_sequences=True), "holes", ()),
    ("GRU", "mask", units(**ALL), "holes", (3,)),
    ("GRU", "mask_backwards", units(**ALL, **BACKWARDS), "right", ()),
    ("LSTM", "mask", units(**ALL), "left", ()),
    ("LSTM", "mask_backwards", units(return_state=True, **BACKWARDS), "holes", (3, 3)),
    ("RNN", "lstm_cell", {"cell": described("LSTMCell", units=3)}, None, (3, 3)),
    ("RNN", "simple_cell", {"cell": described("SimpleRNNCell", units=3)}, "left", ()),
    ("RNN", "stacked", {"cell": CELLS, **ALL}, "right", ()),
    (
        "RNN",
        "stacked_cells",
        {"cell": described("StackedRNNCells", cells=CELLS), **BACKWARDS},
        None,
        (),
    ),
    ("Bidirectional", "default", {"layer": layer("LSTM")}, None, ()),
    (
        "Bidirectional",
        "sum",
        {"layer": layer("SimpleRNN", return_sequences=True), "merge_mode": "sum"},
        "right",
        (),
    ),
    (
        "Bidirectional",
        "mul",
        {"layer": layer("GRU", reset_after=False), "merge_mode": "mul"},
        "left",
        (),
    ),
    (
        "Bidirectional",
        "ave",
        {"layer": layer("GRU", **ALL), "merge_mode": "ave"},
        None,
        (3, 3),
    ),
    (
        "Bidirectional",
        "none",
        {"layer": layer("LSTM", **ALL), "merge_mode": None},
        "holes",
        (3, 3, 3, 3),
    ),
    (
        "Bidirectional",
        "backward_layer",
        {"layer": layer("GRU", return_sequences=True), "backward_layer": OTHER_WAY},
        None,
        (),
    ),
    (
        "Bidirectional",
        "cells",
        {"layer": described("RNN", cell=CELLS, return_sequences=True)},
        None,
        (),
    ),
]


def made(value):
    """What a description, or a list of them, stands for."""
    if isinstance(value, list):
        return [made(part) for part in value]
    if not isinstance(value, dict):
        return value
    config = {name: made(part) for name, part in value["config"].items()}
    return getattr(keras.layers, value["class_name"])(**config)


def loop_record(name, label, arguments, mask, states):
    """As `layer_record`; weights are numbered, since layers inside repeat names."""
    zeros = {"zero_output_for_mask": True} if label == "zeros" else {}
    record = Record("recurrent", name, label, {**arguments, **zeros})
    random = record.random
    inputs = {"inputs": draw(random, *SHORT)}
    for i, length in enumerate(states):
        inputs[f"initial_state_{i}"] = draw(random, SHORT[0], length)
    if mask:
        inputs["mask"] = MASKS[mask]
    loop = made(described(name, **record.arguments))
    loop.build(SHORT)
    set_weights(loop, random)

    def call(x, *rest):
        keywords = {"mask": rest[-1]} if mask else {}
        if states:
            keywords["initial_state"] = list(rest[: len(states)])
        return flat(loop(x, **keywords))

    weights = {f"{i}_{w.name}": w for i, w in enumerate(loop.weights)}
    before = {name: array(w) for name, w in weights.items()}
    evaluate(record, call, inputs, {name: w.value for name, w in weights.items()})
    record.arrays["weights"] = before
    return record


def flat(outputs):
    """A list of tensors, where stacked cells have lists of states."""
    if not isinstance(outputs, list | tuple):
        return [outputs]
    return [leaf for part in outputs for leaf in flat(part)]


def records():
    for row in LAYERS:
        yield layer_record(*row)
    state = {
        "inputs": draw(np.random.default_rng(0), *SERIES),
        "initial_state_0": draw(np.random.default_rng(1), SERIES[0], UNITS),
    }
    yield layer_record("GRU", "initial_state", units(**ALL), SERIES, inputs=state)
    for row in LOOPS:
        yield loop_record(*row)
