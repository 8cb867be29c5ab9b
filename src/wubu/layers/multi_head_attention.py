"""`MultiHeadAttention` and `GroupQueryAttention`: several attentions side by side.

What they compute stands in `attention_heads.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu.errors import ArgumentError
from wubu.layers.arguments import positive_integer, weight_options
from wubu.layers.attention_heads import AttentionHeads


class MultiHeadAttention(AttentionHeads):
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
        self.set_up(
            self.num_heads,
            self.num_heads,
            positive_integer("key_dim", key_dim),
            positive_integer("value_dim", value_dim or key_dim),
            dropout=dropout,
            use_bias=use_bias,
            use_gate=use_gate,
            sliding_window=sliding_window,
            seed=seed,
            kernel=weight_options(
                kernel_initializer, kernel_regularizer, kernel_constraint
            ),
            bias=weight_options(bias_initializer, bias_regularizer, bias_constraint),
            activity_regularizer=activity_regularizer,
            last_axes=output_shape,
            attention_axes=attention_axes,
        )


class GroupQueryAttention(AttentionHeads):
    """MultiHeadAttention in which several heads of queries share keys and values.

    Fewer keys and values are projected and kept: query head h looks at the keys and
    values of head h // (num_query_heads / num_key_value_heads).

    Args:
        head_dim: the length of a projected query, key and value, in each head.
        num_query_heads: how many queries.
        num_key_value_heads: how many keys and values; a divisor of that.
        dropout: share of the weights of the averages left out while training.
        use_bias: whether projections have one.
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
        As `MultiHeadAttention`; key/kernel (dim, num_key_value_heads, head_dim).

    Raises:
        ArgumentError: numbers that are no positive integers; heads that cannot be
            shared evenly; one input.
        ShapeError: values and keys of different times.

    Source:
        Ainslie, Lee-Thorp, de Jong, Zemlyanskiy, Lebron and Sanghai, "GQA: training
        generalized multi-query transformer models from multi-head checkpoints", 2023.

    Example:
        >>> import wubu
        >>> x = wubu.ones((1, 5, 4))
        >>> GroupQueryAttention(3, num_query_heads=4, num_key_value_heads=2)(x, x).shape
        (1, 5, 4)
    """

    def __init__(
        self,
        head_dim: int,
        num_query_heads: int,
        num_key_value_heads: int,
        dropout: float = 0.0,
        use_bias: bool = True,
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
        self.head_dim = positive_integer("head_dim", head_dim)
        heads = positive_integer("num_query_heads", num_query_heads)
        shared = positive_integer("num_key_value_heads", num_key_value_heads)
        if heads % shared:
            raise ArgumentError(
                "heads of queries share keys and values evenly",
                expected=f"num_key_value_heads that divide {heads}",
                got=shared,
            )
        self.num_query_heads, self.num_key_value_heads = heads, shared
        self.set_up(
            heads,
            shared,
            self.head_dim,
            self.head_dim,
            dropout=dropout,
            use_bias=use_bias,
            use_gate=use_gate,
            sliding_window=sliding_window,
            seed=seed,
            kernel=weight_options(
                kernel_initializer, kernel_regularizer, kernel_constraint
            ),
            bias=weight_options(bias_initializer, bias_regularizer, bias_constraint),
            activity_regularizer=activity_regularizer,
        )
