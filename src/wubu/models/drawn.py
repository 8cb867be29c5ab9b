"""`Drawn`: the symbols of a model, so that others can be drawn up with them."""

from __future__ import annotations

from typing import Any

from wubu.core import tree
from wubu.layers import Layer, Symbol
from wubu.layers.connections import Derived, single_connection
from wubu.models.layer_graph import LayerGraph


class Drawn(Layer):
    """A layer that was perhaps drawn up with symbols."""

    _graph: LayerGraph | None = None

    @Derived
    def input(self) -> Any:
        """The symbol of the input, or the structure of symbols it was drawn up with."""
        return self._drawn("input")[0]

    @Derived
    def output(self) -> Any:
        """The symbol of the output, or the structure it was drawn up with.

        Example:
            >>> from wubu import Sequential, layers
            >>> model = Sequential([layers.Input((4,)), layers.Dense(2, name="a")])
            >>> model.output is model.get_layer("a").output
            True
        """
        return self._drawn("output")[1]

    @Derived
    def inputs(self) -> list[Symbol]:
        """The symbols of all inputs, in a list."""
        return tree.flatten(self.input)[0]

    @Derived
    def outputs(self) -> list[Symbol]:
        """The symbols of all outputs, in a list."""
        return tree.flatten(self.output)[0]

    def _drawn(self, wanted: str) -> tuple[Any, Any]:
        if self._graph is not None:
            return self._graph.inputs, self._graph.outputs
        connection = single_connection(self, wanted)
        return connection.inputs, connection.outputs
