"""What a tensor is to Python and NumPy: memory, operators, conversions, copies."""

from __future__ import annotations

import copy
import operator
import pickle

import numpy as np
import pytest

import wubu
from wubu import Tensor, Variable
from wubu.errors import (
    ArgumentError,
    DTypeError,
    ShapeError,
    StaleValueError,
    TraceError,
    UnknownNameError,
)

# -- memory ---------------------------------------------------------------------------


def test_tensor_class_shares_memory_and_tensor_function_copies():
    array = np.array([1.0, 2.0])
    shared, own = Tensor(array), wubu.tensor(array)
    array[0] = 5
    assert shared.tolist() == [5.0, 2.0]
    assert own.tolist() == [1.0, 2.0]
    assert shared.numpy() is array
    assert np.shares_memory(np.asarray(shared), array)


def test_numpy_view_is_read_only_while_derivatives_are_wanted():
    x = wubu.tensor([1.0], requires_grad=True)
    assert not x.numpy().flags.writeable
    assert not (x * 2).numpy().flags.writeable
    assert not np.asarray(x).flags.writeable
    x.detach().numpy()[0] = 3
    assert x.item() == 3.0
    with pytest.raises(ValueError, match="read-only"):
        x.numpy()[0] = 1


def test_detach_shares_memory_and_clone_does_not():
    x = wubu.tensor([1.0, 2.0])
    twin, clone = x.detach(), x.clone()
    x[0] = 7.0
    assert twin.tolist() == [7.0, 2.0]
    assert clone.tolist() == [1.0, 2.0]
    assert wubu.tensor([True]).clone().tolist() == [True]


def test_views_share_memory_with_what_they_view():
    x = wubu.tensor(np.arange(6.0))
    view = x.reshape(2, 3).T[1:]
    x[1] = 100.0
    assert view[0, 0].item() == 100.0


# -- making one -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "dtype"),
    [
        (1, "int64"), (1.5, "float32"), (True, "bool"), ([1, 2], "int64"),
        ([1.0, 2], "float32"), ([True, False], "bool"), ([], "float32"),
        (np.float64(1), "float64"), (np.int8(1), "int8"), (np.ones(2), "float64"),
        ([np.ones(2), np.ones(2)], "float64"), (np.ones(2, ">f4"), "float32"),
        (((1, 2), (3, 4)), "int64"), (1e300, "float32"),
    ],
)  # fmt: skip
def test_dtypes_of_what_may_become_a_tensor(value, dtype):
    assert wubu.tensor(value).dtype == dtype
    assert wubu.tensor(value).dtype.isnative
    np.testing.assert_allclose(
        wubu.tensor(value, "float64").numpy(), np.asarray(value, "float64")
    )


def test_a_list_of_tensors_becomes_one():
    rows = [wubu.tensor([1.0, 2.0]), wubu.tensor([3.0, 4.0])]
    assert wubu.tensor(rows).tolist() == [[1.0, 2.0], [3.0, 4.0]]


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        ("text", DTypeError, "str cannot become a tensor"),
        (None, DTypeError, "NoneType cannot become a tensor"),
        ({}, DTypeError, "dict cannot become a tensor"),
        (1j, DTypeError, "complex cannot become a tensor"),
        (np.ones(2, complex), DTypeError, "does not compute with complex128"),
        (np.array(["a"]), DTypeError, "does not compute with <U1"),
        ([[1], [1, 2]], ShapeError, "different lengths"),
        ((i for i in range(3)), DTypeError, "generator cannot become a tensor"),
        (2**70, ArgumentError, "too large for int64"),
    ],
)
def test_what_cannot_become_a_tensor_is_refused_with_a_reason(value, error, text):
    with pytest.raises(error, match=text):
        wubu.tensor(value)


def test_an_unknown_dtype_suggests_the_nearest():
    with pytest.raises(UnknownNameError) as caught:
        wubu.tensor(1.0, "flot32")
    assert caught.value.fix == 'did you mean "float32"?'


def test_only_floats_require_gradients():
    with pytest.raises(DTypeError) as caught:
        wubu.tensor([1], requires_grad=True)
    assert caught.value.fix == 'convert it: x.astype("float32")'
    with pytest.raises(DTypeError):
        wubu.tensor([1]).requires_grad_()
    assert not Variable([1]).requires_grad
    x = wubu.tensor([1.0]).requires_grad_()
    assert x.requires_grad and x.is_leaf
    x.requires_grad = False
    y = wubu.tensor([1.0], requires_grad=True) * 2
    with pytest.raises(ArgumentError, match="cannot be switched off"):
        y.requires_grad = False


