"""The loop: epochs, steps, validation, callbacks. `fit`, `evaluate` and `predict` of a
model are thin wrappers around what stands here.

Read first: `trainer.py` for a step, `feeds.py` for where steps come from.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from wubu.core import tree
from wubu.core.location import warn_user
from wubu.core.memory import exceeds_limit, not_enough
from wubu.core.modes import is_debugging_nans
from wubu.core.tensor import Tensor
from wubu.errors import NotFiniteError, OutOfMemoryError
from wubu.training.arguments import check_count
from wubu.training.callbacks.callback import CallbackList, Logs
from wubu.training.feeds import Feed
from wubu.training.interrupt import Interrupt, interruptible
from wubu.training.learner import Learner
from wubu.training.logs import as_numbers
from wubu.training.position import Position
from wubu.training.short_epochs import run_short_epochs
from wubu.training.steps import Steps
from wubu.training.watch import explained, going_on, of_a_check

_BEGINNING = Position(0)


class Validation:
    """Data to evaluate on between epochs.

    Args:
        feed: the data.
        every: a number of epochs, or the epochs (counted from 1) after which to.

    Raises:
        ArgumentError: neither.
    """

    def __init__(self, feed: Feed, every: int | Any = 1) -> None:
        if not isinstance(every, list | tuple | set | range):
            check_count("validation_freq", every)
        self.feed = feed
        self._every = every

    def due(self, epoch: int) -> bool:
        if isinstance(self._every, int | np.integer):
            return (epoch + 1) % self._every == 0
        return (epoch + 1) in self._every


def train(
    model: Any,
    feed: Feed,
    callbacks: CallbackList,
    *,
    initial_epoch: int,
    epochs: int,
    validation: Validation | None,
) -> None:
    """Trains from one epoch to another; Ctrl-C ends it after the running step.

    `on_train_end` is told however training ends, so that displays are closed.
    """
    model.stop_training = False
    model.watch_loss(True)
    reset: Callable[[], None] = model.reset_metrics
    logs: Logs = {}
    try:
        callbacks.tell("on_train_begin", {})
        start = callbacks.resumes_at() or Position(initial_epoch)
        if start.seed is not None:
            feed.reseed(start.seed)
        with interruptible() as interrupt:
            if validation is None:
                start, logs = run_short_epochs(
                    model, feed, callbacks, start, epochs, interrupt
                )
            for epoch in range(start.epoch, epochs):
                place = start if epoch == start.epoch else Position(epoch)
                found = _epoch(
                    model, feed, callbacks, place, validation, interrupt, reset
                )
                if epoch == start.epoch and epoch + 1 < epochs:
                    reset = _remembered_reset(model)
                if interrupt:
                    _say_stopped(epoch, epochs)
                    break
                logs = found
                if model.stop_training:
                    break
        if hasattr(model.optimizer, "finalize_variable_values"):
            model.optimizer.finalize_variable_values(model.trainable_variables)
    except BaseException as error:
        callbacks.tell("on_train_error", error)
        raise
    finally:
        callbacks.tell("on_train_end", logs)


def _epoch(
    model: Any,
    feed: Feed,
    callbacks: CallbackList,
    place: Position,
    validation: Validation | None,
    interrupt: Interrupt,
    reset: Callable[[], None],
) -> Logs:
    """One epoch, or the rest of one. If Ctrl-C interrupts it, nobody is told that it
    ended."""
    epoch = place.epoch
    if not place.step:
        reset()
    callbacks.tell("on_epoch_begin", epoch, {})
    feed.start(epoch, place.step)
    logs = _run(model, feed, callbacks, "train", interrupt, place)
    if validation is not None and validation.due(epoch) and not interrupt:
        found = test(model, validation.feed, callbacks, interrupt, reset)
        logs |= {f"val_{name}": value for name, value in found.items()}
    if not interrupt:
        callbacks.tell("on_epoch_end", epoch, logs)
    return logs


def _remembered_reset(model: Any) -> Callable[[], None]:
    """`model.reset_metrics` for many short epochs: metrics are looked for once."""
    if type(model).reset_metrics is not Learner.reset_metrics:
        return model.reset_metrics
    metrics = model.metrics

    def reset() -> None:
        for metric in metrics:
            metric.reset_state()

    return reset


def _run(
    model: Any,
    feed: Feed,
    callbacks: CallbackList,
    kind: str,
    interrupt: Interrupt,
    place: Position = _BEGINNING,
) -> Logs:
    """All steps of an epoch from a place on, many in one go where no callback wants to
    be told of each. Returns the last step's logs as numbers."""
    steps = model.steps(kind)
    every = callbacks.wants_batches()
    at_most = model.steps_per_execution if every else None
    done = place.step
    logs: Logs = as_numbers(model.get_metrics_result()) if done else {}
    while feed.goes_on() and not interrupt:
        if every:
            callbacks.tell(f"on_{kind}_batch_begin", done, {})
        try:
            advance = feed.advance(steps, at_most, interrupt.flag)
        except NotFiniteError as error:
            if not steps.watched or not of_a_check(error):
                raise
            done += error.steps_done
            when = f"epoch {place.epoch + 1}, step {done + 1}"
            if is_debugging_nans():
                raise explained(error, feed.origin(steps), when) from None
            if _ends(model, feed, steps, callbacks, error, when):
                loss = {"loss": error.number or math.nan}
                return as_numbers(model.get_metrics_result()) | loss
            steps = model.steps(kind)
            advance = feed.advance(steps, 1, interrupt.flag)
        done += advance.steps
        logs = as_numbers(advance.results)
        if every:
            callbacks.tell(f"on_{kind}_batch_end", done - 1, logs)
        callbacks.tell("on_progress", done, logs)
        if kind == "train" and model.stop_training:
            break
    return logs


