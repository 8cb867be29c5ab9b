"""A peer without a framework, for tests of the benchmark: its steps only sleep.

Its mode says how it behaves.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import wubu.bench.peers

sys.path.insert(0, str(Path(wubu.bench.peers.__file__).parent))

from protocol import ImpossibleError, Job, Prepared, each, serve


def prepare(job: Job) -> Prepared:
    print("what frameworks print does not disturb answers")
    if job.mode == "impossible":
        raise ImpossibleError("it cannot do this")
    if job.mode == "crash-preparing":
        print("Fatal: out of luck", file=sys.stderr)
        os._exit(3)
    seconds = {"slow": 0.004}.get(job.mode, 0.001)

    def step(i: int) -> None:
        time.sleep(seconds)
        if job.mode == "crash-later" and i > 20:
            os._exit(4)
        if job.mode == "fails-later" and i > 20:
            raise ValueError("no\nmore")

    return Prepared(each(step), job.batch, f"{job.task} on {job.threads}")


if __name__ == "__main__":
    serve("Fake", {"fake": "1.2.3"}, prepare)
