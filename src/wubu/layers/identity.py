"""`Identity`: what comes in goes out."""

from __future__ import annotations

from typing import Any

from wubu.layers.layer import Layer


class Identity(Layer):
    """y = x, a placeholder where a layer is expected.

    Args:
        options: name, dtype of every layer.

    Shapes:
        Any, also structures of tensors; the output has the input's.

    Example:
        >>> Identity()([[1.0, 2.0]]).tolist()
        [[1.0, 2.0]]
    """

    supports_masking = True

    def call(self, inputs: Any) -> Any:
        return inputs

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """That of the input; of a list of inputs the list."""
        return mask
