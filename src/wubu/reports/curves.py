"""Learning curves: the loss and every metric over the epochs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from wubu.reports.charts import Line, Mark, line_chart
from wubu.reports.facts import Facts, Missing
from wubu.reports.markup import Markup, figure, join, paragraph, tag
from wubu.reports.words import count, metric_name
from wubu.reports.words import figure as number

_NO_METRICS = ("epoch", "seconds")
VALIDATION = "val_"


def body(facts: Facts) -> Markup:
    """A chart for the loss, and one for each metric."""
    if not facts.history:
        raise Missing("no epoch has come to its end")
    names = chartable(facts.history)
    if not names:
        raise Missing("no number of the history is finite")
    drawn = [
        figure(metric_name(name), _chart(facts, name), class_="wide") for name in names
    ]
    text = paragraph(_remark(facts), class_="remark")
    return join(text, tag("div", drawn, class_="figures"))


def chartable(history: Sequence[dict[str, Any]]) -> list[str]:
    """Names of what can be drawn, those of validation left out: the loss, then metrics
    that are one number."""
    names = dict.fromkeys(
        name.removeprefix(VALIDATION) for entry in history for name in entry
    )
    found = [
        name
        for name in names
        if name not in _NO_METRICS and _any(column(history, name), history, name)
    ]
    return sorted(found, key=lambda name: name != "loss")


def column(history: Sequence[dict[str, Any]], name: str) -> list[float]:
    """One number of each epoch; NaN where it is missing or no single number."""
    values = (entry.get(name) for entry in history)
    return [float(v) if isinstance(v, int | float) else math.nan for v in values]


def _any(values: list[float], history: Sequence[dict[str, Any]], name: str) -> bool:
    other = column(history, VALIDATION + name)
    return any(math.isfinite(v) for v in (*values, *other))


def best_epoch(history: Sequence[dict[str, Any]]) -> tuple[int, float, str] | None:
    """The epoch with the smallest validation loss, the loss, and its name; that of
    training if nothing was validated."""
    for name in ("val_loss", "loss"):
        known = [
            (value, epoch)
            for epoch, value in enumerate(column(history, name), start=1)
            if math.isfinite(value)
        ]
        if known:
            value, epoch = min(known)
            return epoch, value, name
    return None


def _chart(facts: Facts, name: str) -> Markup:
    training = column(facts.history, name)
    validation = column(facts.history, VALIDATION + name)
    lines = [
        Line(text, values, style)
        for text, values, style in (
            ("training", training, "one"),
            ("validation", validation, "two"),
        )
        if any(map(math.isfinite, values))
    ]
    marks = []
    best = best_epoch(facts.history)
    if best is not None:
        epoch, _, of = best
        values, style = (validation, "two") if of == "val_loss" else (training, "one")
        # The last epoch has its label already.
        if math.isfinite(values[epoch - 1]) and epoch < len(facts.history):
            text = f"epoch {epoch}: {number(values[epoch - 1])}"
            marks.append(Mark(epoch, values[epoch - 1], text, style))
    value = facts.metrics.get(name)
    if isinstance(value, int | float) and math.isfinite(value):
        text = f"{facts.judged_on} {number(value)}"
        marks.append(Mark(len(facts.history), value, text, "three"))
    return line_chart(f"{metric_name(name)} over the epochs", lines, marks)


def _remark(facts: Facts) -> str:
    """What to look at, in a sentence or two."""
    done, best = len(facts.history), best_epoch(facts.history)
    if best is None:
        return ""
    epoch, value, of = best
    if of == "loss":
        said = f"The training loss was smallest in epoch {epoch} ({number(value)})."
        return f"{said} There were no validation samples to compare it with."
    said = f"The validation loss was smallest in epoch {epoch} ({number(value)})"
    if epoch == done:
        return f"{said}, the last one: more epochs may help."
    return f"{said}; {count(done - epoch, 'epoch')} more did not improve it."
