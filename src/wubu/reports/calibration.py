"""Whether the probabilities mean what they say: a reliability diagram."""

from __future__ import annotations

import numpy as np

from wubu.reports.charts import SQUARE, Scale, square_chart
from wubu.reports.facts import Facts, Missing
from wubu.reports.markup import Markup, figure, paragraph, tag
from wubu.reports.statistics import Bin, Calibration, calibration
from wubu.reports.words import count, percent


def body(facts: Facts) -> Markup:
    """The diagram, how sure the answers are, and what both say."""
    said = facts.predictions_needed
    if "probabilities" not in said:
        raise Missing("the outputs are no probabilities")
    sure = said["probabilities"].max(axis=1)
    right = said["y_true"] == said["y_pred"]
    if not len(sure) or not np.isfinite(sure).all() or sure.max() > 1.001:
        raise Missing("the outputs are no probabilities")
    found = calibration(sure, right)
    return tag(
        "div",
        figure("How often right, by how sure", _diagram(found)),
        figure("How many answers, by how sure", _sureness(found)),
        tag("div", _remarks(found, sure, right), class_="aside"),
        class_="figures narrower",
    )


def _remarks(found: Calibration, sure: np.ndarray, right: np.ndarray) -> list[Markup]:
    mean, share, total = float(sure.mean()), float(right.mean()), len(sure)
    if abs(mean - share) < 0.005:
        verdict = "as sure as it may be"
    else:
        verdict = "too sure of itself" if mean > share else "less sure than it could be"
    parts = [
        tag("div", percent(found.error), class_="large"),
        paragraph("expected calibration error: the mean gap between bars and line"),
        paragraph(
            f"On average it gave its answers a probability of {percent(mean, total)}, "
            f"and {percent(share, total)} of them are right: it is {verdict}."
        ),
    ]
    surest = found.bins[-1]
    if surest.samples:
        parts.append(
            paragraph(
                f"Above {percent(surest.low, 1)} sure it was for "
                f"{count(surest.samples, 'sample')}; "
                f"{percent(surest.accuracy, surest.samples)} of these are right."
            )
        )
    return parts


def _scales(top: float = 1.0) -> tuple[Scale, Scale]:
    left, right, above, below = SQUARE
    return Scale(0, 1, left, right), Scale(0, top, below, above)


def _diagram(found: Calibration) -> Markup:
    x, y = _scales()
    bars = [_bar(part, x, y, part.accuracy) for part in found.bins if part.samples]
    line = tag("line", x1=x(0), y1=y(0), x2=x(1), y2=y(1), class_="ideal")
    dots = [
        tag(
            "circle",
            cx=x(part.confidence),
            cy=y(part.accuracy),
            r=3.5,
            class_="dot one",
        )
        for part in found.bins
        if part.samples
    ]
    return square_chart(
        f"Reliability diagram; expected calibration error {found.error:.4f}",
        x,
        y,
        [bars, line, dots],
        "probability of the answer",
        "share that is right",
    )


def _sureness(found: Calibration) -> Markup:
    total = max(1, sum(part.samples for part in found.bins))
    most = max(part.samples for part in found.bins) / total
    x, y = _scales(max(most, 0.01))
    bars = [_bar(p, x, y, p.samples / total) for p in found.bins if p.samples]
    return square_chart(
        "Histogram of the probabilities of answers",
        x,
        y,
        bars,
        "probability of the answer",
        "share of answers",
    )


def _bar(part: Bin, x: Scale, y: Scale, height: float) -> Markup:
    text = (
        f"{part.low:.1f} to {part.high:.1f}: {count(part.samples, 'answer')}, "
        f"{percent(part.accuracy)} right, {percent(part.confidence)} sure on average"
    )
    size = max(1.0, y(0) - y(height))
    left, right = x(part.low) + 1.5, x(part.high) - 1.5
    return tag(
        "g",
        tag("title", text),
        tag("rect", x=left, y=y(0) - size, width=right - left, height=size, rx=2),
        class_="bars",
    )
