"""`Operation`: a function as a layer, made by calling it on symbols."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wubu import activations, ops
from wubu.core.diversion import Recorder, divert_to
from wubu.core.tensor import Tensor
from wubu.errors import UnknownNameError
from wubu.layers.layer import Layer
from wubu.layers.symbol import symbols_in
from wubu.ops import methods

# Of one input, and place by place: what is masked stays so.
_KEEP_MASK = frozenset(
    [
        "add",
        "subtract",
        "multiply",
        "divide",
        "power",
        "mod",
        "floor_divide",
        "negative",
        "absolute",
        "abs",
        "exp",
        "log",
        "sqrt",
        "square",
        "clip",
        "tanh",
        "sigmoid",
        "relu",
        "gelu",
        "silu",
        "elu",
        "softplus",
        "softmax",
    ]
)


class Operation(Layer):
    """A function of `wubu.ops` or `wubu.activations`, or a method of tensors, with some
    arguments fixed.

    Args:
        function: "ops>mean", "activations>relu", "Tensor>reshape"; "ops>" may be
            left out.
        constants: fixed positional arguments, by place; the inputs fill the others.
        keywords: fixed arguments by name.

    Example:
        >>> import wubu
        >>> Operation("ops>mean", keywords={"axis": 1})(wubu.ones((2, 3))).tolist()
        [1.0, 1.0]
        >>> from wubu.layers import Input
        >>> ops.mean(Input((3,)), axis=1).shape
        (None,)
    """

    def __init__(
        self,
        function: str,
        constants: dict[int, Any] | None = None,
        keywords: dict[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.function = function
        self._function = _find(function)
        self._constants = dict(constants or {})
        self._keywords = dict(keywords or {})

    def call(self, *inputs: Any, **named: Any) -> Any:
        given = list(inputs)
        for place in sorted(self._constants):
            given.insert(place, self._constants[place])
        return self._function(*given, **self._keywords, **named)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Tensor | None:
        """That of the input, where the function works place by place."""
        kept = self.function.rpartition(">")[2] in _KEEP_MASK
        return super().compute_mask(inputs, mask) if kept else None


def _find(function: str) -> Callable[..., Any]:
    room, _, name = str(function).rpartition(">")
    known = _functions(room)
    if name not in known:
        raise UnknownNameError("operation", str(function), known)
    return known[name]


def _functions(room: str) -> dict[str, Callable[..., Any]]:
    if room == "Tensor":
        return {name: getattr(Tensor, name) for name in methods._FUNCTIONS}
    if room == "activations":
        return dict(activations._known)
    if room not in ("", "ops", "ops.image"):
        return {}
    functions = vars(ops.image if room == "ops.image" else ops)
    return {n: f for n, f in functions.items() if callable(f) and n[0] != "_"}


def record(function: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The symbols a function gives for arguments among which, at any depth, are
    symbols; they remember an `Operation`."""
    layer = Operation(
        function,
        {place: part for place, part in enumerate(args) if not symbols_in(part)},
        {name: part for name, part in kwargs.items() if not symbols_in(part)},
    )
    return layer(
        *(part for part in args if symbols_in(part)),
        **{name: part for name, part in kwargs.items() if symbols_in(part)},
    )


divert_to(Recorder(lambda structure: bool(symbols_in(structure)), record))
