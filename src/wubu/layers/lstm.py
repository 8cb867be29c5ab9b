"""`LSTM`: a recurrent layer that learns what to remember and for how long."""

from __future__ import annotations

import functools
from typing import Any

from wubu import activations, ops
from wubu.core.tensor import Tensor
from wubu.layers.cells import States, UnitsCell
from wubu.layers.recurrent import _Recurrent


class LSTMCell(UnitsCell):
    """One step of an `LSTM`, which says what its arguments mean.

    Shapes:
        `cell(x, [h, c])`: (batch, features) and (batch, units) twice -> the new h, and
        the new [h, c].

    Raises:
        ArgumentError: `units` is no positive integer, a dropout not in [0, 1).

    Example:
        >>> import wubu
        >>> y, (h, c) = LSTMCell(4)(wubu.ones((2, 3)))
        >>> y.shape, c.shape
        ((2, 4), (2, 4))
    """

    num_states = 2
    num_gates = 4

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
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
        super().__init__(
            units,
            activation,
            use_bias,
            kernel_initializer,
            recurrent_initializer,
            bias_initializer,
            kernel_regularizer,
            recurrent_regularizer,
            bias_regularizer,
            kernel_constraint,
            recurrent_constraint,
            bias_constraint,
            dropout,
            recurrent_dropout,
            seed,
            **options,
        )
        self.recurrent_activation = activations.get(recurrent_activation)
        self.unit_forget_bias = unit_forget_bias
        if unit_forget_bias:
            rest = self.bias_options["initializer"]
            first = functools.partial(_forget_bias_of_one, rest)
            self.bias_options["initializer"] = first

    def advance(self, projected: Tensor, output: Tensor, states: States) -> States:
        _, c = states
        gates = projected + ops.matmul(output, self.recurrent_kernel)
        i, f, g, o = ops.split(gates, 4, axis=-1)
        gate = self.recurrent_activation
        c = gate(f) * c + gate(i) * self.activation(g)
        return gate(o) * self.activation(c), c


class LSTM(_Recurrent):
    """Long short-term memory: a cell whose gates decide what it takes, keeps and shows.

        i, f, o = sigmoid(x @ W + h @ U + b)      input, forget and output gate
        g = tanh(x @ W + h @ U + b)               candidate
        c = f * c + i * g                         cell
        h = o * tanh(c)                           output

    with columns of W, U and b of their own for each gate, in the order i, f, g, o. The
    products x @ W of all times are one contraction before the loop.

    Args:
        units: the length of h and c.
        activation: of the candidate and of the cell when it is shown.
        recurrent_activation: of the three gates.
        use_bias: whether there is a bias.
        kernel_initializer: first values of W.
        recurrent_initializer: first values of U.
        bias_initializer: first values of b.
        unit_forget_bias: the bias of the forget gate begins with 1, so that cells first
            remember.
        kernel_regularizer: a penalty on W.
        recurrent_regularizer: a penalty on U.
        bias_regularizer: a penalty on b.
        activity_regularizer: a penalty on the output.
        kernel_constraint: applied to W after every update.
        recurrent_constraint: applied to U after every update.
        bias_constraint: applied to b after every update.
        dropout: share of input features left out, the same at all times.
        recurrent_dropout: share of h left out on its way to the gates, the same at all
            times.
        seed: an integer, for masks that do not depend on `set_random_seed`.
        return_sequences: the outputs of all times instead of the last one.
        return_state: also the last h and c.
        go_backwards: from the last time to the first; a returned sequence is in the
            order in which it was computed.
        stateful: a call begins with the states the last one ended with, sample by
            sample; see `reset_state`.
        unroll: accepted for scripts that set it; the loop stays one operation.
        use_cudnn: accepted as `unroll` is; the executor chooses its kernels.
        options: name, trainable, dtype of every layer; and `zero_output_for_mask`,
            which makes outputs 0 instead of repeating them where the mask is False.

    Shapes:
        (batch, time, features) -> (batch, units), with `return_sequences`
        (batch, time, units); states (batch, units). W (features, 4 * units),
        U (units, 4 * units), b (4 * units,). `mask` is (batch, time): where it is
        False, states stay and the output is repeated.

    Raises:
        ArgumentError: `units` is no positive integer, a dropout not in [0, 1).
        ShapeError: another number of features, initial states of another shape.
        StateError: a stateful layer that is not told the size of the batch.

    Source:
        Hochreiter and Schmidhuber, "Long short-term memory", 1997; the forget gate by
        Gers, Schmidhuber and Cummins, "Learning to forget", 2000; dropout by Gal and
        Ghahramani, "A theoretically grounded application of dropout in recurrent neural
        networks", 2016.

    Example:
        >>> import wubu
        >>> LSTM(4)(wubu.ones((2, 10, 3))).shape
        (2, 4)
        >>> LSTM(4, return_sequences=True)(wubu.ones((2, 10, 3))).shape
        (2, 10, 4)
    """

    cell_class = LSTMCell

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        recurrent_initializer: Any = "orthogonal",
        bias_initializer: Any = "zeros",
        unit_forget_bias: bool = True,
        kernel_regularizer: Any = None,
        recurrent_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
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
        unroll: bool = False,
        use_cudnn: bool | str = "auto",
        **options: Any,
    ) -> None:
        super().__init__(
            locals(),
            return_sequences=return_sequences,
            return_state=return_state,
            go_backwards=go_backwards,
            stateful=stateful,
            unroll=unroll,
            activity_regularizer=activity_regularizer,
            **options,
        )


def _forget_bias_of_one(rest: Any, shape: tuple[int, ...], dtype: Any = None) -> Tensor:
    """A bias of four gates: 1 for the second, others by the initializer `rest`."""
    units = shape[0] // 4
    parts = [
        rest((units,), dtype),
        ops.ones((units,), dtype=dtype),
        rest((2 * units,), dtype),
    ]
    return ops.concatenate(parts, axis=0)
