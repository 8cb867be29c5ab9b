"""The frame around sections: one HTML document that needs nothing beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from wubu.reports.markup import Markup, join, tag

_STYLE = Path(__file__).with_name("style.css")

# Nothing may be loaded from anywhere, whatever the page is made to say.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


class Section(NamedTuple):
    """A part of a page."""

    key: str  # of its anchor, and of the link at the top
    title: str
    body: Markup


def document(
    title: str, top: Markup, sections: Sequence[Section], end: Markup | None = None
) -> str:
    """The page as text.

    Args:
        title: of the window.
        top: stands above everything.
        sections: with a heading each; links at the top lead to them.
        end: stands below everything.
    """
    from wubu import __version__

    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", f"{title} · Wubu"),
        tag("style", Markup(_STYLE.read_text("utf-8"))),
    )
    links = [
        tag("a", part.key.capitalize(), href=f"#{part.key}", title=part.title)
        for part in sections
    ]
    body = tag(
        "body",
        tag("header", tag("div", top, class_="page")),
        tag("nav", tag("div", links, class_="page"), aria_label="Sections"),
        tag(
            "main",
            [_section(part) for part in sections],
            end,
            class_="page",
        ),
        tag("footer", tag("div", f"Made by Wubu {__version__}", class_="page")),
    )
    return join(Markup("<!DOCTYPE html>\n"), tag("html", head, body, lang="en"), "\n")


def _section(part: Section) -> Markup:
    return tag("section", tag("h2", part.title), part.body, id=part.key)
