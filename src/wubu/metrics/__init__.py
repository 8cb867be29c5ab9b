"""Metrics: by which people judge a model.

Names and arguments are those of `keras.metrics`. Read `metric.py` first, then
`mean.py`, on which all others stand.

Example:
    >>> metric = get("mae")
    >>> metric.update_state([[1.0]], [[3.0]])
    >>> metric.result()
    Tensor(2., shape=(), dtype=float32)
"""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from wubu.core import configurable
from wubu.core.location import user_location
from wubu.core.lookup import described, lookup
from wubu.errors import ArgumentError
from wubu.metrics.accuracy import (
    Accuracy,
    BinaryAccuracy,
    CategoricalAccuracy,
    SparseCategoricalAccuracy,
    accuracy,
    binary_accuracy,
    categorical_accuracy,
    sparse_categorical_accuracy,
)
from wubu.metrics.agreement import CohenKappa, MatthewsCorrCoef
from wubu.metrics.auc import AUC
from wubu.metrics.confusion_matrix import ConfusionMatrix
from wubu.metrics.correlation import (
    ConcordanceCorrelation,
    CosineSimilarity,
    PearsonCorrelation,
    concordance_correlation,
    pearson_correlation,
)
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
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from wubu.metrics.divergences import KLDivergence, Poisson, kl_divergence, poisson
from wubu.metrics.errors import (
    LogCoshError,
    MeanAbsoluteError,
    MeanAbsolutePercentageError,
    MeanSquaredError,
    MeanSquaredLogarithmicError,
    RootMeanSquaredError,
    log_cosh,
    mean_absolute_error,
    mean_absolute_percentage_error,
    mean_squared_error,
    mean_squared_logarithmic_error,
)
from wubu.metrics.f_score import F1Score, FBetaScore
from wubu.metrics.hinges import (
    CategoricalHinge,
    Hinge,
    SquaredHinge,
    categorical_hinge,
    hinge,
    squared_hinge,
)
from wubu.metrics.iou import BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU
from wubu.metrics.mean import Mean, MeanMetricWrapper, Sum
from wubu.metrics.metric import Metric
from wubu.metrics.operating_points import (
    PrecisionAtRecall,
    RecallAtPrecision,
    SensitivityAtSpecificity,
    SpecificityAtSensitivity,
)
from wubu.metrics.precision_recall import Precision, Recall
from wubu.metrics.r2_score import R2Score
from wubu.metrics.relative_errors import (
    WMAPE,
    MeanRelativeError,
    WeightedMeanAbsolutePercentageError,
)
from wubu.metrics.resolve import (
    ACCURACY,
    CROSSENTROPY,
    Unresolved,
    choose,
    made_for_logits,
)
from wubu.metrics.top_k import (
    SparseTopKCategoricalAccuracy,
    TopKCategoricalAccuracy,
    sparse_top_k_categorical_accuracy,
    top_k_categorical_accuracy,
)
from wubu.ops.focal import binary_focal_crossentropy, categorical_focal_crossentropy
from wubu.ops.objectives import huber

mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
bce = BCE = binary_crossentropy
kld = KLD = kl_divergence

# Names that mean one of several, until shapes are known.
_open: dict[str, Any] = {name: None for name in (*ACCURACY, *CROSSENTROPY)}
_known: dict[str, Any] = {
    name: value
    for name, value in globals().items()
    if isinstance(value, type) and issubclass(value, Metric)
    if value not in (Metric, MeanMetricWrapper) and name.lower() not in _open
}
_known |= {
    "mse": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "msle": MeanSquaredLogarithmicError,
    "rmse": RootMeanSquaredError,
    "bce": BinaryCrossentropy,
    "kld": KLDivergence,
    "logcosh": LogCoshError,
}


def get(identifier: Any) -> Metric | Unresolved | None:
    """The metric that an identifier stands for.

    Args:
        identifier: a name in any spelling, a class, an instance, a description made by
            `serialize`, a function of `(y_true, y_pred)`, or None.

    Returns:
        A metric; `Unresolved` for "accuracy" and "crossentropy", which depend on the
        shapes: see `resolve`.

    Raises:
        UnknownNameError: no metric has this name; suggests the nearest.
        ArgumentError: a metric that cannot be made without arguments.
    """
    if isinstance(identifier, Unresolved):
        return identifier
    if isinstance(identifier, str) and identifier.lower() in _open:
        return Unresolved(identifier)
    known = {**_known, **_open}
    with _naming_what_lacks(identifier):
        found = lookup("metric", identifier, known, Metric, functions=True)
    if found is None or isinstance(found, Metric):
        return found
    return MeanMetricWrapper(found)


def resolve(
    identifier: Any, y_true_shape: Any, y_pred_shape: Any, loss: Any = None
) -> Metric | None:
    """The metric that an identifier stands for, where targets and predictions have
    these shapes.

    "accuracy" (or "acc") and "crossentropy" (or "ce") become the binary, categorical
    or sparse categorical metric, chosen by the shapes as in Keras, and keep their name.
    Where the loss is computed from logits so are they, and so are metrics that take
    probabilities of two classes, as "auc" or "precision", if they are given by name;
    Keras leaves this out.

    Args:
        identifier: anything `get` takes.
        y_true_shape: of the targets, batch axis included; None if there are none.
        y_pred_shape: of the predictions.
        loss: the loss of this output, if any.

    Example:
        >>> resolve("accuracy", (32,), (32, 10))
        <SparseCategoricalAccuracy accuracy>
    """
    found = get(identifier)
    if isinstance(found, Unresolved):
        return choose(found.name, y_true_shape, y_pred_shape, loss)
    if found is None:
        return None
    if isinstance(identifier, str):
        found = made_for_logits(found, loss)
        if ">" not in identifier:
            found.name = identifier  # logs use the name the user wrote
    found.ensure_built(y_true_shape, y_pred_shape)
    return found


@contextlib.contextmanager
def _naming_what_lacks(identifier: Any) -> Iterator[None]:
    """Says what to write instead of the name of a metric that needs arguments."""
    try:
        yield
    except TypeError as error:
        lacking = str(error).partition("required positional argument")[2]
        if not lacking or not isinstance(identifier, str):
            raise
        cls = configurable.find("metric", identifier, _known).__name__
        names = lacking.lstrip("s:").strip()
        raise ArgumentError(
            f'the metric "{identifier}" cannot be made from its name alone',
            where=user_location(),
            expected=f"a value for {names}",
            got=f'"{identifier}"',
            fix=f"write {cls}({names.split(chr(39))[1]}=...), from wubu.metrics",
        ) from None


def serialize(metric: Any) -> Any:
    """A metric in JSON's terms."""
    return configurable.serialize(metric)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The metric described by `serialize`'s result.

    Args:
        config: the description.
        custom_objects: classes and functions of yours by the names they have in it.
    """
    return described(get, config, custom_objects)
