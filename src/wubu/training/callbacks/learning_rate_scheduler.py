"""`LearningRateScheduler`: another learning rate for every epoch, by a function."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Any

from wubu.training.callbacks.callback import Callback, Logs


class LearningRateScheduler(Callback):
    """Sets the learning rate before every epoch, and logs it as "learning_rate".

    Args:
        schedule: called as `schedule(epoch, learning_rate)` (or `schedule(epoch)`) with
            the number of the epoch, from 0, and the rate so far; gives the new rate.
        verbose: 1 says what it sets.

    Raises:
        StateError: the optimizer has a schedule of its own.
        ArgumentError: the function gives what is no learning rate.

    Example:
        >>> halve = LearningRateScheduler(lambda epoch, rate: rate / 2)
        >>> halve.schedule(3, 0.1)
        0.05
    """

    def __init__(self, schedule: Callable[..., float], verbose: int = 0) -> None:
        super().__init__()
        self.schedule = schedule
        self.verbose = verbose
        self._arguments = _arguments_of(schedule)
        self._begun: int | None = None  # the epoch whose rate is set

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._begun = None

    def state_dict(self) -> dict[str, Any]:
        return {"begun": self._begun}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self._begun = state["begun"]

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        if epoch == self._begun:  # it goes on in the middle of this epoch
            return
        self._begun = epoch
        optimizer = self.model.optimizer
        given = (epoch, float(optimizer.learning_rate.item()))
        optimizer.learning_rate = self.schedule(*given[: self._arguments])
        if self.verbose:
            rate = optimizer.learning_rate.item()
            print(f"epoch {epoch + 1}: learning rate {rate:.4g}", file=sys.stderr)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if logs is not None:
            logs["learning_rate"] = float(self.model.optimizer.learning_rate.item())


def _arguments_of(schedule: Callable[..., Any]) -> int:
    """How many arguments a schedule is called with: 1 or 2."""
    try:
        inspect.signature(schedule).bind(0, 0.1)
    except TypeError:
        return 1
    except ValueError:  # functions written in C may have no signature
        pass
    return 2
