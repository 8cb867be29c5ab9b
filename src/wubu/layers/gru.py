"""`GRU`: a recurrent layer with two gates."""

from __future__ import annotations

from typing import Any

from wubu import activations, ops
from wubu.core.tensor import Tensor
from wubu.layers.cells import States, UnitsCell
from wubu.layers.recurrent import _Recurrent


class GRUCell(UnitsCell):
    """One step of a `GRU`, which says what its arguments mean.

    Shapes:
        `cell(x, [h])`: (batch, features) and (batch, units) -> the new h, and [h].

    Raises:
        ArgumentError: `units` is no positive integer, a dropout not in [0, 1).

    Example:
        >>> import wubu
        >>> y, (h,) = GRUCell(4)(wubu.ones((2, 3)))
        >>> y.shape, y is h
        ((2, 4), True)
    """

    num_gates = 3

    def __init__(
        self,
        units: int,
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
        reset_after: bool = True,
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
        self.reset_after = reset_after

    @property
    def bias_shape(self) -> tuple[int, ...]:
        """With `reset_after`, one row for the inputs and one for the output."""
        return (2, 3 * self.units) if self.reset_after else (3 * self.units,)

    def input_bias(self) -> Tensor:
        return self.bias[0] if self.reset_after else self.bias

    def advance(self, projected: Tensor, output: Tensor, states: States) -> States:
        (h,), u, two = states, self.recurrent_kernel, [2 * self.units]
        x_gates, x_new = ops.split(projected, two, axis=-1)
        if self.reset_after:
            recurrent = ops.matmul(output, u)
            if self.bias is not None:
                recurrent = recurrent + self.bias[1]
            h_gates, h_new = ops.split(recurrent, two, axis=-1)
            z, r = self._gates(x_gates + h_gates)
            h_new = r * h_new
        else:
            u_gates, u_new = ops.split(u, two, axis=-1)
            z, r = self._gates(x_gates + ops.matmul(output, u_gates))
            h_new = ops.matmul(r * output, u_new)
        return (z * h + (1 - z) * self.activation(x_new + h_new),)

    def _gates(self, sums: Tensor) -> list[Tensor]:
        """The update and the reset gate."""
        return ops.split(self.recurrent_activation(sums), 2, axis=-1)


class GRU(_Recurrent):
    """Gated recurrent unit: how much of its output it keeps is learned, and how much of
    it the new one is computed from.

        z, r = sigmoid(x @ W + b + h @ U + d)     update and reset gate
        n = tanh(x @ W + b + r * (h @ U + d))     candidate
        h = z * h + (1 - z) * n                   output

    with columns of W, U, b and d of their own for each, in the order z, r, n. Without
    `reset_after` there is no d, and n = tanh(x @ W + b + (r * h) @ U). The products
    x @ W of all times are one contraction before the loop.

    Args:
        units: the length of h.
        activation: of the candidate.
        recurrent_activation: of the two gates; one number for each unit.
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
        seed: an integer, for masks that do not depend on `set_random_seed`.
        return_sequences: the outputs of all times instead of the last one.
        return_state: also the last h.
        go_backwards: from the last time to the first; a returned sequence is in the
            order in which it was computed.
        stateful: a call begins with the state the last one ended with, sample by
            sample; see `reset_state`.
        unroll: accepted for scripts that set it; the loop stays one operation.
        reset_after: whether r multiplies h @ U + d, and not h.
        use_cudnn: accepted as `unroll` is; the executor chooses its kernels.
        options: name, trainable, dtype of every layer; and `zero_output_for_mask`,
            which makes outputs 0 instead of repeating them where the mask is False.

    Shapes:
        (batch, time, features) -> (batch, units), with `return_sequences`
        (batch, time, units); the state (batch, units). W (features, 3 * units),
        U (units, 3 * units), the bias (2, 3 * units), rows b and d, or (3 * units,)
        without `reset_after`. `mask` is (batch, time): where it is False, the state
        stays and the output is repeated.

    Raises:
        ArgumentError: `units` is no positive integer, a dropout not in [0, 1).
        ShapeError: another number of features, an initial state of another shape.
        StateError: a stateful layer that is not told the size of the batch.

    Source:
        Cho et al., "Learning phrase representations using RNN encoder-decoder for
        statistical machine translation", 2014, whose z is 1 - z here; the form of
        `reset_after` is that of version 1 of the paper.

    Example:
        >>> import wubu
        >>> GRU(4)(wubu.ones((2, 10, 3))).shape
        (2, 4)
        >>> y, h = GRU(4, return_sequences=True, return_state=True)(
        ...     wubu.ones((2, 10, 3))
        ... )
        >>> y.shape, h.shape
        ((2, 10, 4), (2, 4))
    """

    cell_class = GRUCell

    def __init__(
        self,
        units: int,
        activation: Any = "tanh",
        recurrent_activation: Any = "sigmoid",
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
        seed: int | None = None,
        return_sequences: bool = False,
        return_state: bool = False,
        go_backwards: bool = False,
        stateful: bool = False,
        unroll: bool = False,
        reset_after: bool = True,
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
