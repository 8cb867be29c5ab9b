"""Any object of Wubu's or of yours as plain data, and back; by the names Keras uses.

Your own classes and functions have to be registered, or be given by name:

    @wubu.saving.register_keras_serializable("mine")
    class Twice(wubu.layers.Layer): ...

    with wubu.saving.custom_object_scope({"Twice": Twice}): ...
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.core import configurable, registry


def serialize_keras_object(obj: Any) -> Any:
    """A layer, loss, metric, optimizer, function, or structure of them, as plain data.

    Raises:
        ArgumentError: something that is neither plain data nor registered.

    Example:
        >>> from wubu.regularizers import L1
        >>> serialize_keras_object(L1(0.5))
        {'class': 'regularizers>L1', 'config': {'l1': 0.5}}
    """
    return configurable.serialize(obj)


def deserialize_keras_object(
    config: Any,
    custom_objects: Mapping[str, Any] | None = None,
    safe_mode: bool = True,
) -> Any:
    """What `serialize_keras_object` described.

    Args:
        config: the description.
        custom_objects: classes and functions of yours by the names they have in it.
        safe_mode: accepted for Keras' sake; a description never holds code.

    Raises:
        FileFormatError: a name that nobody registered, or no description.

    Example:
        >>> deserialize_keras_object({"function": "activations>relu"}).__name__
        'relu'
    """
    with registry.custom_objects(custom_objects):
        return configurable.deserialize(config)
