"""Wubu: exactly what `fit` runs, and a compiled call of the model."""

from __future__ import annotations

from importlib.metadata import version

import numpy as np
from protocol import Job, Prepared, Steps, each, serve

from wubu.bench.workloads import build
from wubu.core.executors import set_executor
from wubu.core.jit import jit
from wubu.models import Sequential
from wubu.ops.random import set_random_seed
from wubu.training.feeds import make_feed
from wubu.training.readiness import make_ready


def train(job: Job, model: Sequential) -> Steps:
    """The steps of `fit`: samples are shuffled, and picked by number in the step."""
    x, y = job.samples()
    feed = make_feed(x, y, batch_size=job.batch, shuffle=True, seed=0)
    make_ready(model, feed, "train")
    steps = model.steps("train")
    never = np.zeros(1, np.int32)
    epoch = -1

    def run(count: int) -> int:
        nonlocal epoch
        done = 0
        while done < count:
            if not feed.goes_on():
                epoch += 1
                feed.start(epoch)
            done += feed.advance(steps, count - done, never).steps
        return done

    return run


def predict(job: Job, model: Sequential) -> Steps:
    x, _ = job.batches()
    call = jit(lambda x: model(x, training=False))
    return each(lambda i: call(x[i % len(x)]).numpy())


def prepare(job: Job) -> Prepared:
    set_executor("native")
    set_random_seed(0)
    model = build(job.layers, job.input_shape)
    make = train if job.task == "train" else predict
    return Prepared(make(job, model), model.count_params())


if __name__ == "__main__":
    serve("Wubu", {"wubu": version("wubu")}, prepare)