# -- operators ------------------------------------------------------------------------

OPERATORS = [
    operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv,
    operator.mod, operator.pow, operator.eq, operator.ne, operator.lt, operator.le,
    operator.gt, operator.ge,
]  # fmt: skip
BITS = [operator.and_, operator.or_, operator.xor, operator.lshift, operator.rshift]


@pytest.mark.parametrize("function", OPERATORS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("dtype", ["float32", "float64", "int64"])
def test_operators_take_tensors_arrays_and_numbers_on_both_sides(function, dtype):
    a = np.array([[1, 2, 3]], dtype)
    b = np.array([[4], [2]], dtype)
    expected = function(a, b)
    if function is operator.truediv and dtype == "int64":
        expected = expected.astype("float32")
    for x, y in [(Tensor(a), Tensor(b)), (Tensor(a), b), (a, Tensor(b))]:
        found = function(x, y)
        assert isinstance(found, Tensor)
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found.numpy(), expected, 1e-6)
    np.testing.assert_allclose(function(Tensor(a), 2).numpy(), function(a, 2), 1e-6)
    np.testing.assert_allclose(function(2, Tensor(a)).numpy(), function(2, a), 1e-6)
    scalar = a.dtype.type(2)
    np.testing.assert_allclose(
        function(scalar, Tensor(a)).numpy(), function(2, a), 1e-6
    )


@pytest.mark.parametrize("function", BITS, ids=lambda f: f.__name__)
def test_bit_operators_take_tensors_arrays_and_numbers_on_both_sides(function):
    a, b = np.array([1, 6, 12]), np.array([3, 1, 2])
    for x, y in [(Tensor(a), Tensor(b)), (Tensor(a), b), (a, Tensor(b))]:
        np.testing.assert_array_equal(function(x, y).numpy(), function(a, b))
    np.testing.assert_array_equal(function(2, Tensor(b)).numpy(), function(2, b))
    np.testing.assert_array_equal(function(Tensor(a), 2).numpy(), function(a, 2))


def test_unary_operators():
    x = wubu.tensor([-1.5, 2.5])
    assert (-x).tolist() == [1.5, -2.5]
    assert (+x).tolist() == [-1.5, 2.5]
    assert abs(x).tolist() == [1.5, 2.5]
    assert round(x).tolist() == [-2.0, 2.0]
    assert (~wubu.tensor([1, 0])).tolist() == [-2, -1]
    assert divmod(7, wubu.tensor([2]))[0].tolist() == [3]
    assert 2.0 in wubu.tensor([1.0, 2.0])
    assert 3.0 not in wubu.tensor([1.0, 2.0])


def test_operators_leave_foreign_types_to_python():
    x = wubu.tensor([1.0])
    assert (x == None) is False  # noqa: E711
    assert (x != "text") is True
    for wrong in (None, "text"):
        with pytest.raises(TypeError):
            x + wrong
        with pytest.raises(TypeError):
            x += wrong


def test_nan_comparisons():
    nan = wubu.tensor(np.nan)
    assert not bool(nan == nan)
    assert bool(nan != nan)
    assert not bool(nan < nan) and not bool(nan >= nan)


# -- in place -------------------------------------------------------------------------


def test_in_place_changes_plain_data_in_memory():
    array = np.array([1.0, 2.0])
    x = alias = Tensor(array)
    x += 1
    x *= wubu.tensor([2.0, 3.0])
    x -= 1
    x /= 2
    x **= 2
    assert x is alias
    assert array.tolist() == [2.25, 16.0]
    counts = wubu.tensor([7, 8])
    counts //= 2
    counts %= 3
    counts <<= 2
    counts |= 1
    assert counts.tolist() == [1, 5]


def test_in_place_makes_a_new_tensor_where_history_needs_the_old_value():
    leaf = wubu.tensor([1.0, 2.0], requires_grad=True)
    x = before = leaf * 2
    x += 1
    assert x is not before
    assert before.tolist() == [2.0, 4.0]
    x *= x
    x.sum().backward()
    assert leaf.grad.tolist() == [12.0, 20.0]
    total = zeros = wubu.zeros(2)
    total += leaf  # gains a history
    assert total is not zeros and total.requires_grad
    assert zeros.tolist() == [0.0, 0.0]


