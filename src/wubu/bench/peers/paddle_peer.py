"""Paddle: as written, and as a static graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import paddle
from paddle import nn
from protocol import ImpossibleError, Job, Prepared, Steps, each, serve


class Recurrent(nn.Layer):
    """The last output of an LSTM."""

    def __init__(self, features: int, units: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(features, units)

    def forward(self, x: Any) -> Any:
        return self.lstm(x)[0][:, -1]


def build(job: Job) -> nn.Sequential:
    """The network; its outputs are logits."""
    *size, features = job.input_shape
    parts: list[nn.Layer] = []
    for kind, *rest in job.layers:
        if kind == "conv":
            filters, window, padding = rest
            around = window // 2 if padding == "same" else 0
            parts += [nn.Conv2D(features, filters, window, padding=around), nn.ReLU()]
            size = [n - window + 1 + 2 * around for n in size]
            features = filters
        elif kind == "pool":
            (padding,) = rest
            parts.append(nn.MaxPool2D(2, ceil_mode=padding == "same"))
            size = [(n + (padding == "same")) // 2 for n in size]
        elif kind == "flatten":
            parts.append(nn.Flatten())
            features *= int(np.prod(size))
        elif kind == "dense":
            units, activation = rest
            parts.append(nn.Linear(features, units))
            parts += [nn.ReLU()] if activation == "relu" else []
            features = units
        elif kind == "dropout":
            parts.append(nn.Dropout(rest[0]))
        elif kind == "lstm":
            parts.append(Recurrent(features, rest[0]))
            features = rest[0]
        else:
            raise ImpossibleError(f"no layer of kind {kind}")
    return nn.Sequential(*parts)


def train(job: Job, network: Any) -> Steps:
    x, y = job.batches()
    xs = [paddle.to_tensor(as_images(part)) for part in x]
    ys = [paddle.to_tensor(part.astype(np.int64)) for part in y]
    optimizer = paddle.optimizer.Adam(parameters=network.parameters())

    def loss(x: Any, y: Any) -> Any:
        return nn.functional.cross_entropy(network(x), y)

    compute = paddle.jit.to_static(loss) if job.mode == "to_static" else loss

    def step(i: int) -> None:
        value = compute(xs[i % len(xs)], ys[i % len(xs)])
        value.backward()
        optimizer.step()
        optimizer.clear_grad()

    return each(step)


def predict(job: Job, network: Any) -> Steps:
    network.eval()
    call = paddle.jit.to_static(network) if job.mode == "to_static" else network
    xs = [as_images(part) for part in job.batches()[0]]

    def step(i: int) -> np.ndarray:
        with paddle.no_grad():
            return call(paddle.to_tensor(xs[i % len(xs)])).numpy()

    return each(step)


def as_images(x: np.ndarray) -> np.ndarray:
    """Channels before height and width, as Paddle has them."""
    return np.ascontiguousarray(x.transpose(0, 3, 1, 2)) if x.ndim == 4 else x


def prepare(job: Job) -> Prepared:
    network = build(job)
    parameters = sum(int(np.prod(p.shape)) for p in network.parameters())
    make = train if job.task == "train" else predict
    return Prepared(make(job, network), parameters)


if __name__ == "__main__":
    paddle.set_device("cpu")
    paddle.seed(0)
    serve("Paddle", {"paddle": paddle.__version__}, prepare)
