"""`Normalization`: features brought to mean 0 and variance 1, once and for all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu import ops
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError, DataError, ShapeError
from wubu.layers.adapting import batches_of
from wubu.layers.arguments import known_length
from wubu.layers.layer import Layer, Shape
from wubu.ops.prepare import normal_axes

_SMALLEST = 1e-7  # the least deviation that is divided by


class Normalization(Layer):
    """y = (x - mean) / sqrt(variance), with numbers that are known before training.

    They are given, or `adapt` finds them in data. They are no trainable weights; where
    the variance is 0, x - mean is divided by 1e-7.

    Args:
        axis: the axes that keep a mean and a variance for each index, as the features;
            None for one mean and one variance of everything.
        mean: a number, or numbers that broadcast to the lengths of `axis`; with
            `variance`.
        variance: like `mean`.
        invert: the way back: y = x * sqrt(variance) + mean.
        options: name, dtype of every layer.

    Shapes:
        (batch, ...) -> the same. Integers become floats.

    Raises:
        ArgumentError: only one of `mean` and `variance`, or of different shapes.
        ShapeError: an axis the input does not have; `mean` does not fit; data that
            differ from those it was built for.

    Example:
        >>> layer = Normalization()
        >>> layer.adapt([[0.0, 7.0], [2.0, 9.0]])
        >>> layer([[2.0, 8.0]]).tolist()
        [[1.0, 0.0]]
    """

    supports_masking = True

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: Any = None,
        variance: Any = None,
        invert: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        given = () if axis is None else axis
        self.axis = tuple(given) if isinstance(given, list | tuple) else (given,)
        self.invert = invert
        if (mean is None) != (variance is None):
            raise ArgumentError(
                "mean and variance go together",
                expected="both, or neither and a call of adapt(data)",
                got=f"mean={mean!r:.30}, variance={variance!r:.30}",
            )
        if mean is not None and np.shape(mean) != np.shape(variance):
            raise ArgumentError(
                "mean and variance have different shapes",
                got=f"{np.shape(mean)} and {np.shape(variance)}",
            )
        self.input_mean, self.input_variance = mean, variance
        self.mean: Any = None
        self.variance: Any = None

    def build(self, input_shape: Shape) -> None:
        kept = sorted(normal_axes(self.axis, len(input_shape))) if self.axis else []
        lengths = tuple(known_length(input_shape, axis, "features") for axis in kept)
        self._kept = kept
        if self.input_mean is not None:
            self.mean = self._spread(self.input_mean, lengths)
            self.variance = self._spread(self.input_variance, lengths)
        else:
            self.mean = self.add_weight(lengths, "zeros", trainable=False, name="mean")
            self.variance = self.add_weight(
                lengths, "ones", trainable=False, name="variance"
            )
        self.input_axes = dict(zip(kept, lengths, strict=True))
        self.input_ndim = len(input_shape)

    def _spread(self, value: Any, lengths: tuple[int, ...]) -> np.ndarray:
        array = np.asarray(value, self.dtype)
        try:
            return np.broadcast_to(array, lengths)
        except ValueError:
            raise ShapeError(
                "mean and variance do not fit the input",
                expected=f"numbers that broadcast to {lengths}, the lengths of axis",
                got=array.shape,
            ) from None

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Finds mean and (biased) variance of data; what was found before is forgotten.

        Args:
            data: an array, or an iterable of batches, as a Dataset: arrays, or tuples
                whose first part counts, as (x, y).
            steps: batches at most.

        Raises:
            ArgumentError: mean and variance were given when the layer was made.
            DataError: there is no sample.
        """
        if self.input_mean is not None:
            raise ArgumentError(
                "mean and variance were given, so there is nothing to find",
                fix="leave them out, or the call of adapt",
            )
        count, mean, spread = 0, np.zeros(()), np.zeros(())
        for batch in batches_of(data, steps):
            batch = batch.astype("float64")
            self.ensure_built((batch.shape,))
            axes = tuple(a for a in range(batch.ndim) if a not in self._kept)
            size = int(np.prod([batch.shape[a] for a in axes]))
            if not size:
                continue
            # Chan, Golub and LeVeque 1979: sums of squares about the means of parts.
            distance = batch.mean(axes) - mean
            total = count + size
            mean = mean + distance * (size / total)
            spread = spread + batch.var(axes) * size
            spread = spread + distance**2 * (count * size / total)
            count = total
        if not count:
            raise DataError("there is no sample to find mean and variance of")
        self.mean.assign(mean.astype(self.dtype))
        self.variance.assign((spread / count).astype(self.dtype))

    def call(self, inputs: Tensor) -> Tensor:
        x = inputs.astype(self.dtype)
        shape = [n if a in self._kept else 1 for a, n in enumerate(x.shape)]
        deviation = ops.maximum(ops.sqrt(self.variance), _SMALLEST)
        mean, deviation = ops.reshape(self.mean, shape), ops.reshape(deviation, shape)
        return x * deviation + mean if self.invert else (x - mean) / deviation
