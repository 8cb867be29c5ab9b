"""`EarlyStopping`: ends training when a number stops getting better."""

from __future__ import annotations

import sys
from typing import Any

from wubu.training.arguments import check_count
from wubu.training.callbacks.callback import Callback, Logs
from wubu.training.callbacks.monitor import Monitor

_STATE = ("wait", "stopped_epoch", "best_epoch", "best", "best_weights")


class EarlyStopping(Callback):
    """Stops after `patience` epochs in a row without a better value.

    Args:
        monitor: the number to watch.
        min_delta: a smaller change does not count as better.
        patience: epochs without a better value to wait for; with 0, as with 1, the
            first one ends training. The very first epoch never does.
        verbose: 1 says when it stops.
        mode: "min", "max", or "auto" to tell by the name.
        baseline: a value that has to be beaten.
        restore_best_weights: go back to the weights of the best epoch at the end.
        start_from_epoch: epochs to let pass before watching.

    Attributes:
        stopped_epoch: the epoch it stopped at, 0 if it did not.
        best_epoch: the epoch with the best value.

    Raises:
        ArgumentError: epochs below 0, or another mode.

    Example:
        >>> EarlyStopping("val_accuracy", patience=3).patience
        3
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        min_delta: float = 0,
        patience: int = 0,
        verbose: int = 0,
        mode: str = "auto",
        baseline: float | None = None,
        restore_best_weights: bool = False,
        start_from_epoch: int = 0,
    ) -> None:
        super().__init__()
        check_count("patience", patience, least=0)
        check_count("start_from_epoch", start_from_epoch, least=0)
        self.monitor = monitor
        self.patience = patience
        self.verbose = verbose
        self.baseline = baseline
        self.restore_best_weights = restore_best_weights
        self.start_from_epoch = start_from_epoch
        self._monitor = Monitor(monitor, mode, min_delta)
        self._reset()

    def _reset(self) -> None:
        self.wait = 0
        self.stopped_epoch = 0
        self.best_epoch = 0
        self.best: float | None = None
        self.best_weights: list[Any] | None = None

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._monitor.ask(self.model)
        value = self._monitor.read(logs)
        if value is None or epoch < self.start_from_epoch:
            return
        if self.restore_best_weights and self.best_weights is None:
            # If no epoch is ever better, the first one is gone back to.
            self.best_weights = self.model.get_weights()
            self.best_epoch = epoch
        self.wait += 1
        if self._monitor.better(value, self.best):
            self.best, self.best_epoch = value, epoch
            if self.restore_best_weights:
                self.best_weights = self.model.get_weights()
            if self.baseline is None or self._monitor.better(value, self.baseline):
                self.wait = 0
            return
        if self.wait >= self.patience and epoch > 0:
            self.stopped_epoch = epoch
            self.model.stop_training = True

    def state_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _STATE}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        vars(self).update(state)

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self.restore_best_weights and self.best_weights is not None:
            self.model.set_weights(self.best_weights)
        if self.verbose and self.stopped_epoch and self.best is not None:
            restored = ", and went back to it" if self.restore_best_weights else ""
            print(
                f"stopped early after epoch {self.stopped_epoch + 1}: {self.monitor} "
                f"was best ({self.best:.4g}) in epoch {self.best_epoch + 1}{restored}",
                file=sys.stderr,
            )
