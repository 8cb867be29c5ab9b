"""Cells: one step of a recurrent network. `RNN` loops over them (`rnn.py`).

Any object with `state_size` and `call(inputs, states)` is a cell. Those of Wubu also
say what need not wait for the state, so that it is done for all times at once before
the loop: `Cell.prepare`. Read next: `lstm.py` for a cell, `rnn.py` for the loop.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from wubu import activations, ops
from wubu.core import tree
from wubu.core.tensor import Tensor, as_tensor
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


class Prepared(NamedTuple):
    """A cell made ready for one loop.

    Attributes:
        project: (..., batch, features) -> what a step reads; for all times, or for one.
        step: (what it reads, states) -> (output, states).
    """

    project: Callable[[Tensor], Any]
    step: Callable[[Any, Any], tuple[Any, Any]]


def prepare(cell: Any, batch: int, training: bool) -> Prepared:
    """Makes any cell ready for a loop. One that is not Wubu's, or whose `call` was
    overridden, is called at every step."""
    if isinstance(cell, Cell) and type(cell).call is Cell.call:
        return cell.prepare(batch, training)
    return Prepared(lambda inputs: inputs, cell if callable(cell) else cell.call)


def first_states(cell: Any, batch: int, dtype: Any) -> Any:
    """What a cell begins with: what its `get_initial_state` gives, or zeros of
    `state_size`: a number, or a structure of numbers.

    Example:
        >>> from wubu.layers import LSTMCell
        >>> [state.shape for state in first_states(LSTMCell(4), 2, "float32")]
        [(2, 4), (2, 4)]
    """
    if hasattr(cell, "get_initial_state"):
        return cell.get_initial_state(batch_size=batch)
    return _zeros(cell.state_size, batch, dtype)


def _zeros(sizes: Any, batch: int, dtype: Any) -> Any:
    distinct = dict.fromkeys(tree.flatten(sizes)[0])
    made = {size: ops.zeros((batch, size), dtype=dtype) for size in distinct}
    return tree.map_structure(made.__getitem__, sizes)


def like(structure: Any, states: Any) -> Any:
    """States in the structure of others, where only their order has to agree."""
    return tree.unflatten(tree.flatten(structure)[1], tree.flatten(states)[0])


def is_nested(states: Any) -> bool:
    return isinstance(states, list | tuple | dict)


class Cell(Layer):
    """A cell that tells apart what has to be done step by step.

    Called by itself it does one step: `cell(inputs, states)` gives the output and the
    states after it; without states it begins with zeros.
    """

    state_size: Any
    output_size: Any

    def prepare(self, batch: int, training: bool) -> Prepared:
        """What is done before a loop, and in each of its steps. Masks of dropout are
        drawn here, so that they are the same at all times."""
        raise NotImplementedError

    def get_initial_state(self, batch_size: int | None = None) -> Any:
        """Zeros, a list of (batch, units)."""
        sizes = self.state_size if is_nested(self.state_size) else [self.state_size]
        return _zeros(sizes, 1 if batch_size is None else batch_size, self.dtype)

    def call(
        self, inputs: Tensor, states: Any = None, training: bool = False
    ) -> tuple[Tensor, Any]:
        batch = inputs.shape[0]
        if states is None:
            states = self.get_initial_state(batch)
        states = tree.map_structure(as_tensor, states)
        project, step = self.prepare(batch, training)
        output, after = step(project(inputs), states)
        return output, like(states, after)


class UnitsCell(Cell):
    """A cell of `units`, with gates: a kernel for the inputs, one for the last output,
    and a bias. The first state is also the output.

    A subclass says how many states and gates it has and defines `advance`.
    """

    input_ndim = 2
    num_states = 1
    num_gates = 1
    bias: Any = None

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
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
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.units = positive_integer("units", units)
        self.activation = activations.get(activation)
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
        if self.dropout or self.recurrent_dropout:
            self.seed_generator = SeedGenerator(seed)
        self.state_size = [units] * self.num_states if self.num_states > 1 else units
        self.output_size = units

    # -- to be defined by subclasses ----------------------------------------------

    def advance(self, projected: Tensor, output: Tensor, states: States) -> States:
        """The states after one step.

        Args:
            projected: (batch, gates * units), inputs @ kernel + bias at this time.
            output: (batch, units), the last output as gates see it: thinned by
                recurrent dropout.
            states: before the step, (batch, units) each.
        """
        raise NotImplementedError

    @property
    def bias_shape(self) -> tuple[int, ...]:
        return (self.num_gates * self.units,)

    def input_bias(self) -> Tensor:
        """The bias that is added to the projected inputs."""
        return self.bias

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
            self.bias = self.add_weight(
                self.bias_shape, name="bias", **self.bias_options
            )
        self.input_axes = {-1: features}

    # -- steps --------------------------------------------------------------------

    def prepare(self, batch: int, training: bool) -> Prepared:
        kept = noise = None
        if training and self.dropout:
            kept = self._noise(self.dropout, (batch, self.kernel.shape[0]))
        if training and self.recurrent_dropout:
            noise = self._noise(self.recurrent_dropout, (batch, self.units))

        def project(inputs: Tensor) -> Tensor:
            inputs = inputs if kept is None else inputs * kept
            product = ops.matmul(inputs, self.kernel)
            return product if self.bias is None else product + self.input_bias()

        def step(projected: Tensor, states: Any) -> tuple[Tensor, States]:
            before = tuple(tree.flatten(states)[0])
            output = before[0] if noise is None else before[0] * noise
            after = self.advance(projected, output, before)
            return after[0], after

        return Prepared(project, step)

    def _noise(self, rate: float, shape: tuple[int, ...]) -> Tensor:
        """Factors that leave features out."""
        ones = ops.ones(shape, dtype=self.dtype)
        return random.dropout(ones, rate, seed=self.seed_generator)
