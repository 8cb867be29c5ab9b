"""What layers add to the loss: kept with each layer until the next call from outside.

`model.losses` finds it there, also where a step of the user's own calls inner layers
one by one. A call begins by clearing what the called layer and the layers inside added
before. What is added inside a trace has no value outside, so it is gone when the trace
ends, and what was there before is back.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any
from weakref import WeakSet

from wubu.core.modes import active_trace
from wubu.core.tensor import Tensor

# Layers that hold losses now, so that a call need not look through all of its own.
_holders: WeakSet[Any] = WeakSet()


def add(layer: Any, loss: Tensor) -> None:
    """Keeps a loss with the layer that added it."""
    _replace(layer, [*layer._losses, loss])


def clear(layer: Any) -> None:
    """Forgets what the layer and those inside added before."""
    if _holders:
        for holder in _with_inner(layer):
            if holder._losses:
                _replace(holder, [])


def added(layer: Any) -> list[Tensor]:
    """What the layer and those inside added since they were called from outside."""
    return [loss for holder in _with_inner(layer) for loss in holder._losses]


def per_sample(penalty: Tensor, output: Tensor) -> Tensor:
    """The penalty on an output, divided by the number of samples in it."""
    return penalty / max(output.shape[0], 1) if output.ndim else penalty


def _replace(layer: Any, losses: list[Tensor]) -> None:
    trace = active_trace()
    if trace is not None:
        trace.at_close(functools.partial(_put, layer, layer._losses))
    _put(layer, losses)


def _put(layer: Any, losses: list[Tensor]) -> None:
    layer._losses = losses
    if losses:
        _holders.add(layer)
    else:
        _holders.discard(layer)


def _with_inner(layer: Any) -> Iterator[Any]:
    """The layer and all inside it, each once, in the order of their places."""
    seen: set[int] = set()
    stack = [layer]
    while stack:
        found = stack.pop()
        if id(found) not in seen:
            seen.add(id(found))
            yield found
            stack += reversed(found.sublayers)
