"""`MultiHeadAttention`: several attentions side by side, each to its own projection."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from wubu import ops
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.layers.arguments import (
    fraction,
    known_length,
    positive_integer,
    weight_options,
)
from wubu.layers.attention import causal_mask
from wubu.layers.einsum_dense import EinsumDense
from wubu.layers.layer import Layer, Shape
from wubu.layers.masks import unmasked
from wubu.layers.softmax import masked_softmax
from wubu.ops import random
from wubu.ops.prepare import normal_axis
from wubu.ops.random import SeedGenerator

_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class MultiHeadAttention(Layer):
    """Attention in several heads, each with projections of its own.

        head = softmax(query @ Wq @ transpose(key @ Wk) / sqrt(key_dim)) @ value @ Wv
        output = concatenate(heads) @ Wo

    and a bias after each projection. Called as layer(query, value), as
    layer(query, value, key) where keys are not the values, or with a list of these.

    Args:
        num_heads: how many.
        key_dim: the length of a projected query and key, in each head.
        value_dim: that of a projected value; key_dim by default.
        dropout: share of the weights of the averages left out while training.
        use_bias: whether projections have one.
        output_shape: of the last axes of the output; that of the query by default.
        attention_axes: along which axes it looks around; all but the batch and the
            features by default.
        sliding_window: how far it looks: no farther than this, less 1, to either side.
        flash_attention: accepted for scripts that set it; the executor chooses.
        kernel_initializer: first values of the kernels.
        bias_initializer: first values of the biases.
        kernel_regularizer: a penalty on the kernels.
        bias_regularizer: a penalty on the biases.
        activity_regularizer: a penalty on the output of each projection.
        kernel_constraint: applied to the kernels after every update.
        bias_constraint: applied to the biases after every update.
        use_gate: multiply what each head gives with a sigmoid of a projection of the
            query.
        seed: an integer, for a dropout that does not depend on `set_random_seed`.
        options: name, trainable, dtype of every layer.

    Shapes:
        query (batch, asked, dim), value and key (batch, time, dim) -> (batch, asked,
        dim of the query). With `return_attention_scores` also the weights (batch,
        heads, asked, time). `attention_mask` is (batch, asked, time), or has the heads
        behind the batch: False leaves a place out. So do masks of the inputs, and
        `use_causal_mask`. A query to which no place is left gets an average of 0.
        Weights: query/kernel (dim, heads, key_dim) and so on, attention_output/kernel
        (heads, value_dim, dim).

    Raises:
        ArgumentError: numbers that are no positive integers; one input.
        ShapeError: values and keys of different times.

    Source:
        Vaswani, Shazeer, Parmar, Uszkoreit, Jones, Gomez, Kaiser and Polosukhin,
        "Attention is all you need", 2017, section 3.2.2.

    Example:
        >>> import wubu
        >>> layer = MultiHeadAttention(num_heads=2, key_dim=3)
        >>> x = wubu.ones((1, 5, 4))
        >>> layer(x, x).shape
        (1, 5, 4)
        >>> y, weights = layer(x, x, use_causal_mask=True, return_attention_scores=True)
        >>> weights[0, 0, 1].tolist()
        [0.5, 0.5, 0.0, 0.0, 0.0]
    """

    supports_masking = True

    def __init__(
        self,
        num_heads: int,
        key_dim: int,
        value_dim: int | None = None,
        dropout: float = 0.0,
        use_bias: bool = True,
        output_shape: int | Sequence[int] | None = None,
        attention_axes: int | Sequence[int] | None = None,
        sliding_window: int | None = None,
        flash_attention: bool | None = None,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        use_gate: bool = False,
        seed: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.num_heads = positive_integer("num_heads", num_heads)
        self.key_dim = positive_integer("key_dim", key_dim)
        self.value_dim = positive_integer("value_dim", value_dim or key_dim)
        self.dropout = fraction("dropout", dropout)
        self.use_bias = use_bias
        self.use_gate = use_gate
        self.attention_axes = _tuple(attention_axes)
        self.sliding_window = (
            None
            if sliding_window is None
            else positive_integer("sliding_window", sliding_window)
        )
        self._last_axes = _tuple(output_shape)
        self._projection_penalty = activity_regularizer
        self.kernel_options = weight_options(
            kernel_initializer, kernel_regularizer, kernel_constraint
        )
        self.bias_options = weight_options(
            bias_initializer, bias_regularizer, bias_constraint
        )
        if self.dropout:
            self.seed_generator = SeedGenerator(seed)

    def __call__(
        self, query: Any, value: Any = None, key: Any = None, **kw: Any
    ) -> Any:
        if isinstance(query, list | tuple) and value is None:
            return super().__call__(*query, **kw)
        given = [x for x in (query, value, key) if x is not None]
        return super().__call__(*given, **kw)

    # -- weights ------------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        query, value, key = _three(input_shape)
        ndim = len(query)
        if len(value) != ndim or value[1:-1] != key[1:-1]:
            raise ShapeError(
                "query, value and key do not fit together",
                expected="as many axes, and keys and values of the same times",
                got=f"{query}, {value}, {key}",
            )
        axes = self.attention_axes or tuple(range(1, ndim - 1))
        self._axes = tuple(normal_axis(axis, ndim) for axis in axes)
        self._query = self._projection("query", query, self.key_dim)
        self._key = self._projection("key", key, self.key_dim)
        if self.use_gate:
            self._gate = self._projection("gate", query, self.value_dim, "sigmoid")
        self._value = self._projection("value", value, self.value_dim)
        last = self._last_axes or (known_length(query, -1, "features"),)
        free = _LETTERS[: ndim - 1]
        heads, out = _LETTERS[ndim - 1 : ndim + 1], _LETTERS[ndim + 1 :][: len(last)]
        self._attention_output = EinsumDense(
            f"{free}{heads},{heads}{out}->{free}{out}",
            output_shape=(*[None] * (ndim - 2), *last),
            bias_axes=out if self.use_bias else None,
            **self._options("attention_output"),
        )
        between = (*query[:-1], self.num_heads, self.value_dim)
        self._attention_output.ensure_built((between,))

    def _projection(
        self, name: str, shape: Shape, length: int, activation: Any = None
    ) -> EinsumDense:
        """(batch, ..., dim) -> (batch, ..., heads, length)"""
        ndim = len(shape)
        free, summed = _LETTERS[: ndim - 1], _LETTERS[ndim - 1]
        made = _LETTERS[ndim : ndim + 2]
        layer = EinsumDense(
            f"{free}{summed},{summed}{made}->{free}{made}",
            output_shape=(*[None] * (ndim - 2), self.num_heads, length),
            activation=activation,
            bias_axes=made if self.use_bias else None,
            **self._options(name),
        )
        layer.ensure_built((shape,))
        return layer

    def _options(self, name: str) -> dict[str, Any]:
        """What all projections have in common."""
        found = {
            f"{weight}_{kind}": value
            for weight in ("kernel", "bias")
            for kind, value in getattr(self, f"{weight}_options").items()
        }
        return {
            **found,
            "activity_regularizer": self._projection_penalty,
            "name": name,
            "dtype": self.dtype,
            "trainable": self.trainable,
        }

    # -- computation --------------------------------------------------------------

    def call(
        self,
        query: Tensor,
        value: Tensor,
        key: Tensor | None = None,
        query_mask: Tensor | None = None,
        value_mask: Tensor | None = None,
        key_mask: Tensor | None = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        # Masks are for the weights of the averages, not for projections.
        query, value = unmasked(query), unmasked(value)
        projected = self._query(query)
        values = self._value(value)
        keys = self._key(value if key is None else unmasked(key))
        masks = [
            None if query_mask is None else ops.expand_dims(query_mask, -1),
            None if value_mask is None else ops.expand_dims(value_mask, -2),
            None if key_mask is None else ops.expand_dims(key_mask, -2),
            causal_mask(query.shape[1], value.shape[1]) if use_causal_mask else None,
            self._window(query.shape[1], value.shape[1]),
            attention_mask,
        ]
        heads, weights = self._attend(projected, keys, values, masks, training)
        if self.use_gate:
            heads = heads * self._gate(query)
        output = self._attention_output(heads)
        return (output, weights) if return_attention_scores else output

    def _window(self, asked: int, time: int) -> np.ndarray | None:
        """(1, asked, time): True where the two are near enough."""
        if self.sliding_window is None:
            return None
        apart = np.subtract.outer(np.arange(asked), np.arange(time))
        return (abs(apart) < self.sliding_window)[None]

    def _attend(
        self, query: Tensor, key: Tensor, value: Tensor, masks: list[Any], train: bool
    ) -> tuple[Tensor, Tensor]:
        """The averages of each head (batch, asked, heads, value_dim), and the weights
        (batch, heads, asked, time)."""
        answers, averages = _equations(query.ndim, self._axes)
        scores = ops.einsum(answers, key, query * (1.0 / math.sqrt(self.key_dim)))
        looked_at = len(self._axes)
        known = [_aligned(m, scores.ndim, looked_at) for m in masks if m is not None]
        kept = reduce(ops.logical_and, known) if known else None
        weights = masked_softmax(scores, kept, tuple(range(-looked_at, 0)))
        shares = weights
        if train and self.dropout:
            shares = random.dropout(weights, self.dropout, seed=self.seed_generator)
        return ops.einsum(averages, shares, value), weights


def _aligned(mask: Any, ndim: int, looked_at: int) -> Tensor:
    """A mask whose last axes, two for each that is looked along, are those of scores,
    and its first ones theirs."""
    kept = as_tensor(mask).astype("bool")
    place = max(kept.ndim - 2 * looked_at, 0)
    missing = [1] * (ndim - kept.ndim)
    return ops.reshape(kept, (*kept.shape[:place], *missing, *kept.shape[place:]))


def _equations(ndim: int, axes: tuple[int, ...]) -> tuple[str, str]:
    """How scores come of key and query, and averages of weights and value.

    Args:
        ndim: of a projected query, (batch, ..., heads, length).
        axes: along which it looks around.

    Example:
        >>> _equations(4, (1,))
        ('aecd,abcd->acbe', 'acbe,aecd->abcd')
    """
    query = _LETTERS[:ndim]
    spare = dict(zip(axes, _LETTERS[ndim:], strict=False))
    key = "".join(spare.get(axis, letter) for axis, letter in enumerate(query))
    apart = "".join(query[a] for a in range(ndim - 1) if a not in axes)
    scores = apart + "".join(query[a] for a in axes) + "".join(spare.values())
    return f"{key},{query}->{scores}", f"{scores},{key}->{query}"


def _three(shapes: Any) -> tuple[Shape, Shape, Shape]:
    """The shapes of query, value and key."""
    if not isinstance(shapes, list) or len(shapes) not in (2, 3):
        raise ArgumentError(
            "it takes a query and a value",
            expected="layer(query, value), or layer(query, value, key)",
            got="one input",
            fix="for attention of a sequence to itself write layer(x, x)",
        )
    query, value, *key = (tuple(shape) for shape in shapes)
    return query, value, key[0] if key else value


def _tuple(value: Any) -> tuple[int, ...] | None:
    if value is None:
        return None
    return tuple(value) if isinstance(value, list | tuple) else (int(value),)
