"""A profile as a table that fits into a terminal."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from wubu.executors.native.looking.profile import Profile, Record, counted, short_layers

if TYPE_CHECKING:
    from rich.console import RenderableType

_LITTLE = 0.001  # of the time; kernels that take less are told of together
_GOOD, _FAIR = 0.7, 0.35  # shares of the peak
_LEAST_NAME = 14  # columns of a layer's name
_WIDE = 98  # columns that a table with lines and operations takes


class _Column(NamedTuple):
    heading: str
    cell: Callable[[Record], str]
    number: bool = False


def text(profile: Profile, width: int, everything: bool = False) -> str:
    """The table without colours."""
    from rich.console import Console

    console = Console(file=io.StringIO(), width=width, color_system=None)
    for part in parts(profile, width, everything):
        console.print(part)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in lines)


def parts(
    profile: Profile, width: int, everything: bool = False
) -> list[RenderableType]:
    """What to print with a rich console: the table, and what it adds up to.

    Args:
        width: of the terminal.
        everything: whether kernels that take hardly any time have lines of their own.
    """
    from rich.table import Table
    from rich.text import Text

    columns = _columns(profile, width)
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for column in columns:
        side: Any = "right" if column.number else "left"
        table.add_column(column.heading, justify=side, no_wrap=True)
    for phase, found in groupby(profile.records, key=lambda record: record.phase):
        records = list(found)
        total = _total(records)
        table.add_row(
            Text(phase, "bold"),
            *("" for _ in columns[1:-4]),
            *(Text(column.cell(total), "bold") for column in columns[-4:-1]),
            "",
        )
        for record in _lines(records, profile.seconds, everything):
            style = _style(record, profile)
            table.add_row(*(Text(c.cell(record), style) for c in columns), style="")
        table.add_row()
    return [table, Text(_sum(profile))]


def _columns(profile: Profile, width: int) -> list[_Column]:
    """The columns there is room for; the last four are numbers."""
    has_lines = any(record.where for record in profile.records)
    found = [
        _Column("kernel", lambda r: r.form),
        _Column("tile", lambda r: r.tile),
        _Column("µs", lambda r: f"{1e6 * r.seconds:,.1f}", True),
        _Column("GFLOP/s", lambda r: f"{r.speed / 1e9:.0f}" if r.flops else "", True),
        _Column("peak", lambda r: _percent(r, profile) if r.flops else "", True),
        _Column("bytes", lambda r: _bytes(r.bytes), True),
    ]
    if has_lines:
        found.insert(0, _Column("line", lambda r: _cut(r.where, 12)))
    if not has_lines or width >= _WIDE:
        found.insert(-5, _Column("operation", lambda r: r.operation))
    layers = short_layers(profile.records)
    rest = width - sum(_needed(column, profile.records) + 1 for column in found)
    room = max(rest - 1, _LEAST_NAME)
    return [
        _Column("", lambda r: " " + _cut(layers.get(r.layer, r.layer), room)),
        *found,
    ]


def _needed(column: _Column, records: list[Record]) -> int:
    """The width of a column."""
    cells = [column.cell(record) for record in [*records, _total(records)]]
    return max(map(len, [column.heading, *cells]))


def _lines(
    records: Iterable[Record], whole: float, everything: bool
) -> Iterable[Record]:
    """The kernels of a phase; those that take little, and what is between, summed."""
    little, between = [], []
    for record in records:
        if record.form == "wait" or not record.is_kernel:
            between.append(record)
        elif everything or record.seconds >= _LITTLE * whole:
            yield record
        else:
            little.append(record)
    if little:
        yield _total(little, counted(len(little), "small kernel"))
    waiting = [record for record in between if record.form == "wait"]
    if waiting:
        yield _total(waiting, "waiting")
    others = [record for record in between if record.form != "wait"]
    if _total(others).seconds >= _LITTLE * whole or everything:
        yield _total(others, "between kernels")


def _total(records: list[Record], layer: str = "") -> Record:
    return Record(
        phase=records[0].phase if records else "",
        layer=layer,
        where="",
        operation="",
        form="",
        tile="",
        computes=[],
        flops=sum(r.flops for r in records),
        bytes=sum(r.bytes for r in records),
        seconds=sum(r.seconds for r in records),
    )


def _style(record: Record, profile: Profile) -> str:
    """Colours for what takes long: how near it is to the peak."""
    if record.seconds < 0.01 * profile.seconds:
        return "dim"
    share = record.speed / profile.machine.peak
    if not record.flops or record.form == "":
        return ""
    return "green" if share >= _GOOD else "yellow" if share >= _FAIR else "red"


def _sum(profile: Profile) -> str:
    speed, machine = profile.flops / profile.seconds, profile.machine
    threads = counted(profile.threads, "thread")
    told = [
        f"A step of {1e6 * profile.seconds:,.0f} µs does {profile.flops / 1e6:,.1f} "
        f"MFLOP: {speed / 1e9:.0f} GFLOP/s, {100 * speed / machine.peak:.0f} % of the "
        "peak.",
        f"{threads.capitalize()}: the peak is {machine.peak / 1e9:.0f} GFLOP/s, memory "
        f"gives {machine.bandwidth / 1e9:.0f} GB/s. Bytes are those of shapes; caches "
        f"have most of them. Timed over {counted(profile.steps, 'step')}; measuring "
        f"took {100 * profile.overhead / profile.seconds:.1f} %.",
    ]
    if profile.disturbed:
        told.append(
            "More than the peak: zeros around images and products that winograd saves "
            "are counted, not multiplied; or something else was running while the peak "
            "was measured."
        )
    return "\n".join(told)  # which rich breaks into lines


def _percent(record: Record, profile: Profile) -> str:
    return f"{100 * record.speed / profile.machine.peak:.0f} %"


def _bytes(size: int) -> str:
    if size < 1000:
        return str(size or "")
    return f"{size / 1e3:.0f} K" if size < 999_500 else f"{size / 1e6:.1f} M"


def _cut(text: str, width: int) -> str:
    """With the middle left out: names begin with a kind and end with a number."""
    if len(text) <= width:
        return text
    end = width // 2
    return f"{text[: width - end - 1]}…{text[-end:]}"
