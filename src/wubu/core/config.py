"""What holds where a program does not say otherwise: the type of real numbers, the
smallest denominator, and the order of the axes of images.

`wubu.config` is where users find these. They are read when something is made, a layer
or an input, and kept by it: changing them later changes nothing that is there.
"""

from __future__ import annotations

from typing import Any

from wubu.core import dtypes
from wubu.errors import ArgumentError

_FORMATS = ("channels_last", "channels_first")

_floatx = "float32"
_epsilon = 1e-7
_image_data_format = _FORMATS[0]


def floatx() -> str:
    """The type of real numbers in new layers and inputs: "float32" at first.

    Example:
        >>> floatx()
        'float32'
    """
    return _floatx


def set_floatx(value: Any) -> None:
    """Sets the type of real numbers in layers and inputs that are made from now on.

    Args:
        value: "float16", "float32" or "float64".

    Raises:
        ArgumentError: another type.

    Example:
        >>> from wubu.layers import Dense
        >>> set_floatx("float64")
        >>> Dense(2).dtype
        dtype('float64')
        >>> set_floatx("float32")
    """
    global _floatx
    dtype = dtypes.as_dtype(value)
    if not dtypes.is_float(dtype):
        raise ArgumentError(
            "the default type of layers is one of real numbers",
            expected='"float16", "float32" or "float64"',
            got=repr(value),
        )
    _floatx = dtype.name


def epsilon() -> float:
    """What keeps logarithms and denominators away from zero: 1e-7 at first.

    Example:
        >>> epsilon()
        1e-07
    """
    return _epsilon


def set_epsilon(value: float) -> None:
    """Sets what keeps logarithms and denominators away from zero in what is made, and
    compiled, from now on.

    Raises:
        ArgumentError: it is not between 0 and 1.
    """
    global _epsilon
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not 0 < value < 1
    ):
        raise ArgumentError(
            "epsilon is a small positive number", expected="0 < epsilon < 1", got=value
        )
    _epsilon = float(value)


def image_data_format() -> str:
    """Where the channels of images stand: "channels_last" at first.

    Example:
        >>> image_data_format()
        'channels_last'
    """
    return _image_data_format


def set_image_data_format(data_format: str) -> None:
    """Sets where channels stand for layers that are made from now on.

    Args:
        data_format: "channels_last" or "channels_first".

    Raises:
        ArgumentError: neither of them.
    """
    global _image_data_format
    _image_data_format = standardize_data_format(data_format)


def standardize_data_format(data_format: Any) -> str:
    """A `data_format` argument as one of the two words; the default for None.

    Raises:
        ArgumentError: neither of them.
    """
    if data_format is None:
        return _image_data_format
    word = data_format.lower() if isinstance(data_format, str) else data_format
    if word not in _FORMATS:
        raise ArgumentError(
            "unknown data_format",
            expected=" or ".join(f'"{name}"' for name in _FORMATS),
            got=repr(data_format),
        )
    return word
