"""Where TOML's keys and values stand, against what tomllib reads there."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wubu.errors import ArgumentError
from wubu.recipes.edit import parse_override, set_value
from wubu.recipes.places import scan

HARD = '''
# [not a table]
title = "a \\" [b] # no comment"   # a comment with = and "
'single "quoted"' = 'C:\\'  # literal
"dotted.key" . inner = 1
when = 1979-05-27 07:32:00
text = """
[still] = "text" \\"""
more"""""
raw = \'\'\'
x = 1\'\'\'\'

[a . "b c"]
list = [ 1, # first ]
  [2.5, "x,]y"], {t = {u = true}, v = [ ]},
]
empty = {}
[[a.items]]
n = 1
  [a.items.deep]
  m = 0x1F
[[a.items]]
  [[a.items.more]]
  k = inf
  [[a.items.more]]
[last]'''


def _leaves(data: Any, path: tuple = ()) -> Any:
    """Every value, tables and lists included, by its path."""
    yield path, data
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _leaves(value, (*path, index))


def _check(text: str) -> None:
    places, data = scan(text), tomllib.loads(text)
    assert set(places) == {path for path, _ in _leaves(data)}
    for path, value in _leaves(data):
        place = places[path]
        if not place.is_table and (
            not isinstance(value, dict) or _in_braces(text, place)
        ):
            shown = text[place.start : place.end]
            assert tomllib.loads(f"v = {shown}") == {"v": value}, path


def _in_braces(text: str, place: Any) -> bool:
    return text[place.start] == "{"


def test_everything_that_makes_toml_hard() -> None:
    _check(HARD)
    places = scan(HARD)
    assert places[("a", "b c", "list", 1, 1)][:2] == (15, 9)
    assert places[("a", "items", 1, "more", 0, "k")][:2] == (24, 3)
    assert places[("a", "items", 0, "deep")][:2] == (20, 3)
    assert places[("last",)][:2] == (26, 1)


_KEYS = st.text("ab .\"'#=[]\\é", min_size=1, max_size=3)
_SCALARS = (
    st.integers(-99, 99)
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.text("a\"'#[]{},=\\\n", max_size=5)
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3)
    ),
    max_leaves=6,
)
_GAP = st.sampled_from(["", " ", "\t "])
_BREAK = st.sampled_from(["", " ", "\n", " # [x = '\n  "])


def _toml(value: Any, draw: Any) -> str:
    if isinstance(value, dict):
        pairs = [
            f"{json.dumps(k)}{draw(_GAP)}={_toml(v, draw)}" for k, v in value.items()
        ]
        return "{" + (draw(_GAP) + ",").join(pairs) + "}"
    if isinstance(value, list):
        items = [draw(_BREAK) + _toml(part, draw) for part in value]
        return "[" + (draw(_BREAK) + ",").join(items) + draw(_BREAK) + "]"
    return repr(value) if isinstance(value, float) else json.dumps(value)


@st.composite
def _documents(draw: Any) -> str:
    tables = draw(
        st.lists(st.dictionaries(_KEYS, _VALUES, max_size=3), min_size=1, max_size=4)
    )
    lines = []
    for number, table in enumerate(tables):
        if number:
            lines.append(draw(st.sampled_from([f"[t{number}]", "[[rows]]"])))
        lines += [
            f"{json.dumps(key)} ={draw(_GAP)}{_toml(value, draw)} # c"
            for key, value in table.items()
        ]
    return "\n".join(lines)


@given(_documents())
def test_any_document(text: str) -> None:
    _check(text)
    lines = text.split("\n")
    for path, place in scan(text).items():
        if path and isinstance(path[-1], str) and not place.is_table:
            begins = lines[place.line - 1][place.column - 1 :]
            assert begins.startswith(json.dumps(path[-1]))


# --- Single values are changed --------------------------------------------------------

RECIPE = """\
name = "x"  # the name

[train]
epochs = 12  # enough
callbacks = [{type = "A"}]

[compile]
optimizer = {type = "Adam", learning_rate = 0.1}
[[layer]]
units = 3
[[layer]]
"""


@pytest.mark.parametrize(
    ("keys", "value", "line"),
    [
        ("name", '"y"', 'name = "y"  # the name'),
        ("title", '"t"', 'title = "t"'),
        ("train.epochs", "3", "epochs = 3  # enough"),
        ("train.seed", "5", "seed = 5"),
        ("train.class_weight.0", "2.0", "class_weight.0 = 2.0"),
        ("train.callbacks.0.patience", "1",
         'callbacks = [{patience = 1, type = "A"}]'),
        ("compile.optimizer.learning_rate", "1",
         'optimizer = {type = "Adam", learning_rate = 1}'),
        ("compile.optimizer", '"sgd"', 'optimizer = "sgd"'),
        ("layer.1.units", "4", "units = 4"),
        ("evaluate.data", '"train"', 'data = "train"'),
        ("a b.c", "1", "c = 1"),
    ],
)  # fmt: skip
def test_a_value_is_set(keys: str, value: str, line: str) -> None:
    text, path = set_value(RECIPE, keys.split("."), value)
    assert line in text.splitlines()
    before, after = tomllib.loads(RECIPE), tomllib.loads(text)
    old, new = dict(_leaves(before)), dict(_leaves(after))
    assert new[path] == tomllib.loads(f"v = {value}")["v"]
    others = {p for p in old if p != path[: len(p)] and p[: len(path)] != path}
    assert all(new[p] == old[p] for p in others)


@pytest.mark.parametrize(
    ("text", "keys", "found"),
    [
        (
            "name='a'\n[train.class_weight]\na=1\n",
            "train.epochs",
            {"name": "a", "train": {"epochs": 3, "class_weight": {"a": 1}}},
        ),
        (
            "[a]\nx=1\n  [[train.'é'.rows]]\na=1\n[b]",
            "train.é.epochs",
            {"a": {"x": 1}, "train": {"é": {"rows": [{"a": 1}], "epochs": 3}}, "b": {}},
        ),
        (
            "[[t]]\n[t.a.b]\nn=1\n[[t]]\n[t.a.b]\nn=2\n",
            "t.0.a.x",
            {"t": [{"a": {"x": 3, "b": {"n": 1}}}, {"a": {"b": {"n": 2}}}]},
        ),
        (
            "[train.x]\na=1\n[train]\nb=2\n",
            "train.c",
            {"train": {"x": {"a": 1}, "b": 2, "c": 3}},
        ),
    ],
)
def test_into_a_table_of_which_only_a_part_has_a_header(
    text: str, keys: str, found: Any
) -> None:
    assert tomllib.loads(set_value(text, keys.split("."), "3")[0]) == found


def test_a_value_that_would_spoil_the_text() -> None:
    with pytest.raises(ArgumentError, match="cannot be set here"):
        set_value(RECIPE, ["train", "epochs"], "[1,")


def test_into_an_empty_text() -> None:
    assert tomllib.loads(set_value("", ["a", "b"], "1")[0]) == {"a": {"b": 1}}
    assert tomllib.loads(set_value("", ["a"], "1")[0]) == {"a": 1}
    assert tomllib.loads(set_value("[x]", ["a"], "1")[0]) == {"a": 1, "x": {}}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("train", "train is a table of several lines"),
        ("layer.2.units", "layer has no item 2"),
        ("train.epochs.x", "inside a value that is no table"),
    ],
)
def test_what_cannot_be_set(keys: str, words: str) -> None:
    with pytest.raises(ArgumentError, match=words):
        set_value(RECIPE, keys.split("."), "1")


def test_overrides_are_read() -> None:
    assert parse_override("train.epochs = 3") == (["train", "epochs"], "3")
    assert parse_override("a=x y") == (["a"], '"x y"')
    assert parse_override('a={b = "c"}') == (["a"], '{b = "c"}')
    assert parse_override("a==") == (["a"], '"="')
    for wrong in ("a", "a=", "=3", "a..b=3"):
        with pytest.raises(ArgumentError, match="this sets nothing"):
            parse_override(wrong)
