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

from wubu.layers.contents import contents_of, known_of

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
        known = known_of(self)
        if known.in_call:
            return method(self, *args, **kwargs)
        before, now = known.at_last_call, contents_of(self)
        if before is None:
            known.at_last_call = now  # counts if this call fails
        elif now is not before and now.differs(before, but_for=_OTHERS):
            self._forget_steps()
            known.at_last_call = now
        known.in_call = True
        try:
            result = method(self, *args, **kwargs)
            known.at_last_call = contents_of(self)
            return result
        finally:
            known.in_call = False

    return call
