"""The first values of weights: what initializers say, or what a file allows.

A model that is being loaded gets every weight from the file, so initializers need not
run; and a description that asks for a weight the file does not hold is refused before
memory is given to it.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

import numpy as np

from wubu import initializers
from wubu.core.memory import enough_memory
from wubu.core.modes import no_grad, tracing

Source = Callable[[tuple[int, ...], np.dtype], Any]

_source: ContextVar[Source | None] = ContextVar("first_values", default=None)


@contextlib.contextmanager
def first_values_from(source: Source) -> Iterator[None]:
    """Inside, `source(shape, dtype)` gives the first values of all new weights, or
    raises to refuse one."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)


def first_value(initializer: Any, shape: tuple[int, ...], dtype: np.dtype) -> Any:
    """The first value of a new weight."""
    source = _source.get()
    if source is not None:
        return source(shape, dtype)
    with tracing(None), no_grad():
        return initializers.get(initializer)(shape, dtype)


def enough_memory_for(
    shape: tuple[int, ...], dtype: np.dtype, name: str | None, layer: Any
) -> contextlib.AbstractContextManager[None]:
    """Inside, a weight of a layer is made; says so if there is no memory for it. What
    is the source of first values refuses by itself."""
    if _source.get() is not None:
        return contextlib.nullcontext()
    return enough_memory(
        math.prod(shape) * dtype.itemsize,
        f"the weights of {type(layer).__name__}",
        f"{name or 'a weight'} of shape {shape}, {dtype}",
        lambda: "a smaller layer, or fewer features before it",
        layer.path,
    )
