"""Which metric "accuracy" and "crossentropy" mean: known when shapes are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from wubu.errors import ArgumentError
from wubu.metrics.accuracy import (
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
)
from wubu.metrics.auc import AUC
from wubu.metrics.counts import (
    FalseNegatives,
    FalsePositives,
    TrueNegatives,
    TruePositives,
)
from wubu.metrics.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
)
from wubu.metrics.metric import Metric
from wubu.metrics.precision_recall import Precision, Recall

Shape = Sequence[int | None]

ACCURACY = ("accuracy", "acc")
CROSSENTROPY = ("crossentropy", "ce")

# What tells a metric of two classes' probabilities that it gets logits: sigmoid(0) is
# the threshold 1/2.
_FOR_LOGITS: dict[type[Metric], dict[str, Any]] = {
    AUC: {"from_logits": True},
    BinaryAccuracy: {"threshold": 0.0},
    BinaryCrossentropy: {"from_logits": True},
    **{
        cls: {"thresholds": 0.0}
        for cls in (
            FalseNegatives,
            FalsePositives,
            Precision,
            Recall,
            TrueNegatives,
            TruePositives,
        )
    },
}


@dataclass(frozen=True)
class Unresolved:
    """A metric by a name that means one of several, until `resolve` knows the shapes.

    Args:
        name: "accuracy", "acc", "crossentropy" or "ce".
    """

    name: str


def choose(
    name: str, y_true_shape: Shape | None, y_pred_shape: Shape, loss: Any = None
) -> Metric:
    """The metric that such a name means here.

    | predictions | targets | accuracy |
    |---|---|---|
    | last axis 1 | any | binary |
    | last axis longer | fewer axes, or last axis 1 | sparse categorical |
    | last axis longer | the same shape | categorical |

    Whether predictions are logits is asked of the loss: then a binary prediction means
    1 above 0, where sigmoid is above 1/2.
    """
    if not y_pred_shape:
        raise ArgumentError(
            f'"{name}" needs predictions with a batch axis', got="predictions ()"
        )
    logits = bool(getattr(loss, "from_logits", False))
    accuracy = name.lower() in ACCURACY
    kind = _kind(y_true_shape, y_pred_shape)
    if kind == "binary":
        if accuracy:
            return BinaryAccuracy(name=name, threshold=0.0 if logits else 0.5)
        return BinaryCrossentropy(name=name, from_logits=logits)
    if kind == "sparse":
        if accuracy:
            return SparseCategoricalAccuracy(name=name)
        return SparseCategoricalCrossentropy(name=name, from_logits=logits)
    if accuracy:
        return CategoricalAccuracy(name=name)
    return CategoricalCrossentropy(name=name, from_logits=logits)


def made_for_logits(metric: Metric, loss: Any) -> Metric:
    """The metric, or one that expects logits, if the loss of two classes does.

    Args:
        metric: made by its name, so that nobody has chosen its arguments.
        loss: the loss of the same output.
    """
    binary = type(loss).__name__.startswith("Binary")
    if not (binary and getattr(loss, "from_logits", False)):
        return metric
    arguments = _FOR_LOGITS.get(type(metric))
    return type(metric)(**arguments) if arguments else metric


def _kind(y_true_shape: Shape | None, y_pred_shape: Shape) -> str:
    if len(y_pred_shape) == 1 or y_pred_shape[-1] == 1:
        return "binary"
    if y_true_shape is None:
        return "categorical"
    fewer = len(y_true_shape) < len(y_pred_shape)
    return "sparse" if fewer or y_true_shape[-1] == 1 else "categorical"
