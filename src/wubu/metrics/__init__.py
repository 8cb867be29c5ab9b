"""Metrics: by which people judge a model.

Names and arguments are those of `keras.metrics`. Read `metric.py` first, then
`mean.py`, on which all others stand.

Example:
    >>> metric = get("mae")
    >>> metric.update_state([[1.0]], [[3.0]])
    >>> metric.result()
    Tensor(2., shape=(), dtype=float32)
"""

from typing import Any

from wubu.core import configurable
from wubu.core.lookup import lookup
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
from wubu.metrics.crossentropy import (
    BinaryCrossentropy,
    CategoricalCrossentropy,
    SparseCategoricalCrossentropy,
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from wubu.metrics.errors import (
    MeanAbsoluteError,
    MeanSquaredError,
    RootMeanSquaredError,
    mean_absolute_error,
    mean_squared_error,
)
from wubu.metrics.mean import Mean, MeanMetricWrapper, Sum
from wubu.metrics.metric import Metric
from wubu.metrics.resolve import ACCURACY, CROSSENTROPY, Unresolved, choose

mse = mean_squared_error
mae = mean_absolute_error

_known: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        BinaryAccuracy,
        BinaryCrossentropy,
        CategoricalAccuracy,
        CategoricalCrossentropy,
        Mean,
        MeanAbsoluteError,
        MeanSquaredError,
        RootMeanSquaredError,
        SparseCategoricalAccuracy,
        SparseCategoricalCrossentropy,
        Sum,
    )
}
_known |= {
    "mse": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "rmse": RootMeanSquaredError,
    "bce": BinaryCrossentropy,
}
# Names that mean one of several, until shapes are known.
_open: dict[str, Any] = {name: None for name in (*ACCURACY, *CROSSENTROPY)}


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
    """
    if isinstance(identifier, Unresolved):
        return identifier
    if isinstance(identifier, str) and identifier.lower() in _open:
        return Unresolved(identifier)
    known = {**_known, **_open}
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
    Where the loss is computed from logits so is the metric, which Keras leaves out.

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
    if found is not None and isinstance(identifier, str) and ">" not in identifier:
        found.name = identifier  # logs use the name the user wrote
    return found


def serialize(metric: Any) -> Any:
    """A metric in JSON's terms."""
    return configurable.serialize(metric)


def deserialize(config: Any) -> Any:
    """The metric described by `serialize`'s result."""
    return get(config)
