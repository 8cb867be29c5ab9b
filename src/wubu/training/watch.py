"""A loss that is NaN or infinite ends a step before it changes weights, and is
explained: which operation of which layer made the first such number. So is a gradient.

While the loss is watched, steps check it (`watched_loss`); it is read anyway, so that
costs nothing. Training goes on without looking after the first time, as Keras does,
unless a callback as `TerminateOnNaN` ends it.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from contextvars import ContextVar
from typing import Any

from wubu.core.modes import active_trace
from wubu.core.origin import Origin
from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.errors import NotFiniteError
from wubu.ops.finite import check_finite
from wubu.ops.targets import as_float


class _Watch:
    """Over one step."""

    looked = False


_watching: ContextVar[_Watch | None] = ContextVar("watching", default=None)
_FEW = 4096  # elements, that are looked at in no time
_MEANT = "to stop here, pass callbacks=[wubu.callbacks.TerminateOnNaN()]"


@contextlib.contextmanager
def watching(enabled: bool) -> Iterator[None]:
    """Inside, losses are checked, or not."""
    token = _watching.set(_Watch() if enabled else None)
    try:
        yield
    finally:
        _watching.reset(token)


def watched_loss(loss: Any) -> Any:
    """The loss, checked where somebody explains what is wrong with it."""
    watch = _watching.get()
    if watch is None:
        return loss
    watch.looked = True
    return check_finite(loss, what="the loss")


def watch_gradients(weights: Sequence[Variable], optimizer: Any) -> None:
    """Has a gradient checked where somebody explains what is wrong with it: that of the
    first bias, or the like. What is not finite goes on from layer to layer on its way
    back, and comes out there; to look at all gradients would take time.

    A step that runs eagerly has changed metrics by then, so it goes on. And an
    optimizer may know what to do with such gradients: by `clipvalue`, or as the user's
    own.
    """
    if _watching.get() is None or active_trace() is None:
        return
    if optimizer.clipvalue is not None or _is_users(optimizer):
        return
    for weight in weights:
        if weight.grad is not None and weight.ndim == 1 and weight.size <= _FEW:
            what = f"the gradient of {weight.path}"
            weight.grad = check_finite(weight.grad, what=what)
            return


def _is_users(optimizer: Any) -> bool:
    """Whether a class outside of this package says how it steps."""
    methods = (getattr(type(optimizer), name) for name in ("step", "apply", "update"))
    return not all(method.__module__.startswith("wubu.") for method in methods)


def reports_its_loss(step: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A step of the user's own, whose "loss" among the logs is checked unless the step
    has asked `compute_loss`, which checks it."""

    @functools.wraps(step)
    def watched(data: Any) -> Any:
        logs = step(data)
        watch = _watching.get()
        loss = logs.get("loss") if isinstance(logs, dict) else None
        if watch is None or watch.looked or not isinstance(loss, Tensor):
            return logs
        return {**logs, "loss": watched_loss(as_float(loss))}

    return watched


def of_a_check(error: NotFiniteError) -> bool:
    """Whether somebody looked at a value, the loss for instance; what `debug_nans` has
    found names its operation already."""
    return error.number is not None


def explained(
    error: NotFiniteError, origin: Origin | None, when: str
) -> NotFiniteError:
    """The error of a step, with what made the number.

    Args:
        origin: None where it is not known.
        when: epoch and step.
    """
    found = NotFiniteError(
        f"{error.what} in {when}",
        where=error.where if origin is None else origin.where,
        got=error.got if origin is None else origin.what,
        fix=None if origin is None else origin.fix,
    )
    found.number = error.number
    found.steps_done = error.steps_done
    return found


def going_on(error: NotFiniteError) -> str:
    """The text of a warning: training goes on all the same."""
    return f"{error}\n  now       training goes on; {_MEANT}"
