"""Compute, with Keras 3 on TensorFlow, the numbers of layers on words and categories.

They need TensorFlow, which `generate.py` does without; so they have an environment of
their own:

    python -m venv /tmp/peers_words
    /tmp/peers_words/bin/pip install keras==3.15.1 tensorflow==2.21.0
    /tmp/peers_words/bin/python tests/reference/generate_words.py

It writes `cases/words.json`, arrays and strings included, and `cases/words.npz`, which
is empty: inputs and outputs stand under "properties", as nested lists. Running it again
changes nothing.
"""

import json
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf

CASES = Path(__file__).parent / "cases"

TEXTS = [
    "The cat, the DOG!",
    "a cat's  tale\tof two\u00a0cities",
    "",
    "Zürich ÄÖ: don't_stop (now)",
    "dog eat dog eat cat",
]
WORDS = [["cat", "dog", "cat"], ["emu", "", "dog"], ["cat", "fox", "gnu"]]
NUMBERS = [[12, 7, 12], [-5, 0, 99], [7, 7, 1234567890123]]
MANY = [-123456789012345678, -1, 0, 5, 10, 999, 123456, 2**40, 2**63 - 1, -(2**63)]
MANY += [12345678, -1234567, 10**15, 10**16, -(10**15), 98765432109876543]
REAL = np.random.default_rng(0).normal(size=(40, 5)).round(3).tolist()
IDF = [0.25, 0.75, 0.5]

# name, label, arguments, data to adapt to, inputs.
ROWS = [
    ("StringLookup", "given", {"vocabulary": ["dog", "cat", "emu"]}, None, WORDS),
    ("StringLookup", "mask", {"mask_token": "", "max_tokens": 5}, WORDS, WORDS),
    *[
        ("StringLookup", mode, {"output_mode": mode, "mask_token": ""}, WORDS, WORDS)
        for mode in ("one_hot", "multi_hot", "count", "tf_idf")
    ],
    (
        "StringLookup",
        "padded",
        {"output_mode": "count", "max_tokens": 9, "pad_to_max_tokens": True},
        WORDS,
        WORDS,
    ),
    (
        "StringLookup",
        "given_tf_idf",
        {
            "output_mode": "tf_idf",
            "vocabulary": ["dog", "cat", "emu"],
            "idf_weights": IDF,
            "max_tokens": 6,
            "pad_to_max_tokens": True,
        },
        None,
        WORDS,
    ),
    (
        "StringLookup",
        "buckets",
        {"vocabulary": ["dog"], "num_oov_indices": 3, "mask_token": ""},
        None,
        [["dog", "fox", "gnu", "", "zebra", "a much longer string than the others"]],
    ),
    (
        "StringLookup",
        "salted",
        {"vocabulary": ["dog"], "num_oov_indices": 4, "salt": [3, 9]},
        None,
        [["dog", "fox", "gnu", "", "zebra"]],
    ),
    (
        "StringLookup",
        "inverted",
        {"vocabulary": ["dog", "cat"], "invert": True, "mask_token": ""},
        None,
        [[0, 1, 2], [3, 4, -1]],
    ),
    ("IntegerLookup", "given", {"vocabulary": [7, 12, -5]}, None, NUMBERS),
    ("IntegerLookup", "mask", {"mask_token": 0, "max_tokens": 5}, NUMBERS, NUMBERS),
    *[
        ("IntegerLookup", mode, {"output_mode": mode}, NUMBERS, NUMBERS)
        for mode in ("one_hot", "multi_hot", "count", "tf_idf")
    ],
    (
        "IntegerLookup",
        "floormod",
        {"vocabulary": [7], "num_oov_indices": 3, "mask_token": 99},
        None,
        NUMBERS,
    ),
    (
        "IntegerLookup",
        "farmhash",
        {"vocabulary": [5], "num_oov_indices": 7, "oov_method": "farmhash"},
        None,
        MANY,
    ),
    (
        "IntegerLookup",
        "salted",
        {
            "vocabulary": [5],
            "num_oov_indices": 7,
            "oov_method": "farmhash",
            "salt": 11,
        },
        None,
        MANY,
    ),
    (
        "IntegerLookup",
        "inverted",
        {"vocabulary": [7, 12], "invert": True},
        None,
        [[0, 1, 2], [3, -1, 1]],
    ),
    *[
        (
            "CategoryEncoding",
            mode,
            {"num_tokens": 4, "output_mode": mode},
            None,
            [[0, 3], [2, 2], [1, 0]],
        )
        for mode in ("one_hot", "multi_hot", "count")
    ],
    (
        "CategoryEncoding",
        "one_place",
        {"num_tokens": 3, "output_mode": "one_hot"},
        None,
        [[0], [2], [1]],
    ),
    (
        "CategoryEncoding",
        "one_sample",
        {"num_tokens": 3, "output_mode": "multi_hot"},
        None,
        [0, 2, 2],
    ),
    (
        "Discretization",
        "given",
        {"bin_boundaries": [-0.5, 0.0, 0.75]},
        None,
        [[-1.0, -0.5, -0.25, 0.0], [0.5, 0.75, 3.0, -7.0]],
    ),
    ("Discretization", "adapted", {"num_bins": 4}, REAL, REAL[:8]),
    ("Discretization", "coarse", {"num_bins": 3, "epsilon": 0.07}, REAL, REAL[:8]),
    *[
        (
            "Discretization",
            mode,
            {"bin_boundaries": [-0.5, 0.5], "output_mode": mode},
            None,
            REAL[:3],
        )
        for mode in ("one_hot", "multi_hot", "count")
    ],
    ("Hashing", "strings", {"num_bins": 5}, None, WORDS),
    ("Hashing", "mask", {"num_bins": 5, "mask_value": ""}, None, WORDS),
    ("Hashing", "salted", {"num_bins": 7, "salt": [133, 137]}, None, WORDS),
    ("Hashing", "integers", {"num_bins": 11}, None, MANY),
    ("Hashing", "integers_mask", {"num_bins": 6, "mask_value": 10}, None, MANY),
    ("Hashing", "integers_salted", {"num_bins": 11, "salt": 5}, None, MANY),
    *[
        ("Hashing", mode, {"num_bins": 4, "output_mode": mode}, None, WORDS)
        for mode in ("one_hot", "multi_hot", "count")
    ],
    ("HashedCrossing", "both", {"num_bins": 9}, None, [["a", "b", "a"], [1, 1, -2]]),
    (
        "HashedCrossing",
        "integers",
        {"num_bins": 9, "output_mode": "one_hot"},
        None,
        [[4, 5, 2**40], [1, 1, -2]],
    ),
    ("TextVectorization", "default", {}, TEXTS, TEXTS),
    ("TextVectorization", "length", {"output_sequence_length": 3}, TEXTS, TEXTS),
    *[
        ("TextVectorization", str(word), {"standardize": word}, TEXTS, TEXTS)
        for word in ("lower", "strip_punctuation", None)
    ],
    (
        "TextVectorization",
        "characters",
        {"split": "character", "max_tokens": 12},
        TEXTS,
        TEXTS,
    ),
    (
        "TextVectorization",
        "whole",
        {"split": None, "standardize": "lower"},
        TEXTS,
        [[text] for text in TEXTS],
    ),
    ("TextVectorization", "ngrams", {"ngrams": 2}, TEXTS, TEXTS),
    *[
        ("TextVectorization", mode, {"output_mode": mode}, TEXTS, TEXTS)
        for mode in ("multi_hot", "count", "tf_idf")
    ],
    (
        "TextVectorization",
        "padded",
        {
            "output_mode": "tf_idf",
            "max_tokens": 30,
            "pad_to_max_tokens": True,
            "ngrams": 2,
        },
        TEXTS,
        TEXTS,
    ),
]

