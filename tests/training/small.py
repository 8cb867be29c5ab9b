"""What tests of training share: small data, and linear regression by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

import wubu
from wubu import Sequential, layers, optimizers

FEATURES = 3


def data(samples: int = 10, units: int = 1, seed: int = 0) -> tuple[Any, Any]:
    """Samples (samples, 3) and targets (samples, units), float32."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(samples, FEATURES)).astype("float32")
    y = random.normal(size=(samples, units)).astype("float32")
    return x, y


def labels(samples: int = 10, classes: int = 3, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, classes, samples)


def line(
    rate: float = 0.1, units: int = 1, loss: Any = "mse", seed: int = 0, **options: Any
) -> Sequential:
    """A compiled linear model with fixed first weights, trained by plain descent."""
    model = Sequential([layers.Input((FEATURES,)), layers.Dense(units, name="out")])
    random = np.random.default_rng(seed)
    model.set_weights([random.normal(size=w.shape) for w in model.weights])
    model.compile(optimizers.SGD(rate), loss, **options)
    return model


def deep(seed: int = 0, **options: Any) -> Sequential:
    """A compiled classifier with Dropout and BatchNormalization."""
    wubu.set_random_seed(seed)
    model = Sequential(
        [
            layers.Input((FEATURES,)),
            layers.Dense(8, activation="relu", name="hidden"),
            layers.BatchNormalization(name="normal"),
            layers.Dropout(0.5, name="drop"),
            layers.Dense(3, activation="softmax", name="head"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", **options)
    return model


def bits(model: Any) -> list[bytes]:
    """The weights, to the last bit."""
    return [weight.tobytes() for weight in model.get_weights()]


class Line:
    """Linear regression by gradient descent in float64: what `line` must do.

    loss = mean_n(weight_n * mean_u((x w + b - y)**2))
    """

    def __init__(self, model: Any, rate: float = 0.1) -> None:
        self.w, self.b = (a.astype("float64") for a in model.get_weights())
        self.rate = rate

    def losses(self, x: Any, y: Any) -> np.ndarray:
        return ((x @ self.w + self.b - y) ** 2).mean(axis=-1)

    def step(self, x: Any, y: Any, weight: Any = None) -> float:
        weight = np.ones(len(x)) if weight is None else weight
        error = x @ self.w + self.b - y
        loss = (weight * (error**2).mean(axis=-1)).mean()
        g = 2 * weight[:, None] * error / error.size
        self.w = self.w - self.rate * x.T @ g
        self.b = self.b - self.rate * g.sum(axis=0)
        return float(loss)

    def epoch(self, x: Any, y: Any, size: int, weight: Any = None) -> float:
        """One pass in the order of the data; the mean of the batches' losses, weighted
        by their sizes."""
        total = 0.0
        for start in range(0, len(x), size):
            rows = slice(start, start + size)
            part = None if weight is None else weight[rows]
            total += self.step(x[rows], y[rows], part) * len(x[rows])
        return total / len(x)

    def assert_like(self, model: Any) -> None:
        for found, wanted in zip(model.get_weights(), (self.w, self.b), strict=True):
            np.testing.assert_allclose(found, wanted, rtol=2e-5, atol=1e-6)
