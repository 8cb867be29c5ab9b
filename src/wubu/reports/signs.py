"""The signs of the five steps, 备搭译训评, drawn: not every machine has letters for
them."""

from __future__ import annotations

from wubu.reports.markup import Markup, tag

# Strokes in a square of 24.
_SPEECH = "M4.2 3.6 6.4 6M2.2 9.8H6V18.8L9 16.4"  # 讠, the left part of three signs
_STROKES = {
    "备": "M9.4 2C8.2 4.6 6.2 6.8 3.6 8.4M8.2 4.6H17.4C14.6 8.8 9.8 11.6 2.4 12.8"
    "M7.8 6.2C10.6 9.6 15.6 11.8 21.8 12.6M6.4 14.6H17.6V22H6.4ZM6.4 18.3H17.6"
    "M12 14.6V22",
    "搭": "M1.8 7.6H8.4M5.3 2.4V19.6C5.3 21.4 4.4 21.8 2.8 21M1.6 14.8 8.6 12.2"
    "M10 5H22.6M13.4 2.4V7.6M19 2.4V7.6M16.2 7.6C14.8 10.2 12.4 12.2 9.6 13.4"
    "M16.2 7.6C17.8 10.2 20 12 22.8 13.2M13.2 14.2H19.2M11.8 17H20.4V22H11.8Z",
    "译": f"{_SPEECH}M11.2 3.8H20C18.2 7.8 15.2 10.4 10.6 12M12.4 5.4C14.6 8.6 17.8 "
    "10.8 22.2 12M11.6 14.4H20.8M10.2 18H22.4M16.2 11.4V22.6",
    "训": f"{_SPEECH}M12.4 3.6V12.8C12.4 16.8 11.6 19.4 10 21.8M16.9 5V18.6"
    "M21.6 3V22.2",
    "评": f"{_SPEECH}M10.8 4.2H22M12.8 6.8 14.4 10.6M20 6.6 18.2 10.6M9.8 13.2H22.8"
    "M16.4 4.2V22.6",
}


def sign(letter: str) -> Markup:
    """The sign of a step.

    Example:
        >>> sign("训").startswith('<svg viewBox="0 0 24 24"')
        True
    """
    return tag(
        "svg",
        tag("title", letter),
        tag("path", d=_STROKES[letter]),
        viewBox="0 0 24 24",
        role="img",
        class_="sign",
    )
