"""A model's architecture as a string of JSON, without its weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from wubu.core.configurable import custom_objects as named
from wubu.saving import architecture, json_text
from wubu.saving.model_file import explaining
from wubu.saving.vetting import vet


def model_to_json(model: Any, **options: Any) -> str:
    """The architecture of a model that is built; weights and `compile` are left out.

    Args:
        options: of `json.dumps`, such as `indent`.

    Raises:
        ArgumentError: a class of yours inside is not registered.
    """
    model.assign_paths()
    config = {**architecture.describe(model), "compile": None}
    return json.dumps(json_text.with_finite_numbers(config), **options)


def model_from_json(
    json_string: str, custom_objects: Mapping[str, Any] | None = None
) -> Any:
    """A new model of the architecture that `Model.to_json` wrote, with new weights.

    Args:
        json_string: the text. It is data and never code.
        custom_objects: classes and functions by name, for those of your own that are
            not registered.

    Raises:
        FileFormatError: it describes no model, or needs a class that is not registered.

    Example:
        >>> from wubu import Sequential, layers
        >>> model = Sequential([layers.Input((4,)), layers.Dense(2)])
        >>> model_from_json(model.to_json()).count_params()
        10
    """
    where = "the JSON of the model"
    config = json_text.from_bytes(json_string.encode(), where)
    with named(custom_objects or {}), explaining(where):
        vet(config, compiled=False)
        return architecture.make(config)
