"""`write_report`: the sections of a report, one after the other.

A section that has nothing to show says why and is left out. One that fails is left out
too, with a warning: nothing here may cost anybody a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from wubu.core.location import warn_user
from wubu.reports import (
    activations,
    calibration,
    classes,
    confusion,
    curves,
    decisions,
    headline,
    mistakes,
    network,
    reproduce,
    values,
    weights,
)
from wubu.reports.facts import Facts, Missing
from wubu.reports.markup import Markup, paragraph, tag
from wubu.reports.page import Section, document
from wubu.runs.record import write_text
from wubu.runs.run import REPORT


class Part(NamedTuple):
    """A section to be made."""

    key: str  # of its anchor, and of the link at the top
    title: str
    body: Callable[[Facts], Markup]
    task: str = ""  # "classes" and "values": a section for such tasks alone


PARTS = (
    Part("curves", "Learning curves", curves.body),
    Part("confusion", "Confusion matrix", confusion.body, "classes"),
    Part("classes", "Class by class", classes.body, "classes"),
    Part("values", "Predicted and true values", values.body, "values"),
    Part("mistakes", "The worst mistakes", mistakes.body),
    Part("certainty", "How sure, and how right", calibration.body, "classes"),
    Part("network", "The network", network.body),
    Part("weights", "Weights by layer", weights.body),
    Part("activations", "Activations by layer", activations.body),
    Part("decisions", "The thirteen decisions", decisions.body),
    Part("reproduce", "How to reproduce this run", reproduce.body),
)


def write_report(folder: str | Path) -> Path:
    """Writes `report.html` into a run folder, and returns its path.

    Args:
        folder: a run folder; `wubu.runs` says what it holds. Sections whose files are
            missing are left out.

    Raises:
        OSError: the page cannot be written there.
    """
    facts = Facts(folder)
    path = facts.run.folder / REPORT
    write_text(path, report(facts))
    return path


def report(facts: Facts) -> str:
    """The page about a run, as HTML."""
    top, sections, left_out = Markup(), [], []
    try:
        top = headline.body(facts)
    except Exception as error:
        left_out.append(_failed("Headline", error))
    for part in PARTS:
        try:
            if _concerns(part, facts):
                sections.append(Section(part.key, part.title, part.body(facts)))
        except Missing as reason:
            left_out.append((part.title, str(reason)))
        except Exception as error:
            left_out.append(_failed(part.title, error))
    return document(facts.run.name, top, sections, _absent(left_out))


def _concerns(part: Part, facts: Facts) -> bool:
    """Whether the section is for tasks like this one."""
    if not part.task or facts.task is None:
        return part.task != "values"
    return (part.task == "values") == (facts.task == "values")


def _failed(title: str, error: Exception) -> tuple[str, str]:
    what = f"{type(error).__name__}: {error}".splitlines()[0][:200]
    warn_user(f'the report lacks its section "{title}": {what}')
    return title, f"could not be made ({what})"


def _absent(left_out: Iterable[tuple[str, str]]) -> Markup | None:
    """The sections that are not there, and why."""
    rows = [tag("li", tag("b", title), f": {why}.") for title, why in left_out]
    if not rows:
        return None
    text = paragraph("Not in this report:")
    return tag("aside", text, tag("ul", rows), class_="absent")
