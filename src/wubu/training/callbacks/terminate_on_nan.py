"""`TerminateOnNaN`: ends training when the loss is no number any more."""

from __future__ import annotations

import math
import sys

from wubu.errors import NotFiniteError
from wubu.training.callbacks.callback import Callback, Logs


class TerminateOnNaN(Callback):
    """Stops training when the loss is NaN or infinite, or the gradient of the first
    bias, before that step changes any weight, and says which operation of which layer
    is to blame.

    It does not slow training down: steps look at their loss by themselves. Of a
    `train_step` of your own, only the "loss" it returns is looked at, and gradients not
    where steps run eagerly or the optimizer is of your own class.

    Args:
        raise_error: end training with the error instead of a line of text.

    Raises:
        NotFiniteError: such a loss or gradient, with `raise_error`.
    """

    def __init__(self, raise_error: bool = False) -> None:
        super().__init__()
        self.raise_error = raise_error
        self._epoch = 0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._epoch = epoch

    def on_not_finite(self, error: NotFiniteError) -> None:
        if self.raise_error:
            raise error
        self.model.stop_training = True
        print(f"training ends: {error}", file=sys.stderr)

    def on_progress(self, done: int, logs: Logs | None = None) -> None:
        loss = (logs or {}).get("loss")
        # Validation between epochs comes here too, and ends training as well.
        if loss is None or math.isfinite(loss) or self.model.stop_training:
            return
        when = f"epoch {self._epoch + 1}, step {done}"
        if self.raise_error:
            raise NotFiniteError(f"the loss is {loss} in {when}")
        self.model.stop_training = True
        print(f"training ends: the loss is {loss} in {when}", file=sys.stderr)
