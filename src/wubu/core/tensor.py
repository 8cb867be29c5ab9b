"""`Tensor`: a value with a history.

The value is either known (a NumPy array: eager) or only its shape and dtype are (a
trace). The history names the primitive that made it and the tensors it was made from;
derivatives walk it backwards, and a graph is what is reachable along it.

Operators and methods such as `+`, `x[0]` and `x.mean()` are functions of `wubu.ops`,
attached there (`ops/methods.py`). Read next: `primitive.py`, `autodiff.py`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.convert import to_array
from wubu.core.history import History, Shape
from wubu.core.in_place import InPlace
from wubu.core.location import caller
from wubu.core.modes import active_trace
from wubu.errors import ArgumentError, DTypeError, ShapeError, TraceError

FREE = object()  # the owner of a handle that is a leaf but stands for no Variable


class Tensor(InPlace):
    """An n-dimensional array that can be differentiated and compiled.

    Args:
        value: an array, whose memory is shared; a number; or nested lists of them.
        dtype: converts to this dtype. Without it arrays keep theirs, Python floats
            become float32 and Python integers int64.
        requires_grad: record what is computed from this tensor, so that `backward()`
            can put a gradient into `.grad`. Floats only.

    Raises:
        DTypeError: the value cannot be an array of numbers, or `requires_grad` is
            asked of integers.
        ShapeError: nested lists of different lengths.

    Example:
        >>> x = Tensor([1.0, 2.0, 3.0], requires_grad=True)
        >>> (x * x).sum().backward()
        >>> x.grad
        Tensor([2. 4. 6.], shape=(3,), dtype=float32)
    """

    __slots__ = (
        "__weakref__",
        "_array",
        "_dtype",
        "_grad",
        "_history",
        "_index",
        "_mask",
        "_owner",
        "_requires_grad",
        "_shape",
        "_version",
    )

    _array: np.ndarray | None
    _shape: Shape
    _dtype: np.dtype
    _history: History | None
    _index: int
    _requires_grad: bool
    _grad: Tensor | None
    _mask: Tensor  # only of a tensor that was given one: see masks.py
    _owner: Any  # set where gradients end: a Variable, FREE, or the trace it is made in
    _version: list[int]  # one counter for all tensors made of one another's memory

    def __init__(
        self, value: Any, dtype: Any = None, *, requires_grad: bool = False
    ) -> None:
        array = to_array(value, dtype)
        self._set_up(array, array.shape, array.dtype, False)
        if isinstance(value, Tensor) and array is value._array:
            self._version = value._version
        if requires_grad:
            self.requires_grad = requires_grad

    def _set_up(
        self,
        array: np.ndarray | None,
        shape: Shape,
        dtype: np.dtype,
        requires_grad: bool,
    ) -> None:
        self._array = array
        self._shape = shape
        self._dtype = dtype
        self._history = None
        self._index = 0
        self._requires_grad = requires_grad
        self._grad = None
        self._owner = None
        self._version = [0]

    # -- what it is ---------------------------------------------------------------

    @property
    def shape(self) -> Shape:
        """The length of every axis."""
        return self._shape

    @property
    def dtype(self) -> np.dtype:
        """The type of its elements."""
        return self._dtype

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self._shape)

    @property
    def size(self) -> int:
        """The number of elements."""
        return int(np.prod(self._shape))

    @property
    def nbytes(self) -> int:
        """The size of the value in bytes."""
        return self.size * self._dtype.itemsize

    def dim(self) -> int:
        """The number of axes, PyTorch's name for `ndim`."""
        return len(self._shape)

    def numel(self) -> int:
        """The number of elements, PyTorch's name for `size`."""
        return self.size

    @property
    def is_traced(self) -> bool:
        """Whether only shape and dtype are known, because `jit` is tracing."""
        return self._array is None

    # -- its value ----------------------------------------------------------------

    def numpy(self) -> np.ndarray:
        """The value as a NumPy array that shares this tensor's memory.

        The array is read-only while the tensor takes part in derivatives, because a
        change behind Wubu's back would make them silently wrong; `detach().numpy()`
        is writable.

        Raises:
            TraceError: inside `jit`, where there is no value yet.
        """
        array = self._known("numpy()")
        if not self._requires_grad:
            return array
        view = array.view()
        view.flags.writeable = False
        return view

    def _known(self, action: str) -> np.ndarray:
        """The array, or the error that says why there is none."""
        if self._array is not None:
            trace = active_trace()
            if trace is not None:
                trace.looked_at(self._array)
            return self._array
        raise TraceError(
            f"{action} needs the value of a tensor that is only being traced",
            where=caller(),
            expected="operations that the compiled program can repeat",
            got=f"a traced tensor of shape {self._shape}, dtype {self._dtype}",
            fix="use wubu.ops.where for a choice, wubu.ops.scan for a loop, return the "
            "tensor to look at it, or call the function without jit",
        )

    # -- derivatives --------------------------------------------------------------

    @property
    def requires_grad(self) -> bool:
        """Whether `backward()` follows this tensor's history."""
        return self._requires_grad

    @requires_grad.setter
    def requires_grad(self, value: bool) -> None:
        if value and not dtypes.is_float(self._dtype):
            raise DTypeError(
                "only floats have gradients",
                where=caller(),
                expected="float16, float32 or float64",
                got=self._dtype,
                fix='convert it: x.astype("float32")',
            )
        if not value and not self.is_leaf and self._requires_grad:
            raise ArgumentError(
                "requires_grad of a computed tensor cannot be switched off",
                where=caller(),
                fix="use x.detach(), or compute it inside `with wubu.no_grad():`",
            )
        if value and not self._requires_grad and self._history is not None:
            trace = active_trace()
            if trace is not None and self._array is None:
                (twin,) = trace.lift((self,))
                self._history, self._index = twin._history, twin._index
            self._owner = FREE  # gradients end here, whatever it was computed from
        self._requires_grad = bool(value)

    def requires_grad_(self, value: bool = True) -> Tensor:
        """Sets `requires_grad` and returns the tensor."""
        self.requires_grad = value
        return self

    @property
    def is_leaf(self) -> bool:
        """Whether gradients end here instead of flowing on to what it was made from."""
        return (
            self._history is None
            or self._owner is not None
            or self._history.primitive is None
        )

    @property
    def grad(self) -> Tensor | None:
        """What `backward()` calls added up for this leaf, or None before the first."""
        return self._grad

    @grad.setter
    def grad(self, value: Tensor | None) -> None:
        value = None if value is None else as_tensor(value, self._dtype)
        if value is not None and value.shape != self._shape:
            raise ShapeError(
                "a gradient has the shape of its tensor",
                where=caller(),
                expected=self._shape,
                got=value.shape,
            )
        self._grad = value

    def backward(
        self,
        gradient: Tensor | None = None,
        *,
        retain_graph: bool | None = None,
        create_graph: bool = False,
    ) -> None:
        """Adds the derivative of this tensor to `.grad` of every leaf it depends on.

        Args:
            gradient: the derivative of the final result with respect to this tensor,
                of its shape. A tensor with one element needs none.
            retain_graph: PyTorch's; histories live as long as their tensors anyway.
            create_graph: refused: `wubu.grad` differentiates derivatives.

        Raises:
            DerivativeError: the tensor has several elements and no `gradient` is
                given, or nothing it depends on requires a gradient.
            StaleValueError: a value that is needed was changed in place meanwhile.
        """
        from wubu.core.autodiff import backward

        if create_graph:
            raise ArgumentError(
                "backward() adds gradients without a history",
                where=caller(),
                got="create_graph=True",
                fix="use wubu.grad, whose results can be differentiated again",
            )
        backward(self, gradient)

    def detach(self) -> Tensor:
        """The same value, in the same memory, without history."""
        twin = new_tensor(self._array, self._shape, self._dtype, False)
        twin._version = self._version
        if self._array is None:
            twin._history, twin._index = self._history, self._index
        return twin

    def zero_grad(self) -> None:
        """Forgets the gradient."""
        self.grad = None

    # -- how it looks -------------------------------------------------------------

    def __repr__(self) -> str:
        name = type(self).__name__
        facts = [f"shape={self._shape}", f"dtype={self._dtype}"]
        if self._requires_grad:
            facts.append("requires_grad=True")
        if self._array is None:
            return f"{name}(traced, {', '.join(facts)})"
        body = np.array2string(self._array, prefix=f"{name}(", threshold=200)
        joint = ",\n" + " " * (len(name) + 1) if "\n" in body else ", "
        return f"{name}({body}{joint}{', '.join(facts)})"

    def __format__(self, spec: str) -> str:
        if not spec:
            return repr(self)
        array = self._known(f"formatting it as {spec!r}")
        if array.size == 1:
            return format(array.item(), spec)
        return np.array2string(array, formatter={"all": lambda n: format(n, spec)})

    # Equality is elementwise, identity is what dictionaries and sets go by.
    __hash__ = object.__hash__


