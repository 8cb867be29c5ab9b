"""Layers on words and categories in use: in datasets, in models, and where not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import Sequential, layers
from wubu.data import Dataset
from wubu.errors import DTypeError, TraceError
from wubu.layers import Hashing, Input, IntegerLookup, StringLookup, TextVectorization


def test_words_are_looked_up_in_a_dataset() -> None:
    vectorize = TextVectorization(output_sequence_length=2)
    vectorize.adapt(["red fish", "blue fish"])
    dataset = Dataset.from_tensor_slices((["Red fish!", "one red", ""], [1, 0, 0]))
    wanted = [[3, 2], [1, 3], [0, 0]]
    single = dataset.map(lambda text, y: (vectorize(text), y), num_parallel_calls=2)
    assert [x.tolist() for x, _ in single] == wanted
    batched = dataset.batch(2).map(lambda texts, y: (vectorize(texts), y))
    assert np.concatenate([x for x, _ in batched]).tolist() == wanted


def test_a_classifier_of_texts_learns(tmp_path: Path) -> None:
    for name, words in (("good", "fine sweet"), ("bad", "sour foul")):
        (tmp_path / name).mkdir()
        first, second = words.split()
        for i in range(12):
            text = f"This is number {i}: {first if i % 2 else second}, {'so ' * i}!"
            (tmp_path / name / f"{i}.txt").write_text(text)
    texts = wubu.utils.text_dataset_from_directory(
        tmp_path, batch_size=8, seed=1, verbose=False
    )
    vectorize = TextVectorization(max_tokens=50, output_sequence_length=12)
    vectorize.adapt(texts)
    numbers = texts.map(lambda x, y: (vectorize(x), y))
    model = Sequential(
        [
            layers.Embedding(vectorize.vocabulary_size(), 8, mask_zero=True),
            layers.GlobalAveragePooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )
    wubu.set_random_seed(1)
    model.compile(
        wubu.optimizers.Adam(0.1), "binary_crossentropy", metrics=["accuracy"]
    )
    model.fit(numbers, epochs=12, verbose=0)
    assert model.evaluate(numbers, verbose=0, return_dict=True)["accuracy"] == 1.0
    p = model.predict(vectorize(["it is sweet, so fine", "it is foul"]))
    assert p[0, 0] > 0.5 > p[1, 0]  # classes are bad and good, in this order


def test_integers_are_looked_up_inside_a_model_that_learns() -> None:
    codes = np.array([100, -7, 31] * 10)[:, None]
    y = (codes[:, 0] == 31).astype("float32")
    lookup = IntegerLookup()
    lookup.adapt(codes)
    model = Sequential(
        [
            Input((1,), dtype="int64"),
            lookup,
            layers.Embedding(4, 2),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    model.compile(wubu.optimizers.Adam(0.1), "mse")
    model.fit(codes, y, epochs=30, verbose=0)
    assert model.evaluate(codes, y, verbose=0) < 0.01


@pytest.mark.parametrize(
    "layer",
    [
        StringLookup(vocabulary=["a"]),
        TextVectorization(vocabulary=["a"]),
    ],
    ids=["StringLookup", "TextVectorization"],
)
def test_strings_are_no_part_of_a_model(layer: Any) -> None:
    with pytest.raises(TraceError) as caught:
        layer(Input((1,)))
    assert layer.name in caught.value.what
    assert "dataset.map(layer)" in str(caught.value.fix)
    with pytest.raises(TraceError, match="compiled code"):
        wubu.jit(lambda x: layer(x))(np.ones(2))
    with pytest.raises(TraceError, match="compiled code"):
        wubu.jit(lambda x: layer(["a"]) + x)(np.ones(1))


def test_an_input_of_strings_says_where_they_go() -> None:
    with pytest.raises(DTypeError, match="no input of a model") as caught:
        Input((1,), dtype="string")
    assert "TextVectorization" in str(caught.value.fix)


def test_hashing_strings_is_no_part_of_compiled_code() -> None:
    with pytest.raises(TraceError, match="compiled code"):
        wubu.jit(lambda x: Hashing(3)(["a"]) + x)(np.ones(1))
