"""Convolution and pooling against plain loops over windows, for random windows."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

import wubu
from harness.gradients import check_gradients
from wubu import ops
from wubu.core.primitive import get_primitive


@st.composite
def windows(draw, dilated: bool = True):
    """An input's spatial shape, and windows that fit into it."""
    ndim = draw(st.integers(1, 3))
    spatial, size, strides, padding, dilation = [], [], [], [], []
    for _ in range(ndim):
        k = draw(st.integers(1, 3))
        d = draw(st.integers(1, 2)) if dilated else 1
        pair = draw(st.tuples(*[st.integers(0, 2 if dilated else k - 1)] * 2))
        reach = (k - 1) * d + 1
        least = max(reach - sum(pair), 1)
        spatial.append(draw(st.integers(least, max(least, 5 if ndim < 3 else 4))))
        size.append(k)
        strides.append(draw(st.integers(1, 3)))
        padding.append(pair)
        dilation.append(d)
    return tuple(spatial), tuple(size), tuple(strides), tuple(padding), tuple(dilation)


def slide(x, size, strides, padding, dilation):
    """Every window as (place of the result, list of (place in window, slice or None));
    slices are (batch, channels), None is padding."""
    spatial = x.shape[1:-1]
    counts = [
        (n + sum(p) - ((k - 1) * d + 1)) // s + 1
        for n, k, s, p, d in zip(spatial, size, strides, padding, dilation, strict=True)
    ]
    for place in np.ndindex(*counts):
        cells = []
        for inner in np.ndindex(*size):
            at = tuple(
                o * s + i * d - p[0]
                for o, s, i, d, p in zip(
                    place, strides, inner, dilation, padding, strict=True
                )
            )
            inside = all(0 <= i < n for i, n in zip(at, spatial, strict=True))
            cells.append((inner, x[(slice(None), *at)] if inside else None))
        yield tuple(counts), place, cells


def conv_by_loop(x, kernel, strides, padding, dilation, groups):
    out = None
    channels, filters = x.shape[-1] // groups, kernel.shape[-1] // groups
    for counts, place, cells in slide(x, kernel.shape[:-2], strides, padding, dilation):
        if out is None:
            out = np.zeros((x.shape[0], *counts, kernel.shape[-1]))
        for (inner, part), g in itertools.product(cells, range(groups)):
            if part is None:
                continue
            ins = slice(g * channels, (g + 1) * channels)
            outs = slice(g * filters, (g + 1) * filters)
            out[(slice(None), *place, outs)] += part[:, ins] @ kernel[inner][:, outs]
    return out


