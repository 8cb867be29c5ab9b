"""Initializers: exact values, or what the formula promises and Keras measures.

A random initializer cannot be compared number by number. Its record holds, in
`properties`, the mean, standard deviation and bounds computed from the paper's formula,
and those of the array that Keras drew.
"""

import math

import keras
import numpy as np

from .record import Record, array

DENSE = [300, 200]
KERNEL = [3, 3, 8, 16]  # (height, width, channels in, channels out)
VECTOR = [10000]

# A normal variable cut at two standard deviations has this share of its deviation:
# sqrt(1 - 4 phi(2) / (2 Phi(2) - 1)).
TRUNCATED = math.sqrt(
    1 - 4 * math.exp(-2) / math.sqrt(2 * math.pi) / math.erf(math.sqrt(2))
)

EXACT = [
    ("Zeros", "default", {}, [2, 3]),
    ("Ones", "default", {}, [2, 3]),
    ("Constant", "default", {}, [2, 3]),
    ("Constant", "value", {"value": -0.75}, [2, 3]),
]

SCALED = {  # name: (scale, mode, distribution)
    "GlorotUniform": (1.0, "fan_avg", "uniform"),
    "GlorotNormal": (1.0, "fan_avg", "truncated_normal"),
    "HeUniform": (2.0, "fan_in", "uniform"),
    "HeNormal": (2.0, "fan_in", "truncated_normal"),
    "LecunUniform": (1.0, "fan_in", "uniform"),
    "LecunNormal": (1.0, "fan_in", "truncated_normal"),
}

DISTRIBUTIONS = ["truncated_normal", "untruncated_normal", "uniform"]


def fans(shape):
    """(fan in, fan out): features in and out, times the kernel's positions."""
    if len(shape) == 1:
        return shape[0], shape[0]
    positions = math.prod(shape[:-2])
    return shape[-2] * positions, shape[-1] * positions


def described(std, reach, mean=0.0):
    """A symmetric distribution's mean, deviation and bounds; no bounds if no reach."""
    bounds = {} if reach is None else {"lower": mean - reach, "upper": mean + reach}
    return {"mean": mean, "std": std, **bounds}


def scaled(scale, mode, distribution, shape):
    """Variance scaling (Glorot & Bengio 2010; He et al. 2015): variance = scale / n."""
    fan_in, fan_out = fans(shape)
    n = {"fan_in": fan_in, "fan_out": fan_out, "fan_avg": (fan_in + fan_out) / 2}[mode]
    std = math.sqrt(scale / n)
    reach = {
        "uniform": math.sqrt(3) * std,
        "truncated_normal": 2 * std / TRUNCATED,
        "untruncated_normal": None,
    }[distribution]
    return {"fan_in": fan_in, "fan_out": fan_out, **described(std, reach)}


def random_cases():
    """(name, label, arguments, shape, properties by formula)."""
    shapes = [("dense", DENSE), ("kernel", KERNEL), ("vector", VECTOR)]
    for name, made in SCALED.items():
        for label, shape in shapes:
            yield name, label, {}, shape, scaled(*made, shape)
    for mode in ["fan_in", "fan_out", "fan_avg"]:
        for distribution in DISTRIBUTIONS:
            arguments = {"scale": 0.5, "mode": mode, "distribution": distribution}
            properties = scaled(0.5, mode, distribution, DENSE)
            yield (
                "VarianceScaling",
                f"{mode}_{distribution}",
                arguments,
                DENSE,
                properties,
            )
    default = scaled(1.0, "fan_in", "truncated_normal", KERNEL)
    yield "VarianceScaling", "default", {}, KERNEL, default
    yield "RandomNormal", "default", {}, DENSE, described(0.05, None)
    shifted = {"mean": 1.0, "stddev": 2.0}
    yield "RandomNormal", "shifted", shifted, DENSE, described(2.0, None, 1.0)
    yield "TruncatedNormal", "default", {}, DENSE, described(0.05 * TRUNCATED, 0.1)
    cut = described(2.0 * TRUNCATED, 4.0, 1.0)
    yield "TruncatedNormal", "shifted", shifted, DENSE, cut
    flat = described(0.05 / math.sqrt(3), 0.05)
    yield "RandomUniform", "default", {}, DENSE, flat
    limits = {"minval": -1.0, "maxval": 3.0}
    between = described(2.0 / math.sqrt(3), 2.0, 1.0)
    yield "RandomUniform", "limits", limits, DENSE, between


def initial_values(name, arguments, shape):
    """What Keras draws; the random ones are seeded, so that the file can be remade."""
    seed = {} if name in ("Zeros", "Ones", "Constant") else {"seed": 1}
    return array(getattr(keras.initializers, name)(**arguments, **seed)(shape))


def measured(values):
    return {
        "mean": float(values.mean()),
        "std": float(values.std()),
        "lower": float(values.min()),
        "upper": float(values.max()),
    }


def exact_record(name, label, arguments, shape):
    record = Record("initializer", name, label, arguments, {"shape": shape})
    record.arrays = {"outputs": {"0": initial_values(name, arguments, shape)}}
    return record


def random_record(name, label, arguments, shape, formula):
    values = measured(initial_values(name, arguments, shape))
    properties = {"formula": formula, "measured": values}
    return Record("initializer", name, label, arguments, {"shape": shape}, properties)


def orthogonal_record(label, arguments, shape):
    """Flattened to (-1, last), the shorter side is orthogonal, of length `gain`."""
    values = initial_values("Orthogonal", arguments, shape).reshape(-1, shape[-1])
    rows, columns = values.shape
    wide = values if rows <= columns else values.T
    length = arguments.get("gain", 1.0)
    error = np.abs(wide @ wide.T - length**2 * np.eye(len(wide))).max()
    properties = {
        "formula": {
            "gain": length,
            "orthogonal": "rows" if rows <= columns else "columns",
        },
        "measured": {"orthogonal_within_1e-6": bool(error < 1e-6)},
    }
    call = {"shape": shape}
    return Record("initializer", "Orthogonal", label, arguments, call, properties)


def records():
    for row in EXACT:
        yield exact_record(*row)
    for row in random_cases():
        yield random_record(*row)
    yield orthogonal_record("tall", {}, [6, 4])
    yield orthogonal_record("wide", {}, [4, 6])
    yield orthogonal_record("gain", {"gain": 2.0}, [5, 5])
    yield orthogonal_record("kernel", {}, [3, 3, 2, 5])
