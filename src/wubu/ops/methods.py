"""Attaches operators and methods to `Tensor`, by PyTorch's and NumPy's names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wubu.core import dtypes
from wubu.core.modes import active_trace, is_grad_enabled
from wubu.core.tensor import Tensor, as_tensor
from wubu.core.variable import Variable
from wubu.errors import DTypeError, ShapeError
from wubu.ops import (
    arithmetic,
    comparison,
    contraction,
    functions,
    habits,
    indexing,
    joining,
    movement,
    nn,
    reduction,
    selection,
)
from wubu.ops.prepare import cast_to

Binary = Callable[[Any, Any], Tensor]


def _defers(function: Binary) -> Binary:
    """The operator's function; no numbers and no arrays are left to the other side."""

    def operator(self: Tensor, other: Any) -> Any:
        if other is None or isinstance(other, str):
            return NotImplemented
        return function(self, other)

    operator.__doc__ = function.__doc__
    return operator


def _reflected(function: Binary) -> Binary:
    return _defers(lambda self, other: function(other, self))


def _rebinding(function: Binary) -> Binary:
    """`x += y`. In memory where x is plain data, so that others who hold x see it; a
    new tensor where x has a history or is traced, as its old value may be needed.

    Raises:
        DTypeError: the result would not fit the dtype of x: a float added to integers.
        ShapeError: the result would not have the shape of x.
        StaleValueError: x is a leaf with requires_grad, outside `no_grad()`.
    """
    change = _in_memory(function)

    def operator(self: Tensor, other: Any) -> Any:
        if other is None or isinstance(other, str):
            return NotImplemented
        other = as_tensor(other) if not isinstance(other, bool | int | float) else other
        gains_history = getattr(other, "requires_grad", False) and is_grad_enabled()
        leaf = self.requires_grad and self.is_leaf and not self.is_traced
        plain = not self.requires_grad and not self.is_traced and active_trace() is None
        if isinstance(self, Variable) or leaf or (plain and not gains_history):
            return change(self, other)
        return function(self, other)

    operator.__doc__ = "In memory for plain data; else x becomes a new tensor."
    return operator


def _in_memory(function: Binary) -> Binary:
    """`x.add_(y)`: x itself changes, for everybody who holds it, or there is an error.
    The name of a method cannot be bound to something new, as that of `x += y` can."""

    def method(self: Tensor, other: Any) -> Tensor:
        if isinstance(self, Variable):
            if self.requires_grad and is_grad_enabled():
                return self._write(..., other)  # raises, and says what to do
            return self.assign(_fitting(function(self.detach(), other), self))
        self._check_writable(other)
        return self._write(..., _fitting(function(self.detach(), other), self))

    method.__doc__ = f"""Changes the tensor in memory and returns it:
    {function.__doc__}

    Raises:
        DTypeError: the result would not fit the dtype: a float added to integers.
        ShapeError: the result would not have the shape.
        StaleValueError: the tensor or the operand takes part in derivatives.
        TraceError: inside `jit`.
    """
    return method


_RANK = {"b": 0, "u": 1, "i": 1, "f": 2}


def _fitting(result: Tensor, target: Tensor) -> Tensor:
    """The result of an operation, if it can be written into the target."""
    if _RANK[result.dtype.kind] > _RANK[target.dtype.kind]:
        raise DTypeError(
            f"a result of {result.dtype} does not fit a tensor of {target.dtype}",
            fix=f'write x = x + y for a new tensor, or x.astype("{result.dtype}")',
        )
    if result.shape != target.shape:
        raise ShapeError(
            "a tensor cannot change its shape in place",
            expected=target.shape,
            got=result.shape,
            fix="write x = x + y for a new tensor",
        )
    return result


def _power(a: Any, b: Any) -> Tensor:
    return arithmetic.power(a, b)


_ARITHMETIC: dict[str, Binary] = {
    "add": arithmetic.add,
    "sub": arithmetic.subtract,
    "mul": arithmetic.multiply,
    "truediv": arithmetic.divide,
    "floordiv": arithmetic.floor_divide,
    "mod": arithmetic.mod,
    "pow": _power,
    "matmul": contraction.matmul,
    "and": arithmetic.bitwise_and,
    "or": arithmetic.bitwise_or,
    "xor": arithmetic.bitwise_xor,
    "lshift": arithmetic.left_shift,
    "rshift": arithmetic.right_shift,
}

