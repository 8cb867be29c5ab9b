"""What a model of the user's own does in another way than `Learner`."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any


def is_custom(model: Any, name: str) -> bool:
    """Whether the user has overridden a method of `Learner`."""
    return not getattr(type(model), name).__module__.startswith("wubu.training.")


def takes(method: Callable[..., Any], argument: str) -> bool:
    """Whether a method can be given an argument by name.

    Example:
        >>> takes(lambda x, training: x, "training"), takes(lambda x: x, "training")
        (True, False)
    """
    parameters = inspect.signature(method).parameters
    kinds = [p.kind for p in parameters.values()]
    return argument in parameters or inspect.Parameter.VAR_KEYWORD in kinds
