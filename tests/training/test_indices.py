"""Words an Embedding has no row for are found before a weight has changed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from training.small import bits
from wubu import Model, Sequential, layers, optimizers
from wubu.errors import ArgumentError, DataError

WORDS = np.random.default_rng(0).integers(0, 10, (40, 3))
Y = np.ones((40, 1), "float32")


def reader(dtype: str = "int64", **options: Any) -> Sequential:
    model = Sequential(
        [
            layers.Input((3,), dtype=dtype),
            layers.Embedding(10, 2, name="words"),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    model.compile(optimizers.SGD(0.1), "mse", **options)
    return model


def spoiled(value: Any, dtype: str = "int64") -> np.ndarray:
    words = WORDS.astype(dtype)
    words[29, 1] = value
    return words


@pytest.mark.parametrize("eagerly", [False, True])
@pytest.mark.parametrize("dtype", ["int64", "int32", "uint8", "float32"])
@pytest.mark.parametrize("method", ["fit", "evaluate", "train_on_batch"])
def test_a_word_without_a_row_is_named(method: str, dtype: str, eagerly: bool) -> None:
    model = reader(run_eagerly=eagerly)
    model.fit(WORDS.astype(dtype), Y, verbose=0)
    before = bits(model)
    options = {} if method == "train_on_batch" else {"batch_size": 4, "verbose": 0}
    with pytest.raises(DataError, match="no row in a table of 10") as caught:
        getattr(model, method)(spoiled(12, dtype), Y, **options)
    text = str(caught.value)
    assert 'x, sample 29, for layer "' in text and 'words"' in text
    assert "12" in text and "place (29, 1)" in text and "13 long" in text
    assert bits(model) == before


def test_negative_words_are_told_to_count_from_0() -> None:
    with pytest.raises(DataError, match="number the words from 0"):
        reader().fit(spoiled(-1), Y, verbose=0)


def test_validation_data_are_looked_at_before_training() -> None:
    model = reader()
    before = bits(model)
    with pytest.raises(DataError, match="sample 29"):
        model.fit(WORDS, Y, validation_data=(spoiled(10), Y), verbose=0)
    assert bits(model) == before


def test_batches_of_a_stream_are_looked_at_before_their_step() -> None:
    model = reader()
    batches = iter([(WORDS, Y), (spoiled(10), Y)])
    with pytest.raises(DataError, match="batch 1 of epoch 0, x, sample 29"):
        model.fit(batches, verbose=0)
    assert model.optimizer.iterations.item() == 1


class Shifted(Model):
    """Looks up a slice of its input, shifted, beside numbers that are no words."""

    def __init__(self) -> None:
        super().__init__()
        self.table = layers.Embedding(10, 2)
        self.head = layers.Dense(1)

    def call(self, x: Any) -> Any:
        words = self.table(x["words"][:, :2] - 100)
        return self.head(words.reshape((-1, 4))) + x["words"][:, 2:]


def test_what_is_looked_up_counts_not_what_comes_in() -> None:
    model = Shifted()
    model.compile("sgd", "mse")
    words = np.concatenate([WORDS[:, :2] + 100, WORDS[:, 2:] + 5000], axis=1)
    model.fit({"words": words}, Y, verbose=0)
    words[7, 0] = 110
    with pytest.raises(DataError, match=r'x\["words"\], sample 7') as caught:
        model.fit({"words": words}, Y, verbose=0)
    assert "10 at place (7, 0)" in str(caught.value)


def test_an_index_made_by_a_network_is_found_in_its_step_which_is_named() -> None:
    class Chooser(Model):
        def __init__(self) -> None:
            super().__init__()
            self.table = layers.Embedding(2, 1)
            self.choice = layers.Dense(1, kernel_initializer="ones")

        def call(self, x: Any) -> Any:
            choice = self.choice(x)
            return self.table(choice.astype("int32"))[:, 0] + choice

    model = Chooser()
    model.compile("sgd", "mse")
    x = np.zeros((4, 1), "float32")
    x[2] = 5
    with pytest.raises(ArgumentError, match="step 1 of the epoch, with samples 2, 3"):
        model.fit(x, Y[:4], 2, shuffle=False, verbose=0)


def test_a_step_of_ones_own_may_shift_words_before_it_looks_them_up() -> None:
    class Own(Sequential):
        def train_step(self, data: Any) -> Any:
            x, y = data
            return super().train_step((x - 100, y))

    model = Own([layers.Embedding(10, 2), layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(WORDS + 100, Y, verbose=0)


def test_images_of_whole_numbers_are_no_words() -> None:
    images = np.full((4, 2, 2), 255, np.uint8)
    model = Sequential([layers.Flatten(), layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(images, Y[:4], verbose=0)
