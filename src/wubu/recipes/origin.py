"""Where what a recipe says was said: a line of its file, or `--set` on the command
line."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Iterator
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError

from wubu.core.location import Location
from wubu.errors import (
    ArgumentError,
    DataError,
    FileFormatError,
    UnknownNameError,
    WubuError,
)
from wubu.recipes.places import Path, Place, scan
from wubu.recipes.schema import Section, Settings


class Origin:
    """The text of a recipe, and what was set over it.

    Args:
        file: the recipe's file; None if the recipe was made in Python.
        text: what it holds.
        overrides: by path, what was written on the command line.
    """

    def __init__(
        self,
        file: File | None = None,
        text: str = "",
        overrides: dict[Path, str] | None = None,
    ) -> None:
        self.file = file
        self.overrides = overrides or {}
        self._text = text

    @functools.cached_property
    def _places(self) -> dict[Path, Place]:
        return scan(self._text)

    def where(self, path: Path) -> str | None:
        """`mnist.toml:12:3`, for people: the key of this path, or what it is in."""
        for given, text in self.overrides.items():
            if path[: len(given)] == given:
                return f"--set {text}"
        if self.file is None:
            return dotted(path) or None
        place = self._place(path)
        return f"{self.file}:{place.line}:{place.column}"

    def location(self, path: Path) -> Location | None:
        """The line, for what is made there."""
        if self.file is None:
            return None
        return Location(str(self.file), self._place(path).line)

    def _place(self, path: Path) -> Place:
        while path not in self._places:
            path = path[:-1]
        return self._places[path]

    @contextlib.contextmanager
    def blamed(self, path: Path, value: Any = None) -> Iterator[None]:
        """Errors inside point to this place, or to the key of it that they are about;
        but those that already point into a file of data stay.

        Args:
            path: of what is made.
            value: its table, if it is one.
        """
        try:
            yield
        except WubuError as error:
            of_data = isinstance(error, DataError | FileFormatError) and error.where
            if not of_data:
                error.where = self.where((*path, *_about(error, value)))
            raise
        except (TypeError, ValueError) as error:
            raise ArgumentError(
                f"{dotted(path)} cannot be made",
                where=self.where(path),
                got=str(error)[:200],
            ) from error

    def explained(self, error: ValidationError) -> WubuError:
        """What Pydantic found, in the form of Wubu's errors: the first in the file."""
        found = error.errors(include_url=False)
        first = min(found, key=lambda e: self._place(e["loc"])[:2]) if self.file else (
            found[0]
        )  # fmt: skip
        path, kind, message = first["loc"], first["type"], first["msg"]
        where = self.where(path)
        if kind == "extra_forbidden":
            return _unknown_key(path, where)
        if kind == "missing":
            section = len(path) == 1 and path[0] != "name"
            what = f"the section [{path[0]}]" if section else dotted(path)
            return ArgumentError(f"{what} is missing", where=where)
        if message.startswith("Input should be "):
            return ArgumentError(
                f"{dotted(path)} cannot be this",
                where=where,
                expected=message.removeprefix("Input should be "),
                got=repr(first["input"])[:80],
            )
        return ArgumentError(f"{dotted(path)}: {message}", where=where)


def dotted(path: Path) -> str:
    """A path as text.

    Example:
        >>> dotted(("build", "layers", 2, "filters"))
        'build.layers[2].filters'
    """
    parts = (f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return "".join(parts).lstrip(".")


def _unknown_key(path: Path, where: str | None) -> WubuError:
    if len(path) == 1:
        return UnknownNameError(
            "section or key of a recipe", path[0], Settings.model_fields, where=where
        )
    section = Settings.model_fields[str(path[0])].annotation
    assert isinstance(section, type) and issubclass(section, Section)
    return UnknownNameError(
        f"key in [{path[0]}]", path[-1], section.model_fields, where=where
    )


def _about(error: WubuError, value: Any) -> Path:
    """The key of a table, or of tables in it, that an error is about if it says so."""
    if not isinstance(value, dict):
        return ()
    unknown = isinstance(error, UnknownNameError)
    said = f"{error.got if unknown else ''} {error.what}"
    for key, part in value.items():
        parts = part if isinstance(part, list) else [part]
        if error.got is not None and error.got in [*map(repr, parts), *map(str, parts)]:
            return (key,)
        inner = _about(error, part)
        if inner:
            return (key, *inner)
    for key in value:
        name = re.escape(key).replace("_", "[_ ]")
        if re.search(rf"(?<!\w){name}(?!\w)", said):
            return (key,)
    return ()
