"""What stands for the inputs of a model: symbols of data, samples of symbols."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core.tensor import as_tensor
from wubu.layers import Symbol
from wubu.layers.symbol import symbols_in


def unwrapped(symbols: Any) -> Any:
    """A list of one symbol means that symbol, as in Keras."""
    return symbols[0] if isinstance(symbols, list) and len(symbols) == 1 else symbols


def batch_of(spec: Any) -> int | None:
    """The size of the batch that a model was drawn up for; None for any."""
    shapes = (symbol.shape for symbol in symbols_in(spec))
    return next((shape[0] for shape in shapes if shape), None)


def as_symbol(leaf: Any, batch: int | None = None) -> Any:
    """A symbol for what data look like; None for what is no array."""
    if isinstance(leaf, Symbol):
        return leaf
    if leaf is None or isinstance(leaf, str):
        return None
    array = as_tensor(leaf)
    return Symbol((batch, *array.shape[1:]), array.dtype)


def one_sample(symbol: Symbol) -> np.ndarray:
    """Zeros that fit a symbol, 1 where any length does."""
    return np.zeros([n or 1 for n in symbol.shape], symbol.dtype)
