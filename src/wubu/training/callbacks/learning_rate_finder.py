"""`LearningRateFinder`: tries out learning rates, from small to large."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wubu.core.location import user_location
from wubu.errors import ArgumentError, NotFiniteError, StateError
from wubu.training.arguments import check_count
from wubu.training.callbacks.callback import Callback, Logs
from wubu.training.callbacks.kept import Kept

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FEWEST = 5  # rates, from which something can be told


class LearningRateFinder(Callback):
    """Trains with a rate that grows from batch to batch by the same factor, until the
    loss diverges; then puts weights and optimizer back as they were.

    The smoothed loss after k batches is a_k / (1 - smoothing**k), where a_k = smoothing
    * a_(k-1) + (1 - smoothing) * loss. Training ends when it is above `threshold` times
    the smallest so far, when the loss is no number, or after `num_steps` batches; give
    `fit` as many: `model.fit(x, y, steps_per_epoch=100, callbacks=[finder])`.

    Args:
        min_lr: the first rate.
        max_lr: the last one.
        num_steps: how many rates.
        smoothing: see above; from 0 (none) to below 1.
        threshold: see above.

    Attributes:
        learning_rates: those that were tried.
        losses: the loss of each batch.
        smoothed: the smoothed losses.

    Raises:
        ArgumentError: rates that do not rise, or numbers outside their ranges.
        StateError: the optimizer has a schedule of its own.

    Source: Smith 2017, section 3.3 (the range test); with exponential steps.

    Example:
        >>> finder = LearningRateFinder(1e-4, 1.0, num_steps=5)
        >>> [f"{finder.rate(step):.4f}" for step in range(5)]
        ['0.0001', '0.0010', '0.0100', '0.1000', '1.0000']
    """

    def __init__(
        self,
        min_lr: float = 1e-7,
        max_lr: float = 10.0,
        num_steps: int = 100,
        smoothing: float = 0.9,
        threshold: float = 4.0,
    ) -> None:
        super().__init__()
        check_count("num_steps", num_steps, least=_FEWEST)
        wanted = {
            "0 < min_lr < max_lr": 0 < min_lr < max_lr,
            "0 <= smoothing < 1": 0 <= smoothing < 1,
            "threshold > 1": threshold > 1,
        }
        for rule, kept in wanted.items():
            if not kept:
                raise ArgumentError(
                    "an argument of LearningRateFinder is outside its range",
                    where=user_location(),
                    expected=rule,
                    got=f"min_lr={min_lr}, max_lr={max_lr}, smoothing={smoothing}, "
                    f"threshold={threshold}",
                )
        self.min_lr = min_lr
        self.max_lr = max_lr
        self.num_steps = num_steps
        self.smoothing = smoothing
        self.threshold = threshold
        self._reset()

    def _reset(self) -> None:
        self.learning_rates: list[float] = []
        self.losses: list[float] = []
        self.smoothed: list[float] = []
        self._average = 0.0
        self._before: Kept | None = None  # weights and optimizer

    def rate(self, step: int) -> float:
        """The learning rate of a step."""
        part = step / (self.num_steps - 1)
        return self.min_lr * (self.max_lr / self.min_lr) ** part

    # -- while it trains -----------------------------------------------------------

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._reset()
        variables = [*self.model.variables, *self.model.optimizer.variables]
        self._before = Kept(variables)
        self.model.optimizer.learning_rate = self.min_lr

    def on_train_batch_begin(self, batch: int, logs: Logs | None = None) -> None:
        self.model.optimizer.learning_rate = self.rate(len(self.losses))
        self.model.reset_metrics()  # so that the loss is that of this batch alone

    def on_train_batch_end(self, batch: int, logs: Logs | None = None) -> None:
        loss = (logs or {}).get("loss", math.nan)
        if not math.isfinite(loss):
            self.model.stop_training = True
            return
        self.learning_rates.append(self.rate(len(self.losses)))
        self.losses.append(loss)
        b, count = self.smoothing, len(self.losses)
        self._average = b * self._average + (1 - b) * loss
        self.smoothed.append(self._average / (1 - b**count))
        diverges = self.smoothed[-1] > self.threshold * min(self.smoothed)
        if diverges or count == self.num_steps:
            self.model.stop_training = True

    def on_not_finite(self, error: NotFiniteError) -> None:
        self.model.stop_training = True

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self._before is not None:
            self._before.put_back()
            self._before = None

    # -- what it found -------------------------------------------------------------

    @property
    def suggestion(self) -> float:
        """The rate at which the loss falls most steeply, on the way to its minimum,
        over the logarithm of the rate.

        It is found in the smoothed losses, which lag behind by n = smoothing / (1 -
        smoothing) steps: the fall at a rate is that from n steps before to n after (1
        without smoothing), and the first 2 n, still means of few losses, do not count.

        Raises:
            StateError: too few rates were tried, or the loss never fell.
        """
        lag = round(self.smoothing / (1 - self.smoothing))
        first, smoothed = 2 * lag, np.array(self.smoothed)
        enough = len(smoothed) >= max(_FEWEST, first + 2)
        lowest = first + int(np.argmin(smoothed[first:])) if enough else first
        if lowest == first:
            raise StateError(
                "these losses suggest no learning rate",
                where=user_location(),
                expected=f"at least {max(_FEWEST, first + 2)} rates, and a loss that "
                "falls at some",
                got=f"{len(self.smoothed)} rates",
                fix="fit with more steps, from a smaller min_lr on",
            )
        places = np.arange(first, lowest + 1)
        reach = max(lag, 1)
        before = np.maximum(places - reach, 0)
        after = np.minimum(places + reach, lowest)
        slope = (smoothed[after] - smoothed[before]) / (after - before)
        return self.learning_rates[lag + int(np.argmin(slope))]

    def plot(self, filepath: str | Path | None = None) -> Figure:
        """The losses over the rates, with the suggestion where there is one.

        Args:
            filepath: where to save it, if given; the ending says in which format.

        Raises:
            StateError: nothing was tried yet.
        """
        from matplotlib.figure import Figure

        if not self.losses:
            raise StateError(
                "there are no losses to draw yet",
                fix="model.fit(x, y, steps_per_epoch=..., callbacks=[finder])",
            )
        figure = Figure(figsize=(6, 4), layout="constrained")
        axes = figure.subplots()
        axes.semilogx(self.learning_rates, self.losses, alpha=0.3, label="loss")
        axes.semilogx(self.learning_rates, self.smoothed, label="smoothed")
        axes.set(xlabel="learning rate", ylabel="loss")
        try:
            found: Any = self.suggestion
        except StateError:
            pass
        else:
            axes.axvline(found, linestyle="--", label=f"suggestion {found:.2g}")
        axes.legend()
        if filepath is not None:
            figure.savefig(filepath)
        return figure
