"""`Symbol`: what stands for a tensor while a functional model is being drawn up.

`Input` makes the first symbols; calling a layer on symbols records the call and gives
new ones, with the shapes the layer would produce. `Model(inputs, outputs)` collects the
recorded calls.
"""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np

from wubu.core import config, dtypes, tree
from wubu.core.location import Location, user_location
from wubu.errors import ArgumentError, DTypeError
from wubu.ops import methods

SymbolShape = tuple[int | None, ...]


class Call(NamedTuple):
    """One recorded call of a layer."""

    layer: Any
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    location: Location | None


class Symbol:
    """A tensor of which only shape and dtype are decided; None is any length.

    Attributes:
        shape: with None for the batch axis and others that vary.
        dtype: of its elements.
        call: the call of a layer that makes it, None for an input.
        index: which of that call's results it is.
    """

    def __init__(
        self,
        shape: SymbolShape,
        dtype: Any = "float32",
        name: str | None = None,
        call: Call | None = None,
        index: int = 0,
    ) -> None:
        self.shape = tuple(shape)
        self.dtype = dtypes.as_dtype(dtype)
        self.name = name or (call.layer.name if call else "input")
        self.call = call
        self.index = index

    @property
    def ndim(self) -> int:
        return len(self.shape)

    def __repr__(self) -> str:
        return f'Symbol("{self.name}", shape={self.shape}, dtype={self.dtype})'

    def __bool__(self) -> bool:
        raise _no_value(self, "a branch on it")

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        raise _no_value(self, "NumPy")

    # NumPy arrays leave `array + symbol` to the symbol.
    __array_ufunc__ = None

    def __getitem__(self, key: Any) -> Any:
        from wubu.layers.indexing import Indexing, plain_key

        plain = plain_key(key)
        return (
            _operate("getitem", self, key) if plain is None else Indexing(plain)(self)
        )

    def __len__(self) -> int:
        if not self.shape or self.shape[0] is None:
            raise _no_value(self, "len()")
        return self.shape[0]

    def __getattr__(self, name: str) -> Any:
        """A method of tensors, recorded: `x.reshape((-1, 4))`, `x.mean(axis=1)`."""
        if name not in methods._FUNCTIONS:
            raise AttributeError(f"a symbol of a model has no {name!r}")
        return functools.partial(_operate, f"Tensor>{name}", self)

    # Without this, Python would iterate by indexing, for ever.
    __iter__ = None


def _no_value(symbol: Symbol, action: str) -> DTypeError:
    return DTypeError(
        f"{action} needs a value, and a symbol of a functional model has none",
        where=user_location(),
        got=repr(symbol),
        fix="put the computation into a layer of your own (subclass wubu.layers.Layer) "
        "and call that",
    )


def _operate(name: str, *operands: Any, **keywords: Any) -> Any:
    from wubu.layers.operation import record

    return record(name, operands, keywords)


def _attach_operators() -> None:
    operators = {
        "add": "add",
        "sub": "subtract",
        "mul": "multiply",
        "truediv": "divide",
        "pow": "power",
        "matmul": "matmul",
        "mod": "mod",
        "floordiv": "floor_divide",
        "and": "bitwise_and",
        "or": "bitwise_or",
        "xor": "bitwise_xor",
    }
    for name, function in operators.items():
        setattr(Symbol, f"__{name}__", lambda a, b, f=function: _operate(f, a, b))
        setattr(Symbol, f"__r{name}__", lambda a, b, f=function: _operate(f, b, a))
    for name, function in (
        ("neg", "negative"),
        ("abs", "absolute"),
        ("invert", "bitwise_not"),
    ):
        setattr(Symbol, f"__{name}__", lambda a, f=function: _operate(f, a))
    for name, function in (
        ("lt", "less"),
        ("le", "less_equal"),
        ("gt", "greater"),
        ("ge", "greater_equal"),
    ):
        setattr(Symbol, f"__{name}__", lambda a, b, f=function: _operate(f, a, b))


_attach_operators()


def Input(  # noqa: N802 - the name every Keras user knows
    shape: SymbolShape | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    *,
    batch_shape: SymbolShape | None = None,
    name: str | None = None,
) -> Symbol:
    """The input of a functional or sequential model.

    Args:
        shape: of one sample, without the batch axis.
        batch_size: if it is always the same.
        dtype: float32 by default.
        batch_shape: the shape with the batch axis, instead of `shape`.
        name: by which inputs given as a dictionary are found.

    Example:
        >>> Input((28, 28, 1)).shape
        (None, 28, 28, 1)
    """
    if dtype is str or (isinstance(dtype, str) and dtype == "string"):
        raise DTypeError(
            "strings are data, and no input of a model",
            where=user_location(),
            got='dtype="string"',
            fix="apply StringLookup, TextVectorization or Hashing to the data first: "
            'the model has Input(shape, dtype="int64") for what comes out',
        )
    if (shape is None) == (batch_shape is None):
        raise ArgumentError(
            "an Input needs its shape",
            expected="shape=(...) of one sample, or batch_shape=(...)",
            got=f"shape={shape}, batch_shape={batch_shape}",
        )
    if batch_shape is None:
        if isinstance(shape, int):
            raise ArgumentError(
                "the shape of an Input is a tuple",
                got=shape,
                fix=f"write shape=({shape},)",
            )
        batch_shape = (batch_size, *_lengths(shape, "shape"))
    batch_shape = _lengths(batch_shape, "batch_shape")
    from wubu.layers.naming import unique_name

    return Symbol(batch_shape, dtype or config.floatx(), name or unique_name("input"))


def InputLayer(  # noqa: N802
    shape: SymbolShape | None = None,
    batch_size: int | None = None,
    dtype: Any = None,
    *,
    batch_shape: SymbolShape | None = None,
    name: str | None = None,
) -> Symbol:
    """`Input` under the name that Keras scripts put in front of a Sequential."""
    return Input(shape, batch_size, dtype, batch_shape=batch_shape, name=name)


def _lengths(shape: Any, name: str) -> SymbolShape:
    """A shape as a tuple, if it is one."""
    known = isinstance(shape, tuple | list) and all(
        n is None
        or (isinstance(n, int | np.integer) and not isinstance(n, bool) and n > 0)
        for n in shape
    )
    if not known:
        raise ArgumentError(
            f"the {name} of an Input is a tuple of lengths",
            expected="positive integers, None for any length",
            got=repr(shape)[:60],
        )
    return tuple(None if n is None else int(n) for n in shape)


def symbols_in(structure: Any) -> list[Symbol]:
    """Every symbol among the leaves of a nested structure."""
    return [leaf for leaf in tree.flatten(structure)[0] if isinstance(leaf, Symbol)]
