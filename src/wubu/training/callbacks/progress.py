"""What a person sees while a network trains: a table that grows by a line an epoch, and
on a terminal a bar below it while an epoch runs.

    epoch      time       loss   accuracy   val_loss  val_accuracy
     1/20     0.5 s     1.7120     0.5354     0.9214        0.7986
     2/20     0.4 s     0.4702     0.8467     0.3871        0.8819

Numbers that find no place in a terminal's width stand in lines of their own.
"""

from __future__ import annotations

import atexit
import shutil
import sys
import time
from typing import Any

import numpy as np

from wubu.training.arguments import check_verbose
from wubu.training.callbacks.callback import Callback, Logs

_EPOCH_WIDTH, _TIME_WIDTH, _NUMBER_WIDTH = 5, 8, 9  # characters
_IN_A_ROW = 4  # numbers of one metric that are shown
_SHORT = 0.2  # seconds; of such an epoch only its line is worth the time to draw it
_EVERY = 0.25  # seconds between drawings of the bar, at least


def format_logs(logs: Logs | None) -> str:
    """Numbers by name.

    Example:
        >>> format_logs({"loss": 0.123456, "accuracy": 0.5})
        'loss 0.1235  accuracy 0.5000'
    """
    return "  ".join(f"{name} {format_number(v)}" for name, v in (logs or {}).items())


def format_number(value: Any) -> str:
    """Four decimals, or four digits in scientific form for the very small and large.
    A few numbers in a row with two; of more, and of tables, only how many they are.

    Example:
        >>> format_number(0.5), format_number(0.000123456)
        ('0.5000', '1.235e-04')
        >>> format_number([0.5, 0.25]), format_number([[1.0, 2.0], [3.0, 4.0]])
        ('[0.50 0.25]', '2x2 numbers')
    """
    shape = np.shape(value)
    if len(shape) == 1 and shape[0] <= _IN_A_ROW:
        return f"[{' '.join(f'{number:.2f}' for number in value)}]"
    if shape:
        return f"{'x'.join(map(str, shape))} numbers"
    if value == 0 or 1e-3 <= abs(value) < 1e4:
        return f"{value:.4f}"
    return f"{value:.3e}"


def format_seconds(seconds: float) -> str:
    """A duration, in eight characters at most up to 99 hours.

    Example:
        >>> format_seconds(0.42), format_seconds(133), format_seconds(7500)
        ('0.4 s', '2 m 13 s', '2 h 05 m')
    """
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} m {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} m"


def progress_for(verbose: Any, stream: Any = None) -> Callback | None:
    """The display for a `verbose` argument: 0 nothing, 1 or "auto" a bar (plain lines
    where the output is no terminal), 2 plain lines.

    Args:
        verbose: as in `fit`.
        stream: where to show it; standard output if None.

    Raises:
        ArgumentError: another one.
    """
    check_verbose(verbose)
    if not verbose:
        return None
    stream = stream or sys.stdout
    if verbose == 2 or not stream.isatty():
        return ProgressLines(stream)
    return ProgressBar(stream)


class ProgressLines(Callback):
    """A table that grows by a line an epoch.

    Args:
        stream: where to write; standard output if None.
    """

    def __init__(self, stream: Any = None) -> None:
        super().__init__()
        self._stream = stream
        self._columns: list[str] = []
        self._widths: dict[str, int] = {}
        self._training = False
        self._epochs = 1
        self._started = 0.0

    def on_train_begin(self, logs: Logs | None = None) -> None:
        self._training = True
        self._epochs = self.params.get("epochs", 1)
        self._columns = []

    def on_train_end(self, logs: Logs | None = None) -> None:
        self._training = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        self._started = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        logs = logs or {}
        cells = {name: format_number(value) for name, value in logs.items()}
        if not set(logs) <= set(self._columns):
            # Validation may come only every few epochs: keep its columns then.
            self._columns = [*logs, *(n for n in self._columns if n not in logs)]
            for name, cell in cells.items():
                self._widths[name] = max(_NUMBER_WIDTH, len(name), len(cell))
            self._write(
                self._line("epoch", "time", {n: n for n in self._columns}), True
            )
        number = f"{epoch + 1}/{self._epochs}"
        self._write(self._line(number, format_seconds(self._passed()), cells))

    def on_test_end(self, logs: Logs | None = None) -> None:
        if not self._training:
            self._write(f"evaluation  {format_logs(logs)}")

    def _passed(self) -> float:
        """Seconds of this epoch."""
        return time.perf_counter() - self._started

    def _line(self, number: str, seconds: str, cells: dict[str, str]) -> str:
        number_width = max(_EPOCH_WIDTH, 2 * len(str(self._epochs)) + 1)
        lines = [f"{number:>{number_width}}  {seconds:>{_TIME_WIDTH}}"]
        margin, room = " " * len(lines[0]), self._room()
        for name in self._columns:
            cell = f"  {cells.get(name, '–'):>{self._widths[name]}}"
            if len(lines[-1]) + len(cell) > room and lines[-1] != margin:
                lines.append(margin)  # what has no place goes below
            lines[-1] += cell
        return "\n".join(lines)

    def _room(self) -> float:
        """Columns of the terminal; without one, lines are as long as they are."""
        return np.inf

    def _write(self, line: str, head: bool = False) -> None:
        print(line, file=self._stream or sys.stdout, flush=True)


