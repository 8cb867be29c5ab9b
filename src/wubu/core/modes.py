"""The modes a computation can be in: with or without derivatives, traced, watched for
NaN.

All are context variables: threads and async tasks do not disturb each other.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from wubu.core.trace import Trace

F = TypeVar("F", bound=Callable[..., Any])

_grad_enabled: ContextVar[bool] = ContextVar("grad_enabled", default=True)
_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)
_debug_nans: ContextVar[bool] = ContextVar(
    "debug_nans", default=os.environ.get("WUBU_DEBUG_NANS", "") not in ("", "0")
)


def is_grad_enabled() -> bool:
    """Whether operations record the history that derivatives need."""
    return _grad_enabled.get()


def active_trace() -> Trace | None:
    """The trace that is recording operations now, or None when computing eagerly."""
    return _trace.get()


def is_debugging_nans() -> bool:
    """Whether an operation that makes NaN is an error."""
    return _debug_nans.get()


class _Mode:
    """A context manager and a decorator that switches one of the modes."""

    def __init__(self, mode: ContextVar[bool], enabled: bool) -> None:
        self._mode = mode
        self._enabled = enabled
        self._tokens: list[Token[bool]] = []

    def __enter__(self) -> None:
        self._tokens.append(self._mode.set(self._enabled))

    def __exit__(self, *exception: object) -> None:
        self._mode.reset(self._tokens.pop())

    def __call__(self, function: F) -> F:
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with _Mode(self._mode, self._enabled):
                return function(*args, **kwargs)

        return wrapped  # type: ignore[return-value]


def no_grad(function: Any = None) -> Any:
    """Computes without recording history: for evaluation and for updating weights.

    Works as `with no_grad():` and as the decorator `@no_grad()` or `@no_grad`.

    Example:
        >>> import wubu
        >>> x = wubu.tensor([1.0, 2.0], requires_grad=True)
        >>> with wubu.no_grad():
        ...     (x * x).requires_grad
        False
    """
    mode = _Mode(_grad_enabled, False)
    return mode if function is None else mode(function)


def enable_grad(function: Any = None) -> Any:
    """Records history again inside a `no_grad` block; also a decorator."""
    mode = _Mode(_grad_enabled, True)
    return mode if function is None else mode(function)


def debug_nans(function: Any = None) -> Any:
    """Makes the first operation that makes NaN out of numbers an error, which names the
    operation, its layer and the user's line; also in derivatives. So is one that makes
    inf, if that becomes the loss of a step or goes into a weight.

    Works as `with debug_nans():` around what is called, `fit` for instance, and as a
    decorator; WUBU_DEBUG_NANS=1 switches it on for a whole process. Compiled functions
    run on the `numpy` executor meanwhile, which is slow. A NaN that `where` would have
    left out counts too.

    Raises:
        NotFiniteError: inside, where an operation has made NaN.

    Example:
        >>> import wubu
        >>> with wubu.debug_nans():  # doctest: +ELLIPSIS
        ...     wubu.ops.log(wubu.tensor([1.0, -2.0]))
        Traceback (most recent call last):
        ...
        wubu.errors.NotFiniteError: log makes nan
        ...
    """
    mode = _Mode(_debug_nans, True)
    return mode if function is None else mode(function)


class tracing:  # noqa: N801 - reads as a statement: `with tracing(trace):`
    """Makes `trace` the active one for a block; None suspends tracing."""

    def __init__(self, trace: Trace | None) -> None:
        self._new = trace

    def __enter__(self) -> Trace | None:
        self._token = _trace.set(self._new)
        return self._new

    def __exit__(self, *exception: object) -> None:
        _trace.reset(self._token)
