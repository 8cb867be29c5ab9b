"""`Operation`: a function of `wubu.ops` as a layer, made by operators on symbols."""

from __future__ import annotations

from typing import Any

from wubu import ops
from wubu.errors import UnknownNameError
from wubu.layers.layer import Layer


class Operation(Layer):
    """A function of `wubu.ops`, with some arguments fixed.

    Args:
        function: its name in `wubu.ops`.
        constants: fixed positional arguments, by place; the inputs fill the others.

    Example:
        >>> import wubu
        >>> Operation("multiply", constants={1: 2.0})(wubu.ones(2)).tolist()
        [2.0, 2.0]
    """

    def __init__(
        self, function: str, constants: dict[int, Any] | None = None, **options: Any
    ) -> None:
        options.setdefault("name", None)
        super().__init__(**options)
        known = [n for n in dir(ops) if callable(getattr(ops, n)) and n[0] != "_"]
        if function not in known:
            raise UnknownNameError("operation", function, known)
        self.function = function
        self._constants = dict(constants or {})

    def call(self, *inputs: Any) -> Any:
        given = list(inputs)
        for place in sorted(self._constants):
            given.insert(place, self._constants[place])
        return getattr(ops, self.function)(*given)
