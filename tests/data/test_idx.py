"""IDX files: every type and shape read back; no damaged file gets an array."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from wubu.data.idx import parse_idx, read_idx
from wubu.errors import DataError, FileFormatError

# Type byte, struct's letter: written here by the standard library, not by NumPy.
TYPES = {
    "uint8": (0x08, "B"),
    "int8": (0x09, "b"),
    "int16": (0x0B, "h"),
    "int32": (0x0C, "i"),
    "float32": (0x0D, "f"),
    "float64": (0x0E, "d"),
}
ARRAYS = st.sampled_from(sorted(TYPES)).flatmap(
    lambda name: arrays.arrays(
        name, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
    )
)


def idx_bytes(array: np.ndarray) -> bytes:
    code, letter = TYPES[array.dtype.name]
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, code, array.ndim, *array.shape)
    return header + struct.pack(f">{array.size}{letter}", *array.ravel().tolist())


@given(ARRAYS, st.booleans())
def test_every_type_and_shape_is_read_back(tmp_path_factory, array, packed) -> None:
    path = tmp_path_factory.mktemp("idx") / "file"
    content = idx_bytes(array)
    path.write_bytes(gzip.compress(content) if packed else content)
    found = read_idx(path)
    assert found.dtype == array.dtype and found.dtype.isnative
    assert found.flags.writeable
    np.testing.assert_array_equal(found, array)


@given(ARRAYS, st.data())
def test_every_truncation_is_refused(array, data) -> None:
    content = idx_bytes(array)
    cut = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(FileFormatError):
        parse_idx(content[:cut])


@given(st.binary(max_size=40))
def test_any_bytes_give_an_array_or_an_error(tmp_path_factory, content) -> None:
    path = tmp_path_factory.mktemp("idx") / "file"
    for data in (content, b"\0\0\x08" + content, b"\x1f\x8b" + content):
        path.write_bytes(data)
        try:
            read_idx(path)
        except FileFormatError as error:
            assert error.where == str(path)


def write(folder: Path, content: bytes) -> Path:
    path = folder / "labels.idx"
    path.write_bytes(content)
    return path


THREE = b"\0\0\x08\x01\0\0\0\x03\x05\x06\x07"


def test_a_truncated_file(tmp_path) -> None:
    with pytest.raises(FileFormatError) as caught:
        read_idx(write(tmp_path, THREE[:-1]))
    assert caught.value.what == "this IDX file is truncated"
    assert caught.value.expected == "11 bytes, for uint8 of shape (3,)"
    path = write(tmp_path, gzip.compress(THREE[:-1]))
    with pytest.raises(FileFormatError, match="truncated") as caught:
        read_idx(path)
    assert caught.value.got == "10 bytes"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_bytes_after_the_end(tmp_path, pack) -> None:
    with pytest.raises(FileFormatError, match="has bytes after its end") as caught:
        read_idx(write(tmp_path, pack(THREE + b"\0\0")))
    assert caught.value.got == "more than 11 bytes"


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (b"", "an empty file"),
        (b"\x89PNG....", "89 50 4e 47"),
        (b"\0\0\x0a\x01", "00 00"),
    ],
)
def test_a_foreign_file(tmp_path, content, got) -> None:
    with pytest.raises(FileFormatError, match="not an IDX file") as caught:
        read_idx(write(tmp_path, content))
    assert got in str(caught.value.got)


def test_the_end_within_the_header(tmp_path) -> None:
    with pytest.raises(FileFormatError, match="ends within its header") as caught:
        read_idx(write(tmp_path, b"\0\0\x08\x03\0\0\0\x01"))
    assert caught.value.expected == "16 bytes of header, for 3 axes"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize(
    "shape",
    [(2**31,), (2**32 - 1,) * 2, (2**32 - 1,) * 3, (0, *(2**32 - 1,) * 3), (1,) * 255],
)
def test_absurd_sizes_are_refused_before_memory_is_asked_for(
    tmp_path, pack, shape
) -> None:
    header = struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape)
    path = write(tmp_path, pack(header + b"\0" * 100))
    tracemalloc.start()
    with pytest.raises(FileFormatError):
        read_idx(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


def test_a_gzip_bomb_is_not_unpacked_beyond_its_header(tmp_path) -> None:
    path = write(tmp_path, gzip.compress(THREE + b"\0" * 50_000_000))
    tracemalloc.start()
    with pytest.raises(FileFormatError, match="bytes after its end"):
        read_idx(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000


def test_a_damaged_gzip_file(tmp_path) -> None:
    packed = bytearray(gzip.compress(THREE))
    packed[-5] ^= 0xFF  # the checksum
    for content in (packed, packed[:-9], packed[:12]):
        with pytest.raises(FileFormatError, match=r"labels\.idx is a damaged gzip"):
            read_idx(write(tmp_path, bytes(content)))


def test_a_missing_file(tmp_path) -> None:
    with pytest.raises(DataError, match=r"cannot read nothing\.idx") as caught:
        read_idx(tmp_path / "nothing.idx")
    assert caught.value.got == "No such file or directory"
