"""Drawings without axes, small enough to stand in a table or beside a picture."""

from __future__ import annotations

import numpy as np

from wubu.reports.charts import Scale
from wubu.reports.markup import Markup, tag
from wubu.reports.words import compact


def histogram(values: np.ndarray, title: str, bins: int = 40) -> Markup:
    """A small histogram with its ends written below, and a line at zero.

    Args:
        values: finite numbers, at least one.
        title: what it says when the pointer is over it.
        bins: how many bars.
    """
    width, height = 200.0, 34.0
    low, high = float(values.min()), float(values.max())
    x = Scale(low, high, 0, width)
    counts, _ = np.histogram(values, bins=bins, range=(x.low, x.high))
    most, wide = max(1, int(counts.max())), width / bins
    bars = [
        tag(
            "rect",
            x=n * wide + 0.25,
            y=height - max(0.8, height * share),
            width=wide - 0.5,
            height=max(0.8, height * share),
        )
        for n, share in enumerate((counts / most).tolist())
        if share
    ]
    zero = None
    if x.low < 0 < x.high:
        zero = tag("line", x1=x(0), x2=x(0), y1=0, y2=height, class_="zero")
    return tag(
        "svg",
        tag("title", title),
        bars,
        zero,
        tag("text", compact(_three(low)), x=0, y=height + 12),
        tag("text", compact(_three(high)), x=width, y=height + 12, text_anchor="end"),
        viewBox=f"0 0 {width:g} {height + 15:g}",
        role="img",
        class_="histogram",
    )


def _three(value: float) -> float:
    """With three digits."""
    return float(f"{value:.3g}")


def small_curve(values: np.ndarray, text: str) -> Markup:
    """A curve without axes, for a series that is one sample."""
    known = np.nan_to_num(np.asarray(values, np.float64))
    x = Scale(0, max(1, len(known) - 1), 2, 118)
    y = Scale(float(known.min()), float(known.max()), 46, 4)
    words = " ".join(f"{x(n):.1f},{y(v):.1f}" for n, v in enumerate(known.tolist()))
    return tag(
        "svg",
        tag("title", text),
        tag("polyline", points=words, class_="curve one"),
        viewBox="0 0 120 50",
        role="img",
        class_="sample small-curve",
    )


def unit_bars(values: np.ndarray, title: str) -> Markup:
    """A bar for each unit, up from zero or down from it."""
    count, height = len(values), 64.0
    wide = min(16.0, max(2.0, 480.0 / count))
    y = Scale(
        min(0.0, float(values.min())), max(1e-9, float(values.max())), height, 0.0
    )
    bars = [
        tag(
            "rect",
            x=n * wide + 0.1 * wide,
            y=min(y(0), y(value)),
            width=0.8 * wide,
            height=max(0.6, abs(y(value) - y(0))),
            class_="below" if value < 0 else None,
        )
        for n, value in enumerate(values.tolist())
    ]
    width = max(30.0, count * wide)
    return tag(
        "svg",
        tag("title", title),
        bars,
        viewBox=f"0 0 {width:g} {height:g}",
        style=f"max-width:{width:g}px",
        preserveAspectRatio="none",
        role="img",
        class_="units",
    )
