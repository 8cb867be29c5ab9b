"""`check_finite`: a value that must not be NaN or infinite."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core.primitive import primitive
from wubu.core.samples import normal, sample
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import NotFiniteError


def not_finite(what: str, number: float) -> NotFiniteError:
    """The error for a number that `check_finite` has found."""
    error = NotFiniteError(
        f"{what} is {number}", expected="a finite number", got=number
    )
    error.number = number
    return error


def _prepare(x: Any, what: str = "a value") -> tuple[list[Tensor], dict]:
    return [as_tensor(x)], {"what": what}


def _evaluate(x: np.ndarray, what: str) -> np.ndarray:
    bad = ~np.isfinite(x)
    if bad.any():
        raise not_finite(what, float(x[bad][0]))
    return x


check_finite = primitive(
    "check_finite",
    prepare=_prepare,
    shape=lambda x, what: (x.shape, x.dtype),
    evaluate=_evaluate,
    vjp=[lambda g, y, x, what: g],
    samples=[sample(normal(2, 3), what="x")],
    fold=False,
    doc="""x itself. A program in which an element is NaN or infinite ends there, with
a NotFiniteError, and leaves its variables as they were.

Args:
    x: a tensor of any shape.
    what: what it is called in the error.

Example:
    >>> import wubu
    >>> wubu.ops.check_finite(wubu.tensor([1.0, 2.0])).sum()
    Tensor(3., shape=(), dtype=float32)
""",
)
