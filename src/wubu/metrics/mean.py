"""Mean and Sum of values, and of what a function computes for each sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wubu.core.masks import mask_of
from wubu.core.modes import no_grad
from wubu.core.tensor import Tensor, as_tensor
from wubu.metrics.metric import Metric
from wubu.ops import targets
from wubu.ops.keras import divide_no_nan
from wubu.ops.prepare import cast_to
from wubu.ops.reduction import mean, sum

Reduction = Callable[..., Tensor]


class Mean(Metric):
    """sum(weight * value) / sum(weight) over everything seen; 0 before anything is.

    Args:
        name: in logs.
        dtype: of the two totals; float32 by default. In float32 counts are exact up to
            2**24 samples (16.7 million) between two resets.

    Shapes:
        values: (), or (batch, ...): more axes are averaged first, so each sample counts
            as one.
        sample_weight: (), (batch,), or in front as many axes as the values have.

    Example:
        >>> mean = Mean()
        >>> mean.update_state([1.0, 3.0])
        >>> mean.update_state([8.0], sample_weight=[2.0])
        >>> mean.result()
        Tensor(5., shape=(), dtype=float32)
    """

    def __init__(self, name: str | None = "mean", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable(name="total")
        self.count = self.add_variable(name="count")

    @no_grad()
    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Adds a batch of values."""
        values, weights = samplewise(values, sample_weight, self.dtype, mean)
        self.total.assign_add(sum(values))
        if weights is None:
            self.count.assign_add(float(values.size))
        else:
            self.count.assign_add(sum(weights))

    def result(self) -> Tensor:
        """The mean so far."""
        return divide_no_nan(self.total.value, self.count.value)


class Sum(Metric):
    """sum(weight * value) over everything seen.

    Example:
        >>> total = Sum()
        >>> total([1.0, 3.0]), total([8.0])
        (Tensor(4., shape=(), dtype=float32), Tensor(12., shape=(), dtype=float32))
    """

    def __init__(self, name: str | None = "sum", dtype: Any = None) -> None:
        super().__init__(dtype, name)
        self.total = self.add_variable(name="total")

    @no_grad()
    def update_state(self, values: Any, sample_weight: Any = None) -> None:
        """Adds a batch of values."""
        values, _ = samplewise(values, sample_weight, self.dtype, sum)
        self.total.assign_add(sum(values))

    def result(self) -> Tensor:
        """The sum so far."""
        return self.total.value


class MeanMetricWrapper(Mean):
    """The mean of what a function of `(y_true, y_pred)` gives for each sample.

    Args:
        fn: gives one value per sample, or several.
        name: in logs; the function's own by default.
        dtype: see `Mean`.
        **kwargs: more arguments of `fn`, by name.

    Example:
        >>> from wubu.metrics import mean_squared_error
        >>> metric = MeanMetricWrapper(mean_squared_error)
        >>> metric([[0.0], [0.0]], [[1.0], [3.0]])
        Tensor(5., shape=(), dtype=float32)
    """

    _takes_any_argument = True

    def __init__(
        self,
        fn: Callable[..., Any],
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", "mean"), dtype)
        self.fn = fn
        self._more = kwargs

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        with no_grad():
            mask = mask_of(y_pred)
            y_true, y_pred = targets.columns(y_true, y_pred)
            values = self.fn(y_true, y_pred, **self._more)
            weights = self.weights(y_true, y_pred, sample_weight)
            super().update_state(values, targets.masked_weights(weights, mask))

    def weights(self, y_true: Tensor, y_pred: Tensor, sample_weight: Any) -> Any:
        """The weights that count; a subclass may leave samples out."""
        return sample_weight


def samplewise(
    values: Any, sample_weight: Any, dtype: Any, reduce: Reduction
) -> tuple[Tensor, Tensor | None]:
    """Weighted values and weights, one of each for each sample.

    Args:
        values: () or (batch, ...).
        sample_weight: None, or with at most as many axes.
        dtype: of the results.
        reduce: `mean` or `sum`, for the axes after the first.
    """
    values = cast_to(as_tensor(values), dtype)
    if sample_weight is None:
        return _flat(values, reduce), None
    weights = cast_to(as_tensor(sample_weight), dtype)
    values, weights = targets.same_rank(values, weights)
    if 0 < weights.ndim < values.ndim:
        values = reduce(values, axis=tuple(range(weights.ndim, values.ndim)))
    values, weights = targets.weighted(values, weights)
    return _flat(values, reduce), _flat(weights, reduce)


def _flat(x: Tensor, reduce: Reduction) -> Tensor:
    return reduce(x, axis=tuple(range(1, x.ndim))) if x.ndim > 1 else x
