"""Files that are written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replacing(
    filepath: str | os.PathLike, overwrite: bool = True
) -> Iterator[BinaryIO]:
    """A file to write to, which takes its place only when all has been written.

    What is written goes to another name in the same folder, is flushed to the disk,
    and is then renamed. After a crash, or an error inside the block, the file that was
    there before is there still.

    Args:
        filepath: the file; of a symbolic link, what it points to.
        overwrite: whether an existing file may be replaced.

    Raises:
        FileExistsError: it exists and `overwrite` is False.
        FileNotFoundError: there is no such folder.
    """
    path = Path(os.path.realpath(filepath))
    _refuse_existing(path, overwrite)
    if not path.parent.is_dir():
        raise FileNotFoundError(f'there is no folder "{path.parent}" to save into')
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.tmp")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _refuse_existing(path, overwrite)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _flush_folder(path.parent)


def _refuse_existing(path: Path, overwrite: bool) -> None:
    if path.is_dir():
        raise IsADirectoryError(f'"{path}" is a folder')
    if not overwrite and path.exists():
        raise FileExistsError(
            f'the file "{path}" exists\n'
            "  fix       choose another name, or save with overwrite=True"
        )


def _flush_folder(folder: Path) -> None:
    """Makes the renaming itself last. Not every system can open a folder."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