@given(case=windows(), groups=st.integers(1, 2), data=st.data())
def test_convolution_equals_a_loop(case, groups, data):
    spatial, size, strides, padding, dilation = case
    channels = groups * data.draw(st.integers(1, 2))
    filters = groups * data.draw(st.integers(1, 2))
    random = np.random.default_rng(0)
    x = random.standard_normal((2, *spatial, channels))
    kernel = random.standard_normal((*size, channels // groups, filters))
    params = {"strides": strides, "padding": padding, "dilation": dilation}
    conv = get_primitive("conv")
    found = conv(x, kernel, groups=groups, **params)
    expected = conv_by_loop(x, kernel, strides, padding, dilation, groups)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found.numpy(), expected, 1e-11, 1e-11)
    check_gradients(lambda a, b: conv(a, b, groups=groups, **params), [x, kernel])


def test_convolution_is_scipys_correlation():
    random = np.random.default_rng(0)
    x, kernel = random.standard_normal((6, 7)), random.standard_normal((3, 2))
    found = ops.conv(x[None, :, :, None], kernel[:, :, None, None])
    expected = scipy.signal.correlate(x, kernel, "valid")
    np.testing.assert_allclose(found.numpy()[0, :, :, 0], expected, 1e-12)


def pool_by_loop(x, size, strides, padding, combine):
    out = None
    for counts, place, cells in slide(x, size, strides, padding, (1,) * len(size)):
        if out is None:
            out = np.zeros((x.shape[0], *counts, x.shape[-1]))
        inside = [part for _, part in cells if part is not None]
        out[(slice(None), *place)] = combine(np.stack(inside), axis=0)
    return out


@given(case=windows(dilated=False))
def test_pooling_equals_a_loop_and_leaves_padding_out(case):
    spatial, size, strides, padding, _ = case
    shape = (2, *spatial, 2)
    x = np.random.default_rng(0).permutation(np.arange(np.prod(shape)) * 0.1)
    x = x.reshape(shape) - 3
    for pool, combine in ((ops.max_pool, np.max), (ops.average_pool, np.mean)):
        expected = pool_by_loop(x, size, strides, padding, combine)
        found = pool(x, size, strides, padding)
        assert found.shape == expected.shape
        np.testing.assert_allclose(found.numpy(), expected, 1e-12, 1e-12)
        check_gradients(lambda t, p=pool: p(t, size, strides, padding), [x])


@pytest.mark.parametrize("function", [ops.max_pool, ops.average_pool])
def test_channels_first_pools_the_same(function):
    x = np.random.default_rng(0).standard_normal((2, 5, 6, 3))
    last = function(x, 2, padding="same").numpy()
    first = function(
        np.moveaxis(x, -1, 1), 2, padding="same", data_format="channels_first"
    )
    np.testing.assert_array_equal(np.moveaxis(first.numpy(), 1, -1), last)


def test_channels_first_convolves_the_same():
    random = np.random.default_rng(0)
    x, kernel = (
        random.standard_normal((2, 5, 6, 4)),
        random.standard_normal((3, 3, 2, 6)),
    )
    last = ops.conv(x, kernel, 2, "same").numpy()
    first = ops.conv(np.moveaxis(x, -1, 1), kernel, 2, "same", "channels_first")
    np.testing.assert_array_equal(np.moveaxis(first.numpy(), 1, -1), last)


@given(
    n=st.integers(1, 9),
    window=st.integers(1, 4),
    stride=st.integers(1, 3),
    dilation=st.integers(1, 2),
)
def test_same_padding_gives_as_many_windows_as_strides_fit(n, window, stride, dilation):
    x, kernel = np.ones((1, n, 1)), np.ones((window, 1, 1))
    found = ops.conv(x, kernel, stride, "same", dilation_rate=dilation)
    assert found.shape == (1, -(-n // stride), 1)


def test_the_first_of_several_maxima_takes_the_gradient():
    x = wubu.tensor(np.ones((1, 4, 1)), requires_grad=True)
    ops.max_pool(x, 2).sum().backward()
    assert x.grad.numpy().ravel().tolist() == [1.0, 0.0, 1.0, 0.0]


def test_nan_wins_a_maximum():
    x = np.array([1.0, np.nan, 3.0, 4.0]).reshape(1, 4, 1)
    assert np.isnan(ops.max_pool(x, 2).numpy()[0, 0, 0])
    assert ops.max_pool(x, 2).numpy()[0, 1, 0] == 4.0


def test_integers_pool_too():
    x = np.array([-5, -7, -9, -3], "int8").reshape(1, 4, 1)
    found = ops.max_pool(x, 2, padding=((1, 1),), strides=2)
    assert found.dtype == "int8"
    assert found.numpy().ravel().tolist() == [-5, -7, -3]
    assert ops.average_pool(x, 2).dtype == "float32"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: ops.conv(np.ones((1, 2, 1)), np.ones((3, 1, 1))), "larger than"),
        (
            lambda: ops.conv(np.ones((1, 5, 3)), np.ones((2, 2, 4))),
            "number of channels",
        ),
        (lambda: ops.conv(np.ones((1, 5, 4)), np.ones((2, 2, 3))), "groups divide"),
        (lambda: ops.conv(np.ones((1, 5)), np.ones((2, 1, 1))), "takes"),
        (lambda: ops.conv(np.ones((1, 5, 1)), np.ones((2, 1, 1)), 0), "strides is a"),
        (
            lambda: ops.conv(np.ones((1, 5, 1)), np.ones((2, 1, 1)), 1, "full"),
            "padding",
        ),
        (
            lambda: ops.conv(np.ones((1, 5, 1)), np.ones((2, 1, 1)), 1, [(-1, 0)]),
            "least",
        ),
        (
            lambda: ops.conv(
                np.ones((1, 5, 1)), np.ones((2, 1, 1)), data_format="channels_last "
            ),
            "unknown data_format",
        ),
        (lambda: ops.max_pool(np.ones((1, 5)), 2), "spatial axis"),
        (lambda: ops.max_pool(np.ones((1, 5, 1)), (2, 2)), "pool_size is a"),
        (lambda: ops.max_pool(np.ones((1, 5, 1)), 2, 1, [(2, 0)]), "padding only"),
    ],
)
def test_windows_that_do_not_fit_are_refused_with_the_callers_line(call, text):
    with pytest.raises(wubu.errors.WubuError, match=text) as caught:
        call()
    assert "test_windows.py:" in caught.value.where


def test_a_batch_of_nothing_and_bools():
    x, kernel = np.zeros((0, 5, 5, 2)), np.ones((3, 3, 2, 4))
    assert ops.conv(x, kernel).shape == (0, 3, 3, 4)
    assert ops.max_pool(x, 2).shape == ops.average_pool(x, 2).shape == (0, 2, 2, 2)
    gradients = wubu.grad(lambda a, b: ops.conv(a, b).sum(), (0, 1))(x, kernel)
    assert [g.shape for g in gradients] == [x.shape, kernel.shape]
    mask = np.array([False, True, False, False]).reshape(1, 4, 1)
    assert ops.max_pool(mask, 2).numpy().ravel().tolist() == [True, False]
