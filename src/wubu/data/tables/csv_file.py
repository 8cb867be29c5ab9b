"""CSV files as columns of strings.

Quotes (RFC 4180) may hold delimiters, line ends and doubled quotes. Empty lines are
skipped; every other one must have as many cells as the first.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from wubu.data.tables.columns import Raw
from wubu.errors import ArgumentError, DataError, FileFormatError

DELIMITERS = ",;\t|"


def read_csv(
    path: str | os.PathLike,
    *,
    delimiter: str | None = None,
    header: bool = True,
    names: Sequence[str] | None = None,
    encoding: str = "utf-8-sig",
) -> Raw:
    """The cells of a CSV file, column by column.

    Args:
        path: the file.
        delimiter: what separates cells; the one of comma, semicolon, tab and bar that
            cuts the first line into most cells, if None.
        header: whether the first line holds names.
        names: of the columns, instead of those in the file; without either they are
            called by their numbers.
        encoding: of the file.

    Raises:
        ArgumentError: no such encoding.
        DataError: no such file, no rows.
        FileFormatError: a line with another number of cells, an open quote, a letter
            that is not in the encoding; the line is named.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "a.csv")
        ...     _ = path.write_text('size,name' + chr(10) + '3,"a, b"' + chr(10))
        ...     read_csv(path).columns
        {'size': ['3'], 'name': ['a, b']}
    """
    path = Path(path)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        with path.open(newline="", encoding=encoding) as file:
            if delimiter is None:
                delimiter = _delimiter(file.readline())
                file.seek(0)
            for line, row in _rows(csv.reader(file, delimiter=delimiter, strict=True)):
                if rows and len(row) != len(rows[0]):
                    raise _uneven(path, line, rows[0], row)
                rows.append(row)
                lines.append(line)
    except csv.Error as error:
        place = f"{path}:{lines[-1] + 1 if lines else 1}"
        raise FileFormatError(
            "this line is not CSV",
            where=place,
            got=str(error),
            fix="look for a quote that is not closed; a quote within quotes is doubled",
        ) from error
    except UnicodeDecodeError as error:
        raise FileFormatError(
            f"{path.name} is not in the encoding {encoding}",
            where=f"{path}, byte {error.start}",
            got=f"byte {error.object[error.start]:02x}",
            fix='pass encoding=, for instance "latin-1"',
        ) from error
    except LookupError as error:
        raise ArgumentError(
            "there is no encoding of this name for text",
            expected='a name that Python knows, as "utf-8" or "latin-1"',
            got=repr(encoding),
        ) from error
    except OSError as error:
        raise DataError(
            f"cannot read {path.name}", where=path, got=error.strerror or str(error)
        ) from error
    return _named(path, rows, lines, header, names, delimiter)


def _rows(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not empty, with the number of its first line."""
    line = 1
    for row in reader:
        if row:
            yield line, row
        line = reader.line_num + 1  # type: ignore[attr-defined]


def _delimiter(line: str) -> str:
    def cells(delimiter: str) -> int:
        return len(next(csv.reader([line], delimiter=delimiter), []))

    return max(DELIMITERS, key=cells)  # the first one of those that cut alike


def _named(
    path: Path,
    rows: list[list[str]],
    lines: list[int],
    header: bool,
    names: Sequence[str] | None,
    delimiter: str | None,
) -> Raw:
    if rows and header:
        found = [cell.strip() for cell in rows.pop(0)]
        lines.pop(0)
    else:
        found = [str(i) for i in range(len(rows[0]))] if rows else []
    if not rows:
        raise DataError(
            f"{path.name} has no rows", where=path, expected="lines of samples"
        )
    if names is not None and len(names) != len(rows[0]):
        raise DataError(
            "there is not one name for each column",
            where=path,
            expected=f"{len(rows[0])} names",
            got=f"{len(names)} names",
        )
    chosen = list(names) if names is not None else found
    twice = {name for name in chosen if chosen.count(name) > 1}
    if twice:
        raise FileFormatError(
            "columns have the same name",
            where=f"{path}:1",
            got=", ".join(sorted(twice)),
            fix="pass names=",
        )
    columns = [list(map(str.strip, cells)) for cells in zip(*rows, strict=True)]
    by_name = dict(zip(chosen, columns, strict=True))
    return Raw(by_name, lambda row: f"{path}:{lines[row]}", delimiter != ",")


def _uneven(path: Path, line: int, first: list[str], row: list[str]) -> FileFormatError:
    return FileFormatError(
        "a line has another number of cells than the first one",
        where=f"{path}:{line}",
        expected=f"{len(first)} cells",
        got=f"{len(row)} cells: {', '.join(row)}"[:120],
        fix="put cells that hold the delimiter into quotes, or pass delimiter=",
    )
