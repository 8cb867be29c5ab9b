"""Derivatives as users take them: `backward`, `grad`, and what they must refuse."""

from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest

import wubu
from wubu import Tensor, Variable, grad, ops, value_and_grad
from wubu.errors import DerivativeError, ShapeError, StaleValueError, TraceError


def leaf(*values: float):
    return wubu.tensor(values if len(values) > 1 else values[0], requires_grad=True)


# -- backward -------------------------------------------------------------------------


def test_backward_adds_up_and_zero_grad_forgets():
    x = leaf(1.0, 2.0)
    for times in (1, 2, 3):
        (x * x).sum().backward()
        assert x.grad.tolist() == [2.0 * times, 4.0 * times]
    x.zero_grad()
    assert x.grad is None


def test_a_tensor_used_many_times_collects_all_its_gradients():
    x = leaf(3.0)
    a = x * x
    b = a * x  # a diamond: a reaches the end by two ways
    (a * b + x).backward()
    assert x.grad.item() == 5 * 3.0**4 + 1


def test_gradients_stop_at_leaves_and_skip_intermediates():
    x = leaf(2.0)
    y = x * 3
    z = y * y
    z.backward()
    assert y.grad is None and not y.is_leaf
    assert x.is_leaf and x.grad.item() == 36.0
    detached = leaf(2.0)
    (detached * y.detach()).backward()
    assert detached.grad.item() == 6.0
    assert x.grad.item() == 36.0


def test_backward_starts_from_a_given_gradient():
    x = leaf(1.0, 2.0)
    (x * x).backward(wubu.tensor([1.0, 10.0]))
    assert x.grad.tolist() == [2.0, 40.0]
    with pytest.raises(ShapeError) as caught:
        (x * x).backward(wubu.ones(3))
    assert (caught.value.expected, caught.value.got) == ("(2,)", "(3,)")


def test_backward_needs_one_number_and_something_to_differentiate():
    x = leaf(1.0, 2.0)
    with pytest.raises(DerivativeError) as caught:
        (x * x).backward()
    assert caught.value.got == "shape (2,)"
    assert "sum()" in caught.value.fix
    assert "test_autodiff.py:" in caught.value.where
    with pytest.raises(DerivativeError, match="depends on nothing"):
        wubu.ones(1).backward()
    with wubu.no_grad():
        y = (x * x).sum()
    with pytest.raises(DerivativeError, match="depends on nothing"):
        y.backward()


def test_backward_of_the_same_graph_twice_adds_the_same_again():
    x = leaf(3.0)
    y = x * x
    y.backward()
    y.backward()
    assert x.grad.item() == 12.0


def test_gradients_own_their_memory():
    """Neither two gradients, nor a gradient and a value, nor the seed share memory."""
    a, b = leaf(1.0, 2.0), leaf(3.0, 4.0)
    seed = wubu.ones(2)
    (a + b).backward(seed)
    a.grad += 5
    assert b.grad.tolist() == [1.0, 1.0]
    assert seed.tolist() == [1.0, 1.0]
    x = leaf(1.0, 2.0)
    x.reshape(1, 2).backward(wubu.ones(1, 2))
    assert not np.shares_memory(x.grad.numpy(), x.detach().numpy())


def test_gradients_flow_through_views():
    x = wubu.tensor(np.arange(12.0).reshape(3, 4), requires_grad=True)
    view = x.T[1:, ::-1].reshape(-1)
    (view * view).sum().backward()
    expected = np.zeros((3, 4))
    expected[:, 1:] = 2 * np.arange(12.0).reshape(3, 4)[:, 1:]
    np.testing.assert_array_equal(x.grad.numpy(), expected)


def test_gradients_keep_the_dtype_of_their_tensor():
    for dtype in ("float16", "float32", "float64"):
        x = wubu.tensor([1.0, 2.0], dtype, requires_grad=True)
        (x * wubu.tensor([1.0, 2.0], "float64")).sum().backward()
        assert x.grad.dtype == dtype


def test_a_chain_of_ten_thousand_operations():
    x = leaf(1.0)
    y = x
    for _ in range(10_000):
        y = y + x
    y.backward()
    assert x.grad.item() == 10_001.0
    del y  # freeing it must not recurse either
    assert wubu.grad(lambda t: _chain(t, 10_000))(0.5).item() == 1.0
    compiled = wubu.jit(lambda t: _chain(t, 3000))
    assert compiled(np.float32(1)).item() == 1.0


