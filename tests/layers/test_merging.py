"""Add and Concatenate: broadcasting, masks, and inputs that do not fit."""

from __future__ import annotations

import numpy as np
import pytest

import wubu
from wubu.errors import ArgumentError, ShapeError
from wubu.layers import Add, Concatenate, Embedding, Input, Layer


def test_inputs_with_fewer_axes_stay_with_their_samples() -> None:
    x, y = np.arange(24.0).reshape(2, 3, 4), np.arange(8.0).reshape(2, 4)
    found = Add()([x, y]).numpy()
    np.testing.assert_array_equal(found, x + y[:, None, :])


def test_one_input_in_a_list_is_itself() -> None:
    assert Add()([np.ones((2, 2))]).tolist() == [[1.0, 1.0], [1.0, 1.0]]


@pytest.mark.parametrize("symbolic", [False, True])
def test_inputs_that_do_not_fit_are_shown(symbolic: bool) -> None:
    shapes = [(2, 3), (2, 4)]
    given = [Input(batch_shape=s) if symbolic else np.ones(s) for s in shapes]
    with pytest.raises(ShapeError) as caught:
        Add(name="join")(given)
    assert caught.value.got == "(2, 3) and (2, 4)"
    assert caught.value.what.startswith('layer "join" (Add) cannot take this input')
    with pytest.raises(ShapeError, match="agree in all others"):
        Concatenate(axis=0)(given)


@pytest.mark.parametrize("layer", [Add(), Concatenate()])
@pytest.mark.parametrize("given", [np.ones((2, 3)), []], ids=["one", "none"])
def test_a_single_input_is_refused(layer: Layer, given: object) -> None:
    with pytest.raises(ArgumentError) as caught:
        layer(given)
    assert caught.value.expected == "a list of tensors"


class Masked(Layer):
    """Two embeddings joined; keeps the mask of the result."""

    def __init__(self, join: Layer, *mask_zero: bool) -> None:
        super().__init__()
        self.parts = [Embedding(9, 2, mask_zero=mask) for mask in mask_zero]
        self.join = join
        self.last = Probe()

    def call(self, x: wubu.Tensor) -> wubu.Tensor:
        return self.last(self.join([part(x) for part in self.parts]))


class Probe(Layer):
    def call(self, x: wubu.Tensor, mask: wubu.Tensor | None = None) -> wubu.Tensor:
        self.seen = None if mask is None else mask.tolist()
        return x


@pytest.mark.parametrize(
    ("join", "mask_zero", "seen"),
    [
        (Add(), (True, True), [[True, False]]),
        (Add(), (True, False), None),
        (Add(), (False, False), None),
        (Concatenate(), (True, True), [[True, False]]),
        (Concatenate(), (False, True), [[True, True]]),
        (Concatenate(axis=1), (True, False), [[True, False, True, True]]),
        (Concatenate(), (False, False), None),
    ],
)
def test_masks_of_several_inputs(join: Layer, mask_zero: tuple, seen: object) -> None:
    layer = Masked(join, *mask_zero)
    layer([[5, 0]])
    assert layer.last.seen == seen
