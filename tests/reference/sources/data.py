"""Cases of what stands before training: datasets, sequences, pictures, folders.

The sets are small files of the form of the real ones, read by Keras' own `load_data`.
What Keras' torch backend does not do (resizing by other kernels than bilinear without
antialiasing) is done by JAX, whose `jax.image` has TensorFlow's formulas: this table
needs `pip install jax` besides.
"""

import contextlib
import io
import tempfile
from pathlib import Path
from unittest import mock

import jax
import keras
import numpy as np
from keras.src.utils import dataset_utils

from .record import Record

KIND = "data"


def records():
    yield from word_sets()
    yield from tables()
    yield from padded()
    yield from normalized()
    yield from resized()
    yield from folders()


# --- Sets ----------------------------------------------------------------------------

WORDS = [
    ("default", {}),
    ("limits", {"num_words": 12, "skip_top": 5}),
    ("left_out", {"num_words": 12, "skip_top": 5, "oov_char": None}),
    ("short", {"maxlen": 6, "seed": 3}),
    ("plain", {"start_char": None, "index_from": 0, "num_words": 9}),
    ("moved", {"start_char": None, "index_from": 2}),
]


def word_sets():
    """Texts of differing lengths; `lengths` cuts the joined words into texts again."""
    for label, arguments in WORDS:
        for name, parts in [("imdb", ("x_train", "x_test")), ("reuters", ("x",))]:
            record = Record(KIND, name, label, arguments)
            random = np.random.default_rng(7)
            held, inputs = {}, {}
            for part in parts:
                texts = [
                    random.integers(1, 15, size=n).tolist()
                    for n in random.integers(2, 8, size=11)
                ]
                labels = random.integers(0, 2, size=11)
                held[part] = objects(texts)
                held[part.replace("x", "y")] = labels
                inputs |= joined(part, texts)
                inputs[part.replace("x", "y")] = labels
            record.arrays["inputs"] = inputs
            (x_train, y_train), (x_test, y_test) = loaded(name, held, arguments)
            record.arrays["outputs"] = {
                **joined("x_train", x_train),
                "y_train": np.asarray(y_train),
                **joined("x_test", x_test),
                "y_test": np.asarray(y_test),
            }
            yield record


def tables():
    for name, arguments, label in [
        ("boston_housing", {}, "default"),
        ("boston_housing", {"test_split": 0.5, "seed": 4}, "half"),
        ("california_housing", {"test_split": 0.3}, "default"),
    ]:
        record = Record(KIND, name, label, arguments)
        x, y = record.random.normal(size=(9, 3)), record.random.normal(size=9)
        record.arrays["inputs"] = {"x": x, "y": y}
        (x_train, y_train), (x_test, y_test) = loaded(name, {"x": x, "y": y}, arguments)
        record.arrays["outputs"] = {
            "x_train": x_train,
            "y_train": y_train,
            "x_test": x_test,
            "y_test": y_test,
        }
        yield record


