"""Losses: what training makes small.

Names and arguments are those of `keras.losses`. Read `loss.py` first; the formulas
themselves stand in `ops/objectives.py` and the files it names.

Example:
    >>> get("mse")([[0.0]], [[2.0]])
    Tensor(4., shape=(), dtype=float32)
"""

from collections.abc import Mapping
from typing import Any

from wubu.core import configurable
from wubu.core.lookup import described, lookup
from wubu.losses.binary_crossentropy import BinaryCrossentropy, binary_crossentropy
from wubu.losses.categorical_crossentropy import (
    CategoricalCrossentropy,
    categorical_crossentropy,
)
from wubu.losses.circle import Circle, circle
from wubu.losses.cosine_similarity import CosineSimilarity, cosine_similarity
from wubu.losses.ctc import CTC, ctc
from wubu.losses.focal_crossentropy import (
    BinaryFocalCrossentropy,
    CategoricalFocalCrossentropy,
    binary_focal_crossentropy,
    categorical_focal_crossentropy,
)
from wubu.losses.generalized_cross_entropy import (
    CategoricalGeneralizedCrossEntropy,
    categorical_generalized_cross_entropy,
)
from wubu.losses.hinge import (
    CategoricalHinge,
    Hinge,
    SquaredHinge,
    categorical_hinge,
    hinge,
    squared_hinge,
)
from wubu.losses.huber import Huber, huber
from wubu.losses.kl_divergence import KLDivergence, kl_divergence
from wubu.losses.log_cosh import LogCosh, log_cosh
from wubu.losses.loss import Loss, LossFunctionWrapper
from wubu.losses.mean_absolute_error import MeanAbsoluteError, mean_absolute_error
from wubu.losses.mean_absolute_percentage_error import (
    MeanAbsolutePercentageError,
    mean_absolute_percentage_error,
)
from wubu.losses.mean_squared_error import MeanSquaredError, mean_squared_error
from wubu.losses.mean_squared_logarithmic_error import (
    MeanSquaredLogarithmicError,
    mean_squared_logarithmic_error,
)
from wubu.losses.overlap import Dice, Tversky, dice, tversky
from wubu.losses.poisson import Poisson, poisson
from wubu.losses.sparse_categorical_crossentropy import (
    SparseCategoricalCrossentropy,
    sparse_categorical_crossentropy,
)

mse = MSE = mean_squared_error
mae = MAE = mean_absolute_error
mape = MAPE = mean_absolute_percentage_error
msle = MSLE = mean_squared_logarithmic_error
bce = BCE = binary_crossentropy
kld = KLD = kl_divergence
logcosh = log_cosh

_known: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        BinaryCrossentropy,
        BinaryFocalCrossentropy,
        CategoricalCrossentropy,
        CategoricalFocalCrossentropy,
        CategoricalGeneralizedCrossEntropy,
        CategoricalHinge,
        Circle,
        CosineSimilarity,
        CTC,
        Dice,
        Hinge,
        Huber,
        KLDivergence,
        LogCosh,
        MeanAbsoluteError,
        MeanAbsolutePercentageError,
        MeanSquaredError,
        MeanSquaredLogarithmicError,
        Poisson,
        SparseCategoricalCrossentropy,
        SquaredHinge,
        Tversky,
    )
}
_known |= {
    "mse": MeanSquaredError,
    "mae": MeanAbsoluteError,
    "mape": MeanAbsolutePercentageError,
    "msle": MeanSquaredLogarithmicError,
    "bce": BinaryCrossentropy,
    "kld": KLDivergence,
    "kullback_leibler_divergence": KLDivergence,
    "huber_loss": Huber,
}


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


def deserialize(name: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The loss described by `serialize`'s result, or by a name.

    Args:
        name: the description.
        custom_objects: classes and functions of yours by the names they have in it.
    """
    return described(get, name, custom_objects)
