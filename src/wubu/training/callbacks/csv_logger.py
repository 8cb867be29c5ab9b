"""`CSVLogger`: a line of a file for every epoch."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from wubu.training.callbacks.callback import Callback, Logs


class CSVLogger(Callback):
    """Writes loss and metrics of every epoch into a CSV file, as they come.

    The first line names the columns: "epoch" (from 0), then what is logged, by name.
    Where validation may still come, as after an epoch without one, its columns are
    there and hold "NA" meanwhile.

    Args:
        filename: of the file.
        separator: between numbers.
        append: go on with a file that is there, in its columns.
    """

    def __init__(
        self, filename: str | Path, separator: str = ",", append: bool = False
    ) -> None:
        super().__init__()
        self.filename = str(filename)
        self.sep = separator
        self.append = append
        self._file: Any = None
        self._columns: list[str] = []

    def on_train_begin(self, logs: Logs | None = None) -> None:
        path = Path(self.filename)
        self._columns = []
        if self.append and path.exists():
            with path.open(newline="", encoding="utf-8") as file:
                self._columns = next(csv.reader(file, delimiter=self.sep), [])
        mode = "a" if self.append else "w"
        self._file = path.open(mode, newline="", encoding="utf-8")

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        found: dict[str, Any] = dict(logs or {})
        if not self._columns:
            self._columns = _columns(found)
            self._write(self._columns)
        found["epoch"] = epoch
        self._write([found.get(name, "NA") for name in self._columns])

    def on_train_end(self, logs: Logs | None = None) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write(self, cells: list[Any]) -> None:
        csv.writer(self._file, delimiter=self.sep, lineterminator="\n").writerow(cells)
        self._file.flush()


def _columns(logs: Logs) -> list[str]:
    names = sorted(logs)
    if not any(name.startswith("val_") for name in names):
        names += [f"val_{name}" for name in names]
    return ["epoch", *names]
