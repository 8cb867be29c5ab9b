"""Methods of `Tensor` that PyTorch has and NumPy has not; `methods.py` attaches them.

Four names mean different things in the two worlds. Written as in NumPy they mean what
NumPy means; with PyTorch's keyword `dim` they mean what PyTorch means, or are refused:
`max` and `min`, `std` and `var`, `split`, `repeat`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.location import caller, located
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError, DTypeError, ShapeError
from wubu.ops import comparison, contraction, creation, functions, joining, movement
from wubu.ops.prepare import cast_to, normal_axis, whole

_DEVICE = re.compile(r"(cpu|cuda|gpu|mps|xpu|tpu|meta)(:\d+)?")


def cat(tensors: Sequence[Any], dim: int = 0, axis: int | None = None) -> Tensor:
    """`concatenate`, PyTorch's name."""
    return joining.concatenate(tensors, dim if axis is None else axis)


def stack(tensors: Sequence[Any], axis: int = 0, dim: int | None = None) -> Tensor:
    """Joins along a new axis; `dim` is PyTorch's word for it."""
    return joining.stack(tensors, axis if dim is None else dim)


@located
def to(self: Tensor, *targets: Any, dtype: Any = None, device: Any = None) -> Tensor:
    """The tensor in another dtype, or in that of another tensor. Wubu computes on the
    CPU here, so "cpu" is the one device there is."""
    for target in (*targets, dtype, device):
        if isinstance(target, str) and _DEVICE.fullmatch(target):
            if not target.startswith("cpu"):
                raise ArgumentError(
                    "Wubu computes on the CPU here; tensors do not move to a device",
                    expected='"cpu", or a dtype',
                    got=repr(target),
                    fix=f'leave .to("{target}") out',
                )
        elif target is not None:
            wanted = target.dtype if isinstance(target, Tensor) else target
            self = cast_to(self, dtypes.as_dtype(wanted))
    return self