def test_in_place_on_a_leaf_needs_no_grad():
    leaf = wubu.tensor([1.0, 2.0], requires_grad=True)
    with pytest.raises(StaleValueError, match="takes part in derivatives"):
        leaf += 1
    with wubu.no_grad():
        leaf += 1
    assert leaf.tolist() == [2.0, 3.0]
    assert leaf.requires_grad and leaf.is_leaf


def test_in_place_keeps_dtype_and_shape_or_says_why_not():
    counts = wubu.tensor([1, 2])
    with pytest.raises(DTypeError, match="float32 does not fit a tensor of int64"):
        counts += 0.5
    with pytest.raises(DTypeError):
        counts /= 2
    with pytest.raises(ShapeError, match="cannot change its shape"):
        counts += wubu.ones((3, 2), dtype="int64")
    assert counts.tolist() == [1, 2]
    x = wubu.tensor([1.0])
    x += np.ones(1, "float64")
    assert x.dtype == "float32"
    shared = wubu.ops.broadcast_to(wubu.tensor([1.0]), (3,))
    with pytest.raises(ArgumentError, match="read-only"):
        shared += 1


NUMPY_NAMES = {
    "add_": "add",
    "sub_": "subtract",
    "mul_": "multiply",
    "div_": "divide",
    "floor_divide_": "floor_divide",
    "remainder_": "remainder",
    "pow_": "power",
}


@pytest.mark.parametrize("name", NUMPY_NAMES)
def test_a_method_that_changes_in_place_does_so_or_says_why_not(name):
    plain = alias = wubu.tensor([7.0, 8.0])
    expected = getattr(np, NUMPY_NAMES[name])(plain.numpy(), np.float32(2))
    assert getattr(plain, name)(2.0) is alias
    np.testing.assert_array_equal(alias.numpy(), expected)
    leaf = wubu.tensor([1.0, 2.0], requires_grad=True)
    computed = leaf * 2
    for target, operand in [(computed, 1.0), (leaf, 1.0), (plain, leaf)]:
        before = target.tolist()
        with pytest.raises(StaleValueError) as caught:
            getattr(target, name)(operand)
        assert "x = x + y" in caught.value.fix
        assert target.tolist() == before

    def traced(x):
        y = x * 2
        getattr(y, name)(1.0)
        return y

    with pytest.raises(TraceError, match="in place inside jit") as caught:
        wubu.jit(traced)(np.ones(2))
    assert "x = x + y" in caught.value.fix


def test_methods_have_their_own_names_and_only_known_ones_exist():
    for name, value in vars(Tensor).items():
        if callable(value) and name not in ("__hash__",):
            assert value.__name__ == name
            assert value.__qualname__.endswith(f"Tensor.{name}")
    for stray in ("truediv_", "lshift_", "and_", "floordiv_", "mod_"):
        assert not hasattr(Tensor, stray)


def test_assignment_by_index():
    x = wubu.zeros(2, 3)
    x[0] = 1
    x[:, 1] = wubu.tensor([5.0, 6.0])
    x[x == 0] = -1
    x[wubu.tensor(1), [0, 2]] = np.array([8.0, 9.0])
    assert x.tolist() == [[1.0, 5.0, 1.0], [8.0, 6.0, 9.0]]
    with pytest.raises(ShapeError, match="cannot write this here") as caught:
        x[0] = np.ones(4)
    assert "test_tensor.py:" in caught.value.where
    with pytest.raises(ShapeError):
        x[5] = 1
    leaf = wubu.tensor([1.0], requires_grad=True)
    with pytest.raises(StaleValueError):
        leaf[0] = 1
    with pytest.raises(StaleValueError, match="lose its history"):
        x[0, 0] = leaf[0]
    with wubu.no_grad():
        leaf[0] = 4
        x[0, 0] = leaf[0]
    assert x[0, 0].item() == 4


def test_copy_fill_and_zero():
    x = wubu.ones(2)
    assert x.copy_([3.0, 4.0]) is x
    assert x.tolist() == [3.0, 4.0]
    assert x.fill_(2).tolist() == [2.0, 2.0]
    assert x.zero_().tolist() == [0.0, 0.0]
    assert x.add_(1).tolist() == [1.0, 1.0]


# -- Python's protocols ---------------------------------------------------------------


