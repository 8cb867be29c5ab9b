"""DataFrames, pyarrow tables and dictionaries as columns. Their libraries are never
imported here: a table brings its own methods."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from wubu.data.convert import as_array
from wubu.data.tables.columns import Raw
from wubu.errors import ArgumentError, DataError, DTypeError, FileFormatError


def as_columns(table: Any) -> Raw:
    """The columns of a pandas or polars DataFrame, of a pyarrow Table, or of a
    dictionary.

    Raises:
        DTypeError: something else.
        DataError: no rows, or columns of differing lengths.

    Example:
        >>> raw = as_columns({"size": [1, None], "name": ["a", "b"]})
        >>> raw.columns["name"], raw.columns["size"].tolist()
        (['a', 'b'], [1.0, nan])
    """
    if isinstance(table, Mapping):
        given = dict(table)
    elif hasattr(table, "column_names") and hasattr(table, "column"):  # pyarrow
        given = {name: table.column(name) for name in table.column_names}
    elif hasattr(table, "columns") and hasattr(table, "__getitem__"):  # pandas, polars
        given = {str(name): table[name] for name in table.columns}
    else:
        raise DTypeError(
            "this is no table",
            expected="a DataFrame, a pyarrow Table, or a dictionary of columns",
            got=type(table).__name__,
        )
    columns = {name: _column(values, name) for name, values in given.items()}
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) != 1 or 0 in lengths.values():
        raise DataError(
            "the columns do not have the same rows",
            expected="one number of rows, at least 1",
            got=", ".join(f"{name}: {n}" for name, n in lengths.items()) or "none",
        )
    return Raw(columns, lambda row: f"row {row}", False)


def read_parquet(path: str | os.PathLike) -> Any:
    """A Parquet file as a pyarrow table.

    Raises:
        ArgumentError: pyarrow is not installed.
        FileFormatError: no Parquet file.
    """
    try:
        import pyarrow  # type: ignore[import-not-found]
        import pyarrow.parquet  # type: ignore[import-not-found]
    except ImportError:
        raise ArgumentError(
            "Parquet files are read by pyarrow, which is not installed",
            fix="pip install pyarrow",
        ) from None
    try:
        return pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowInvalid, OSError) as error:
        raise FileFormatError(
            "this is no Parquet file", where=path, got=str(error)
        ) from error


def _column(values: Any, name: str) -> np.ndarray | list[str | None]:
    """Numbers and dates as an array, anything else as strings; None for gaps."""
    array = as_array(values, name)
    if array.ndim != 1:
        raise DataError(
            f"column {name!r} has several numbers a row",
            expected="shape (rows,)",
            got=f"shape {array.shape}",
        )
    if array.dtype.kind == "M":
        return array.astype("datetime64[us]")
    if array.dtype.kind in "biuf":
        return array.astype(np.float64)
    cells = [None if _is_gap(value) else value for value in array.tolist()]
    if all(cell is None or isinstance(cell, int | float) for cell in cells):
        numbers = [np.nan if cell is None else cell for cell in cells]
        return np.array(numbers, np.float64)
    return [None if cell is None else str(cell).strip() for cell in cells]


def _is_gap(value: Any) -> bool:
    # NaN, and the NaT and NA of pandas, are not equal to themselves, or say so oddly.
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float) and value != value
