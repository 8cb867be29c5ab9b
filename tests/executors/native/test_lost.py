"""A large computation that mixes samples says which operation does, and where."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import layers, ops, recipes
from wubu.executors.native.planning.lost import MUCH, lost_lanes, warn_of_lost_lanes

W = np.zeros((8, 8), np.float32)
X = wubu.zeros((20, 8))


def gram(x: Any) -> Any:
    return (x @ W) @ (x @ W).T


@pytest.mark.parametrize(
    ("function", "name", "why"),
    [
        (lambda x: ops.cumsum(x @ W, 0), "cumsum", "sample by sample"),
        (lambda x: ops.flip(x @ W, 0), "flip", "order"),
        (lambda x: (x @ W)[1:] * 2, "slice", "some of the samples"),
        (lambda x: ops.argmax(x @ W, 0), "argmax", "largest"),
        (lambda x: ops.reshape(x @ W, (5, 32)), "reshape", "splits the axis"),
        (lambda x: ops.take(x @ W, [3, 1], 0), "gather", "by number"),
        (lambda x: ops.concatenate([x @ W, x], 0) * 2, "concatenate", "behind"),
        (gram, "transpose", "every two samples"),
    ],
)
def test_the_operation_is_named(function: Any, name: str, why: str) -> None:
    lost = lost_lanes(wubu.trace(function, X))
    assert lost is not None
    assert lost.node.primitive.name in (name, "dot_general")
    assert why in lost.why
    assert lost.work >= 2 * 20 * 8 * 8


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x @ W,
        lambda x: ops.softmax(x @ W) - (x @ W).mean(0),
        lambda x: x.T @ x,
        lambda x: ops.max(x) - ops.cumsum(x, 1),
    ],
)
def test_what_keeps_samples_apart_loses_nothing(function: Any) -> None:
    assert lost_lanes(wubu.trace(function, X)) is None


def test_one_sample_has_nobody_to_be_mixed_with() -> None:
    assert lost_lanes(wubu.trace(lambda x: ops.cumsum(x @ W, 0), X[:1])) is None


def test_a_warning_names_layer_line_and_what_to_do() -> None:
    """At the line of the user that has it compiled, once for each program."""
    size = 512
    model = wubu.Sequential([layers.Input((1024,)), layers.Dense(1024, name="wide")])
    assert 2 * size * 1024 * 1024 > MUCH

    @wubu.jit
    def similar(x: Any) -> Any:
        with wubu.no_grad():
            y = model(x)
        return ops.flip(y, 0)

    x = np.ones((size, 1024), np.float32)
    with pytest.warns(UserWarning, match="flip mixes samples") as caught:
        similar(x)
    similar(x)  # a second warning would be an error
    text = str(caught[0].message)
    assert text.startswith("similar could be twice as fast")
    assert "test_lost.py:" in text
    assert "turns the order of samples around" in text
    assert 'executor="numpy"' in text
    assert caught[0].filename == __file__


def test_little_work_is_not_worth_a_warning() -> None:
    graph = wubu.trace(gram, X)
    assert lost_lanes(graph) is not None
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_lost_lanes(graph)


def test_a_function_without_weights_may_be_given_anything_but_samples() -> None:
    square = np.ones((1000, 1000), np.float32)
    graph = wubu.trace(lambda a: (a @ a).sum(), square)
    lost = lost_lanes(graph)
    assert lost is not None
    assert lost.work > MUCH
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_of_lost_lanes(graph)


@pytest.mark.parametrize("size", [2, 20])
def test_the_text_of_a_program_names_what_mixes_samples(size: int) -> None:
    model = wubu.Sequential([layers.Input((8,)), layers.Dense(8)])
    model.add(layers.Lambda(lambda x: ops.cumsum(x, 0), name="mixing"))
    step = wubu.jit(lambda x: model(x), executor="native")
    text = " ".join(step.program(np.ones((size, 8), np.float32)).text().split())
    assert "samples are not apart: cumsum adds up sample by sample # test_lo" in text
    assert "mixing" in text.partition("memory:")[0]


def test_the_text_of_other_programs_has_nothing_to_say() -> None:
    step = wubu.jit(lambda x: x @ W, executor="native")
    assert "samples are not apart" not in step.program(X).text()


@pytest.mark.parametrize("name", recipes.names())
def test_no_network_of_a_recipe_loses_its_lanes(name: str) -> None:
    model = recipes.load(name).model()
    x, y = wubu.zeros((3, *model.input_shape[1:])), wubu.zeros(3, dtype="int64")
    graph = wubu.trace(lambda x, y: model.train_step((x, y)), x, y)
    assert lost_lanes(graph) is None
