"""A model with two inputs and two outputs: how urgent is a ticket, and whose is it?

The tickets are made up: one word names the department, another one says it is urgent.
"""

import numpy as np

import wubu as keras
from wubu import layers

keras.utils.set_random_seed(0)
NUM_WORDS, NUM_TAGS, NUM_DEPARTMENTS = 200, 6, 4

# Prepare: a title of eight words, and tags; the answers follow from them.
random = np.random.default_rng(0)
titles = random.integers(10, NUM_WORDS, size=(4000, 8))
departments = random.integers(0, NUM_DEPARTMENTS, size=4000)
titles[np.arange(4000), random.integers(0, 8, 4000)] = departments  # words 0 to 3
tags = random.integers(0, 2, size=(4000, NUM_TAGS)).astype("float32")
urgent = ((tags[:, 0] > 0) & (tags[:, 1:3].sum(axis=1) > 0)).astype("float32")

# Build: a graph of layers from two inputs to two outputs.
title_input = keras.Input(shape=(8,), dtype="int32", name="title")
tags_input = keras.Input(shape=(NUM_TAGS,), name="tags")
words = layers.Embedding(NUM_WORDS, 16)(title_input)
title_features = layers.GlobalMaxPooling1D()(
    layers.Conv1D(32, 3, padding="same")(words)
)
features = layers.concatenate([title_features, tags_input])
hidden = layers.Dense(32, activation="relu")(features)
priority = layers.Dense(1, activation="sigmoid", name="priority")(hidden)
department = layers.Dense(NUM_DEPARTMENTS, activation="softmax", name="department")(
    hidden
)
model = keras.Model(inputs=[title_input, tags_input], outputs=[priority, department])
keras.utils.plot_model(model, "tickets.png", show_shapes=True, show_layer_names=True)

# Compile: a loss for each output, by its name.
model.compile(
    optimizer=keras.optimizers.Adam(0.005),
    loss={
        "priority": "binary_crossentropy",
        "department": "sparse_categorical_crossentropy",
    },
    loss_weights={"priority": 1.0, "department": 0.5},
    metrics={"priority": ["accuracy"], "department": ["accuracy"]},
)

# Train and evaluate.
parts = slice(0, 3500), slice(3500, None)
(inputs, answers), (test_inputs, test_answers) = [
    (
        {"title": titles[part], "tags": tags[part]},
        {"priority": urgent[part], "department": departments[part]},
    )
    for part in parts
]
model.fit(inputs, answers, epochs=8, batch_size=32, validation_split=0.1)
found = model.evaluate(test_inputs, test_answers, verbose=0, return_dict=True)
print({name: round(value, 4) for name, value in found.items()})
