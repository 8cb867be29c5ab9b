"""What stands for the inputs of a model: symbols of data, samples of symbols."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core.tensor import as_tensor
from wubu.layers import Symbol


def unwrapped(symbols: Any) -> Any:
    """A list of one symbol means that symbol, as in Keras."""
    return symbols[0] if isinstance(symbols, list) and len(symbols) == 1 else symbols


def as_symbol(leaf: Any) -> Any:
    """A symbol for what data look like; None for what is no array."""
    if isinstance(leaf, Symbol):
        return leaf
    if leaf is None or isinstance(leaf, str):
        return None
    array = as_tensor(leaf)
    return Symbol((None, *array.shape[1:]), array.dtype)


def one_sample(symbol: Symbol) -> np.ndarray:
    """Zeros that fit a symbol, 1 where any length does."""
    return np.zeros([n or 1 for n in symbol.shape], symbol.dtype)
