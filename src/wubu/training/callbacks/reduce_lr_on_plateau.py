"""`ReduceLROnPlateau`: a smaller learning rate when a number stops getting better."""

from __future__ import annotations

import sys
from typing import Any

from wubu.core.location import user_location
from wubu.errors import ArgumentError
from wubu.training.arguments import check_count
from wubu.training.callbacks.callback import Callback, Logs
from wubu.training.callbacks.monitor import Monitor


class ReduceLROnPlateau(Callback):
    """Multiplies the learning rate by `factor` after `patience` epochs in a row without
    a better value. Logs the rate of each epoch as "learning_rate".

    Args:
        monitor: the number to watch.
        factor: below 1.
        patience: epochs without a better value to wait for.
        verbose: 1 says what it sets.
        mode: "min", "max", or "auto" to tell by the name.
        min_delta: a smaller change does not count as better.
        cooldown: epochs after a reduction that do not count.
        min_lr: the smallest rate.

    Raises:
        ArgumentError: epochs below 0, a factor that is not between 0 and 1, or another
            mode.
        StateError: the optimizer has a schedule of its own.

    Example:
        >>> ReduceLROnPlateau("val_loss", factor=0.5, patience=3).factor
        0.5
    """

    def __init__(
        self,
        monitor: str = "val_loss",
        factor: float = 0.1,
        patience: int = 10,
        verbose: int = 0,
        mode: str = "auto",
        min_delta: float = 1e-4,
        cooldown: int = 0,
        min_lr: float = 0.0,
    ) -> None:
        super().__init__()
        check_count("patience", patience, least=0)
        check_count("cooldown", cooldown, least=0)
        if not 0 < factor < 1:
            raise ArgumentError(
                "factor of ReduceLROnPlateau",
                where=user_location(),
                expected="above 0 and below 1",
                got=factor,
            )
        self.monitor = monitor
        self.factor = factor
        self.patience = patience
        self.verbose = verbose
        self.cooldown = cooldown
        self.min_lr = min_lr
        self._monitor = Monitor(monitor, mode, min_delta)
        self._reset()

    def _reset(self) -> None:
        self.best: float | None = None
        self.wait = 0
        self.cooldown_counter = 0

    def in_cooldown(self) -> bool:
        """Whether a reduction is so recent that epochs do not count."""
        return self.cooldown_counter > 0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = {} if logs is None else logs
        logs["learning_rate"] = float(self.model.optimizer.learning_rate.item())
        self._monitor.ask(self.model)
        value = self._monitor.read(logs)
        if value is None:
            return
        if self.in_cooldown():
            self.cooldown_counter -= 1
            self.wait = 0
        if self._monitor.better(value, self.best):
            self.best = value
            self.wait = 0
        elif not self.in_cooldown():
            self.wait += 1
            if self.wait >= self.patience:
                self._reduce(epoch, logs["learning_rate"])

    def _reduce(self, epoch: int, rate: float) -> None:
        optimizer = self.model.optimizer
        optimizer.learning_rate = max(rate * self.factor, self.min_lr)
        new = optimizer.learning_rate.item()
        if new >= rate:  # it was the smallest already
            optimizer.learning_rate = rate
            return
        self.cooldown_counter = self.cooldown
        self.wait = 0
        if self.verbose:
            print(
                f"epoch {epoch + 1}: {self.monitor} was best {self.best:.4g}; learning "
                f"rate {rate:.4g} -> {new:.4g}",
                file=sys.stderr,
            )

    def state_dict(self) -> dict[str, Any]:
        names = ("best", "wait", "cooldown_counter")
        return {name: getattr(self, name) for name in names}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
