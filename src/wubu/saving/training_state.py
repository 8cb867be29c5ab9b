"""`save_state` and `load_state`: all that training needs to go on, in one file.

A file of `save_model` describes a model, so that anybody can make it again. This one
does not: it is for the same script, started again, which makes the model itself. So it
holds any model, also one whose classes are not registered:

    every variable of the model by its path, random generators included
    optimizer/...    the optimizer's state, as in a model file
    metrics/...      the state of metrics, for the middle of an epoch
    random           the default generator
    extra/...        arrays that the caller adds

and, as JSON, which variables the optimizer knows, and what the caller adds.
"""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from wubu.core import tree
from wubu.core.variable import Variable
from wubu.errors import FileFormatError
from wubu.ops.random import default_generator
from wubu.saving import archive, json_text, learning, tensors, weights

_METRICS, _RANDOM, _EXTRA = "metrics/", "random", "extra/"
_KIND = "training state"


def save_state(model: Any, filepath: str | os.PathLike, extra: Any = None) -> None:
    """Writes the state of a model, its optimizer, metrics and random generators.

    Args:
        model: built and compiled.
        filepath: any name; a crash while writing leaves what was there before.
        extra: lists and dictionaries of numbers, strings, None and arrays.
    """
    variables = _variables(model)
    leaves, structure = _apart(extra)
    arrays = weights.arrays_of(variables)
    arrays |= {f"{_EXTRA}{number}": array for number, array in enumerate(leaves)}
    optimizer = model.optimizer
    about = {
        "kind": _KIND,
        "updated": [v.path for v in optimizer.known_variables] if optimizer else [],
        "accumulation": getattr(optimizer, "gradient_accumulation_steps", None),
        "extra": structure,
    }
    members = {
        archive.CONFIG: json_text.to_bytes(about),
        archive.WEIGHTS: tensors.to_bytes(arrays),
    }
    archive.write(filepath, members, {"variables": len(variables)})


def load_state(model: Any, filepath: str | os.PathLike) -> Any:
    """Gives a model the state in a file of `save_state`: all of it, or nothing changes.

    Args:
        model: the same model, built, and compiled in the same way.
        filepath: the file.

    Returns:
        What the caller had added.

    Raises:
        FileFormatError: damaged or foreign; the state of another model, optimizer or
            metric.
    """
    members = archive.read(filepath)
    about = json_text.from_bytes(members[archive.CONFIG], f"{filepath}")
    if not isinstance(about, dict) or about.get("kind") != _KIND:
        raise FileFormatError(
            "this file holds no state of training",
            where=filepath,
            expected="a file of model.save_state",
            got="a model" if "layers" in about else str(about)[:60],
        )
    arrays = tensors.from_bytes(members[archive.WEIGHTS], str(filepath))
    extra = {name: a for name, a in arrays.items() if name.startswith(_EXTRA)}
    arrays = {name: a for name, a in arrays.items() if name not in extra}
    _know(model, about, arrays)
    variables = _variables(model)
    weights.check(variables, arrays, str(filepath))
    weights.give(variables, arrays)
    return _together(about["extra"], extra)


def _variables(model: Any) -> dict[str, Variable]:
    found = weights.variables_by_path(model) | learning.state(model)
    for number, metric in enumerate(model.metrics):
        for place, variable in enumerate(metric.variables):
            found[f"{_METRICS}{number}/{place}/{variable.name}"] = variable
    found[_RANDOM] = default_generator().state
    return found


def _know(model: Any, about: Any, arrays: dict[str, np.ndarray]) -> None:
    """Makes the optimizer's slots that the file has."""
    optimizer, updated = model.optimizer, about["updated"]
    if optimizer is None:
        return
    if [v.path for v in optimizer.known_variables] != updated:
        by_path = weights.variables_by_path(model)
        known = [by_path[path] for path in updated if path in by_path]
        learning.build(optimizer, known, arrays)
    if optimizer.accumulate(about["accumulation"] or 1):
        model._forget_steps()


def _apart(extra: Any) -> tuple[list[np.ndarray], Any]:
    """The arrays in a structure, and the structure with numbers in their places."""
    arrays: list[np.ndarray] = []

    def take(leaf: Any) -> Any:
        if not isinstance(leaf, np.ndarray):
            return leaf
        arrays.append(leaf)
        return {"array": len(arrays) - 1}

    structure = tree.map_structure(take, extra)
    return arrays, structure


def _together(structure: Any, arrays: dict[str, np.ndarray]) -> Any:
    if isinstance(structure, dict):
        if set(structure) == {"array"}:
            return arrays[f"{_EXTRA}{structure['array']}"]
        return {name: _together(part, arrays) for name, part in structure.items()}
    if isinstance(structure, list):
        return [_together(part, arrays) for part in structure]
    return structure
