"""`History`: what `fit` returns."""

from __future__ import annotations

from typing import Any

from wubu.training.callbacks.callback import Callback, Logs


class History(Callback):
    """Records loss and metrics of every epoch.

    Attributes:
        history: a list for each name, one entry an epoch: a number; a list of them
            for a metric with several, as one for each class.
        epoch: the numbers of the epochs, from 0.
    """

    def __init__(self) -> None:
        super().__init__()
        self.history: dict[str, list[Any]] = {}
        self.epoch: list[int] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self.epoch = []
        self.history = {}

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self.epoch.append(epoch)
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(value)
        self.model.history = self
