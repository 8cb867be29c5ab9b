"""Where two runs disagree: class by class, and the samples that only one knew."""

from __future__ import annotations

import numpy as np

from wubu.reports.charts import Scale
from wubu.reports.facts import Facts, Missing
from wubu.reports.markup import Markup, join, paragraph, tag
from wubu.reports.mistakes import Shown, guesses
from wubu.reports.words import count, percent, shortened

_MOST_CLASSES = 40
_MOST_SAMPLES = 12
_WIDTH, _ROW = 520.0, 24.0
_LETTER = 7.0  # how wide one is


def classes(first: Facts, second: Facts) -> Markup:
    """The share of each class that both find, as two dots on a line."""
    one, other = (_recalls(facts) for facts in (first, second))
    names = [name for name in one if name in other]
    if not names:
        raise Missing("they have no class in common")
    gaps = {name: abs(one[name] - other[name]) for name in names}
    note = None
    if len(names) > _MOST_CLASSES:
        note = f"The {_MOST_CLASSES} of {len(names)} classes that differ most. "
        order = sorted(names, key=lambda name: -gaps[name])[:_MOST_CLASSES]
        names = [name for name in names if name in order]
    text = paragraph(
        note,
        "Recall, the share of each class that was found: ",
        tag("span", first.run.name, class_="a"),
        " and ",
        tag("span", second.run.name, class_="b"),
        ".",
        class_="remark",
    )
    return join(text, tag("figure", _dots(names, one, other), class_="dots"))


def _recalls(facts: Facts) -> dict[str, float]:
    return {
        entry["name"]: entry["right"] / entry["samples"]
        for entry in facts.classes_needed
        if entry["samples"]
    }


def _dots(names: list[str], one: dict[str, float], other: dict[str, float]) -> Markup:
    low = min(0.9, *(min(one[n], other[n]) for n in names))
    texts = [shortened(name, 16) for name in names]
    left = _LETTER * max(len(text) for text in texts) + 20
    x = Scale(max(0.0, low - 0.02), 1.0, left, _WIDTH - 18)
    height = _ROW * len(names) + 30
    parts = []
    for value in x.ticks():
        ends = {"x1": x(value), "x2": x(value), "y1": 4, "y2": height - 24}
        parts.append(tag("line", **ends, class_="grid"))
        at = {"x": x(value), "y": height - 8, "text_anchor": "middle"}
        parts.append(tag("text", percent(value, 10), **at))
    for number, name in enumerate(names):
        y = _ROW * number + 16
        a, b = x(one[name]), x(other[name])
        said = f"{name}: {percent(one[name])} and {percent(other[name])}"
        parts.append(
            tag(
                "g",
                tag("title", said),
                tag("line", x1=a, x2=b, y1=y, y2=y, class_="link"),
                tag("circle", cx=a, cy=y, r=5.5, class_="dot one"),
                tag("circle", cx=b, cy=y, r=4, class_="dot two"),
            )
        )
        at = {"x": left - 14, "y": y + 4, "text_anchor": "end"}
        parts.append(tag("text", texts[number], **at, class_="name"))
    return tag(
        "svg",
        tag("title", "Recall of each class by both runs"),
        parts,
        viewBox=f"0 0 {_WIDTH:g} {height:g}",
        role="img",
        class_="chart",
    )


def body(first: Facts, second: Facts) -> Markup:
    """Samples that one got right and the other did not, among those that are kept."""
    said = [facts.predictions_needed for facts in (first, second)]
    if any("probabilities" not in part for part in said):
        raise Missing("they do not both sort into classes")
    truths = [part["y_true"] for part in said]
    digests = [f.evaluation_needed["data"].get("digest") for f in (first, second)]
    if digests[0] != digests[1] or not np.array_equal(truths[0], truths[1]):
        raise Missing("they were not tested on the same samples")
    right = [part["y_pred"] == truths[0] for part in said]
    parts: list[Markup] = []
    for facts, knows, fails, style in (
        (second, right[0], right[1], "a"),
        (first, right[1], right[0], "b"),
    ):
        better = first if facts is second else second
        found = _cards(first, second, facts, np.flatnonzero(knows & ~fails), truths[0])
        total = int((knows & ~fails).sum())
        name = tag("span", better.run.name, class_=style)
        parts.append(tag("h3", "Only ", name, " is right"))
        some = f"; the worst {len(found)}:" if len(found) < total else "."
        parts.append(paragraph(count(total, "sample"), some, class_="remark"))
        parts.append(tag("div", found, class_="cards"))
    return join(*parts)


def _cards(
    first: Facts, second: Facts, failed: Facts, places: np.ndarray, truth: np.ndarray
) -> list[Markup]:
    """The mistakes that one of them kept, with what both thought."""
    kept = failed.samples_needed
    wanted = set(places.tolist())
    shown = Shown(failed, kept["x"])
    cards: list[Markup] = []
    for number, place in enumerate(kept["index"].tolist()):
        if place not in wanted or len(cards) == _MOST_SAMPLES:
            continue
        true = int(truth[place])
        name = failed.class_name(true)
        thoughts = [
            join(
                tag("div", facts.run.name, class_=f"{style} who"),
                guesses(
                    facts.predictions_needed["probabilities"][place],
                    facts.classes,
                    true,
                    most=2,
                ),
            )
            for facts, style in ((first, "a"), (second, "b"))
        ]
        head = tag("div", tag("span", name, class_="true"))
        picture = shown.picture(number, f"{name}, test sample {place}")
        cards.append(tag("article", picture, tag("div", head, *thoughts)))
    return cards
