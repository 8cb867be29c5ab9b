"""Attention by scaled products of queries and keys."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ShapeError
from wubu.ops.comparison import cast, logical_and, where
from wubu.ops.contraction import einsum
from wubu.ops.functions import tanh
from wubu.ops.joining import repeat
from wubu.ops.nn import softmax


@located
def dot_product_attention(
    query: Any,
    key: Any,
    value: Any,
    bias: Any = None,
    mask: Any = None,
    scale: float | None = None,
    is_causal: bool = False,
    flash_attention: bool | None = None,
    attn_logits_soft_cap: float | None = None,
) -> Tensor:
    """softmax(scale * query key^T + bias) value, for each head.

    Args:
        query: (batch, time, heads, features).
        key: (batch, places, key heads, features); each key head serves as many heads
            as there are more of them.
        value: (batch, places, key heads, value features).
        bias: added to the products; broadcasts to (batch, heads, time, places).
        mask: True where a place may be seen; broadcasts in the same way.
        scale: 1 / sqrt(features) by default.
        is_causal: no time sees places after it.
        flash_attention: taken as in Keras; how it is computed is the executor's.
        attn_logits_soft_cap: keeps products within these ends, by tanh.

    Shapes:
        (batch, time, heads, value features).

    Raises:
        ShapeError: heads that key heads do not divide.

    Source: Vaswani et al. 2017, equation 1; Ainslie et al. 2023 for fewer key heads.

    Example:
        >>> q = k = Tensor([[[[1.0, 0.0]], [[0.0, 1.0]]]])
        >>> dot_product_attention(q, k, k, scale=1000.0)[0, :, 0].tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    q, k, v = as_tensor(query), as_tensor(key), as_tensor(value)
    heads, key_heads = q.shape[2], k.shape[2]
    if heads % key_heads:
        raise ShapeError(
            "each key head serves as many heads as the others",
            expected=f"a number of heads that {key_heads} divides",
            got=heads,
        )
    if heads != key_heads:
        k, v = (repeat(x, heads // key_heads, 2) for x in (k, v))
    factor = 1 / math.sqrt(q.shape[-1]) if scale is None else scale
    logits = einsum("btnh,bsnh->bnts", q, k) * factor
    if attn_logits_soft_cap is not None:
        logits = attn_logits_soft_cap * tanh(logits / attn_logits_soft_cap)
    if bias is not None:
        logits = logits + bias
    seen = None if mask is None else cast(mask, "bool")
    if is_causal:
        times, places = logits.shape[-2:]
        past = as_tensor(np.tri(times, places, dtype=bool))
        seen = past if seen is None else logical_and(seen, past)
    if seen is not None:
        logits = where(seen, logits, float(np.finfo(logits.dtype).min) * 0.7)
    return einsum("bnts,bsnh->btnh", softmax(logits), v)
