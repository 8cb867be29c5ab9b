"""The two modes a computation can be in: with or without derivatives, and traced.

Both are context variables: threads and async tasks do not disturb each other.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from wubu.core.trace import Trace

F = TypeVar("F", bound=Callable[..., Any])

_grad_enabled: ContextVar[bool] = ContextVar("grad_enabled", default=True)
_trace: ContextVar[Trace | None] = ContextVar("trace", default=None)


def is_grad_enabled() -> bool:
    """Whether operations record the history that derivatives need."""
    return _grad_enabled.get()


def active_trace() -> Trace | None:
    """The trace that is recording operations now, or None when computing eagerly."""
    return _trace.get()


class _GradMode:
    """A context manager and a decorator that sets whether history is recorded."""

    def __init__(self, enabled: bool) -> None:
        self._enabled = enabled
        self._tokens: list[Token[bool]] = []

    def __enter__(self) -> None:
        self._tokens.append(_grad_enabled.set(self._enabled))

    def __exit__(self, *exception: object) -> None:
        _grad_enabled.reset(self._tokens.pop())

    def __call__(self, function: F) -> F:
        @functools.wraps(function)
        def wrapped(*args: Any, **kwargs: Any) -> Any:
            with _GradMode(self._enabled):
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
    mode = _GradMode(False)
    return mode if function is None else mode(function)


def enable_grad(function: Any = None) -> Any:
    """Records history again inside a `no_grad` block; also a decorator."""
    mode = _GradMode(True)
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
