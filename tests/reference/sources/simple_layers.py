"""Layers that rearrange, normalise, merge or bend: outputs and gradients."""

import torch

from .layers import IMAGE_FIRST, SERIES, TABLE, layer_record
from .record import Record, draw, evaluate

PICTURE = (2, 3, 2, 4)  # (batch, height, width, channels)

MEAN = [0.5, -1.0, 0.25, 2.0]
VARIANCE = [1.0, 4.0, 0.0625, 2.25]

REARRANGED = [
    ("Identity", "default", {}, TABLE),
    ("Permute", "sequence", {"dims": [2, 1]}, SERIES),
    ("Permute", "image", {"dims": [3, 1, 2]}, PICTURE),
    ("RepeatVector", "default", {"n": 3}, TABLE),
]

BENT = [
    ("LeakyReLU", "default", {}, TABLE),
    ("LeakyReLU", "slope", {"negative_slope": 0.05}, TABLE),
    ("ELU", "default", {}, TABLE),
    ("ELU", "alpha", {"alpha": 0.4}, TABLE),
    ("PReLU", "default", {}, SERIES),
    ("PReLU", "shared", {"shared_axes": [1, 2]}, PICTURE),
    ("Softmax", "two_axes", {"axis": [1, 2]}, SERIES),
]

NORMALISED = [
    ("GroupNormalization", "two_groups", {"groups": 2}, PICTURE),
    ("GroupNormalization", "instance", {"groups": -1, "scale": False}, PICTURE),
    ("GroupNormalization", "channels_first", {"groups": 1, "axis": 1}, IMAGE_FIRST),
    ("GroupNormalization", "plain", {"groups": 3, "center": False}, TABLE),
    ("UnitNormalization", "default", {}, TABLE),
    ("UnitNormalization", "two_axes", {"axis": [1, 2]}, SERIES),
    ("RMSNormalization", "default", {}, SERIES),
    ("RMSNormalization", "two_axes", {"axis": [1, 2], "epsilon": 0.01}, SERIES),
    ("Normalization", "features", {"mean": MEAN, "variance": VARIANCE}, SERIES),
    ("Normalization", "one", {"axis": None, "mean": 0.5, "variance": 4.0}, SERIES),
    (
        "Normalization",
        "inverted",
        {"axis": [1, 2], "mean": MEAN, "variance": VARIANCE, "invert": True},
        SERIES,
    ),
]

MERGED = [
    ("Subtract", "two", {}, [TABLE, TABLE]),
    *[
        row
        for name in ("Multiply", "Average", "Maximum", "Minimum")
        for row in [
            (name, "three", {}, [TABLE, TABLE, TABLE]),
            (name, "broadcast", {}, [SERIES, (3, 1, 4)]),
        ]
    ],
    ("Dot", "vectors", {"axes": 1}, [TABLE, TABLE]),
    ("Dot", "cosine", {"axes": -1, "normalize": True}, [TABLE, TABLE]),
    ("Dot", "matrices", {"axes": [2, 1]}, [SERIES, (3, 4, 2)]),
    ("Dot", "vector_and_matrix", {"axes": [1, 2]}, [(3, 4), SERIES]),
    ("Dot", "images", {"axes": [3, 1]}, [PICTURE, (2, 4, 3)]),
]


def damped(label, depth_radius, bias, alpha, beta):
    """`LocalResponseNormalization`, which Keras has not, as PyTorch computes it."""
    arguments = {
        "depth_radius": depth_radius,
        "bias": bias,
        "alpha": alpha,
        "beta": beta,
        "data_format": "channels_first",
    }
    record = Record("layer", "LocalResponseNormalization", label, arguments)
    size = 2 * depth_radius + 1

    def call(x):
        return torch.nn.functional.local_response_norm(
            x, size, alpha * size, beta, bias
        )

    record.arrays["weights"] = {}
    return evaluate(record, call, {"inputs": draw(record.random, 2, 6, 3, 2)})


def records():
    for row in [*REARRANGED, *BENT, *NORMALISED, *MERGED]:
        yield layer_record(*row)
    yield damped("near", 1, 1.0, 1.0, 0.5)
    yield damped("alexnet", 2, 2.0, 1e-4, 0.75)
    yield damped("all", 7, 0.5, 0.3, 1.0)