# The names of PyTorch's methods that change a tensor in place.
_IN_PLACE: dict[str, Binary] = {
    "add_": arithmetic.add,
    "sub_": arithmetic.subtract,
    "mul_": arithmetic.multiply,
    "div_": arithmetic.divide,
    "floor_divide_": arithmetic.floor_divide,
    "remainder_": arithmetic.mod,
    "pow_": _power,
}

_COMPARISONS: dict[str, Binary] = {
    "eq": comparison.equal,
    "ne": comparison.not_equal,
    "lt": comparison.less,
    "le": comparison.less_equal,
    "gt": comparison.greater,
    "ge": comparison.greater_equal,
}


def _astype(self: Tensor, dtype: Any) -> Tensor:
    """The tensor in another dtype; itself if it has it already."""
    return cast_to(self, dtypes.as_dtype(dtype))


def _clone(self: Tensor) -> Tensor:
    """A copy with memory of its own; gradients flow through it."""
    if self.is_traced or active_trace() is not None:
        return arithmetic.identity(self)
    return arithmetic.multiply(self, 1) if self.dtype != bool else self ^ False


def _view(self: Tensor, *shape: Any) -> Tensor:
    """`reshape`, PyTorch's name."""
    return movement.reshape(self, *shape)


def _permute(self: Tensor, *axes: Any) -> Tensor:
    """`transpose` to an order of axes, PyTorch's name."""
    return movement.transpose(self, *axes)


def _torch_transpose(self: Tensor, *axes: Any) -> Tensor:
    """Axes in another order, reversed when none is given, as in NumPy. Two numbers
    exchange two axes, as in PyTorch."""
    if len(axes) == 2 and all(isinstance(a, int) for a in axes):
        return movement.swapaxes(self, *axes)
    return movement.transpose(self, *axes)


def _rounded(self: Tensor, digits: int | None = None) -> Tensor:
    """`round(x)`, or to this many digits after the point."""
    if digits is None:
        return functions.round(self)
    return functions.round(self * 10.0**digits) / 10.0**digits


