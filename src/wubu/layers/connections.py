"""Where a layer stands in a drawing: the symbols of its calls.

A call on symbols is remembered here, so that `layer.output` may be the output of
another model: `Model(model.inputs, model.get_layer("features").output)`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from wubu.core import tree
from wubu.errors import StateError
from wubu.layers.tracking import Tracked


class Connection(NamedTuple):
    """One call on symbols, and the symbols it gave."""

    call: Any
    outputs: Any

    @property
    def inputs(self) -> Any:
        """The symbol it was called on, or a list of the arguments."""
        args = self.call.args
        return args[0] if len(args) == 1 else list(args)


class Derived:
    """A property that an attribute of the same name goes before: a class of one's own
    may keep a layer as `self.output`."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __get__(self, owner: Any, kind: type | None = None) -> Any:
        return self if owner is None else self._function(owner)


class Connected(Tracked):
    """An owner of variables that knows the symbols it was called on."""

    _connections: tuple[Connection, ...] = ()

    @Derived
    def input(self) -> Any:
        """The symbols of its one call: one, or a list.

        Raises:
            StateError: it was called on symbols never, or several times.
        """
        return single_connection(self, "input").inputs

    @Derived
    def output(self) -> Any:
        """The symbols its one call gave.

        Raises:
            StateError: it was called on symbols never, or several times.

        Example:
            >>> from wubu.layers import Dense, Input
            >>> layer = Dense(2)
            >>> y = layer(Input((3,)))
            >>> layer.output is y, layer.output_shape
            (True, (None, 2))
        """
        return single_connection(self, "output").outputs

    @Derived
    def input_shape(self) -> Any:
        """The shape of `input`, with None for the batch."""
        return tree.map_structure(lambda symbol: symbol.shape, self.input)

    @Derived
    def output_shape(self) -> Any:
        """The shape of `output`, with None for the batch."""
        return tree.map_structure(lambda symbol: symbol.shape, self.output)

    def connect(self, call: Any, outputs: Any) -> None:
        """Remembers a call on symbols."""
        self._connections = (*self._connections, Connection(call, outputs))

    def disconnect(self, outputs: Any) -> None:
        """Forgets the call that gave these symbols."""
        self._connections = tuple(
            found for found in self._connections if found.outputs is not outputs
        )

    def __getstate__(self) -> dict[str, Any]:
        """For `copy` and `pickle`: without symbols, whose chains are as deep as the
        network, and without added losses, which have a history."""
        state = {k: v for k, v in vars(self).items() if k != "_connections"}
        return state | {"_losses": []}


def single_connection(layer: Any, wanted: str) -> Connection:
    """The one call of a layer on symbols.

    Raises:
        StateError: there is none, or there are several.
    """
    found = layer._connections
    if len(found) == 1:
        return found[0]
    raise StateError(
        f'layer "{layer.name}" has no single {wanted}',
        expected="one call on symbols",
        got=f"{len(found)} calls" if found else "none",
        fix="take the symbols that the calls returned"
        if found
        else "put Input(shape) in front of its Sequential, or draw the model up with "
        "Model(inputs, outputs)",
    )
