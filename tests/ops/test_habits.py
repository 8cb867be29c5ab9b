"""Names of PyTorch, NumPy and Keras mean what they mean there, or are refused."""

from __future__ import annotations

import numpy as np
import pytest

import wubu
from wubu import ops
from wubu.errors import ArgumentError, DTypeError, ShapeError, StaleValueError

array = np.arange(6, dtype="float32").reshape(2, 3)


def same(found, expected):
    np.testing.assert_allclose(wubu.tensor(found).numpy(), expected, rtol=1e-6)


def test_methods_that_pytorch_has():
    x = wubu.tensor(array)
    same(x.clamp(min=1, max=4), array.clip(1, 4))
    same(x.clamp(max=4), array.clip(None, 4))
    same(x.masked_fill(x > 2, -1.0), np.where(array > 2, -1, array))
    same(x.eq(2), array == 2)
    same(x.ge(2), array >= 2)
    same(x.t(), array.T)
    assert [part.shape for part in x.chunk(2, dim=1)] == [(2, 2), (2, 1)]
    assert [part.shape for part in x.split(2, dim=1)] == [(2, 2), (2, 1)]
    assert [part.shape for part in x.split([1, 2], dim=1)] == [(2, 1), (2, 2)]
    assert [part.shape for part in x.split(3, axis=1)] == [(2, 1)] * 3
    same(x[None].bmm(x.t()[None]), (array @ array.T)[None])
    assert x.contiguous() is x.cpu() is x.to("cpu") is x
    assert x.to("cpu", wubu.float64).dtype == x.double().to(x.double()).dtype
    assert x.new_zeros(2, 1).shape == (2, 1) and x.long().new_ones(2).dtype == "int64"
    same(x.repeat_interleave(2, dim=1), np.repeat(array, 2, 1))
    same(x.std(dim=1, correction=1), array.std(1, ddof=1))
    same(x.var(dim=1, unbiased=False), array.var(1))
    same(x.std(1), array.std(1))


@pytest.mark.parametrize(
    ("call", "fix"),
    [
        (lambda x: x.max(dim=1), "x.argmax(axis=...)"),
        (lambda x: x.min(dim=1), "x.argmin(axis=...)"),
        (lambda x: x.std(dim=1), "correction=1"),
        (lambda x: x.to("cuda"), 'leave .to("cuda") out'),
        (lambda x: x.to("cuda:0"), 'leave .to("cuda:0") out'),
        (lambda x: x.sum().backward(create_graph=True), "wubu.grad"),
        (lambda x: x[None].t(), "x.mT"),
        (lambda x: x.bmm(x), "x @ y"),
        (lambda x: np.sin(x), "wubu.ops.sin"),
        (lambda x: wubu.jit(np.sin)(x), "wubu.ops.sin"),
        (lambda x: np.add.reduce(x), "x.numpy()"),
    ],
)
def test_what_would_mean_something_else_is_refused(call, fix):
    with pytest.raises((ArgumentError, ShapeError, DTypeError)) as caught:
        call(wubu.tensor(array))
    assert fix in caught.value.fix
    assert "test_habits.py:" in str(caught.value.where)


def test_operators_between_arrays_and_tensors_are_those_of_tensors():
    w = wubu.tensor([1.0, 2.0], requires_grad=True)
    plain = np.array([3.0, 4.0], "float32")
    y = plain * w + np.float32(1) - np.add(w, plain)
    y.sum().backward()
    assert w.grad.tolist() == [2.0, 3.0]
    assert (plain < w).tolist() == [False, False]
    assert (plain >= w).tolist() == [True, True]
    assert (plain != w).tolist() == [True, True]
    same(np.eye(2, dtype="float32") @ w, [1.0, 2.0])
    plain += w
    assert type(plain) is np.ndarray and plain.tolist() == [4.0, 6.0]


def test_data_is_the_value_without_history_and_writes_in_place():
    w = wubu.tensor([1.0, 2.0], requires_grad=True)
    (w * w).sum().backward(retain_graph=True)
    assert not w.data.requires_grad
    w.data -= 0.5 * w.grad
    assert w.tolist() == [0.0, 0.0]
    with wubu.no_grad():
        w.data = wubu.tensor([5.0, 6.0])
    assert w.tolist() == [5.0, 6.0] and w.requires_grad
    y = (w * w).sum()
    w.data.zero_()
    with pytest.raises(StaleValueError):
        y.backward()
    with pytest.raises(StaleValueError):
        w.data = wubu.ones(2)


def test_no_grad_decorates_with_and_without_brackets():
    w = wubu.tensor([1.0], requires_grad=True)

    @wubu.no_grad
    def bare(x):
        return x * 2

    @wubu.no_grad()
    def called(x):
        return x * 2

    assert not bare(w).requires_grad and not called(w).requires_grad
    assert bare.__name__ == "bare"


def test_names_at_the_top():
    assert wubu.float32 == np.dtype("float32") and wubu.bool == np.dtype("bool")
    assert wubu.zeros(2, dtype=wubu.int64).dtype == wubu.int64
    same(wubu.cat([array, array], 1), np.concatenate([array, array], 1))
    same(wubu.stack([array, array]), np.stack([array, array]))
    same(
        wubu.where(array > 1, wubu.zeros_like(array), wubu.ones_like(array)), array <= 1
    )
    assert wubu.randn(2, 3).shape == wubu.rand((2, 3)).shape == (2, 3)
    assert 0 <= wubu.rand(5).min().item() <= wubu.rand(5).max().item() < 1


def test_operations_of_keras():
    assert ops.shape(array) == (2, 3) and ops.ndim(array) == 2 and ops.size(array) == 6
    made = ops.array(array)
    made.zero_()
    assert array.any() and ops.array([1, 2], "float64").dtype == "float64"
    same(ops.average(array, 1, [1, 2, 3]), np.average(array, 1, [1, 2, 3]))
    same(ops.average(array), array.mean())
    for k in (-2, -1, 0, 1, 2):
        same(ops.diag(array[0], k), np.diag(array[0], k))
        same(ops.diag(array, k), np.diag(array, k))
    for parts in ([array, array], [array[0], array[1]], [1.0, 2.0]):
        same(ops.hstack(parts), np.hstack(parts))
        same(ops.vstack(parts), np.vstack(parts))
    a = np.array([1.0, np.inf, np.nan, -np.inf, 1.0])
    b = np.array([1.0 + 1e-9, np.inf, np.nan, np.inf, np.inf])
    for equal_nan in (False, True):
        expected = np.isclose(a, b, equal_nan=equal_nan)
        same(ops.isclose(a, b, equal_nan=equal_nan), expected)
    same(ops.amax(array, 1), array.max(1))
    same(ops.amin(array, 1), array.min(1))
    same(ops.true_divide(array, 2), array / 2)
    w = wubu.tensor([1.0, 2.0], requires_grad=True)
    (ops.stop_gradient(w) * ops.copy(w)).sum().backward()
    assert w.grad.tolist() == [1.0, 2.0]
    variable = wubu.Variable([1.0, 2.0])
    assert wubu.jit(lambda: ops.stop_gradient(variable) * 2)().tolist() == [2.0, 4.0]
