"""Dates as numbers: days since the beginning of 1970, in UTC.

ISO 8601 ("2024-01-31", "2024-01-31T12:30:00Z") and the forms of `FORMS` are known, each
of them also with a time behind it. All of a column has one form.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np

from wubu.errors import DataError

FORMS = (
    "%Y/%m/%d",
    "%d.%m.%Y",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%d %B %Y",
    "%b %d, %Y",
    "%B %d, %Y",
)
ISO = "iso"
_TIMES = ("", " %H:%M", " %H:%M:%S")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def find_form(cells: Sequence[str], where: str) -> str | None:
    """The form that all cells have, or None.

    Args:
        cells: strings, at least one.
        where: what errors name as the place.

    Raises:
        DataError: day and month can be told apart in none of them.

    Example:
        >>> find_form(["31.01.2024", "01.02.2024"], "born")
        '%d.%m.%Y'
    """
    forms = [ISO, *(form + time for form in FORMS for time in _TIMES)]
    for size in (1, 16, len(cells)):  # most forms are out after the first cells
        forms = [form for form in forms if _all(cells[:size], form)]
    if len(forms) > 1:
        found = [parse(cells, form) for form in forms[:2]]
        if not np.array_equal(found[0], found[1]):
            raise DataError(
                "these dates can be read in two ways",
                where=where,
                got=f"{cells[0]!r}, as {forms[0]} or {forms[1]}",
                fix=f"say which: kinds={{{where!r}: {forms[0]!r}}}",
            )
    return forms[0] if forms else None


def parse(cells: Sequence[str], form: str) -> np.ndarray:
    """Days since 1970 of cells that have this form, float64.

    Raises:
        ValueError: one of them has not.

    Example:
        >>> parse(["1970-01-02", "1970-01-02T12:00"], ISO).tolist()
        [1.0, 1.5]
    """
    read = _reader(form)
    return np.array([_days(read(cell)) for cell in cells], np.float64)


def has_form(cell: str, form: str) -> bool:
    """Whether a cell is a date of this form."""
    return _all([cell], form)


def _all(cells: Sequence[str], form: str) -> bool:
    read = _reader(form)
    try:
        for cell in cells:
            read(cell)
    except ValueError:
        return False
    return True


def _reader(form: str) -> Callable[[str], datetime]:
    if form == ISO:
        return datetime.fromisoformat
    return lambda cell: datetime.strptime(cell, form)


def _days(date: datetime) -> float:
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return (date - _EPOCH).total_seconds() / 86_400
