"""Contractions against NumPy, in values and derivatives."""

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
from wubu.errors import ArgumentError

matmul_shapes = hnp.mutually_broadcastable_shapes(
    signature=np.matmul.signature, max_dims=3, max_side=4
)


def normal(shape: tuple[int, ...], seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape)


def close(found, expected) -> None:
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found.numpy(), expected, 1e-12, 1e-12)


@given(shapes=matmul_shapes)
def test_matmul_is_numpys_for_vectors_matrices_and_batches(shapes):
    a, b = (normal(s, i) for i, s in enumerate(shapes.input_shapes))
    close(ops.matmul(a, b), a @ b)
    close(wubu.tensor(a) @ b, a @ b)
    close(a @ wubu.tensor(b), a @ b)
    check_gradients(ops.matmul, [a, b])


@given(data=st.data())
def test_tensordot_and_dot_and_outer_are_numpys(data):
    sides = data.draw(st.lists(st.integers(1, 3), min_size=4, max_size=4))
    n = data.draw(st.integers(0, 2))
    a = normal((*sides[:2], *sides[2 : 2 + n]), 1)
    b = normal((*sides[2 : 2 + n], sides[0]), 2)
    close(ops.tensordot(a, b, n), np.tensordot(a, b, n))
    pairs = ([0, -1], [1, 0])
    c, d = normal((2, 4, 3), 3), normal((3, 2), 4)
    close(ops.tensordot(c, d, pairs), np.tensordot(c, d, pairs))
    close(ops.dot(c, normal((5, 3, 2))), np.dot(c, normal((5, 3, 2))))
    close(ops.dot(c, 2.0), c * 2.0)
    close(ops.outer(a, b), np.outer(a, b))
    check_gradients(lambda x, y: ops.tensordot(x, y, n), [a, b])


@given(data=st.data())
def test_dot_general_is_an_einsum(data):
    """Batch, contracted and free axes in every order, in values and derivatives."""
    letters = "abcdef"
    kinds = data.draw(
        st.lists(st.sampled_from("bclr"), min_size=0, max_size=5).map("".join)
    )
    sizes = data.draw(st.lists(st.integers(1, 3), min_size=6, max_size=6))
    of = {kind: [i for i, k in enumerate(kinds) if k == kind] for kind in "bclr"}
    left = data.draw(st.permutations(of["b"] + of["c"] + of["l"]))
    right = data.draw(st.permutations(of["b"] + of["c"] + of["r"]))
    a, b = normal([sizes[i] for i in left]), normal([sizes[i] for i in right], 1)
    contract, batch = (
        (tuple(left.index(i) for i in of[k]), tuple(right.index(i) for i in of[k]))
        for k in "cb"
    )
    result = of["b"] + [i for i in left if i in of["l"]]
    result += [i for i in right if i in of["r"]]
    text = ["".join(letters[i] for i in term) for term in (left, right, result)]
    dot_general = get_primitive("dot_general")

    def apply(x, y):
        return dot_general(x, y, contract=contract, batch=batch)

    close(apply(a, b), np.einsum(f"{text[0]},{text[1]}->{text[2]}", a, b))
    check_gradients(apply, [a, b])


EINSUMS = [
    "ij,jk->ik",
    "ij,jk",
    "ij->ji",
    "ji",
    "ii->i",
    "ii",
    "iij->j",
    "ij->",
    "i,i->",
    "i,j->ji",
    "ij,ij->i",
    "bij,bjk->bik",
    "ijk,kl,l->ij",
    "ij,k->ik",
    "i,ij,j->",
    "ij,jk,kl->il",
    "...ij,...jk->...ik",
    "...i->...",
    "i...,i...->...",
    "ik,jk,k->ij",
    "abc,cd,def->abef",
    "aab,bc->ac",
]


@pytest.mark.parametrize("subscripts", EINSUMS)
@given(seed=st.integers(0, 99))
def test_einsum_is_numpys(subscripts, seed):
    random = np.random.default_rng(seed)
    sizes = dict(zip("abcdefijkl", random.integers(1, 4, 10), strict=True))
    wide = tuple(random.integers(1, 4, random.integers(0, 3)))
    operands = []
    for i, term in enumerate(subscripts.partition("->")[0].split(",")):
        before, _, after = term.partition("...")
        shape = tuple(sizes[c] for c in before)
        shape += wide if "..." in term else ()
        operands.append(normal((*shape, *(sizes[c] for c in after)), i))
    close(ops.einsum(subscripts, *operands), np.einsum(subscripts, *operands))
    check_gradients(lambda *xs: ops.einsum(subscripts, *xs), operands)


def test_einsum_broadcasts_axes_under_an_ellipsis():
    a, b = normal((3, 1, 2)), normal((4, 2), 1)
    close(ops.einsum("...i,...i->...", a, b), np.einsum("...i,...i->...", a, b))


@pytest.mark.parametrize(
    ("subscripts", "shapes", "text"),
    [
        ("ij,jk->ik", [(2, 3)], "one term for each operand"),
        ("ijk->i", [(2, 3)], "names every axis"),
        ("ij->ik", [(2, 3)], "repeats or invents"),
        ("ij->ii", [(2, 3)], "repeats or invents"),
        ("ij,jk->ik", [(2, 3), (4, 5)], 'axes named "j" differ'),
        ("ii->i", [(2, 3)], 'axes named "i" differ'),
    ],
)
def test_wrong_einsums_are_refused(subscripts, shapes, text):
    with pytest.raises(wubu.errors.WubuError, match=text) as caught:
        ops.einsum(subscripts, *(np.ones(s) for s in shapes))
    assert "test_contraction.py:" in caught.value.where


def test_matmul_error_says_what_would_fit():
    with pytest.raises(wubu.errors.ShapeError) as caught:
        wubu.ones(2, 3) @ wubu.ones(4, 5)
    error = caught.value
    assert error.expected == "3 rows in the second, as columns in the first"
    assert error.got == "(2, 3) @ (4, 5)"
    assert "test_contraction.py:" in error.where
    with pytest.raises(wubu.errors.ShapeError, match="plain numbers"):
        ops.matmul(wubu.ones(2), 3.0)


def test_dtypes_promote_and_integers_stay_integers():
    a, b = np.array([[1, 2]], "int32"), np.array([[3], [4]], "int64")
    assert ops.matmul(a, b).dtype == "int64"
    assert ops.matmul(a, b).tolist() == [[11]]
    assert ops.matmul(a, b.astype("float32")).dtype == "float32"


def test_axes_of_length_zero_contract_to_zero():
    assert ops.matmul(np.ones((2, 0)), np.ones((0, 3))).tolist() == [[0.0] * 3] * 2


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ab,bc->ac", [(0, 5), (5, 3)]),
        ("ab,bc->ac", [(4, 0), (0, 3)]),
        ("ab,ab->a", [(0, 2), (0, 2)]),
    ],
)
def test_einsums_of_nothing(subscripts, shapes):
    operands = [np.ones(s) for s in shapes]
    close(ops.einsum(subscripts, *operands), np.einsum(subscripts, *operands))


def test_einsum_wants_an_equation():
    with pytest.raises(ArgumentError, match="equation"):
        ops.einsum(np.ones((2, 3)))
    with pytest.raises(ArgumentError, match="equation"):
        ops.einsum("ij")
