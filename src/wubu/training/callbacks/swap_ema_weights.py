"""`SwapEMAWeights`: evaluates with the moving averages of the weights."""

from __future__ import annotations

from typing import Any

from wubu.core.location import user_location
from wubu.core.variable import Variable
from wubu.errors import StateError
from wubu.training.callbacks.callback import Callback, Logs
from wubu.training.callbacks.kept import Kept


class SwapEMAWeights(Callback):
    """Puts the averages of an optimizer with `use_ema=True` in the place of the weights
    while the model is evaluated, or predicts, and the weights back afterwards.

    Args:
        swap_on_epoch: from the end of each epoch to the beginning of the next one too:
            so callbacks after this one, as ModelCheckpoint, see the averages.

    Raises:
        StateError: the optimizer keeps no averages.

    Example:
        >>> SwapEMAWeights(swap_on_epoch=True).swap_on_epoch
        True
    """

    def __init__(self, swap_on_epoch: bool = False) -> None:
        super().__init__()
        self.swap_on_epoch = swap_on_epoch
        self._reset()

    def _reset(self) -> None:
        self._weights: Kept | None = None  # while the averages are in their place
        self._between_epochs = False

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()
        self._averages()

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._between_epochs = False
        self._put_back()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        if self.swap_on_epoch:
            self._put_averages()
            self._between_epochs = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._reset()  # the optimizer has put the averages in place for good

    def on_train_error(self, error: BaseException) -> None:
        self._between_epochs = False
        self._put_back()

    def on_test_begin(self, logs: Logs | None = None) -> None:
        self._put_averages()

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._put_back()

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._put_averages()

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._put_back()

    def _put_averages(self) -> None:
        averages = self._averages()
        if self._weights is None:
            self._weights = Kept(weight for weight, _ in averages)
            for weight, average in averages:
                weight.assign(average.detach_value())

    def _put_back(self) -> None:
        if self._weights is not None and not self._between_epochs:
            self._weights.put_back()
            self._weights = None

    def _averages(self) -> list[tuple[Variable, Variable]]:
        """Weights and their averages; none before the first step."""
        optimizer = self.model.optimizer
        if not getattr(optimizer, "use_ema", False):
            raise StateError(
                "the optimizer keeps no averages that SwapEMAWeights could use",
                where=user_location(),
                fix=f"compile with {type(optimizer).__name__}(..., use_ema=True)",
            )
        if not optimizer.iterations.item():
            return []
        slots = [(v, optimizer.slot_variables(v)) for v in optimizer.known_variables]
        return [(v, own["average"]) for v, own in slots if "average" in own]

    def state_dict(self) -> dict[str, Any]:
        return {"weights": None if self._weights is None else self._weights.values}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        if state["weights"] is not None:
            self._weights = Kept(weight for weight, _ in self._averages())
            self._weights.values = state["weights"]
            self._between_epochs = True
