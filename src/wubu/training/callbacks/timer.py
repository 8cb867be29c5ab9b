"""`Timer`: how long epochs and steps take."""

from __future__ import annotations

import time

from wubu.training.callbacks.callback import Callback, Logs


class Timer(Callback):
    """Logs "seconds", of each epoch with its validation, and "step_seconds", the mean
    of its steps of training. So they stand in the history as well.

    It does not slow training down. The first epoch includes what compiling takes.

    Attributes:
        seconds: of every epoch.
        step_seconds: of a step, for every epoch.
        validation_seconds: of every epoch, 0 where there was none.

    Example:
        >>> import numpy as np
        >>> from wubu import Sequential, layers
        >>> model = Sequential([layers.Input((2,)), layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> x = np.ones((8, 2), "float32")
        >>> history = model.fit(x, x[:, :1], verbose=0, callbacks=[Timer()]).history
        >>> sorted(history)
        ['loss', 'seconds', 'step_seconds']
    """

    def __init__(self) -> None:
        super().__init__()
        self._reset()

    def _reset(self) -> None:
        self.seconds: list[float] = []
        self.step_seconds: list[float] = []
        self.validation_seconds: list[float] = []
        self._testing = False

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._started = time.perf_counter()
        self._validation = 0.0
        self._steps = 0

    def on_progress(self, done: int, logs: Logs | None = None) -> None:
        if not self._testing:
            self._steps = done

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._testing = True
        self._test_started = time.perf_counter()

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._testing = False
        self._validation = time.perf_counter() - self._test_started

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        whole = time.perf_counter() - self._started
        self.seconds.append(whole)
        self.validation_seconds.append(self._validation)
        steps = max(self._steps, 1)
        self.step_seconds.append((whole - self._validation) / steps)
        if logs is not None:
            logs["seconds"] = whole
            logs["step_seconds"] = self.step_seconds[-1]
