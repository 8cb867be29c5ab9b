"""The zip around a model: three members, uncompressed, checked by SHA-256.

Only the directory of the zip is believed, and little of it: members are read by the
names this module knows, never extracted, so a name can lead nowhere. As no member is
compressed, no file can grow while it is read.
"""

from __future__ import annotations

import errno
import hashlib
import os
import platform
import stat
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from wubu.errors import FileFormatError
from wubu.saving import json_text
from wubu.saving.atomic import replacing

CONFIG = "config.json"
WEIGHTS = "weights.safetensors"
METADATA = "metadata.json"

FORMAT = "wubu model"
FORMAT_VERSION = 1

_ZIP_START = b"PK\x03\x04"
_ZIP_END = b"PK\x05\x06"
_MAX_DIRECTORY = 2**16  # bytes; three members need less than 200


def write(
    filepath: str | os.PathLike,
    members: Mapping[str, bytes],
    counts: Mapping[str, int],
    overwrite: bool = True,
) -> None:
    """Writes a model file: all of it, or nothing.

    Args:
        filepath: the file.
        members: the contents of config.json and weights.safetensors.
        counts: for metadata.json.
        overwrite: whether an existing file may be replaced.
    """
    described = json_text.to_bytes(_metadata(members, counts))
    with (
        replacing(filepath, overwrite) as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive,
    ):
        for name, content in {METADATA: described, **members}.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFREG | 0o644) << 16
            archive.writestr(info, content)


def _metadata(members: Mapping[str, bytes], counts: Mapping[str, int]) -> Any:
    from wubu import __version__

    return {
        "format": FORMAT,
        "format_version": FORMAT_VERSION,
        "wubu": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "counts": dict(counts),
        "sha256": {name: _digest(content) for name, content in members.items()},
    }


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read(filepath: str | os.PathLike) -> dict[str, bytes]:
    """The members of a model file, each as it was when it was saved.

    Raises:
        FileFormatError: not a model file; damaged, truncated, or changed since; made by
            a newer Wubu.
    """
    with Path(filepath).open("rb") as file:
        check_start(file, filepath)
        try:
            with zipfile.ZipFile(file) as archive:
                return _members(archive, str(filepath))
        except (FileFormatError, MemoryError):
            raise
        except Exception as error:
            # A seek to an impossible place is the file's fault, others are the disk's.
            if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
                raise
            raise _damaged(filepath, f"{type(error).__name__}: {error}") from error


def check_start(file: BinaryIO, filepath: str | os.PathLike) -> None:
    """Sees whether a file can be a model file, without reading it."""
    start = file.read(16)
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 22))
    end = file.read(22)
    file.seek(0)
    if not start.startswith(_ZIP_START):
        raise FileFormatError(
            "this is not a Wubu model",
            where=filepath,
            expected="a zip file, made by model.save",
            got=_kind(start, size),
            fix=_FIXES.get(_kind(start, size)),
        )
    if not end.startswith(_ZIP_END):
        raise _damaged(filepath, "no directory at the end")
    if int.from_bytes(end[12:16], "little") > _MAX_DIRECTORY:
        raise _damaged(filepath, "a directory of far more than three members")


