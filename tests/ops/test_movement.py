"""Operations that move values, against NumPy: shapes, slices, indices, gathering."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import wubu
from harness.gradients import check_gradients
from wubu import ops
from wubu.core.primitive import get_primitive
from wubu.ops.selection import gather, scatter_add

small = hnp.array_shapes(min_dims=1, max_dims=4, max_side=4)


def numbers(shape: tuple[int, ...]) -> np.ndarray:
    return np.arange(np.prod(shape), dtype="float64").reshape(shape)


def same(found, expected) -> None:
    assert found.shape == np.shape(expected)
    np.testing.assert_array_equal(found.numpy(), expected)


@given(shape=small, data=st.data())
def test_transpose_moveaxis_swapaxes(shape, data):
    x = numbers(shape)
    axes = data.draw(st.permutations(range(x.ndim)))
    a, b = data.draw(st.tuples(*[st.integers(-x.ndim, x.ndim - 1)] * 2))
    same(ops.transpose(x, axes), x.transpose(axes))
    same(ops.transpose(x), x.T)
    same(ops.swapaxes(x, a, b), x.swapaxes(a, b))
    same(ops.moveaxis(x, a, b), np.moveaxis(x, a, b))
    same(ops.moveaxis(x, axes, range(x.ndim)), np.moveaxis(x, axes, range(x.ndim)))
    check_gradients(lambda t: ops.transpose(t, axes), [x])


@given(shape=small, data=st.data())
def test_reshape_with_one_open_axis(shape, data):
    x = numbers(shape)
    divisors = [n for n in range(1, x.size + 1) if x.size % n == 0]
    n = data.draw(st.sampled_from(divisors))
    same(ops.reshape(x, (n, -1)), x.reshape(n, -1))
    same(wubu.tensor(x).reshape(-1, n), x.reshape(-1, n))
    same(wubu.tensor(x).view(-1), x.ravel())
    same(wubu.tensor(x).flatten(), x.ravel())


def test_reshape_of_nothing():
    same(ops.reshape(np.zeros((0, 6)), (-1, 3)), np.zeros((0, 3)))
    same(ops.reshape(np.zeros((0, 6)), (2, 0)), np.zeros((2, 0)))
    with pytest.raises(wubu.errors.ShapeError, match="number of elements"):
        ops.reshape(np.zeros((2, 3)), (4, -1))
    with pytest.raises(wubu.errors.ShapeError, match="number of elements"):
        ops.reshape(np.zeros(6), (-1, -1))


@given(shape=small, data=st.data())
def test_squeeze_and_expand_dims(shape, data):
    x = numbers(shape)
    axis = data.draw(st.integers(-x.ndim - 1, x.ndim))
    same(ops.expand_dims(x, axis), np.expand_dims(x, axis))
    same(ops.expand_dims(x, (0, -1)), np.expand_dims(x, (0, -1)))
    same(ops.squeeze(ops.expand_dims(x, axis), axis), x)
    same(ops.squeeze(x), x.squeeze())


@given(shapes=hnp.mutually_broadcastable_shapes(num_shapes=1, max_dims=3))
def test_broadcast_to(shapes):
    x = numbers(shapes.input_shapes[0])
    shape = (2, *shapes.result_shape)
    same(ops.broadcast_to(x, shape), np.broadcast_to(x, shape))
    check_gradients(lambda t: ops.broadcast_to(t, shape), [x])


@given(shape=small, data=st.data())
def test_flip_and_roll(shape, data):
    x = numbers(shape)
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    shift = data.draw(st.integers(-7, 7))
    same(ops.flip(x, axis), np.flip(x, axis))
    same(ops.flip(x), np.flip(x))
    same(ops.roll(x, shift, axis), np.roll(x, shift, axis))
    same(ops.roll(x, shift), np.roll(x, shift))


@given(shape=small, data=st.data())
def test_repeat_and_tile(shape, data):
    x = numbers(shape)
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    n = data.draw(st.integers(0, 3))
    counts = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=5))
    same(ops.repeat(x, n, axis), np.repeat(x, n, axis))
    same(ops.repeat(x, n), np.repeat(x, n))
    same(ops.tile(x, counts), np.tile(x, counts))


@given(shape=small, data=st.data())
def test_pad_with_values_between_too(shape, data):
    x = numbers(shape)
    padding = tuple(data.draw(st.tuples(*[st.integers(0, 2)] * 3)) for _ in shape)
    spread = tuple(
        n + between * max(n - 1, 0)
        for n, (_, _, between) in zip(shape, padding, strict=True)
    )
    inner = np.full(spread, 7.0)
    inner[tuple(slice(None, None, between + 1) for _, _, between in padding)] = x
    expected = np.pad(inner, [p[:2] for p in padding], constant_values=7.0)
    pad = get_primitive("pad")
    same(pad(x, np.float64(7.0), padding=padding), expected)
    check_gradients(lambda t, v: pad(t, v, padding=padding), [x, np.array(7.0)])


def test_public_pad_takes_one_pair_or_many():
    x = numbers((2, 3))
    same(ops.pad(x, (1, 2)), np.pad(x, (1, 2)))
    same(
        ops.pad(x, [(0, 1), (2, 0)], constant_values=5),
        np.pad(x, [(0, 1), (2, 0)], constant_values=5),
    )
    with pytest.raises(wubu.errors.ArgumentError, match="one mode"):
        ops.pad(x, 1, mode="reflect")
    with pytest.raises(wubu.errors.ShapeError) as caught:
        ops.pad(x, [(0, 1)] * 3)
    assert "2 pairs" in caught.value.expected


# -- joining and cutting --------------------------------------------------------------


@given(shape=small, data=st.data())
def test_concatenate_stack_split_unstack(shape, data):
    axis = data.draw(st.integers(-len(shape), len(shape) - 1))
    sizes = data.draw(st.lists(st.integers(0, 3), min_size=1, max_size=4))
    parts = []
    for i, n in enumerate(sizes):
        own = list(shape)
        own[axis] = n
        parts.append(numbers(tuple(own)) + 100 * i)
    joined = ops.concatenate(parts, axis)
    same(joined, np.concatenate(parts, axis))
    same(ops.stack([parts[0]] * 3, axis), np.stack([parts[0]] * 3, axis))
    cuts = list(np.cumsum(sizes)[:-1])
    for found, part in zip(ops.split(joined, cuts, axis), parts, strict=True):
        same(found, part)
    x = numbers(shape)
    for i, found in enumerate(ops.unstack(x, axis)):
        same(found, x.take(i, axis))


def test_concatenate_promotes_and_differentiates():
    assert ops.concatenate([np.zeros(1, "int32"), np.zeros(1, "float32")]).dtype == (
        "float32"
    )
    a, b = numbers((2, 3)), numbers((2, 1))
    check_gradients(lambda *xs: ops.concatenate(xs, -1), [a, b])
    check_gradients(lambda x: ops.concatenate([x, x * 2, x]), [a])


def test_concatenate_says_which_tensor_does_not_fit():
    with pytest.raises(wubu.errors.ShapeError) as caught:
        ops.concatenate([np.zeros((2, 3)), np.zeros((2, 4))], axis=0)
    assert caught.value.expected == "(2, 3), except along axis 0"
    assert caught.value.got == "(2, 4) for tensor 1"
    assert "test_movement.py:" in caught.value.where
    with pytest.raises(TypeError):
        ops.concatenate([np.zeros(2)], dim=0)
    with pytest.raises(wubu.errors.ArgumentError, match="at least one"):
        ops.concatenate([])


def test_split_makes_equal_sections_or_says_why_not():
    same(ops.split(numbers((6,)), 3)[1], np.array([2.0, 3.0]))
    with pytest.raises(wubu.errors.ArgumentError) as caught:
        ops.split(numbers((6,)), 4)
    assert caught.value.expected == "a divisor of 6"
    with pytest.raises(wubu.errors.ArgumentError, match="in order"):
        ops.split(numbers((6,)), [4, 2])


# -- indexing -------------------------------------------------------------------------


@given(shape=small, data=st.data())
def test_basic_indices_are_numpys(shape, data):
    x = numbers(shape)
    key = data.draw(hnp.basic_indices(shape, allow_newaxis=True))
    same(wubu.tensor(x)[key], x[key])


@given(shape=hnp.array_shapes(min_dims=2, max_dims=4, max_side=4), data=st.data())
def test_index_arrays_mixed_with_slices_and_integers_are_numpys(shape, data):
    x = numbers(shape)
    picked = data.draw(hnp.array_shapes(max_dims=2, max_side=3))
    key: list = []
    for n in shape[: data.draw(st.integers(1, len(shape)))]:
        kind = data.draw(st.sampled_from(["array", "slice", "int", "new"]))
        if kind == "array":
            key.append(
                data.draw(hnp.arrays("int64", picked, elements=st.integers(-n, n - 1)))
            )
        elif kind == "slice":
            key.append(data.draw(st.slices(n)))
        elif kind == "int":
            key.append(data.draw(st.integers(-n, n - 1)))
        else:
            key += [None, slice(None)]
    if data.draw(st.booleans()):
        key.append(...)
    same(wubu.tensor(x)[tuple(key)], x[tuple(key)])
    check_gradients(lambda t: t[tuple(key)], [x], orders=1)


@given(shape=small, data=st.data())
def test_masks_are_numpys(shape, data):
    x = numbers(shape)
    ndim = data.draw(st.integers(1, x.ndim))
    mask = data.draw(hnp.arrays("bool", shape[:ndim]))
    same(wubu.tensor(x)[mask], x[mask])
    same(wubu.tensor(x)[wubu.tensor(mask)], x[mask])


@given(shape=small, data=st.data())
def test_assigning_by_index_is_numpys(shape, data):
    x = numbers(shape)
    key = data.draw(hnp.basic_indices(shape))
    expected, found = x.copy(), wubu.tensor(x)
    expected[key] = -1
    found[key] = -1
    same(found, expected)
    same(ops.scatter_update(x, key, -1.0), expected)


@pytest.mark.parametrize(
    ("key", "error", "text"),
    [
        (3, IndexError, "outside axis 0"),
        ((0, 0, 0), IndexError, "too many indices"),
        ([3], ValueError, "outside the axis"),
        ([0, -4], ValueError, "outside the axis"),
        (0.5, TypeError, "integers, slices or masks"),
        (np.ones(4, bool), IndexError, "shape of the axes"),
        (np.ones((3, 3), bool), IndexError, "shape of the axes"),
        ((..., ...), ValueError, "one ellipsis"),
        (([0, 1], [0, 1, 1]), ValueError, "do not broadcast"),
        (True, IndexError, "shape of the axes"),
    ],
)
def test_wrong_indices_are_refused_with_the_callers_line(key, error, text):
    x = wubu.tensor(numbers((3, 2)))
    with pytest.raises(wubu.errors.WubuError, match=text) as caught:
        x[key]
    assert isinstance(caught.value, error)
    assert "test_movement.py:" in caught.value.where


def test_an_index_may_be_a_tensor_an_integer_of_numpy_or_an_empty_list():
    x = wubu.tensor(numbers((4, 2)))
    assert x[np.int8(2)].tolist() == [4.0, 5.0]
    assert x[wubu.tensor(2)].tolist() == [4.0, 5.0]
    assert x[wubu.tensor([2, 0], "int32")].tolist() == [[4.0, 5.0], [0.0, 1.0]]
    assert x[[]].shape == (0, 2)


# -- gathering ------------------------------------------------------------------------


def gather_by_loop(x, indices, axis, batch_dims):
    shape = (*x.shape[:axis], *indices.shape[batch_dims:], *x.shape[axis + 1 :])
    out = np.empty(shape)
    picked = indices.ndim - batch_dims
    for place in np.ndindex(shape):
        batch, before = place[:batch_dims], place[batch_dims:axis]
        at, after = place[axis : axis + picked], place[axis + picked :]
        out[place] = x[(*batch, *before, indices[batch + at], *after)]
    return out


@st.composite
def gathers(draw):
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=4, max_side=3))
    axis = draw(st.integers(0, len(shape) - 1))
    batch_dims = draw(st.integers(0, axis))
    picked = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    indices = draw(
        hnp.arrays(
            "int64",
            (*shape[:batch_dims], *picked),
            elements=st.integers(0, shape[axis] - 1),
        )
    )
    return numbers(shape), indices, axis, batch_dims


@given(case=gathers())
def test_gather_with_batch_axes_equals_a_loop(case):
    x, indices, axis, batch_dims = case
    found = gather(x, indices, axis=axis, batch_dims=batch_dims)
    same(found, gather_by_loop(x, indices, axis, batch_dims))
    check_gradients(lambda t: gather(t, indices, axis=axis, batch_dims=batch_dims), [x])


@given(case=gathers())
def test_scatter_add_is_the_adjoint_of_gather(case):
    """<gather(x), g> == <x, scatter_add(g)> for every x and g."""
    x, indices, axis, batch_dims = case
    picked = gather(x, indices, axis=axis, batch_dims=batch_dims).numpy()
    g = np.random.default_rng(0).standard_normal(picked.shape)
    added = scatter_add(
        indices, g, axis=axis, batch_dims=batch_dims, size=x.shape[axis]
    )
    assert added.shape == x.shape
    np.testing.assert_allclose((picked * g).sum(), (x * added.numpy()).sum())


@given(shape=small, data=st.data())
def test_take_and_take_along_axis_are_numpys(shape, data):
    x = numbers(shape)
    axis = data.draw(st.integers(-x.ndim, x.ndim - 1))
    n = x.shape[axis]
    index = st.integers(-n, n - 1)
    indices = data.draw(hnp.arrays("int64", (2, 2), elements=index))
    same(ops.take(x, indices, axis), x.take(indices, axis))
    flat = np.array([0, -1, x.size - 1])
    same(ops.take(x, flat), x.take(flat))
    along = list(shape)
    along[axis] = 2
    places = data.draw(hnp.arrays("int64", tuple(along), elements=index))
    same(ops.take_along_axis(x, places, axis), np.take_along_axis(x, places, axis))


def test_indices_outside_are_named_with_their_place():
    with pytest.raises(wubu.errors.ArgumentError) as caught:
        ops.take(numbers((3,)), [0, 5])
    assert caught.value.expected == "-3 to 2"
    assert caught.value.got == "5 at place (1,)"


@given(
    labels=hnp.arrays(
        "int64", hnp.array_shapes(max_dims=2), elements=st.integers(-1, 4)
    )
)
def test_one_hot_is_a_row_of_the_identity_and_zeros_outside(labels):
    expected = np.vstack([np.eye(4), np.zeros((1, 4))])[np.where(labels < 0, 4, labels)]
    same(ops.one_hot(labels, 4), expected)
    same(ops.one_hot(labels, 4, axis=0), np.moveaxis(expected, -1, 0))


def test_one_hot_of_small_integers_with_many_classes():
    found = ops.one_hot(np.array([255, 3], "uint8"), 300)
    assert found.numpy().argmax(-1).tolist() == [255, 3]
    assert found.numpy().sum() == 2


@given(shape=hnp.array_shapes(min_dims=2, max_dims=3, max_side=4), k=st.integers(-3, 3))
def test_triangles_are_numpys(shape, k):
    x = numbers(shape) + 1
    same(ops.tril(x, k), np.tril(x, k))
    same(ops.triu(x, k), np.triu(x, k))


def test_creation_is_numpys():
    same(ops.arange(2, 9, 3), np.arange(2, 9, 3))
    same(ops.linspace(0, 1, 5), np.linspace(0, 1, 5))
    same(ops.eye(2, 3, 1), np.eye(2, 3, 1))
    same(ops.full((2, 1), 7.0), np.full((2, 1), 7.0))
    same(wubu.zeros(2, 3), np.zeros((2, 3)))
    same(wubu.ones((2, 3)), np.ones((2, 3)))
    assert wubu.zeros(np.int64(2)).shape == ops.full(np.int8(2), 1).shape == (2,)
    assert ops.arange(wubu.tensor(3)).dtype == "int64"
    same(ops.zeros_like(np.ones((2, 1), "int8")), np.zeros((2, 1)))
    assert ops.ones_like(np.ones(2, "int8")).dtype == "int8"
    assert wubu.zeros(2, requires_grad=True).requires_grad
    filled = ops.full(3, 1.0)
    filled += 1
    assert filled.tolist() == [2.0, 2.0, 2.0]
