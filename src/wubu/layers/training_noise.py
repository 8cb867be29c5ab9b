"""`TrainingNoise`: what layers have in common that disturb their input in training."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.layers.layer import Layer
from wubu.ops.random import SeedGenerator


class TrainingNoise(Layer):
    """The input itself, but while training `disturb(inputs)`, which a subclass defines.

    Args:
        strength: how much it disturbs; nothing at 0.
        seed: an integer, for noise that does not depend on `set_random_seed`.
        options: name, dtype of every layer.
    """

    supports_masking = True

    def __init__(self, strength: float, seed: int | None, **options: Any) -> None:
        super().__init__(**options)
        self.seed = seed
        self._disturbs = strength > 0
        if self._disturbs:
            self.seed_generator = SeedGenerator(seed)

    def disturb(self, inputs: Tensor) -> Tensor:
        """What comes out while training."""
        raise NotImplementedError

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        return self.disturb(inputs) if training and self._disturbs else inputs
