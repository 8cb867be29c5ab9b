"""Contractions: `dot_general`, and matmul, dot, tensordot, einsum composed of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core.location import located
from wubu.core.primitive import primitive
from wubu.core.samples import normal, sample
from wubu.core.tensor import Shape, Tensor, as_tensor
from wubu.errors import ArgumentError, DTypeError, ShapeError
from wubu.ops.movement import broadcast_to, expand_dims, reshape, squeeze, transpose
from wubu.ops.prepare import broadcast_shape, common_dtype, normal_axis

Axes = tuple[tuple[int, ...], tuple[int, ...]]


def _free(ndim: int, contract: tuple[int, ...], batch: tuple[int, ...]) -> list[int]:
    return [a for a in range(ndim) if a not in contract and a not in batch]


def _dot_shape(a: Any, b: Any, contract: Axes, batch: Axes) -> tuple[Shape, np.dtype]:
    if a.dtype != b.dtype:
        raise DTypeError("dot_general takes one dtype", got=f"{a.dtype}, {b.dtype}")
    for kind, (left, right) in (("contracted", contract), ("batch", batch)):
        for i, j in zip(left, right, strict=True):
            if a.shape[i] != b.shape[j]:
                raise ShapeError(
                    f"{kind} axes have different lengths",
                    expected=f"axis {i} of {a.shape} as long as axis {j} of {b.shape}",
                    got=f"{a.shape[i]} and {b.shape[j]}",
                )
    shape = [a.shape[i] for i in batch[0]]
    shape += [a.shape[i] for i in _free(len(a.shape), contract[0], batch[0])]
    shape += [b.shape[i] for i in _free(len(b.shape), contract[1], batch[1])]
    return tuple(shape), a.dtype


def _dot(a: np.ndarray, b: np.ndarray, contract: Axes, batch: Axes) -> np.ndarray:
    shape, dtype = _dot_shape(a, b, contract, batch)
    left_free = _free(a.ndim, contract[0], batch[0])
    right_free = _free(b.ndim, contract[1], batch[1])
    size = math.prod
    common = [a.shape[i] for i in batch[0]]
    rows = size(a.shape[i] for i in left_free)
    inner = size(a.shape[i] for i in contract[0])
    columns = size(b.shape[i] for i in right_free)
    left = a.transpose(*batch[0], *left_free, *contract[0]).reshape(
        *common, rows, inner
    )
    right = b.transpose(*batch[1], *contract[1], *right_free)
    right = right.reshape(*common, inner, columns)
    return np.matmul(left, right).astype(dtype, copy=False).reshape(shape)


def _dot_left(
    g: Tensor, y: Tensor, a: Tensor, b: Tensor, contract: Axes, batch: Axes
) -> Tensor:
    """The gradient of the left operand: g contracted with b along b's free axes."""
    num_free = a.ndim - len(batch[0]) - len(contract[0])
    free = tuple(range(len(batch[0]) + num_free, g.ndim))
    return _operand_gradient(g, free, b, a.ndim, contract, batch)


def _dot_right(
    g: Tensor, y: Tensor, a: Tensor, b: Tensor, contract: Axes, batch: Axes
) -> Tensor:
    """The gradient of the right operand: g contracted with a along a's free axes."""
    num_free = a.ndim - len(batch[0]) - len(contract[0])
    free = tuple(range(len(batch[0]), len(batch[0]) + num_free))
    return _operand_gradient(g, free, a, b.ndim, contract[::-1], batch[::-1])


def _operand_gradient(
    g: Tensor,
    summed: tuple[int, ...],
    other: Tensor,
    ndim: int,
    contract: Axes,
    batch: Axes,
) -> Tensor:
    """The gradient of an operand with `ndim` axes; axes of operands come in pairs (this
    operand's, the other's)."""
    free = _free(ndim, contract[0], batch[0])
    # What is left of the other operand are the contracted axes, in its order.
    order = sorted(range(len(contract[1])), key=lambda i: contract[1][i])
    contracted = [contract[0][i] for i in order]
    pair = (summed, tuple(_free(other.ndim, contract[1], batch[1])))
    common = (tuple(range(len(batch[0]))), batch[1])
    if [*batch[0], *contracted, *free] == list(range(ndim)):
        return dot_general(other, g, contract=pair[::-1], batch=common[::-1])
    result = dot_general(g, other, contract=pair, batch=common)
    sources = [*batch[0], *free, *contracted]
    if sources == list(range(ndim)):
        return result
    return transpose(result, [sources.index(i) for i in range(ndim)])


dot_general = primitive(
    "dot_general",
    shape=_dot_shape,
    evaluate=_dot,
    vjp=[_dot_left, _dot_right],
    samples=[
        sample(normal(2, 3), normal(3, 4), contract=((1,), (0,)), batch=((), ())),
        sample(
            normal(2, 5, 3),
            normal(4, 2, 3, 5),
            contract=((1, 2), (3, 2)),
            batch=((0,), (1,)),
        ),
        sample(normal(3), normal(4), contract=((), ()), batch=((), ())),
    ],
    doc="""Sums products over contracted axes, for each index of the batch axes.

    `contract` and `batch` each name axes of the left and of the right operand. The
    result has the batch axes, the left's other axes, then the right's.
    """,
)


