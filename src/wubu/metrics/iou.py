"""Intersection over union: how well areas of classes, as in segmentation, overlap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wubu.core import dtypes
from wubu.core.modes import no_grad
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError
from wubu.layers.naming import snake_case
from wubu.metrics.tally import ClassCounts
from wubu.ops.keras import diag, divide_no_nan
from wubu.ops.prepare import cast_to
from wubu.ops.reduction import argmax, sum


class IoU(ClassCounts):
    """tp / (tp + fp + fn), the mean over some classes: where labels and predictions
    agree on a class, in relation to where either of them names it.

    A class that neither has named does not count in the mean. Numbers that are no class
    are left out. Sample weights count as they are; Keras cuts off their fractions.

    Args:
        num_classes: how many classes there are.
        target_class_ids: those that the result is a mean over.
        name: in logs.
        dtype: of the result; float32 by default.
        ignore_class: a label whose elements do not count.
        sparse_y_true: whether labels are class numbers; otherwise they are one-hot.
        sparse_y_pred: whether predictions are class numbers; otherwise the class with
            the largest number counts.
        axis: where the classes are, of what is not sparse.

    Shapes:
        y_true, y_pred: (batch, ...) if sparse, otherwise (batch, ..., classes).

    Raises:
        ArgumentError: a target class that is none.

    Example:
        >>> IoU(num_classes=2, target_class_ids=[0])([0, 0, 1, 1], [0, 1, 0, 1])
        Tensor(0.33333334, shape=(), dtype=float32)
    """

    _direction = "up"

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        # Keras' way of parting the name: mean_io_u. Scripts watch "val_mean_io_u".
        own = snake_case(type(self).__name__).replace("iou", "io_u")
        super().__init__(num_classes, name or own, dtype)
        self.target_class_ids = [int(i) for i in target_class_ids]
        if not all(0 <= i < num_classes for i in self.target_class_ids):
            raise ArgumentError(
                "a target class is no class",
                expected=f"numbers from 0 to {num_classes - 1}",
                got=self.target_class_ids,
            )
        self.ignore_class = ignore_class
        self.sparse_y_true = sparse_y_true
        self.sparse_y_pred = sparse_y_pred
        self.axis = axis

    @no_grad()
    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        y_true, y_pred = as_tensor(y_true), as_tensor(y_pred)
        y_true = y_true if self.sparse_y_true else argmax(y_true, self.axis)
        y_pred = y_pred if self.sparse_y_pred else argmax(y_pred, self.axis)
        self.add_pairs(y_true, y_pred, sample_weight, self.ignore_class)

    def result(self) -> Tensor:
        """The mean so far; 0 of nothing."""
        counts, labelled, predicted = self.shares()
        both = diag(counts)[self.target_class_ids]
        either = (labelled + predicted)[self.target_class_ids] - both
        named = sum(cast_to(either > 0, dtypes.FLOAT64))
        return self._as_result(divide_no_nan(sum(divide_no_nan(both, either)), named))


class BinaryIoU(IoU):
    """tp / (tp + fp + fn) of two classes, parted by a threshold.

    Args:
        target_class_ids: those that the result is a mean over: 0, 1 or both.
        threshold: at or above it a prediction means 1.
        name: in logs.
        dtype: of the result; float32 by default.

    Shapes:
        y_true, y_pred: (batch, ...), equal but for a last axis of length 1.

    Example:
        >>> BinaryIoU(threshold=0.3)([0, 1, 0, 1], [0.1, 0.2, 0.4, 0.7])
        Tensor(0.33333334, shape=(), dtype=float32)
    """

    def __init__(
        self,
        target_class_ids: Sequence[int] = (0, 1),
        threshold: float = 0.5,
        name: str | None = None,
        dtype: Any = None,
    ) -> None:
        super().__init__(2, target_class_ids, name, dtype)
        self.threshold = threshold

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch."""
        super().update_state(y_true, as_tensor(y_pred) >= self.threshold, sample_weight)


class MeanIoU(IoU):
    """tp / (tp + fp + fn), the mean over all classes that labels or predictions name.

    Args:
        num_classes: how many classes there are.
        name, dtype, ignore_class, sparse_y_true, sparse_y_pred, axis: as of `IoU`.

    Shapes:
        y_true, y_pred: (batch, ...) if sparse, otherwise (batch, ..., classes).

    Example:
        >>> MeanIoU(num_classes=2)([0, 0, 1, 1], [0, 1, 0, 1])
        Tensor(0.33333334, shape=(), dtype=float32)
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_true: bool = True,
        sparse_y_pred: bool = True,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            range(num_classes),
            name,
            dtype,
            ignore_class,
            sparse_y_true,
            sparse_y_pred,
            axis,
        )


class OneHotIoU(IoU):
    """`IoU` of one-hot labels.

    Args:
        num_classes, target_class_ids, name, dtype, ignore_class, axis: as of `IoU`.
        sparse_y_pred: whether predictions are class numbers.

    Shapes:
        y_true: (batch, ..., classes).
        y_pred: the same; (batch, ...) if sparse.

    Example:
        >>> metric = OneHotIoU(num_classes=2, target_class_ids=[1])
        >>> metric([[1, 0], [0, 1]], [[0.2, 0.8], [0.4, 0.6]])
        Tensor(0.5, shape=(), dtype=float32)
    """

    def __init__(
        self,
        num_classes: int,
        target_class_ids: Sequence[int],
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            target_class_ids,
            name,
            dtype,
            ignore_class,
            False,
            sparse_y_pred,
            axis,
        )


class OneHotMeanIoU(OneHotIoU):
    """`MeanIoU` of one-hot labels.

    Args:
        num_classes, name, dtype, ignore_class, axis: as of `IoU`.
        sparse_y_pred: whether predictions are class numbers.

    Shapes:
        y_true: (batch, ..., classes).
        y_pred: the same; (batch, ...) if sparse.

    Example:
        >>> OneHotMeanIoU(num_classes=2)([[1, 0], [0, 1]], [[0.2, 0.8], [0.4, 0.6]])
        Tensor(0.25, shape=(), dtype=float32)
    """

    def __init__(
        self,
        num_classes: int,
        name: str | None = None,
        dtype: Any = None,
        ignore_class: int | None = None,
        sparse_y_pred: bool = False,
        axis: int = -1,
    ) -> None:
        super().__init__(
            num_classes,
            range(num_classes),
            name,
            dtype,
            ignore_class,
            sparse_y_pred,
            axis,
        )
