"""Keras on TensorFlow: `model.fit`, and a step of its own in `tf.function`."""

from __future__ import annotations

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from collections.abc import Callable
from functools import partial

import keras
import tensorflow as tf
from protocol import (
    ImpossibleError,
    Job,
    Prepared,
    Steps,
    each,
    fastest,
    measure,
    serve,
)

LAYERS = keras.layers


def build(job: Job) -> keras.Sequential:
    """The network; its outputs are logits."""
    makers: dict[str, Callable[..., keras.Layer]] = {
        "conv": lambda filters, window, padding: LAYERS.Conv2D(
            filters, window, padding=padding, activation="relu"
        ),
        "pool": lambda padding: LAYERS.MaxPooling2D(2, padding=padding),
        "flatten": LAYERS.Flatten,
        "dense": lambda units, activation: LAYERS.Dense(units, activation=activation),
        "dropout": LAYERS.Dropout,
        "lstm": LAYERS.LSTM,
    }
    parts = [makers[kind](*rest) for kind, *rest in job.layers]
    return keras.Sequential([keras.Input(tuple(job.input_shape)), *parts])


def loss() -> keras.Loss:
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def fit(job: Job, xla: bool) -> Steps:
    """`model.fit` over batches that lie ready, many short steps in one execution."""
    x, y = job.batches()
    model = build(job)
    data = tf.data.Dataset.from_tensor_slices((x, y)).repeat().prefetch(2)
    together = 1

    def steps(count: int) -> int:
        rounds = -(-count // together)
        model.fit(data, steps_per_epoch=rounds * together, epochs=1, verbose=0)
        return rounds * together

    model.compile("adam", loss(), jit_compile=xla)
    steps(1)
    if measure(steps, 0.1)[1] < 0.02:
        together = 16
        model.compile(
            model.optimizer, loss(), jit_compile=xla, steps_per_execution=together
        )
    return steps


def function(job: Job, xla: bool) -> Steps:
    """A training step written by hand, as TensorFlow's guides show it."""
    x, y = job.batches()
    model, optimizer, objective = build(job), keras.optimizers.Adam(), loss()
    optimizer.build(model.trainable_variables)
    xs, ys = [tf.constant(part) for part in x], [tf.constant(part) for part in y]

    @tf.function(jit_compile=xla)
    def step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            value = objective(y, model(x, training=True))
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply_gradients(
            zip(gradients, model.trainable_variables, strict=True)
        )
        return value

    return each(lambda i: step(xs[i % len(xs)], ys[i % len(xs)]).numpy())


def loop(job: Job, xla: bool) -> Steps:
    """Many steps in one call: a loop inside of `tf.function`."""
    x, y = job.batches()
    model, optimizer, objective = build(job), keras.optimizers.Adam(), loss()
    optimizer.build(model.trainable_variables)
    xs, ys = tf.constant(x), tf.constant(y)

    @tf.function(jit_compile=xla)
    def several(count: tf.Tensor) -> tf.Tensor:
        for i in tf.range(count):
            with tf.GradientTape() as tape:
                value = objective(ys[i], model(xs[i], training=True))
            gradients = tape.gradient(value, model.trainable_variables)
            optimizer.apply_gradients(
                zip(gradients, model.trainable_variables, strict=True)
            )
        return optimizer.iterations

    def steps(count: int) -> int:
        left = count
        while left > 0:
            now = min(left, len(x))
            several(tf.constant(now)).numpy()
            left -= now
        return count

    return steps


def call(job: Job, xla: bool) -> Steps:
    x, _ = job.batches()
    model = build(job)
    compiled = tf.function(lambda x: model(x, training=False), jit_compile=xla)
    return each(lambda i: compiled(tf.constant(x[i % len(x)])).numpy())


def predict_on_batch(job: Job, xla: bool) -> Steps:
    x, _ = job.batches()
    model = build(job)
    model.compile(jit_compile=xla)
    return each(lambda i: model.predict_on_batch(x[i % len(x)]))


WAYS = {
    ("train", "fit"): {"": fit},
    ("train", "tf.function"): {"a step": function, "a loop": loop},
    ("predict", "tf.function"): {"": call},
    ("predict", "predict_on_batch"): {"": predict_on_batch},
}


def prepare(job: Job) -> Prepared:
    keras.utils.clear_session()
    if (job.task, job.mode) not in WAYS:
        raise ImpossibleError(f"no mode {job.mode}")
    settings = {
        f"{name} {'with' if xla else 'without'} XLA".strip(): partial(make, job, xla)
        for name, make in WAYS[job.task, job.mode].items()
        for xla in (True, False)
    }
    steps, detail = fastest(settings)
    return Prepared(steps, build(job).count_params(), detail)


if __name__ == "__main__":
    threads = int(os.environ["OMP_NUM_THREADS"])
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    versions = {"keras": keras.__version__, "tensorflow": tf.__version__}
    serve("Keras on TensorFlow", versions, prepare)
