"""`RunLock`: that two processes do not train one run at the same time."""

from __future__ import annotations

import contextlib
import os
import weakref
from pathlib import Path
from typing import Any

from wubu.errors import StateError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

LOCK = ".lock"

_held: weakref.WeakValueDictionary[Path, RunLock] = weakref.WeakValueDictionary()


class RunLock:
    """The right to write into a run folder, for this process.

    It is a file with the number of the process, which the system locks where it can:
    so the lock of a process that was killed is gone with it. It ends with `release`,
    or with the object.

    Args:
        folder: of the run.

    Raises:
        StateError: another process has it.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     lock = hold(Path(folder))
        ...     print((Path(folder) / LOCK).read_text() == str(os.getpid()))
        ...     lock.release()
        True
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / LOCK
        self._pid = os.getpid()
        self._file: int | None = None
        self._file = _locked(self._path) if fcntl else _exclusive(self._path)
        os.ftruncate(self._file, 0)
        os.write(self._file, str(self._pid).encode())

    def release(self) -> None:
        """Lets others have it; more than once does no harm."""
        if self._file is None:
            return
        file, self._file = self._file, None
        if not fcntl:  # Windows removes no file that is open
            os.close(file)
        if os.getpid() == self._pid:  # and not a copy of the process
            with contextlib.suppress(OSError):
                self._path.unlink()
        if fcntl:
            os.close(file)

    def __del__(self) -> None:
        self.release()


def hold(folder: Path) -> RunLock:
    """The lock of a run; that which this process has, if it has it.

    Raises:
        StateError: another process has it.
    """
    key = folder.resolve()
    found = _held.get(key)
    if found is None or found._file is None:
        found = _held[key] = RunLock(key)
    return found


def _locked(path: Path) -> int:
    """The file, locked by the system."""
    while True:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            raise _taken(path, "end it first") from None
        except OSError:  # a file system without locks
            return file
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(path.stat(), os.fstat(file)):
                return file
        os.close(file)  # who had it before has just removed it


def _exclusive(path: Path) -> int:
    """The file, made by this process."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
    except FileExistsError:
        fix = f"end it first; if there is no such process, delete {path}"
        raise _taken(path, fix) from None


def _taken(path: Path, fix: str) -> StateError:
    pid: Any = "another process"
    with contextlib.suppress(OSError):
        pid = f"process {path.read_text('utf-8') or '?'}"
    return StateError(
        "another process is training this run", where=path.parent, got=pid, fix=fix
    )
