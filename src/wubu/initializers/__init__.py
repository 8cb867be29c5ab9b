"""Initializers: the first values of weights.

Names and arguments are those of `keras.initializers`. Read `initializer.py` first, then
`variance_scaling.py`, which holds most of what layers use.

Example:
    >>> import wubu
    >>> wubu.set_random_seed(1)
    >>> get("he_normal")((784, 512)).shape
    (784, 512)
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from wubu.core import configurable
from wubu.core.lookup import described, lookup
from wubu.core.tensor import Tensor
from wubu.initializers.constant import Constant, Identity, Ones, Zeros
from wubu.initializers.distributions import (
    RandomNormal,
    RandomUniform,
    TruncatedNormal,
)
from wubu.initializers.initializer import (
    Initializer,
    RandomInitializer,
    compute_fans,
)
from wubu.initializers.orthogonal import Orthogonal
from wubu.initializers.variance_scaling import (
    GlorotNormal,
    GlorotUniform,
    HeNormal,
    HeUniform,
    LecunNormal,
    LecunUniform,
    VarianceScaling,
)

zeros, ones, constant, identity = Zeros, Ones, Constant, Identity
random_normal, random_uniform = RandomNormal, RandomUniform
truncated_normal, variance_scaling = TruncatedNormal, VarianceScaling
glorot_normal, glorot_uniform = GlorotNormal, GlorotUniform
he_normal, he_uniform = HeNormal, HeUniform
lecun_normal, lecun_uniform = LecunNormal, LecunUniform
orthogonal = OrthogonalInitializer = Orthogonal
IdentityInitializer = Identity

_known: dict[str, Any] = {
    cls.__name__: cls
    for cls in (
        Zeros,
        Ones,
        Constant,
        Identity,
        RandomNormal,
        RandomUniform,
        TruncatedNormal,
        VarianceScaling,
        GlorotNormal,
        GlorotUniform,
        HeNormal,
        HeUniform,
        LecunNormal,
        LecunUniform,
        Orthogonal,
    )
}
_short: dict[str, Any] = {
    "zero": Zeros,
    "one": Ones,
    "normal": RandomNormal,
    "uniform": RandomUniform,
    "IdentityInitializer": Identity,
    "OrthogonalInitializer": Orthogonal,
}


def get(identifier: Any) -> Any:
    """The initializer that an identifier stands for.

    Args:
        identifier: a name in any spelling, a class, an instance, a description made by
            `serialize`, a function of `(shape, dtype)`, an array of first values, or
            None.

    Raises:
        UnknownNameError: no initializer has this name; suggests the nearest.
    """
    if isinstance(identifier, np.ndarray | Tensor):
        return Constant(identifier)
    if isinstance(identifier, str) and identifier in _short:
        return _short[identifier]()
    return lookup("initializer", identifier, _known, Initializer, functions=True)


def serialize(initializer: Any) -> Any:
    """An initializer in JSON's terms."""
    return configurable.serialize(initializer)


def deserialize(config: Any, custom_objects: Mapping[str, Any] | None = None) -> Any:
    """The initializer described by `serialize`'s result, or by a name.

    Args:
        config: the description.
        custom_objects: classes and functions of yours by the names they have in it.
    """
    return described(get, config, custom_objects)
