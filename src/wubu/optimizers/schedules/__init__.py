"""Schedules: learning rates that change while training goes on.

Example:
    >>> from wubu.optimizers import SGD
    >>> optimizer = SGD(CosineDecay(0.1, decay_steps=1000))
    >>> optimizer.learning_rate
    Tensor(0.1, shape=(), dtype=float32)
"""

from collections.abc import Mapping
from typing import Any

from wubu.core import configurable
from wubu.core.lookup import described, lookup
from wubu.optimizers.schedules.cosine_decay import CosineDecay
from wubu.optimizers.schedules.cosine_decay_restarts import CosineDecayRestarts
from wubu.optimizers.schedules.exponential_decay import ExponentialDecay
from wubu.optimizers.schedules.inverse_time_decay import InverseTimeDecay
from wubu.optimizers.schedules.linear_warmup import LinearWarmup
from wubu.optimizers.schedules.one_cycle import OneCycle
from wubu.optimizers.schedules.piecewise_constant_decay import PiecewiseConstantDecay
from wubu.optimizers.schedules.polynomial_decay import PolynomialDecay
from wubu.optimizers.schedules.schedule import LearningRateSchedule

_CLASSES = (
    CosineDecay,
    CosineDecayRestarts,
    ExponentialDecay,
    InverseTimeDecay,
    LinearWarmup,
    OneCycle,
    PiecewiseConstantDecay,
    PolynomialDecay,
)
_known: dict[str, Any] = {cls.__name__: cls for cls in _CLASSES}


def serialize(learning_rate_schedule: Any) -> Any:
    """A schedule in JSON's terms."""
    return configurable.serialize(learning_rate_schedule)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The schedule described by `serialize`'s result.

    Args:
        config: the description.
        custom_objects: classes and functions of yours by the names they have in it.
    """
    return described(_get, config, custom_objects)


def _get(config: Any) -> Any:
    return lookup("schedule", config, _known, LearningRateSchedule)
