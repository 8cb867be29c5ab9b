"""`ModelCheckpoint`: saves the model while it is trained."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from wubu.errors import ArgumentError
from wubu.training.arguments import check_count
from wubu.training.callbacks.callback import Callback, Logs
from wubu.training.callbacks.every import Every
from wubu.training.callbacks.monitor import Monitor


class ModelCheckpoint(Callback):
    """Saves the model, or its weights, after epochs or batches.

    Args:
        filepath: where to; may name logged numbers, as in
            `"runs/{epoch:02d}-{val_loss:.3f}.wubu"`. Epochs and batches (`{batch}`,
            where `save_freq` is a number) count from 1 in it.
        monitor: the number that tells which model is best.
        verbose: 1 says when it saves.
        save_best_only: save only a model better than all before; where the number is
            not logged, save and warn.
        save_weights_only: weights instead of the whole model.
        mode: "min", "max", or "auto" to tell by the name.
        save_freq: "epoch", or a number of batches.
        initial_value_threshold: a value the first model has to beat.

    A file is written whole or not at all: a crash while saving leaves the last one.

    Raises:
        ArgumentError: a `save_freq` of another kind; a name in `filepath` that is not
            logged.
    """

    def __init__(
        self,
        filepath: str | Path,
        monitor: str = "val_loss",
        verbose: int = 0,
        save_best_only: bool = False,
        save_weights_only: bool = False,
        mode: str = "auto",
        save_freq: str | int = "epoch",
        initial_value_threshold: float | None = None,
    ) -> None:
        super().__init__()
        if save_freq != "epoch":
            check_count('a save_freq other than "epoch"', save_freq)
        self.filepath = str(filepath)
        self.monitor = monitor
        self.verbose = verbose
        self.save_best_only = save_best_only
        self.save_weights_only = save_weights_only
        self.save_freq = save_freq
        self._monitor = Monitor(monitor, mode)
        self.best = initial_value_threshold
        self._epoch = 0
        self._every = Every(None if save_freq == "epoch" else int(save_freq))

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch
        self._every.begin()

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        if self._every.passed(batch):
            self._save({"batch": batch + 1, **(logs or {})})

    def wants_batches(self) -> bool:
        return self.save_freq != "epoch"

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.save_freq == "epoch":
            self._save(logs or {})

    def state_dict(self) -> dict[str, Any]:
        return {"best": self.best, "waiting": self._every.waiting}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.best, self._every.waiting = state["best"], state["waiting"]

    def _save(self, logs: Logs) -> None:
        if self.save_best_only:
            self._monitor.ask(self.model)
            value = self._monitor.read(logs)
            if value is not None and not self._monitor.better(value, self.best):
                return
            # What cannot be compared is saved: better once too often than never.
            self.best = self.best if value is None else value
        path = self._path(logs)
        path.parent.mkdir(parents=True, exist_ok=True)
        if self.save_weights_only:
            self.model.save_weights(path)
        else:
            self.model.save(path)
        if self.verbose:
            print(f"epoch {self._epoch + 1}: saved {path}", file=sys.stderr)

    def _path(self, logs: Logs) -> Path:
        known: dict[str, Any] = {"epoch": self._epoch + 1, **logs}
        try:
            return Path(self.filepath.format(**known))
        except KeyError as error:
            raise ArgumentError(
                "the name of a checkpoint mentions a number that is not logged",
                where=self.filepath,
                expected=", ".join(known),
                got=error.args[0],
            ) from None
