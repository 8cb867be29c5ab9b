"""Wubu (五步): deep learning in five steps, from data to evaluation.

Prepare, build, compile, train, evaluate. `import wubu` loads the tensors and the
compiler; everything else loads when it is first named.
"""

import importlib
from typing import Any

from wubu import ops
from wubu.core.autodiff import grad, value_and_grad
from wubu.core.determinism import (
    are_deterministic_algorithms_enabled,
    use_deterministic_algorithms,
)
from wubu.core.dtypes import DTYPES as _DTYPES
from wubu.core.executors import get_executor, set_executor
from wubu.core.graph import Graph
from wubu.core.jit import each, jit, trace
from wubu.core.location import scope
from wubu.core.modes import debug_nans, enable_grad, no_grad
from wubu.core.tensor import Tensor, as_tensor, tensor
from wubu.core.threads import get_num_threads, set_num_threads
from wubu.core.variable import Variable
from wubu.ops import methods as _methods
from wubu.ops import random
from wubu.ops.comparison import where
from wubu.ops.creation import (
    arange,
    eye,
    full,
    linspace,
    ones,
    ones_like,
    zeros,
    zeros_like,
)
from wubu.ops.habits import cat, stack
from wubu.ops.joining import concatenate
from wubu.ops.random import rand, randn, set_random_seed

from_numpy = as_tensor

__version__ = "0.1.0"

# Loaded on first use, so that importing Wubu stays as quick as importing NumPy.
_ROOMS = {
    "activations": "wubu.activations",
    "backend": "wubu.backend",
    "callbacks": "wubu.callbacks",
    "config": "wubu.config",
    "constraints": "wubu.constraints",
    "data": "wubu.data",
    "datasets": "wubu.datasets",
    "errors": "wubu.errors",
    "initializers": "wubu.initializers",
    "layers": "wubu.layers",
    "losses": "wubu.losses",
    "metrics": "wubu.metrics",
    "models": "wubu.models",
    "optimizers": "wubu.optimizers",
    "recipes": "wubu.recipes",
    "preprocessing": "wubu.preprocessing",
    "regularizers": "wubu.regularizers",
    "runs": "wubu.runs",
    "saving": "wubu.saving",
    "training": "wubu.training",
    "tree": "wubu.tree",
    "utils": "wubu.utils",
}
_NAMES = {
    "Initializer": "wubu.initializers",
    "Input": "wubu.layers",
    "Layer": "wubu.layers",
    "Loss": "wubu.losses",
    "Metric": "wubu.metrics",
    "Model": "wubu.models",
    "Optimizer": "wubu.optimizers",
    "Regularizer": "wubu.regularizers",
    "Sequential": "wubu.models",
    "load_model": "wubu.saving",
}


_RENAMED = {"KerasTensor": ("wubu.layers", "Symbol")}


def version() -> str:
    """The version, as a function: Keras' name."""
    return __version__


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return importlib.import_module(_ROOMS[name])
    if name in _DTYPES:
        return _DTYPES[name]
    if name in _NAMES:
        return getattr(importlib.import_module(_NAMES[name]), name)
    if name in _RENAMED:
        room, own = _RENAMED[name]
        return getattr(importlib.import_module(room), own)
    if name in _methods.FUNCTIONS:
        return _methods.as_function(name)
    raise AttributeError(f"module 'wubu' has no attribute {name!r}")


def __dir__() -> list[str]:
    lazy = {*_ROOMS, *_NAMES, *_RENAMED, *_DTYPES, *_methods.FUNCTIONS}
    return sorted({*globals(), *lazy})