def test_length_and_iteration():
    x = wubu.tensor([[1, 2], [3, 4]])
    assert len(x) == 2
    assert [row.tolist() for row in x] == [[1, 2], [3, 4]]
    _, second = x
    assert second.tolist() == [3, 4]
    assert [row.tolist() for row in reversed(x)] == [[3, 4], [1, 2]]
    with pytest.raises(DTypeError, match="no length"):
        len(wubu.tensor(1))
    with pytest.raises(TypeError):
        iter(wubu.tensor(1)).__next__()


def test_conversion_to_python_numbers():
    assert float(wubu.tensor([[1.5]])) == 1.5
    assert int(wubu.tensor(2.7)) == 2
    assert bool(wubu.tensor(0.0)) is False
    assert [10, 20, 30][wubu.tensor(1)] == 20
    assert list(range(wubu.tensor(2))) == [0, 1]
    assert wubu.tensor([2.5]).item() == 2.5
    for function in (bool, float, int):
        with pytest.raises(ShapeError) as caught:
            function(wubu.tensor([1, 2]))
        assert caught.value.got == "shape (2,)"
    with pytest.raises(TypeError, match="can be an index"):
        [1, 2][wubu.tensor(1.0)]


def test_printing_shows_value_shape_and_dtype():
    assert repr(wubu.tensor([1.0, 2.0])) == "Tensor([1. 2.], shape=(2,), dtype=float32)"
    x = wubu.tensor(1.0, requires_grad=True)
    assert repr(x) == "Tensor(1., shape=(), dtype=float32, requires_grad=True)"
    v = Variable([1, 2], name="counts")
    assert repr(v) == 'Variable([1 2], shape=(2,), dtype=int64, name="counts")'
    v = Variable([1.0], name="w")
    assert repr(v) == 'Variable([1.], shape=(1,), dtype=float32, name="w")'
    assert "..." in repr(wubu.zeros(1000))
    assert f"{wubu.tensor(1.23456):.2f}" == "1.23"
    assert f"{wubu.tensor([1.0, 2.5]):.2f}" == "[1.00 2.50]"
    assert f"{wubu.tensor(1.0)}" == "Tensor(1., shape=(), dtype=float32)"


def test_hash_goes_by_identity():
    a, b = wubu.tensor([1.0]), wubu.tensor([1.0])
    assert len({a, b, a}) == 2
    assert {a: 1}[a] == 1


def test_numpy_functions_take_tensors():
    x = wubu.tensor([3.0, 1.0])
    assert np.sort(x).tolist() == [1.0, 3.0]
    assert np.asarray(x, "float64").dtype == "float64"
    np.testing.assert_array_equal(np.array(x), [3.0, 1.0])


# -- copies and pickles ---------------------------------------------------------------

COPIES = {
    "deepcopy": copy.deepcopy,
    "pickle": lambda x: pickle.loads(pickle.dumps(x)),
}


@pytest.mark.parametrize("make", COPIES.values(), ids=list(COPIES))
def test_copies_of_tensors_are_leaves_of_their_own(make):
    x = wubu.tensor([1.0, 2.0], requires_grad=True)
    (x * x).sum().backward()
    twin = make(x)
    assert type(twin) is Tensor
    assert twin.requires_grad and twin.is_leaf
    assert twin.tolist() == [1.0, 2.0] and twin.grad.tolist() == [2.0, 4.0]
    with wubu.no_grad():
        twin.zero_()
    assert x.tolist() == [1.0, 2.0]
    (twin * 3).sum().backward()
    assert twin.grad.tolist() == [5.0, 7.0]
    assert x.grad.tolist() == [2.0, 4.0]


@pytest.mark.parametrize("make", COPIES.values(), ids=list(COPIES))
def test_copies_of_variables_keep_name_and_flags(make):
    v = Variable([1.0, 2.0], name="kernel", trainable=False)
    v.path = "dense/kernel"
    twin = make([v, v])
    assert twin[0] is twin[1]
    twin = twin[0]
    assert type(twin) is Variable
    assert (twin.name, twin.path, twin.trainable) == ("kernel", "dense/kernel", False)
    twin.assign([5.0, 6.0])
    assert v.tolist() == [1.0, 2.0]
    trainable = make(Variable([1.0]))
    assert trainable.trainable and trainable.grad is None


