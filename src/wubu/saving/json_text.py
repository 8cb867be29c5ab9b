"""JSON as model files hold it: bounded in size and depth, every number finite.

JSON has no infinity and no NaN, and constructor arguments may be either: they are
written `{"not finite": "inf"}`. No argument's name has a space in it, so this cannot be
taken for anything else.
"""

from __future__ import annotations

import json
import math
from typing import Any

from wubu.errors import ArgumentError, FileFormatError

MAX_BYTES = 64 * 2**20
MAX_ITEMS = 2_000_000  # commas and brackets: what bounds the memory of the result
MAX_DEPTH = 200

_NOT_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


def to_bytes(data: Any) -> bytes:
    """JSON text that people can read.

    Raises:
        ArgumentError: data that `from_bytes` would refuse.
    """
    try:
        ready = with_finite_numbers(data)
        text = json.dumps(ready, indent=1, ensure_ascii=False, allow_nan=False)
        try:
            found = text.encode()
        except UnicodeEncodeError:  # half of a pair of surrogates
            found = json.dumps(ready, indent=1, allow_nan=False).encode()
        _check_size(found, "")
        _check_depth(ready, "")
    except (TypeError, ValueError, RecursionError) as error:
        raise ArgumentError(
            "this cannot be described in a file", got=str(error).split("\n")[0]
        ) from error
    return found


def from_bytes(data: bytes, where: str) -> Any:
    """The value a JSON text stands for.

    Args:
        data: the text.
        where: named in errors.

    Raises:
        FileFormatError: no JSON; too large or too deep; a key that comes twice.
    """
    _check_size(data, where)
    try:
        found = json.loads(
            data.decode(),
            parse_constant=_refuse_constant,
            parse_float=_finite,
            object_pairs_hook=_object,
        )
    except (ValueError, RecursionError) as error:
        raise FileFormatError(
            "this is no JSON text", where=where, got=str(error)[:200]
        ) from error
    _check_depth(found, where)
    return found


def with_finite_numbers(data: Any) -> Any:
    if isinstance(data, float) and not math.isfinite(data):
        return {"not finite": str(data)}
    if isinstance(data, list | tuple):
        return [with_finite_numbers(item) for item in data]
    if isinstance(data, dict):
        return {key: with_finite_numbers(item) for key, item in data.items()}
    return data


def _check_size(data: bytes, where: str) -> None:
    items = sum(data.count(mark) for mark in (b",", b"[", b"{"))
    if len(data) > MAX_BYTES or items > MAX_ITEMS:
        raise FileFormatError(
            "a description is too large",
            where=where or None,
            expected=f"at most {MAX_BYTES:,} bytes and {MAX_ITEMS:,} items",
            got=f"{len(data):,} bytes and {items:,} items",
        )


def _check_depth(data: Any, where: str) -> None:
    level = [data]
    for _ in range(MAX_DEPTH):
        level = [part for item in level for part in _parts(item)]
        if not level:
            return
    raise FileFormatError(
        "a description is nested too deeply",
        where=where or None,
        expected=f"at most {MAX_DEPTH} levels",
    )


def _parts(item: Any) -> Any:
    if isinstance(item, dict):
        return item.values()
    return item if isinstance(item, list) else ()


def _object(pairs: list[tuple[str, Any]]) -> Any:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(f"a key comes twice among {sorted(found)[:5]}")
    if list(found) == ["not finite"]:
        name = found["not finite"]
        if not isinstance(name, str) or name not in _NOT_FINITE:
            raise ValueError(f"{name!r:.40} is no number")
        return _NOT_FINITE[name]
    return found


def _finite(text: str) -> float:
    if not math.isfinite(float(text)):
        raise ValueError(f"{text:.40} is too large a number")
    return float(text)


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON number")
