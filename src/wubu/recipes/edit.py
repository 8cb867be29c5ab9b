"""Single values changed in a TOML text; its comments and its form stay.

This is `--set train.epochs=3`. The changed text is what a run folder keeps, so that it
says what was trained.
"""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from wubu.errors import ArgumentError
from wubu.recipes.places import Path, scan


def parse_override(text: str) -> tuple[list[str], str]:
    """The keys and the TOML value of `train.epochs=3`.

    A value that is no TOML is taken as a string, as a shell eats quotation marks.

    Raises:
        ArgumentError: not of this form.

    Example:
        >>> parse_override("train.executor=numpy")
        (['train', 'executor'], '"numpy"')
    """
    left, mark, right = text.partition("=")
    keys = [key.strip() for key in left.split(".")]
    value = right.strip()
    if not mark or not all(keys) or not value:
        raise ArgumentError(
            "this sets nothing",
            where=f"--set {text}",
            expected="section.key=value",
            got=repr(text),
            fix="for instance --set train.epochs=3",
        )
    try:
        tomllib.loads(f"value = {value}")
    except tomllib.TOMLDecodeError:
        value = quoted(value)
    return keys, value


def set_value(text: str, keys: list[str], value: str) -> tuple[str, Path]:
    """The text with one value changed or added, and the path of that value.

    Args:
        text: valid TOML.
        keys: of the value; the number of an item of a list counts from 0.
        value: as TOML.

    Raises:
        ArgumentError: there is no such place, or it is a table of several lines.

    Example:
        >>> set_value("[train]\\nepochs = 12  # enough\\n", ["train", "epochs"], "3")[0]
        '[train]\\nepochs = 3  # enough\\n'
    """
    path, known = _resolve(tomllib.loads(text), keys)
    place = scan(text).get(path[:known])
    where = ".".join(keys)
    if place is None:  # within a dotted key: no text stands for the table alone
        raise ArgumentError(f"{where} cannot be set here", where=where)
    rest = [_key(str(key)) for key in path[known:]]
    if not rest and place.is_table:
        raise ArgumentError(
            f"{where} is a table of several lines",
            where=where,
            fix=f"set one of its keys: {where}.KEY=VALUE",
        )
    if not rest:
        start, end, new = place.start, place.end, value
    elif text[place.start : place.start + 1] == "{" and not place.is_table:
        start = end = place.start + 1
        comma = ", " if text[start : place.end - 1].strip() else ""
        new = f"{'.'.join(rest)} = {value}{comma}"
    elif known == 0 and len(rest) > 1:  # a section that the text lacks
        start = end = len(text)
        head, last = ".".join(rest[:-1]), rest[-1]
        gap = "" if not text or text.endswith("\n") else "\n"
        new = f"{gap}\n[{head}]\n{last} = {value}\n"
    elif place.is_implied:
        start = end = text.rfind("\n", 0, place.start) + 1
        head = ".".join(_key(key) for key in path[:known] if isinstance(key, str))
        new = f"[{head}]\n{'.'.join(rest)} = {value}\n\n"
    elif place.is_table:
        start = end = _end_of_line(text, place.end) if place.end else 0
        line = f"{'.'.join(rest)} = {value}"
        new = f"\n{line}" if place.end else f"{line}\n"
    else:
        raise ArgumentError(
            f"{where} is inside a value that is no table",
            where=where,
            got=text[place.start : place.end][:60],
        )
    changed = text[:start] + new + text[end:]
    if not _says(changed, path, value):
        raise ArgumentError(f"{where} cannot be set here", where=where, got=value)
    return changed, path


def _says(text: str, path: Path, value: str) -> bool:
    """Whether this is the value there. Not `==`, as nan is not equal to itself."""
    try:
        found: Any = tomllib.loads(text)
        for key in path:
            found = found[key]
        return repr(found) == repr(tomllib.loads(f"value = {value}")["value"])
    except (tomllib.TOMLDecodeError, LookupError, TypeError):
        return False


def _resolve(data: Any, keys: list[str]) -> tuple[Path, int]:
    """Keys as a path, numbers where there are lists; and how many of them exist."""
    path: list[str | int] = []
    for index, key in enumerate(keys):
        step: str | int = key
        if isinstance(data, list):
            if not re.fullmatch(r"\d+", key) or int(key) >= len(data):
                raise ArgumentError(
                    f"{'.'.join(keys[:index])} has no item {key}",
                    where=".".join(keys),
                    expected=f"0 to {len(data) - 1}",
                    got=key,
                )
            step = int(key)
        elif not isinstance(data, dict) or key not in data:
            return (*path, *keys[index:]), index
        data = data[step]
        path.append(step)
    return tuple(path), len(path)


def _end_of_line(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end


def _key(key: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9_-]+", key):
        return key
    return quoted(key)


def quoted(text: str) -> str:
    """A TOML string. What JSON escapes, TOML escapes the same way, but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
