"""What a sample of a layer is: class name, arguments, and shapes of inputs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

import wubu
from wubu.layers import Layer

IMAGE = (2, 7, 6, 2)  # (batch, height, width, channels)
SEQUENCE = (3, 5, 4)  # (batch, time, features)


@dataclass(frozen=True)
class Sample:
    """A layer and inputs for it."""

    name: str
    shapes: tuple[tuple[int, ...], ...]
    arguments: dict[str, Any] = field(default_factory=dict)
    integers: int | None = None  # inputs are integers below this number
    label: str = ""

    def __str__(self) -> str:
        return f"{self.name}-{self.label}" if self.label else self.name

    @property
    def takes_list(self) -> bool:
        return len(self.shapes) > 1

    def make(self, **options: Any) -> Layer:
        dtype = {"dtype": options["dtype"]} if "dtype" in options else {}
        made = {k: _made(part, dtype) for k, part in self.arguments.items()}
        return getattr(wubu.layers, self.name)(**{**made, **options})

    def inputs(self, dtype: str = "float64", seed: int = 0) -> Any:
        """Arrays for the layer: one, or a list."""
        random = np.random.default_rng(seed)
        if self.integers is not None:
            arrays = [random.integers(0, self.integers, s) for s in self.shapes]
        else:
            arrays = [_spread(random, s).astype(dtype) for s in self.shapes]
        return arrays if self.takes_list else arrays[0]

    def symbols(self, shapes: Any = None) -> Any:
        """Symbols of these shapes; the batch's length is open by default."""
        shapes = shapes or [(None, *shape[1:]) for shape in self.shapes]
        dtype = "float32" if self.integers is None else "int64"
        made = [wubu.layers.Input(batch_shape=s, dtype=dtype) for s in shapes]
        return made if self.takes_list else made[0]


def _made(argument: Any, options: dict[str, Any]) -> Any:
    """An argument; one that is a sample stands for a layer made anew each time."""
    if isinstance(argument, Sample):
        return argument.make(**options)
    if isinstance(argument, list):
        return [_made(part, options) for part in argument]
    return argument


def _spread(random: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Values of which no two are closer than 0.01, none close to 0: finite differences
    meet no kink of relu or of a maximum."""
    size = int(np.prod(shape))
    ladder = 0.02 * (np.arange(size) - size // 2) + 0.01
    return random.permutation(ladder).reshape(shape)


def sample(
    name: str,
    *shapes: tuple[int, ...],
    integers: int | None = None,
    label: str = "",
    **arguments: Any,
) -> Sample:
    return Sample(name, shapes, arguments, integers, label)
