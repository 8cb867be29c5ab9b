"""Progress: a bar on a terminal, plain lines elsewhere, one look for both."""

from __future__ import annotations

import io
import re
from typing import Any

import numpy as np
import pytest

from wubu import Sequential, layers
from wubu.training.callbacks.progress import (
    ProgressBar,
    ProgressLines,
    format_seconds,
    progress_for,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _fit(stream: Any, epochs: int = 2, **options: Any) -> list[str]:
    """The lines shown while a small model learns."""
    model = Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])
    model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    x = np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    y = np.arange(64) % 3
    shown = progress_for(1, stream)
    options = {"validation_split": 0.25} | options
    model.fit(x, y, epochs=epochs, verbose=0, callbacks=[shown], **options)
    return stream.getvalue().splitlines()


def test_the_stream_decides() -> None:
    assert type(progress_for(1, io.StringIO())) is ProgressLines
    assert type(progress_for("auto", io.StringIO())) is ProgressLines
    assert type(progress_for(1, Terminal())) is ProgressBar
    assert type(progress_for(2, Terminal())) is ProgressLines
    assert progress_for(0, Terminal()) is None


def test_plain_lines_are_a_table_within_80_columns() -> None:
    head, first, second = _fit(io.StringIO())
    assert head.split() == (
        ["epoch", "time", "loss", "accuracy", "val_loss", "val_accuracy"]
    )
    assert first.split()[0] == "1/2"
    assert len(head) == len(first) == len(second) <= 80
    assert "\x1b" not in head + first + second


def test_columns_stay_where_validation_is_seldom() -> None:
    lines = _fit(io.StringIO(), epochs=4, validation_freq=2)
    rows = [line for line in lines if "epoch" not in line]
    assert len(rows) == 4
    assert rows[2].split()[-2:] == ["–", "–"]
    assert "–" not in rows[3]


def test_the_bar_goes_away_and_the_lines_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    text = "\n".join(_fit(Terminal()))
    assert "━" in text  # the bar
    assert "\x1b[2K" in text  # erased
    assert "\x1b[?25h" in text  # the cursor is back
    plain = re.sub(r"\x1b\[[?0-9;]*[A-Za-z]", "", text).replace("\r", "\n").split("\n")
    (line,) = [line for line in plain if line.lstrip().startswith("2/2")]
    assert len(line) <= 80


@pytest.mark.parametrize(
    ("steps", "validation", "shown"),
    [
        ([9.0, 9.0, 9.0], [0.0, 0.0, 0.0], "open open open"),
        ([9.0, 0.1, 0.1], [0.0, 0.0, 0.0], "open open none"),
        ([0.1, 9.0, 0.1], [0.0, 0.0, 0.0], "open open open"),
        ([0.1, 0.1, 0.1], [0.0, 9.0, 9.0], "open open open"),
    ],
)
def test_after_a_short_epoch_the_next_has_a_bar_once_it_is_long(
    steps: list[float],
    validation: list[float],
    shown: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [0.0]
    monkeypatch.setattr("time.perf_counter", lambda: now[0])
    monkeypatch.setenv("TERM", "xterm-256color")
    bar = ProgressBar(Terminal())
    bar.set_params({"epochs": 3, "steps": 2})
    bar.on_train_begin()
    found = []
    for epoch in range(3):
        bar.on_epoch_begin(epoch)
        for half in (1, 2):
            now[0] += steps[epoch] / 2
            bar.on_progress(half, {"loss": 0.5})
        bar.on_test_begin()
        now[0] += validation[epoch]
        bar.on_progress(1, {"loss": 0.25})
        found.append("open" if bar._bar else "none")
        bar.on_test_end()
        bar.on_epoch_end(epoch, {"loss": 0.5})
    bar.on_train_end()
    assert " ".join(found) == shown


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (59.94, "59.9 s"),
        (59.97, "1 m 00 s"),
        (3599, "59 m 59 s"),
        (3600, "1 h 00 m"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


def test_on_a_narrow_terminal_numbers_that_have_no_place_stand_below(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    bar = ProgressBar(stream)
    bar.set_params({"epochs": 9, "steps": 1})
    bar.on_train_begin()
    names = [f"{part}department_{n}" for part in ("", "val_") for n in "abcd"]
    for epoch in range(2):
        bar.on_epoch_begin(epoch)
        bar.on_epoch_end(epoch, {name: 0.5 for name in names})
    bar.on_train_end()
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", stream.getvalue())
    lines = [line for line in re.split(r"[\r\n]+", text) if "department" in line]
    rows = [line for line in re.split(r"[\r\n]+", text) if "0.5000" in line]
    assert all(len(line.rstrip()) <= 80 for line in [*lines, *rows])
    assert " ".join(lines).split() == ["epoch", "time", *names]
    assert " ".join(rows).count("0.5000") == 2 * len(names)
    assert len(lines) * 2 == len(rows)  # the head is folded like the rows


def test_in_a_narrow_terminal_the_bar_leaves_room_for_the_loss(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "40")
    bar = ProgressBar(stream := Terminal())
    bar.params = {"epochs": 3, "steps": 100}
    bar.on_train_begin()
    bar.on_epoch_begin(0)
    bar._drawn = 0.0
    bar.on_progress(6, {"loss": 0.5, "a[/b]": 0.25})
    bar.on_train_end()
    assert "loss 0.50" in stream.getvalue()
