"""What holds where a program does not say otherwise, under Keras' names.

    floatx, set_floatx                      the type of real numbers: "float32"
    epsilon, set_epsilon                    keeps denominators away from 0: 1e-7
    image_data_format, set_image_data_format    "channels_last"
    backend                                 what computes: "wubu"

Example:
    >>> import wubu
    >>> wubu.config.image_data_format()
    'channels_last'
"""

from wubu.core.config import (
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
    standardize_data_format,
)

__all__ = [
    "backend",
    "epsilon",
    "floatx",
    "image_data_format",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
    "standardize_data_format",
]


def backend() -> str:
    """What computes. Keras names TensorFlow, JAX or PyTorch here; Wubu needs none of
    them. `wubu.get_executor()` says what runs compiled functions.

    Example:
        >>> backend()
        'wubu'
    """
    return "wubu"