@located
def matmul(a: Any, b: Any) -> Tensor:
    """The matrix product, over the last two axes; axes before them broadcast.

    Shapes:
        (*batch, n, k), (*batch, k, m) -> (*batch, n, m); vectors lack n or m.

    Raises:
        ShapeError: rows and columns do not fit, or an operand is a plain number.

    Example:
        >>> matmul(Tensor([[1.0, 2.0]]), Tensor([[3.0], [4.0]]))
        Tensor([[11.]], shape=(1, 1), dtype=float32)
    """
    a, b = _same_dtype(a, b)
    if not a.ndim or not b.ndim:
        raise ShapeError("matmul takes no plain numbers", fix="use a * b")
    if a.ndim == 1:
        return squeeze(matmul(expand_dims(a, 0), b), -2 if b.ndim > 1 else 0)
    if b.ndim == 1:
        return squeeze(matmul(a, expand_dims(b, 1)), -1)
    if a.shape[-1] != b.shape[-2]:
        raise ShapeError(
            "these matrices cannot be multiplied",
            expected=f"{a.shape[-1]} rows in the second, as columns in the first",
            got=f"{a.shape} @ {b.shape}",
        )
    if b.ndim == 2:  # one matrix for all: no batch axes needed
        return dot_general(a, b, contract=((a.ndim - 1,), (0,)), batch=((), ()))
    common = broadcast_shape([a.shape[:-2], b.shape[:-2]])
    a = broadcast_to(a, (*common, *a.shape[-2:]))
    b = broadcast_to(b, (*common, *b.shape[-2:]))
    n = len(common)
    axes = tuple(range(n))
    return dot_general(a, b, contract=((n + 1,), (n,)), batch=(axes, axes))


@located
def dot(a: Any, b: Any) -> Tensor:
    """The last axis of a with the second-to-last (or only) axis of b.

    Shapes:
        (*a, n), (*b, n, m) -> (*a, *b, m)
    """
    a, b = _same_dtype(a, b)
    if not a.ndim or not b.ndim:
        return a * b
    return dot_general(
        a, b, contract=((a.ndim - 1,), (max(b.ndim - 2, 0),)), batch=((), ())
    )


@located
def outer(a: Any, b: Any) -> Tensor:
    """Every product of an element of a with one of b, both flattened."""
    a, b = _same_dtype(a, b)
    a, b = reshape(a, (-1,)), reshape(b, (-1,))
    return dot_general(a, b, contract=((), ()), batch=((), ()))


@located
def tensordot(a: Any, b: Any, axes: int | Sequence[Any] = 2) -> Tensor:
    """Contracts the last axes of a with the first of b (a number), or pairs of axes.

    Raises:
        ArgumentError: more axes than there are, or axes without a partner.
        ShapeError: axes of different lengths.

    Example:
        >>> tensordot(Tensor([1, 2, 3]), Tensor([1, 1, 1]), axes=1)
        Tensor(6, shape=(), dtype=int64)
    """
    a, b = _same_dtype(a, b)
    if isinstance(axes, int):
        if not 0 <= axes <= min(a.ndim, b.ndim):
            raise ArgumentError(
                "tensordot contracts axes that both tensors have",
                expected=f"0 to {min(a.ndim, b.ndim)}",
                got=axes,
            )
        axes = (tuple(range(a.ndim - axes, a.ndim)), tuple(range(axes)))
    left, right = ((ax,) if isinstance(ax, int) else tuple(ax) for ax in axes)
    if len(left) != len(right):
        raise ArgumentError("tensordot contracts axes in pairs", got=axes)
    contract = (
        tuple(normal_axis(i, a.ndim) for i in left),
        tuple(normal_axis(i, b.ndim) for i in right),
    )
    return dot_general(a, b, contract=contract, batch=((), ()))


@located
def einsum(subscripts: str, *operands: Any) -> Tensor:
    """Einstein summation: letters name axes; those not in the result are summed.

    Args:
        subscripts: as NumPy's, for instance "bij,bjk->bik". An ellipsis stands for axes
            that broadcast. Operands are contracted from left to right.

    Example:
        >>> einsum("ij,ij->i", Tensor([[1.0, 2.0]]), Tensor([[3.0, 4.0]]))
        Tensor([11.], shape=(1,), dtype=float32)
    """
    if not isinstance(subscripts, str) or not operands:
        raise ArgumentError(
            "einsum takes an equation and its operands",
            expected='for instance einsum("ij,jk->ik", a, b)',
            got=f"{subscripts!r:.40} and {len(operands)} operands",
        )
    dtype = common_dtype(operands)
    tensors = [as_tensor(x, dtype) for x in operands]
    terms, result = _parse(subscripts, tensors)
    pairs = [_diagonal(x, term) for x, term in zip(tensors, terms, strict=True)]
    while len(pairs) > 1:
        later = set(result).union(*(term for _, term in pairs[2:]))
        pairs[:2] = [_pair(pairs[0], pairs[1], later)]
    x, term = pairs[0]
    x = x.sum(axis=[i for i, letter in enumerate(term) if letter not in result])
    kept = [letter for letter in term if letter in result]
    return transpose(x, [kept.index(letter) for letter in result])


