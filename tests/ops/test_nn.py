"""Activations, softmax and cross-entropies where formulas overflow or lose digits."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special
from hypothesis import given
from hypothesis import strategies as st

import wubu
from harness.gradients import check_gradients
from wubu import ops

ACTIVATIONS = [
    "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "softplus",
    "softsign", "silu", "log_sigmoid", "mish", "hard_sigmoid", "hard_silu",
    "hard_tanh", "tanh_shrink", "softmax", "log_softmax", "sigmoid", "tanh",
]  # fmt: skip
EXTREMES = [-1000.0, -88.0, -20.0, -1e-8, 0.0, 1e-8, 20.0, 88.0, 1000.0]
# f(x) for x -> -1000 and x -> 1000.
LIMITS = {
    "relu": (0.0, 1000.0),
    "relu6": (0.0, 6.0),
    "leaky_relu": (-200.0, 1000.0),
    "elu": (-1.0, 1000.0),
    "gelu": (0.0, 1000.0),
    "softplus": (0.0, 1000.0),
    "softsign": (-1000 / 1001, 1000 / 1001),
    "silu": (0.0, 1000.0),
    "log_sigmoid": (-1000.0, 0.0),
    "mish": (0.0, 1000.0),
    "hard_sigmoid": (0.0, 1.0),
    "hard_silu": (0.0, 1000.0),
    "hard_tanh": (-1.0, 1.0),
    "tanh_shrink": (-999.0, 999.0),
    "sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
}
# Slopes at 0 by definition: kinks have the convention of the docstring.
SLOPES_AT_ZERO = {
    "relu": 0.0, "relu6": 0.0, "leaky_relu": 0.2, "elu": 1.0, "celu": 1.0,
    "selu": 1.0507009873554805 * 1.6732632423543772, "gelu": 0.5, "softplus": 0.5,
    "softsign": 1.0, "silu": 0.5, "log_sigmoid": 0.5, "mish": np.tanh(np.log(2)),
    "hard_sigmoid": 1 / 6, "hard_silu": 0.5, "hard_tanh": 1.0, "tanh_shrink": 0.0,
    "sigmoid": 0.25, "tanh": 1.0,
}  # fmt: skip


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_and_gradients_are_finite_at_extremes(name, dtype):
    x = wubu.tensor(EXTREMES, dtype, requires_grad=True)
    y = getattr(ops, name)(x)
    assert np.isfinite(y.numpy()).all()
    y.backward(wubu.ones(y.shape, dtype=dtype))
    assert np.isfinite(x.grad.numpy()).all()
    slope = wubu.grad(lambda t: getattr(ops, name)(t).sum())
    second = wubu.grad(lambda t: slope(t).sum())
    assert np.isfinite(second(x.detach()).numpy()).all()


@pytest.mark.parametrize("name", LIMITS)
def test_limits_far_out(name):
    found = getattr(ops, name)(wubu.tensor([-1000.0, 1000.0])).tolist()
    assert found == pytest.approx(LIMITS[name], abs=1e-6)


@pytest.mark.parametrize("name", SLOPES_AT_ZERO)
def test_slopes_at_zero(name):
    found = wubu.grad(getattr(ops, name))(wubu.tensor(0.0, "float64")).item()
    assert found == pytest.approx(SLOPES_AT_ZERO[name])


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_no_activation_hides_nan(name):
    assert np.isnan(getattr(ops, name)(wubu.tensor([np.nan, np.nan])).numpy()).all()


@pytest.mark.parametrize("name", ["softplus", "log_sigmoid", "gelu", "silu", "mish"])
def test_smooth_activations_have_second_derivatives_at_zero(name):
    check_gradients(getattr(ops, name), [np.array([0.0, 0.5, -1.5])])


def test_relu_of_integers_stays_integer():
    assert ops.relu(wubu.tensor([-1, 2])).tolist() == [0, 2]
    assert ops.relu(wubu.tensor([-1, 2])).dtype == "int64"


@given(seed=st.integers(0, 99), axis=st.sampled_from([-1, 0, 1, (0, 2)]))
def test_softmax_and_log_softmax_are_scipys(seed, axis):
    x = np.random.default_rng(seed).standard_normal((3, 4, 2)) * 100
    np.testing.assert_allclose(
        ops.softmax(x, axis).numpy(), scipy.special.softmax(x, axis), 1e-12
    )
    np.testing.assert_allclose(
        ops.log_softmax(x, axis).numpy(), scipy.special.log_softmax(x, axis), 1e-12
    )


def test_softmax_takes_logits_of_minus_infinity():
    """As masks of attention give them: no share, and gradient 0."""
    x = wubu.tensor([0.0, -np.inf, 0.0], requires_grad=True)
    y = ops.softmax(x)
    (y * wubu.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert y.tolist() == [0.5, 0.0, 0.5]
    assert x.grad.tolist() == [-0.5, 0.0, 0.5]


def test_normalize_of_nothing_is_nothing_with_a_finite_gradient():
    x = wubu.tensor(np.zeros((2, 3)), requires_grad=True)
    ops.normalize(x).sum().backward()
    assert ops.normalize(x).tolist() == [[0.0] * 3] * 2
    assert np.isfinite(x.grad.numpy()).all()


def test_normalizations_equal_their_formulas():
    random = np.random.default_rng(0)
    x = random.standard_normal((5, 4, 3))
    mean, variance, scale, offset = random.uniform(0.5, 2, (4, 4))
    expected = (x - mean[:, None]) / np.sqrt(variance[:, None] + 1e-3)
    expected = expected * scale[:, None] + offset[:, None]
    found = ops.batch_normalization(x, mean, variance, 1, offset, scale)
    np.testing.assert_allclose(found.numpy(), expected, 1e-12, 1e-12)
    found = ops.layer_normalization(x, scale[:3], offset[:3], epsilon=1e-5)
    centred = x - x.mean(-1, keepdims=True)
    expected = centred / np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    np.testing.assert_allclose(
        found.numpy(), expected * scale[:3] + offset[:3], 1e-12, 1e-12
    )
    check_gradients(lambda t: ops.layer_normalization(t), [x])


# -- cross-entropies ------------------------------------------------------------------

LOGITS = [[0.0, 0.0, 0.0], [1000.0, -1000.0, 0.0], [1e30, -1e30, 0.0], [5.0, 5.0, -5.0]]


@pytest.mark.parametrize("logits", LOGITS)
@pytest.mark.parametrize("label", [0, 1, 2])
def test_class_crossentropy_from_logits_is_exact_and_finite(logits, label):
    x = wubu.tensor(logits, "float64", requires_grad=True)
    loss = ops.sparse_categorical_crossentropy(label, x, from_logits=True)
    expected = scipy.special.logsumexp(logits) - logits[label]
    assert loss.item() == pytest.approx(expected)
    loss.backward()
    one_hot = np.eye(3)[label]
    expected = scipy.special.softmax(logits) - one_hot
    np.testing.assert_allclose(x.grad.numpy(), expected, atol=1e-12)
    dense = ops.categorical_crossentropy(one_hot, x, from_logits=True)
    assert dense.item() == loss.item()


@pytest.mark.parametrize("logit", [0.0, 1e-9, 30.0, -30.0, 1000.0, -1000.0])
@pytest.mark.parametrize("target", [0.0, 1.0, 0.3])
def test_binary_crossentropy_from_logits_is_exact(logit, target):
    x = wubu.tensor(logit, "float64", requires_grad=True)
    loss = ops.binary_crossentropy(target, x, from_logits=True)
    expected = max(logit, 0) - logit * target + np.log1p(np.exp(-abs(logit)))
    assert loss.item() == pytest.approx(expected, rel=1e-15)
    loss.backward()
    assert x.grad.item() == pytest.approx(scipy.special.expit(logit) - target)
    check_gradients(
        lambda t: ops.binary_crossentropy(target, t, from_logits=True),
        [np.array([logit])],
        tolerance=1e-4,
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_crossentropies_from_exact_probabilities_are_finite(dtype):
    for p in ([1.0, 0.0], [0.0, 1.0], [0.5, 0.5], [1e-12, 1.0]):
        x = wubu.tensor(p, dtype, requires_grad=True)
        for loss in (
            ops.sparse_categorical_crossentropy(0, x),
            ops.categorical_crossentropy([0.0, 1.0], x),
            ops.binary_crossentropy([0.0, 1.0], x).sum(),
        ):
            x.grad = None
            loss.backward()
            assert np.isfinite(loss.item())
            assert np.isfinite(x.grad.numpy()).all()


def test_class_numbers_may_have_a_last_axis_of_one():
    x = np.random.default_rng(0).standard_normal((4, 3))
    flat = ops.sparse_categorical_crossentropy([0, 1, 2, 0], x, from_logits=True)
    column = ops.sparse_categorical_crossentropy(
        [[0], [1], [2], [0]], x, from_logits=True
    )
    assert flat.shape == column.shape == (4,)
    np.testing.assert_array_equal(flat.numpy(), column.numpy())


@pytest.mark.parametrize(
    ("call", "fix"),
    [
        (
            lambda: ops.categorical_crossentropy(np.zeros(4), np.zeros((4, 3))),
            "for class numbers use sparse_categorical_crossentropy",
        ),
        (
            lambda: ops.sparse_categorical_crossentropy(
                np.zeros((4, 3)), np.zeros((4, 3))
            ),
            "for one-hot targets use categorical_crossentropy",
        ),
    ],
)
def test_the_wrong_kind_of_target_is_refused_with_the_right_function(call, fix):
    with pytest.raises(wubu.errors.ShapeError) as caught:
        call()
    assert caught.value.fix == fix
    assert "test_nn.py:" in caught.value.where
