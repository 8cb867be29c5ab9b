"""`TerminateOnNaN`: ends training when the loss is no number any more."""

from __future__ import annotations

import math
import sys

from wubu.training.callbacks.callback import Callback, Logs


class TerminateOnNaN(Callback):
    """Stops training when the loss is NaN or infinite.

    It looks every tenth of a second, not at every batch, so it does not slow training
    down. The logged loss is the mean of the epoch so far, which stays NaN once it is.
    """

    def __init__(self) -> None:
        super().__init__()
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_progress(self, done: int, logs: Logs | None = None) -> None:
        loss = (logs or {}).get("loss")
        # Validation between epochs comes here too, and ends training as well.
        if loss is None or math.isfinite(loss) or self.model.stop_training:
            return
        self.model.stop_training = True
        when = f"epoch {self._epoch + 1}, step {done}"
        print(f"training ends in {when}: the loss is {loss}", file=sys.stderr)
