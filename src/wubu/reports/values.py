"""Predicted against true values, and how far off they are."""

from __future__ import annotations

import math

import numpy as np

from wubu.reports.charts import SQUARE, Scale, square_chart
from wubu.reports.facts import Facts, Missing
from wubu.reports.markup import Markup, figure, join, paragraph, table, tag
from wubu.reports.statistics import r_squared
from wubu.reports.words import figure as number

_MOST_POINTS = 1000
_MOST_COLUMNS = 4


def body(facts: Facts) -> Markup:
    """For each of the first outputs two drawings; how far off all of them are."""
    said = facts.predictions_needed
    y, guess = said["y_true"], said["y_pred"]
    if y.size == 0 or y.size != guess.size or y.dtype.kind not in "iufb":
        raise Missing("targets and outputs are not of the same size")
    y = np.asarray(y, np.float64).reshape(len(y), -1)
    guess = np.asarray(guess, np.float64).reshape(len(y), -1)
    known = np.isfinite(y).all(axis=1) & np.isfinite(guess).all(axis=1)
    if not known.any():
        raise Missing("no output is finite")
    y, guess = y[known], guess[known]
    drawn = []
    columns = min(y.shape[1], _MOST_COLUMNS)
    for column in range(columns):
        name = f" of output {column}" if y.shape[1] > 1 else ""
        a, b = y[:, column], guess[:, column]
        drawn.append(figure(f"Predicted against true value{name}", _against(a, b)))
        drawn.append(figure(f"Residuals{name}: true less predicted", _residuals(a, b)))
    more = None
    if columns < y.shape[1]:
        more = paragraph(f"The first {columns} of {y.shape[1]} outputs are drawn.")
    return join(_table(y, guess), more, tag("div", drawn, class_="figures"))


def _table(y: np.ndarray, guess: np.ndarray) -> Markup:
    """How far off, in the units of the targets."""
    off = y - guess
    rows = [
        ("mean of absolute errors", number(float(np.abs(off).mean()))),
        ("median of absolute errors", number(float(np.median(np.abs(off))))),
        ("root of the mean squared error", number(math.sqrt(float((off**2).mean())))),
        ("mean error: true less predicted", number(float(off.mean()))),
        ("R², the share of variance explained", number(r_squared(y, guess))),
        ("standard deviation of the targets", number(float(y.std()))),
    ]
    return table(["", "Value>"], rows, class_="narrow")


def _spread(y: np.ndarray) -> np.ndarray:
    """Places of samples to draw: of many, some from all over."""
    if len(y) <= _MOST_POINTS:
        return np.arange(len(y))
    return np.linspace(0, len(y) - 1, _MOST_POINTS).round().astype(int)


def _against(y: np.ndarray, guess: np.ndarray) -> Markup:
    low, high = float(min(y.min(), guess.min())), float(max(y.max(), guess.max()))
    left, right, above, below = SQUARE
    x, up = Scale(low, high, left, right), Scale(low, high, below, above)
    ends = {"x1": left, "y1": below, "x2": right, "y2": above}
    dots = _dots(y, guess, x, up)
    line = tag("line", **ends, class_="ideal")
    title = "Predicted against true values"
    return square_chart(title, x, up, [dots, line], "true value", "predicted value")


def _residuals(y: np.ndarray, guess: np.ndarray) -> Markup:
    off = y - guess
    left, right, above, below = SQUARE
    x = Scale(float(guess.min()), float(guess.max()), left, right)
    up = Scale(float(min(0.0, off.min())), float(max(0.0, off.max())), below, above)
    line = tag("line", x1=left, x2=right, y1=up(0), y2=up(0), class_="ideal")
    dots = _dots(guess, off, x, up)
    title = "Residuals against predicted values"
    return square_chart(title, x, up, [dots, line], "predicted value", "residual")


def _dots(a: np.ndarray, b: np.ndarray, x: Scale, y: Scale) -> list[Markup]:
    places = _spread(a)
    pairs = zip(a[places].tolist(), b[places].tolist(), strict=True)
    return [tag("circle", cx=x(p), cy=y(q), r=2.6, class_="point") for p, q in pairs]
