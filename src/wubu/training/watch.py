"""A loss that is NaN or infinite ends a step before it changes weights, and is
explained: which operation of which layer made the first such number.

While the loss is watched, steps check it (`watched_loss`); it is read anyway, so that
costs nothing. Training goes on without looking after the first time, as Keras does,
unless a callback as `TerminateOnNaN` ends it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from wubu.core.origin import Origin
from wubu.errors import NotFiniteError
from wubu.ops.finite import check_finite

_watching: ContextVar[bool] = ContextVar("watching", default=False)
_MEANT = "to stop here, pass callbacks=[wubu.callbacks.TerminateOnNaN()]"


@contextlib.contextmanager
def watching(enabled: bool) -> Iterator[None]:
    """Inside, losses are checked, or not."""
    token = _watching.set(enabled)
    try:
        yield
    finally:
        _watching.reset(token)


def watched_loss(loss: Any) -> Any:
    """The loss, checked where somebody explains what is wrong with it."""
    return check_finite(loss, what="the loss") if _watching.get() else loss


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
