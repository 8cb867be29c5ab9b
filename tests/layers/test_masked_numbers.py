"""Attention, and layers whose inputs have masks: numbers and masks of Keras."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from layers.harness import Result, assert_results_close, names_of, run
from reference.load import Case, cases
from wubu.core import tree
from wubu.core.masks import mask_of
from wubu.layers import LSTM, Dense, Embedding, Input, Layer
from wubu.layers.masks import masked

CASES = cases("masked")


class WithMasks(Layer):
    """A layer called on inputs that have masks, as layers before would give them."""

    def __init__(self, inner: Layer, case: Case) -> None:
        super().__init__(dtype=inner.dtype)
        self.inner = inner
        self.masks = [case.masks.get(key) for key in case.inputs]

    def call(self, *inputs: Any, training: bool = False, **keywords: Any) -> Any:
        given = [masked(x, mask) for x, mask in zip(inputs, self.masks, strict=True)]
        return self.inner(given if len(given) > 1 else given[0], **keywords)


def prepared(case: Case, dtype: str) -> tuple[Layer, list[Any]]:
    """The layer with the case's weights, and its inputs."""
    layer = getattr(wubu.layers, case.name)(**case.arguments, dtype=dtype)
    inputs = [x.astype(dtype) for x in case.inputs.values()]
    shapes = [x.shape for x in inputs]
    layer.ensure_built((shapes if len(shapes) > 1 else shapes[0],))
    assert [f"{i}_{v.name}" for i, v in enumerate(layer.weights)] == list(case.weights)
    layer.set_weights(list(case.weights.values()))
    return WithMasks(layer, case), inputs


@pytest.mark.parametrize(
    ("dtype", "tolerance", "transform"),
    [("float64", 1e-11, lambda function: function), ("float32", 3e-5, wubu.jit)],
    ids=["eager", "jit"],
)
@pytest.mark.parametrize("case", CASES, ids=str)
def test_numbers_are_those_of_keras_and_pytorch(
    case: Case, dtype: str, tolerance: float, transform: Any
) -> None:
    layer, inputs = prepared(case, dtype)
    found = run(
        layer,
        *inputs,
        cotangents=list(case.cotangents.values()),
        transform=transform,
        **case.call,
    )
    paths = names_of(layer)
    names = [
        paths[id(v)]
        for v, key in zip(layer.weights, case.weights, strict=True)
        if key in case.weight_gradients
    ]
    wanted = Result(
        list(case.outputs.values()),
        list(case.input_gradients.values()),
        dict(zip(names, case.weight_gradients.values(), strict=True)),
        {},
    )
    assert_results_close(found, wanted, tolerance)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_masks_are_those_of_keras(case: Case) -> None:
    layer, inputs = prepared(case, "float32")
    outputs = tree.flatten(layer(*inputs, **case.call))[0]
    masks = [mask_of(y) for y in outputs]
    wanted = case.masks.get("output")
    assert (masks[0] is None) == (wanted is None)
    if wanted is not None and masks[0] is not None:
        np.testing.assert_array_equal(masks[0].numpy(), wanted)
    assert masks[1:] == [None] * (len(outputs) - 1)


@pytest.mark.parametrize("case", cases("masked_model"), ids=str)
def test_a_model_learns_as_in_keras(case: Case) -> None:
    model = wubu.Sequential(
        [
            Input((4,), dtype="int64"),
            Embedding(9, 3, mask_zero=True, dtype="float64"),
            LSTM(3, return_sequences=True, dtype="float64"),
            Dense(2, activation="softmax", dtype="float64"),
        ]
    )
    model.set_weights(list(case.weights.values()))
    model.compile("sgd", case.arguments["loss"], metrics=case.arguments["metrics"])
    x, y = case.inputs.values()
    found = model.fit(x, y, batch_size=2, epochs=3, shuffle=False, verbose=0).history
    assert found.keys() == case.outputs.keys()
    for name, wanted in case.outputs.items():
        np.testing.assert_allclose(found[name], wanted, 1e-6, err_msg=name)


def test_the_cases_have_masks() -> None:
    assert sum(bool(case.masks) for case in CASES) >= 15
