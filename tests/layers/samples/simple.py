"""Layers that rearrange, normalise, merge, disturb or wrap."""

from __future__ import annotations

from typing import Any

from layers.samples.sample import SEQUENCE, sample
from wubu.core.configurable import register

TABLE = (4, 6)
PICTURE = (2, 3, 2, 4)  # (batch, height, width, channels)


@register("samples")
def scaled(x: Any, factor: float, training: bool = False) -> Any:
    return x * factor if training else x


SAMPLES = [
    sample("Identity", TABLE),
    sample("Permute", PICTURE, dims=(3, 1, 2)),
    sample("RepeatVector", TABLE, n=3),
    sample("Lambda", TABLE, function=scaled, arguments={"factor": 3.0}),
    sample("Masking", SEQUENCE, mask_value=1.0),
    sample("LeakyReLU", TABLE),
    sample("ELU", TABLE, alpha=1.5),
    sample("PReLU", TABLE),
    sample("PReLU", PICTURE, shared_axes=(1, 2), label="shared"),
    sample("ActivityRegularization", TABLE, l1=0.1, l2=0.2),
    sample("Normalization", TABLE),
    sample(
        "Normalization",
        TABLE,
        axis=None,
        mean=0.5,
        variance=4.0,
        invert=True,
        label="given",
    ),
    sample("GroupNormalization", PICTURE, groups=2),
    sample("GroupNormalization", (2, 6, 3), groups=3, axis=1, label="channels_first"),
    sample("UnitNormalization", PICTURE, axis=(1, 2)),
    sample("RMSNormalization", TABLE),
    sample("LocalResponseNormalization", PICTURE, depth_radius=1),
    sample(
        "LocalResponseNormalization",
        (2, 4, 3),
        depth_radius=5,
        bias=2.0,
        beta=0.75,
        data_format="channels_first",
        label="channels_first",
    ),
    sample("SpatialDropout1D", SEQUENCE, rate=0.4, seed=1),
    sample("SpatialDropout2D", PICTURE, rate=0.4, seed=1),
    sample(
        "SpatialDropout3D",
        (2, 4, 2, 2, 2),
        rate=0.4,
        seed=1,
        data_format="channels_first",
    ),
    sample("GaussianNoise", TABLE, stddev=0.3, seed=1),
    sample("GaussianDropout", TABLE, rate=0.3, seed=1),
    sample("AlphaDropout", TABLE, rate=0.3, seed=1),
    sample("Subtract", SEQUENCE, (3, 4)),
    sample("Multiply", TABLE, TABLE, (4, 1)),
    sample("Average", TABLE, TABLE),
    sample("Maximum", TABLE, TABLE, TABLE),
    sample("Minimum", TABLE, TABLE),
    sample("Dot", SEQUENCE, (3, 4, 2), axes=(2, 1)),
    sample("Dot", TABLE, TABLE, axes=1, normalize=True, label="cosine"),
    sample("TimeDistributed", SEQUENCE, layer=sample("Dense", units=3)),
    sample(
        "TimeDistributed",
        SEQUENCE,
        layer=sample("BatchNormalization"),
        label="one_after_the_other",
    ),
    sample(
        "TimeDistributed",
        (2, 3, 4, 2),
        layer=sample("Conv1D", filters=2, kernel_size=2),
        label="joined",
    ),
]
