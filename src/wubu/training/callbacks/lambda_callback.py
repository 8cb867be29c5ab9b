"""`LambdaCallback`: a callback made of functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wubu.errors import UnknownNameError
from wubu.training.callbacks.callback import Callback

Function = Callable[..., Any] | None

_EVENTS = [name for name in dir(Callback) if name.startswith("on_")]


class LambdaCallback(Callback):
    """Calls functions at the events they are given for.

    Args:
        on_epoch_begin: called as `function(epoch, logs)`.
        on_epoch_end: likewise.
        on_train_begin: called as `function(logs)`.
        on_train_end: likewise.
        on_train_batch_begin: called as `function(batch, logs)`.
        on_train_batch_end: likewise.
        others: any other event of `Callback`, by name.

    Raises:
        UnknownNameError: no event has this name.

    Example:
        >>> seen = []
        >>> callback = LambdaCallback(on_epoch_end=lambda n, logs: seen.append(n))
        >>> callback.on_epoch_end(3, {})
        >>> seen
        [3]
    """

    def __init__(
        self,
        on_epoch_begin: Function = None,
        on_epoch_end: Function = None,
        on_train_begin: Function = None,
        on_train_end: Function = None,
        on_train_batch_begin: Function = None,
        on_train_batch_end: Function = None,
        **others: Function,
    ) -> None:
        super().__init__()
        given: dict[str, Function] = {
            "on_epoch_begin": on_epoch_begin,
            "on_epoch_end": on_epoch_end,
            "on_train_begin": on_train_begin,
            "on_train_end": on_train_end,
            "on_train_batch_begin": on_train_batch_begin,
            "on_train_batch_end": on_train_batch_end,
            **others,
        }
        for name, function in given.items():
            if name not in _EVENTS:
                raise UnknownNameError("event", name, _EVENTS)
            if function is not None:
                setattr(self, name, function)
        self._given = {name for name, function in given.items() if function}

    def wants_batches(self) -> bool:
        return any("_batch_" in name for name in self._given)
