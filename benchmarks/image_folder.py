"""How fast pictures are decoded, and how long the executor waits for them.

    python benchmarks/image_folder.py FOLDER [--size 32] [--images 4000] [--threads 2]

FOLDER has a folder of pictures for each class; it may lie in an archive. Two tables are
printed. The first one has pictures per second that 1 to n threads read, decode and
resize, with nothing else going on. The second one has an epoch of a small convolutional
network over the folder: pictures per second, and the share of the time in which `fit`
waited for the next batch: read ahead by threads, read when asked for, decoded before,
and cached, which is when samples are picked inside the compiled program.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from typing import Any

from wubu import layers, models
from wubu.data import Dataset
from wubu.data.read_ahead import num_cpus

BATCH = 64
END = object()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    parser.add_argument("--size", type=int, default=32, help="pixels of a side")
    parser.add_argument("--images", type=int, default=4000, help="pictures of an epoch")
    parser.add_argument("--threads", type=int, default=num_cpus())
    given = parser.parse_args()
    print(f"{given.images} pictures as {given.size} x {given.size}, batches of {BATCH}")
    print("\n| threads | pictures / s |\n|---|---|")
    for threads in range(given.threads + 1):
        rate = given.images / decoding(pictures(given, threads))
        print(f"| {threads or 'none'} | {rate:,.0f} |", flush=True)
    print("\n| source | pictures / s | waited |\n|---|---|---|")
    model = network(given.size, classes=len(pictures(given, 0).class_names or ()))
    for name, dataset in sources(given).items():
        seconds, waited = epoch(model, dataset)
        rate = given.images / seconds
        print(f"| {name} | {rate:,.0f} | {waited / seconds:.0%} |", flush=True)


def samples(given: argparse.Namespace, threads: int) -> Dataset:
    """Some pictures of every class."""
    dataset = Dataset.from_folder(
        given.folder, image_size=given.size, num_parallel_calls=threads
    )
    return dataset.shuffle(seed=1).take(given.images)


def pictures(given: argparse.Namespace, threads: int) -> Dataset:
    """Batches of them."""
    return samples(given, threads).batch(BATCH)


def sources(given: argparse.Namespace) -> dict[str, Dataset]:
    """The same pictures, read in several ways."""
    held = pictures(given, given.threads)
    return {
        f"read ahead by {given.threads} threads": held,
        "read ahead by 1 thread": pictures(given, 1),
        "read when asked for": pictures(given, 0),
        "batches in memory": in_memory(held),
        "cached": samples(given, given.threads).cache().batch(BATCH),
    }


def in_memory(dataset: Dataset) -> Dataset:
    """Its batches, decoded beforehand."""
    return Dataset.from_generator(list(dataset.elements(0)), batched=True)


def decoding(dataset: Dataset) -> float:
    """Seconds until all batches have been made."""
    start = time.perf_counter()
    for _ in dataset.elements(0):
        pass
    return time.perf_counter() - start


def network(size: int, classes: int) -> Any:
    """A small convolutional network."""
    model = models.Sequential(
        [
            layers.Input((size, size, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(32, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def epoch(model: Any, dataset: Dataset) -> tuple[float, float]:
    """Seconds of an epoch, and how many of them were spent waiting for batches."""
    waited = [0.0]

    def timed() -> Iterator[Any]:
        elements = dataset.elements(0)
        while True:
            start = time.perf_counter()
            element = next(elements, END)
            waited[0] += time.perf_counter() - start
            if element is END:
                return
            yield element

    arrays = dataset.as_batches() is not None
    model.fit(dataset if arrays else timed(), verbose=0)  # compiles
    waited[0] = 0.0
    start = time.perf_counter()
    model.fit(dataset if arrays else timed(), verbose=0)
    return time.perf_counter() - start, waited[0]


if __name__ == "__main__":
    main()
