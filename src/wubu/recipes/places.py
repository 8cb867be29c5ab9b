"""Where in a TOML text each key and each value stands: `tomllib` does not say.

`scan` walks over a text that `tomllib` has already accepted, so it need not check
anything: it only has to know where strings, lists and tables begin and end.
"""

from __future__ import annotations

import bisect
import re
import tomllib
from typing import NamedTuple

Path = tuple[str | int, ...]  # ("build", "layers", 2, "filters")

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRINGS = [
    re.compile(r'"""(?:\\.|[^\\])*?"""(?:"{0,2})', re.DOTALL),
    re.compile(r"'''.*?'''(?:'{0,2})", re.DOTALL),
    re.compile(r'"(?:\\.|[^"\\])*"'),
    re.compile(r"'[^']*'"),
]
_BARE_VALUE = re.compile(r"[^,\]}#\r\n]+")
_SPACE = re.compile(r"[ \t]*")
_EMPTY = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")  # also comments and ends of lines


class Place(NamedTuple):
    """Where something stands.

    Attributes:
        line: of its key, or of itself in a list; from 1.
        column: the same, from 1.
        start: offset of the value's first character.
        end: offset behind its last. Of a table with a header the value is all from
            behind the header to the last of its own keys.
        is_table: whether it is a table with a header, or a list of such.
        is_implied: whether only tables in it have headers: `[train]`, where there is
            `[train.class_weight]` alone. The place is that of the first of these.
    """

    line: int
    column: int
    start: int
    end: int
    is_table: bool = False
    is_implied: bool = False


def scan(text: str) -> dict[Path, Place]:
    """The place of every key, table and list item of a valid TOML text.

    Example:
        >>> place = scan("[train]\\nepochs = 12  # enough")[("train", "epochs")]
        >>> place.line, place.column, "[train]\\nepochs = 12"[place.start : place.end]
        (2, 1, '12')
    """
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.found: dict[Path, Place] = {(): Place(1, 1, 0, 0, True)}
        self._lines = [0, *(m.end() for m in re.finditer("\n", text))]
        self._counts: dict[Path, int] = {}  # of arrays of tables

    def scan(self) -> dict[Path, Place]:
        table: Path = ()
        self._skip(_EMPTY)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._pair(table)
                self.found[table] = self.found[table]._replace(end=self.at)
            self._skip(_EMPTY)
        return self.found

    def _header(self) -> Path:
        brackets = 2 if self.text.startswith("[[", self.at) else 1
        begin = self.at
        self.at += brackets
        *outer, last = self._keys()
        self.at += brackets
        path: Path = ()
        for key in outer:
            path = self._current((*path, key))
            if path not in self.found:
                self._note(path, begin, self.at, is_table=True)
                self.found[path] = self.found[path]._replace(is_implied=True)
        path = (*path, last)
        if brackets == 2:
            self._note(path, begin, self.at, is_table=True, again=False)
            self._counts[path] = self._counts.get(path, 0) + 1
        path = self._current(path)
        self._note(path, begin, self.at, is_table=True)
        return path

    def _current(self, path: Path) -> Path:
        """The last item, if this is an array of tables."""
        return (*path, self._counts[path] - 1) if path in self._counts else path

    def _pair(self, table: Path) -> None:
        """`key = value`, also `a.b = value`."""
        begin = self.at
        keys = self._keys()
        self.at += 1  # =
        self._skip(_SPACE)
        start = self.at
        path = (*table, *keys)
        self._value(path)
        self._note(path, begin, start)
        for length in range(len(table) + 1, len(path)):
            self._note(path[:length], begin, start, again=False)

    def _keys(self) -> list[str]:
        found = []
        while True:
            self._skip(_SPACE)
            if match := _BARE_KEY.match(self.text, self.at):
                found.append(match[0])
                self.at = match.end()
            else:
                begin = self.at
                self._string()
                quoted = self.text[begin : self.at]
                found += tomllib.loads(f"{quoted} = 0")
            self._skip(_SPACE)
            if self.text[self.at] != ".":
                return found
            self.at += 1

    def _value(self, path: Path) -> None:
        mark = self.text[self.at]
        if mark in "\"'":
            self._string()
        elif mark in "[{":
            self._inside(path, "]" if mark == "[" else "}")
        else:
            match = _BARE_VALUE.match(self.text, self.at)
            assert match is not None
            self.at += len(match[0].rstrip())

    def _inside(self, path: Path, end: str) -> None:
        """The items of a list, or the pairs of a table in braces."""
        self.at += 1
        number = 0
        while True:
            self._skip(_EMPTY)
            if self.text[self.at] == end:
                self.at += 1
                return
            if end == "}":
                self._pair(path)
            else:
                begin = self.at
                self._value((*path, number))
                self._note((*path, number), begin, begin)
                number += 1
            self._skip(_EMPTY)
            self.at += self.text[self.at] == ","

    def _string(self) -> None:
        for pattern in _STRINGS:
            if match := pattern.match(self.text, self.at):
                self.at = match.end()
                return
        raise AssertionError("the text has been accepted by tomllib")

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        assert match is not None
        self.at = match.end()

    def _note(
        self,
        path: Path,
        begin: int,
        start: int,
        is_table: bool = False,
        again: bool = True,
    ) -> None:
        """Notes a place, whose value ends here; `again` if it was noted before."""
        if again or path not in self.found:
            line = bisect.bisect_right(self._lines, begin)
            column = begin - self._lines[line - 1] + 1
            self.found[path] = Place(line, column, start, self.at, is_table)
