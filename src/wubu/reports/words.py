"""Numbers, dates and shapes as a person wants to read them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from wubu.training.callbacks.progress import format_number


def count(number: int, noun: str, plural: str | None = None) -> str:
    """A number of things.

    Example:
        >>> count(1, "epoch"), count(1442, "sample"), count(2, "class", "classes")
        ('1 epoch', '1,442 samples', '2 classes')
    """
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percent(share: float, total: int | None = None) -> str:
    """A share in per cent, with as many decimals as `total` samples carry.

    Example:
        >>> percent(0.93239, 355), percent(0.98571, 10000), percent(0.25, 8)
        ('93.2%', '98.57%', '25%')
    """
    if not math.isfinite(share):
        return "–"
    digits = (
        1 if total is None else min(2, max(0, math.ceil(math.log10(total + 1)) - 2))
    )
    return f"{100 * share:.{digits}f}%"


def figure(value: Any) -> str:
    """A number with four digits, or a dash where there is none.

    Example:
        >>> figure(0.24549), figure(None), figure(float("nan"))
        ('0.2455', '–', '–')
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    return format_number(value)


def compact(value: float) -> str:
    """A number in a few letters, for axes.

    Example:
        >>> [compact(v) for v in (0.0, 0.05, 1.5, 20.0, 12000.0, 3e-7)]
        ['0', '0.05', '1.5', '20', '12k', '3e-7']
    """
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-3:
        mantissa, exponent = f"{value:.2e}".split("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    for unit, scale in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if size >= 10 * scale:
            return f"{value / scale:g}{unit}"
    return f"{round(value, 6):g}"


def sizes(shape: Sequence[int | None]) -> str:
    """A shape in words; what is free is a question mark.

    Example:
        >>> sizes((28, 28, 1)), sizes((None, 10)), sizes(())
        ('28 × 28 × 1', '? × 10', 'one number')
    """
    return " × ".join("?" if n is None else str(n) for n in shape) or "one number"


def date(moment: datetime) -> str:
    """A date and time, in UTC.

    Example:
        >>> date(datetime(2026, 3, 5, 9, 7, tzinfo=UTC))
        '5 March 2026, 09:07 UTC'
    """
    utc = moment.astimezone(UTC)
    return f"{utc.day} {_MONTHS[utc.month - 1]} {utc.year}, {utc:%H:%M} UTC"


# strftime's would depend on the locale.
_MONTHS = ["January", "February", "March", "April", "May", "June", "July"]
_MONTHS += ["August", "September", "October", "November", "December"]


def listed(names: Sequence[str], most: int = 12) -> str:
    """Names in a row; of many, the first and the last.

    Example:
        >>> listed(["a", "b"]), listed([str(n) for n in range(100)], most=4)
        ('a, b', '0, 1, 2, … 99')
    """
    if len(names) <= most:
        return ", ".join(names)
    return f"{', '.join(names[: most - 1])}, … {names[-1]}"


def shortened(text: str, length: int) -> str:
    """A text that fits.

    Example:
        >>> shortened("automobile", 6)
        'autom…'
    """
    return text if len(text) <= length else text[: length - 1] + "…"


def metric_name(name: str) -> str:
    """The name of a metric for people.

    Example:
        >>> metric_name("mean_absolute_error"), metric_name("loss"), metric_name("auc")
        ('Mean absolute error', 'Loss', 'AUC')
    """
    if name in ("auc", "mae", "mse", "rmse"):
        return name.upper()
    return name[:1].upper() + name[1:].replace("_", " ")
