"""`GradientAccumulation`: how many batches make an update, by epochs."""

from __future__ import annotations

from collections.abc import Mapping

from wubu.core.location import user_location
from wubu.errors import ArgumentError
from wubu.training.arguments import check_count
from wubu.training.callbacks.callback import Callback, Logs


class GradientAccumulation(Callback):
    """Sets the optimizer's `gradient_accumulation_steps`: weights change after every so
    many batches, by the mean of their gradients, as with a larger batch.

    Args:
        steps: a number, or numbers by the epoch (from 0) from which on they count:
            `{0: 1, 5: 4}`. Before the first of them it is what the optimizer has.

    Where the number changes, the step is compiled anew, and gradients that did not yet
    make an update are dropped.

    Raises:
        ArgumentError: a number below 1.

    Example:
        >>> [GradientAccumulation({0: 1, 5: 4}).steps_in(n) for n in (0, 4, 5, 9)]
        [1, 1, 4, 4]
    """

    def __init__(self, steps: int | Mapping[int, int]) -> None:
        super().__init__()
        self.steps = dict(steps) if isinstance(steps, Mapping) else {0: steps}
        if not self.steps:
            raise ArgumentError(
                "steps of GradientAccumulation",
                where=user_location(),
                expected="a number, or numbers by epoch",
                got=steps,
            )
        for epoch, number in self.steps.items():
            check_count("an epoch of GradientAccumulation", epoch, least=0)
            check_count("steps of GradientAccumulation", number)

    def steps_in(self, epoch: int) -> int | None:
        """How many batches make an update in this epoch; None if nothing is said."""
        said = [first for first in self.steps if first <= epoch]
        return self.steps[max(said)] if said else None

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        steps, optimizer = self.steps_in(epoch), self.model.optimizer
        if steps is not None and optimizer.accumulate(steps):
            self.model._forget_steps()
