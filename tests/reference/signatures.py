"""The argument names and defaults of Keras 3's public classes and methods.

Writes `signatures.json`, so that a test can compare Wubu's signatures with them. Run it
as part of `generate.py`, in the environment described there, or alone:

    KERAS_BACKEND=torch python tests/reference/signatures.py
"""

import inspect
import json
import os
from pathlib import Path

os.environ.setdefault("KERAS_BACKEND", "torch")

import keras

HERE = Path(__file__).parent

NAMES = {
    "layers": """Input Dense Activation Flatten Reshape Rescaling Conv2D MaxPooling2D
        AveragePooling2D GlobalAveragePooling2D BatchNormalization LayerNormalization
        Dropout Embedding LSTM Add Concatenate""",
    "losses": """SparseCategoricalCrossentropy CategoricalCrossentropy
        BinaryCrossentropy MeanSquaredError MeanAbsoluteError""",
    "metrics": """Mean Accuracy BinaryAccuracy CategoricalAccuracy
        SparseCategoricalAccuracy MeanSquaredError MeanAbsoluteError
        SparseCategoricalCrossentropy CategoricalCrossentropy BinaryCrossentropy""",
    "optimizers": "SGD RMSprop Adam AdamW",
    "optimizers.schedules": "ExponentialDecay CosineDecay",
    "initializers": """Zeros Ones Constant GlorotUniform GlorotNormal HeUniform HeNormal
        LecunUniform LecunNormal RandomNormal RandomUniform TruncatedNormal
        VarianceScaling Orthogonal""",
    "regularizers": "L1 L2 L1L2",
    "callbacks": "EarlyStopping ModelCheckpoint LambdaCallback History",
    "Model": "fit evaluate predict compile train_on_batch summary save",
}


def lookup(dotted):
    """The object at a dotted path below `keras`: `optimizers.schedules`, `Model`."""
    value = keras
    for part in dotted.split("."):
        value = getattr(value, part)
    return value


def default(parameter):
    """A parameter's default as JSON holds it: itself, or its repr where JSON cannot."""
    value = parameter.default
    if isinstance(value, tuple):
        return list(value)
    plain = value is None or isinstance(value, bool | int | float | str | list | dict)
    return value if plain else {"repr": repr(value)}


def describe(function):
    """Each argument: its name, its kind, and its default if it has one."""
    arguments = []
    for parameter in inspect.signature(function).parameters.values():
        if parameter.name == "self":
            continue
        entry = {"name": parameter.name, "kind": parameter.kind.name.lower()}
        if parameter.default is not parameter.empty:
            entry["default"] = default(parameter)
        arguments.append(entry)
    return arguments


def target(owner, name):
    """What to inspect: a class' constructor, or a plain function or method."""
    value = getattr(owner, name)
    return value.__init__ if inspect.isclass(value) else value


def signatures():
    """{"layers.Dense": [{"name": "units", ...}, ...], ...} for every name above."""
    return {
        f"{place}.{name}": describe(target(lookup(place), name))
        for place, names in NAMES.items()
        for name in names.split()
    }


def write():
    """Write `signatures.json`, one argument to a line."""
    lines = []
    for path, arguments in signatures().items():
        rows = ",\n".join(f"      {json.dumps(entry)}" for entry in arguments)
        lines.append(f'    "{path}": [\n{rows}\n    ]' if rows else f'    "{path}": []')
    text = (
        "{\n"
        f'  "keras": "{keras.__version__}",\n'
        '  "signatures": {\n' + ",\n".join(lines) + "\n  }\n}\n"
    )
    json.loads(text)
    (HERE / "signatures.json").write_text(text)


if __name__ == "__main__":
    write()
