"""What a column holds, found by looking: numbers, categories or dates; and its gaps.

A `Rule` is what was learnt of a column. It reads another column in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from wubu.data.tables import dates
from wubu.errors import ArgumentError, DataError, UnknownNameError

Cells = np.ndarray | list[str | None] | list[str]

KINDS = ("number", "category", "date")
MISSING = ("", "NA", "N/A", "n/a", "NaN", "nan", "null", "NULL", "None", "?")
POLICIES = ("error", "mean", "median", "drop")


@dataclass(frozen=True)
class Raw:
    """Columns as they were read.

    Args:
        columns: strings without blanks around them, or None; or arrays of numbers or
            dates; by name.
        where: the place of a row, for errors.
        comma: whether "1,5" may be a number.
    """

    columns: dict[str, Any]
    where: Callable[[int], str]
    comma: bool


@dataclass(frozen=True)
class Rule:
    """How a column is read.

    Args:
        name: of the column.
        kind: "number", "category" or "date".
        form: of dates.
        categories: in the order of their numbers.
        policy: what is done about gaps: "error", "drop", or "fill".
        fill: the number that fills gaps.
    """

    name: str
    kind: str
    form: str | None = None
    categories: tuple[str, ...] = ()
    policy: str = "error"
    fill: float | None = None


def learn(
    name: str, raw: Raw, kind: str | None, missing: Any, gaps: Sequence[str]
) -> Rule:
    """What a column holds, and what fills its gaps.

    Args:
        name: of the column.
        raw: its table.
        kind: one of `KINDS`, or the form of dates as "%d/%m/%Y"; found by looking if
            None. A column that is mostly numbers must not hold anything else.
        missing: one of `POLICIES`, or a number or category that fills gaps. The mean
            and the median of a category is its most frequent value.
        gaps: strings that mean that nothing is known.

    Raises:
        DataError: a cell that is no number, among numbers; names row and column.
        ArgumentError, UnknownNameError: a kind or policy that does not fit.
    """
    rule = _rule(name, _without_gaps(raw.columns[name], gaps), kind, raw)
    if missing in ("error", "drop"):
        return replace(rule, policy=missing)
    fill = _fill(rule, read(rule, raw, gaps), missing)
    return rule if fill is None else replace(rule, policy="fill", fill=fill)


def read(rule: Rule, raw: Raw, gaps: Sequence[str]) -> np.ndarray:
    """The values of a column by a rule that is known: numbers, days since 1970, or
    numbers of categories, as float64. Gaps are NaN.

    Raises:
        DataError: a cell that the rule cannot read; names row and column.
    """
    cells = _without_gaps(raw.columns[rule.name], gaps)
    if isinstance(cells, np.ndarray):
        if rule.kind == "category":
            numbers = {category: i for i, category in enumerate(rule.categories)}
            texts = [None if v != v else _text(v) for v in cells.tolist()]
            return _each(texts, numbers.__getitem__, rule, raw)
        if cells.dtype.kind == "M":
            days = cells.astype(np.int64) / 86_400e6
            return np.where(np.isnat(cells), np.nan, days)
        return cells
    if rule.kind == "category":
        numbers = {category: i for i, category in enumerate(rule.categories)}
        return _each(cells, numbers.__getitem__, rule, raw)
    if rule.kind == "date":
        form = rule.form or dates.ISO
        return _each(cells, lambda cell: dates.parse([cell], form)[0], rule, raw)
    values = _as_numbers(cells)
    if values is not None:
        return values
    return _each(cells, lambda cell: _number(cell, raw.comma), rule, raw)


def _rule(name: str, cells: Any, kind: str | None, raw: Raw) -> Rule:
    if kind is not None and "%" in kind:
        return Rule(name, "date", form=kind)
    if kind is not None and kind not in KINDS:
        raise UnknownNameError("kind of column", kind, KINDS)
    if isinstance(cells, np.ndarray):
        if kind == "category":
            known = np.unique(cells[~np.isnan(cells)]).tolist()
            return Rule(name, "category", categories=tuple(map(_text, known)))
        return Rule(name, "date" if cells.dtype.kind == "M" else "number")
    known = [cell for cell in cells if cell is not None]
    if kind == "number" or (kind is None and _mostly_numbers(known, raw.comma)):
        return Rule(name, "number")
    if kind != "category" and known:
        form = dates.find_form(list(dict.fromkeys(known)), name)
        if form is not None:
            return Rule(name, "date", form=form)
        if kind == "date":
            raise DataError(
                f"column {name!r} holds no dates of one form that is known",
                got=known[0],
                fix=f'say which form: kinds={{{name!r}: "%d/%m/%Y"}}',
            )
    numbers = _as_numbers(known) is not None
    order = sorted(set(known), key=float if numbers else None)
    return Rule(name, "category", categories=tuple(order))


def _fill(rule: Rule, values: np.ndarray, missing: Any) -> float | None:
    """The number for gaps; None if they stay errors."""
    known = values[~np.isnan(values)]
    if missing in ("mean", "median") and not len(known):
        raise DataError(
            f"column {rule.name!r} holds nothing, so it has no {missing}",
            fix="leave it out: columns=[...]",
        )
    if rule.kind == "category":
        if missing in ("mean", "median"):
            return float(np.bincount(known.astype(int)).argmax())
        if str(missing) in rule.categories:
            return float(rule.categories.index(str(missing)))
        if isinstance(missing, int | float):
            return None  # a number is for the gaps of other columns
        raise UnknownNameError(
            "category or policy", missing, rule.categories + POLICIES
        )
    if isinstance(missing, str):
        if missing not in POLICIES:
            raise UnknownNameError("policy for gaps", missing, POLICIES)
        return float(getattr(np, missing)(known))
    if isinstance(missing, int | float):
        return float(missing)
    raise ArgumentError(
        "this is no policy for gaps",
        expected='"error", "mean", "median", "drop" or a number',
        got=repr(missing),
    )


def _without_gaps(cells: Cells, gaps: Sequence[str]) -> Any:
    empty = set(gaps)
    if isinstance(cells, np.ndarray) or empty.isdisjoint(cells):
        return cells
    return [None if cell in empty else cell for cell in cells]


def _each(
    cells: Sequence[str | None], convert: Callable[[str], Any], rule: Rule, raw: Raw
) -> np.ndarray:
    known: dict[str | None, float] = {None: np.nan}  # dates and names come again
    for row, cell in enumerate(cells):
        if cell in known:
            continue
        try:
            known[cell] = convert(str(cell))
        except (ValueError, KeyError):
            raise _foreign(rule, str(cell), raw.where(row)) from None
    return np.array([known[cell] for cell in cells], np.float64)


def _foreign(rule: Rule, cell: str, where: str) -> DataError:
    name = rule.name
    fixes = {
        "number": f"mend the cell; if it means that nothing is known, "
        f"missing_values=[{cell!r}]; if the column holds names, "
        f'kinds={{{name!r}: "category"}}',
        "date": "mend the cell, or say what the column holds: kinds=",
        "category": "use a file with all categories to learn from",
    }
    expected = {
        "number": "a number",
        "date": f"a date of the form {rule.form}",
        "category": ", ".join(rule.categories)[:120],
    }
    return DataError(
        f"a cell of column {name!r} is no {rule.kind}"
        + (" that is known" if rule.kind == "category" else ""),
        where=where,
        expected=expected[rule.kind],
        got=repr(cell),
        fix=fixes[rule.kind],
    )


def _number(cell: str, comma: bool) -> float:
    try:
        return float(cell)
    except ValueError:
        if comma and cell.count(",") == 1 and "." not in cell:
            return float(cell.replace(",", "."))
        raise


def _as_numbers(cells: Sequence[str | None]) -> np.ndarray | None:
    """All cells at once, if they are numbers or gaps."""
    try:
        return np.array(["nan" if c is None else c for c in cells], np.float64)
    except ValueError:
        return None


def _mostly_numbers(known: list[str], comma: bool) -> bool:
    if known and _as_numbers(known) is not None:
        return True
    return 2 * sum(_is_number(cell, comma) for cell in known) > len(known)


def _is_number(cell: str, comma: bool) -> bool:
    try:
        _number(cell, comma)
    except ValueError:
        return False
    return True


def _text(number: float) -> str:
    return str(int(number)) if number == int(number) else str(number)
