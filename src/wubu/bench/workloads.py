"""The networks of the benchmark, described once for every framework.

A layer is a list of its kind and what belongs to it, so that it can be sent as JSON:

    ["conv", filters, window, padding]    a square window, stride 1, relu
    ["pool", padding]                     the maximum of 2×2; "same" rounds sizes up
    ["flatten"]
    ["dense", units, activation]          "relu" or "linear"
    ["dropout", rate]                     while training
    ["lstm", units]                       the last output
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from wubu import layers as wubu_layers
from wubu.core.graph import Graph, Node
from wubu.core.jit import trace
from wubu.errors import ArgumentError, UnknownNameError
from wubu.losses import SparseCategoricalCrossentropy
from wubu.models import Sequential
from wubu.training.feeds import make_feed
from wubu.training.readiness import make_ready

Layers = list[list[Any]]


class Workload(NamedTuple):
    """A network and how it is trained.

    Attributes:
        name: as on the command line.
        title: for people.
        input_shape: of one sample: (height, width, channels) or (time, features).
        batch: samples in a training step.
        layers: as this module's docstring says.
    """

    name: str
    title: str
    input_shape: tuple[int, ...]
    batch: int
    layers: Layers


def _dense(*units: int, dropout: float = 0.0) -> Layers:
    found: Layers = []
    for n in units:
        found.append(["dense", n, "relu"])
        found += [["dropout", dropout]] if dropout else []
    return [*found, ["dense", 10, "linear"]]


def _same(*filters: int, window: int) -> Layers:
    return [["conv", n, window, "same"] for n in filters]


_IMAGE = (28, 28, 1)

WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("mlp", "MLP 784-512-10", _IMAGE, 128, [["flatten"], *_dense(512)]),
        Workload(
            "lenet",
            "LeNet",
            _IMAGE,
            64,
            [
                *_same(6, window=3),
                ["pool", "valid"],
                ["conv", 16, 5, "valid"],
                ["pool", "valid"],
                ["flatten"],
                *_dense(120, 84),
            ],
        ),
        Workload(
            "cnn",
            "CNN 8-16, windows 5×5",
            _IMAGE,
            128,
            [
                *_same(8, window=5),
                ["pool", "valid"],
                *_same(16, window=5),
                ["pool", "valid"],
                ["flatten"],
                *_dense(100, dropout=0.25),
            ],
        ),
        Workload(
            "lstm", "LSTM 128 over 28 rows", (28, 28), 128, [["lstm", 128], *_dense()]
        ),
        Workload(
            "alexnet",
            "AlexNet for 28×28",
            _IMAGE,
            128,
            [
                *_same(16, window=3),
                ["pool", "same"],
                *_same(32, window=3),
                ["pool", "same"],
                *_same(64, 128, 256, window=3),
                ["pool", "same"],
                ["flatten"],
                *_dense(4096, 2048, 1024, dropout=0.4),
            ],
        ),
    )
}


def find(name: str) -> Workload:
    """The workload of this name.

    Raises:
        UnknownNameError: there is none; suggests the nearest.

    Example:
        >>> find("lenet").batch
        64
    """
    if name not in WORKLOADS:
        raise UnknownNameError("workload", name, WORKLOADS)
    return WORKLOADS[name]


def build(described: Iterable[list[Any]], input_shape: tuple[int, ...]) -> Sequential:
    """The network in Wubu, compiled with Adam and a loss on logits.

    Example:
        >>> lenet = find("lenet")
        >>> build(lenet.layers, lenet.input_shape).count_params()
        61610
    """
    model = Sequential([wubu_layers.Input(tuple(input_shape))])
    for layer in described:
        model.add(_layer(*layer))
    model.compile("adam", SparseCategoricalCrossentropy(from_logits=True))
    return model


def _layer(kind: str, *rest: Any) -> Any:
    if kind == "conv":
        filters, window, padding = rest
        return wubu_layers.Conv2D(filters, window, padding=padding, activation="relu")
    if kind == "pool":
        return wubu_layers.MaxPooling2D(2, padding=rest[0])
    if kind == "flatten":
        return wubu_layers.Flatten()
    if kind == "dense":
        return wubu_layers.Dense(rest[0], activation=rest[1])
    if kind == "dropout":
        return wubu_layers.Dropout(rest[0])
    if kind == "lstm":
        return wubu_layers.LSTM(rest[0])
    raise ArgumentError("no layer of this kind", got=kind)


def step_operations(workload: Workload, task: str, batch: int) -> int:
    """How many multiplications and additions one step needs, in its contractions.

    Counted once, in Wubu's graph of the step, and taken for every framework: one that
    computes more, as by transforms, is not faster for it.
    """
    model = build(workload.layers, workload.input_shape)
    x = np.zeros((batch, *workload.input_shape), np.float32)
    if task == "predict":
        return operations(trace(lambda x: model(x, training=False), x))
    y = np.zeros(batch, np.int32)
    make_ready(model, make_feed(x, y, batch_size=batch), "train")
    return operations(trace(lambda x, y: model.train_step((x, y, None)), x, y))


def operations(graph: Graph) -> int:
    """Multiplications and additions in the contractions of one run.

    Example:
        >>> import wubu
        >>> a, b = wubu.ones((2, 3)), wubu.ones((3, 4))
        >>> operations(wubu.trace(wubu.ops.matmul, a, b))
        48
    """
    return sum(_of_node(node) for node in graph.nodes)


def _of_node(node: Node) -> int:
    name = node.primitive.name
    if name == "scan":
        return node.params["length"] * operations(node.params["body"])
    if name == "dot_general":
        (axes, _), first = node.params["contract"], node.inputs[0]
        sums = math.prod(first.shape[axis] for axis in axes)
        return 2 * math.prod(node.outputs[0].shape) * sums
    # A convolution's three forms do the same products: for every place of its output
    # and every filter, all of a window. Kernels are (*window, channels, filters).
    if name == "conv":
        output, kernel = node.outputs[0], node.inputs[1]
    elif name == "conv_input":
        output, kernel = node.inputs
    elif name == "conv_kernel":
        output, kernel = node.inputs[1], node.outputs[0]
    else:
        return 0
    return 2 * math.prod(output.shape) * math.prod(kernel.shape[:-1])
