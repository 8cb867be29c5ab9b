"""`save_model` and `load_model`: a whole model in one file."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from wubu.core.configurable import custom_objects as named
from wubu.errors import ArgumentError, FileFormatError, WubuError
from wubu.layers.first_values import first_values_from
from wubu.saving import architecture, archive, json_text, learning, tensors, weights
from wubu.saving.vetting import vet


def save_model(model: Any, filepath: str | os.PathLike, overwrite: bool = True) -> None:
    """Writes a model into one file: architecture, weights, what `compile` was told, and
    the optimizer's state. Loaded, it predicts the same and goes on training the same.

    Args:
        model: a model that is built.
        filepath: any name, `.wubu` by custom. A crash while writing leaves the file
            that was there before.
        overwrite: whether an existing file may be replaced.

    Raises:
        ArgumentError: a layer of your own that is not registered.
        FileExistsError: the file exists and `overwrite` is False.

    Example:
        >>> import tempfile
        >>> from wubu import Sequential, layers
        >>> model = Sequential([layers.Input((2,)), layers.Dense(3, name="head")])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     save_model(model, f"{folder}/model.wubu")
        ...     load_model(f"{folder}/model.wubu").get_layer("head").units
        3
    """
    variables = weights.variables_by_path(model)
    config = architecture.describe(model)
    config["compile"] = learning.describe(model)
    state = learning.state(model)
    if shared := variables.keys() & state.keys():
        raise ArgumentError(
            f"{weights.few(shared)} are paths of weights and of the optimizer's state",
            fix='give the layer "optimizer" another name',
        )
    arrays = weights.arrays_of({**variables, **state})
    try:
        vet(config, compiled=False)
    except FileFormatError as error:  # better now than when it is needed
        raise ArgumentError(
            f"this model could not be loaded again: {error.what}",
            where=error.where,
            expected=error.expected,
            got=error.got,
            fix=error.fix,
        ) from error
    members = {
        archive.CONFIG: json_text.to_bytes(config),
        archive.WEIGHTS: tensors.to_bytes(arrays),
    }
    counts = {
        "layers": len(config["layers"]),
        "variables": len(variables),
        "parameters": model.count_params(),
        "optimizer_variables": len(state),
    }
    archive.write(filepath, members, counts, overwrite)


def load_model(
    filepath: str | os.PathLike,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
) -> Any:
    """The model that a file of `save_model` holds.

    A file is data and never code: layers are made by the names of registered classes.

    Args:
        filepath: the file.
        custom_objects: classes and functions by name, for this file alone; for those
            of your own that are not registered.
        compile: whether to compile it as it was, with the optimizer's state.

    Raises:
        FileFormatError: damaged, foreign or made by a newer Wubu; or it needs a class
            that is not registered.
    """
    members = archive.read(filepath)
    where = f"{filepath}, {archive.CONFIG}"
    config = json_text.from_bytes(members[archive.CONFIG], where)
    holding = f"{filepath}, {archive.WEIGHTS}"
    arrays = tensors.from_bytes(members[archive.WEIGHTS], holding)
    with named(custom_objects or {}), explaining(where):
        vet(config, compiled=compile)
        with first_values_from(weights.Allowance(arrays, where)):
            model = architecture.make(config)
        variables = weights.variables_by_path(model)
        state = _state_among(arrays, variables)
        own = {path: a for path, a in arrays.items() if path not in state}
        weights.check(variables, own, holding)
        weights.give(variables, own)
        if compile and config["compile"] is not None:
            learning.restore(model, config["compile"], state, holding)
    return model


def _state_among(
    arrays: Mapping[str, np.ndarray], variables: Mapping[str, Any]
) -> dict[str, np.ndarray]:
    return {
        path: array
        for path, array in arrays.items()
        if path.startswith(weights.OPTIMIZER) and path not in variables
    }


@contextlib.contextmanager
def explaining(where: str) -> Iterator[None]:
    """Makes any error of a description one of the file.

    Constructors refuse wrong arguments in their own ways, all of which end here; the
    first error stays attached as the cause.
    """
    try:
        yield
    except FileFormatError as error:
        error.where = error.where or where
        raise
    except RecursionError as error:
        raise FileFormatError(
            "the model in this file is nested too deeply",
            where=where,
            expected="layers in layers to a depth that Python can follow",
        ) from error
    except Exception as error:
        said = error.what if isinstance(error, WubuError) else str(error)
        raise FileFormatError(
            "the model in this file cannot be made from its description",
            where=where,
            got=f"{type(error).__name__}: {said}"[:300],
            fix="use classes of your own as they were when it was saved",
        ) from error
