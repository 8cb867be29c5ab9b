"""Whether results may depend on the number of threads."""

from __future__ import annotations

from wubu.core.settings import change, settings
from wubu.errors import ArgumentError


def use_deterministic_algorithms(mode: bool = True) -> None:
    """Makes results independent of the number of threads, to the last bit.

    Without it the same seed gives the same bits as long as as many threads work on the
    same kind of machine: what is summed over the samples of a batch is added up by each
    thread for its own samples. With it, sums are added up in parts that depend on the
    batch alone. Steps become a little slower, and at most 8 threads work on one.

    Functions and models that are compiled already are compiled once more. The
    environment variable `WUBU_DETERMINISTIC=1` sets it for a whole process. Machines
    with vectors of another width still round differently.

    Args:
        mode: whether to do so.

    Raises:
        ArgumentError: the mode is neither True nor False.

    Example:
        >>> import wubu
        >>> wubu.use_deterministic_algorithms()
        >>> wubu.are_deterministic_algorithms_enabled()
        True
        >>> wubu.use_deterministic_algorithms(False)
    """
    if not isinstance(mode, bool):
        raise ArgumentError(
            "deterministic algorithms are used or not",
            expected="True or False",
            got=repr(mode),
        )
    change(deterministic=mode)


def are_deterministic_algorithms_enabled() -> bool:
    """Whether results are independent of the number of threads."""
    return settings().deterministic
