"""The zip around a model: what the reader refuses before it looks at the model."""

from __future__ import annotations

import json
import re
import stat
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from saving.hostile import MEMBERS, members_of, rewritten, without, write_zip
from wubu import Sequential, layers
from wubu.errors import FileFormatError
from wubu.saving import load_model, load_weights, save_model, save_weights


def small_model() -> Sequential:
    return Sequential([layers.Input((2,)), layers.Dense(3, name="head")])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_model(small_model(), tmp_path / "model.wubu")
    return tmp_path / "model.wubu"


def refused(path: Path, *words: str) -> FileFormatError:
    """The error with which both readers refuse the file, which names the file."""
    with pytest.raises(FileFormatError) as weights:
        load_weights(small_model(), path)
    with pytest.raises(FileFormatError) as caught:
        load_model(path)
    for error in (caught.value, weights.value):
        assert str(path) in str(error.where)
    text = str(caught.value)
    for word in words:
        assert word in text, text
    return caught.value


def test_a_model_file_holds_three_members_as_they_are(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        assert tuple(archive.namelist()) == MEMBERS
        assert archive.testzip() is None
        for info in archive.infolist():
            assert info.compress_type == zipfile.ZIP_STORED


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "an empty file"),
        (b"hello, world", "begins with b'hello, w'"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "an HDF5 file"),
        (b"\x80\x04\x95" + bytes(100), "a pickle"),
        (b"PK\x03\x04" + bytes(100), "no directory at the end"),
        (b"PK\x05\x06" + bytes(18), "begins with"),
    ],
)
def test_files_of_other_kinds_are_named(path: Path, content: bytes, words: str) -> None:
    path.write_bytes(content)
    refused(path, words)


def test_weights_alone_are_no_model_and_the_error_says_what_to_do(path: Path) -> None:
    save_weights(small_model(), path)
    with pytest.raises(FileFormatError, match=r"model\.load_weights"):
        load_model(path)


def test_a_missing_file_is_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load_model(tmp_path / "nothing.wubu")


@pytest.mark.parametrize("name", MEMBERS)
def test_a_missing_member_is_refused(path: Path, name: str) -> None:
    found = members_of(path)
    del found[name]
    refused(write_zip(path, list(found.items())), "not a Wubu model", *found)


@pytest.mark.parametrize(
    "name",
    [
        "../evil",
        "/etc/passwd",
        "..\\evil",
        "C:\\evil",
        "code.py",
        "config.json/",
        "CONFIG.JSON",
        "weights.safetensors\0.txt",
    ],
)
def test_a_member_that_does_not_belong_there_is_refused(path: Path, name: str) -> None:
    found = members_of(path)
    refused(write_zip(path, [*found.items(), (name, b"x")]), "exactly")
    assert sorted(p.name for p in path.parent.iterdir()) == ["model.wubu"]


@pytest.mark.parametrize("name", MEMBERS)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_comes_twice_is_refused(path: Path, name: str) -> None:
    found = members_of(path)
    refused(write_zip(path, [*found.items(), (name, found[name])]), "exactly")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFDIR, stat.S_IFIFO])
def test_links_and_folders_are_refused(path: Path, kind: int) -> None:
    found = list(members_of(path).items())
    refused(write_zip(path, found, mode=kind | 0o777), "a link or a folder")


@pytest.mark.parametrize(
    "compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA]
)
def test_compressed_members_are_refused_so_there_are_no_bombs(
    path: Path, compression: int
) -> None:
    found = members_of(path)
    found["config.json"] = b" " * 10**7
    write_zip(path, list(found.items()), compression=compression)
    refused(path, "compressed or encrypted", "zip -0")


def test_sizes_are_believed_only_if_the_file_is_as_long(path: Path) -> None:
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    for at in (entry + 20, entry + 24):
        data[at : at + 4] = (2**31 - 1).to_bytes(4, "little")
    path.write_bytes(data)
    refused(path, "metadata.json")


def test_a_directory_far_too_long_is_refused_unread(path: Path) -> None:
    write_zip(path, [(f"{i}", b"") for i in range(5000)])
    refused(path, "far more than three members")


def test_a_wrong_checksum_of_the_zip_is_refused(path: Path) -> None:
    data = path.read_bytes()
    damaged = data.replace(b'"format": "wubu model"', b'"format": "wubu madel"')
    path.write_bytes(damaged)
    refused(path, "damaged or truncated", "CRC")


@pytest.mark.parametrize("name", MEMBERS[1:])
def test_a_member_changed_later_is_refused_even_if_the_zip_agrees(
    path: Path, name: str
) -> None:
    found = members_of(path)
    found[name] += b" "
    refused(write_zip(path, list(found.items())), "changed after", "SHA-256", name)


@pytest.mark.parametrize("part", [0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_refused(path: Path, part: float) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * part)])
    refused(path, "damaged or truncated", "a copy of it that is whole")


def test_a_newer_format_is_refused_with_what_to_do(path: Path) -> None:
    def newer(metadata: Any) -> None:
        metadata |= {"format_version": 2, "wubu": "7.0"}

    rewritten(path, metadata=newer)
    refused(path, "newer Wubu", "format version 1 or older", "2, from Wubu 7.0", "pip")


def test_a_newer_format_may_have_other_members(path: Path) -> None:
    rewritten(path, metadata=lambda m: m.update(format_version=2))
    write_zip(path, [*members_of(path).items(), ("more", b"")])
    refused(path, "newer Wubu")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda m: [], "not a Wubu model"),
        (lambda m: m.update(format="other"), "not a Wubu model"),
        (lambda m: m.update(format_version="1"), "which version"),
        (lambda m: m.update(format_version=True), "which version"),
        (lambda m: m.update(format_version=0), "which version"),
        (lambda m: without(m, "format_version"), "which version"),
        (lambda m: without(m, "sha256"), "no checksums"),
        (lambda m: m.update(sha256={}), "changed after"),
        (lambda m: b"{", "no JSON"),
        (lambda m: b'{"a": 1, "a": 2}', "a key comes twice"),
        (lambda m: b"\xff\xfe", "no JSON"),
        (lambda m: b"[" * 100_000, "no JSON"),
        (lambda m: b"[" * 300 + b"]" * 300, "nested too deeply"),
        (lambda m: b"1" * 10_000, "no JSON"),
        (lambda m: b"[NaN]", "NaN is no JSON number"),
        (lambda m: b"[1e999]", "too large a number"),
        (lambda m: b'[{"not finite": "code"}]', "'code' is no number"),
        (lambda m: b"[" + b"[]," * 10**6 + b"[]]", "too large"),
        (lambda m: b" " * (64 * 2**20 + 1), "too large"),
    ],
)
def test_hostile_metadata_is_refused(
    path: Path, change: Callable[[Any], Any], words: str
) -> None:
    refused(rewritten(path, metadata=change), words)


def test_a_keras_file_is_named(path: Path) -> None:
    write_zip(path, [("config.json", b"{}"), ("model.weights.h5", b"")])
    refused(path, "model.weights.h5")
    write_zip(path, [*members_of(path).items(), ("metadata.json", b"{}")])
    refused(path, "not a Wubu model")


def test_metadata_says_what_is_inside_and_when_it_was_made(path: Path) -> None:
    metadata = json.loads(members_of(path)["metadata.json"])
    assert metadata["counts"]["parameters"] == 9
    assert metadata["numpy"] == np.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", metadata["wubu"])
    assert datetime.fromisoformat(metadata["created"]).utcoffset() == timedelta(0)
