"""`Embedding`: a learned vector for each of a fixed number of words."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu import ops
from wubu.core import dtypes
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError, ShapeError
from wubu.layers.arguments import positive_integer, weight_options
from wubu.layers.layer import Layer, Shape
from wubu.ops.selection import gather


class Embedding(Layer):
    """Looks up a row of a table for every index: y = embeddings[x].

    Args:
        input_dim: how many rows, that is, the largest index plus 1.
        output_dim: the length of a row.
        embeddings_initializer: first values of the table.
        embeddings_regularizer: a penalty on the table.
        embeddings_constraint: applied to the table after every update.
        mask_zero: index 0 is padding: layers that follow leave such places out.
        weights: the table to begin with, (input_dim, output_dim), for instance vectors
            trained elsewhere.
        input_length: the old way to say `Input((length,))` in front of it.
        options: name, trainable, dtype of every layer.

    Shapes:
        integers (batch, ...) -> (batch, ..., output_dim).

    Raises:
        ArgumentError: an index outside the table, or a number that is no integer.
        ShapeError: `weights` of another shape.

    Example:
        >>> import numpy as np
        >>> table = np.array([[0.0, 0.0], [1.0, 10.0], [2.0, 20.0]])
        >>> Embedding(3, 2, weights=table)([[2, 1]]).tolist()
        [[[2.0, 20.0], [1.0, 10.0]]]
    """

    def __init__(
        self,
        input_dim: int,
        output_dim: int,
        embeddings_initializer: Any = "uniform",
        embeddings_regularizer: Any = None,
        embeddings_constraint: Any = None,
        mask_zero: bool = False,
        weights: Any = None,
        *,
        input_length: int | None = None,
        **options: Any,
    ) -> None:
        if input_length is not None:
            options.setdefault("input_shape", (input_length,))
        super().__init__(**options)
        self.input_dim = positive_integer("input_dim", input_dim)
        self.output_dim = positive_integer("output_dim", output_dim)
        self.mask_zero = mask_zero
        if weights is not None:
            embeddings_initializer = self._table(weights)
        self.embeddings_options = weight_options(
            embeddings_initializer, embeddings_regularizer, embeddings_constraint
        )

    def _table(self, weights: Any) -> np.ndarray:
        table = np.asarray(weights, self.dtype)
        shape = (self.input_dim, self.output_dim)
        if table.shape not in (shape, (1, *shape)):  # Keras also takes [table]
            raise ShapeError(
                "weights is the table to begin with",
                expected=f"(input_dim, output_dim), which are {shape}",
                got=table.shape,
            )
        return table.reshape(shape)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments, without the table, which is saved as a weight."""
        return {**super().get_config(), "weights": None}

    def build(self, input_shape: Shape) -> None:
        self.embeddings = self.add_weight(
            (self.input_dim, self.output_dim),
            name="embeddings",
            **self.embeddings_options,
        )

    def call(self, inputs: Tensor) -> Tensor:
        return gather(self.embeddings, self._indices(inputs), axis=0, batch_dims=0)

    def compute_mask(self, inputs: Tensor, mask: Any = None) -> Tensor | None:
        return ops.not_equal(inputs, 0) if self.mask_zero else None

    def _indices(self, inputs: Tensor) -> Tensor:
        """The inputs as integers; wrong ones are named where values are known."""
        if not inputs.is_traced:
            self._check_indices(inputs.detach().numpy())
        return inputs if inputs.dtype.kind in "iu" else inputs.astype(dtypes.INT32)

    def _check_indices(self, given: np.ndarray) -> None:
        # NaN is not even equal to its own floor.
        good = (given >= 0) & (given < self.input_dim) & (given == np.floor(given))
        if good.all():
            return
        place = tuple(int(i) for i in np.argwhere(~good)[0])
        raise ArgumentError(
            f"its input has a value that is no row of a table of {self.input_dim}",
            expected=f"integers from 0 to {self.input_dim - 1}",
            got=f"{given[place]} at place {place}",
            fix="make input_dim the largest index plus 1, or look at how the words "
            "were numbered",
        )