def _ends(
    model: Any,
    feed: Feed,
    steps: Steps,
    callbacks: CallbackList,
    error: NotFiniteError,
    when: str,
) -> bool:
    """Tells callbacks of a loss that is not finite; whether one of them ends training.
    If not, warns, and steps are not watched any more."""
    report = explained(error, feed.origin(steps), when)
    callbacks.tell("on_not_finite", report)
    if model.stop_training:
        return True
    model.watch_loss(False)
    warn_user(going_on(report))
    return False


def test(
    model: Any,
    feed: Feed,
    callbacks: CallbackList,
    interrupt: Interrupt,
    reset: Callable[[], None] | None = None,
) -> Logs:
    """Evaluates on all of a feed."""
    (reset or model.reset_metrics)()
    logs: Logs = {}
    try:
        callbacks.tell("on_test_begin", {})
        feed.start(0)
        logs = _run(model, feed, callbacks, "test", interrupt)
    finally:
        callbacks.tell("on_test_end", logs)
    return logs


def predict(
    model: Any, feed: Feed, callbacks: CallbackList, interrupt: Interrupt
) -> Any:
    """The outputs for all of a feed, joined along the batch axis."""
    steps = model.steps("predict")
    every = callbacks.wants_batches()
    parts: list[Any] = []
    try:
        callbacks.tell("on_predict_begin", {})
        feed.start(0)
        while feed.goes_on() and not interrupt:
            if every:
                callbacks.tell("on_predict_batch_begin", len(parts), {})
            advance = feed.advance(steps, 1, interrupt.flag)
            parts.append(tree.map_structure(_as_array, advance.results))
            if len(parts) == 1 and exceeds_limit(_size_of_all(parts, feed)):
                raise MemoryError("more than there can be")
            if every:
                logs = {"outputs": parts[-1]}
                callbacks.tell("on_predict_batch_end", len(parts) - 1, logs)
            callbacks.tell("on_progress", len(parts), {})
        return _join(parts) if parts else None
    except MemoryError as error:
        if not parts:  # it is the step that needs too much
            raise
        raise _too_many_outputs(parts, feed) from error
    finally:
        callbacks.tell("on_predict_end", {})


def _size_of_all(parts: list[Any], feed: Feed) -> int:
    """The bytes of all outputs, as far as is known how many will come."""
    leaves = tree.flatten(parts[0])[0]
    return sum(leaf.nbytes for leaf in leaves) * max(feed.num_steps or 1, len(parts))


def _too_many_outputs(parts: list[Any], feed: Feed) -> OutOfMemoryError:
    return not_enough(
        _size_of_all(parts, feed),
        "the outputs of predict",
        f"the outputs of all {max(feed.num_steps or 1, len(parts))} batches",
        "predict fewer samples at a time, as by model.predict(x[:1000]), and keep only "
        "what is needed of their outputs",
    )


def _join(parts: list[Any]) -> Any:
    columns = zip(*[tree.flatten(part)[0] for part in parts], strict=True)
    structure = tree.flatten(parts[0])[1]
    return tree.unflatten(structure, [np.concatenate(column) for column in columns])


def _as_array(leaf: Any) -> Any:
    return leaf.detach().numpy() if isinstance(leaf, Tensor) else np.asarray(leaf)


def _say_stopped(epoch: int, epochs: int) -> None:
    print(
        f"\nstopped by Ctrl-C in epoch {epoch + 1} of {epochs}; the model keeps what "
        "it has learned",
        file=sys.stderr,
    )
