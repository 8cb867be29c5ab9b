"""What steps report, as numbers for people and files."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core.tensor import Tensor
from wubu.training.callbacks.callback import Logs


def as_numbers(logs: Any) -> Logs:
    """What a step returned, as Python numbers; as nested lists of them where a metric
    has several, as one for each class: these can be printed and written anywhere."""
    if not isinstance(logs, dict):
        return {}
    return {
        name: number(value.numpy()) if isinstance(value, Tensor) else value
        for name, value in logs.items()
    }


def number(array: np.ndarray) -> Any:
    """One number as a float, several as nested lists.

    Example:
        >>> number(np.array([2])), number(np.array([1, 2]))
        (2.0, [1, 2])
    """
    return float(array.item()) if array.size == 1 else array.tolist()
