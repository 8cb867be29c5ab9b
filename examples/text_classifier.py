"""Is a review kind? Words become numbers, an LSTM reads them in both directions.

The reviews are made up: what counts is which word comes after "not".
"""

import numpy as np

import wubu as keras
from wubu import layers

keras.utils.set_random_seed(0)
GOOD, BAD = ["good", "fine", "lovely", "great"], ["bad", "dull", "awful", "poor"]
FILL = "the film was a story with music and people in it for an hour or two"

# Prepare: texts of differing lengths, words numbered from 1, 0 for what is not there.
random = np.random.default_rng(0)


def review() -> tuple[str, int]:
    kind = int(random.integers(2))
    word = str(random.choice(GOOD if kind else BAD))
    if random.random() < 0.5:  # "not good" is bad
        word, kind = f"not {word}", 1 - kind
    words = [str(w) for w in random.choice(FILL.split(), size=random.integers(3, 15))]
    words.insert(int(random.integers(len(words))), word)
    return " ".join(words), kind


texts, kinds = zip(*[review() for _ in range(3000)], strict=True)
vocabulary = sorted({word for text in texts for word in text.split()})
number = {word: i for i, word in enumerate(vocabulary, start=1)}
sequences = [[number[word] for word in text.split()] for text in texts]
x = keras.utils.pad_sequences(sequences, maxlen=16)
y = np.array(kinds)

# Build. `mask_zero` lets the LSTM pass over what is not there.
model = keras.Sequential(
    [
        keras.Input(shape=(16,), dtype="int32"),
        layers.Embedding(len(vocabulary) + 1, 16, mask_zero=True),
        layers.Bidirectional(layers.LSTM(16)),
        layers.Dense(1, activation="sigmoid"),
    ]
)

# Compile, train, evaluate.
model.compile(
    optimizer=keras.optimizers.Adam(0.01),
    loss="binary_crossentropy",
    metrics=["accuracy"],
)
model.fit(x[:2500], y[:2500], batch_size=32, epochs=5, validation_split=0.1)
loss, accuracy = model.evaluate(x[2500:], y[2500:], verbose=0)
print(f"test accuracy {accuracy:.4f}")

for text in ("the music was not bad", "a story for people was not great"):
    known = keras.utils.pad_sequences([[number[w] for w in text.split()]], maxlen=16)
    print(f"{model.predict(known, verbose=0).item():.3f}  {text}")
