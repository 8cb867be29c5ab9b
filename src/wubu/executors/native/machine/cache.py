"""Object code on disk, so that the second start compiles nothing.

An entry is a file named by its key: a line with the checksum of the rest, a line of
facts in JSON, the code. Entries are written beside and renamed, so that processes can
share the folder; one that is damaged counts as absent. A cache that cannot be read or
written never stops a program.

`WUBU_CACHE_DIR` names another folder; `WUBU_CACHE=0` switches the cache off.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

MAX_BYTES = 256 * 2**20
_MAGIC = b"wubu native code 1 "
_SUFFIX = ".code"


def folder() -> Path | None:
    """The folder of the entries, or None if nothing is to be kept."""
    if os.environ.get("WUBU_CACHE", "").strip().lower() in ("0", "off", "false", "no"):
        return None
    asked = os.environ.get("WUBU_CACHE_DIR")
    if asked:
        return Path(asked)
    with contextlib.suppress(RuntimeError):  # no home
        return _user_cache() / "wubu" / "native"
    return None


def _user_cache() -> Path:
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Caches"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")


def find(key: str) -> tuple[dict[str, Any], bytes] | None:
    """The facts and the code of an entry, or None if there is no sound one."""
    place = folder()
    if place is None:
        return None
    path = place / f"{key}{_SUFFIX}"
    try:
        content = path.read_bytes()
    except OSError:
        return None
    head, _, body = content.partition(b"\n")
    if head != _MAGIC + _checksum(key, body):
        return None
    facts, _, code = body.partition(b"\n")
    with contextlib.suppress(OSError):
        os.utime(path)  # the entries used least recently go first
    return json.loads(facts), code


def store(key: str, facts: dict[str, Any], code: bytes) -> None:
    """Writes an entry, and removes old ones if there are too many bytes of them."""
    place = folder()
    if place is None:
        return
    body = json.dumps(facts).encode() + b"\n" + code
    with contextlib.suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(place / f"{key}{_SUFFIX}", _MAGIC + _checksum(key, body) + b"\n" + body)
        _shrink(place)


def _checksum(key: str, body: bytes) -> bytes:
    return hashlib.sha256(key.encode() + body).hexdigest().encode()


def _write(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.stem, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


def _shrink(place: Path) -> None:
    """Down to three quarters, so that not every entry pays for a removal."""
    entries = []
    for path in place.iterdir():
        with contextlib.suppress(OSError):  # another process removed it
            if path.suffix in (_SUFFIX, ".part"):
                facts = path.stat()
                entries.append((facts.st_mtime, facts.st_size, path))
    total = sum(size for _, size, _ in entries)
    if total <= MAX_BYTES:
        return
    for _, size, path in sorted(entries):
        if total <= MAX_BYTES * 3 // 4:
            break
        with contextlib.suppress(OSError):
            path.unlink()
            total -= size
