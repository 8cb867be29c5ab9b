"""Nested structures, taken apart and put together."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from wubu.core import tree

trees = st.recursive(
    st.integers() | st.none() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
    ),
    max_leaves=20,
)


class Pair(NamedTuple):
    a: object
    b: object


@given(nested=trees)
def test_unflatten_is_the_inverse_of_flatten(nested):
    leaves, structure = tree.flatten(nested)
    assert tree.unflatten(structure, leaves) == nested
    hash(structure)


@given(nested=trees)
def test_map_structure_changes_leaves_only(nested):
    doubled = tree.map_structure(lambda x: (x, x), nested)
    assert (
        tree.flatten(tree.map_structure(lambda x: 0, nested))[1]
        == tree.flatten(nested)[1]
    )
    assert len(tree.flatten(doubled)[0]) == 2 * len(tree.flatten(nested)[0])


def test_kinds_of_containers_are_told_apart():
    variants = [
        [1, 2],
        (1, 2),
        Pair(1, 2),
        {"a": 1, "b": 2},
        {"b": 1, "a": 2},
        [[1], 2],
    ]
    structures = [tree.flatten(v)[1] for v in variants]
    assert len(set(structures)) == len(variants)
    assert tree.unflatten(structures[2], [3, 4]) == Pair(3, 4)
    ordered = OrderedDict(b=1, a=2)
    leaves, structure = tree.flatten(ordered)
    assert list(tree.unflatten(structure, leaves)) == ["b", "a"]
