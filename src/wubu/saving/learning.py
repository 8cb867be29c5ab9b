"""What `compile` was told, as plain data and back; and the optimizer's state.

    {
      "arguments":  {"optimizer": {"class": ...}, "loss": "mse", ...},
      "updated":    paths of the variables the optimizer knows, in its order
      "undecayed":  those among them that weight decay leaves out
    }

A loss or metric of your own that is not registered is written by its name alone,
`unregistered>name`, so that a model can always be saved at the end of a long run.
Loading such a file needs the function: `load_model(path, custom_objects={"name":
function})`.

The state of the optimizer stands among the weights: a slot under
`optimizer/<path of the variable>/<slot>`, its counters under `optimizer/<own path>`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu import losses, metrics
from wubu.core import tree
from wubu.core.configurable import (
    Configurable,
    deserialize,
    registered_name,
    serialize,
)
from wubu.core.variable import Variable
from wubu.errors import ArgumentError, FileFormatError
from wubu.optimizers import Optimizer
from wubu.saving import weights
from wubu.saving.vetting import UNREGISTERED
from wubu.saving.weights import OPTIMIZER

_ARGUMENTS = (
    "optimizer",
    "loss",
    "loss_weights",
    "metrics",
    "weighted_metrics",
    "run_eagerly",
    "steps_per_execution",
)


def describe(model: Any) -> dict[str, Any] | None:
    """What `compile` was told, or None before it.

    Raises:
        ArgumentError: a function without a name of its own, such as a lambda.
    """
    arguments = getattr(model, "_compile_arguments", None)
    if arguments is None:
        return None
    given = {**arguments, "run_eagerly": model.run_eagerly}
    optimizer = model.optimizer
    return {
        "arguments": {name: _describe(given[name], name) for name in _ARGUMENTS},
        "updated": [variable.path for variable in optimizer.known_variables],
        "undecayed": [
            v.path for v in optimizer.known_variables if _undecayed(optimizer, v)
        ],
    }


def _undecayed(optimizer: Any, variable: Variable) -> bool:
    return optimizer.decay_of(variable) is not None and not optimizer.decays(variable)


def _describe(value: Any, name: str) -> Any:
    if isinstance(value, list):
        return [_describe(part, name) for part in value]
    if isinstance(value, tuple):
        return {"tuple": [_describe(part, name) for part in value]}
    if isinstance(value, dict):
        return {"dict": [[serialize(k), _describe(v, name)] for k, v in value.items()]}
    kind = type(value) if isinstance(value, Configurable) else value
    if not callable(kind) or registered_name(kind) is not None:
        return serialize(value)
    own = getattr(kind, "__name__", "")
    if not own.isidentifier():
        raise ArgumentError(
            f"compile({name}=...) was given something without a name, which cannot be "
            "written into a file",
            expected="a name, a registered class, or a function made by def",
            got=repr(value)[:60],
            fix="write it as a function with def, and compile again",
        )
    if kind is value:
        return {"function": UNREGISTERED + own}
    config = {k: _describe(v, name) for k, v in value.get_config().items()}
    return {"class": UNREGISTERED + own, "config": config}


def state(model: Any) -> dict[str, Variable]:
    """The variables of a model's optimizer, by their names in a file; none before
    `compile`."""
    optimizer = model.optimizer
    return {} if optimizer is None else _state_of(optimizer)


def _state_of(optimizer: Any) -> dict[str, Variable]:
    # By the variables' present paths, which are those the weights are saved under.
    found: dict[str, Variable] = {}
    for variable in optimizer.known_variables:
        for name, slot in optimizer.slot_variables(variable).items():
            found[f"{OPTIMIZER}{variable.path}/{name}"] = slot
    slots = {id(slot) for slot in found.values()}
    for variable in optimizer.variables:
        if id(variable) not in slots:
            found[f"{OPTIMIZER}{variable.path}"] = variable
    return found


def restore(
    model: Any, data: dict[str, Any], arrays: dict[str, np.ndarray], where: str
) -> None:
    """Compiles a model as it was, and gives its optimizer the state it had.

    Args:
        model: built, with the weights of the file.
        data: what `describe` gave.
        arrays: the optimizer's state, by its names in the file.
        where: named in errors.

    Raises:
        FileFormatError: a loss or metric that has to be given or registered first;
            state that is missing, left over, or does not fit.
    """
    arguments = {name: deserialize(data["arguments"][name]) for name in _ARGUMENTS}
    _check_kinds(arguments)
    model.compile(**arguments)
    optimizer = model.optimizer
    by_path = {variable.path: variable for variable in model.variables}
    updated = [by_path[path] for path in data["updated"]]
    undecayed = [by_path[path] for path in data["undecayed"]]
    if undecayed:
        optimizer.exclude_from_weight_decay(undecayed)
    if updated:
        build(optimizer, updated, arrays)
    variables = _state_of(optimizer)
    weights.check(variables, arrays, where)
    weights.give(variables, arrays)


def _check_kinds(arguments: dict[str, Any]) -> None:
    """Sees that everything is of the kind that `compile` takes, as far as it looks at
    it only later."""
    found = arguments["optimizer"]
    if not isinstance(found, Optimizer):
        raise FileFormatError(
            "the file describes no optimizer",
            expected="a subclass of wubu.optimizers.Optimizer",
            got=type(found).__name__,
        )
    for room, get, name in (
        (losses.Loss, losses.get, "loss"),
        (metrics.Metric, metrics.get, "metrics"),
        (metrics.Metric, metrics.get, "weighted_metrics"),
    ):
        for part in tree.flatten(arguments[name])[0]:
            get(part)
            if isinstance(part, Configurable) and not isinstance(part, room):
                raise FileFormatError(
                    f"the file describes no {room.__name__.lower()}",
                    expected=f"a subclass of {room.__name__}",
                    got=type(part).__name__,
                )


def build(optimizer: Any, updated: list[Variable], arrays: Any) -> None:
    """Makes the slots the file holds: also of variables that were frozen later."""
    before = [variable.trainable for variable in updated]
    for variable in updated:
        start = f"{OPTIMIZER}{variable.path}/"
        variable.trainable = any(name.startswith(start) for name in arrays)
    optimizer.build(updated)
    for variable, trainable in zip(updated, before, strict=True):
        variable.trainable = trainable