def loaded(name, held, arguments):
    """What Keras' `load_data` makes of an `.npz` file with these arrays."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/{name}.npz"
        np.savez(path, **held)
        place = f"keras.src.datasets.{name}.get_file"
        with mock.patch(place, lambda *args, **kwargs: path):
            return getattr(keras.datasets, name).load_data(**arguments)


def objects(texts):
    array = np.empty(len(texts), dtype=object)
    for i, text in enumerate(texts):
        array[i] = text
    return array


def joined(name, texts):
    return {
        name: np.array([word for text in texts for word in text], np.int64),
        f"{name}_lengths": np.array([len(text) for text in texts], np.int64),
    }


# --- Sequences -----------------------------------------------------------------------

SEQUENCES = [[1], [2, 3], [], [4, 5, 6, 7]]
STEPS = [[[1.5, 2.0]], [[3.0, 4.5], [5.0, 6.0], [7.0, 8.0]]]

PADDED = [
    ("default", SEQUENCES, {}),
    ("post", SEQUENCES, {"padding": "post", "value": -1}),
    ("cut", SEQUENCES, {"maxlen": 2}),
    ("cut_post", SEQUENCES, {"maxlen": 3, "truncating": "post", "padding": "post"}),
    ("steps", STEPS, {"maxlen": 2, "dtype": "float32"}),
]


def padded():
    for label, sequences, arguments in PADDED:
        found = keras.utils.pad_sequences(sequences, **arguments)
        record = Record(KIND, "pad_sequences", label, arguments)
        record.call["sequences"] = sequences
        record.arrays["outputs"] = {"0": found}
        yield record


def normalized():
    for label, arguments in [
        ("default", {}),
        ("axis_1", {"axis": 1}),
        ("order_1", {"order": 1}),
    ]:
        record = Record(KIND, "normalize", label, arguments)
        x = np.array([[3.0, 4.0], [0.0, 0.0], [-1.0, 2.0]])
        record.arrays["inputs"] = {"x": x}
        record.arrays["outputs"] = {"0": keras.utils.normalize(x, **arguments)}
        yield record


# --- Pictures ------------------------------------------------------------------------

SIZES = [(3, 4), (11, 9)]
JAX_METHODS = {"bicubic": "cubic", "lanczos3": "lanczos3", "lanczos5": "lanczos5"}


def resized():
    picture = np.random.default_rng(5).integers(0, 256, (6, 8, 3)).astype(np.float32)
    for size in SIZES:
        label = f"{size[0]}_{size[1]}"
        for method in ["bilinear", "nearest", *JAX_METHODS]:
            record = Record(KIND, "resize", f"{method}_{label}")
            record.call = {"size": list(size), "interpolation": method}
            record.arrays["inputs"] = {"x": picture.astype(np.uint8)}
            if method in JAX_METHODS:
                found = jax.image.resize(
                    picture, (*size, 3), JAX_METHODS[method], antialias=False
                )
            else:
                found = keras.ops.image.resize(picture, size, interpolation=method)
            record.arrays["outputs"] = {"0": np.asarray(found)}
            yield record
    for keep in ["crop_to_aspect_ratio", "pad_to_aspect_ratio"]:
        for size in [(4, 4), (9, 3)]:
            record = Record(KIND, "resize", f"{keep}_{size[0]}_{size[1]}")
            record.call = {"size": list(size), "interpolation": "bilinear", keep: True}
            record.arrays["inputs"] = {"x": picture.astype(np.uint8)}
            found = keras.ops.image.resize(picture, size, **{keep: True})
            record.arrays["outputs"] = {"0": np.asarray(found)}
            yield record


# --- Folders -------------------------------------------------------------------------

FILES = [f"{name}/{i}.png" for name in ["cat", "ant", "bee"] for i in range(7)]
FILES += ["ant/deep/10.png", "bee/notes.doc"]


def folders():
    for label, arguments in [
        ("in_order", {"shuffle": False}),
        ("shuffled", {"shuffle": True, "seed": 5}),
        ("named", {"shuffle": True, "seed": 5, "class_names": ["bee", "ant"]}),
    ]:
        record = Record(KIND, "index_directory", label, arguments)
        record.call["files"] = FILES
        with tempfile.TemporaryDirectory() as folder:
            for name in FILES:
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(b"")
            with contextlib.redirect_stdout(io.StringIO()):
                paths, labels, names = dataset_utils.index_directory(
                    folder, "inferred", formats=(".png",), **arguments
                )
                split = {
                    subset: dataset_utils.get_training_or_validation_split(
                        paths, labels, 0.3, subset
                    )
                    for subset in ("training", "validation")
                }
            relative = [str(Path(path).relative_to(folder)) for path in paths]
        record.properties["paths"] = relative
        record.properties["class_names"] = list(names)
        record.arrays["outputs"] = {
            "labels": np.asarray(labels),
            "training": np.asarray(split["training"][1]),
            "validation": np.asarray(split["validation"][1]),
        }
        yield record
