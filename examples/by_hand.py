"""Training without `fit`: tensors, derivatives, an optimizer; eager, then compiled."""

import time

import numpy as np

import wubu
from wubu import layers

wubu.set_random_seed(0)

(x_train, y_train), (x_test, y_test) = wubu.datasets.digits.load_data()
x_train = x_train.reshape(-1, 64).astype("float32") / 16
x_test = x_test.reshape(-1, 64).astype("float32") / 16

model = wubu.Sequential(
    [layers.Input((64,)), layers.Dense(64, activation="relu"), layers.Dense(10)]
)
optimizer = wubu.optimizers.Adam(0.003)
optimizer.build(model.trainable_variables)


def step(x, y):
    """One step of training; everything in it may be printed when it runs eagerly."""
    logits = model(x, training=True)
    loss = wubu.losses.sparse_categorical_crossentropy(
        y, logits, from_logits=True
    ).mean()
    loss.backward()
    optimizer.step()
    return loss


fast = wubu.jit(step)  # the same, as machine code

order = np.random.default_rng(0)
for name, function, epochs in (("eager", step, 1), ("compiled", fast, 20)):
    start = time.perf_counter()
    for _ in range(epochs):
        for batch in np.array_split(order.permutation(len(x_train)), 45):
            loss = function(x_train[batch], y_train[batch])
    seconds = (time.perf_counter() - start) / epochs
    print(f"{name:9} loss {loss.item():.4f}  {seconds * 1e3:.1f} ms an epoch")

found = np.argmax(model(x_test).numpy(), axis=-1)
print(f"test accuracy {np.mean(found == y_test):.4f}")
