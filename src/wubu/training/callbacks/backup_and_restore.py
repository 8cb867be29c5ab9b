"""`BackupAndRestore`: a run that is killed goes on where it was, when it is started
again."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import Any

from wubu.core.location import user_location
from wubu.errors import ArgumentError, FileFormatError, StateError
from wubu.ops.random import current_seed
from wubu.training.arguments import check_count
from wubu.training.callbacks.callback import Callback, Logs
from wubu.training.callbacks.every import Every
from wubu.training.position import Position


class BackupAndRestore(Callback):
    """Saves the state of training; `fit` of the same script, started again, goes on
    from there, and ends with the weights, to the last bit, that it would have ended
    with.

    The state is: weights, optimizer, metrics, random generators, the order of samples,
    and what other callbacks have to remember, such as EarlyStopping. It is deleted when
    training has come to its end; an error or Ctrl-C leaves it. Generators given to
    `fit` have to find their place themselves.

    Args:
        backup_dir: a folder for this run alone; made if it is not there.
        save_freq: "epoch", or a number of batches, which trains step by step.
        double_checkpoint: keep the state before the last one too, and take it where the
            last one is damaged.
        delete_checkpoint: False leaves the state there in the end.

    A file is written whole or not at all: there is always one to go on from.

    Raises:
        ArgumentError: no folder, or a `save_freq` of another kind.
        FileFormatError: the state is damaged, or that of another model.
    """

    told_last = True  # others have then done what belongs to the state

    def __init__(
        self,
        backup_dir: str | Path,
        save_freq: str | int = "epoch",
        double_checkpoint: bool = False,
        delete_checkpoint: bool = True,
    ) -> None:
        super().__init__()
        if not str(backup_dir):
            raise ArgumentError("backup_dir is empty", where=user_location())
        if save_freq != "epoch":
            check_count('a save_freq other than "epoch"', save_freq)
        self.backup_dir = str(backup_dir)
        self.save_freq = save_freq
        self.double_checkpoint = double_checkpoint
        self.delete_checkpoint = delete_checkpoint
        self._every = Every(None if save_freq == "epoch" else int(save_freq))
        self._start = Position(0)
        self._epoch = 0
        self._seed = 0  # of the order of samples
        self._completed = False

    @property
    def _latest(self) -> Path:
        return Path(self.backup_dir) / "latest.state"

    @property
    def _previous(self) -> Path:
        return Path(self.backup_dir) / "previous.state"

    def wants_batches(self) -> bool:
        return self.save_freq != "epoch"

    # -- going on ------------------------------------------------------------------

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._completed = False
        self._start = Position(0)
        self._seed = current_seed() % 2**64
        self._every.waiting = 0

    def resumes_at(self) -> Position | None:
        found = self._load()
        if found is None:
            return None
        epoch, step, self._seed = found["position"]
        self._start = Position(epoch, step, self._seed)
        self._every.waiting = found["waiting"]
        self._completed = epoch >= self.params["epochs"]
        for callback, (name, state) in zip(
            self._others(), found["callbacks"], strict=False
        ):
            if type(callback).__name__ != name:
                raise StateError(
                    "the run that was saved had other callbacks",
                    where=self.backup_dir,
                    expected=name,
                    got=type(callback).__name__,
                    fix="give the same callbacks in the same order, or delete the "
                    "folder to begin anew",
                )
            callback.load_state_dict(state)
        if self.params.get("verbose"):
            when = f"epoch {epoch + 1}" + (f", step {step + 1}" if step else "")
            print(f"going on from {self.backup_dir}: {when}", file=sys.stderr)
        return self._start

    def _load(self) -> Any:
        """What the last state that can be read holds; None if there is none."""
        there = [path for path in (self._latest, self._previous) if path.exists()]
        for number, path in enumerate(there, start=1):
            try:
                return self.model.load_state(path)
            except FileFormatError:
                if number == len(there):
                    raise
        return None

    # -- saving --------------------------------------------------------------------

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch
        self._every.begin(self._start.step if epoch == self._start.epoch else 0)

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self._every.passed(batch) and not self.model.stop_training:
            self._save(self._epoch, batch + 1)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        epochs = self.params["epochs"]
        self._completed = self.model.stop_training or epoch + 1 == epochs
        if self.save_freq == "epoch" or self._completed:
            self._save(epochs if self._completed else epoch + 1, 0)

    def _save(self, epoch: int, step: int) -> None:
        Path(self.backup_dir).mkdir(parents=True, exist_ok=True)
        if self.double_checkpoint and self._latest.exists():
            self._latest.replace(self._previous)
        told = [[type(c).__name__, c.state_dict()] for c in self._others()]
        extra = {
            "position": [epoch, step, self._seed],
            "waiting": self._every.waiting,
            "callbacks": told,
        }
        self.model.save_state(self._latest, extra)

    def _others(self) -> list[Callback]:
        """The callbacks that were given to `fit`, and keep something."""
        kind = Callback.state_dict
        return [c for c in self.companions if type(c).state_dict is not kind]

    def on_train_end(self, logs: Logs | None = None) -> None:
        if not (self._completed and self.delete_checkpoint):
            return
        folder = Path(self.backup_dir)
        # Files of a name that only this callback gives: the folder may hold others.
        for path in (self._latest, self._previous, *folder.glob(".latest.state.*.tmp")):
            path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            folder.rmdir()
