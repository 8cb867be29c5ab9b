"""`EinsumDense`: a weighted sum over any axes, written as an equation."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from wubu import activations, ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.initializers import VarianceScaling
from wubu.layers.arguments import weight_options
from wubu.layers.layer import Layer, Shape


class EinsumDense(Layer):
    """activation(einsum(equation, x, kernel) + bias)

    Dense is "...x,xy->...y"; a Dense that makes two axes of one is "abc,cde->abde".

    Args:
        equation: letters for the axes of the input, of the kernel and of the output;
            the first is the batch. "..." stands for any axes of input and output.
        output_shape: of one sample, a length for each letter of the output behind the
            batch; None takes that of the input.
        activation: a name, a function, or None.
        bias_axes: letters of the output that the bias has; without them there is none.
        kernel_initializer: first values of the kernel.
        bias_initializer: first values of the bias.
        kernel_regularizer: a penalty on the kernel.
        bias_regularizer: a penalty on the bias.
        kernel_constraint: applied to the kernel after every update.
        bias_constraint: applied to the bias after every update.
        options: name, trainable, dtype, activity_regularizer of every layer.

    Shapes:
        What the equation says; the kernel has the lengths of its letters.

    Raises:
        ArgumentError: an equation of another form; a letter whose length nobody knows.
        ShapeError: an input with another number of axes than letters.

    Example:
        >>> import wubu
        >>> layer = EinsumDense("abc,cde->abde", (None, 2, 4), bias_axes="de")
        >>> layer(wubu.zeros((3, 5, 6))).shape, layer.kernel.shape, layer.bias.shape
        ((3, 5, 2, 4), (6, 2, 4), (2, 4))
    """

    def __init__(
        self,
        equation: str,
        output_shape: int | Sequence[int | None],
        activation: Any = None,
        bias_axes: str | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.equation = equation
        self._terms = _terms(equation)
        if isinstance(output_shape, int):
            output_shape = (output_shape,)
        self.partial_output_shape = tuple(output_shape)
        self.activation = activations.get(activation)
        self.bias_axes = bias_axes
        self.kernel_options = weight_options(
            kernel_initializer, kernel_regularizer, kernel_constraint
        )
        self.bias_options = weight_options(
            bias_initializer, bias_regularizer, bias_constraint
        )

    def build(self, input_shape: Shape) -> None:
        x, w, y = self._terms
        known = _lengths(x, input_shape)
        # What the output says counts for letters that the input has not.
        known = {**_output_lengths(y, self.partial_output_shape), **known}
        shape = tuple(_known(known, letter, self.equation) for letter in w)
        kernel = dict(self.kernel_options)
        kernel["initializer"] = _by_fans(kernel["initializer"], w, y)
        self.kernel = self.add_weight(shape, name="kernel", **kernel)
        self.bias = None
        if self.bias_axes:
            self.bias = self.add_weight(
                self._bias_shape(known), name="bias", **self.bias_options
            )

    def _bias_shape(self, known: dict[str, int | None]) -> tuple[int, ...]:
        """From the first letter of the bias on, with 1 for letters it has not."""
        y, axes = self._terms[2], self.bias_axes or ""
        missing = [letter for letter in axes if letter not in y]
        if missing:
            raise ArgumentError(
                f'the output has no axis "{missing[0]}"',
                expected=f"letters of {y}",
                got=f"bias_axes={axes!r}",
            )
        after = y[min(y.index(letter) for letter in axes) :]
        return tuple(
            _known(known, letter, self.equation) if letter in axes else 1
            for letter in after.replace("...", "")
        )

    def call(self, inputs: Tensor) -> Tensor:
        y = ops.einsum(self.equation, inputs, self.kernel)
        if self.bias is not None:
            ellipsis_behind = self._terms[2].endswith("...")
            more = y.ndim - len(self._terms[2].replace("...", ""))
            bias: Tensor = self.bias
            if ellipsis_behind and more:
                bias = ops.reshape(bias, (*bias.shape, *[1] * more))
            y = y + bias
        return self.activation(y)


def _terms(equation: str) -> tuple[str, str, str]:
    """The letters of the input, the kernel and the output."""
    left, _, y = str(equation).replace(" ", "").partition("->")
    x, comma, w = left.partition(",")
    plain = all(t.replace("...", "", 1).isalpha() for t in (x, y)) and w.isalpha()
    if not comma or not plain or ("..." in x) != ("..." in y):
        raise ArgumentError(
            "the equation says what is summed",
            expected='input, kernel and output, as in "abc,cd->abd"',
            got=repr(equation)[:60],
        )
    return x, w, y


def _lengths(term: str, shape: Shape) -> dict[str, int | None]:
    """The length of each letter."""
    before, dots, after = term.partition("...")
    fits = len(before) + len(after)
    if len(shape) < fits or (not dots and len(shape) != fits):
        raise ShapeError(
            "its input has another number of axes than the equation says",
            expected=f"axes {term}",
            got=shape,
        )
    behind = shape[len(shape) - len(after) :] if after else ()
    return {
        **dict(zip(before, shape, strict=False)),
        **dict(zip(after, behind, strict=True)),
    }


def _output_lengths(term: str, partial: Shape) -> dict[str, int | None]:
    """The lengths that `output_shape` gives to letters behind the batch."""
    letters = term.replace("...", "")
    if not term.startswith("..."):
        letters = letters[1:]
    return dict(zip(letters[::-1], partial[::-1], strict=False))


def _known(known: dict[str, int | None], letter: str, equation: str) -> int:
    length = known.get(letter)
    if length is None:
        raise ArgumentError(
            f'the length of axis "{letter}" of {equation} has to be known, since '
            "weights depend on it",
            fix="give it in output_shape, or in Input(shape)",
        )
    return length


def _by_fans(initializer: Any, kernel: str, output: str) -> Callable[..., Any]:
    """An initializer for which what is summed over is one axis, and all others are one.

    VarianceScaling asks how many numbers a sum has, which the shape alone does not say.
    """
    if not isinstance(initializer, VarianceScaling):
        return initializer
    summed = [letter for letter in kernel if letter not in output]
    order = summed + [letter for letter in kernel if letter in output]

    def initialize(shape: tuple[int, ...], dtype: Any = None) -> Tensor:
        lengths = dict(zip(kernel, shape, strict=True))
        fan_in = math.prod(lengths[letter] for letter in summed)
        flat = initializer((fan_in, math.prod(shape) // max(fan_in, 1)), dtype)
        kept = ops.reshape(flat, [lengths[letter] for letter in order])
        return ops.transpose(kept, [order.index(letter) for letter in kernel])

    return initialize
