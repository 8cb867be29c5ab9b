"""Layers on categories that work inside a model: on integers and real numbers."""

from __future__ import annotations

from layers.samples.sample import sample

WORDS = (4, 5)
REAL = (4, 3)

SAMPLES = [
    sample("CategoryEncoding", WORDS, integers=7, num_tokens=6),
    sample(
        "CategoryEncoding",
        (4, 1),
        integers=6,
        num_tokens=6,
        output_mode="one_hot",
        label="one_hot",
    ),
    sample(
        "CategoryEncoding",
        WORDS,
        integers=6,
        num_tokens=6,
        output_mode="count",
        label="count",
    ),
    sample(
        "IntegerLookup",
        WORDS,
        integers=9,
        vocabulary=[5, 3, 8],
        num_oov_indices=2,
        mask_token=4,
        output_mode="count",
        max_tokens=7,
        pad_to_max_tokens=True,
    ),
    sample(
        "IntegerLookup",
        WORDS,
        integers=9,
        vocabulary=[5, 3, 8],
        idf_weights=[0.5, 0.25, 2.0],
        output_mode="tf_idf",
        label="tf_idf",
    ),
    sample(
        "Discretization", REAL, bin_boundaries=[-0.05, 0.0, 0.1], output_mode="one_hot"
    ),
    sample(
        "Discretization",
        REAL,
        bin_boundaries=[-0.05, 0.0, 0.1],
        output_mode="count",
        label="count",
    ),
    sample(
        "Hashing",
        (4, 4),
        integers=1000,
        num_bins=5,
        mask_value=999,
        output_mode="multi_hot",
    ),
    sample(
        "HashedCrossing",
        (4, 1),
        (4, 1),
        integers=5,
        num_bins=5,
        output_mode="one_hot",
    ),
]
