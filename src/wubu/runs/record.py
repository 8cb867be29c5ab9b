"""What a run folder holds, written: each file whole or not at all, but for the history,
which grows by one line an epoch."""

from __future__ import annotations

import json
import math
import os
import re
import time
from pathlib import Path
from typing import Any

import numpy as np

from wubu.runs.run import HISTORY, Run
from wubu.saving.atomic import replacing
from wubu.training.callbacks.callback import Callback, Logs


def write_text(path: Path, text: str) -> None:
    """A text file, as UTF-8."""
    with replacing(path) as file:
        file.write(text.encode())


def write_json(path: Path, data: dict[str, Any]) -> None:
    """A JSON file that people can read; null for NaN and the infinities."""
    text = json.dumps(plain(data), indent=2, ensure_ascii=False) + "\n"
    # Rows of numbers take a line. No string has an end of line in it: these are \\n.
    rows = re.compile(r"\[\n[-+.,\d\seE]+\]")
    write_text(path, rows.sub(lambda row: f"[{' '.join(row[0][1:-1].split())}]", text))


def write_arrays(path: Path, **arrays: np.ndarray) -> None:
    """Named arrays in one compressed `.npz` file."""
    with replacing(path) as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def plain(value: Any) -> Any:
    """A value in JSON's terms: lists, dictionaries, finite numbers, null.

    Example:
        >>> plain({"loss": np.float32("nan"), "counts": np.array([1, 2])})
        {'loss': None, 'counts': [1, 2]}
    """
    if isinstance(value, dict):
        return {str(key): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if hasattr(value, "tolist"):  # NumPy's arrays and numbers
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


class HistoryFile(Callback):
    """Appends a line to `history.jsonl` for every epoch that ends.

    A line is one call of the system's `write`, flushed to the disk: a killed process
    leaves it whole or not at all. Lines of epochs that are trained again are removed
    first.

    Attributes:
        began: whether an epoch has begun.
    """

    def __init__(self, run: Run) -> None:
        super().__init__()
        self._path = run.folder / HISTORY
        self._started = 0.0
        self.began = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        if not self.began and self._path.is_file():
            lines = self._path.read_text("utf-8").splitlines(keepends=True)
            write_text(self._path, "".join(lines[:epoch]))
        self.began = True
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        seconds = round(time.perf_counter() - self._started, 6)
        entry = {"epoch": epoch + 1, "seconds": seconds, **(logs or {})}
        line = json.dumps(plain(entry), ensure_ascii=False) + "\n"
        mode = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        descriptor = os.open(self._path, mode, 0o644)
        try:
            os.write(descriptor, line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
