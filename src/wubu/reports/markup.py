"""HTML and SVG from Python: `tag` makes an element, and escapes whatever is not markup
already. So a name out of a recipe can never become a part of the page.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any


class Markup(str):
    """Text that is markup already. Any other text is escaped."""

    __slots__ = ()


# Elements without an end tag; of HTML and of SVG.
_EMPTY = {"br", "hr", "img", "meta", "rect", "line", "path", "circle", "polyline"}


def tag(name: str, /, *children: Any, **attributes: Any) -> Markup:
    """An element.

    Args:
        name: of the element.
        children: markup, text, numbers, lists of these, or None for nothing.
        attributes: `class_` is the attribute class, `text_anchor` text-anchor. None and
            False leave an attribute out; numbers are rounded to two decimals.

    Example:
        >>> tag("p", "1 < 2 ", tag("b", "really"), class_="note")
        '<p class="note">1 &lt; 2 <b>really</b></p>'
        >>> tag("rect", x=1 / 3, text_anchor=None)
        '<rect x="0.33"/>'
    """
    given = "".join(_attribute(key, value) for key, value in attributes.items())
    if name in _EMPTY:
        return Markup(f"<{name}{given}/>")
    return Markup(f"<{name}{given}>{join(*children)}</{name}>")


def join(*children: Any) -> Markup:
    """Markup of several parts, one after the other.

    Example:
        >>> join("a & b", None, [tag("br"), 3])
        'a &amp; b<br/>3'
    """
    return Markup("".join(_parts(children)))


def _parts(children: Iterable[Any]) -> Iterable[str]:
    for child in children:
        if child is None:
            continue
        if isinstance(child, Markup):
            yield child
        elif isinstance(child, str):
            yield escape(child)
        elif isinstance(child, int | float):
            yield str(child)
        else:
            yield from _parts(child)


def _attribute(key: str, value: Any) -> str:
    if value is None or value is False:
        return ""
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        value = name
    return f' {name}="{escape(short(value))}"'


def short(value: Any) -> str:
    """A number with at most two decimals, as coordinates need; other things as text.

    Example:
        >>> short(2.0), short(1 / 3), short("auto")
        ('2', '0.33', 'auto')
    """
    if isinstance(value, float):
        text = f"{value:.2f}".rstrip("0").rstrip(".")
        return "0" if text == "-0" else text
    return str(value)


def table(
    heads: Iterable[Any], rows: Iterable[Iterable[Any]], class_: str | None = None
) -> Markup:
    """A table that scrolls sideways where it is too wide.

    Args:
        heads: of the columns. Text that ends in ">" heads a column of numbers, which
            stand to the right.
        rows: their cells; one that is a `td` or `th` already is taken as it is.
        class_: further classes.
    """
    names = list(heads)
    right = [isinstance(name, str) and name.endswith(">") for name in names]
    top = [
        tag("th", name[:-1] if is_right else name, class_="r" if is_right else None)
        for name, is_right in zip(names, right, strict=True)
    ]
    body = [
        tag(
            "tr",
            [
                cell if _is_cell(cell) else tag("td", cell, class_="r" if r else None)
                for cell, r in zip(row, right, strict=True)
            ],
        )
        for row in rows
    ]
    inner = [tag("thead", tag("tr", top)), tag("tbody", body)]
    return tag("div", tag("table", inner, class_=class_), class_="scroll")


def _is_cell(cell: Any) -> bool:
    return isinstance(cell, Markup) and cell.startswith(("<td", "<th"))


def figure(caption: Any, drawing: Markup, class_: str | None = None) -> Markup:
    """A drawing with a line above that says what it shows."""
    return tag("figure", tag("figcaption", caption), drawing, class_=class_)


def paragraph(*children: Any, class_: str | None = None) -> Markup:
    return tag("p", *children, class_=class_)
