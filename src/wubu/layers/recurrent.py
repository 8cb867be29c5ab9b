"""What recurrent layers share: a loop over time, built on `wubu.ops.scan`.

A subclass says how many states and gates it has and defines `step`, one step of time.
What does not depend on the state is computed before the loop, for all times at once.
Read next: `lstm.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu import activations, ops
from wubu.core import tree
from wubu.core.dtypes import is_float
from wubu.core.tensor import Tensor, as_tensor
from wubu.core.variable import Variable
from wubu.errors import ShapeError, StateError
from wubu.layers.arguments import (
    fraction,
    known_length,
    positive_integer,
    weight_options,
)
from wubu.layers.layer import Layer
from wubu.ops import random
from wubu.ops.random import SeedGenerator

States = tuple[Tensor, ...]


class _Recurrent(Layer):
    """A loop over time. The first state is also the output of a step."""

    input_ndim = 3
    num_states: int
    num_gates: int
    states: Sequence[Variable] = ()  # of a stateful layer

    def __init__(
        self,
        units: int,
        *,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        zero_output_for_mask: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.units = positive_integer("units", units)
        self.activation = activations.get(activation)
        self.recurrent_activation = activations.get(recurrent_activation)
        self.use_bias = use_bias
        self.kernel_options = weight_options(
            kernel_initializer, kernel_regularizer, kernel_constraint
        )
        self.recurrent_options = weight_options(
            recurrent_initializer, recurrent_regularizer, recurrent_constraint
        )
        self.bias_options = weight_options(
            bias_initializer, bias_regularizer, bias_constraint
        )
        self.dropout = fraction("dropout", dropout)
        self.recurrent_dropout = fraction("recurrent_dropout", recurrent_dropout)
        self.return_sequences = return_sequences
        self.return_state = return_state
        self.go_backwards = go_backwards
        self.stateful = stateful
        self.zero_output_for_mask = zero_output_for_mask
        if self.dropout or self.recurrent_dropout:
            self.seed_generator = SeedGenerator(seed)

    # -- to be defined by subclasses ----------------------------------------------

    def step(self, projected: Tensor, recurrent: Tensor, states: States) -> States:
        """The states after one step.

        Args:
            projected: (batch, gates * units), inputs @ kernel + bias at this time.
            recurrent: (batch, gates * units), output @ recurrent_kernel.
            states: before the step, (batch, units) each.
        """
        raise NotImplementedError

    # -- weights ------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        features = known_length(shape, -1, "features")
        width = self.num_gates * self.units
        self.kernel = self.add_weight(
            (features, width), name="kernel", **self.kernel_options
        )
        self.recurrent_kernel = self.add_weight(
            (self.units, width), name="recurrent_kernel", **self.recurrent_options
        )
        self.bias = None
        if self.use_bias:
            self.bias = self.add_weight((width,), name="bias", **self.bias_options)
        self.input_axes = {-1: features}

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
            shape = (batch, self.units)
            self.states = [
                self.add_weight(shape, "zeros", trainable=False, name=f"state_{i}")
                for i in range(self.num_states)
            ]

    def reset_states(self) -> None:
        """A stateful layer forgets: its states are 0 again."""
        for state in self.states:
            state.assign(np.zeros(state.shape, state.dtype))

    reset_state = reset_states

    # -- the loop -----------------------------------------------------------------

    def call(
        self,
        sequences: Tensor,
        initial_state: Any = None,
        mask: Tensor | None = None,
        training: bool = False,
    ) -> Any:
        states = self._first_states(sequences.shape[0], initial_state)
        if training and self.dropout:
            batch, _, features = sequences.shape
            kept = self._noise(self.dropout, (batch, features))
            sequences = sequences * ops.expand_dims(kept, 1)
        noise = None
        if training and self.recurrent_dropout:
            noise = self._noise(self.recurrent_dropout, states[0].shape)
        projected = self._project(ops.transpose(sequences, (1, 0, 2)))
        if mask is None:
            last, states, outputs = self._loop(projected, states, noise)
        else:
            last, states, outputs = self._masked_loop(projected, states, noise, mask)
        for variable, state in zip(self.states, states, strict=False):
            variable.assign(state.detach())
        if self.return_sequences:
            last = ops.transpose(outputs, (1, 0, 2))
        return (last, *states) if self.return_state else last

    def compute_mask(self, inputs: Any, mask: Any) -> Tensor | None:
        """Of the sequence that is returned; a single output has none."""
        return mask if self.return_sequences and isinstance(mask, Tensor) else None

    def _project(self, rows: Tensor) -> Tensor:
        """(time, batch, features) -> (time, batch, gates * units), in one product."""
        product = ops.matmul(rows, self.kernel)
        return product if self.bias is None else product + self.bias

    def _noise(self, rate: float, shape: tuple[int, ...]) -> Tensor:
        """Factors that leave features out, the same at all times."""
        ones = ops.ones(shape, dtype=self.dtype)
        return random.dropout(ones, rate, seed=self.seed_generator)

    def _advance(self, row: Tensor, states: States, noise: Tensor | None) -> States:
        output = states[0] if noise is None else states[0] * noise
        return self.step(row, ops.matmul(output, self.recurrent_kernel), states)

    def _loop(
        self, projected: Tensor, states: States, noise: Tensor | None
    ) -> tuple[Tensor, States, Any]:
        """The last output, the last states, all outputs (time, batch, units)."""

        def step(states: States, row: Tensor) -> tuple[States, Any]:
            states = self._advance(row, states, noise)
            return states, states[0] if self.return_sequences else None

        states, outputs = ops.scan(step, states, projected, reverse=self.go_backwards)
        return states[0], states, self._in_order(outputs)

    def _masked_loop(
        self, projected: Tensor, states: States, noise: Tensor | None, mask: Tensor
    ) -> tuple[Tensor, States, Any]:
        """The same; where the mask is False, states stay and the output is repeated."""

        def step(carry: Any, row: Any) -> tuple[Any, Any]:
            output, before = carry
            projected, kept = row
            after = self._advance(projected, before, noise)
            states = tuple(
                ops.where(kept, new, old)
                for new, old in zip(after, before, strict=True)
            )
            rest = ops.zeros_like(output) if self.zero_output_for_mask else output
            output = ops.where(kept, after[0], rest)
            return (output, states), output if self.return_sequences else None

        kept = ops.expand_dims(ops.transpose(mask, (1, 0)), 2)  # (time, batch, 1)
        # Before the first step that counts, the output is 0, whatever the state.
        carry = (ops.zeros_like(states[0]), states)
        rows = (projected, kept.astype("bool"))
        carry, outputs = ops.scan(step, carry, rows, reverse=self.go_backwards)
        return carry[0], carry[1], self._in_order(outputs)

    def _in_order(self, outputs: Any) -> Any:
        """Outputs in the order in which they were computed."""
        if not self.return_sequences or not self.go_backwards:
            return outputs
        return ops.flip(outputs, 0)

    def _first_states(self, batch: int, given: Any) -> States:
        if given is None and self.states:
            given = [state.value for state in self.states]
        if given is None:
            zeros = ops.zeros((batch, self.units), dtype=self.dtype)
            return (zeros,) * self.num_states
        found = tuple(as_tensor(state) for state in tree.flatten(given)[0])
        shape = (batch, self.units)
        if len(found) != self.num_states or any(s.shape != shape for s in found):
            raise ShapeError(
                "the states it begins with do not fit",
                expected=f"{self.num_states} of shape {shape}",
                got=", ".join(str(state.shape) for state in found),
                fix="call reset_states(), and keep to one batch size"
                if self.states
                else None,
            )
        return tuple(s.astype(self.dtype) if is_float(s.dtype) else s for s in found)
