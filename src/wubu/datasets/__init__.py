"""Well-known sets of samples, each a module with `load_data()`, as in Keras.

    digits.py               1,797 digits of 8 × 8 pixels, inside this package
    mnist.py                70,000 digits of 28 × 28 pixels
    fashion_mnist.py        70,000 clothes in the form of MNIST
    kmnist.py               70,000 Japanese characters in the form of MNIST
    cifar10.py, cifar100.py 60,000 colour pictures of 10 or 100 classes
    imdb.py, reuters.py     texts as lists of word numbers
    boston_housing.py, california_housing.py   tables of houses and their prices

All but the first are fetched once:

    download.py   the cache folder, mirrors and checksums
    idx_sets.py, cifar.py, words.py, housing.py   what sets of one form have in common
    ragged.py     arrays of lists, without executing the file

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
    from wubu.datasets import (
        boston_housing,
        california_housing,
        cifar10,
        cifar100,
        digits,
        fashion_mnist,
        imdb,
        kmnist,
        mnist,
        reuters,
    )

__all__ = [
    "boston_housing",
    "california_housing",
    "cifar10",
    "cifar100",
    "digits",
    "fashion_mnist",
    "imdb",
    "kmnist",
    "mnist",
    "reuters",
]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return importlib.import_module(f"wubu.datasets.{name}")
    if name.startswith("__"):  # Python and its tools ask for many of these
        raise AttributeError(name)
    error = UnknownNameError("dataset", name, __all__)
    raise AttributeError(str(error))


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
