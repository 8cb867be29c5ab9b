"""Checkpoints of a run: all that training goes on from, after each epoch.

A model file holds the weights, the optimizer's state and the states of random numbers;
the order of samples depends on the seed and the epoch alone. What callbacks remember,
such as the best loss so far, is kept beside it. So a run that goes on from a checkpoint
gives the same numbers as one that was never cut off.

    epoch-0003.wubu    the model after three epochs
    epoch-0003.npz     what the callbacks remember; written first, so that a model file
                       is never without it
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from wubu import saving
from wubu.errors import FileFormatError
from wubu.runs import Run
from wubu.runs.record import write_arrays
from wubu.training.callbacks.callback import Callback, Logs

_KEPT = 2  # the last, and the one before it in case the disk spoils the last
_NOT_REMEMBERED = ("model", "params")  # attributes that training gives anew
_PLAIN = bool | int | float | str | None


class Checkpoint(NamedTuple):
    """A point to go on from."""

    epochs: int  # that were trained
    model: Any
    remembered: dict[str, np.ndarray]  # by the callbacks
    stopped: bool  # whether a callback wanted no further epoch


class Checkpoints(Callback):
    """Saves checkpoints, and keeps the last two.

    Args:
        run: whose folder they go into.
        callbacks: those whose memory is saved; they come before this one.
        every: how many epochs lie between two.
        last: the checkpoint that training goes on from, whose memory they get back.
    """

    def __init__(
        self,
        run: Run,
        callbacks: Sequence[Callback],
        every: int = 1,
        last: Checkpoint | None = None,
    ) -> None:
        super().__init__()
        self._folder = run.checkpoints
        self._callbacks = callbacks
        self._every = every
        self._last = last

    def on_train_begin(self, logs: Logs | None = None) -> None:
        if self._last is not None:
            _remind(self._callbacks, self._last.remembered)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if (epoch + 1) % self._every and not self.model.stop_training:
            return
        self._folder.mkdir(exist_ok=True)
        path = self._folder / f"epoch-{epoch + 1:04}.wubu"
        stopped = np.array(self.model.stop_training)
        memory = _memory(self._callbacks)
        write_arrays(path.with_suffix(".npz"), stopped=stopped, **memory)
        self.model.save(path)
        for old in _files(self._folder)[_KEPT:]:
            for file in (old, old.with_suffix(".npz")):
                file.unlink(missing_ok=True)


def latest(run: Run) -> Checkpoint | None:
    """The last checkpoint that is whole; of a run that was completed its model; or
    None."""
    for path in _files(run.checkpoints):
        with contextlib.suppress(FileFormatError, OSError, ValueError, KeyError):
            with np.load(path.with_suffix(".npz"), allow_pickle=False) as file:
                memory = {name: file[name] for name in file.files}
            stopped = bool(memory.pop("stopped"))
            model = saving.load_model(path)
            return Checkpoint(_epochs(path), model, memory, stopped)
    if run.info.get("ended") is not None and run.model_path.is_file():
        return Checkpoint(len(run.history), run.model(), {}, False)
    return None


def _files(folder: Path) -> list[Path]:
    """The model files, the latest first."""
    return sorted(folder.glob("epoch-*.wubu"), key=_epochs, reverse=True)


def _epochs(path: Path) -> int:
    found = re.search(r"epoch-(\d+)", path.stem)
    return int(found[1]) if found else 0


def _memory(callbacks: Sequence[Callback]) -> dict[str, np.ndarray]:
    """What callbacks remember, as arrays: plain values as JSON text, arrays as they
    are, under `number.attribute` and `number.attribute.place`."""
    found = {}
    for number, callback in enumerate(callbacks):
        for name, value in vars(callback).items():
            key = f"{number}.{name}"
            if name in _NOT_REMEMBERED:
                continue
            if isinstance(value, np.generic):
                value = value.item()
            if isinstance(value, _PLAIN):
                found[key] = np.array(json.dumps(value))
            elif _is_arrays(value):
                for place, array in enumerate(value):
                    found[f"{key}.{place}"] = np.asarray(array)
    return found


def _is_arrays(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(part, np.ndarray) for part in value)
    )


def _remind(callbacks: Sequence[Callback], memory: dict[str, np.ndarray]) -> None:
    """Gives callbacks back what they remembered."""
    lists: dict[tuple[int, str], list[np.ndarray]] = {}
    for key, array in memory.items():
        number, name, *place = key.split(".")
        if int(number) >= len(callbacks):  # the recipe was changed meanwhile
            continue
        if place:  # in order, as they were written
            lists.setdefault((int(number), name), []).append(array)
        else:
            setattr(callbacks[int(number)], name, json.loads(str(array)))
    for (index, name), arrays in lists.items():
        setattr(callbacks[index], name, arrays)
