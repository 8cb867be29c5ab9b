"""`Precision`: the dtype of a layer under the names of Keras."""

from __future__ import annotations

import numpy as np


class Precision:
    """A layer computes in the dtype of its weights; Keras has a name for each."""

    dtype: np.dtype

    @property
    def compute_dtype(self) -> str:
        """The name of the dtype it computes in."""
        return self.dtype.name

    @property
    def variable_dtype(self) -> str:
        """The name of the dtype of its weights."""
        return self.dtype.name
