"""Optimizers: how weights change so that the loss becomes smaller.

Names and arguments are those of `keras.optimizers`. Read `sgd.py` first: a formula;
then `optimizer.py`: all that is around it.

Both habits work, eagerly and compiled:

    optimizer.apply_gradients(zip(gradients, variables))    # Keras'

    loss.backward()                                         # PyTorch's; step()
    optimizer.step(variables)                               # forgets the gradients

Example:
    >>> get("adam").beta_1
    0.9
"""

from collections.abc import Mapping
from typing import Any

from wubu.core import configurable
from wubu.core.lookup import described, lookup
from wubu.optimizers import schedules
from wubu.optimizers.adadelta import Adadelta
from wubu.optimizers.adafactor import Adafactor
from wubu.optimizers.adagrad import Adagrad
from wubu.optimizers.adam import Adam
from wubu.optimizers.adamax import Adamax
from wubu.optimizers.adamw import AdamW
from wubu.optimizers.ftrl import Ftrl
from wubu.optimizers.lamb import Lamb
from wubu.optimizers.lion import Lion
from wubu.optimizers.muon import Muon
from wubu.optimizers.nadam import Nadam
from wubu.optimizers.optimizer import Optimizer
from wubu.optimizers.radam import RAdam
from wubu.optimizers.rmsprop import RMSprop
from wubu.optimizers.rprop import Rprop
from wubu.optimizers.schedule_free_adamw import ScheduleFreeAdamW
from wubu.optimizers.sgd import SGD

_CLASSES = (
    SGD,
    RMSprop,
    Adam,
    AdamW,
    Adagrad,
    Adadelta,
    Adamax,
    Nadam,
    RAdam,
    Lion,
    Lamb,
    Adafactor,
    Muon,
    ScheduleFreeAdamW,
    Ftrl,
    Rprop,
)
_known: dict[str, Any] = {cls.__name__: cls for cls in _CLASSES}


def get(identifier: Any) -> Any:
    """The optimizer that an identifier stands for: a name in any spelling, a class, a
    description made by `serialize`, or an instance; None stays None.

    Raises:
        UnknownNameError: no optimizer has this name; suggests the nearest.
    """
    return lookup("optimizer", identifier, _known, Optimizer)


def serialize(optimizer: Any) -> Any:
    """An optimizer in JSON's terms: its arguments, not its state."""
    return configurable.serialize(optimizer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The optimizer described by `serialize`'s result.

    Args:
        config: the description.
        custom_objects: classes and functions of yours by the names they have in it.
    """
    return described(get, config, custom_objects)
