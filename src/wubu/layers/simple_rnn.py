"""`SimpleRNN`: the recurrent layer without gates."""

from __future__ import annotations

from typing import Any

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.layers.cells import States, UnitsCell
from wubu.layers.recurrent import _Recurrent


class SimpleRNNCell(UnitsCell):
    """One step of a `SimpleRNN`, which says what its arguments mean.

    Shapes:
        `cell(x, [h])`: (batch, features) and (batch, units) -> h, and [h].

    Raises:
        ArgumentError: `units` is no positive integer, a dropout not in [0, 1).

    Example:
        >>> import wubu
        >>> y, (h,) = SimpleRNNCell(4)(wubu.ones((2, 3)))
        >>> y.shape, y is h
        ((2, 4), True)
    """

    def advance(self, projected: Tensor, output: Tensor, states: States) -> States:
        return (self.activation(projected + ops.matmul(output, self.recurrent_kernel)),)


class SimpleRNN(_Recurrent):
    """A recurrent layer whose output is all it remembers.

        h = tanh(x @ W + h @ U + b)

    The products x @ W of all times are one contraction before the loop.

    Args:
        units: the length of h.
        activation: of the output.
        use_bias: whether there is a bias.
        kernel_initializer: first values of W.
        recurrent_initializer: first values of U.
        bias_initializer: first values of b.
        kernel_regularizer: a penalty on W.
        recurrent_regularizer: a penalty on U.
        bias_regularizer: a penalty on b.
        activity_regularizer: a penalty on the output.
        kernel_constraint: applied to W after every update.
        recurrent_constraint: applied to U after every update.
        bias_constraint: applied to b after every update.
        dropout: share of input features left out, the same at all times.
        recurrent_dropout: share of h left out on its way to U, the same at all times.
        return_sequences: the outputs of all times instead of the last one.
        return_state: also the last h.
        go_backwards: from the last time to the first; a returned sequence is in the
            order in which it was computed.
        stateful: a call begins with the state the last one ended with, sample by
            sample; see `reset_state`.
        unroll: accepted for scripts that set it; the loop stays one operation.
        seed: an integer, for masks that do not depend on `set_random_seed`.
        options: name, trainable, dtype of every layer; and `zero_output_for_mask`,
            which makes outputs 0 instead of repeating them where the mask is False.

    Shapes:
        (batch, time, features) -> (batch, units), with `return_sequences`
        (batch, time, units); the state (batch, units). W (features, units),
        U (units, units), b (units,). `mask` is (batch, time): where it is False, the
        state stays and the output is repeated.

    Raises:
        ArgumentError: `units` is no positive integer, a dropout not in [0, 1).
        ShapeError: another number of features, an initial state of another shape.
        StateError: a stateful layer that is not told the size of the batch.

    Source:
        Elman, "Finding structure in time", 1990.

    Example:
        >>> import wubu
        >>> SimpleRNN(4)(wubu.ones((2, 10, 3))).shape
        (2, 4)
    """

    cell_class = SimpleRNNCell

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
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        recurrent_constraint: Any = None,
        bias_constraint: Any = None,
        dropout: float = 0.0,
        recurrent_dropout: float = 0.0,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        seed: int | None = None,
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
