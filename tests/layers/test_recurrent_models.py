"""Recurrent layers in models: trained, drawn with states, saved and cloned."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import wubu
from wubu.layers import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    Dense,
    Embedding,
    GRUCell,
    Input,
    LSTMCell,
)

WORDS, LENGTH = 12, 9
PADDING, START = 0, 1


def texts(number: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Words padded with zeros behind; 1 where the first and the last are the same."""
    random = np.random.default_rng(seed)
    x = random.integers(2, 5, (number, LENGTH))
    lengths = random.integers(2, LENGTH + 1, number)
    x[np.arange(LENGTH) >= lengths[:, None]] = PADDING
    return x, (x[:, 0] == x[np.arange(number), lengths - 1]).astype("float32")


def test_a_classifier_of_padded_texts_learns() -> None:
    wubu.set_random_seed(1)
    model = wubu.Sequential(
        [
            Input((None,), dtype="int32"),
            Embedding(WORDS, 8, mask_zero=True),
            Bidirectional(LSTM(12)),
            Dense(1, activation="sigmoid"),
        ]
    )
    model.compile(
        wubu.optimizers.Adam(0.02), "binary_crossentropy", metrics=["accuracy"]
    )
    x, y = texts(600, 0)
    history = model.fit(x, y, epochs=30, batch_size=50, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0] / 10
    new, wanted = texts(200, 1)
    assert np.mean((model.predict(new)[:, 0] > 0.5) == wanted) > 0.9
    # More padding changes nothing.
    longer = np.pad(new, ((0, 0), (0, 4)))
    np.testing.assert_allclose(model.predict(longer), model.predict(new), 1e-5)


def encoder_decoder(units: int = 24) -> tuple[Any, ...]:
    """A model that is told the right word before; and its layers, to write with."""
    source, before = Input((None,), dtype="int32"), Input((None,), dtype="int32")
    embedding = Embedding(WORDS, 12)
    _, *state = LSTM(units, return_state=True)(embedding(source))
    decoder = LSTM(units, return_sequences=True, return_state=True)
    y, *_ = decoder(embedding(before), initial_state=state)
    head = Dense(WORDS)
    model = wubu.Model([source, before], head(y))
    return model, wubu.Model(source, state), embedding, decoder, head


def test_a_sequence_is_turned_around_by_encoder_and_decoder() -> None:
    wubu.set_random_seed(2)
    model, encoder, embedding, decoder, head = encoder_decoder()
    random = np.random.default_rng(0)
    x = random.integers(2, 6, (512, 4))
    y = x[:, ::-1]
    before = np.concatenate([np.full((len(x), 1), START), y[:, :-1]], axis=1)
    loss = wubu.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(wubu.optimizers.Adam(0.02), loss, metrics=["accuracy"])
    model.fit([x, before], y, epochs=20, batch_size=64, verbose=0)
    assert model.evaluate([x, before], y, verbose=0)[1] > 0.95
    # Written word by word, the states given back at each step.
    states = [wubu.tensor(s) for s in encoder.predict(x[:50])]
    word, written = np.full((50, 1), START), []
    for _ in range(4):
        output, *states = decoder(embedding(word), initial_state=states)
        word = head(output).numpy().argmax(-1)
        written.append(word)
    assert np.mean(np.concatenate(written, axis=1) == y[:50]) > 0.9


def mixed() -> wubu.Model:
    model = wubu.Sequential(
        [
            Input((5, 4)),
            Bidirectional(RNN([GRUCell(3), LSTMCell(2)], return_sequences=True)),
            GRU(3, return_sequences=True, dropout=0.1, name="gates"),
            RNN(LSTMCell(2)),
        ]
    )
    model.compile("adam", "mse")
    return model


def test_a_model_file_holds_loops_cells_and_directions(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(8, 5, 4)).astype("float32")
    model = mixed()
    model.fit(x, x[:, 0, :2], epochs=1, verbose=0)
    model.save(tmp_path / "model.wubu")
    loaded = wubu.models.load_model(tmp_path / "model.wubu")
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))
    paths = [v.path for v in loaded.weights]
    assert paths == [v.path for v in model.weights]
    assert {
        "bidirectional/forward_layer/cell/cells/1/recurrent_kernel",
        "bidirectional/backward_layer/cell/cells/0/kernel",
        "gates/bias",
        "rnn/cell/kernel",
    } <= set(paths)
    loaded.fit(x, x[:, 0, :2], epochs=1, verbose=0)


def test_a_clone_has_cells_of_its_own() -> None:
    model = mixed()
    clone = wubu.models.clone_model(model)
    assert not {id(v) for v in clone.weights} & {id(v) for v in model.weights}
    clone.set_weights(model.get_weights())
    x = np.ones((2, 5, 4), "float32")
    np.testing.assert_array_equal(clone(x).numpy(), model(x).numpy())


def test_a_frozen_loop_is_not_trained() -> None:
    model = mixed()
    model.layers[0].trainable = False
    x = np.ones((4, 5, 4), "float32")
    before = [w.copy() for w in model.layers[0].get_weights()]
    others = [w.copy() for w in model.layers[2].get_weights()]
    model.compile("sgd", "mse")
    model.fit(x, np.ones((4, 2), "float32"), epochs=1, verbose=0)
    for a, b in zip(before, model.layers[0].get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    pairs = zip(others, model.layers[2].get_weights(), strict=True)
    assert all((a != b).any() for a, b in pairs)