HASHED = ["", "a", "cat", "Zürich", *("x" * n + "y" for n in (6, 14, 30, 62, 63, 150))]
BUCKETS = 2**62 - 57  # almost the hash itself


def main():
    entries = [entry(*row) for row in ROWS] + hashes()
    versions = {
        "keras": keras.__version__,
        "tensorflow": tf.__version__,
        "numpy": np.__version__,
    }
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    written = f'{{"versions": {json.dumps(versions)},\n"cases": [\n{lines}\n]}}\n'
    (CASES / "words.json").write_text(written)
    np.savez(CASES / "words.npz")
    print(f"{len(entries)} cases")


def entry(name, label, arguments, data, inputs):
    layer = getattr(keras.layers, name)(**arguments)
    properties = {"adapt": data, "inputs": inputs}
    if data is not None:
        layer.adapt(np.array(data))
    if name in ("StringLookup", "IntegerLookup", "TextVectorization"):
        properties["vocabulary"] = plain(layer.get_vocabulary())
    if name == "Discretization":
        properties["bin_boundaries"] = layer.bin_boundaries
    crossing = name == "HashedCrossing"
    given = tuple(map(np.array, inputs)) if crossing else np.array(inputs)
    output = layer(given)
    properties |= {"output": plain(output), "shape": list(output.shape)}
    return {
        "id": f"words/{name}/{label}",
        "arguments": arguments,
        "properties": properties,
    }


def plain(value):
    """Nested lists of numbers and strings."""
    value = np.asarray(value).tolist()
    return decoded(value)


def decoded(value):
    if isinstance(value, list):
        return [decoded(part) for part in value]
    return value.decode() if isinstance(value, bytes) else value


def hashes():
    """The two hashes themselves, of strings of every kind of length."""
    fast = tf.strings.to_hash_bucket_fast(HASHED, BUCKETS)
    strong = tf.strings.to_hash_bucket_strong(HASHED, BUCKETS, key=[133, 137])
    return [
        {
            "id": f"hash/{name}/strings",
            "call": {"key": key, "buckets": BUCKETS},
            "properties": {"inputs": HASHED, "output": plain(found)},
        }
        for name, key, found in (
            ("FarmHash", None, fast),
            ("SipHash", [133, 137], strong),
        )
    ]


if __name__ == "__main__":
    main()
