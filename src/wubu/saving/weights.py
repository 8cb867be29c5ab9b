"""Weights by path: taken from a model, checked, and given to one."""

from __future__ import annotations

import os
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from wubu.core.variable import Variable
from wubu.errors import ArgumentError, FileFormatError
from wubu.saving import archive, tensors
from wubu.saving.atomic import replacing

# Where the optimizer's state stands among the weights.
OPTIMIZER = "optimizer/"


def save_weights(
    model: Any, filepath: str | os.PathLike, overwrite: bool = True
) -> None:
    """Writes the weights of a model, and the state of its random generators, into a
    safetensors file: each variable under its path.

    Args:
        model: a model that is built.
        filepath: any name; a crash while writing leaves what was there before.
        overwrite: whether an existing file may be replaced.

    Raises:
        FileExistsError: the file exists and `overwrite` is False.

    Example:
        >>> import tempfile
        >>> from wubu import Sequential, layers
        >>> model = Sequential([layers.Input((2,)), layers.Dense(3, name="head")])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_weights(model, f"{folder}/weights.safetensors")
        ...     load_weights(model, f"{folder}/weights.safetensors")
        >>> sorted(variables_by_path(model))
        ['head/bias', 'head/kernel']
    """
    arrays = arrays_of(variables_by_path(model))
    content = tensors.to_bytes(arrays, {"format": "wubu weights", "version": "1"})
    with replacing(filepath, overwrite) as file:
        file.write(content)


def load_weights(
    model: Any, filepath: str | os.PathLike, skip_mismatch: bool = False
) -> None:
    """Gives a model the weights of a file of `save_weights` or `save_model`.

    All fit, or nothing changes. An optimizer's state in the file is left alone.

    Args:
        model: a model that is built.
        filepath: the file.
        skip_mismatch: leaves weights as they are that the file does not hold, or not
            in their shape and dtype, with a warning.

    Raises:
        FileFormatError: damaged or foreign; weights missing, left over, or of another
            shape or dtype.
    """
    found, where = _read(filepath)
    variables = variables_by_path(model)
    if skip_mismatch:
        fitting = {
            path: variable
            for path, variable in variables.items()
            if path in found and _kind(variable) == _kind(found[path])
        }
        left = [path for path in variables if path not in fitting]
        if left:
            message = f"{where} has nothing that fits {few(left)}: left as they are"
            warnings.warn(message, stacklevel=3)
        give(fitting, found)
        return
    own = {
        path: array
        for path, array in found.items()
        if path in variables or not path.startswith(OPTIMIZER)
    }
    check(variables, own, where)
    give(variables, own)


def _read(filepath: str | os.PathLike) -> tuple[dict[str, np.ndarray], str]:
    with Path(filepath).open("rb") as file:
        start = file.read(9)
    if start[8:] == b"{":
        where = str(filepath)
        return tensors.from_bytes(Path(filepath).read_bytes(), where), where
    where = f"{filepath}, {archive.WEIGHTS}"
    content = archive.read(filepath)[archive.WEIGHTS]
    return tensors.from_bytes(content, where), where


def variables_by_path(model: Any) -> dict[str, Variable]:
    """The variables of a model, random generators included, by path.

    Raises:
        ArgumentError: two variables have the same path.
    """
    model.assign_paths()
    found: dict[str, Variable] = {}
    for variable in model.variables:
        if found.setdefault(variable.path, variable) is not variable:
            raise ArgumentError(
                f'two variables have the path "{variable.path}", so a file could not '
                "tell them apart",
                fix="give them other names in add_weight(name=...)",
            )
    return found


def arrays_of(variables: Mapping[str, Variable]) -> dict[str, np.ndarray]:
    """The present values."""
    return {path: v.detach().numpy() for path, v in variables.items()}


def check(
    variables: Mapping[str, Variable], arrays: Mapping[str, np.ndarray], where: str
) -> None:
    """Sees whether arrays are exactly what variables can take.

    Raises:
        FileFormatError: some are missing, left over, or of another shape or dtype.
    """
    missing = [path for path in variables if path not in arrays]
    extra = [path for path in arrays if path not in variables]
    if missing or extra:
        raise FileFormatError(
            "the weights in the file are those of another model",
            where=where,
            expected=f"{len(variables)} variables; not in the file: {few(missing)}",
            got=f"{len(arrays)} variables; not in the model: {few(extra)}",
            fix="make the model as it was when the file was saved",
        )
    wrong = [
        path
        for path, variable in variables.items()
        if _kind(variable) != _kind(arrays[path])
    ]
    if wrong:
        path = wrong[0]
        raise FileFormatError(
            f"{len(wrong)} of {len(variables)} variables have another shape or dtype "
            f"in the file; the first is {few(wrong[:1])}",
            where=where,
            expected=_shown(*_kind(variables[path])),
            got=_shown(*_kind(arrays[path])),
            fix="make the model as it was when the file was saved",
        )


def give(variables: Mapping[str, Variable], arrays: Mapping[str, np.ndarray]) -> None:
    """Gives variables the values that `check` found to fit."""
    for path, variable in variables.items():
        variable.replace(np.array(arrays[path], dtype=variable.dtype))


class Allowance:
    """Lets a model have the weights of a file and no others, while it is being built.

    A hostile description may ask for a layer of 10**12 units. Before memory is given to
    a new weight, one of its shape and dtype has to be in the file; it is then taken off
    the list. So building takes no more memory than the file is long. Paths are compared
    afterwards: a weight does not know its own until the model is complete.

    Its first values are zeros, because the file's replace them.

    Args:
        arrays: the weights of the file.
        where: named in errors.
    """

    def __init__(self, arrays: Mapping[str, np.ndarray], where: str) -> None:
        self._left = Counter(_kind(array) for array in arrays.values())
        self._where = where

    def __call__(self, shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
        if not self._left[shape, dtype]:
            raise FileFormatError(
                "the description asks for a weight that is not in the file",
                where=self._where,
                expected="weights of " + few_kinds(self._left),
                got=_shown(shape, dtype),
            )
        self._left[shape, dtype] -= 1
        return np.zeros(shape, dtype)


Kind = tuple[tuple[int, ...], np.dtype]


def _kind(value: Any) -> Kind:
    return value.shape, value.dtype


def _shown(shape: tuple[int, ...], dtype: np.dtype) -> str:
    return f"shape {str(shape)[:100]}, {dtype}"


def few(names: Iterable[str]) -> str:
    """The first names, and how many more there are."""
    names = list(names)
    shown = ", ".join(f'"{name:.60}"' for name in names[:3])
    return (shown or "none") + (f" and {len(names) - 3} more" if names[3:] else "")


def few_kinds(kinds: Mapping[Kind, int]) -> str:
    left = [_shown(*kind) for kind, number in kinds.items() if number > 0]
    return ("; ".join(left[:3]) or "no other shape") + (" ..." if left[3:] else "")
