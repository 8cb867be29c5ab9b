"""What SimpleRNN, GRU and LSTM share: an `RNN` around one cell of units.

The cell's weights count as the layer's, under its path ("lstm/kernel"), and so do the
cell's attributes. Read before: `rnn.py` for the loop, `cells.py` for the cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wubu.core.configurable import argument_names
from wubu.layers.cells import UnitsCell
from wubu.layers.layer import Layer
from wubu.layers.rnn import RNN

_WEIGHTS = ("kernel", "recurrent_kernel", "bias")


class _OfCell:
    """An attribute of the layer that is kept in its cell."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, layer: Any, kind: type | None = None) -> Any:
        return self if layer is None else getattr(layer.cell, self._name)

    def __set__(self, layer: Any, value: Any) -> None:
        setattr(layer.cell, self._name, value)


class _Recurrent(RNN):
    """A layer of units: a loop around a cell of its own.

    A subclass says of which class the cell is; its arguments are the cell's and RNN's.
    """

    input_ndim = 3
    cell_class: type[UnitsCell]
    cell: UnitsCell

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "cell_class" in vars(cls):
            for name in (*_own_arguments(cls.cell_class), *_WEIGHTS):
                setattr(cls, name, _OfCell(name))

    def __init__(
        self,
        given: Mapping[str, Any],
        /,
        *,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        implementation: int = 2,
        **options: Any,
    ) -> None:
        """
        Args:
            given: every argument of the subclass; the cell takes those it knows.
            implementation: accepted for scripts that set it.
        """
        names = _own_arguments(self.cell_class)
        arguments = {name: given[name] for name in names}
        super().__init__(
            self.cell_class(**arguments, dtype=options.get("dtype")),
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            zero_output_for_mask=zero_output_for_mask,
            **options,
        )

    def build(self, input_shape: Any) -> None:
        self.cell.path = self.path
        super().build(input_shape)

    def owned(self) -> list[tuple[str, Any]]:
        """As of any layer, with what the cell owns in place of the cell."""
        found: list[tuple[str, Any]] = []
        for name, value in super().owned():
            found += self.cell.owned() if value is self.cell else [(name, value)]
        return found

    def parts(self) -> list[Any]:
        return [self, self.cell]


def _own_arguments(cell_class: type) -> list[str]:
    """The names of what a class of cells takes, but for those of every layer."""
    of_every_layer = argument_names(Layer)[0]
    return [n for n in argument_names(cell_class)[0] if n not in of_every_layer]
