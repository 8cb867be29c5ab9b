"""A folder of files on disk, or inside a zip or tar archive, as names and contents.

    open_folder("pictures")                     a folder
    open_folder("cifar10.zip/train")            a folder inside an archive
    open_folder("cifar10-jpeg.tar.xz/train")    a packed one is unpacked once, into a
                                                temporary file without a name

Nothing is unpacked under a name that an archive gives, and nothing it holds is run.
Names are those of plain files, with "/" between folders. Reading is safe in threads.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import shutil
import struct
import tarfile
import tempfile
import threading
import weakref
import zipfile
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, Any

from wubu.errors import DataError, FileFormatError

_OPENERS: dict[bytes, Any] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ\x00": lzma.open,
}

# What Python's readers of archives raise where bytes are not as they should be.
DAMAGED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    OSError,
    OverflowError,
    RuntimeError,
    ValueError,
)


class Folder(ABC):
    """Files by name.

    Attributes:
        place: the folder as the user wrote it, for errors.
        names: of all files below it, sorted by folder and then by name.
    """

    def __init__(self, place: str, names: Iterator[str]) -> None:
        self.place = place
        self.names = sorted(names, key=lambda name: name.rpartition("/")[::2])

    @abstractmethod
    def read(self, name: str) -> bytes:
        """What a file holds."""

    def path(self, name: str) -> str:
        """A file as the user would write it."""
        return f"{self.place}/{name}"

    def folders(self) -> list[str]:
        """The folders right below, sorted, without hidden ones and empty ones."""
        found = {name.partition("/")[0] for name in self.names if "/" in name}
        return sorted(name for name in found if not name.startswith("."))


def open_folder(place: str | os.PathLike, follow_links: bool = False) -> Folder:
    """The folder at a path, which may lead into an archive.

    Args:
        place: a folder; an archive (zip, tar, tar.gz, tar.bz2, tar.xz); or a folder
            inside one: the path of the archive and then the path in it.
        follow_links: go into folders that are symbolic links.

    Raises:
        DataError: there is nothing at this path.
        FileFormatError: the archive is damaged, or the file is none.

    Example:
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with zipfile.ZipFile(f"{folder}/a.zip", "w") as archive:
        ...         archive.writestr("train/cat/1.txt", "miaow")
        ...     found = open_folder(f"{folder}/a.zip/train")
        ...     found.names, found.read("cat/1.txt")
        (['cat/1.txt'], b'miaow')
    """
    path = Path(place).expanduser()
    if path.is_dir():
        return _OnDisk(path, follow_links)
    archive = path
    while not archive.exists() and archive != archive.parent:
        archive = archive.parent
    if not archive.is_file():
        raise DataError(
            "there is no such folder",
            where=path,
            expected="a folder, or an archive (zip, tar, tar.gz, tar.bz2, tar.xz)",
            got=f"nothing below {archive}",
        )
    inside = path.relative_to(archive).as_posix()
    prefix = "" if inside == "." else f"{inside}/"
    try:
        if zipfile.is_zipfile(archive):
            return _InZip(archive, prefix, str(place))
        return _InTar(archive, prefix, str(place))
    except DAMAGED as error:
        raise FileFormatError(
            f"{archive.name} is no archive that can be read",
            where=archive,
            expected="zip, tar, tar.gz, tar.bz2 or tar.xz",
            got=str(error),
        ) from error


class _OnDisk(Folder):
    def __init__(self, root: Path, follow_links: bool) -> None:
        self._root = root
        super().__init__(str(root), self._walk(follow_links))

    def _walk(self, follow_links: bool) -> Iterator[str]:
        for folder, _, files in os.walk(self._root, followlinks=follow_links):
            inside = Path(folder).relative_to(self._root).as_posix()
            prefix = "" if inside == "." else f"{inside}/"
            yield from (prefix + file for file in files)

    def read(self, name: str) -> bytes:
        try:
            # Not with a Path: to make one takes as long as reading a small picture.
            with open(f"{self.place}/{name}", "rb") as file:  # noqa: PTH123
                return file.read()
        except OSError as error:
            raise DataError(
                "a file cannot be read",
                where=self.path(name),
                got=error.strerror or str(error),
            ) from error


class _InZip(Folder):
    def __init__(self, path: Path, prefix: str, place: str) -> None:
        self._prefix = prefix
        self._archive = zipfile.ZipFile(path)
        members = (m.filename for m in self._archive.infolist() if not m.is_dir())
        super().__init__(place, _below(prefix, members))

    def read(self, name: str) -> bytes:
        try:
            return self._archive.read(self._prefix + name)  # has a lock of its own
        except DAMAGED as error:
            raise _damaged(self.path(name), str(error)) from error


class _InTar(Folder):
    def __init__(self, path: Path, prefix: str, place: str) -> None:
        self._file = _unpacked(path)
        weakref.finalize(self, self._file.close)
        self._lock = threading.Lock()
        with tarfile.open(fileobj=self._file, mode="r:") as archive:
            spans = {
                str(PurePosixPath(member.name)): (member.offset_data, member.size)
                for member in archive
                if member.isreg() and not member.issparse()
            }
        self._spans = {name: spans[prefix + name] for name in _below(prefix, spans)}
        super().__init__(place, iter(self._spans))

    def read(self, name: str) -> bytes:
        start, size = self._spans[name]
        with self._lock:  # a place in a file belongs to all threads
            self._file.seek(start)
            content = self._file.read(size)
        if len(content) < size:
            raise _damaged(self.path(name), f"{len(content)} of {size} bytes")
        return content


def _damaged(where: str, got: str) -> FileFormatError:
    return FileFormatError("a file in the archive is damaged", where=where, got=got)


def _below(prefix: str, names: Any) -> Iterator[str]:
    """The part of the names behind a prefix that they all should have."""
    return (name[len(prefix) :] for name in names if name.startswith(prefix))


def _unpacked(path: Path) -> IO[bytes]:
    """An archive as a file in which places can be found."""
    with path.open("rb") as file:
        start = file.read(6)
    opener = next((o for magic, o in _OPENERS.items() if start.startswith(magic)), None)
    if opener is None:
        return path.open("rb")
    unpacked = tempfile.TemporaryFile()  # noqa: SIM115  closed with the folder
    try:
        with opener(path) as packed:
            shutil.copyfileobj(packed, unpacked, 1 << 20)
    except BaseException:
        unpacked.close()
        raise
    unpacked.seek(0)
    return unpacked
