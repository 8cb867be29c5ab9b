"""A model's steps, made ready to run: compiled once, called with whole arrays.

A step on arrays takes the data set and the numbers of the samples in the batch, and
picks them inside the compiled program. So many steps can run in one call, without
Python in between.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import numpy as np

from wubu.core import config, dtypes, tree
from wubu.core.jit import Jit, each, jit, trace
from wubu.core.origin import Origin
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import StateError, TraceError, WubuError
from wubu.ops.selection import take
from wubu.training.batch import pack_x_y_sample_weight
from wubu.training.watch import watching

Step = Callable[[Any], Any]


class Steps:
    """One kind of step: training, testing or predicting.

    Args:
        step: the model's method; takes what `pack_x_y_sample_weight` makes.
        compiled: whether to compile it, or to run it eagerly.
        watched: whether a loss that is not finite is an error.
    """

    def __init__(self, step: Step, compiled: bool, watched: bool = False) -> None:
        def on_batch(data: tuple[Any, ...]) -> Any:
            with watching(watched):
                return step(pack_x_y_sample_weight(*data))

        def on_samples(arrays: tuple[Any, ...], samples: Tensor) -> Any:
            return on_batch(picked(arrays, samples))

        self.compiled = compiled
        self.watched = watched
        name = getattr(step, "__name__", "step")
        on_batch.__name__ = on_samples.__name__ = name
        self._on_batch: Any = jit(on_batch) if compiled else on_batch
        self._on_samples: Any = jit(on_samples) if compiled else on_samples

    def batch(self, data: tuple[Any, ...]) -> Any:
        """The results for one batch `(x, y, sample_weight)`."""
        return self._on_batch(as_data(data))

    def prepare_batch(self, data: tuple[Any, ...]) -> None:
        """Compiles the step for batches like this, without running it; one that runs
        eagerly is tried on symbols, as far as it can be."""
        _prepare(self._on_batch, as_data(data))

    def prepare_samples(self, arrays: tuple[Any, ...], samples: np.ndarray) -> None:
        """`prepare_batch`, for samples picked from arrays."""
        arrays = as_data(arrays)
        _prepare(self._on_samples, arrays, as_tensor(samples))

    def samples(
        self, arrays: tuple[Any, ...], samples: np.ndarray, interrupt: np.ndarray
    ) -> tuple[Any, int]:
        """Steps over samples picked from arrays by number.

        Args:
            arrays: `(x, y, sample_weight)`, each a structure of arrays.
            samples: (steps, batch), the numbers of the samples of each step.
            interrupt: int32 (1,); nonzero stops after the step.

        Returns:
            The results of the last step, and how many steps were done.
        """
        arrays = as_data(arrays)
        if isinstance(self._on_samples, Jit):
            return self._on_samples.run_steps(
                arrays, each(samples), interrupt=interrupt
            )
        results, done = None, 0
        for row in samples:
            try:
                results = self._on_samples(arrays, as_tensor(row))
            except WubuError as error:
                error.steps_done = done
                raise
            done += 1
            if interrupt[0]:
                break
        return results, done

    def inside(
        self, arrays: tuple[Any, ...], samples: np.ndarray, look: str, **options: Any
    ) -> Any:
        """Looks into the compiled step: `look` is "program" or "profile".

        Args:
            arrays: as for `samples`.
            samples: (batch,) the numbers of one step's samples.
        """
        if not isinstance(self._on_samples, Jit):
            raise StateError(
                "a step that is not compiled has no program to look into",
                fix="leave out run_eagerly=True",
            )
        arrays = as_data(arrays)
        given = getattr(self._on_samples, look)
        return given(arrays, as_tensor(samples), **options)

    def origin_in_batch(self, data: tuple[Any, ...]) -> Origin | None:
        """What makes the loss of this batch NaN or infinite, if that can be found."""
        return _origin(self._on_batch, as_data(data))

    def origin_in_samples(
        self, arrays: tuple[Any, ...], samples: np.ndarray
    ) -> Origin | None:
        """`origin_in_batch`, for samples picked from arrays."""
        arrays = as_data(arrays)
        return _origin(self._on_samples, arrays, as_tensor(samples))


def _origin(step: Any, *args: Any) -> Origin | None:
    step = step if isinstance(step, Jit) else jit(step, executor="numpy")
    with contextlib.suppress(TraceError):  # of eager code that looks at values
        return step.origin(*args)
    return None


def _prepare(step: Any, *args: Any) -> None:
    if isinstance(step, Jit):
        step.trace(*args)
        return
    # Eager code may look at values, which a trace does not have.
    with contextlib.suppress(TraceError):
        trace(step, *args)


def as_data(arrays: Any) -> Any:
    """A structure of arrays as one of tensors; None stays. What is kept in float16
    becomes float32, which most models compute in: machine code has no float16."""
    return tree.map_structure(_as_data, arrays)


def _as_data(leaf: Any) -> Any:
    if leaf is None:
        return None
    if not isinstance(leaf, Tensor) or leaf.requires_grad:
        leaf = as_tensor(np.asarray(leaf))
    if leaf.dtype == dtypes.FLOAT16 and config.floatx() != "float16":
        return as_tensor(leaf.numpy(), dtypes.FLOAT32)
    return leaf


def picked(arrays: Any, samples: Tensor) -> Any:
    """A structure of arrays, with only the samples of these numbers; None stays."""
    return tree.map_structure(lambda array: _pick(array, samples), arrays)


def _pick(array: Any, samples: Tensor) -> Any:
    return None if array is None else take(array, samples, axis=0)
