"""Embedding: rows by index, masks of padding, errors that name the wrong index."""

from __future__ import annotations

import numpy as np
import pytest

import wubu
from wubu.errors import ArgumentError, ShapeError
from wubu.layers import LSTM, Embedding, Layer, deserialize, serialize

TABLE = np.arange(12.0).reshape(4, 3)


def test_rows_are_looked_up_whatever_the_type_of_the_index() -> None:
    layer = Embedding(4, 3, weights=TABLE)
    for dtype in ("int32", "int64", "uint8", "float32"):
        found = layer(np.array([[1, 3], [0, 1]], dtype))
        assert found.tolist() == TABLE[[[1, 3], [0, 1]]].tolist()


def test_rows_used_twice_get_both_gradients() -> None:
    layer = Embedding(4, 3)
    layer([[1, 1, 2]]).sum().backward()
    assert layer.embeddings.grad.tolist() == [[0] * 3, [2] * 3, [1] * 3, [0] * 3]


@pytest.mark.parametrize(
    ("indices", "got"),
    [
        ([[0, 1], [4, 9]], "4 at place (1, 0)"),
        ([[0, -1], [4, 9]], "-1 at place (0, 1)"),
        ([[0.0, 1.5]], "1.5 at place (0, 1)"),
        ([[0.0, float("nan")]], "nan at place (0, 1)"),
    ],
)
def test_the_first_wrong_index_is_named(indices: list, got: str) -> None:
    layer = Embedding(4, 3, name="words")
    with pytest.raises(ArgumentError) as caught:
        layer(indices)
    assert caught.value.got == got
    assert caught.value.expected == "integers from 0 to 3"
    assert caught.value.what.startswith('layer "words" (Embedding): ')


def test_a_wrong_index_is_no_row_from_the_end_when_compiled() -> None:
    layer = Embedding(4, 3)
    look_up = wubu.jit(lambda x: layer(x))
    assert look_up(np.array([[3]])).shape == (1, 1, 3)
    with pytest.raises(ArgumentError, match="outside the axis"):
        look_up(np.array([[-1]]))


def test_weights_are_the_first_table_and_stay_out_of_the_description() -> None:
    assert Embedding(4, 3, weights=[TABLE])([[2]]).tolist() == [[TABLE[2].tolist()]]
    description = serialize(Embedding(4, 3, weights=TABLE))
    assert description["config"]["weights"] is None
    assert deserialize(description)([[2]]).shape == (1, 1, 3)
    with pytest.raises(ShapeError, match="table to begin with") as caught:
        Embedding(3, 4, weights=TABLE)
    assert caught.value.got == "(4, 3)"


def test_index_0_is_masked_for_layers_that_follow() -> None:
    class Sentence(Layer):
        def __init__(self) -> None:
            super().__init__()
            self.embedding = Embedding(10, 3, mask_zero=True)
            self.lstm = LSTM(4)

        def call(self, x: wubu.Tensor) -> wubu.Tensor:
            return self.lstm(self.embedding(x))

    layer = Sentence()
    padded = layer([[3, 5, 0, 0]]).detach().numpy()
    np.testing.assert_allclose(padded, layer([[3, 5]]).detach().numpy(), 1e-6)
    assert not np.allclose(padded, layer([[3, 5, 1, 1]]).detach().numpy())


@pytest.mark.parametrize("arguments", [(0, 3), (4, -1), (4.5, 3), ("four", 3)])
def test_sizes_are_positive_integers(arguments: tuple) -> None:
    with pytest.raises(ArgumentError, match="is a positive integer"):
        Embedding(*arguments)
