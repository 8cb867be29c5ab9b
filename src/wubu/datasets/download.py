"""Where fetched datasets are kept, from where they come, and how they are checked.

The data home is the folder named by the environment variable `WUBU_DATA_HOME`, or else
this user's cache folder for Wubu (`~/.cache/wubu` on Linux). A set's files lie in it
under the set's name: `<home>/mnist/train-images-idx3-ubyte.gz`. If all of them are
there nothing is fetched and nothing is written, so the folder may be read-only and the
machine without a network.

A file counts as right when it, or what it holds unpacked, has the published length and
checksum: MD5, which guards against damage and mix-ups but not against a forger, or
SHA-256.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import sys
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from wubu.errors import DownloadError, FileFormatError

_GZIP_MAGIC = b"\x1f\x8b"
_TIMEOUT = 30  # seconds without a byte, before the next mirror is tried


@dataclass(frozen=True)
class RemoteFile:
    """One file of a set.

    Args:
        name: in the folder and on the mirrors.
        size: bytes of its content, after unpacking; None where nobody has published it.
        digest: checksum of its content, after unpacking, in hexadecimal: 32 digits of
            MD5 or 64 of SHA-256.
        unpack: whether what counts is the content of a gzip file, so that copies that
            were packed anew are right too. Otherwise it is the file as it lies there.
    """

    name: str
    size: int | None
    digest: str
    unpack: bool = True


@dataclass(frozen=True)
class RemoteSet:
    """The files of a dataset and where they can be had.

    Args:
        title: its name for people.
        mirrors: URLs to which a file's name is appended, tried in this order.
        files: all of them, in the order in which `read_set` gives their contents.
    """

    title: str
    mirrors: tuple[str, ...]
    files: tuple[RemoteFile, ...]


def data_home() -> Path:
    """The folder that holds all datasets; it need not exist.

    Example:
        >>> os.environ["WUBU_DATA_HOME"] = "/srv/data"  # doctest: +SKIP
        >>> data_home()  # doctest: +SKIP
        PosixPath('/srv/data')
    """
    chosen = os.environ.get("WUBU_DATA_HOME")
    if chosen:
        return Path(chosen).expanduser()
    import pooch  # type: ignore[import-untyped]

    return Path(pooch.os_cache("wubu"))


def read_set(dataset: RemoteSet, folder: str) -> list[bytearray]:
    """The unpacked, verified contents of all files of a set, fetched where missing.

    Args:
        dataset: what to read.
        folder: its folder below the data home, or an absolute path.

    Returns:
        One bytearray per file, in the order of `dataset.files`.

    Raises:
        DownloadError: a file is missing and no mirror gave it, or it cannot be written.
        FileFormatError: a file in the folder is damaged.
    """
    contents = []
    for file, path in _places(dataset, folder):
        content = bytearray()
        for piece in _pieces(path, file):
            content += piece
        contents.append(content)
    return contents


def find_set(dataset: RemoteSet, folder: str) -> list[Path]:
    """As `read_set`, but says where the verified files lie: archives stay packed and
    out of memory."""
    paths = []
    for file, path in _places(dataset, folder):
        _verify(path, file)
        paths.append(path)
    return paths


def _places(dataset: RemoteSet, folder: str) -> Iterator[tuple[RemoteFile, Path]]:
    """Each file and its path, where it lies now if it did not."""
    for file in dataset.files:
        path = data_home() / folder / file.name
        if not path.is_file():
            _fetch(dataset, file, path)
        yield file, path


def _verify(path: Path, file: RemoteFile) -> None:
    for _ in _pieces(path, file):
        pass


def _pieces(path: Path, file: RemoteFile) -> Iterator[bytes]:
    """What a file holds, and at its end FileFormatError if that is not what is due."""
    limit = sys.maxsize if file.size is None else file.size
    kind = "MD5" if len(file.digest) == 32 else "SHA-256"
    digest = hashlib.new(kind.replace("-", ""), usedforsecurity=False)
    length = 0
    try:
        with path.open("rb") as raw:
            # A server may have unpacked the file on its way: look, do not trust names.
            packed = file.unpack and raw.read(2) == _GZIP_MAGIC
            raw.seek(0)
            with gzip.open(raw) if packed else raw as stream:
                # One byte more than due shows a file too long, or a gzip bomb.
                while piece := stream.read(min(1 << 20, limit + 1 - length)):
                    length += len(piece)
                    digest.update(piece)
                    yield piece
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise _damaged(path, "a whole gzip file", str(error)) from error
    except OSError as error:
        raise _damaged(path, "a readable file", str(error)) from error
    if file.size is not None and length != file.size:
        size = f"{length:,}" if length < file.size else "more"
        unpacked = ", unpacked" if file.unpack else ""
        raise _damaged(path, f"{file.size:,} bytes{unpacked}", size)
    if digest.hexdigest() != file.digest:
        expected = f"{kind} sum {file.digest} of its content"
        raise _damaged(path, expected, digest.hexdigest())


def _damaged(path: Path, expected: str, got: str) -> FileFormatError:
    return FileFormatError(
        f"{path.name} is damaged",
        where=path,
        expected=expected,
        got=got,
        fix="delete this file and load the dataset again",
    )


def _fetch(dataset: RemoteSet, file: RemoteFile, path: Path) -> None:
    """Fetch one file from the first mirror that has it, verify it, put it in place."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.touch()
    except OSError as error:
        raise _not_fetched(dataset, path, [f"cannot write there: {error}"]) from error
    failures = []
    try:
        for mirror in dataset.mirrors:
            url = mirror + file.name
            print(f"{dataset.title}: fetching {url}", file=sys.stderr, flush=True)
            try:
                _download(url, part)
                _verify(part, file)
            except FileFormatError as error:
                failures.append(f"{url} (expected {error.expected}, got {error.got})")
            except (OSError, ValueError) as error:
                failures.append(f"{url} ({_reason(error)})")
            else:
                part.replace(path)
                return
    finally:
        part.unlink(missing_ok=True)
    raise _not_fetched(dataset, path, failures)


def _download(url: str, path: Path) -> None:
    import pooch

    with path.open("wb") as file:
        pooch.HTTPDownloader(timeout=_TIMEOUT, chunk_size=1 << 16)(url, file, None)
        file.flush()
        os.fsync(file.fileno())


def _reason(error: Exception) -> str:
    # requests wraps the cause in nested reprs of its objects; their names say enough.
    text = str(error).splitlines()[0] if str(error) else ""
    kind = type(error).__name__
    return f"{kind}: {text}" if 0 < len(text) <= 80 else kind


def _not_fetched(dataset: RemoteSet, path: Path, failures: list[str]) -> DownloadError:
    names = ", ".join(file.name for file in dataset.files)
    return DownloadError(
        f"{dataset.title} is not on this machine and could not be fetched: "
        f"{path.name} is missing",
        where=f"looked in {path.parent}",
        expected=f"{names}",
        got="; ".join(failures),
        fix="set WUBU_DATA_HOME to a folder that holds "
        f"{path.parent.name}/{path.name} and its companions, or put these files into "
        f"{path.parent}",
    )
