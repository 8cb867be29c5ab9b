"""Errors and operations point at the user's own line, and at the layer."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import wubu
from wubu import ops
from wubu.core.location import user_location
from wubu.errors import WubuError

# Calls that go wrong, each on a line of its own: what is expected, what came.
WRONG = {
    "add": (lambda: wubu.ones(2) + wubu.ones(3), "equal or 1", "(2,) and (3,)"),
    "matmul": (lambda: wubu.ones(2, 3) @ wubu.ones(2, 3), "3 rows", "(2, 3) @ (2, 3)"),
    "reshape": (lambda: wubu.ones(6).reshape(4, 2), "6 elements", "(4, 2)"),
    "transpose": (lambda: ops.transpose(wubu.ones(2, 3), (0, 0)), "(0, 1)", "(0, 0)"),
    "broadcast": (lambda: ops.broadcast_to(wubu.ones(3), (2, 4)), "equal or 1", "(3,)"),
    "where": (lambda: ops.where([True, False], wubu.ones(3), 0), "equal", "(2,)"),
    "sum": (lambda: wubu.ones(2).sum(3), "-1 to 0", "axis 3"),
    "stack": (lambda: ops.stack([wubu.ones(2), wubu.ones(3)]), "except", "(1, 3)"),
    "index": (lambda: wubu.ones(2)[5], "-2 to 1", "5"),
    "squeeze": (lambda: ops.squeeze(wubu.ones(2), 0), None, "(2,), 0"),
    "dot": (lambda: ops.tensordot(wubu.ones(2), wubu.ones(3), 1), "as long", "2 and 3"),
    "jit": (lambda: wubu.jit(lambda x: x + wubu.ones(3))(np.ones(2)), "equal", "(2,)"),
    "item": (lambda: wubu.ones(2).item(), "1 element", "(2,)"),
}


@pytest.mark.parametrize("name", WRONG)
def test_errors_say_expected_got_and_the_callers_line(name):
    call, expected, got = WRONG[name]
    with pytest.raises(WubuError) as caught:
        call()
    error = caught.value
    assert error.where == f"test_location.py:{inspect.getsourcelines(call)[1]}"
    assert expected is None or expected in error.expected
    assert got in error.got
    assert error.where in str(error)


def test_errors_inside_a_scope_name_it():
    with wubu.scope("net"), wubu.scope("dense"), pytest.raises(WubuError) as caught:
        wubu.ones(2) + wubu.ones(3)
    assert caught.value.where.startswith("net/dense, test_location.py:")


def test_the_users_line_is_found_through_wubu_numpy_and_python():
    here = inspect.currentframe()
    found = sorted([1, 2], key=lambda n: n)
    assert found == [1, 2]
    location = user_location()
    assert location.filename == __file__
    assert location.line == here.f_lineno - 2
    assert str(location) == f"test_location.py:{location.line}"


def test_scopes_end_with_their_block_also_after_errors():
    from wubu.core.location import current_scope

    with pytest.raises(ZeroDivisionError), wubu.scope("a"):
        _ = 1 / 0
    assert current_scope().path == ""