def _kind(start: bytes, size: int) -> str:
    if not size:
        return "an empty file"
    if start.startswith(b"\x89HDF\r\n\x1a\n"):
        return "an HDF5 file"
    if start[8:9] == b"{":
        return "a safetensors file"
    if start[:1] == b"\x80" and start[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return "a pickle"
    return f"a file that begins with {start[:8]!r}"


_FIXES = {
    "a safetensors file": "that holds weights alone: make the model, then use "
    "model.load_weights",
    "a pickle": "a pickle can run any code when it is read, so Wubu does not read any",
}


def _damaged(filepath: str | os.PathLike, got: str) -> FileFormatError:
    return FileFormatError(
        "this model file is damaged or truncated",
        where=filepath,
        expected="a zip file, made by model.save",
        got=got[:200],
        fix="take a copy of it that is whole, or save the model again",
    )


def _members(archive: zipfile.ZipFile, path: str) -> dict[str, bytes]:
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if names.count(METADATA) != 1:
        raise _foreign(path, names)
    infos.sort(key=lambda info: info.filename != METADATA)
    found = {METADATA: _read_member(archive, infos[0], path)}
    sums = _checked_metadata(found[METADATA], f"{path}, {METADATA}")
    if sorted(names) != sorted((METADATA, CONFIG, WEIGHTS)):
        raise _foreign(path, names)
    for info in infos[1:]:
        content = _read_member(archive, info, path)
        if _digest(content) != sums.get(info.filename):
            raise FileFormatError(
                "a member of the file was changed after it was saved",
                where=f"{path}, {info.filename}",
                expected=f"SHA-256 {str(sums.get(info.filename))[:64]}",
                got=f"SHA-256 {_digest(content)}",
                fix="take a copy of it that is whole, or save the model again",
            )
        found[info.filename] = content
    return found


def _foreign(path: str, names: list[str]) -> FileFormatError:
    shown = ", ".join(repr(name)[:60] for name in names[:5])
    return FileFormatError(
        "this zip file is not a Wubu model",
        where=path,
        expected=f"exactly {METADATA}, {CONFIG} and {WEIGHTS}",
        got=(shown or "nothing") + (" ..." if names[5:] else ""),
        fix="it is a Keras file: build the model here and take its weights over with "
        "set_weights"
        if "model.weights.h5" in names
        else None,
    )


def _read_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, path: str) -> bytes:
    plain = info.compress_type == zipfile.ZIP_STORED and not info.flag_bits & 1
    if not plain or info.file_size != info.compress_size:
        raise FileFormatError(
            "a member of the file is compressed or encrypted",
            where=f"{path}, {info.filename}",
            expected="members that are stored as they are",
            fix="if you packed it yourself, use zip -0",
        )
    kind = stat.S_IFMT(info.external_attr >> 16)
    if info.is_dir() or kind not in (0, stat.S_IFREG):
        raise FileFormatError(
            "a member of the file is a link or a folder",
            where=f"{path}, {info.filename}",
            expected="a plain member",
        )
    if info.filename != WEIGHTS and info.file_size > json_text.MAX_BYTES:
        raise FileFormatError(
            "a member of the file is too large",
            where=f"{path}, {info.filename}",
            expected=f"at most {json_text.MAX_BYTES:,} bytes",
            got=f"{info.file_size:,} bytes",
        )
    whole = archive.fp.seek(0, os.SEEK_END) if archive.fp else 0
    if info.file_size > whole:  # before any memory is asked for
        raise _damaged(path, f"{info.filename} is said to be {info.file_size:,} bytes")
    content = archive.read(info)
    if len(content) != info.file_size:
        raise _damaged(path, f"{info.filename} ends after {len(content):,} bytes")
    return content


def _checked_metadata(content: bytes, where: str) -> dict[str, Any]:
    """The checksums, if this version of Wubu can read the file."""
    metadata = json_text.from_bytes(content, where)
    if not isinstance(metadata, dict) or metadata.get("format") != FORMAT:
        raise FileFormatError(
            "this zip file is not a Wubu model",
            where=where,
            expected=f'"format": "{FORMAT}"',
            got=str(metadata)[:60],
        )
    version = metadata.get("format_version")
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise FileFormatError(
            "the file does not say which version of the format it has",
            where=where,
            expected=f"format_version 1 to {FORMAT_VERSION}",
            got=repr(version)[:60],
        )
    if version > FORMAT_VERSION:
        raise FileFormatError(
            "the file was made by a newer Wubu",
            where=where,
            expected=f"format version {FORMAT_VERSION} or older",
            got=f"{version}, from Wubu {str(metadata.get('wubu'))[:20]}",
            fix="pip install --upgrade wubu",
        )
    sums = metadata.get("sha256")
    if not isinstance(sums, dict):
        raise FileFormatError("the file holds no checksums", where=where)
    return sums
