"""What was changed in a model between two calls, and is built into compiled steps.

A compiled step holds the Python values it was traced with: an activation, a rate, a
layer. So `fit`, `evaluate` and their like compare the public attributes of the model
and of the layers inside with those at the end of the call before. What is changed
inside a list, a dictionary or another object is not seen; `model.compile(...)` or
another object in its place makes it count.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

# Attributes that training sets, or that no step depends on.
_OTHERS = frozenset(("built", "history", "name", "path", "stop_training"))


def noticing(
    method: Callable[Concatenate[Any, Arguments], Result],
) -> Callable[Concatenate[Any, Arguments], Result]:
    """A method that forgets compiled steps first, if the model was changed since the
    last such call. Calls inside of one, as from callbacks, do not look."""

    @functools.wraps(method)
    def call(self: Any, /, *args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        if self._noticing:
            return method(self, *args, **kwargs)
        before: Snapshot | None = self.__dict__.get("_seen")
        if before is not None and before.differs(self):
            self._forget_steps()
        self._noticing = True
        try:
            result = method(self, *args, **kwargs)
            self._seen = Snapshot(self)
            return result
        finally:
            self._noticing = False

    return call


class Snapshot:
    """The public attributes of a model and of every layer inside.

    A class, so that the model does not take the layers in it for its own.
    """

    def __init__(self, model: Any) -> None:
        self._seen = [(part, _public(part)) for part in _parts(model)]

    def differs(self, model: Any) -> bool:
        """Whether something that was there is another, or there are other layers."""
        now = _parts(model)
        if [id(layer) for layer, _ in self._seen] != [id(layer) for layer in now]:
            return True
        return any(
            not (name in vars(layer) and _same(vars(layer)[name], value))
            for layer, attributes in self._seen
            for name, value in attributes.items()
        )


def _parts(model: Any) -> list[Any]:
    return [part for layer in model.all_layers() for part in layer.parts()]


def _public(layer: Any) -> dict[str, Any]:
    return {
        name: value
        for name, value in vars(layer).items()
        if not name.startswith("_") and name not in _OTHERS
    }


def _same(a: Any, b: Any) -> bool:
    plain = isinstance(a, bool | int | float | str) and type(a) is type(b)
    return a is b or (plain and a == b)
