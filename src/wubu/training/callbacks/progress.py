"""What a person sees while a network trains: a bar on a terminal, a line an epoch
elsewhere."""

from __future__ import annotations

import sys
import time
from typing import Any

from wubu.training.callbacks.callback import Callback, Logs


def format_logs(logs: Logs | None) -> str:
    """Numbers by name, four significant digits.

    Example:
        >>> format_logs({"loss": 0.123456, "accuracy": 0.5})
        'loss 0.1235  accuracy 0.5000'
    """
    return "  ".join(f"{name} {format_number(v)}" for name, v in (logs or {}).items())


def format_number(value: float) -> str:
    """Four decimals, or four digits in scientific form for the very small and large."""
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.4f}"
    return f"{value:.3e}"


def format_seconds(seconds: float) -> str:
    """A duration, as short as it can be read."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"


def progress_for(verbose: Any, stream: Any = None) -> Callback | None:
    """The display for a `verbose` argument: 0 nothing, 1 or "auto" a bar (plain lines
    where the output is no terminal), 2 plain lines."""
    if not verbose:
        return None
    stream = stream or sys.stdout
    if verbose == 2 or not stream.isatty():
        return ProgressLines()
    return ProgressBar()


class ProgressLines(Callback):
    """One line an epoch."""

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._epochs = self.params.get("epochs", 1)

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        seconds = format_seconds(time.perf_counter() - self._started)
        total = self._epochs
        number = f"{epoch + 1:{len(str(total))}d}/{total}"
        print(f"epoch {number}  {seconds:>7}  {format_logs(logs)}", flush=True)

    def on_test_end(self, logs: Logs | None = None) -> None:
        if not self.params.get("inside_fit"):
            print(f"evaluation  {format_logs(logs)}", flush=True)


class ProgressBar(ProgressLines):
    """A bar that fills while an epoch runs, then the epoch's line."""

    def __init__(self) -> None:
        super().__init__()
        self._bar: Any = None

    def _open(self, title: str) -> None:
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        if self._bar is not None:
            return
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=18),
            TextColumn("{task.completed}/{task.total}"),
            TimeRemainingColumn(compact=True),
            TextColumn("{task.fields[logs]}"),
            transient=True,
            refresh_per_second=8,
        )
        self._bar.start()
        self._task = self._bar.add_task(title, total=self.params.get("steps"), logs="")

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        super().on_epoch_begin(epoch, logs)
        self._open(f"epoch {epoch + 1}/{self._epochs}")

    def on_progress(self, done: int, logs: Logs | None = None) -> None:
        if self._bar is not None:
            text = format_logs(dict(list((logs or {}).items())[:2]))
            self._bar.update(self._task, completed=done, logs=text)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._close()
        super().on_epoch_end(epoch, logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        if not self.params.get("inside_fit"):
            self._open("evaluating")

    def on_test_end(self, logs: Logs | None = None) -> None:
        if not self.params.get("inside_fit"):
            self._close()
        super().on_test_end(logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._open("predicting")

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._close()

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._close()
