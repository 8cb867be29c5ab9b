"""`Variable`: a tensor with a place."""

from __future__ import annotations

import numpy as np
import pytest

import wubu
from wubu import Variable
from wubu.errors import DTypeError, ShapeError, StaleValueError, TraceError


def test_a_variable_copies_its_initial_value():
    array = np.ones(2, "float32")
    v = Variable(array)
    array[0] = 5
    assert v.tolist() == [1.0, 1.0]
    assert Variable([1.0], "float64").dtype == "float64"


def test_assign_keeps_shape_and_dtype_for_life():
    v = Variable([1.0, 2.0], name="w")
    assert v.assign(np.array([3, 4])) is v
    assert v.dtype == "float32" and v.tolist() == [3.0, 4.0]
    with pytest.raises(ShapeError) as caught:
        v.assign([1.0, 2.0, 3.0])
    assert '"w"' in caught.value.what
    assert (caught.value.expected, caught.value.got) == ("(2,)", "(3,)")
    assert "test_variable.py:" in caught.value.where
    with pytest.raises(DTypeError):
        v.assign("text")
    assert v.assign_add(1).assign_sub([0.5, 1.0]).tolist() == [3.5, 4.0]


def test_assigning_replaces_the_array_and_leaves_earlier_values_alone():
    v = Variable([1.0, 2.0])
    old, value, view = v.numpy(), v.value, v.detach()[1:]
    source = np.array([5.0, 6.0], "float32")
    v.assign(source)
    assert (old.tolist(), value.tolist(), view.tolist()) == ([1, 2], [1, 2], [2])
    source[0] = 9
    assert v.tolist() == [5.0, 6.0]
    other = Variable([0.0, 0.0])
    other.assign(v)
    with wubu.no_grad():
        other[0] = 7
    assert v.tolist() == [5.0, 6.0]


def test_no_gradient_flows_through_an_assignment():
    v, x = Variable([1.0]), wubu.tensor([2.0], requires_grad=True)
    v.assign(x * 3)
    (v * 2).sum().backward()
    assert v.grad.tolist() == [2.0] and x.grad is None


def test_only_floats_are_trainable():
    assert Variable(1.0).trainable
    assert not Variable(1).trainable
    frozen = Variable(1.0, trainable=False)
    assert not frozen.trainable and not (frozen * 2).requires_grad
    frozen.trainable = True
    assert (frozen * 2).requires_grad
    count = Variable(1)
    count.trainable = True
    assert not count.trainable


def test_in_place_operators_assign():
    v = Variable([1.0, 2.0], trainable=False)
    alias = v
    v += 1
    v *= [2.0, 3.0]
    assert v is alias and type(v) is Variable
    assert v.tolist() == [4.0, 9.0]
    w = Variable([1.0])
    with pytest.raises(StaleValueError) as caught:
        w += 1
    assert "assign()" in caught.value.fix
    with pytest.raises(StaleValueError):
        w[0] = 1
    with wubu.no_grad():
        w += 1
        w[0] *= 3
    assert w.tolist() == [6.0] and w.trainable
    count = Variable(1)
    with pytest.raises(DTypeError, match="does not fit"):
        count += 0.5


def test_in_place_operators_assign_inside_jit_too():
    v = Variable([1.0, 2.0], trainable=False)

    @wubu.jit
    def step(x):
        w = v
        w += x
        return w * 1

    assert step(np.float32(1)).tolist() == [2.0, 3.0]
    assert v.tolist() == [2.0, 3.0]


def test_a_variable_is_a_leaf_whatever_it_holds():
    v = Variable([1.0])
    assert v.is_leaf and v.requires_grad
    assert not (v * 1).is_leaf
    assert v.detach().is_leaf and not v.detach().requires_grad


def test_variables_compare_elementwise_and_hash_by_identity():
    a, b = Variable([1.0]), Variable([1.0])
    assert (a == b).tolist() == [True]
    assert len({a, b}) == 2


def test_filling_a_variable_means_the_same_inside_jit():
    for change, expected in [
        (lambda v: v.zero_(), [0.0, 0.0]),
        (lambda v: v.fill_(3), [3.0, 3.0]),
        (lambda v: v.copy_([4.0]), [4.0, 4.0]),
    ]:
        for wrap in (lambda f: f, wubu.jit):
            variable = Variable([1.0, 2.0], trainable=False)
            wrap(lambda change=change, v=variable: change(v).sum())()
            assert variable.tolist() == expected


def test_the_value_of_a_variable_is_not_frozen_into_a_program():
    variable = Variable(2.0)
    for use in (float, Variable.item, Variable.numpy, bool):
        function = wubu.jit(lambda x, use=use: x * use(variable))
        with pytest.raises(TraceError, match="needs the value"):
            function(np.ones(2))
