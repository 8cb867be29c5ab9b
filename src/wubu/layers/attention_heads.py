"""`AttentionHeads`: what attentions in several heads have in common.

Read next: `multi_head_attention.py`.
"""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import numpy as np

from wubu import ops
from wubu.core.location import user_location
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.layers.arguments import (
    fraction,
    known_length,
    positive_integer,
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


class AttentionHeads(Layer):
    """Attentions side by side, each of projections of its own. A subclass has the
    constructor, which calls `set_up`."""

    supports_masking = True

    def set_up(
        self,
        num_heads: int,
        num_value_heads: int,
        key_dim: int,
        value_dim: int,
        *,
        dropout: float,
        use_bias: bool,
        use_gate: bool,
        sliding_window: int | None,
        seed: int | None,
        kernel: dict[str, Any],
        bias: dict[str, Any],
        activity_regularizer: Any,
        last_axes: Any = None,
        attention_axes: Any = None,
    ) -> None:
        """Remembers the arguments.

        Args:
            num_heads: of the queries.
            num_value_heads: of keys and values; each serves as many queries as there
                are more of these.
            key_dim: the length of a projected query and key.
            value_dim: that of a projected value.
            dropout: share of the weights of the averages left out while training.
            use_bias: whether projections have one.
            use_gate: whether heads are multiplied with a sigmoid of the query.
            sliding_window: how far it looks, less 1.
            seed: of the dropout.
            kernel: `weight_options` of the kernels.
            bias: `weight_options` of the biases.
            activity_regularizer: a penalty on the output of each projection.
            last_axes: of the output; those of the query if None.
            attention_axes: along which it looks around.
        """
        self._heads, self._value_heads = num_heads, num_value_heads
        self.key_dim, self.value_dim = key_dim, value_dim
        self.dropout = fraction("dropout", dropout)
        self.use_bias, self.use_gate = use_bias, use_gate
        self.sliding_window = (
            None
            if sliding_window is None
            else positive_integer("sliding_window", sliding_window)
        )
        self.attention_axes = _tuple(attention_axes)
        self._last_axes = _tuple(last_axes)
        self._projection_penalty = activity_regularizer
        self.kernel_options, self.bias_options = kernel, bias
        if self.dropout:
            self.seed_generator = SeedGenerator(seed)

    def __call__(
        self, query: Any, value: Any = None, key: Any = None, **kw: Any
    ) -> Any:
        if isinstance(query, list | tuple) and value is None:
            return super().__call__(*query, **kw)
        given = [x for x in (query, value, key) if x is not None]
        if len(given) < 2:
            raise ArgumentError(
                f'layer "{self.name}" takes a query and a value',
                where=user_location(),
                expected="layer(query, value), or layer(query, value, key)",
                got="one input",
                fix="for attention of a sequence to itself write layer(x, x)",
            )
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
        asked, heads = (self._heads, self.key_dim), self._value_heads
        self._query = self._projection("query", query, asked)
        self._key = self._projection("key", key, (heads, self.key_dim))
        if self.use_gate:
            gate = (self._heads, self.value_dim)
            self._gate = self._projection("gate", query, gate, "sigmoid")
        self._value = self._projection("value", value, (heads, self.value_dim))
        last = self._last_axes or (known_length(query, -1, "features"),)
        free = _LETTERS[: ndim - 1]
        joined, out = _LETTERS[ndim - 1 : ndim + 1], _LETTERS[ndim + 1 :][: len(last)]
        self._attention_output = EinsumDense(
            f"{free}{joined},{joined}{out}->{free}{out}",
            output_shape=(*[None] * (ndim - 2), *last),
            bias_axes=out if self.use_bias else None,
            **self._options("attention_output"),
        )
        between = (*query[:-1], self._heads, self.value_dim)
        self._attention_output.ensure_built((between,))

    def _projection(
        self, name: str, shape: Shape, made: tuple[int, int], activation: Any = None
    ) -> EinsumDense:
        """(batch, ..., dim) -> (batch, ..., heads, length); `made` are the last two."""
        ndim = len(shape)
        free, summed = _LETTERS[: ndim - 1], _LETTERS[ndim - 1]
        two = _LETTERS[ndim : ndim + 2]
        layer = EinsumDense(
            f"{free}{summed},{summed}{two}->{free}{two}",
            output_shape=(*[None] * (ndim - 2), *made),
            activation=activation,
            bias_axes=two if self.use_bias else None,
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
        repeats = self._heads // self._value_heads
        if repeats > 1:
            key, value = (ops.repeat(x, repeats, axis=-2) for x in (key, value))
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
    query, value, *key = (tuple(shape) for shape in shapes)
    return query, value, key[0] if key else value


def _tuple(value: Any) -> tuple[int, ...] | None:
    if value is None:
        return None
    return tuple(value) if isinstance(value, list | tuple) else (int(value),)
