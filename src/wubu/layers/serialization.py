"""Layers as plain data and back: what model files hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.core import configurable, registry
from wubu.errors import FileFormatError
from wubu.layers.layer import Layer


def serialize(layer: Layer) -> Any:
    """A layer in JSON's terms: its registered name and constructor arguments.

    Example:
        >>> from wubu.layers import Flatten
        >>> serialize(Flatten(name="flat"))["class"]
        'layers>Flatten'
    """
    return configurable.serialize(layer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Layer:
    """A new layer, without weights, as `serialize` described it.

    Args:
        config: the description.
        custom_objects: classes and functions of yours by the names they have in it.

    Raises:
        FileFormatError: the description is not one of a layer.
    """
    with registry.custom_objects(custom_objects):
        layer = configurable.deserialize(config)
    if not isinstance(layer, Layer):
        raise FileFormatError(
            "this describes no layer",
            expected="the result of wubu.layers.serialize",
            got=type(layer).__name__,
        )
    return layer
