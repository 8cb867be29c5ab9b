"""The layers that were there first."""

from __future__ import annotations

from layers.samples.sample import IMAGE, SEQUENCE, sample

SAMPLES = [
    sample("Activation", (4, 6), activation="tanh"),
    sample("Add", SEQUENCE, (3, 1, 4)),
    sample("AveragePooling2D", IMAGE, pool_size=(3, 2)),
    sample("AveragePooling2D", IMAGE, padding="same", strides=3, label="same"),
    sample("BatchNormalization", (4, 6)),
    sample("BatchNormalization", (2, 2, 3, 4), axis=1, label="channels_first"),
    sample("Concatenate", SEQUENCE, (3, 2, 4), axis=1),
    sample("Conv2D", IMAGE, filters=3, kernel_size=3, activation="relu"),
    sample(
        "Conv2D",
        IMAGE,
        filters=4,
        kernel_size=(3, 2),
        strides=2,
        padding="same",
        groups=2,
        label="groups",
    ),
    sample(
        "Conv2D",
        (2, 3, 7, 6),
        filters=2,
        kernel_size=2,
        dilation_rate=2,
        data_format="channels_first",
        label="channels_first",
    ),
    sample("Dense", (4, 6), units=5, activation="softmax"),
    sample("Dense", SEQUENCE, units=5, label="rank_3"),
    sample("Dropout", (4, 6), rate=0.5, seed=3),
    sample("Embedding", (2, 4), input_dim=7, output_dim=3, integers=7),
    sample("Flatten", IMAGE),
    sample("GlobalAveragePooling2D", IMAGE),
    sample("GlobalAveragePooling2D", IMAGE, keepdims=True, label="keepdims"),
    sample("LayerNormalization", (4, 6)),
    sample("LayerNormalization", IMAGE, axis=(2, 3), label="two_axes"),
    sample("LSTM", SEQUENCE, units=3),
    sample(
        "LSTM",
        SEQUENCE,
        units=3,
        return_sequences=True,
        return_state=True,
        go_backwards=True,
        label="backwards",
    ),
    sample(
        "LSTM", SEQUENCE, units=3, dropout=0.4, recurrent_dropout=0.3, label="dropout"
    ),
    sample("MaxPooling2D", IMAGE),
    sample("MaxPooling2D", IMAGE, pool_size=3, strides=2, padding="same", label="same"),
    sample("Operation", (4, 6), function="multiply", constants={1: 2.0}),
    sample("ReLU", (4, 6), max_value=1.5, negative_slope=0.1),
    sample("Rescaling", (4, 6), scale=1 / 255, offset=-1),
    sample("Reshape", (4, 6), target_shape=(3, -1)),
    sample("Softmax", (4, 6)),
]
