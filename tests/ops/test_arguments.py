"""Wrong arguments of operations: Wubu's own errors, never raw ones of Python."""

from __future__ import annotations

import numpy as np
import pytest

import wubu
from wubu import ops
from wubu.errors import ArgumentError, IndexOutOfRangeError, WubuError

x = wubu.ones(2, 3)


@pytest.mark.parametrize(
    "call",
    [
        lambda: x.sum(axis=0.5),
        lambda: x.sum(axis="a"),
        lambda: x.reshape("a"),
        lambda: x.reshape(2.5),
        lambda: x.unsqueeze(0.5),
        lambda: x.split(2.5),
        lambda: x.split("ab"),
        lambda: x.repeat(-1),
        lambda: x.repeat("a"),
        lambda: x.tile("a"),
        lambda: ops.broadcast_to(x, "a"),
        lambda: ops.concatenate(3),
        lambda: ops.stack(3),
        lambda: ops.pad(x, "a"),
        lambda: ops.one_hot([1], "a"),
        lambda: wubu.ones((-1,)),
        lambda: wubu.zeros("a"),
        lambda: wubu.ones(2.5),
        lambda: wubu.full((-1,), 1),
        lambda: wubu.arange("a"),
        lambda: wubu.arange(0, 1, 0),
        lambda: wubu.eye(-1),
        lambda: wubu.linspace(0, 1, -3),
        lambda: wubu.grad(lambda x: x, argnums=3)(1.0),
        lambda: wubu.grad(lambda x: x, argnums="a"),
        lambda: wubu.grad("a"),
        lambda: wubu.value_and_grad(3),
        lambda: wubu.jit(3),
        lambda: wubu.trace(3),
    ],
)
def test_wrong_arguments_are_errors_of_wubu(call):
    with pytest.raises(WubuError) as caught:
        call()
    assert "test_arguments.py:" in caught.value.where
    assert caught.value.got


@pytest.mark.parametrize(
    ("call", "got"),
    [
        (lambda: x[[-5]], "-5 at place (0,)"),
        (lambda: x[[0], [-9]], "-9 at place (0,)"),
        (lambda: x[0, [7]], "7 at place (0,)"),
        (lambda: ops.take(x, [0, -7], axis=0), "-7 at place (1,)"),
        (lambda: x[5], "5"),
        (lambda: x[0, 0, 0], "3"),
    ],
)
def test_an_index_outside_is_reported_as_it_was_written(call, got):
    with pytest.raises(IndexOutOfRangeError) as caught:
        call()
    assert caught.value.got == got
    assert isinstance(caught.value, ArgumentError | IndexError)


def test_sizes_may_be_integers_of_numpy_and_tensors():
    two = np.int32(2)
    assert wubu.ones(two, 3).reshape(wubu.tensor(3), two).shape == (3, 2)
    assert ops.broadcast_to(wubu.ones(1), np.array([2, 4])).shape == (2, 4)
