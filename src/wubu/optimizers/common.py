"""The arguments that all optimizers share, written down once."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypedDict, TypeVar

from wubu.optimizers.optimizer import Optimizer

F = TypeVar("F", bound=Callable[..., None])


class Undecayed(TypedDict, total=False):
    """`Common` without weight decay, for optimizers with another place for it."""

    clipnorm: float | None
    clipvalue: float | None
    global_clipnorm: float | None
    use_ema: bool
    ema_momentum: float
    ema_overwrite_frequency: int | None
    loss_scale_factor: float | None
    gradient_accumulation_steps: int | None
    name: str | None


class Common(Undecayed, total=False):
    """What every optimizer takes beside the learning rate, for those who check types.
    What each does, `Optimizer` says."""

    weight_decay: float | None


_COMMON = list(inspect.signature(Optimizer.__init__).parameters.values())[2:]


def with_common_arguments(init: F) -> F:
    """A constructor that takes the common arguments, by position or by name, in the
    place of its `**common`. What stands behind a `*` comes after them, as in Keras.

    Example:
        >>> class Mine(Optimizer):
        ...     @with_common_arguments
        ...     def __init__(self, learning_rate=0.1, speed=2, *, last=3, **common):
        ...         super().__init__(learning_rate, **common)
        >>> names = list(inspect.signature(Mine).parameters)
        >>> names[:3], names[-2:]
        (['learning_rate', 'speed', 'weight_decay'], ['name', 'last'])
        >>> Mine(0.1, 2, 0.5).weight_decay
        0.5
    """
    own = inspect.signature(init).parameters
    first = [p for p in own.values() if p.kind is p.POSITIONAL_OR_KEYWORD]
    last = [p for p in own.values() if p.kind is p.KEYWORD_ONLY]
    common = [p for p in _COMMON if p.name not in own]
    signature = inspect.Signature(
        [*first, *common, *(p.replace(kind=p.POSITIONAL_OR_KEYWORD) for p in last)]
    )

    @functools.wraps(init)
    def constructor(*args: Any, **kwargs: Any) -> None:
        init(**signature.bind(*args, **kwargs).arguments)

    constructor.__signature__ = signature  # type: ignore[attr-defined]
    return constructor  # type: ignore[return-value]
