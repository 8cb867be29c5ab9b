"""Model files made by hand, for tests of what the reader refuses."""

from __future__ import annotations

import hashlib
import json
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

MEMBERS = ("metadata.json", "config.json", "weights.safetensors")


def members_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_zip(path: Path, members: list[tuple[str, bytes]], **options: Any) -> Path:
    """A zip of these members, in this order; `mode` and `compression` of each."""
    compression = options.get("compression", zipfile.ZIP_STORED)
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members:
            info = zipfile.ZipInfo("x")
            info.filename = name  # unchanged, also where it has a backslash
            info.external_attr = options.get("mode", stat.S_IFREG | 0o644) << 16
            info.compress_type = compression
            archive.writestr(info, content)
    return path


def rewritten(
    path: Path,
    config: Callable[[Any], Any] | None = None,
    metadata: Callable[[Any], Any] | None = None,
    weights: Callable[[bytes], bytes] | None = None,
) -> Path:
    """The model file, with members changed and checksums that agree with the change."""
    found = members_of(path)
    if config is not None:
        found["config.json"] = _changed(found["config.json"], config)
    if weights is not None:
        found["weights.safetensors"] = weights(found["weights.safetensors"])
    described = json.loads(found["metadata.json"])
    described["sha256"] = {
        name: hashlib.sha256(found[name]).hexdigest() for name in MEMBERS[1:]
    }
    found["metadata.json"] = json.dumps(described).encode()
    if metadata is not None:
        found["metadata.json"] = _changed(found["metadata.json"], metadata)
    return write_zip(path, [(name, found[name]) for name in MEMBERS])


def _changed(content: bytes, change: Callable[[Any], Any]) -> bytes:
    data = json.loads(content)
    result = change(data)
    result = data if result is None else result
    return result if isinstance(result, bytes) else json.dumps(result).encode()


def without(data: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name != key}