def new_tensor(
    array: np.ndarray | None, shape: Shape, dtype: np.dtype, requires_grad: bool
) -> Tensor:
    """A tensor from parts that are known to fit: no conversion, no checks."""
    tensor = Tensor.__new__(Tensor)
    tensor._set_up(array, shape, dtype, requires_grad)
    return tensor


def handle(history: History, index: int, requires_grad: bool) -> Tensor:
    """A handle on output `index` of a history. Handles on the same output are
    interchangeable."""
    shape, dtype, array, version, _ = history.outputs[index]
    tensor = new_tensor(array, shape, dtype, requires_grad)
    tensor._version = version
    tensor._history = history
    tensor._index = index
    return tensor


def tensor(value: Any, dtype: Any = None, *, requires_grad: bool = False) -> Tensor:
    """A tensor with memory of its own, as PyTorch's `tensor`.

    `Tensor(array)` shares the array's memory instead.

    Example:
        >>> tensor([[1, 2], [3, 4]])
        Tensor([[1 2]
                [3 4]],
               shape=(2, 2), dtype=int64)
    """
    return Tensor(to_array(value, dtype).copy(), requires_grad=requires_grad)


def as_tensor(value: Any, dtype: Any = None) -> Tensor:
    """`value` itself if it is a tensor, else a tensor of it."""
    if isinstance(value, Tensor):
        if dtype is None or value.dtype == dtypes.as_dtype(dtype):
            return value
        return value.astype(dtype)
    return Tensor(value, dtype)
