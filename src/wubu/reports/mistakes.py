"""The worst mistakes: what it was, and what the network thought. Then what it was
surest of and right about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.reports.facts import Facts
from wubu.reports.markup import Markup, join, paragraph, table, tag
from wubu.reports.pictures import as_pictures, picture, shades_of
from wubu.reports.sparklines import small_curve
from wubu.reports.words import count, figure, percent, shortened

_MISTAKES, _RIGHT = 24, 12  # that are shown
_GUESSES = 3
_NUMBERS = 8  # of a sample, in a table


def body(facts: Facts) -> Markup:
    """Cards with pictures; a table where samples are no pictures."""
    kept, said = facts.samples_needed, facts.predictions_needed
    if facts.task == "values":
        return _far_off(kept, said)
    wrong = said["y_true"][kept["index"]] != said["y_pred"][kept["index"]]
    mistakes = np.flatnonzero(wrong)[:_MISTAKES]
    sure = said["probabilities"][kept["index"]].max(axis=1)
    right = _surest(np.flatnonzero(~wrong), sure, said["y_true"][kept["index"]])
    total = facts.total - (facts.right or 0)
    many = len(mistakes) < total
    text = f"The {len(mistakes)} with the largest loss of " if many else ""
    text += f"{count(total, 'mistake')}. The bars are the probabilities it gave."
    if not total:
        text = "There are none: every sample was right."
    shown = Shown(facts, kept["x"])
    parts = [
        paragraph(text, class_="remark"),
        tag("div", [shown.card(int(n)) for n in mistakes], class_="cards"),
    ]
    if len(right):
        parts += [
            tag("h3", "Surest of, and right"),
            tag("div", [shown.small(int(n)) for n in right], class_="strip"),
        ]
    return join(*parts)


def _surest(right: np.ndarray, sure: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Of every class as many, by class; of many classes the surest of them."""
    rank = np.zeros(len(true), int)
    order = right[np.argsort(-sure[right], kind="stable")]
    for number in np.unique(true[right]):
        own = order[true[order] == number]
        rank[own] = np.arange(len(own))
    found = len(np.unique(true[right]))
    each = max(1, _RIGHT // max(1, found))
    chosen = order[rank[order] < each][:_RIGHT]
    return chosen[np.lexsort((rank[chosen], true[chosen]))]


class Shown:
    """Samples of a run that can be shown.

    Args:
        facts: of the run.
        x: its samples.
    """

    def __init__(self, facts: Facts, x: np.ndarray) -> None:
        self._facts = facts
        self._x = x
        self._pictures = as_pictures(x)
        self._shades = None if self._pictures is None else shades_of(self._pictures)

    def card(self, number: int) -> Markup:
        """A sample that was taken for something else."""
        place = int(self._facts.samples_needed["index"][number])
        said = self._facts.predictions_needed
        true, guess = int(said["y_true"][place]), int(said["y_pred"][place])
        names = self._facts.class_name
        head = tag(
            "div",
            tag("span", names(true), class_="true"),
            tag("span", "taken for", class_="small"),
            tag("span", names(guess), class_="guess"),
        )
        end = None
        if "losses" in said:
            end = f"test sample {place}, loss {figure(float(said['losses'][place]))}"
        probabilities = said["probabilities"][place]
        return tag(
            "article",
            self.picture(number, f"{names(true)}, taken for {names(guess)}"),
            tag(
                "div",
                head,
                guesses(probabilities, self._facts.classes, true),
                tag("div", end, class_="small") if end else None,
            ),
        )

    def small(self, number: int) -> Markup:
        """A sample that it knew."""
        place = int(self._facts.samples_needed["index"][number])
        said = self._facts.predictions_needed
        name = self._facts.class_name(int(said["y_true"][place]))
        sure = percent(float(said["probabilities"][place].max()))
        return tag(
            "div",
            self.picture(number, f"{name}, {sure}"),
            tag("b", shortened(name, 14)),
            tag("span", sure, class_="small"),
        )

    def picture(self, number: int, text: str) -> Markup:
        """What it looks like: a picture, a curve, or its numbers."""
        if self._pictures is not None and self._shades is not None:
            return picture(self._pictures[number], self._shades, text, "sample")
        return as_numbers(self._x[number], text)


def as_numbers(x: np.ndarray, text: str) -> Markup:
    """A sample that is no picture."""
    if x.size > 2 * _NUMBERS and x.dtype.kind == "f":
        return small_curve(x.reshape(len(x), -1)[:, 0], text)
    flat = x.reshape(-1)
    words = " ".join(f"{value:.4g}" for value in flat[: 2 * _NUMBERS].tolist())
    more = " …" if len(flat) > 2 * _NUMBERS else ""
    return tag("code", words + more, class_="numbers", title=text)


def guesses(
    probabilities: np.ndarray,
    names: Sequence[str],
    true: int | None = None,
    most: int = _GUESSES,
) -> Markup:
    """The classes with the largest probabilities as bars; the true one stands out, and
    is always there."""
    order = np.argsort(-probabilities, kind="stable")[:most].tolist()
    if true is not None and true not in order and true < len(probabilities):
        order = [*order[:-1], true]
    rows = []
    for number in order:
        share = float(probabilities[number])
        name = names[number] if number < len(names) else str(number)
        rows.append(
            tag(
                "div",
                tag("span", shortened(name, 14)),
                tag("i", style=f"--share:{100 * share:.1f}%"),
                tag("span", percent(share), class_="r"),
                class_="is" if number == true else None,
            )
        )
    return tag("div", rows, class_="guesses")


def _far_off(kept: dict[str, np.ndarray], said: dict[str, np.ndarray]) -> Markup:
    """Of predicted values: the samples with the largest loss, as a table."""
    rows: list[list[Any]] = []
    for n, place in enumerate(kept["index"][:_MISTAKES].tolist()):
        y, guess = said["y_true"][place], said["y_pred"][place]
        loss = figure(float(said["losses"][place])) if "losses" in said else "–"
        sample = as_numbers(kept["x"][n], f"sample {place}")
        rows.append([f"{place:,}", sample, _values(y), _values(guess), loss])
    heads = ["Sample>", "Input", "True>", "Predicted>", "Loss>"]
    text = "The samples with the largest loss."
    return join(paragraph(text, class_="remark"), table(heads, rows))


def _values(y: np.ndarray) -> str:
    flat = np.asarray(y, np.float64).reshape(-1)
    words = ", ".join(f"{value:.4g}" for value in flat[:4].tolist())
    return words + (" …" if len(flat) > 4 else "")