def _chain(x, length):
    for _ in range(length):
        x = -x
    return x


def test_setting_a_gradient_takes_arrays_of_the_right_shape():
    x, v = leaf(1.0, 2.0), Variable([1.0, 2.0])
    for target in (x, v):
        target.grad = wubu.tensor([3.0, 4.0], "float64")
        assert target.grad.dtype == "float32"
        (target * 1).sum().backward()
        assert target.grad.tolist() == [4.0, 5.0]
        with pytest.raises(ShapeError):
            target.grad = wubu.ones(3)


# -- no_grad --------------------------------------------------------------------------


def test_no_grad_is_a_context_and_a_decorator_and_nests():
    x = leaf(1.0)

    @wubu.no_grad()
    def double(t):
        return t * 2

    assert not double(x).requires_grad
    assert (x * 2).requires_grad
    with wubu.no_grad():
        with wubu.enable_grad():
            assert (x * 2).requires_grad
        assert not (x * 2).requires_grad
    mode = wubu.no_grad()
    with mode, mode:
        assert not (x * 2).requires_grad
    assert (x * 2).requires_grad
    with pytest.raises(ZeroDivisionError), wubu.no_grad():
        _ = 1 / 0
    assert (x * 2).requires_grad


def test_eager_computation_without_gradients_keeps_no_history():
    """Whatever a long loop computes on the way is freed at once."""
    w = Variable([1.0, 2.0])
    for mode in (wubu.no_grad, wubu.enable_grad):
        held = []
        x = w if mode is wubu.no_grad else wubu.tensor([1.0, 2.0])
        with mode():
            for _ in range(50):
                x = x * 1.5 + 1
                held.append(weakref.ref(x))
        gc.collect()
        assert sum(r() is not None for r in held) == 1
        assert x._history is None


def test_history_is_freed_with_its_last_tensor():
    x = leaf(1.0)
    y = x * 2
    middle = weakref.ref(y)
    y = y * 3
    assert middle() is not None
    del y
    assert middle() is None, "without waiting for the cycle collector"


def test_taking_gradients_in_a_loop_keeps_no_history():
    w = Variable([1.0, 2.0])
    held = []
    for _ in range(5):
        value, gradient = value_and_grad(lambda x: (x * x).sum())(w.detach())
        assert value._history is None and gradient._history is None
        loss = (w * w).sum()
        loss.backward()
        held.append(weakref.ref(loss))
        assert w.grad._history is None
    del loss
    assert all(r() is None for r in held)


# -- grad -----------------------------------------------------------------------------


def test_gradients_of_gradients():
    cube = lambda x: x * x * x  # noqa: E731
    assert grad(cube)(2.0).item() == 12.0
    assert grad(grad(cube))(2.0).item() == 12.0
    assert grad(grad(grad(cube)))(2.0).item() == 6.0
    assert grad(grad(grad(grad(cube))))(2.0).item() == 0.0


def test_perturbations_are_not_confused():
    """Siskind and Pearlmutter 2005: the inner derivative must not see the outer x."""
    assert grad(lambda x: x * grad(lambda y: x + y)(x))(1.0).item() == 1.0
    assert grad(lambda x: x * grad(lambda y: x * y)(2.0))(3.0).item() == 6.0
    nested = grad(lambda x: grad(lambda y: grad(lambda z: x * y * z * z)(y))(x))
    assert nested(2.0).item() == 16.0  # d/dz gives 2xyz, d/dy 4xy, d/dx of 4x² is 8x


def test_gradients_of_nested_structures():
    def loss(params, scale):
        return (params["w"] * params["b"][0]).sum() * scale + params["b"][1]

    params = {"w": np.array([1.0, 2.0]), "b": (np.array(3.0), np.array(4.0))}
    found = grad(loss)(params, 2.0)
    assert found["w"].tolist() == [6.0, 6.0]
    assert found["b"][0].item() == 6.0
    assert found["b"][1].item() == 1.0
    first, second = grad(loss, argnums=(1, 0))(params, 2.0)
    assert first.item() == 9.0
    assert second["w"].tolist() == [6.0, 6.0]


