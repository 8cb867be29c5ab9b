"""What scripts take from `keras.backend`: the defaults, and a fresh start.

Keras 3 has moved these to `config` and `utils`, its tensor functions to `ops`; so has
Wubu. They are here for scripts that were written before.
"""

from wubu.config import (
    backend,
    epsilon,
    floatx,
    image_data_format,
    set_epsilon,
    set_floatx,
    set_image_data_format,
)
from wubu.layers.naming import reset_names

__all__ = [
    "backend",
    "clear_session",
    "epsilon",
    "floatx",
    "image_data_format",
    "set_epsilon",
    "set_floatx",
    "set_image_data_format",
]


def clear_session(free_memory: bool = True) -> None:
    """Starts afresh: names of layers are counted from the beginning, and models that
    nobody holds any more give back their memory.

    Args:
        free_memory: whether to look for unreachable models at once.

    Example:
        >>> from wubu.layers import Dense
        >>> clear_session()
        >>> Dense(2).name
        'dense'
    """
    reset_names()
    if free_memory:
        import gc

        gc.collect()
