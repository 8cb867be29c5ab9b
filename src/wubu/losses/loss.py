"""What losses have in common: sample weights and the reduction to one number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wubu.core import dtypes
from wubu.core.configurable import Configurable
from wubu.core.masks import mask_of
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import UnknownNameError
from wubu.layers.naming import snake_case
from wubu.ops.comparison import where
from wubu.ops.prepare import cast_to
from wubu.ops.reduction import sum
from wubu.ops.targets import as_float, columns, masked_weights, weighted

REDUCTIONS = ("sum_over_batch_size", "sum", "mean", "mean_with_sample_weight", "none")

Function = Callable[..., Any]


class Loss(Configurable):
    """How far predictions are from targets: a number to be made small.

    A subclass defines `call(y_true, y_pred)`, which gives one value per sample, or
    several, for instance one per time step. `__call__` multiplies them by sample
    weights and reduces them. Where the predictions have a mask, as after an `Embedding`
    with `mask_zero`, values that it leaves out count nowhere.

    Args:
        name: in messages and logs; made of the class's by default.
        reduction: "sum_over_batch_size" (or "mean") divides the sum by the number of
            values; "mean_with_sample_weight" by the sum of the weights; "sum" does not
            divide; "none" (or None) leaves the values as they are.
        dtype: what is computed in; by default that of the predictions, but no less than
            float32.

    Raises:
        UnknownNameError: no such reduction.

    Example:
        >>> class Gap(Loss):
        ...     def call(self, y_true, y_pred):
        ...         return (y_true - y_pred).abs().max(axis=-1)
        >>> Gap()([[1.0, 2.0]], [[1.5, 4.0]])
        Tensor(2., shape=(), dtype=float32)
    """

    def __init__(
        self,
        name: str | None = None,
        reduction: str | None = "sum_over_batch_size",
        dtype: Any = None,
    ) -> None:
        if reduction is not None and reduction not in REDUCTIONS:
            raise UnknownNameError("reduction", reduction, REDUCTIONS)
        self.name = name or snake_case(type(self).__name__)
        self.reduction = reduction
        self.dtype = None if dtype is None else dtypes.as_dtype(dtype)

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        """One value per sample, or several: (batch, ...)."""
        raise NotImplementedError(f"{type(self).__name__} must define call()")

    def valid(self, y_true: Tensor, y_pred: Tensor, values: Tensor) -> Tensor | None:
        """Which values of `call` count: 1 or 0 for each, or None if all do."""
        return None

    def __call__(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> Tensor:
        """The loss.

        Args:
            y_true: targets.
            y_pred: predictions.
            sample_weight: (batch,), or in front as many axes as the values have.

        Returns:
            One number, or with the reduction "none" the weighted values.
        """
        mask = mask_of(y_pred)
        y_true, y_pred = as_tensor(y_true), self._float(y_pred)
        if dtypes.is_float(y_true.dtype):
            y_true = cast_to(y_true, y_pred.dtype)
        values = as_tensor(self.call(y_true, y_pred))
        valid = masked_weights(self.valid(y_true, y_pred, values), mask)
        return self.reduce(values, sample_weight, valid)

    def reduce(
        self, values: Tensor, sample_weight: Any = None, valid: Tensor | None = None
    ) -> Tensor:
        """Values times weights, reduced; values that are not valid count nowhere."""
        weights: Any = None
        count: Any = values.size
        if sample_weight is not None:
            values, weights = weighted(values, sample_weight)
            count = values.size
        if valid is not None:
            values, valid = weighted(values, valid)
            weights = valid if weights is None else weights * valid
            count = sum(valid)
        if self.reduction in (None, "none"):
            return values
        total = sum(values)
        if self.reduction == "sum":
            return total
        if self.reduction == "mean_with_sample_weight" and weights is not None:
            count = sum(weights)
        return (
            total / max(count, 1) if isinstance(count, int) else _quotient(total, count)
        )

    def _float(self, y_pred: Any) -> Tensor:
        y_pred = as_float(y_pred)
        half = y_pred.dtype == dtypes.FLOAT16
        wanted = self.dtype or (dtypes.FLOAT32 if half else y_pred.dtype)
        return cast_to(y_pred, wanted)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}>"


class LossFunctionWrapper(Loss):
    """A function of `(y_true, y_pred)` as a loss.

    Args:
        fn: gives one value per sample, or several.
        reduction: see `Loss`.
        name: the function's own by default.
        dtype: see `Loss`.
        **kwargs: more arguments of `fn`, by name.

    Example:
        >>> from wubu import losses
        >>> LossFunctionWrapper(losses.mean_squared_error)([[1.0]], [[3.0]])
        Tensor(4., shape=(), dtype=float32)
    """

    _takes_any_argument = True

    def __init__(
        self,
        fn: Function,
        reduction: str | None = "sum_over_batch_size",
        name: str | None = None,
        dtype: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(name or getattr(fn, "__name__", "loss"), reduction, dtype)
        self.fn = fn
        self._more = kwargs

    def call(self, y_true: Tensor, y_pred: Tensor) -> Tensor:
        return self.fn(*columns(y_true, y_pred), **self._more)


def _quotient(total: Tensor, count: Tensor) -> Tensor:
    """total / count, and 0 where nothing was counted."""
    return where(count == 0, 0.0, total / where(count == 0, 1.0, count))
