"""PyTorch: as written, with channels last, and compiled."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from protocol import ImpossibleError, Job, Prepared, Steps, each, fastest, serve
from torch import nn

Network = Callable[[Any], Any]


class Recurrent(nn.Module):
    """The last output of an LSTM."""

    def __init__(self, features: int, units: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(features, units, batch_first=True)

    def forward(self, x: Any) -> Any:
        return self.lstm(x)[0][:, -1]


def build(job: Job) -> nn.Sequential:
    """The network; its outputs are logits."""
    *size, features = job.input_shape
    parts: list[nn.Module] = []
    for kind, *rest in job.layers:
        if kind == "conv":
            filters, window, padding = rest
            parts += [nn.Conv2d(features, filters, window, padding=padding), nn.ReLU()]
            if padding == "valid":
                size = [n - window + 1 for n in size]
            features = filters
        elif kind == "pool":
            # Rounding up pools a last odd row or column alone, as "same" does.
            (padding,) = rest
            parts.append(nn.MaxPool2d(2, ceil_mode=padding == "same"))
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


def prepare(job: Job) -> Prepared:
    torch.set_num_threads(job.threads)
    torch.manual_seed(0)
    images = len(job.input_shape) == 3
    convolutional = job.has("conv")
    if job.mode == "channels-last" and not convolutional:
        raise ImpossibleError("a network without convolutions has no channels")
    layouts = {"eager": [False], "channels-last": [True]}.get(
        job.mode, [False, True] if convolutional else [False]
    )
    make = train if job.task == "train" else predict
    settings: dict[str, Callable[[], Steps]] = {}
    for last in layouts:
        layout = "channels last" if last else "channels first"
        name = layout if len(layouts) > 1 else ""
        settings |= make(job, images, last, name)
    steps, detail = fastest(settings)
    parameters = sum(p.numel() for p in build(job).parameters())
    return Prepared(steps, parameters, detail)


def train(
    job: Job, images: bool, last: bool, name: str
) -> dict[str, Callable[[], Steps]]:
    """Adam over single tensors is slower than both of these."""

    def make(**choice: bool) -> Steps:
        x, y = job.batches()
        network = laid_out(build(job), last)
        xs = [laid_out(as_images(part, images), last) for part in x]
        ys = [torch.from_numpy(part).long() for part in y]
        optimizer = torch.optim.Adam(network.parameters(), **choice)

        def loss(x: Any, y: Any) -> Any:
            return nn.functional.cross_entropy(network(x), y)

        if job.mode == "compiled":
            loss = torch.compile(loss)

        def step(i: int) -> None:
            optimizer.zero_grad()
            loss(xs[i % len(xs)], ys[i % len(xs)]).backward()
            optimizer.step()

        return each(step)

    choices = {"fused Adam": {"fused": True}, "foreach Adam": {"foreach": True}}
    if job.mode == "compiled":  # each choice would be compiled, for many seconds
        del choices["foreach Adam"]
    return {
        ", ".join(filter(None, [name, adam])): functools.partial(make, **choice)
        for adam, choice in choices.items()
    }


def predict(
    job: Job, images: bool, last: bool, name: str
) -> dict[str, Callable[[], Steps]]:
    def make() -> Steps:
        x, _ = job.batches()
        network = laid_out(build(job).eval(), last)
        call = torch.compile(network) if job.mode == "compiled" else network
        # In NumPy, as the network takes it: nothing is transposed in a step.
        xs = [laid_out(as_images(part, images), last).numpy() for part in x]

        def step(i: int) -> np.ndarray:
            with torch.inference_mode():
                return call(torch.from_numpy(xs[i % len(xs)])).numpy()

        return each(step)

    return {name: make}


def as_images(x: np.ndarray, images: bool) -> Any:
    """Channels before height and width, as PyTorch has them."""
    found = torch.from_numpy(x)
    return found.permute(0, 3, 1, 2).contiguous() if images else found


def laid_out(found: Any, last: bool) -> Any:
    return found.to(memory_format=torch.channels_last) if last else found


if __name__ == "__main__":
    serve("PyTorch", {"torch": torch.__version__}, prepare)
