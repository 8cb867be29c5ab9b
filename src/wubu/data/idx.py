"""The IDX file format, in which MNIST and its relatives are kept.

    byte 0, 1   0
    byte 2      type: 08 uint8, 09 int8, 0B int16, 0C int32, 0D float32, 0E float64
    byte 3      number of axes
    then        one 4-byte length per axis, the first axis first
    then        the values, row-major

All numbers are big-endian. The files are usually packed with gzip, which is recognised
by its first bytes and not by the name. A file is not trusted: its header must agree
with the bytes that really follow before an array of that size is made.

Source: Y. LeCun, C. Cortes, C. Burges, "The MNIST database of handwritten digits",
    section "The IDX file format".
"""

from __future__ import annotations

import gzip
import math
import os
import zlib
from pathlib import Path
from typing import BinaryIO

import numpy as np

from wubu.errors import DataError, FileFormatError

DTYPES: dict[int, np.dtype] = {
    0x08: np.dtype(np.uint8),
    0x09: np.dtype(np.int8),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
MAX_AXES = 32
_GZIP_MAGIC = b"\x1f\x8b"
_GZIP_LIMIT = 1032  # deflate never packs more tightly than this (zlib's own figure)
_PIECE = 1 << 20  # bytes read at a time


def read_idx(path: str | os.PathLike) -> np.ndarray:
    """The array in an IDX file, plain or packed with gzip.

    Args:
        path: the file.

    Returns:
        An array in this machine's byte order, writable.

    Raises:
        DataError: there is no such file.
        FileFormatError: damaged, truncated or not an IDX file.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "three.idx")
        ...     _ = path.write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 6, 7]))
        ...     read_idx(path)
        array([5, 6, 7], dtype=uint8)
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            packed = file.read(2) == _GZIP_MAGIC
            file.seek(0)
            size = path.stat().st_size
            if not packed:
                return _read(file, size, path)
            with gzip.open(file) as unpacked:
                return _read(unpacked, size * _GZIP_LIMIT, path)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise FileFormatError(
            f"{path.name} is a damaged gzip file",
            where=path,
            got=str(error),
            fix="fetch the file again",
        ) from error
    except OSError as error:
        raise DataError(
            f"cannot read {path.name}", where=path, got=error.strerror or str(error)
        ) from error


def parse_idx(content: bytes | bytearray, where: object = None) -> np.ndarray:
    """The array in the bytes of an unpacked IDX file.

    Args:
        content: header and values. The array of one-byte values shares their memory,
            and is writable if `content` is a bytearray.
        where: what errors name as the place, usually the path of the file.

    Raises:
        FileFormatError: truncated, trailing bytes, or not IDX.

    Example:
        >>> parse_idx(bytes([0, 0, 11, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 0, 255, 255]))
        array([[256,  -1]], dtype=int16)
    """
    dtype, shape, start = _parse_header(content[: 4 + 4 * 255], where)
    expected = start + dtype.itemsize * math.prod(shape)
    if len(content) != expected:
        longer = len(content) > expected
        size = f"more than {expected:,}" if longer else f"{len(content):,}"
        raise _wrong_length(shape, dtype, expected, f"{size} bytes", where)
    values = np.frombuffer(content, dtype=dtype, offset=start)
    # astype copies only where the byte order differs.
    return values.reshape(shape).astype(dtype.newbyteorder("="), copy=False)


def _read(file: BinaryIO | gzip.GzipFile, limit: int, path: Path) -> np.ndarray:
    """Read header and values; `limit` is the most bytes this file can hold."""
    header = file.read(4)
    header += file.read(4 * header[3]) if len(header) == 4 else b""
    dtype, shape, start = _parse_header(header, path)
    expected = start + dtype.itemsize * math.prod(shape)
    if expected > limit:
        raise _wrong_length(shape, dtype, expected, "far fewer", path)
    # Piece by piece: memory grows with what is really there, not with what is claimed.
    content = bytearray(header)
    while len(content) <= expected:
        piece = file.read(min(_PIECE, expected + 1 - len(content)))
        if not piece:
            break
        content += piece
    return parse_idx(content, path)


def _parse_header(
    header: bytes | bytearray, where: object
) -> tuple[np.dtype, tuple[int, ...], int]:
    """Type, shape, and where the values start."""
    if len(header) < 4 or header[:2] != b"\0\0" or header[2] not in DTYPES:
        raise FileFormatError(
            "this is not an IDX file",
            where=where,
            expected="first bytes 00 00, then one of 08 09 0B 0C 0D 0E",
            got=f"{bytes(header[:4]).hex(' ') or 'an empty file'}",
        )
    dtype, ndim = DTYPES[header[2]], header[3]
    if ndim > MAX_AXES:
        raise FileFormatError(
            "this IDX file has too many axes",
            where=where,
            expected=f"at most {MAX_AXES}",
            got=ndim,
        )
    start = 4 + 4 * ndim
    if len(header) < start:
        raise FileFormatError(
            "this IDX file ends within its header",
            where=where,
            expected=f"{start} bytes of header, for {ndim} axes",
            got=f"{len(header)} bytes",
        )
    shape = tuple(np.frombuffer(header[:start], dtype=">u4", offset=4).tolist())
    # Lengths of 0 hide the others from the count of bytes, but not from NumPy.
    if math.prod(max(n, 1) for n in shape) * dtype.itemsize > 2**62:
        raise FileFormatError(
            "this IDX file claims an absurd size",
            where=where,
            expected="an array that fits into memory",
            got=f"{dtype.name} of shape {shape}",
        )
    return dtype, shape, start


def _wrong_length(
    shape: tuple[int, ...], dtype: np.dtype, expected: int, got: str, where: object
) -> FileFormatError:
    longer = got.startswith("more")
    return FileFormatError(
        "this IDX file " + ("has bytes after its end" if longer else "is truncated"),
        where=where,
        expected=f"{expected:,} bytes, for {dtype.name} of shape {shape}",
        got=got,
        fix="fetch the file again",
    )
