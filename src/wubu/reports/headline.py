"""The top of the page: what was trained, and how good it is."""

from __future__ import annotations

from typing import Any

from wubu.reports.facts import Facts
from wubu.reports.markup import Markup, join, paragraph, tag
from wubu.reports.statistics import wilson
from wubu.reports.words import count, date, figure, metric_name, percent
from wubu.training.callbacks.progress import format_seconds

_PARTS = {"test": "test", "validation": "validation", "train": "training"}


def body(facts: Facts) -> Markup:
    """Name, result with its uncertainty, and what there is to know of the run."""
    title = facts.title
    left = tag(
        "div",
        paragraph("Report of a run", class_="kicker"),
        tag("h1", facts.name),
        paragraph(title, class_="title") if title else None,
        paragraph(_sentence(facts), class_="lead"),
        _state(facts),
    )
    return join(tag("div", left, _result(facts), class_="hero"), _list(facts))


def _sentence(facts: Facts) -> str:
    found = []
    if facts.right is not None:
        data = facts.evaluation_needed["data"]["name"]
        found.append(
            f"{facts.right:,} of {count(facts.total, 'sample')} of {data} are right."
        )
    info = facts.info
    if facts.epochs_done:
        what = f"Trained for {count(facts.epochs_done, 'epoch')}"
        if info.get("seconds") is not None:
            what += f" in {format_seconds(info['seconds'])}"
        found.append(f"{what}: {facts.parts()}." if facts.parts() else f"{what}.")
    return " ".join(found)


def _state(facts: Facts) -> Markup | None:
    """A note if the run did not go its whole way."""
    planned, done = facts.info.get("epochs"), facts.epochs_done
    if facts.evaluation is None:
        return paragraph("This run has not been evaluated.", class_="note")
    if facts.info.get("stopped") and planned is not None and done < planned:
        return paragraph(f"Ended after {done} of {planned} epochs.", class_="note")
    return None


def _result(facts: Facts) -> Markup | None:
    """The number that matters most, large."""
    kind = _PARTS.get(facts.judged_on, facts.judged_on)
    if facts.right is not None:
        share = facts.right / max(1, facts.total)
        return tag(
            "div",
            tag("div", f"{kind} accuracy", class_="what"),
            tag("div", percent(share, facts.total), class_="huge"),
            _interval(facts.right, facts.total),
            class_="result",
        )
    names = [name for name in facts.metrics if name != "loss"] or ["loss"]
    if not facts.metrics:
        return None
    return tag(
        "div",
        tag("div", f"{kind} {_within(metric_name(names[0]))}", class_="what"),
        tag("div", figure(facts.metrics.get(names[0])), class_="huge"),
        class_="result",
    )


def _within(name: str) -> str:
    """A name inside a sentence: abbreviations keep their capitals."""
    return name if name.isupper() else name[:1].lower() + name[1:]


def _interval(right: int, total: int) -> Markup:
    """Wilson's interval in words, and as a bar from 0 to 100 per cent."""
    low, high = wilson(right, total)
    text = f"95% confidence: {percent(low, total)} to {percent(high, total)}"
    left, width = 240 * low, max(3.0, 240 * (high - low))
    drawing = tag(
        "svg",
        tag("title", text),
        tag("rect", x=0, y=5, width=240, height=4, rx=2, class_="rail"),
        tag("rect", x=left, y=2, width=width, height=10, rx=3, class_="range"),
        tag("rect", x=240 * right / max(1, total) - 1, y=0, width=2, height=14),
        viewBox="0 0 240 14",
        role="img",
        class_="gauge",
    )
    return join(drawing, tag("div", text, class_="interval"))


def _list(facts: Facts) -> Markup:
    info = facts.info
    rows: list[tuple[str, Any]] = []
    for name, value in facts.metrics.items():
        if name != "accuracy" or facts.right is None:
            rows.append((metric_name(name), figure(value)))
    if info.get("parameters") is not None:
        rows.append(("Parameters", f"{info['parameters']:,}"))
    if info.get("seconds") is not None:
        rows.append(("Training time", format_seconds(info["seconds"])))
        if facts.epochs_done:
            each = format_seconds(info["seconds"] / facts.epochs_done)
            rows.append(("Per epoch", each))
    if facts.total:
        rows.append((f"{_PARTS.get(facts.judged_on, '')} samples", f"{facts.total:,}"))
    if facts.run.started is not None:
        rows.append(("Started", date(facts.run.started)))
    machine = [info.get("executor"), info.get("machine")]
    if info.get("threads"):
        machine.append(count(info["threads"], "thread"))
    if any(machine):
        rows.append(("Ran on", ", ".join(str(part) for part in machine if part)))
    pairs = [
        tag("div", tag("dt", name[:1].upper() + name[1:]), tag("dd", value))
        for name, value in rows
    ]
    return tag("dl", pairs, class_="facts")
