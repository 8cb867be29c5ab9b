"""`Lambda`: a function of your own as a layer."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from wubu.core.configurable import registered_name
from wubu.core.tensor import as_tensor
from wubu.errors import ArgumentError
from wubu.layers.layer import Layer


class Lambda(Layer):
    """y = function(x), with tensors.

    A model file holds the name of the function, never its code. So a model with a
    Lambda is saved where the function is registered:

        @wubu.saving.register("mine")
        def halve(x):
            return x / 2

    and loaded where it is registered too. A `lambda` works as long as the model is in
    memory. For anything with weights write a class of your own instead.

    Args:
        function: of a tensor, or of a list of them. If it has parameters named `mask`
            and `training`, it is told them.
        output_shape: accepted for scripts that set it: the shape of one sample, or a
            function of the input's shape. The shape is found by running the function
            on symbols.
        mask: what becomes of masks: None, so that the output has none; a function of
            (inputs, mask); or a tensor.
        arguments: more arguments of the function, by name.
        options: name, trainable, dtype of every layer.

    Shapes:
        Whatever the function gives.

    Raises:
        ArgumentError: `function` cannot be called; or, when the model is saved, it is
            not registered.

    Example:
        >>> Lambda(lambda x: x / 2)([[1.0, 3.0]]).tolist()
        [[0.5, 1.5]]
    """

    def __init__(
        self,
        function: Callable[..., Any],
        output_shape: Any = None,
        mask: Any = None,
        arguments: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if not callable(function):
            raise ArgumentError(
                "a Lambda is made of a function",
                expected="a function of a tensor",
                got=repr(function)[:60],
            )
        self.function = function
        self.arguments = dict(arguments or {})
        self.mask = mask
        self.supports_masking = mask is not None
        self._told = _parameters(function) & {"mask", "training"}

    def call(self, inputs: Any, *, mask: Any = None, training: bool = False) -> Any:
        context = {"mask": mask, "training": training}
        told = {name: context[name] for name in self._told}
        return self.function(inputs, **self.arguments, **told)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """What the argument `mask` says."""
        if callable(self.mask):
            return self.mask(inputs, mask)
        return None if self.mask is None else as_tensor(self.mask)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments.

        Raises:
            ArgumentError: the function is not registered.
        """
        config = super().get_config()
        for name in ("function", "mask"):
            if callable(config[name]) and registered_name(config[name]) is None:
                raise _not_registered(self.name, config[name])
        if callable(config["output_shape"]):
            config["output_shape"] = None  # it is found by running the function
        return config


def _parameters(function: Callable[..., Any]) -> set[str]:
    try:
        return set(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # a function without a signature, as of NumPy
        return set()


def _not_registered(layer: str, function: Callable[..., Any]) -> ArgumentError:
    name = getattr(function, "__name__", repr(function))
    nameless = name == "<lambda>"
    return ArgumentError(
        f'the function of the Lambda layer "{layer}" cannot be written into a file: '
        "files hold names, no code",
        expected="a function that is registered",
        got="a lambda" if nameless else name,
        fix='write @wubu.saving.register("mine") over '
        + ("a def, and use that instead of the lambda" if nameless else f"{name}"),
    )
