"""`Discretization`: real numbers as the numbers of the bins they fall into."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError, DataError, StateError
from wubu.layers.adapting import batches_of, depends_on
from wubu.layers.arguments import positive_integer
from wubu.layers.encoding import dense_only, encode
from wubu.layers.encoding import output_mode as checked_mode
from wubu.layers.layer import Layer
from wubu.layers.sorted_search import count_at_most

_MODES = ("int", "one_hot", "multi_hot", "count")


class Discretization(Layer):
    """The number of boundaries at or below x: bin 0 lies below the first of them.

    Boundaries are given, or `adapt` finds them, so that all bins hold about as many
    numbers of the data.

    Args:
        bin_boundaries: increasing numbers; one less than there are bins.
        num_bins: how many bins `adapt` is to make.
        epsilon: the error allowed in that, as a share of the data: about 1/epsilon
            numbers are kept of them.
        output_mode: "int", or what each sample's bins are encoded as: "one_hot",
            "multi_hot", "count".
        sparse: only False: Wubu has no sparse tensors.
        dtype: of the output, for modes other than "int", whose is int32.
        name: of the layer.

    Shapes:
        numbers of any shape -> the same; (..., bins) as by `CategoryEncoding`.

    Raises:
        ArgumentError: both or neither of bin_boundaries and num_bins.
        StateError: called before `adapt`.

    Example:
        >>> Discretization([0.0, 1.0])([[-1.5, 0.0, 0.5, 3.0]]).tolist()
        [[0, 1, 1, 2]]
    """

    def __init__(
        self,
        bin_boundaries: Sequence[float] | None = None,
        num_bins: int | None = None,
        epsilon: float = 0.01,
        output_mode: str = "int",
        sparse: bool = False,
        dtype: Any = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name=name, dtype=dtype, **options)
        if (num_bins is None) == (bin_boundaries is None):
            raise ArgumentError(
                "either the boundaries of bins are given, or their number",
                expected="bin_boundaries=[...], or num_bins=... and adapt(data)",
                got=f"bin_boundaries={bin_boundaries!r:.40}, num_bins={num_bins}",
            )
        dense_only(sparse=sparse)
        if not 0 < epsilon < 1:
            raise ArgumentError("epsilon is a share", expected="(0, 1)", got=epsilon)
        self.num_bins = (
            None if num_bins is None else positive_integer("num_bins", num_bins)
        )
        self.epsilon = float(epsilon)
        self.output_mode = checked_mode(output_mode, _MODES)
        self.bin_boundaries: list[float] | None = None
        if bin_boundaries is not None:
            self.bin_boundaries = _increasing(bin_boundaries)
        self.reset_state()

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments, and the boundaries `adapt` has found."""
        return {**super().get_config(), "bin_boundaries": self.bin_boundaries}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """A new layer made with these arguments, as `adapt` left the old one."""
        config = dict(config)
        found = config.get("bin_boundaries")
        if found is None or config.get("num_bins") is None:
            return super().from_config(config)
        layer = super().from_config({**config, "bin_boundaries": None})
        layer.bin_boundaries = _increasing(found)
        return layer

    def adapt(self, data: Any, steps: int | None = None) -> None:
        """Finds boundaries; what was found before is forgotten.

        Args:
            data: an array, an iterable of batches, or a Dataset, (x, y) or x.
            steps: batches at most.

        Raises:
            ArgumentError: boundaries were given when the layer was made.
            DataError: there is no number.
        """
        self.reset_state()
        for batch in batches_of(data, steps):
            self.update_state(batch)
        self.finalize_state()

    def reset_state(self) -> None:
        """Forgets the data, not the boundaries."""
        self._summary = np.zeros((2, 0), "float32")

    def update_state(self, data: Any) -> None:
        """Takes a batch into account."""
        if self.num_bins is None:
            raise ArgumentError(
                "its boundaries were given, so there is nothing to find",
                fix="make it with num_bins instead of bin_boundaries",
            )
        values = np.sort(np.asarray(data, "float32").reshape(-1))
        both = np.concatenate((_summary(values, self.epsilon), self._summary), axis=1)
        both = both[:, np.argsort(both[0])]
        self._summary = _compressed(both, self.epsilon)

    def finalize_state(self) -> None:
        """Makes boundaries of the data."""
        if not self._summary.size:
            raise DataError("there is no number to find boundaries of bins for")
        if self.num_bins is None:  # the data it refused
            return
        found = _compressed(self._summary, 1.0 / self.num_bins)[0, :-1]
        self.bin_boundaries = found.tolist()

    def call(self, inputs: Tensor) -> Tensor:
        depends_on(self, "bin_boundaries")
        if self.bin_boundaries is None:
            raise StateError("its bins are not known yet", fix="call adapt(data) first")
        # Integers are compared in double precision, which holds all below 2**53.
        x = inputs if inputs.dtype.kind == "f" else inputs.astype("float64")
        boundaries = np.asarray(self.bin_boundaries, x.dtype)
        bins = count_at_most(boundaries, x).astype("int32")
        return encode(bins, self.output_mode, len(boundaries) + 1, self.dtype)


def _increasing(boundaries: Sequence[float]) -> list[float]:
    found = np.asarray(boundaries, "float64")
    if found.ndim != 1 or np.isnan(found).any() or (np.diff(found) < 0).any():
        raise ArgumentError(
            "boundaries of bins are numbers that increase",
            expected="a list such as [0.0, 0.5, 1.0]",
            got=repr(boundaries)[:60],
        )
    return found.tolist()


# A summary of data: numbers in ascending order, and for each the share of the data
# that lies between the one before it and itself, as a number of elements.


def _summary(values: np.ndarray, epsilon: float) -> np.ndarray:
    """About 1/epsilon of sorted values, at equal distances."""
    step = max(len(values) / (1 / epsilon), 1)  # not times: whole steps stay whole
    kept = values[int(step - 1) :: int(step)]
    return np.stack([kept, np.full_like(kept, step)])


def _compressed(summary: np.ndarray, epsilon: float) -> np.ndarray:
    """1/epsilon numbers that part the data of a summary equally, by interpolation."""
    if summary.shape[1] * epsilon < 1:
        return summary
    sums = summary[1].cumsum()
    shares = epsilon + np.arange(0.0, 1.0, epsilon)
    numbers = np.interp(shares, sums / sums[-1], summary[0])
    below = np.interp(shares, sums / sums[-1], sums)
    return np.stack([numbers, np.diff(below, prepend=0)]).astype("float32")
