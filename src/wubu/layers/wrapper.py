"""`Wrapper`: a layer around another one."""

from __future__ import annotations

from typing import Any

from wubu.core.configurable import deserialize
from wubu.errors import ArgumentError
from wubu.layers.layer import Layer


class Wrapper(Layer):
    """Base of layers that change what another layer does.

    Args:
        layer: the layer inside; its weights are those of the wrapper.
        options: name, trainable, dtype of every layer; dtype is that of the layer
            inside by default.

    Raises:
        ArgumentError: `layer` is no layer.

    Example:
        >>> from wubu.layers import Dense
        >>> class Twice(Wrapper):
        ...     def call(self, x):
        ...         return self.layer(self.layer(x))
        >>> Twice(Dense(2, kernel_initializer="ones"))([[1.0, 2.0]]).tolist()
        [[6.0, 6.0]]
    """

    def __init__(self, layer: Any, **options: Any) -> None:
        if isinstance(layer, dict):  # a description
            layer = deserialize(layer)
        if not isinstance(layer, Layer):
            raise ArgumentError(
                f"{type(self).__name__} is put around a layer",
                expected="a layer object, such as Dense(10)",
                got=repr(layer)[:60],
                fix="write it with brackets, as in Flatten()"
                if isinstance(layer, type)
                else None,
            )
        options["dtype"] = options.get("dtype") or layer.dtype
        super().__init__(**options)
        self.layer = layer
        if not self.trainable:
            layer.trainable = False

    def build(self, input_shape: Any) -> None:
        self.layer.ensure_built((input_shape,))
