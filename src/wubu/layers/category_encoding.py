"""`CategoryEncoding`: numbers of categories as ones and zeros, or as counts."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError
from wubu.layers.arguments import positive_integer
from wubu.layers.encoding import dense_only, encode, output_mode
from wubu.layers.layer import Layer


class CategoryEncoding(Layer):
    """Integers in [0, num_tokens) as arrays of that length. Others count nowhere.

    Args:
        num_tokens: how many categories there are.
        output_mode: "one_hot", a 1 for each integer; "multi_hot", a 1 for each category
            among the integers of a sample; "count", how often it is among them.
        sparse: only False: Wubu has no sparse tensors.
        options: name, dtype of every layer.

    Shapes:
        integers (..., places) -> (..., num_tokens); "one_hot" (..., places,
        num_tokens), where places of 1 are left out.

    Raises:
        ArgumentError: num_tokens is not above 0; an unknown mode; `count_weights` where
            nothing is counted.

    Example:
        >>> CategoryEncoding(4, output_mode="count")([[1, 3, 1]]).tolist()
        [[0.0, 2.0, 0.0, 1.0]]
    """

    def __init__(
        self,
        num_tokens: int | None = None,
        output_mode: str = "multi_hot",
        sparse: bool = False,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        if num_tokens is None:
            raise ArgumentError(
                "num_tokens says how many categories there are",
                fix="use IntegerLookup where that is not known beforehand",
            )
        dense_only(sparse=sparse)
        self.num_tokens = positive_integer("num_tokens", num_tokens)
        self.output_mode = _mode(output_mode)

    def call(self, inputs: Tensor, count_weights: Any = None) -> Tensor:
        """`count_weights`: what each integer counts, with the mode "count"."""
        if count_weights is not None:
            if self.output_mode != "count":
                raise ArgumentError(
                    "count_weights are for counting",
                    expected='output_mode="count"',
                    got=f'output_mode="{self.output_mode}"',
                )
            count_weights = as_tensor(count_weights)
        return encode(
            inputs.astype("int64"),
            self.output_mode,
            self.num_tokens,
            self.dtype,
            count_weights=count_weights,
        )


def _mode(value: str) -> str:
    return output_mode(value, ("one_hot", "multi_hot", "count"))
