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

ROOMS = [
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "optimizers.schedules",
    "initializers",
    "regularizers",
    "constraints",
    "callbacks",
    "activations",
    "utils",
]
METHODS = """fit evaluate predict compile train_on_batch test_on_batch predict_on_batch
    summary save save_weights load_weights get_layer compute_loss to_json export"""


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


def public(place):
    """The classes and functions of a room, without modules and aliases of modules."""
    room = lookup(place)
    return sorted(name for name in dir(room) if _is_described(getattr(room, name)))


def _is_described(value):
    return inspect.isclass(value) or inspect.isfunction(value)


def signatures():
    """{"layers.Dense": [{"name": "units", ...}, ...], ...}: all that Keras has."""
    names = [(place, name) for place in ROOMS for name in public(place)]
    names += [("Model", name) for name in METHODS.split()]
    return {
        f"{place}.{name}": describe(target(lookup(place), name))
        for place, name in names
        if not name.startswith("_")
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
