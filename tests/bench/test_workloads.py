"""The networks have the parameters and the work that formulas say."""

from __future__ import annotations

import json

import pytest

import wubu
from wubu.bench.workloads import WORKLOADS, build, find, operations, step_operations
from wubu.core.jit import trace
from wubu.errors import UnknownNameError


def dense(inputs: int, units: int) -> int:
    return inputs * units + units


def conv(window: int, channels: int, filters: int) -> int:
    return window * window * channels * filters + filters


LENET = (
    conv(3, 1, 6)
    + conv(5, 6, 16)
    + dense(5 * 5 * 16, 120)
    + dense(120, 84)
    + dense(84, 10)
)
ALEXNET = (
    sum(conv(3, n, m) for n, m in ((1, 16), (16, 32), (32, 64), (64, 128), (128, 256)))
    + dense(4 * 4 * 256, 4096)
    + dense(4096, 2048)
    + dense(2048, 1024)
    + dense(1024, 10)
)
PARAMETERS = {
    "mlp": dense(784, 512) + dense(512, 10),
    "lenet": LENET,
    "cnn": conv(5, 1, 8) + conv(5, 8, 16) + dense(7 * 7 * 16, 100) + dense(100, 10),
    "lstm": 4 * 128 * (28 + 128 + 1) + dense(128, 10),
    "alexnet": ALEXNET,
}


def test_formulas_are_those_of_the_plan() -> None:
    assert PARAMETERS["mlp"] == 407_050
    assert LENET == 61_610
    assert round(ALEXNET / 1e6, 1) == 27.7


@pytest.mark.parametrize("name", WORKLOADS)
def test_parameters(name: str) -> None:
    workload = find(name)
    model = build(workload.layers, workload.input_shape)
    assert model.count_params() == PARAMETERS[name]


@pytest.mark.parametrize("name", WORKLOADS)
def test_outputs_are_ten_logits(name: str) -> None:
    workload = find(name)
    model = build(workload.layers, workload.input_shape)
    graph = trace(lambda x: model(x), wubu.zeros((3, *workload.input_shape)))
    assert [value.shape for value in graph.outputs] == [(3, 10)]


@pytest.mark.parametrize("name", WORKLOADS)
def test_descriptions_survive_json(name: str) -> None:
    layers = find(name).layers
    assert json.loads(json.dumps(layers)) == layers


def test_operations_of_dense_layers() -> None:
    """Forward and the weights' gradients; the first layer's input needs none."""
    forward = 784 * 512 + 512 * 10
    assert step_operations(find("mlp"), "predict", 7) == 2 * 7 * forward
    backward = forward + 512 * 10
    assert step_operations(find("mlp"), "train", 128) == 2 * 128 * (forward + backward)


def test_operations_of_convolutions() -> None:
    """A window for every place of the output and every filter."""
    first = 28 * 28 * 8 * 5 * 5 * 1
    rest = 14 * 14 * 16 * 5 * 5 * 8 + 784 * 100 + 100 * 10
    assert step_operations(find("cnn"), "predict", 1) == 2 * (first + rest)
    assert step_operations(find("cnn"), "train", 3) == 2 * 3 * (2 * first + 3 * rest)


def test_operations_of_a_scan_count_every_step() -> None:
    """28 times: inputs and states times the four gates' weights; then the classes."""
    once = 28 * 4 * 128 * (28 + 128) + 128 * 10
    assert step_operations(find("lstm"), "predict", 5) == 2 * 5 * once


def test_only_contractions_count() -> None:
    graph = trace(lambda x: x.exp() * x + x.sum(), wubu.ones((8, 8)))
    assert operations(graph) == 0


def test_unknown_workload_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="lenet") as error:
        find("lennet")
    assert error.value.fix == 'did you mean "lenet"?'


def test_network_learns_from_logits() -> None:
    model = build([["flatten"], ["dense", 10, "linear"]], (4, 4, 1))
    x, y = wubu.ones((20, 4, 4, 1)).numpy(), [3] * 20
    before = model.evaluate(x, y, verbose=0)
    model.fit(x, y, epochs=5, verbose=0)
    assert model.evaluate(x, y, verbose=0) < before
