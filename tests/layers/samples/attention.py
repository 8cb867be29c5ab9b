"""Attention, and the weighted sum over any axes that its heads are made of."""

from __future__ import annotations

from layers.samples.sample import SEQUENCE, sample

ASKED, TIMES, KEYS = (3, 2, 4), (3, 5, 4), (3, 5, 4)

SAMPLES = [
    sample("Attention", ASKED, TIMES, use_scale=True),
    sample(
        "Attention",
        ASKED,
        TIMES,
        KEYS,
        use_scale=True,
        score_mode="concat",
        dropout=0.4,
        seed=1,
        label="concat",
    ),
    sample("AdditiveAttention", ASKED, TIMES),
    sample("EinsumDense", SEQUENCE, equation="...x,xy->...y", output_shape=3),
    sample(
        "EinsumDense",
        SEQUENCE,
        equation="abc,cde->abed",
        output_shape=(None, 2, 3),
        bias_axes="e",
        activation="tanh",
        label="two_axes",
    ),
    # Without biases: the derivative by that of keys is 0 but for rounding.
    sample("MultiHeadAttention", ASKED, TIMES, num_heads=2, key_dim=3, use_bias=False),
    sample(
        "MultiHeadAttention",
        (2, 3, 2),
        (2, 3, 3),
        (2, 3, 4),
        num_heads=2,
        key_dim=2,
        value_dim=3,
        dropout=0.4,
        seed=1,
        use_bias=False,
        use_gate=True,
        output_shape=5,
        sliding_window=2,
        label="gate",
    ),
    sample(
        "GroupQueryAttention",
        ASKED,
        TIMES,
        head_dim=2,
        num_query_heads=4,
        num_key_value_heads=2,
        use_bias=False,
    ),
]