def test_a_shallow_copy_shares_memory_and_its_changes_are_noticed():
    x = wubu.tensor([2.0])
    w = wubu.tensor([3.0], requires_grad=True)
    y = w * x
    twin = copy.copy(x)
    twin[0] = 9
    assert x.item() == 9
    with pytest.raises(StaleValueError):
        y.backward()


def test_what_has_a_history_is_not_copied():
    y = wubu.tensor([1.0], requires_grad=True) * 2
    for function in (copy.deepcopy, pickle.dumps):
        with pytest.raises(ArgumentError) as caught:
            function(y)
        assert "x.detach()" in caught.value.fix


# -- names of PyTorch and NumPy -------------------------------------------------------


def test_methods_by_the_names_of_pytorch_and_numpy():
    array = np.arange(6, dtype="float32").reshape(2, 3)
    x = wubu.tensor(array)
    assert (x.ndim, x.dim(), x.size, x.numel(), x.nbytes) == (2, 2, 6, 6, 24)
    for found, expected in [
        (x.sum(dim=1, keepdim=True), array.sum(1, keepdims=True)),
        (x.mean(axis=0, keepdims=True), array.mean(0, keepdims=True)),
        (x.max(1), array.max(1)),
        (x.argmax(dim=0), array.argmax(0)),
        (x.T, array.T),
        (x.mT, array.T),
        (x.transpose(0, 1), array.T),
        (x.permute(1, 0), array.T),
        (x.transpose(), array.T),
        (x.view(3, 2), array.reshape(3, 2)),
        (x.view(-1), array.ravel()),
        (x.flatten(), array.ravel()),
        (x.unsqueeze(0), array[None]),
        (x.unsqueeze(0).squeeze(0), array),
        (x[:1].expand(4, -1), np.repeat(array[:1], 4, 0)),
        (x.clamp(1, 4), array.clip(1, 4)),
        (x.matmul(x.T), array @ array.T),
        (x.mm(x.T), array @ array.T),
        (x.add(1).sub(2).mul(3).div(4), (array - 1) * 3 / 4),
        (x.pow(2), array**2),
        (x.to("float64"), array.astype("float64")),
        (x.double(), array.astype("float64")),
        (x.long(), array.astype("int64")),
        (x.int(), array.astype("int32")),
        (x.bool(), array.astype("bool")),
        (x.half(), array.astype("float16")),
        (x.astype("int64").float(), array),
    ]:
        assert found.dtype == expected.dtype
        np.testing.assert_array_equal(found.numpy(), expected)
    assert x.norm().item() == pytest.approx(np.sqrt(55))


def test_transposing_three_axes_by_two_numbers_exchanges_them():
    x = wubu.zeros(2, 3, 4)
    assert x.transpose(0, 2).shape == (4, 3, 2)
    assert x.transpose(2, 0, 1).shape == (4, 2, 3)
    assert x.permute((1, 2, 0)).shape == (3, 4, 2)


# -- no value while tracing -----------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "action"),
    [
        (lambda x: 1 if x.sum() > 0 else 2, "a branch on its value"),
        (lambda x: float(x.sum()), "float()"),
        (lambda x: int(x.sum()), "int()"),
        (lambda x: x.numpy(), "numpy()"),
        (lambda x: np.asarray(x), "numpy()"),
        (lambda x: x.tolist(), "tolist()"),
        (lambda x: x.sum().item(), "item()"),
        (lambda x: range(x.argmax()), "index or count"),
        (lambda x: f"{x.sum():.2f}", "formatting"),
        (lambda x: copy.deepcopy(x), "copying"),
        (lambda x: x[x > 0], "how many elements a mask picks"),
        (lambda x: x.__setitem__(0, 1), "cannot be changed in place inside jit"),
        (lambda x: wubu.tensor([x, x]), "list of traced tensors"),
        (lambda x: Variable(x), "making a new tensor of it"),
    ],
)
def test_a_traced_tensor_says_what_needs_its_value_where_and_what_to_do(use, action):
    with pytest.raises(TraceError) as caught:
        wubu.jit(use)(np.ones(3))
    assert action in caught.value.what
    assert caught.value.fix
    assert "test_tensor.py:" in caught.value.where


def test_a_traced_tensor_prints_what_is_known(capsys):
    wubu.trace(lambda x: (print(x), x)[1], np.ones(3, "float32"))
    expected = "Tensor(traced, shape=(3,), dtype=float32)"
    assert capsys.readouterr().out.strip() == expected
