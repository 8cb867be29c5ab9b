"""The built-in networks: what `wubu train NAME` trains.

Each is a function of (input shape, classes) that returns a compiled model, and an entry
that says which data it is for and how long it is trained.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from wubu import layers, optimizers
from wubu.errors import UnknownNameError
from wubu.models.sequential import Sequential

Shape = tuple[int, ...]


class Network(NamedTuple):
    """A built-in network and how it is trained.

    Attributes:
        name: as on the command line.
        title: one line for people.
        dataset: the name of its data in `wubu.datasets`.
        input_shape: of one sample: (height, width, channels).
        pixel_range: the largest value of a pixel, which the network scales to 1.
        build: makes the compiled model.
        epochs: passes over the data, by default.
        batch_size: samples per step, by default.
    """

    name: str
    title: str
    dataset: str
    input_shape: Shape
    pixel_range: int
    build: Callable[[Network], Sequential]
    epochs: int
    batch_size: int


def _compiled(model: Sequential, optimizer: optimizers.Optimizer | str) -> Sequential:
    model.compile(
        optimizer=optimizer,
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
    )
    return model


def _start(network: Network) -> list:
    """Input, and pixels scaled to [0, 1]: raw images go in, also at prediction."""
    return [
        layers.Input(network.input_shape),
        layers.Rescaling(1.0 / network.pixel_range),
    ]


def mlp(network: Network) -> Sequential:
    """One hidden layer of 512 units: the first network of most courses."""
    model = Sequential(
        [
            *_start(network),
            layers.Flatten(),
            layers.Dense(512, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="mlp",
    )
    return _compiled(model, "rmsprop")


def lenet(network: Network) -> Sequential:
    """LeNet-5 (LeCun et al. 1998) with relu, maximum pooling and a softmax."""
    model = Sequential(
        [
            *_start(network),
            layers.Conv2D(6, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 5, activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="lenet",
    )
    return _compiled(model, optimizers.Adam(0.001))


def small_lenet(network: Network) -> Sequential:
    """LeNet for images of 8×8 pixels: the same layers, with windows that fit and more
    channels, so that it has about as many parameters."""
    model = Sequential(
        [
            *_start(network),
            layers.Conv2D(32, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(64, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(120, activation="relu"),
            layers.Dense(84, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ],
        name="lenet",
    )
    return _compiled(model, optimizers.Adam(0.001))


def cnn(network: Network) -> Sequential:
    """Two convolutions with 5×5 windows, a hidden layer, dropout."""
    model = Sequential(
        [
            *_start(network),
            layers.Conv2D(8, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Conv2D(16, 5, padding="same", activation="relu"),
            layers.MaxPooling2D(2),
            layers.Flatten(),
            layers.Dense(100, activation="relu"),
            layers.Dropout(0.25),
            layers.Dense(10, activation="softmax"),
        ],
        name="cnn",
    )
    return _compiled(model, optimizers.Adam())


_DIGITS: Shape = (8, 8, 1)
_MNIST: Shape = (28, 28, 1)

NETWORKS = {
    network.name: network
    for network in (
        Network(
            "digits-lenet",
            "LeNet on the 1,797 handwritten digits inside the package",
            "digits",
            _DIGITS,
            16,
            small_lenet,
            epochs=15,
            batch_size=32,
        ),
        Network(
            "mnist-mlp",
            "a multi-layer perceptron on MNIST",
            "mnist",
            _MNIST,
            255,
            mlp,
            epochs=5,
            batch_size=128,
        ),
        Network("mnist-lenet", "LeNet on MNIST", "mnist", _MNIST, 255, lenet, 5, 64),
        Network(
            "mnist-cnn",
            "a small convolutional network with dropout on MNIST",
            "mnist",
            _MNIST,
            255,
            cnn,
            epochs=10,
            batch_size=128,
        ),
    )
}


def find(name: str) -> Network:
    """The built-in network of this name.

    Raises:
        UnknownNameError: there is none; suggests the nearest.

    Example:
        >>> find("mnist-lenet").build(find("mnist-lenet")).count_params()
        61610
    """
    if name not in NETWORKS:
        raise UnknownNameError("built-in network", name, NETWORKS)
    return NETWORKS[name]