class ProgressBar(ProgressLines):
    """A bar that fills while an epoch runs, then the epoch's line.

    The first epoch, which compiles, has its bar at once. After a short one it is left
    out, until the next has turned out to be longer.
    """

    def __init__(self, stream: Any = None) -> None:
        super().__init__(stream)
        self._bar: Any = None
        self._task: Any = None
        self._title = ""
        self._drawn = 0.0
        self._short = self._validating = False

    def on_train_begin(self, logs: Logs | None = None) -> None:
        super().on_train_begin(logs)
        self._short = False

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        super().on_epoch_begin(epoch, logs)
        total = str(self._epochs)
        self._title = f"epoch {epoch + 1:{len(total)}d}/{total}"
        if not self._short:
            self._open(self._title)

    def on_progress(self, done: int, logs: Logs | None = None) -> None:
        if self._bar is None and self._training and self._passed() > _SHORT:
            self._open(self._title)
        now = time.perf_counter()
        if self._bar is None or self._validating or now < self._drawn + _EVERY:
            return
        self._drawn = now
        text = format_logs(dict(list((logs or {}).items())[:2]))
        self._bar.update(self._task, completed=done, logs=text, refresh=True)

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        self._short = self._passed() < _SHORT
        self._close()
        super().on_epoch_end(epoch, logs)

    def on_test_begin(self, logs: Logs | None = None) -> None:
        if self._training:
            self._validating = True
            if self._bar is not None:
                self._bar.update(self._task, logs="validating", refresh=True)
        else:
            self._open("evaluating")

    def on_test_end(self, logs: Logs | None = None) -> None:
        self._validating = False
        if not self._training:
            self._close()
        super().on_test_end(logs)

    def on_predict_begin(self, logs: Logs | None = None) -> None:
        self._open("predicting")

    def on_predict_end(self, logs: Logs | None = None) -> None:
        self._close()

    def on_train_end(self, logs: Logs | None = None) -> None:
        super().on_train_end(logs)
        self._close()

    def _open(self, title: str) -> None:
        if self._bar is None:
            self._bar = _rich_bar(self._stream or sys.stdout)
            total = self.params.get("steps")
            done, text = (total or 0, "validating") if self._validating else (0, "")
            self._task = self._bar.add_task(
                title, total=total, completed=done, logs=text
            )
            self._drawn = time.perf_counter()
            self._bar.start()
            atexit.register(self._bar.stop)  # an error must not leave the cursor hidden

    def _close(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            atexit.unregister(self._bar.stop)
            self._bar = None
        self._validating = False

    def _room(self) -> float:
        return shutil.get_terminal_size().columns

    def _write(self, line: str, head: bool = False) -> None:
        if not head:
            super()._write(line)
            return
        from rich.console import Console

        console = Console(file=self._stream or sys.stdout, highlight=False)
        console.print(line, style="bold", markup=False, soft_wrap=True)


def _rich_bar(stream: Any) -> Any:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class OneLine(Progress):
        """Its columns side by side, without the table that measures all of them
        first, for most of a millisecond each time."""

        def get_renderables(self) -> Any:
            columns: Any = self.columns
            for task in self.tasks:
                cells = [self.as_text(column(task)) for column in columns]
                line = Text(" ").join(cells)
                line.no_wrap, line.overflow = True, "ellipsis"
                yield line

        def as_text(self, cell: Any) -> Text:
            if isinstance(cell, Text):
                return cell
            parts = self.console.render(cell)
            return Text.assemble(*((part.text, part.style or "") for part in parts))

    console = Console(file=stream)
    return OneLine(
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=max(4, min(16, console.width - 60))),
        MofNCompleteColumn(),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[logs]}", markup=False),
        console=console,
        transient=True,
        auto_refresh=False,  # a thread for it would take turns with those that compute
    )
