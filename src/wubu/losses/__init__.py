"""Losses: what training makes small.

Names and arguments are those of `keras.losses`. Read `loss.py` first; the formulas
themselves stand in `ops/objectives.py`.

Example:
    >>> get("mse")([[0.0]], [[2.0]])
    Tensor(4., shape=(), dtype=float32)
"""

from typing import Any

from wubu.core import configurable
from wubu.core.lookup import lookup
from wubu.losses.binary_crossentropy import BinaryCrossentropy, binary_crossentropy
from wubu.losses.categorical_crossentropy import (
    CategoricalCrossentropy,
    categorical_crossentropy,
)
from wubu.losses.loss import Loss, LossFunctionWrapper
from wubu.losses.mean_absolute_error import MeanAbsoluteError, mean_absolute_error
from wubu.losses.mean_squared_error import MeanSquaredError, mean_squared_error
from wubu.losses.sparse_categorical_crossentropy import (
    SparseCategoricalCrossentropy,
    sparse_categorical_crossentropy,
)

mse = mean_squared_error
mae = mean_absolute_error

_known: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        BinaryCrossentropy,
        CategoricalCrossentropy,
        MeanAbsoluteError,
        MeanSquaredError,
        SparseCategoricalCrossentropy,
    )
}
_known |= {"mse": MeanSquaredError, "mae": MeanAbsoluteError, "bce": BinaryCrossentropy}


def get(identifier: Any) -> Loss | None:
    """The loss that an identifier stands for.

    Args:
        identifier: a name in any spelling, a class, an instance, a description made by
            `serialize`, a function of `(y_true, y_pred)`, or None.

    Raises:
        UnknownNameError: no loss has this name; suggests the nearest.
    """
    found = lookup("loss", identifier, _known, Loss, functions=True)
    if found is None or isinstance(found, Loss):
        return found
    return LossFunctionWrapper(found)


def serialize(loss: Any) -> Any:
    """A loss in JSON's terms."""
    return configurable.serialize(loss)


def deserialize(config: Any) -> Any:
    """The loss described by `serialize`'s result."""
    return get(config)
