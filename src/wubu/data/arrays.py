"""Arrays as a dataset: what `fit(x, y)`, `evaluate` and `predict` stand on."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from wubu.data import validate
from wubu.data.batching import Batch, Selection, take
from wubu.data.convert import as_structure
from wubu.data.structure import Structure, leaves
from wubu.errors import ArgumentError, DataError


class ArrayDataset:
    """Inputs, targets and weights that lie in memory (or in memory maps), checked.

    Arrays are kept as they are, never copied: uint8 stays uint8, float64 stays float64,
    and the training step casts each batch to the dtype of the model. Lists, tensors and
    tables are converted once, here.

    Args:
        x: an array (samples, ...), or a list, tuple or dictionary of arrays for a model
            with several inputs.
        y: targets, in the same forms, or None.
        sample_weight: how much each sample counts, (samples,) or one per time step
            (samples, time); in the same forms, or None.
        check_values: look for NaN and infinities too, which reads all float arrays.

    Raises:
        DataError: no samples, ragged lists, differing numbers of samples, NaN, infinite
            values, negative weights. The message names the first sample at fault.
        DTypeError: strings, objects, complex numbers, dates.

    Example:
        >>> data = ArrayDataset(np.zeros((10, 4)), np.arange(10))
        >>> data.num_samples, data.take(slice(0, 3)).y
        (10, array([0, 1, 2]))
        >>> train, validation = data.split(0.2)
        >>> train.num_samples, validation.y
        (8, array([8, 9]))
    """

    x: Structure
    y: Structure | None
    sample_weight: Structure | None
    num_samples: int

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        check_values: bool = True,
    ) -> None:
        self.x = as_structure(x, "x")
        self.y = None if y is None else as_structure(y, "y")
        self.sample_weight = None
        if sample_weight is not None:
            self.sample_weight = as_structure(sample_weight, "sample_weight")
        named = self._named()
        for name, array in named:
            validate.check_numbers(array, name)
            validate.check_has_samples(array, name)
        validate.check_same_samples(named)
        self.num_samples = len(named[0][1])
        if check_values:
            self.check_values()

    def check_values(self) -> None:
        """Raise DataError at the first NaN, infinity or negative sample weight."""
        for name, array in self._named():
            validate.check_finite(array, name)
        for name, array in leaves(self.sample_weight, "sample_weight"):
            validate.check_weights(array, name)

    def __len__(self) -> int:
        return self.num_samples

    def __repr__(self) -> str:
        parts = [f"{name}: {a.dtype} {a.shape}" for name, a in self._named()]
        return f"ArrayDataset({', '.join(parts)})"

    def take(self, selection: Selection) -> Batch:
        """The selected samples as a batch: views for a slice, copies for indices."""
        parts = (self.x, self.y, self.sample_weight)
        return Batch(*(take(part, selection) for part in parts))

    def split(self, fraction: float) -> tuple[ArrayDataset, ArrayDataset]:
        """The first samples for training and the last `fraction` for validation.

        As `validation_split` of Keras: the cut is made in the order of the data, before
        any shuffling, after floor(num_samples · (1 - fraction)) samples. The product is
        exact here; in floating point 10 · (1 - 0.9) would fall below 1 and leave no
        sample for training.

        Args:
            fraction: of the samples, between 0 and 1, for the second part.

        Returns:
            Two datasets that share memory with this one.

        Raises:
            ArgumentError: a fraction not between 0 and 1, or one part without samples.
        """
        exact = _fraction(fraction)
        cut = math.floor(self.num_samples * (1 - exact))
        if cut == 0 or cut == self.num_samples:
            part = "training" if cut == 0 else "validation"
            raise ArgumentError(
                f"splitting off {fraction} of {self.num_samples} samples leaves none "
                f"for {part}",
                expected="at least one sample on each side",
                got=f"{cut} for training, {self.num_samples - cut} for validation",
                fix="give validation_data instead, or another fraction",
            )
        return self._select(slice(0, cut)), self._select(slice(cut, None))

    def subset(self, selection: Any) -> ArrayDataset:
        """The selected samples as a dataset of their own.

        Args:
            selection: a slice (which shares memory), indices, or one boolean for each
                sample.

        Raises:
            DataError: nothing selected, or an index that is out of range.
        """
        if not isinstance(selection, slice):
            selection = self._indices(selection)
        chosen = self._select(selection)
        if chosen.num_samples == 0:
            raise DataError(
                "the subset has no samples",
                expected="at least one sample",
                got=str(selection),
            )
        return chosen

    def _indices(self, selection: Any) -> np.ndarray:
        """Indices or booleans as int64 indices from 0, checked."""
        chosen = np.asarray(selection)
        if chosen.dtype == bool and chosen.shape == (self.num_samples,):
            return np.flatnonzero(chosen)
        if chosen.size == 0:
            return np.empty(0, dtype=np.int64)
        if chosen.ndim != 1 or chosen.dtype.kind not in "iu":
            raise ArgumentError(
                "these do not select samples",
                expected="a slice, integer indices of shape (n,), or "
                f"{self.num_samples} booleans",
                got=f"{chosen.dtype} of shape {chosen.shape}",
            )
        outside = (chosen < -self.num_samples) | (chosen >= self.num_samples)
        if outside.any():
            raise DataError(
                "an index is outside the data",
                expected=f"0 to {self.num_samples - 1}",
                got=int(chosen[outside][0]),
            )
        chosen = chosen.astype(np.int64)
        return np.where(chosen < 0, chosen + self.num_samples, chosen)

    def _select(self, selection: Selection) -> ArrayDataset:
        """A part of this dataset; its arrays were checked with the whole."""
        part = object.__new__(type(self))
        part.x, part.y, part.sample_weight = self.take(selection)
        part.num_samples = len(part._named()[0][1])
        return part

    def _named(self) -> list[tuple[str, np.ndarray]]:
        names = ("x", "y", "sample_weight")
        parts = (self.x, self.y, self.sample_weight)
        return [
            leaf
            for name, part in zip(names, parts, strict=True)
            for leaf in leaves(part, name)
        ]


def _fraction(value: Any) -> Fraction:
    """The decimal number the user wrote: 0.9 is nine tenths exactly."""
    try:
        exact = Fraction(str(value))
    except ValueError:
        exact = Fraction(0)
    if not 0 < exact < 1:
        raise ArgumentError(
            "the fraction to split off is out of range",
            expected="a number between 0 and 1, both excluded",
            got=repr(value),
        )
    return exact
