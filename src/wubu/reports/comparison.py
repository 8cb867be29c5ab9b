"""`write_comparison`: two runs on a page, and whether they really differ."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from wubu.reports import disagreement
from wubu.reports.charts import Line, line_chart
from wubu.reports.curves import VALIDATION, chartable, column
from wubu.reports.facts import Facts, Missing
from wubu.reports.markup import Markup, figure, join, paragraph, table, tag
from wubu.reports.page import Section, document
from wubu.reports.statistics import wilson
from wubu.reports.words import figure as number
from wubu.reports.words import metric_name, percent, shortened
from wubu.runs.comparison import Comparison, compare
from wubu.runs.mcnemar import McNemar
from wubu.runs.record import write_text
from wubu.training.callbacks.progress import format_seconds

SIGNIFICANT = 0.05  # below it a difference counts as more than chance


def write_comparison(first: str | Path, second: str | Path, target: str | Path) -> Path:
    """Writes a page about two runs, and returns its path.

    Args:
        first: a run folder, evaluated.
        second: another.
        target: the page's file.

    Raises:
        ArgumentError: one has not been evaluated.
        OSError: the page cannot be written there.
    """
    path = Path(target)
    write_text(path, comparison(Facts(first), Facts(second)))
    return path


def comparison(first: Facts, second: Facts) -> str:
    """The page, as HTML."""
    found = compare(first.run, second.run)
    parts = [
        ("verdict", "Is the difference real?", lambda: _verdict(found)),
        ("metrics", "Metrics", lambda: _metrics(found)),
        ("settings", "What is different", lambda: _settings(found)),
        ("curves", "Learning curves", lambda: _curves(first, second)),
        ("classes", "Class by class", lambda: disagreement.classes(first, second)),
        ("samples", "Where they disagree", lambda: disagreement.body(first, second)),
    ]
    sections, left_out = [], []
    for key, title, body in parts:
        try:
            sections.append(Section(key, title, body()))
        except Missing as reason:
            left_out.append(tag("li", tag("b", title), f": {reason}."))
    end = None
    if left_out:
        text = paragraph("Not in this comparison:")
        end = tag("aside", text, tag("ul", left_out), class_="absent")
    title = f"{first.run.name} and {second.run.name}"
    return document(title, _top(found, first, second), sections, end)


def _top(found: Comparison, first: Facts, second: Facts) -> Markup:
    return join(
        paragraph("Two runs compared", class_="kicker"),
        tag("h1", names(found)),
        paragraph(tag("b", _sentence(found)), class_="title"),
        tag(
            "div",
            [_side(facts, style) for facts, style in ((first, "a"), (second, "b"))],
            class_="sides",
        ),
    )


def names(found: Comparison) -> Markup:
    """The names of both, each in its colour."""
    one, other = found.first.name, found.second.name
    return join(tag("span", one, class_="a"), " and ", tag("span", other, class_="b"))


def _side(facts: Facts, style: str) -> Markup:
    """A run with the number that matters most."""
    if facts.right is None:
        what, value = "loss", number(facts.metrics.get("loss"))
        more = None
    else:
        what, total = "accuracy", facts.total
        value = percent(facts.right / max(1, total), total)
        low, high = wilson(facts.right, total)
        more = f"95% confidence: {percent(low, total)} to {percent(high, total)}"
    return tag(
        "div",
        tag("div", facts.run.name, class_=f"{style} name"),
        tag("div", value, class_="huge"),
        tag("div", f"{facts.judged_on} {what}", class_="what"),
        tag("div", more, class_="interval") if more else None,
    )


def _sentence(found: Comparison) -> str:
    test = found.test
    if test is None:
        return f"Whether they really differ cannot be tested: {found.why_no_test}."
    if test.p_value >= SIGNIFICANT:
        return "No more than chance may account for the difference."
    better = found.first if test.only_first > test.only_second else found.second
    return f"{better.name} is better by more than chance."


def _verdict(found: Comparison) -> Markup:
    """McNemar's test: what it counted, and what that means."""
    test = found.test
    if test is None:
        raise Missing(str(found.why_no_test))
    one, other = found.first.name, found.second.name
    total = (found.first.evaluation or {})["data"]["samples"]
    agreed = total - test.only_first - test.only_second
    rows = [
        [tag("span", f"only {one} is right", class_="a"), f"{test.only_first:,}"],
        [tag("span", f"only {other} is right", class_="b"), f"{test.only_second:,}"],
        ["both are right, or both are wrong", f"{agreed:,}"],
    ]
    return join(
        paragraph(
            "Both answered the same questions. Where both are right, or both are "
            "wrong, nothing is learned about which is better; what counts are the "
            "samples that only one of them got right. If the two were equally good, "
            "each of these would be a toss of a coin.",
            class_="remark",
        ),
        _tug(test),
        table(["Samples", "Count>"], rows, class_="narrow"),
        paragraph(_numbers(test), class_="after"),
    )


