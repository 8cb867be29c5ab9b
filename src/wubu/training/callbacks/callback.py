"""`Callback`: something that is told what training does; and a list of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu.errors import DTypeError, NotFiniteError
from wubu.training.position import Position

Logs = dict[str, float]
_BATCH_METHODS = [
    f"on_{kind}batch_{when}"
    for kind in ("", "train_", "test_", "predict_")
    for when in ("begin", "end")
]


class Callback:
    """Told what happens during `fit`, `evaluate` and `predict`. Override what you need.

    Epochs and batches count from 0. `logs` holds loss and metrics: at a batch's end
    those of the epoch so far, at the end of an epoch those of all of it. An epoch that
    Ctrl-C interrupts has no end; training always has one, also when an error ends it.

    Attributes:
        model: the model that is trained.
        params: `{"epochs", "steps", "verbose"}`; no epochs outside `fit`.
        companions: all callbacks of this call, in the order in which they are told.

    Setting `self.model.stop_training = True` ends training after the running step.

    Example:
        >>> class Print(Callback):
        ...     def on_epoch_end(self, epoch, logs=None):
        ...         print(epoch, sorted(logs))
    """

    # Whether it is told of everything after all others.
    told_last = False

    def __init__(self) -> None:
        self.model: Any = None
        self.params: dict[str, Any] = {}
        self.companions: Sequence[Callback] = ()

    def set_model(self, model: Any) -> None:
        self.model = model

    def set_params(self, params: dict[str, Any]) -> None:
        self.params = params

    def on_train_begin(self, logs: Logs | None = None) -> None: ...
    def on_train_end(self, logs: Logs | None = None) -> None: ...
    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None: ...
    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None: ...
    def on_batch_begin(self, batch: int, logs: Logs | None = None) -> None: ...
    def on_batch_end(self, batch: int, logs: Logs | None = None) -> None: ...
    def on_test_begin(self, logs: Logs | None = None) -> None: ...
    def on_test_end(self, logs: Logs | None = None) -> None: ...
    def on_test_batch_begin(self, batch: int, logs: Logs | None = None) -> None: ...
    def on_test_batch_end(self, batch: int, logs: Logs | None = None) -> None: ...
    def on_predict_begin(self, logs: Logs | None = None) -> None: ...
    def on_predict_end(self, logs: Logs | None = None) -> None: ...
    def on_predict_batch_begin(self, batch: int, logs: Logs | None = None) -> None: ...
    def on_predict_batch_end(self, batch: int, logs: Logs | None = None) -> None: ...

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        """Told of a batch of training; by default `on_batch_begin` is, its old name."""
        self.on_batch_begin(batch, logs)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        """Told of a batch of training; by default `on_batch_end` is, its old name."""
        self.on_batch_end(batch, logs)

    def wants_batches(self) -> bool:
        """Whether the batch methods matter. If nobody's do, many batches run in one
        go."""
        own = type(self)
        return any(
            getattr(own, name) is not getattr(Callback, name) for name in _BATCH_METHODS
        )

    def state_dict(self) -> dict[str, Any]:
        """What it has to know of past epochs, for a run that goes on in another
        process: lists and dictionaries of numbers, strings, None and arrays."""
        return {}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes up what `state_dict` gave; after `on_train_begin`."""

    def resumes_at(self) -> Position | None:
        """Asked after `on_train_begin`: where training is to go on, if this callback
        has just put the model into the state of an earlier run."""
        return None

    def on_not_finite(self, error: NotFiniteError) -> None:
        """Told when the loss of a step, or a gradient, is NaN or infinite for the first
        time; the weights are those before that step. `error` says which operation of
        which layer made the number. Unless somebody sets
        `self.model.stop_training = True`, training goes on with it."""

    def on_train_error(self, error: BaseException) -> None:
        """Told before `on_train_end` when an error ends training: averages have not
        taken the place of weights then."""

    def on_progress(self, done: int, logs: Logs | None = None) -> None:
        """Several times a second: how many steps of the epoch are done. Unlike
        the batch methods it does not slow training down."""


class CallbackList:
    """Callbacks that are told together, in order.

    Args:
        callbacks: one or several.
        model: given to each.
        params: given to each.
    """

    def __init__(self, callbacks: Any, model: Any, params: dict[str, Any]) -> None:
        if callbacks is None:
            callbacks = []
        elif not isinstance(callbacks, Sequence):
            callbacks = [callbacks]
        for callback in callbacks:
            if not isinstance(callback, Callback):
                raise DTypeError(
                    "a callback is a wubu.callbacks.Callback object",
                    got=repr(callback)[:60],
                    fix="write it with brackets, as in History()"
                    if isinstance(callback, type)
                    else "use LambdaCallback(on_epoch_end=...) for a function",
                )
        self.callbacks: list[Callback] = sorted(callbacks, key=lambda c: c.told_last)
        for callback in self.callbacks:
            callback.companions = self.callbacks
            callback.set_model(model)
            callback.set_params(params)

    def wants_batches(self) -> bool:
        """Whether any callback wants to be told of every batch."""
        return any(callback.wants_batches() for callback in self.callbacks)

    def resumes_at(self) -> Position | None:
        """Where training goes on, if a callback says so."""
        return next(filter(None, (c.resumes_at() for c in self.callbacks)), None)

    def tell(self, event: str, *args: Any) -> None:
        """Calls the method of this name on every callback."""
        for callback in self.callbacks:
            getattr(callback, event)(*args)
