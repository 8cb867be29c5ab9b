"""`TerminateOnNaN`: ends training when the loss is no number any more."""

from __future__ import annotations

import math
import sys

from wubu.errors import NotFiniteError
from wubu.training.callbacks.callback import Callback, Logs


class TerminateOnNaN(Callback):
    """Stops training when the loss is NaN or infinite, before the step that has this
    loss changes any weight, and says which operation of which layer is to blame.

    It does not slow training down: steps look at their loss by themselves. The loss of
    a `train_step` that does not call `compute_loss` is looked at every tenth of a
    second.
    """

    def __init__(self) -> None:
        super().__init__()
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_not_finite(self, error: NotFiniteError) -> None:
        self.model.stop_training = True
        print(f"training ends: {error}", file=sys.stderr)

    def on_progress(self, done: int, logs: Logs | None = None) -> None:
        loss = (logs or {}).get("loss")
        # Validation between epochs comes here too, and ends training as well.
        if loss is None or math.isfinite(loss) or self.model.stop_training:
            return
        self.model.stop_training = True
        when = f"epoch {self._epoch + 1}, step {done}"
        print(f"training ends: the loss is {loss} in {when}", file=sys.stderr)
