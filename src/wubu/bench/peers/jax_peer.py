"""JAX: one compiled step at a time, and a whole epoch in one compiled loop."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from protocol import ImpossibleError, Job, Prepared, Steps, each, measure, serve

Apply = Callable[[list[Any], Any, Any], Any]  # (parameters, x, key) -> logits


def build(job: Job) -> tuple[list[Any], Apply]:
    """First weights, and the network as a function of them."""
    rng = np.random.default_rng(0)

    def weight(*shape: int) -> Any:
        limit = np.sqrt(6 / (np.prod(shape[:-1]) + shape[-1]))
        return jnp.asarray(rng.uniform(-limit, limit, shape), jnp.float32)

    *size, features = job.input_shape
    parameters: list[Any] = []
    for kind, *rest in job.layers:
        if kind == "conv":
            filters, window, padding = rest
            parameters.append(
                (weight(window, window, features, filters), jnp.zeros(filters))
            )
            if padding == "valid":
                size = [n - window + 1 for n in size]
            features = filters
        elif kind == "pool":
            size = [(n + (rest[0] == "same")) // 2 for n in size]
        elif kind == "flatten":
            features *= int(np.prod(size))
        elif kind == "dense":
            parameters.append((weight(features, rest[0]), jnp.zeros(rest[0])))
            features = rest[0]
        elif kind == "lstm":
            units = rest[0]
            parameters.append(
                (
                    weight(features, 4 * units),
                    weight(units, 4 * units),
                    jnp.zeros(4 * units),
                )
            )
            features = units
        elif kind != "dropout":
            raise ImpossibleError(f"no layer of kind {kind}")
    return parameters, functools.partial(apply, job.layers)


def apply(layers: list[list[Any]], parameters: list[Any], x: Any, key: Any) -> Any:
    """The logits; without a key there is no dropout."""
    left = iter(parameters)
    for kind, *rest in layers:
        if kind == "conv":
            w, b = next(left)
            x = lax.conv_general_dilated(
                x,
                w,
                (1, 1),
                rest[2].upper(),
                dimension_numbers=("NHWC", "HWIO", "NHWC"),
            )
            x = jax.nn.relu(x + b)
        elif kind == "pool":
            window = (1, 2, 2, 1)
            x = lax.reduce_window(x, -jnp.inf, lax.max, window, window, rest[0].upper())
        elif kind == "flatten":
            x = x.reshape(x.shape[0], -1)
        elif kind == "dense":
            w, b = next(left)
            x = x @ w + b
            x = jax.nn.relu(x) if rest[1] == "relu" else x
        elif kind == "dropout" and key is not None:
            key, mine = jax.random.split(key)
            kept = jax.random.bernoulli(mine, 1 - rest[0], x.shape)
            x = jnp.where(kept, x / (1 - rest[0]), 0)
        elif kind == "lstm":
            x = lstm(*next(left), x)
    return x


def lstm(w: Any, u: Any, b: Any, x: Any) -> Any:
    """The last output; what does not depend on the state is computed beforehand."""
    inputs = jnp.swapaxes(x @ w + b, 0, 1)
    zeros = jnp.zeros((x.shape[0], u.shape[0]))

    def step(state: Any, row: Any) -> Any:
        h, c = state
        i, f, g, o = jnp.split(row + h @ u, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    return lax.scan(step, (zeros, zeros), inputs)[0][0]


def adam(parameters: Any, gradients: Any, m: Any, v: Any, t: Any) -> Any:
    rate, beta1, beta2, epsilon = 0.001, 0.9, 0.999, 1e-7
    m = jax.tree.map(lambda m, g: beta1 * m + (1 - beta1) * g, m, gradients)
    v = jax.tree.map(lambda v, g: beta2 * v + (1 - beta2) * g * g, v, gradients)
    scale = rate * jnp.sqrt(1 - beta2**t) / (1 - beta1**t)
    parameters = jax.tree.map(
        lambda p, m, v: p - scale * m / (jnp.sqrt(v) + epsilon), parameters, m, v
    )
    return parameters, m, v


def make_step(apply: Apply, dropout: bool) -> Callable[[Any, Any], Any]:
    def loss(parameters: Any, x: Any, y: Any, key: Any) -> Any:
        logs = jax.nn.log_softmax(apply(parameters, x, key))
        return -jnp.take_along_axis(logs, y[:, None], axis=1).mean()

    def step(state: Any, batch: Any) -> Any:
        parameters, m, v, t, key = state
        x, y = batch
        mine = None
        if dropout:
            key, mine = jax.random.split(key)
        value, gradients = jax.value_and_grad(loss)(parameters, x, y, mine)
        t = t + 1
        return (*adam(parameters, gradients, m, v, t), t, key), value

    return step


def train(job: Job, parameters: list[Any], apply: Apply) -> Steps:
    step = make_step(apply, job.has("dropout"))
    # The generator "rbg" is faster than the default one, and enough for dropout.
    key = jax.random.key(0, impl="rbg")
    zeros = [jax.tree.map(jnp.zeros_like, parameters) for _ in "mv"]
    state = (parameters, *zeros, jnp.float32(0), key)
    return stepwise(job, step, state) if job.mode == "step" else scan(job, step, state)


def stepwise(job: Job, step: Any, state: Any) -> Steps:
    """One compiled step after the other, on batches that are on the device."""
    compiled = jax.jit(step, donate_argnums=0)
    batches = [
        (jnp.asarray(x), jnp.asarray(y)) for x, y in zip(*job.batches(), strict=True)
    ]
    feed = itertools.cycle(batches)

    def steps(count: int) -> int:
        nonlocal state
        for batch in itertools.islice(feed, count):
            state, _ = compiled(state, batch)
        jax.block_until_ready(state)
        return count

    return steps


def scan(job: Job, step: Any, state: Any) -> Steps:
    """An epoch in one compiled loop, or half a second of it where steps are long."""
    x, y = job.batches()
    trial = stepwise(job, step, jax.tree.map(jnp.copy, state))
    trial(2)
    length = max(1, min(len(x), int(0.5 / measure(trial, 0.05)[1])))
    epoch = jax.jit(lambda s, b: lax.scan(step, s, b), donate_argnums=0)
    data = (jnp.asarray(x[:length]), jnp.asarray(y[:length]))

    def steps(count: int) -> int:
        nonlocal state
        rounds = -(-count // length)
        for _ in range(rounds):
            state, _ = epoch(state, data)
        jax.block_until_ready(state)
        return rounds * length

    return steps


def predict(job: Job, parameters: list[Any], apply: Apply) -> Steps:
    x, _ = job.batches()
    compiled = jax.jit(lambda p, x: apply(p, x, None))
    return each(lambda i: np.asarray(compiled(parameters, x[i % len(x)])))


def prepare(job: Job) -> Prepared:
    parameters, apply = build(job)
    count = sum(part.size for part in jax.tree.leaves(parameters))
    make = train if job.task == "train" else predict
    return Prepared(make(job, parameters, apply), count)


if __name__ == "__main__":
    serve("JAX", {"jax": jax.__version__}, prepare)