def clamp(self: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Limited to [min, max], PyTorch's name and arguments of `clip`."""
    return functions.clip(self, min, max)


def masked_fill(self: Tensor, mask: Any, value: Any) -> Tensor:
    """`value` where the mask holds, the tensor elsewhere."""
    return comparison.where(mask, value, self)


@located
def chunk(self: Tensor, chunks: int, dim: int = 0) -> list[Tensor]:
    """Parts of equal size along an axis, the last one smaller or missing where the
    axis cannot be divided."""
    number = whole(chunks, "a number of chunks")
    if number < 1:
        raise ArgumentError("at least one chunk is made", got=number)
    return _pieces(self, -(-self.shape[normal_axis(dim, self.ndim)] // number), dim)


def _pieces(x: Tensor, size: int, dim: int) -> list[Tensor]:
    size = max(size, 1)
    return movement.split(x, range(size, x.shape[dim], size), dim)


@located
def split(
    self: Tensor,
    indices_or_sections: int | Sequence[int],
    axis: int = 0,
    *,
    dim: int | None = None,
) -> list[Tensor]:
    """Cuts an axis into equal sections (a number) or at indices (a list), as NumPy.

    With PyTorch's keyword, as PyTorch: `x.split(2, dim=0)` makes parts of size 2, and a
    list holds the sizes. So `x.split(2)` makes 2 parts, not parts of 2.
    """
    if dim is None:
        return movement.split(self, indices_or_sections, axis)
    if not np.iterable(indices_or_sections):
        return _pieces(self, whole(indices_or_sections, "a size"), dim)
    cuts = np.cumsum(indices_or_sections).tolist()
    if not cuts or cuts[-1] != self.shape[dim]:
        raise ShapeError(
            "split with dim= takes sizes that add up to the axis",
            expected=f"a sum of {self.shape[dim]}",
            got=list(indices_or_sections),
        )
    return movement.split(self, cuts[:-1], dim)


@located
def repeat(self: Tensor, repeats: int, axis: int | None = None) -> Tensor:
    """Each element several times in a row, as NumPy; of the flat tensor without axis.

    PyTorch calls this `repeat_interleave`; its `x.repeat(2, 3)` is `x.tile((2, 3))`.
    """
    return joining.repeat(self, repeats, axis)


@located
def repeat_interleave(self: Tensor, repeats: int, dim: int | None = None) -> Tensor:
    """Each element several times in a row, PyTorch's name for `repeat`."""
    return joining.repeat(self, repeats, dim)


@located
def t(self: Tensor) -> Tensor:
    """A matrix transposed; a vector as it is."""
    if self.ndim > 2:
        raise ShapeError(
            "t() is for matrices",
            expected="at most 2 axes",
            got=self.shape,
            fix="use x.mT for the last two axes, or x.transpose(...)",
        )
    return movement.transpose(self)


@located
def bmm(self: Tensor, other: Any) -> Tensor:
    """Products of matrices in a batch: (batch, n, k) and (batch, k, m)."""
    if self.ndim != 3 or np.ndim(other) != 3:
        raise ShapeError("bmm takes tensors with 3 axes", got=self.shape, fix="x @ y")
    return contraction.matmul(self, other)


def contiguous(self: Tensor) -> Tensor:
    """The tensor itself: how memory lies is not the user's business here."""
    return self


def cpu(self: Tensor) -> Tensor:
    """The tensor itself: it is on the CPU."""
    return self


def new_zeros(self: Tensor, *shape: Any, dtype: Any = None) -> Tensor:
    """Zeros of a shape, in the dtype of this tensor."""
    return creation.zeros(*shape, dtype=dtype or self.dtype)


def new_ones(self: Tensor, *shape: Any, dtype: Any = None) -> Tensor:
    """Ones of a shape, in the dtype of this tensor."""
    return creation.ones(*shape, dtype=dtype or self.dtype)


def largest(function: Callable[..., Tensor], places: str) -> Callable[..., Tensor]:
    """`max` or `min` as a method."""

    @located
    def method(
        self: Tensor, axis: Any = None, keepdims: bool = False, **named: Any
    ) -> Tensor:
        if "dim" in named:
            name = function.__name__
            raise ArgumentError(
                f"{name}(dim=...) gives values and indices in PyTorch, "
                "and only values here",
                got=f"dim={named['dim']!r}",
                fix=f"write x.{name}(axis=...) for values, x.{places}(axis=...) for "
                "indices",
            )
        return function(self, axis, named.pop("keepdim", keepdims), **named)

    method.__doc__ = f"""{function.__doc__}

    PyTorch's `dim=` is refused, as it would give a pair of values and indices there.
    """
    return method


def spread(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """`std` or `var` as a method."""

    @located
    def method(
        self: Tensor,
        axis: Any = None,
        keepdims: bool = False,
        ddof: int | None = None,
        **named: Any,
    ) -> Tensor:
        if "unbiased" in named:
            ddof = int(named.pop("unbiased"))
        ddof = named.pop("correction", ddof)
        if "dim" in named and ddof is None:
            raise ArgumentError(
                f"{function.__name__}(dim=...) divides by n - 1 in PyTorch, by n here",
                got=f"dim={named['dim']!r}",
                fix="add correction=1 for PyTorch's number, or write axis=... for "
                "NumPy's",
            )
        axis = named.pop("dim", axis)
        keepdims = named.pop("keepdim", keepdims)
        return function(self, axis, keepdims, ddof or 0, **named)

    method.__doc__ = f"""{function.__doc__}

    Divides by n as NumPy, not by n - 1 as PyTorch. With `dim=` say which is meant:
    `correction=1` or `correction=0`.
    """
    return method


def data(self: Tensor) -> Tensor:
    """The value without history, in the same memory. Assigning to it writes in place,
    under the rules of every change in place."""
    return self.detach()


def set_data(self: Tensor, value: Any) -> None:
    # `x.data -= y` has written to the memory already, and assigns it to itself.
    same = isinstance(value, Tensor) and value._array is self._array is not None
    if not same:
        self._write(..., value)


# The operators of Python, as NumPy's arrays call them: `array * tensor`.
_UFUNCS: dict[Any, str] = {
    np.add: "add",
    np.subtract: "sub",
    np.multiply: "mul",
    np.divide: "truediv",
    np.floor_divide: "floordiv",
    np.remainder: "mod",
    np.power: "pow",
    np.matmul: "matmul",
    np.bitwise_and: "and",
    np.bitwise_or: "or",
    np.bitwise_xor: "xor",
    np.left_shift: "lshift",
    np.right_shift: "rshift",
    np.divmod: "divmod",
}
_COMPARISONS: dict[Any, tuple[str, str]] = {
    np.equal: ("eq", "eq"),
    np.not_equal: ("ne", "ne"),
    np.less: ("lt", "gt"),
    np.less_equal: ("le", "ge"),
    np.greater: ("gt", "lt"),
    np.greater_equal: ("ge", "le"),
}


def array_ufunc(
    self: Tensor, ufunc: Any, method: str, *inputs: Any, **named: Any
) -> Any:
    """What NumPy does with `array * tensor`: the tensor's operator. Its functions, such
    as `np.sin(tensor)`, are refused: the result would have no history."""
    if method == "__call__" and not named and len(inputs) == 2:
        known = ufunc in _UFUNCS
        own, other = _COMPARISONS.get(ufunc) or (
            _UFUNCS.get(ufunc),
            f"r{_UFUNCS.get(ufunc)}",
        )
        if known or ufunc in _COMPARISONS:
            a, b = inputs
            if isinstance(a, Tensor):
                return getattr(a, f"__{own}__")(b)
            return getattr(b, f"__{other}__")(a)
    if named.get("out") and not any(isinstance(o, Tensor) for o in named["out"]):
        # `array += tensor` writes to the array, as it does for numbers.
        plain = [i.detach().numpy() if isinstance(i, Tensor) else i for i in inputs]
        return getattr(ufunc, method)(*plain, **named)
    raise DTypeError(
        f"np.{ufunc.__name__} does not take tensors: the result would have no history",
        where=caller(),
        got=f"a {type(self).__name__} of shape {self.shape}",
        fix=f"use wubu.ops.{ufunc.__name__}, or pass x.numpy()",
    )
