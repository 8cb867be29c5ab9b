"""How well each class is told from the others."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wubu.reports.facts import Facts
from wubu.reports.markup import Markup, join, paragraph, table, tag
from wubu.reports.statistics import Scores, scores
from wubu.reports.words import percent

_MOST_SHOWN = 30  # classes; further ones are folded away


def body(facts: Facts) -> Markup:
    """A table with a row for each class, and their means."""
    entries = facts.classes_needed
    found = [
        (entry, scores(entry["right"], entry["samples"], entry["predicted"]))
        for entry in entries
    ]
    text = paragraph(
        "Recall: how many of a class were found. Precision: how many that were called "
        "so are. F1: their harmonic mean.",
        class_="remark",
    )
    if len(found) <= _MOST_SHOWN:
        return join(text, _table(found, [_means(found)]))
    hardest = sorted(found, key=lambda pair: _rank(pair[1]))
    note = paragraph(
        f"The {_MOST_SHOWN} hardest of {len(found)} classes, by F1.", class_="remark"
    )
    rest = tag(
        "details",
        tag("summary", f"The other {len(found) - _MOST_SHOWN} classes"),
        _table(hardest[_MOST_SHOWN:], []),
    )
    shown = _table(hardest[:_MOST_SHOWN], [_means(found)])
    return join(text, note, shown, rest)


def _rank(found: Scores) -> float:
    return -1.0 if math.isnan(found.f1) else found.f1


def _table(found: list[tuple[dict[str, Any], Scores]], ends: list[Any]) -> Markup:
    heads = ["Class", "Samples>", "Predicted>", "Recall", "Precision", "F1"]
    largest = max((entry["samples"] for entry, _ in found), default=0)
    rows: list[Any] = [
        [
            tag("th", entry["name"], scope="row"),
            f"{entry['samples']:,}",
            f"{entry['predicted']:,}",
            bar(score.recall, largest),
            bar(score.precision, largest),
            bar(score.f1, largest),
        ]
        for entry, score in found
    ]
    return table(heads, [*rows, *ends], class_="scores")


def _means(found: list[tuple[dict[str, Any], Scores]]) -> list[Any]:
    """All classes weigh the same; those that say nothing are left out."""
    total = sum(entry["samples"] for entry, _ in found)
    columns = np.array([score for _, score in found], np.float64)
    known = [column[np.isfinite(column)] for column in columns.T]
    means = [float(part.mean()) if len(part) else math.nan for part in known]
    precision, recall, f1 = (bar(mean, total) for mean in means)
    predicted = sum(entry["predicted"] for entry, _ in found)
    head = tag("th", "mean of classes", scope="row")
    return [head, f"{total:,}", f"{predicted:,}", recall, precision, f1]


def bar(share: float, total: int) -> Markup:
    """A cell with a share, as text on a bar of that length."""
    if not math.isfinite(share):
        return tag("td", "–")
    text = tag("span", percent(share, total))
    return tag("td", text, class_="bar", style=f"--share:{100 * share:.1f}%")
