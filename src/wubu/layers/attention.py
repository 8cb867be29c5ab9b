"""`Attention`, `AdditiveAttention`: averages of values, weighted by what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu import ops
from wubu.core.dtypes import FLOAT16
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError
from wubu.layers.arguments import fraction, known_length, one_of
from wubu.layers.layer import Layer, Shape
from wubu.ops import random
from wubu.ops.random import SeedGenerator


class Attention(Layer):
    """For every query an average of the values, weighted by how its key answers it.

        scores = query @ transpose(key), or sum of tanh(query + key)   (mode "concat")
        output = softmax(scores) @ value

    Args:
        use_scale: whether scores are multiplied by a learned number; in mode "concat"
            query + key is.
        score_mode: "dot", or "concat", whose scores are multiplied by another learned
            number.
        dropout: share of the weights of the average that is left out while training.
        seed: an integer, for a dropout that does not depend on `set_random_seed`.
        options: name, trainable, dtype of every layer.

    Shapes:
        A list: query (batch, asked, dim), value (batch, time, dim), and key (batch,
        time, dim), which is the value if it is left out -> (batch, asked, dim). With
        `return_attention_scores` also the weights (batch, asked, time). A mask is a
        list: (batch, asked), where the output is 0 if it is False, and (batch, time),
        which leaves values out; either may be None.

    Raises:
        ArgumentError: not two or three inputs; an unknown mode.

    Source:
        Luong, Pham and Manning, "Effective approaches to attention-based neural machine
        translation", 2015, section 3.1.

    Example:
        >>> import wubu
        >>> query, value = wubu.ones((1, 1, 2)), wubu.tensor([[[0.0, 1.0], [0.0, 3.0]]])
        >>> y, weights = Attention()([query, value], return_attention_scores=True)
        >>> y.shape, weights.shape
        ((1, 1, 2), (1, 1, 2))
        >>> Attention()([query, value], mask=[None, [[True, False]]]).tolist()
        [[[0.0, 1.0]]]
    """

    def __init__(
        self,
        use_scale: bool = False,
        score_mode: str = "dot",
        dropout: float = 0.0,
        seed: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.use_scale = use_scale
        self.score_mode = one_of("score_mode", score_mode, ("dot", "concat"))
        self.dropout = fraction("dropout", dropout)
        if self.dropout:
            self.seed_generator = SeedGenerator(seed)

    def build(self, input_shape: list[Shape]) -> None:
        _check_list(input_shape)
        self.scale = self.concat_score_weight = None
        if self.use_scale:
            self.scale = self.add_weight((), "ones", name="scale")
        if self.score_mode == "concat":
            self.concat_score_weight = self.add_weight(
                (), "ones", name="concat_score_weight"
            )

    def scores(self, query: Tensor, key: Tensor) -> Tensor:
        """How each key answers each query: (batch, asked, time)."""
        if self.concat_score_weight is not None:
            both = _all_pairs(query, key)
            both = both if self.scale is None else both * self.scale
            return ops.sum(ops.tanh(both), axis=-1) * self.concat_score_weight
        found = ops.matmul(query, ops.swapaxes(key, -2, -1))
        return found if self.scale is None else found * self.scale

    def call(
        self,
        inputs: Sequence[Tensor],
        mask: Any = None,
        training: bool = False,
        return_attention_scores: bool = False,
        use_causal_mask: bool = False,
    ) -> Any:
        query, value, *rest = inputs
        asked, kept = _masks(mask)
        scores = self.scores(query, rest[0] if rest else value)
        if kept is not None:
            kept = ops.expand_dims(kept, -2)
        if use_causal_mask:
            causal = causal_mask(scores.shape[-2], scores.shape[-1])
            kept = causal if kept is None else ops.logical_and(kept, causal)
        if kept is not None:
            # So much less that nothing is left, and finite where all is masked.
            less = 65504.0 if scores.dtype == FLOAT16 else 1.0e9
            scores = ops.where(kept, scores, scores - less)
        weights = ops.softmax(scores, -1)
        if training and self.dropout:
            weights = random.dropout(weights, self.dropout, seed=self.seed_generator)
        output = ops.matmul(weights, value)
        if asked is not None:
            output = ops.where(ops.expand_dims(asked, -1), output, 0)
        return (output, weights) if return_attention_scores else output

    def compute_mask(self, inputs: Any, mask: Any = None) -> Tensor | None:
        """That of the query."""
        return _masks(mask)[0]


class AdditiveAttention(Attention):
    """Attention whose scores are a small network of query and key.

        scores = sum over dim of scale * tanh(query + key)
        output = softmax(scores) @ value

    Args:
        use_scale: whether there is a learned scale, of length dim; else it is 1.
        dropout: share of the weights of the average that is left out while training.
        seed: an integer, for a dropout that does not depend on `set_random_seed`.
        options: name, trainable, dtype of every layer.

    Shapes:
        As `Attention`.

    Raises:
        ArgumentError: not two or three inputs.

    Source:
        Bahdanau, Cho and Bengio, "Neural machine translation by jointly learning to
        align and translate", 2015, section 3.1.

    Example:
        >>> import wubu
        >>> layer = AdditiveAttention()
        >>> layer([wubu.ones((1, 3, 2)), wubu.ones((1, 5, 2))]).shape
        (1, 3, 2)
    """

    def __init__(
        self,
        use_scale: bool = True,
        dropout: float = 0.0,
        *,
        seed: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(use_scale, dropout=dropout, seed=seed, **options)

    def build(self, input_shape: list[Shape]) -> None:
        _check_list(input_shape)
        self.scale = None
        if self.use_scale:
            dim = known_length(input_shape[0], -1, "features")
            self.scale = self.add_weight((dim,), "glorot_uniform", name="scale")

    def scores(self, query: Tensor, key: Tensor) -> Tensor:
        answers = ops.tanh(_all_pairs(query, key))
        answers = answers if self.scale is None else answers * self.scale
        return ops.sum(answers, axis=-1)


def causal_mask(asked: int, time: int) -> Tensor:
    """(1, asked, time): True where the time is not later than what is asked.

    Example:
        >>> causal_mask(2, 3).tolist()
        [[[True, False, False], [True, True, False]]]
    """
    return as_tensor(np.tri(asked, time, dtype=bool)[None])


def _all_pairs(query: Tensor, key: Tensor) -> Tensor:
    """(batch, asked, time, dim), the sum of every query and every key."""
    return ops.expand_dims(query, -2) + ops.expand_dims(key, -3)


def _masks(mask: Any) -> tuple[Tensor | None, Tensor | None]:
    """The masks of query and value, as bools."""
    if mask is None:
        return None, None
    if not isinstance(mask, list | tuple) or len(mask) not in (2, 3):
        raise ArgumentError(
            "a mask goes with each input",
            expected="[query_mask, value_mask], either may be None",
            got=type(mask).__name__,
        )
    asked, kept = (None if m is None else as_tensor(m, "bool") for m in mask[:2])
    return asked, kept


def _check_list(shapes: Any) -> None:
    if not isinstance(shapes, list) or len(shapes) not in (2, 3):
        raise ArgumentError(
            "it takes two inputs or three",
            expected="a list, [query, value] or [query, value, key]",
            got=f"{len(shapes)} inputs" if isinstance(shapes, list) else "one input",
        )
