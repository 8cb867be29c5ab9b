"""Agreement beyond what chance would give: Matthews' correlation and Cohen's kappa."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError
from wubu.metrics.tally import Decisions
from wubu.ops.functions import sqrt
from wubu.ops.keras import diag, divide_no_nan
from wubu.ops.movement import expand_dims
from wubu.ops.reduction import sum


class MatthewsCorrCoef(Decisions):
    """The correlation of labels and decisions: 1 where all are right, 0 where they have
    nothing to do with each other, down to -1. It is fair where classes are of very
    different size.

    With c right ones of s samples, of which t_k are of class k and p_k taken for it:

        (c s - sum(t p)) / sqrt((s**2 - sum(p**2)) (s**2 - sum(t**2)))

    For two classes (tp tn - fp fn) / sqrt((tp + fp) (tp + fn) (tn + fp) (tn + fn)). It
    is 0 where all labels or all decisions are the same.

    Args:
        num_classes: how many classes there are.
        threshold, name, dtype: as of `ConfusionMatrix`.

    Shapes:
        y_true, y_pred: as of `ConfusionMatrix`.

    Source: Matthews 1975; Gorodkin 2004, equation 8, for more than two classes.

    Example:
        >>> MatthewsCorrCoef(num_classes=2)([1, 1, 1, 0], [0.9, 0.1, 0.8, 0.7])
        Tensor(-0.33333334, shape=(), dtype=float32)
    """

    _direction = "up"

    def __init__(
        self,
        num_classes: int = 2,
        threshold: float = 0.5,
        name: str | None = "matthews_corrcoef",
        dtype: Any = None,
    ) -> None:
        super().__init__(num_classes, threshold, name, dtype)

    def result(self) -> Tensor:
        """The correlation so far."""
        counts, t, p = self.shares()
        s = sum(t)
        covariance = sum(diag(counts)) * s - sum(t * p)
        # Two roots: the product of two fourth powers of counts might not be exact.
        spread = sqrt(s * s - sum(p * p)) * sqrt(s * s - sum(t * t))
        return self._as_result(divide_no_nan(covariance, spread))


class CohenKappa(Decisions):
    """1 - (observed disagreement) / (disagreement by chance): 1 where labels and
    decisions agree, 0 where they do as often as by chance.

    Disagreement is the sum of w_ij times how many samples of class i are taken for
    class j. By chance these are t_i p_j / s, where t_i are of class i, p_j are taken
    for class j, of s in all. Kappa is 0 where nothing could disagree.

    Args:
        num_classes: how many classes there are.
        weights: w, how much it matters to take class i for class j. None: 1 for any
            two. For classes that have an order "linear", |i - j|, or "quadratic",
            (i - j)**2.
        threshold, name, dtype: as of `ConfusionMatrix`.

    Shapes:
        y_true, y_pred: as of `ConfusionMatrix`.

    Raises:
        ArgumentError: other weights.

    Source: Cohen 1960, Cohen 1968 (weights).

    Example:
        >>> CohenKappa(num_classes=2)([1, 1, 1, 0], [0.9, 0.1, 0.8, 0.2])
        Tensor(0.5, shape=(), dtype=float32)
    """

    _direction = "up"

    def __init__(
        self,
        num_classes: int = 2,
        weights: str | None = None,
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(num_classes, threshold, name, dtype)
        gap = np.abs(np.subtract.outer(np.arange(num_classes), np.arange(num_classes)))
        ways = {None: gap > 0, "linear": gap, "quadratic": gap**2}
        if weights not in ways:
            raise ArgumentError(
                "unknown weights", expected=", ".join(map(str, ways)), got=weights
            )
        self.weights = weights
        self._w = ways[weights].astype("float64")

    def result(self) -> Tensor:
        """Kappa so far."""
        counts, t, p = self.shares()
        w = as_tensor(self._w)
        observed = sum(w * counts)
        by_chance = sum(w * expand_dims(t, 1) * divide_no_nan(p, sum(p)))
        agreed = divide_no_nan(by_chance - observed, by_chance)
        return self._as_result(agreed)
