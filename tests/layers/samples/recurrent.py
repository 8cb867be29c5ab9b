"""Recurrent layers, their cells, and loops around cells."""

from __future__ import annotations

from layers.samples.sample import SEQUENCE, sample

ROW = (3, 4)  # (batch, features), one step
SHORT = (2, 3, 2)

SAMPLES = [
    sample("SimpleRNN", SEQUENCE, units=3),
    sample(
        "SimpleRNN",
        SHORT,
        units=3,
        activation="relu",
        dropout=0.4,
        recurrent_dropout=0.3,
        return_sequences=True,
        return_state=True,
        label="dropout",
    ),
    sample("GRU", SEQUENCE, units=3),
    sample(
        "GRU",
        SHORT,
        units=3,
        reset_after=False,
        recurrent_dropout=0.3,
        return_sequences=True,
        go_backwards=True,
        label="reset_before",
    ),
    sample("SimpleRNNCell", ROW, units=3),
    sample("GRUCell", ROW, units=3, use_bias=False),
    sample("LSTMCell", ROW, units=3, dropout=0.4),
    sample("StackedRNNCells", ROW, cells=[sample("GRUCell", units=3)]),
    sample("RNN", SEQUENCE, cell=sample("LSTMCell", units=3)),
    sample(
        "RNN",
        SHORT,
        cell=[
            sample("GRUCell", units=3, dropout=0.3),
            sample("LSTMCell", units=2, recurrent_dropout=0.3),
        ],
        return_sequences=True,
        return_state=True,
        label="stacked",
    ),
    sample("Bidirectional", SHORT, layer=sample("LSTM", units=3)),
    sample(
        "Bidirectional",
        SHORT,
        layer=sample("GRU", units=3, return_sequences=True, return_state=True),
        merge_mode="mul",
        label="sequences",
    ),
]