def test_auxiliary_results_pass_through():
    def loss(x):
        return x * x, {"twice": x * 2, "name": "loss"}

    (value, extra), gradient = value_and_grad(loss, has_aux=True)(3.0)
    assert (value.item(), gradient.item()) == (9.0, 6.0)
    assert extra["twice"].item() == 6.0 and extra["name"] == "loss"


def test_an_argument_without_influence_has_gradient_zero():
    a, b = grad(lambda x, y: x * 2, (0, 1))(1.0, wubu.ones(2))
    assert a.item() == 2.0
    assert b.tolist() == [0.0, 0.0]


def test_grad_of_the_argument_itself_is_one():
    assert grad(lambda x: x)(5.0).item() == 1.0


def test_grad_leaves_grad_attributes_alone():
    w, x = leaf(2.0), leaf(3.0)
    assert grad(lambda t: t * w)(x).item() == 2.0
    assert w.grad is None and x.grad is None


def test_gradients_can_be_differentiated_by_what_the_function_closes_over():
    w = leaf(2.0)
    slope = grad(lambda t: t * t * w)(3.0)
    slope.backward()
    assert w.grad.item() == 6.0
    with wubu.no_grad():
        assert not grad(lambda t: t * t * w)(3.0).requires_grad


def test_a_gradient_penalty_in_pytorchs_style():
    w = Variable([1.0, 2.0])
    slope = grad(lambda x: ops.tanh(x * w).sum())(wubu.tensor([0.3, 0.4]))
    (slope * slope).sum().backward()
    x, v = np.array([0.3, 0.4]), np.array([1.0, 2.0])
    sech = 1 - np.tanh(x * v) ** 2
    expected = 2 * v * sech * (sech - 2 * v * x * np.tanh(x * v) * sech)
    np.testing.assert_allclose(w.grad.numpy(), expected, 1e-5)


def test_grad_refuses_what_has_no_derivative():
    with pytest.raises(DerivativeError) as caught:
        grad(lambda n: n * 2)(3)
    assert caught.value.got == "int64 of shape ()"
    assert "test_autodiff.py:" in caught.value.where
    with pytest.raises(DerivativeError, match="of one number"):
        grad(lambda x: x * 2)(wubu.ones(3))


# -- values changed in place ----------------------------------------------------------


def product():
    """x, and y = w * x whose derivative by w needs x."""
    x, w = wubu.tensor([1.0, 2.0, 3.0]), leaf(4.0, 5.0, 6.0)
    return x, w, (w * x).sum()


def through_view(x):
    x.reshape(3, 1)[0] = 9.0


def through_view_of_view(x):
    x[1:][1:].copy_([7.0])


def through_in_place_operator(x):
    x += 1


