"""What the base class does around a call: inputs, masks, penalties, errors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from wubu.core.configurable import registered
from wubu.errors import ArgumentError, DTypeError
from wubu.layers import LSTM, Add, Dense, Dropout, Embedding, Flatten, Layer


def test_nested_lists_of_numbers_are_one_input() -> None:
    assert Flatten()([[[1, 2], [3, 4]]]).tolist() == [[1, 2, 3, 4]]
    assert Dense(1, kernel_initializer="ones")([[1.0, 2]]).tolist() == [[3.0]]


def test_floats_come_in_the_dtype_of_the_layer() -> None:
    assert Dense(1, dtype="float64")(np.ones((1, 2), "float32")).dtype == np.float64
    assert Dense(1)(np.ones((1, 2), "float64")).dtype == np.float32
    assert Dense(1)(np.ones((1, 2), "uint8")).dtype == np.float32


@pytest.mark.parametrize(
    ("call", "fix"),
    [
        (lambda: Add()(np.ones((2, 3)), np.ones((2, 3))), "layer([a, b])"),
        (lambda: Dense(2)(), None),
        (lambda: Dense(2)(np.ones((2, 3)), mask=np.ones((2, 3))), None),
    ],
    ids=["two instead of a list", "none", "a mask it does not take"],
)
def test_a_call_with_other_arguments_is_explained(call: Any, fix: str | None) -> None:
    with pytest.raises(ArgumentError, match="other arguments than its call") as caught:
        call()
    assert caught.value.expected == "inputs"
    assert (caught.value.fix is None) if fix is None else fix in str(caught.value.fix)


def test_text_is_no_input() -> None:
    with pytest.raises(DTypeError, match='layer "words" \\(Dense\\)'):
        Dense(2, name="words")(np.array([["a", "b"]]))


class Chain(Layer):
    """Layers one after the other."""

    def __init__(self, *parts: Layer) -> None:
        super().__init__()
        self.parts = list(parts)

    def call(self, x: Any) -> Any:
        for part in self.parts:
            x = part(x)
        return x


def test_a_mask_passes_layers_that_keep_time() -> None:
    x = [[3, 4, 0, 0]]
    embedding = Embedding(9, 2, mask_zero=True)
    lstm = LSTM(3)
    wanted = lstm(embedding(wubu.tensor([[3, 4]]))).detach().numpy()
    between = [Dropout(0.5), Dense(2, kernel_initializer="identity")]
    found = Chain(embedding, *between, lstm)(x)
    np.testing.assert_allclose(found.detach().numpy(), wanted, 1e-5)


def test_a_mask_survives_a_change_of_dtype() -> None:
    embedding = Embedding(9, 2, mask_zero=True)
    lstm = LSTM(3, dtype="float64")
    found = Chain(embedding, lstm)([[3, 4, 0, 0]])
    short = Chain(embedding, lstm)([[3, 4]])
    np.testing.assert_allclose(found.detach().numpy(), short.detach().numpy(), 1e-6)


def test_penalties_of_every_output_are_losses() -> None:
    layer = LSTM(2, return_state=True, activity_regularizer="l2")
    outputs = layer(np.ones((1, 3, 2)))
    wanted = [0.01 * float((y * y).sum()) for y in outputs]
    assert [float(loss) for loss in layer.losses] == pytest.approx(wanted)
    layer = Dense(2, kernel_regularizer="l1", activity_regularizer="l2")
    layer(np.ones((1, 3)))
    assert len(layer.losses) == 2


def test_layers_are_found_by_their_registered_names() -> None:
    assert registered("layers>Dense") is Dense
    assert registered("layers>LSTM") is LSTM


def test_a_description_of_something_else_is_no_layer() -> None:
    from wubu.core import configurable
    from wubu.errors import FileFormatError

    description = configurable.serialize(wubu.regularizers.get("l2"))
    with pytest.raises(FileFormatError, match="describes no layer"):
        wubu.layers.deserialize(description)
