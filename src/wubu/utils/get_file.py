"""A file from the web, fetched once."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit
from urllib.request import url2pathname

from wubu.data.folders import open_folder
from wubu.datasets import download
from wubu.errors import ArgumentError, DownloadError, FileFormatError


def get_file(
    fname: str | os.PathLike | None = None,
    origin: str | None = None,
    untar: bool = False,
    md5_hash: str | None = None,
    file_hash: str | None = None,
    cache_subdir: str = "datasets",
    hash_algorithm: str = "auto",
    extract: bool = False,
    archive_format: str | None = "auto",
    cache_dir: str | os.PathLike | None = None,
    force_download: bool = False,
) -> str:
    """The path of a file that is fetched where it is missing. Arguments are Keras'.

    Args:
        fname: its name here; the last part of `origin` if None. Of an archive that is
            unpacked: the name of the folder, or of the archive if it has a dot.
        origin: its URL; "file:///..." is copied.
        untar: unpack it; what Keras had before `extract`.
        md5_hash: checksum; what Keras had before `file_hash`.
        file_hash: the MD5 or SHA-256 sum it must have, in hexadecimal.
        cache_subdir: the folder below `cache_dir`, or an absolute one.
        hash_algorithm: "md5", "sha256", or "auto", which goes by the length.
        extract: unpack it: zip, tar, tar.gz, tar.bz2 or tar.xz. Names that lead out of
            the folder are refused.
        archive_format: "auto"; None unpacks nothing. Others are looked at, whatever
            format is named.
        cache_dir: the data home (`WUBU_DATA_HOME`) if None.
        force_download: fetch it even if it is there.

    Returns:
        The path of the file, or of the folder into which it was unpacked.

    Raises:
        ArgumentError: no origin, or a name that is a path.
        DownloadError: it could not be fetched, or what came has another checksum.
        FileFormatError: an archive that cannot be unpacked.
    """
    if not origin:
        raise ArgumentError("a file needs an origin", fix="pass origin=, its URL")
    name = os.fspath(fname) if fname else PurePosixPath(urlsplit(origin).path).name
    if not name or "/" in name or os.sep in name or name in (".", ".."):
        raise ArgumentError(
            "fname is no name of a file",
            expected="a name without folders",
            got=repr(name),
            fix="pass fname=; folders go into cache_dir and cache_subdir",
        )
    home = download.data_home() if cache_dir is None else Path(cache_dir).expanduser()
    place = home / cache_subdir
    unpack = (extract or untar) and archive_format is not None
    target, folder = place / name, place / name
    if unpack and fname and "." in name:
        folder = place / f"{name.partition('.')[0]}_extracted"
    elif unpack:
        target = place / f"{name}_archive"
    digest = file_hash or md5_hash
    algorithm = "md5" if md5_hash and not file_hash else hash_algorithm
    there = (
        not force_download and target.is_file() and _is_right(target, digest, algorithm)
    )
    if not there:
        _fetch(origin, target, digest, algorithm)
    if not unpack:
        return str(target)
    if not there or not folder.is_dir():
        try:
            _unpack(target, folder)
        except BaseException:
            if not there:
                target.unlink(missing_ok=True)  # with it, an old folder would be right
            raise
    return str(folder)


def _is_right(path: Path, digest: str | None, algorithm: str) -> bool:
    if digest is None:
        return True
    if algorithm == "auto":
        algorithm = "sha256" if len(digest) == 64 else "md5"
    with path.open("rb") as file:
        found = hashlib.file_digest(file, algorithm)
    return found.hexdigest() == digest.lower()


def _fetch(origin: str, target: Path, digest: str | None, algorithm: str) -> None:
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if origin.startswith("file:"):
            shutil.copyfile(url2pathname(urlsplit(origin).path), part)
        else:
            download._download(origin, part)
        if not _is_right(part, digest, algorithm):
            raise DownloadError(
                "what came is not the file that was meant",
                where=origin,
                expected=f"checksum {digest}",
                got="another one",
                fix="look whether origin and file_hash belong together",
            )
        part.replace(target)
    except (OSError, ValueError) as error:
        if isinstance(error, DownloadError):
            raise
        raise DownloadError(
            f"{target.name} could not be fetched",
            where=origin,
            got=str(error).splitlines()[0] if str(error) else type(error).__name__,
            fix=f"put it at {target}",
        ) from error
    finally:
        part.unlink(missing_ok=True)


def _unpack(archive: Path, folder: Path) -> None:
    """Plain files only: links and devices are left out. The folder is there when all
    of them are."""
    found = open_folder(archive)
    for name in found.names:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise FileFormatError(
                "this archive wants to write outside its folder",
                where=archive,
                got=repr(name),
                fix="do not use it",
            )
    part = folder.with_name(f"{folder.name}.{os.getpid()}.part")
    try:
        part.mkdir(parents=True, exist_ok=True)
        for name in found.names:
            target = part / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(found.read(name))
        if folder.is_dir():
            shutil.copytree(part, folder, dirs_exist_ok=True)
        else:
            part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
