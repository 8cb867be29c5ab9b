"""`RNN`: a loop over time around any cell. Every recurrent layer is one.

The loop is one operation, `ops.scan`. What the cell can do for all times at once is
done before it (`cells.py`). Read next: `recurrent.py`, the layers made of one cell.
"""

from __future__ import annotations

from typing import Any

from wubu import ops
from wubu.core import tree
from wubu.core.dtypes import is_float
from wubu.core.modes import tracing
from wubu.core.tensor import Tensor, as_tensor
from wubu.core.variable import Variable
from wubu.errors import ArgumentError, ShapeError, StateError
from wubu.layers.cells import Prepared, first_states, is_nested, like, prepare
from wubu.layers.layer import Layer
from wubu.layers.stacked_cells import StackedRNNCells, refuse_what_is_no_cell


class RNN(Layer):
    """Calls a cell at every time, with the states of the time before.

        y[t], states = cell(x[:, t], states)

    Args:
        cell: an object with `state_size` (a number, or a structure of numbers, one for
            each state) and `call(inputs, states)`, which returns the output and the
            states after it. It may have `output_size`, where the output is not as long
            as the first state, and `get_initial_state(batch_size)`, where it does not
            begin with zeros. A list of cells is put into `StackedRNNCells`.
        return_sequences: the outputs of all times instead of the last one.
        return_state: also the last states.
        go_backwards: from the last time to the first; a returned sequence is in the
            order in which it was computed.
        stateful: a call begins with the states the last one ended with, sample by
            sample; see `reset_state`.
        unroll: accepted for scripts that set it; the loop stays one operation.
        zero_output_for_mask: outputs are 0 where the mask is False; else repeated.
        options: name, trainable, dtype of every layer.

    Shapes:
        (batch, time, ...) -> (batch, units), with `return_sequences`
        (batch, time, units), where the cell takes (batch, ...) and gives (batch,
        units). `mask` is (batch, time): where it is False, states stay and the output
        is repeated. `initial_state` has the structure of the cell's states.

    Raises:
        ArgumentError: the cell is none.
        ShapeError: initial states of another shape.
        StateError: a stateful layer that is not told the size of the batch.

    Example:
        >>> import wubu
        >>> class Sum(Layer):
        ...     state_size = 3
        ...     def call(self, inputs, states):
        ...         total = states[0] + inputs
        ...         return total, [total]
        >>> RNN(Sum(), return_sequences=True)(wubu.ones((1, 2, 3))).tolist()
        [[[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]]]
    """

    input_ndim: int | tuple[int, None] = (2, None)
    states: Any = ()  # of a stateful layer: variables, in the structure of the states

    def __init__(
        self,
        cell: Any,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        zero_output_for_mask: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if isinstance(cell, list | tuple):
            cell = StackedRNNCells(cell, dtype=self.dtype)
        refuse_what_is_no_cell(cell)
        self.cell = cell
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.unroll = unroll
        self.zero_output_for_mask = zero_output_for_mask

    @property
    def state_size(self) -> Any:
        return self.cell.state_size

    # -- weights and states -------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        if not getattr(self.cell, "built", False) and hasattr(self.cell, "build"):
            self.cell.build((shape[0], *shape[2:]))
        axes = getattr(self.cell, "input_axes", None) or {}
        self.input_axes = {axis: n for axis, n in axes.items() if axis < 0}
        if not self.trainable:
            self.trainable = False  # what the cell has made is frozen too

    def ensure_built(self, shapes: tuple[Any, ...]) -> None:
        batch: Any = shapes[0][0] if shapes and shapes[0] else None
        if self.stateful and batch is None:
            raise StateError(
                "a stateful layer keeps a state for each sample of the batch, and has "
                "to know how many there are",
                got=f"input of shape {shapes[0]}",
                fix="write Input(batch_shape=(32, ...)), or stateful=False",
            )
        super().ensure_built(shapes)
        if self.stateful and not self.states:
            with tracing(None):
                first, structure = tree.flatten(self.get_initial_state(batch))
                self.states = tree.unflatten(
                    structure, [self._keep(i, state) for i, state in enumerate(first)]
                )

    def _keep(self, number: int, state: Tensor) -> Variable:
        return self.add_weight(
            state.shape,
            lambda shape, dtype: state,
            dtype=state.dtype,
            trainable=False,
            name=f"state_{number}",
        )

    def get_initial_state(self, batch_size: int) -> Any:
        """What the cell begins with, as a list where it is one tensor."""
        states = first_states(self.cell, batch_size, self.dtype)
        return states if is_nested(states) else [states]

    def reset_state(self) -> None:
        """A stateful layer forgets: its states are the cell's first ones again."""
        kept = tree.flatten(self.states)[0]
        if kept:
            first = tree.flatten(self.get_initial_state(kept[0].shape[0]))[0]
            for variable, state in zip(kept, first, strict=True):
                variable.assign(state)

    reset_states = reset_state

    # -- the loop -----------------------------------------------------------------

    def call(
        self,
        sequences: Tensor,
        initial_state: Any = None,
        mask: Tensor | None = None,
        training: bool = False,
    ) -> Any:
        batch = sequences.shape[0]
        states = self._first_states(batch, initial_state)
        ready = prepare(self.cell, batch, training)
        rest = range(2, sequences.ndim)
        rows = ready.project(ops.transpose(sequences, (1, 0, *rest)))
        if mask is None:
            last, states, outputs = self._loop(ready, rows, states)
        else:
            last, states, outputs = self._masked_loop(ready, rows, states, mask)
        kept, now = tree.flatten(self.states)[0], tree.flatten(states)[0]
        for variable, state in zip(kept, now, strict=False):
            variable.assign(state.detach())
        if self.return_sequences:
            if self.go_backwards:  # in the order in which they were computed
                outputs = ops.flip(outputs, 0)
            last = ops.transpose(outputs, (1, 0, *range(2, outputs.ndim)))
        if not self.return_state:
            return last
        return (last, *(states.values() if isinstance(states, dict) else states))

    def compute_mask(self, inputs: Any, mask: Any = None) -> Tensor | None:
        """Of the sequence that is returned; a single output has none."""
        return mask if self.return_sequences and isinstance(mask, Tensor) else None

    def _loop(self, ready: Prepared, rows: Any, states: Any) -> tuple[Any, Any, Any]:
        """The last output, the last states, all outputs (time, batch, ...)."""
        same: list[int] = []  # which states are also the output

        def step(before: Any, row: Any) -> tuple[Any, Any]:
            output, after = _one_step(ready, row, before)
            found = enumerate(tree.flatten(after)[0])
            same[:] = [i for i, state in found if state is output]
            return after, output if self.return_sequences or not same else None

        states, outputs = ops.scan(step, states, rows, reverse=self.go_backwards)
        if same:
            last = tree.flatten(states)[0][same[0]]
        else:
            last = outputs[0 if self.go_backwards else -1]
        return last, states, outputs

    def _masked_loop(
        self, ready: Prepared, rows: Any, states: Any, mask: Tensor
    ) -> tuple[Any, Any, Any]:
        """The same; where the mask is False, states stay and the output is repeated."""

        def step(carry: Any, row: Any) -> tuple[Any, Any]:
            output, before = carry
            inputs, kept = row
            new, after = _one_step(ready, inputs, before)
            states = tree.map_structure(lambda a, b: _choose(kept, a, b), after, before)
            rest = ops.zeros_like(output) if self.zero_output_for_mask else output
            output = _choose(kept, new, rest)
            return (output, states), output if self.return_sequences else None

        shape = tree.flatten(rows)[0][0].shape[1::-1]
        if mask.shape != shape:
            raise ShapeError(
                "a mask says for every sample which times count",
                expected=f"(batch, time), which are {shape}",
                got=mask.shape,
            )
        kept = ops.expand_dims(ops.transpose(mask, (1, 0)), 2)  # (time, batch, 1)
        # Before the first step that counts, the output is 0, whatever the state.
        carry = (self._no_output(states), states)
        both = (rows, kept.astype("bool"))
        carry, outputs = ops.scan(step, carry, both, reverse=self.go_backwards)
        return carry[0], carry[1], outputs

    def _no_output(self, states: Any) -> Tensor:
        first = tree.flatten(states)[0][0]
        size = getattr(self.cell, "output_size", None)
        if size is None:
            return ops.zeros_like(first)
        sizes = tuple(size) if is_nested(size) else (size,)
        return ops.zeros((first.shape[0], *sizes), dtype=first.dtype)

    def _first_states(self, batch: int, given: Any) -> Any:
        if given is None and not self.states:
            return self.get_initial_state(batch)
        own = given is None
        found = tree.flatten(self.states if own else given)[0]
        found = [v.value if isinstance(v, Variable) else as_tensor(v) for v in found]
        wanted, structure = tree.flatten(self.get_initial_state(batch))
        if [s.shape for s in found] != [s.shape for s in wanted]:
            raise ShapeError(
                "the states it begins with do not fit",
                expected=_in_words([s.shape for s in wanted]),
                got=", ".join(str(state.shape) for state in found),
                fix="call reset_state(), and keep to one batch size"
                if self.states
                else None,
            )
        cast = [s.astype(self.dtype) if is_float(s.dtype) else s for s in found]
        return tree.unflatten(structure, cast)


def _one_step(ready: Prepared, row: Any, before: Any) -> tuple[Tensor, Any]:
    """The output and the states after it, in the structure of those before."""
    result = ready.step(row, before)
    if not isinstance(result, tuple | list) or len(result) != 2:
        raise ArgumentError(
            "the call of a cell returns the output and the states",
            expected="return output, [state]",
            got=type(result).__name__,
        )
    output, after = result
    found, wanted = len(tree.flatten(after)[0]), len(tree.flatten(before)[0])
    if found != wanted:
        raise ArgumentError(
            "a cell returned another number of states than it was given",
            expected=wanted,
            got=found,
        )
    return output, like(before, after)


def _choose(kept: Tensor, new: Tensor, old: Tensor) -> Tensor:
    """`new` where `kept`, (batch, 1), is True."""
    if new.ndim != 2:
        kept = ops.reshape(kept, (kept.shape[0], *[1] * (new.ndim - 1)))
    return ops.where(kept, new, old)


def _in_words(shapes: list[tuple[int, ...]]) -> str:
    if len(set(shapes)) == 1:
        return f"{len(shapes)} of shape {shapes[0]}"
    return ", ".join(map(str, shapes))