CHANGES = {
    "setitem": lambda x: x.__setitem__(0, 9.0),
    "setitem by mask": lambda x: x.__setitem__(x > 1, 9.0),
    "copy_": lambda x: x.copy_([7.0, 8.0, 9.0]),
    "fill_": lambda x: x.fill_(0),
    "zero_": lambda x: x.zero_(),
    "add_": lambda x: x.add_(1),
    "+=": through_in_place_operator,
    "detached twin": lambda x: x.detach().zero_(),
    "twin of a twin": lambda x: x.detach().detach().zero_(),
    "a Tensor of it": lambda x: wubu.Tensor(x).zero_(),
    "as_tensor": lambda x: wubu.as_tensor(x).zero_(),
    "view": through_view,
    "view of a view": through_view_of_view,
    "transposed view": lambda x: x.T.zero_(),
    "flattened view": lambda x: x.flatten().zero_(),
    "flipped view": lambda x: x.flip().zero_(),
    "reversed slice": lambda x: x[::-1].zero_(),
    "a cast that casts nothing": lambda x: x.to("float32").zero_(),
    "a real positive": lambda x: (+x).zero_(),
    "a squeezed view": lambda x: x.unsqueeze(0).squeeze(0).zero_(),
    "a row of a split": lambda x: ops.split(x, 3)[1].zero_(),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_every_change_of_a_needed_value_is_noticed(change):
    x, _, y = product()
    change(x)
    with pytest.raises(StaleValueError) as caught:
        y.backward()
    assert "changed in place after mul used it" in caught.value.what
    assert "test_autodiff.py:" in caught.value.where
    assert "clone()" in caught.value.fix


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_changing_a_copy_or_what_is_not_needed_is_allowed(change):
    x, w, y = product()
    change(x.clone())
    y.backward()
    assert w.grad.tolist() == [1.0, 2.0, 3.0]
    x, w, _ = product()
    y = (w + x).sum() + (w - x).sum() + ops.concatenate([w, x]).sum()
    change(x)  # a sum's derivative needs no operand
    y.backward()
    assert w.grad.tolist() == [3.0, 3.0, 3.0]


def test_a_changed_view_spoils_its_source():
    base = wubu.tensor([1.0, 2.0, 3.0])
    view, w = base[1:], leaf(4.0, 5.0)
    y = (w * view).sum()
    base[1] = 0
    with pytest.raises(StaleValueError):
        y.backward()


def test_a_result_that_was_changed_spoils_rules_that_reuse_it():
    for function, needs_result in [(ops.exp, True), (ops.sin, False)]:
        x = leaf(0.5, 1.0)
        y = function(x)
        loss = y.sum()
        y.detach().zero_()
        if needs_result:
            with pytest.raises(StaleValueError):
                loss.backward()
        else:
            loss.backward()


def test_assigning_a_variable_between_forward_and_backward():
    v, w = Variable([1.0, 2.0]), leaf(3.0, 4.0)
    y = (v * w).sum()
    v.assign([5.0, 6.0])
    with pytest.raises(StaleValueError):
        y.backward()
    total = (v + w).sum()
    v.assign_add([1.0, 1.0])
    total.backward()
    assert v.grad.tolist() == [1.0, 1.0]
    again = (v * w).sum()
    with wubu.no_grad():
        v[0] = 7
    with pytest.raises(StaleValueError):
        again.backward()


def test_a_snapshot_of_a_variable_survives_its_assignment():
    v, w = Variable([1.0, 2.0]), leaf(3.0, 4.0)
    for old in (v.value, v.detach(), v.detach()[:]):
        w.grad = None
        y = (old * w).sum()
        before = old.tolist()
        v.assign(v.detach() + 10)
        y.backward()
        assert w.grad.tolist() == before


def test_a_change_before_the_use_does_no_harm():
    x, w = wubu.tensor([1.0]), leaf(2.0).reshape(1)
    x += 1
    (w * x).sum().backward()
    twin = x.detach()
    twin += 1
    y = (w * x).sum()
    y.backward()


def test_a_change_through_another_tensor_on_the_same_memory_is_noticed():
    array = np.array([1.0, 2.0, 3.0, 4.0])
    made = wubu.tensor([1.0, 2.0, 3.0, 4.0])
    computed = made * 1
    pairs = [
        (Tensor(array), Tensor(array)),
        (Tensor(array), Tensor(array[1:])),
        (Tensor(array[:3]), Tensor(array[::2])),
        (made, Tensor(made.numpy())),
        (computed, Tensor(computed.numpy()[2:])),
    ]
    for used, other in pairs:
        w = leaf(2.0)
        y = (w.astype(used.dtype) * used).sum()
        other.fill_(7)
        with pytest.raises(StaleValueError, match="changed in place"):
            y.backward()


def test_a_change_of_other_memory_does_no_harm():
    array = np.array([1.0, 2.0, 3.0, 4.0])
    first, second = Tensor(array[:2]), Tensor(array[2:])
    w = leaf(2.0, 3.0)
    y = (w * first).sum()
    second.zero_()
    Tensor(array.copy()).zero_()
    y.backward()
    assert w.grad.tolist() == [1.0, 2.0]


# -- inside jit -----------------------------------------------------------------------


def test_backward_inside_jit_refuses_plain_tensors_from_outside():
    w = leaf(2.0)

    def step(x):
        (w * x).backward()

    with pytest.raises(TraceError, match="plain tensor from outside") as caught:
        wubu.jit(step)(np.float32(1))
    assert "wubu.Variable" in caught.value.fix
    assert w.grad is None


def test_leaves_made_inside_jit_work_as_outside():
    def step(x):
        made = wubu.zeros(2, requires_grad=True)
        traced = (x * 2).requires_grad_()
        (traced * traced + made * x).sum().backward()
        return made.grad, traced.grad

    x = wubu.tensor([1.0, 2.0])
    for a, b in zip(step(x), wubu.jit(step)(x), strict=True):
        np.testing.assert_array_equal(a.numpy(), b.numpy())
