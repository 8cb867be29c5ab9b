"""`StackedRNNCells`: cells one after the other, as one cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu.core import tree
from wubu.errors import ArgumentError
from wubu.layers.cells import Cell, Prepared, first_states, is_nested, prepare


class StackedRNNCells(Cell):
    """Cells of which each takes the output of the one before, at the same time.

    `RNN([cell, cell])` makes one. It gives what layers one after the other give, in one
    loop.

    Args:
        cells: a list of cells, see `RNN`.
        options: name, trainable, dtype of every layer.

    Shapes:
        (batch, features), and a list with the states of each cell -> (batch, units of
        the last), and such a list.

    Raises:
        ArgumentError: one of them is no cell, or there are none.

    Example:
        >>> import wubu
        >>> from wubu.layers import RNN, GRUCell, LSTMCell
        >>> cells = StackedRNNCells([LSTMCell(4), GRUCell(3)])
        >>> RNN(cells)(wubu.ones((2, 10, 5))).shape
        (2, 3)
        >>> cells.state_size
        [[4, 4], 3]
    """

    def __init__(self, cells: Sequence[Any], **options: Any) -> None:
        super().__init__(**options)
        self.cells = list(cells)
        if not self.cells:
            raise ArgumentError("there is no cell to stack", got="an empty list")
        for cell in self.cells:
            refuse_what_is_no_cell(cell)
        if not self.trainable:
            self.trainable = False  # and so are the cells

    @property
    def state_size(self) -> Any:
        return [cell.state_size for cell in self.cells]

    @property
    def output_size(self) -> Any:
        return _output_size(self.cells[-1])

    def get_initial_state(self, batch_size: int | None = None) -> list[Any]:
        """A list with the first states of each cell."""
        batch = 1 if batch_size is None else batch_size
        return [first_states(cell, batch, self.dtype) for cell in self.cells]

    def build(self, input_shape: Any) -> None:
        shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        self.input_ndim = len(shape)
        for cell in self.cells:
            if not getattr(cell, "built", False) and hasattr(cell, "build"):
                cell.build(shape)
            size = _output_size(cell)
            shape = (shape[0], *(size if is_nested(size) else (size,)))
        self.input_axes = getattr(self.cells[0], "input_axes", None)

    def prepare(self, batch: int, training: bool) -> Prepared:
        ready = [prepare(cell, batch, training) for cell in self.cells]
        first = ready[0].project

        def step(row: Any, states: Any) -> tuple[Any, list[Any]]:
            after = []
            for i, (part, before) in enumerate(zip(ready, states, strict=True)):
                row = row if i == 0 else part.project(row)
                row, now = part.step(row, before if is_nested(before) else [before])
                after.append(now)
            return row, after

        return Prepared(first, step)


def _output_size(cell: Any) -> Any:
    size = getattr(cell, "output_size", None)
    return tree.flatten(cell.state_size)[0][0] if size is None else size


def refuse_what_is_no_cell(cell: Any) -> None:
    """
    Raises:
        ArgumentError: it lacks what a loop needs of a cell.
    """
    missing = [name for name in ("call", "state_size") if not hasattr(cell, name)]
    if missing or isinstance(cell, type):
        raise ArgumentError(
            "this is no cell",
            expected="an object with state_size and call(inputs, states)",
            got=f"{cell!r:.60}"
            + (f", without {' and '.join(missing)}" if missing else ""),
        )
