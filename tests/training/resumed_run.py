"""A run that may be killed: a script for test_backup_callbacks.py.

    python resumed_run.py FOLDER SEED SAVE_FREQ [KILL]

SAVE_FREQ is "epoch" or a number. KILL says when this process kills itself: "batch 2 3",
after a batch; "write 4", in the middle of its 4th write; "written 4", when the file is
there, but nobody knows it yet. A run that comes to its end prints its weights.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from typing import Any

import numpy as np

import wubu
from wubu import layers, ops, optimizers
from wubu.callbacks import (
    BackupAndRestore,
    EarlyStopping,
    GradientAccumulation,
    LambdaCallback,
    ReduceLROnPlateau,
    SwapEMAWeights,
)


class Noise(layers.Layer):
    """Draws from the default generator. Not registered: a model file could not tell."""

    def call(self, x: Any, training: bool = False) -> Any:
        return x + ops.random.normal(x.shape) * 0.1 if training else x


def kill() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def arm(when: list[str]) -> list[Any]:
    """Arranges the death of this process; what callbacks that needs."""
    kind, *numbers = when
    place = [int(number) for number in numbers]
    if kind == "batch":
        epochs: list[int] = []

        def after_batch(batch: int, logs: Any) -> None:
            if [epochs[-1], batch] == place:
                kill()

        return [
            LambdaCallback(
                on_epoch_begin=lambda epoch, logs: epochs.append(epoch),
                on_train_batch_end=after_batch,
            )
        ]
    # The first flush of a write is that of the file, the second that of its folder.
    flush, count = os.fsync, itertools.count(1)
    last = 2 * place[0] - (kind == "write")

    def fsync(descriptor: int) -> None:
        if next(count) == last:
            kill()
        flush(descriptor)

    os.fsync = fsync
    return []


def main(folder: str, seed: str, save_freq: str, when: list[str]) -> None:
    wubu.set_random_seed(int(seed))
    model = wubu.Sequential(
        [
            layers.Input((3,)),
            layers.Dense(8, activation="relu"),
            layers.BatchNormalization(),
            Noise(),
            layers.Dropout(0.3),
            layers.Dense(1),
        ]
    )
    model.compile(
        optimizers.Adam(0.05, use_ema=True, ema_momentum=0.8), "mse", metrics=["mae"]
    )
    random = np.random.default_rng(0)
    x, noise = random.normal(size=(23, 3)), random.normal(size=(23, 1))
    y = x[:, :1] - x[:, 1:2] + noise / 2
    freq = save_freq if save_freq == "epoch" else int(save_freq)
    callbacks = [
        BackupAndRestore(folder, freq),
        SwapEMAWeights(swap_on_epoch=True),
        GradientAccumulation({0: 1, 3: 2}),
        ReduceLROnPlateau("loss", 0.5, patience=1, min_delta=0.1),
        EarlyStopping("val_mae", patience=2, restore_best_weights=True),
        *(arm(when) if when else []),
    ]
    model.fit(
        x.astype("float32"),
        y.astype("float32"),
        batch_size=4,
        epochs=20,
        validation_split=0.2,
        callbacks=callbacks,
        verbose=0,
    )
    found = [*model.get_weights(), *model.optimizer.state_dict().values()]
    print("ended after", int(model.optimizer.iterations.item()), "updates:")
    print([np.asarray(a).tobytes().hex() for a in found])


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
