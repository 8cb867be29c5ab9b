"""Structures: names as the user writes them, and one function over all arrays."""

from __future__ import annotations

import numpy as np
import pytest

from wubu.data.structure import describe, leaves, map_leaves

A, B = np.zeros((2, 3)), np.ones(2)


@pytest.mark.parametrize(
    ("structure", "names"),
    [
        (None, []),
        (A, ["x"]),
        ([A, B], ["x[0]", "x[1]"]),
        ((A,), ["x[0]"]),
        ({"b": A, "a": B}, ['x["b"]', 'x["a"]']),
    ],
)
def test_leaves_are_named_as_in_the_users_code(structure, names) -> None:
    assert [name for name, _ in leaves(structure, "x")] == names


@pytest.mark.parametrize("structure", [[A, B], (A, B), {"a": A, "b": B}, A, None])
def test_mapping_keeps_the_form(structure) -> None:
    doubled = map_leaves(lambda a: 2 * a, structure)
    assert type(doubled) is type(structure)
    assert describe(doubled) == describe(structure)
    for (_, old), (_, new) in zip(
        leaves(structure, "x"), leaves(doubled, "x"), strict=True
    ):
        np.testing.assert_array_equal(new, 2 * old)


def test_descriptions_differ_where_a_network_would_be_fed_differently() -> None:
    forms = [None, A, [A], [A, B], {"a": A}, {"b": A}, {"a": A, "b": B}]
    assert len({describe(form) for form in forms}) == len(forms)
    assert describe({"a": A, "b": B}) == describe({"b": B, "a": A})
