"""Well-known sets of samples, each a module with `load_data()`, as in Keras.

    digits.py     1,797 digits of 8 × 8 pixels, inside this package
    mnist.py      70,000 digits of 28 × 28 pixels, fetched once
    download.py   the cache folder, mirrors and checksums the fetched ones share

A set's module is loaded when it is first named:

    >>> from wubu import datasets
    >>> (x_train, y_train), (x_test, y_test) = datasets.digits.load_data()
    >>> x_train.shape
    (1442, 8, 8)
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING

from wubu.errors import UnknownNameError

if TYPE_CHECKING:
    from wubu.datasets import digits, mnist

__all__ = ["digits", "mnist"]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"wubu.datasets.{name}")
    if name.startswith("__"):  # Python and its tools ask for many of these
        raise AttributeError(name)
    error = UnknownNameError("dataset", name, __all__)
    raise AttributeError(str(error))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