def _numbers(test: McNemar) -> str:
    chi = "" if test.statistic is None else f"χ² = {test.statistic:.2f}, "
    p = f"p = {test.p_value:.3g}" if test.p_value >= 0.001 else "p < 0.001"
    meaning = "less" if test.p_value < SIGNIFICANT else "no less"
    return (
        f"McNemar's test ({test.method}): {chi}{p}. A difference at least as large "
        f"comes from tossing coins with this probability, which is {meaning} than the "
        f"usual {percent(SIGNIFICANT, 1)}."
    )


def _tug(test: McNemar) -> Markup | None:
    """What only one got right, as a bar in two colours, with its middle marked."""
    total = test.only_first + test.only_second
    if not total:
        return None
    width = 480.0
    share = width * test.only_first / total
    text = f"{test.only_first} against {test.only_second}"
    return tag(
        "svg",
        tag("title", text),
        tag("rect", x=0, y=6, width=share, height=22, class_="fill-a"),
        tag("rect", x=share, y=6, width=width - share, height=22, class_="fill-b"),
        tag("line", x1=width / 2, x2=width / 2, y1=0, y2=34, class_="zero"),
        viewBox=f"0 0 {width:g} 34",
        role="img",
        class_="tug",
    )


def _metrics(found: Comparison) -> Markup:
    rows: list[list[Any]] = []
    for name, one, other in found.metrics:
        both = all(isinstance(v, int | float) for v in (one, other))
        gap = f"{other - one:+.4f}" if both else "–"  # type: ignore[operator]
        rows.append([metric_name(name), number(one), number(other), gap])
    for title, key in (("Parameters", "parameters"), ("Threads", "threads")):
        values = [run.info.get(key) for run in (found.first, found.second)]
        rows.append([title, *(_whole(v) for v in values), _gap(*values)])
    times = [run.info.get("seconds") for run in (found.first, found.second)]
    rows.append(
        ["Training time", *("–" if t is None else format_seconds(t) for t in times), ""]
    )
    epochs = [len(run.history) for run in (found.first, found.second)]
    rows.append(["Epochs", *(_whole(n) for n in epochs), _gap(*epochs)])
    for title, key in (("Executor", "executor"), ("Machine", "machine")):
        values = [run.info.get(key) or "–" for run in (found.first, found.second)]
        rows.append([title, *values, ""])
    heads = ["", f"{found.first.name}>", f"{found.second.name}>", "Difference>"]
    return table(heads, rows)


def _whole(value: Any) -> str:
    return "–" if value is None else f"{value:,}"


def _gap(one: Any, other: Any) -> str:
    return "" if None in (one, other) or one == other else f"{other - one:+,}"


def _settings(found: Comparison) -> Markup:
    if not found.settings:
        return paragraph("Nothing: both have the same recipe.")
    rows = [
        [
            tag("code", difference.key),
            tag("td", _setting(difference.first), class_="a"),
            tag("td", _setting(difference.second), class_="b"),
        ]
        for difference in found.settings
    ]
    return table(["Setting", found.first.name, found.second.name], rows)


def _setting(text: str | None) -> Markup:
    return tag("code", text) if text is not None else tag("span", "–")


def _curves(first: Facts, second: Facts) -> Markup:
    """Both runs in one chart: validation if both have it, else training."""
    both = [first.history, second.history]
    if not all(both):
        raise Missing("one of them has no history")
    other = set(chartable(second.history))
    drawn = []
    for name in chartable(first.history):
        if name not in other:
            continue
        key = VALIDATION + name
        known = all(any(map(math.isfinite, column(h, key))) for h in both)
        key = key if known else name
        lines = [
            Line(shortened(facts.run.name, 18), column(facts.history, key), style)
            for facts, style in ((first, "one"), (second, "two"))
        ]
        kind = "in validation" if known else "in training"
        title = f"{metric_name(name)} {kind}"
        if any(math.isfinite(v) for line in lines for v in line.values):
            drawn.append(figure(title, line_chart(title, lines), class_="wide"))
    if not drawn:
        raise Missing("their histories have no number in common")
    return tag("div", drawn, class_="figures")