def _parse(subscripts: str, tensors: Sequence[Tensor]) -> tuple[list[str], str]:
    """Terms with ellipses spelt out in capital-free spare letters, and the result's."""
    text = subscripts.replace(" ", "")
    left, arrow, result = text.partition("->")
    terms = left.split(",")
    if len(terms) != len(tensors):
        raise ArgumentError(
            "einsum takes one term for each operand",
            expected=f"{len(terms)} operands for {subscripts!r}",
            got=len(tensors),
        )
    spare = [chr(c) for c in range(0x3B1, 0x3C9)]  # Greek: no user writes these
    widths = [
        x.ndim - len(t.replace("...", "")) for x, t in zip(tensors, terms, strict=True)
    ]
    width = max(
        (w for w, t in zip(widths, terms, strict=True) if "..." in t), default=0
    )
    terms = [
        t.replace("...", "".join(spare[width - w : width]))
        for w, t in zip(widths, terms, strict=True)
    ]
    for x, t in zip(tensors, terms, strict=True):
        if len(t) != x.ndim:
            raise ShapeError(
                "an einsum term names every axis of its operand",
                expected=f"{x.ndim} letters for shape {x.shape}",
                got=repr(t),
            )
    if not arrow:
        letters = "".join(terms)
        once = sorted(
            c for c in set(letters) if letters.count(c) == 1 and c not in spare
        )
        result = "..." + "".join(once)
    result = result.replace("...", "".join(spare[:width]))
    if len(set(result)) != len(result) or not set(result) <= set("".join(terms)):
        raise ArgumentError(
            "the result of an einsum repeats or invents a letter", got=result
        )
    return terms, result


def _diagonal(x: Tensor, term: str) -> tuple[Tensor, str]:
    """Keeps the diagonal of axes that share a letter."""
    for letter in sorted(set(term)):
        while term.count(letter) > 1:
            i, j = term.index(letter), term.rindex(letter)
            n = x.shape[i]
            if x.shape[j] != n:
                raise ShapeError(f'axes named "{letter}" differ in length', got=x.shape)
            order = [a for a in range(x.ndim) if a not in (i, j)]
            rest = [x.shape[a] for a in order]
            flat = reshape(transpose(x, [*order, i, j]), [*rest, n * n])
            x = flat[(..., slice(None, None, n + 1))]
            term = "".join(term[a] for a in order) + letter
    return x, term


def _pair(
    left: tuple[Tensor, str], right: tuple[Tensor, str], later: set[str]
) -> tuple[Tensor, str]:
    """Two operands contracted to one; letters nobody needs later are summed."""
    (a, s), (b, t) = left, right
    a, s = _sum_private(a, s, later | set(t))
    b, t = _sum_private(b, t, later | set(s))
    a, b = _align(a, s, b, t)
    common = [c for c in s if c in t]
    batch = [c for c in common if c in later]
    summed = [c for c in common if c not in later]
    product = dot_general(
        a,
        b,
        contract=(tuple(s.index(c) for c in summed), tuple(t.index(c) for c in summed)),
        batch=(tuple(s.index(c) for c in batch), tuple(t.index(c) for c in batch)),
    )
    rest = [c for c in s if c not in common] + [c for c in t if c not in common]
    return product, "".join(batch + rest)


def _sum_private(x: Tensor, term: str, needed: set[str]) -> tuple[Tensor, str]:
    gone = [i for i, letter in enumerate(term) if letter not in needed]
    return (x.sum(axis=gone) if gone else x), "".join(c for c in term if c in needed)


def _align(a: Tensor, s: str, b: Tensor, t: str) -> tuple[Tensor, Tensor]:
    """Repeats axes of length 1 that share a letter with a longer axis."""
    sizes: dict[str, int] = {}
    for letter, n in [*zip(s, a.shape, strict=True), *zip(t, b.shape, strict=True)]:
        if sizes.get(letter, 1) not in (1, n) and n != 1:
            raise ShapeError(
                f'axes named "{letter}" differ in length', got=f"{a.shape}, {b.shape}"
            )
        if sizes.get(letter, 1) == 1:  # an axis may also be empty
            sizes[letter] = n
    return (
        broadcast_to(a, [sizes[c] for c in s]),
        broadcast_to(b, [sizes[c] for c in t]),
    )


def _same_dtype(a: Any, b: Any) -> list[Tensor]:
    dtype = common_dtype([a, b])
    return [as_tensor(x, dtype) for x in (a, b)]
