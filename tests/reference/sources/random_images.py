"""Layers that change pictures at random, with ranges of a single number each, so that
nothing is left to chance; and the affine maps they stand on.

RandomBrightness is missing: on torch, Keras adds to its input in place.
"""

import keras
import numpy as np
import torch

from .layers import layer_record
from .record import Record, draw, evaluate

PICTURES = (2, 5, 6, 2)
SINGLE = (4, 5, 2)
TRAINING = {"training": True}
MODES = ["reflect", "wrap", "constant", "nearest"]

LAYERS = [
    *[
        ("RandomTranslation", f"{mode}", {"height_factor": [0.25, 0.25], **more}, shape)
        for mode in MODES
        for more, shape in [
            ({"width_factor": [-0.625, -0.625], "fill_mode": mode}, PICTURES)
        ]
    ],
    (
        "RandomTranslation",
        "nearest_pixel",
        {
            "height_factor": [-0.375, -0.375],
            "width_factor": 0.0,
            "interpolation": "nearest",
        },
        SINGLE,
    ),
    *[
        (
            "RandomZoom",
            f"{mode}",
            {
                "height_factor": [0.75, 0.75],
                "width_factor": [-0.375, -0.375],
                "fill_mode": mode,
                "fill_value": 0.25,
            },
            PICTURES,
        )
        for mode in MODES
    ],
    ("RandomZoom", "both", {"height_factor": [0.5, 0.5]}, SINGLE),
    *[
        (
            "RandomRotation",
            f"{mode}",
            {"factor": [0.1, 0.1], "fill_mode": mode},
            PICTURES,
        )
        for mode in MODES
    ],
    (
        "RandomRotation",
        "nearest_pixel",
        {"factor": [-0.2, -0.2], "interpolation": "nearest"},
        SINGLE,
    ),
    (
        "RandomContrast",
        "single",
        {"factor": [0.0, 0.0], "value_range": [-2, 2]},
        SINGLE,
    ),
    ("RandomFlip", "inference", {}, PICTURES, {"training": False}),
]


def affine(mode, interpolation):
    record = Record("op", "image.affine_transform", f"{mode}_{interpolation}")
    record.arguments = {"fill_mode": mode, "interpolation": interpolation}
    random = record.random
    images = draw(random, *PICTURES)
    maps = np.zeros((2, 8))
    maps[:, :6] = np.add(draw(random, 2, 6, low=-1.0, high=1.0), [1, 0, 1, 0, 1, 2])

    def transform(images, maps):
        bent = torch.zeros_like(maps[:, 6:])  # Keras takes it for one of channels
        straight = torch.cat([maps[:, :6], bent], dim=1)
        return keras.ops.image.affine_transform(images, straight, interpolation, mode)

    return evaluate(record, transform, {"0": images, "1": maps})


def records():
    for row in LAYERS:
        name, label, arguments, shape, *call = row
        yield layer_record(name, label, arguments, shape, *(call or [TRAINING]))
    for mode in [*MODES, "mirror"]:
        for interpolation in ["bilinear", "nearest"]:
            yield affine(mode, interpolation)
