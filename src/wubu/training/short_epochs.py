"""Many short epochs in one go.

An epoch of a few tiny steps takes less time than Python needs between two of them.
Where nobody looks at the model then, as only the history is told, compiled steps do
what is to be done: the first one of an epoch resets the metrics, and each writes what
it logs into a row of a table. So epochs follow each other like steps, with the same
results to the bit.

Read first: `loop.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core.jit import each, jit
from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.errors import WubuError
from wubu.ops.comparison import where
from wubu.ops.creation import arange
from wubu.training.batch import pack_x_y_sample_weight
from wubu.training.callbacks.callback import CallbackList, Logs
from wubu.training.callbacks.history import History
from wubu.training.feeds import ArrayFeed, Feed
from wubu.training.interrupt import Interrupt
from wubu.training.logs import number
from wubu.training.overrides import is_custom
from wubu.training.pace import Pace
from wubu.training.position import Position
from wubu.training.steps import picked
from wubu.training.watch import watching

MANY = 500  # epochs: what fewer take is not worth compiling other steps
_STEPS, _SAMPLES = 8, 4096  # of an epoch: beside more, Python's time is little
_ROWS = 256  # epochs in one call
_WIDTH = 64  # numbers that are logged: each step goes through the whole table
_OURS = ("train_step", "compute_metrics", "get_metrics_result", "reset_metrics")


class ShortEpochs:
    """Training steps that know where an epoch begins.

    Args:
        model: ready to be trained.
    """

    def __init__(self, model: Any) -> None:
        def train_step(
            arrays: tuple[Any, ...], samples: Tensor, first: Tensor, row: Tensor
        ) -> None:
            self._reset(first)
            with watching(True):
                batch = pack_x_y_sample_weight(*picked(arrays, samples))
                logs = model.train_step(batch)
            self._write(logs, row)

        self._model = model
        self._step = jit(train_step)
        self._metrics = model.metrics
        self._tables = {
            name: Variable(
                np.zeros((_ROWS, *value.shape), value.dtype), trainable=False
            )
            for name, value in model.get_metrics_result().items()
        }

    def _reset(self, first: Tensor) -> None:
        """Resets the metrics where this is the first step of an epoch."""
        state = [v for metric in self._metrics for v in metric.variables]
        before = [variable.detach_value() for variable in state]
        for metric in self._metrics:
            metric.reset_state()
        for variable, value in zip(state, before, strict=True):
            variable.assign(where(first, variable.detach_value(), value))

    def _write(self, logs: dict[str, Tensor], row: Tensor) -> None:
        for name, table in self._tables.items():
            rows = arange(_ROWS, dtype="int32").reshape(-1, *[1] * (table.ndim - 1))
            table.assign(where(rows == row, logs[name], table.detach_value()))

    def run(
        self,
        feed: ArrayFeed,
        place: Position,
        epochs: int,
        callbacks: CallbackList,
        interrupt: Interrupt,
    ) -> tuple[Position, Logs]:
        """Trains up to an epoch, or until a step fails or Ctrl-C is pressed.

        Returns:
            Where training is to go on, and the logs of the last epoch that has ended. A
            step that failed has left no trace: it will fail again.
        """
        pace = Pace()
        logs: Logs = {}
        going_on = True
        while going_on and place.epoch < epochs and not self._model.stop_training:
            count = min(pace.next(), epochs - place.epoch, _ROWS)
            done = self._advance(feed, place.epoch, count, interrupt)
            pace.done(count)
            going_on = done == count * feed.num_steps and not interrupt
            # An interrupted epoch does not end, not even after its last step.
            ended = max(0, done - bool(interrupt)) // feed.num_steps
            for epoch, logs in enumerate(self._logs(ended), place.epoch):
                callbacks.tell("on_epoch_begin", epoch, {})
                callbacks.tell("on_epoch_end", epoch, logs)
            place = Position(place.epoch + ended, done - ended * feed.num_steps)
        return place, logs

    def _advance(
        self, feed: ArrayFeed, epoch: int, count: int, interrupt: Interrupt
    ) -> int:
        """Does the steps of some epochs; returns how many were done."""
        orders = [feed.batches.indices(epoch + i) for i in range(count)]
        samples = np.concatenate(orders).reshape(count * feed.num_steps, -1)
        row, step = np.divmod(np.arange(len(samples), dtype=np.int32), feed.num_steps)
        try:
            return self._step.run_steps(
                feed.arrays,
                each(samples),
                each(step == 0),
                each(row),
                interrupt=interrupt.flag,
            )[1]
        except WubuError as error:
            return error.steps_done

    def _logs(self, epochs: int) -> list[Logs]:
        """What the first rows of the tables say."""
        tables = [table.numpy()[:epochs] for table in self._tables.values()]
        rows = zip(*[map(number, table) for table in tables], strict=True)
        return [dict(zip(self._tables, row, strict=True)) for row in rows]


def run_short_epochs(
    model: Any,
    feed: Feed,
    callbacks: CallbackList,
    place: Position,
    epochs: int,
    interrupt: Interrupt,
) -> tuple[Position, Logs]:
    """Trains from a place up to an epoch, if that can be done in one go and nobody sees
    the difference. So only the history may be told, batches have to be whole, and what
    a step does, and how metrics are reset, must not be the user's own.

    Returns:
        Where training is to go on, and the logs of the last epoch that has ended.
    """
    if place.step or epochs - place.epoch < MANY:
        return place, {}
    if not isinstance(feed, ArrayFeed) or not _is_short(feed) or not _is_plain(model):
        return place, {}
    if any(type(callback) is not History for callback in callbacks.callbacks):
        return place, {}
    made = model._steps  # forgotten when others are
    if "epochs" not in made:
        made["epochs"] = ShortEpochs(model)
    return made["epochs"].run(feed, place, epochs, callbacks, interrupt)


def _is_short(feed: ArrayFeed) -> bool:
    """Whether an epoch is a few batches of one size, with every sample once."""
    batches = feed.batches
    size = min(batches.batch_size, batches.num_samples)
    return (
        feed.num_steps <= _STEPS
        and batches.num_samples <= _SAMPLES
        and feed.num_steps * size == batches.num_samples
    )


def _is_plain(model: Any) -> bool:
    """Whether steps are compiled, and they and the metrics are none of the user's."""
    return (
        model.steps("train").compiled
        and not any(is_custom(model, name) for name in _OURS)
        and all(type(m).__module__.startswith("wubu.metrics.") for m in model.metrics)
        and sum(t.size for t in model.get_metrics_result().values()) <= _WIDTH
    )