def _flatten(self: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """Joins the axes from `start_dim` to `end_dim` into one."""
    return movement.flatten(self, start_dim, end_dim)


def _expand(self: Tensor, *shape: Any) -> Tensor:
    """`broadcast_to`, PyTorch's name; -1 keeps an axis."""
    given = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
    new = len(given) - self.ndim
    full = [self.shape[i - new] if n == -1 else n for i, n in enumerate(given)]
    return movement.broadcast_to(self, full)


def _broadcast_to(self: Tensor, *shape: Any) -> Tensor:
    """Repeats axes of length 1, and adds axes in front, to reach a shape."""
    given = shape[0] if len(shape) == 1 and not isinstance(shape[0], int) else shape
    return movement.broadcast_to(self, given)


def _with_dim(function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """Takes PyTorch's `dim` and `keepdim` as well as `axis` and `keepdims`."""

    def method(
        self: Tensor, axis: Any = None, keepdims: bool = False, **named: Any
    ) -> Tensor:
        axis = named.pop("dim", axis)
        keepdims = named.pop("keepdim", keepdims)
        return function(self, axis, keepdims, **named)

    method.__doc__ = function.__doc__
    return method


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "abs": functions.absolute,
    "add": arithmetic.add,
    "argmax": _with_dim(reduction.argmax),
    "argmin": _with_dim(reduction.argmin),
    "astype": _astype,
    "all": _with_dim(reduction.all),
    "any": _with_dim(reduction.any),
    "broadcast_to": _broadcast_to,
    "clamp": habits.clamp,
    "clip": functions.clip,
    "clone": _clone,
    "copy": _clone,
    "ceil": functions.ceil,
    "cos": functions.cos,
    "cumsum": reduction.cumsum,
    "div": arithmetic.divide,
    "dot": contraction.dot,
    "erf": functions.erf,
    "exp": functions.exp,
    "expand": _expand,
    "expm1": functions.expm1,
    "flatten": _flatten,
    "flip": movement.flip,
    "floor": functions.floor,
    "isfinite": comparison.isfinite,
    "isnan": comparison.isnan,
    "log": functions.log,
    "log1p": functions.log1p,
    "log_softmax": nn.log_softmax,
    "logsumexp": _with_dim(reduction.logsumexp),
    "matmul": contraction.matmul,
    "max": habits.largest(reduction.max, "argmax"),
    "maximum": arithmetic.maximum,
    "mean": _with_dim(reduction.mean),
    "min": habits.largest(reduction.min, "argmin"),
    "minimum": arithmetic.minimum,
    "mm": contraction.matmul,
    "moveaxis": movement.moveaxis,
    "mul": arithmetic.multiply,
    "neg": arithmetic.negative,
    "permute": _permute,
    "pow": _power,
    "prod": _with_dim(reduction.prod),
    "norm": reduction.norm,
    "ravel": _flatten,
    "relu": nn.relu,
    "repeat": habits.repeat,
    "reshape": movement.reshape,
    "round": functions.round,
    "rsqrt": functions.rsqrt,
    "sigmoid": functions.sigmoid,
    "sign": functions.sign,
    "sin": functions.sin,
    "softmax": nn.softmax,
    "split": habits.split,
    "sqrt": functions.sqrt,
    "square": functions.square,
    "squeeze": movement.squeeze,
    "std": habits.spread(reduction.std),
    "sub": arithmetic.subtract,
    "sum": _with_dim(reduction.sum),
    "swapaxes": movement.swapaxes,
    "take": selection.take,
    "tanh": functions.tanh,
    "tile": joining.tile,
    "to": habits.to,
    "transpose": _torch_transpose,
    "unsqueeze": movement.expand_dims,
    "var": habits.spread(reduction.var),
    "view": _view,
    "masked_fill": habits.masked_fill,
    "chunk": habits.chunk,
    "t": habits.t,
    "bmm": habits.bmm,
    "contiguous": habits.contiguous,
    "cpu": habits.cpu,
    "new_zeros": habits.new_zeros,
    "new_ones": habits.new_ones,
    "repeat_interleave": habits.repeat_interleave,
    **_COMPARISONS,
}

# Methods are functions of the package too, as in PyTorch: `wubu.exp(x)`. Not these.
_METHODS_ONLY = {
    "astype",
    "contiguous",
    "copy",
    "cpu",
    "expand",
    "new_ones",
    "new_zeros",
    "repeat",
    "to",
    "view",
}
FUNCTIONS = sorted(_FUNCTIONS.keys() - _METHODS_ONLY)


def as_function(name: str) -> Callable[..., Any]:
    """The method of this name as a function, whose first argument may be an array."""
    method = _FUNCTIONS[name]

    def function(input: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(as_tensor(input), name)(*args, **kwargs)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = method.__doc__
    return function


_CASTS = {
    "float": "float32",
    "double": "float64",
    "half": "float16",
    "long": "int64",
    "int": "int32",
    "bool": "bool",
}


def _method(function: Callable[..., Any]) -> Callable[..., Any]:
    """A primitive is an object and would not bind as a method; a function does."""

    def method(self: Tensor, *args: Any, **kwargs: Any) -> Any:
        return function(self, *args, **kwargs)

    method.__doc__ = function.__doc__
    return method


_OPERATORS: dict[str, Callable[..., Any]] = {
    "__neg__": arithmetic.negative,
    "__pos__": lambda x: x,
    "__abs__": functions.absolute,
    "__invert__": arithmetic.bitwise_not,
    "__round__": _rounded,
    "__getitem__": indexing.getitem,
    "__setitem__": indexing.setitem,
    "__divmod__": lambda a, b: (a // b, a % b),
    "__rdivmod__": lambda a, b: (b // a, b % a),
    "__contains__": lambda x, value: bool(comparison.equal(x, value).any()),
}


def _attach() -> None:
    for name, function in _ARITHMETIC.items():
        _set(f"__{name}__", _defers(function))
        _set(f"__r{name}__", _reflected(function))
        if name != "matmul":
            _set(f"__i{name}__", _rebinding(function))
    for name, function in _COMPARISONS.items():
        _set(f"__{name}__", _defers(function))
    for name, function in _IN_PLACE.items():
        _set(name, _in_memory(function))
    for name, function in [*_FUNCTIONS.items(), *_OPERATORS.items()]:
        _set(name, _method(function))
    for name, dtype in _CASTS.items():
        _set(name, _method(lambda self, dtype=dtype: _astype(self, dtype)))
    _set("__array_ufunc__", habits.array_ufunc)
    Tensor.data = property(habits.data, habits.set_data)  # type: ignore[attr-defined]
    Tensor.T = property(movement.transpose)  # type: ignore[attr-defined]
    Tensor.mT = property(lambda x: movement.swapaxes(x, -1, -2))  # type: ignore[attr-defined]


def _set(name: str, function: Callable[..., Any]) -> None:
    function.__name__ = name
    function.__qualname__ = f"Tensor.{name}"
    setattr(Tensor, name, function)


_attach()
