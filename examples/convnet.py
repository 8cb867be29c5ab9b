"""A convolutional network learns to read digits: prepare, build, compile, train,
evaluate."""

import numpy as np

import wubu as keras
from wubu import layers

keras.utils.set_random_seed(0)

# Prepare: 8×8 pictures of digits, pixels from 0 to 16, scaled to [0, 1].
(x_train, y_train), (x_test, y_test) = keras.datasets.digits.load_data()
x_train = np.expand_dims(x_train.astype("float32") / 16, -1)
x_test = np.expand_dims(x_test.astype("float32") / 16, -1)
y_train = keras.utils.to_categorical(y_train, 10)
y_test = keras.utils.to_categorical(y_test, 10)

# Build.
model = keras.Sequential(
    [
        keras.Input(shape=(8, 8, 1)),
        layers.Conv2D(32, kernel_size=(3, 3), padding="same", activation="relu"),
        layers.MaxPooling2D(pool_size=(2, 2)),
        layers.Conv2D(64, kernel_size=(3, 3), padding="same", activation="relu"),
        layers.Flatten(),
        layers.Dropout(0.5),
        layers.Dense(10, activation="softmax"),
    ]
)
model.summary()

# Compile and train.
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=32, epochs=15, validation_split=0.1)

# Evaluate, and keep.
score = model.evaluate(x_test, y_test, verbose=0)
print(f"test loss {score[0]:.4f}, test accuracy {score[1]:.4f}")
model.save("digits.wubu")
again = keras.models.load_model("digits.wubu")
assert np.array_equal(again.predict(x_test), model.predict(x_test))
