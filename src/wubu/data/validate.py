"""Checks of the user's arrays, before any weight changes.

Each check returns nothing or raises an error that names the array as the user's code
calls it, the first sample at fault, the place within that sample and the value found.
Values are scanned in pieces of a few megabytes, so that checking an array, or a memory
map larger than memory, needs no temporary of its size.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from wubu.data.convert import is_number, ragged_error
from wubu.errors import DataError, DTypeError

CHUNK = 1 << 20  # elements looked at in one piece

# What to do about a dtype that is not numbers, by NumPy's one-letter kind.
_TYPE_FIXES = {
    "U": "number the categories: values, codes = np.unique({name}, "
    "return_inverse=True)",
    "S": "turn bytes into numbers: np.frombuffer for raw data, np.unique(..., "
    "return_inverse=True) for categories",
    "c": "feed real and imaginary part as two features: np.stack([{name}.real, "
    "{name}.imag], axis=-1)",
    "M": "count from a date of reference: ({name} - {name}.min()) / "
    "np.timedelta64(1, 'D')",
    "m": "divide by a unit: {name} / np.timedelta64(1, 's')",
    "V": "take the fields out, one input each, or convert with .astype(np.float32)",
    "O": "convert it: {name}.astype(np.float32)",
}


def check_numbers(array: np.ndarray, name: str) -> None:
    """Refuse anything that is not booleans, integers or real floats.

    Raises:
        DTypeError: strings, objects, complex numbers, dates, records.
        DataError: an object array that hides samples of different shapes.

    Example:
        >>> check_numbers(np.array(["cat", "dog"]), "y")
        Traceback (most recent call last):
        ...
        wubu.errors.DTypeError: y holds strings, not numbers
          where     y[0]
          expected  integers, floats or booleans
          got       'cat'
          fix       number the categories: values, codes = np.unique(y, return_inverse=True)
    """  # noqa: E501
    kind = array.dtype.kind
    if kind in "biuf":
        return
    index = (0,) * array.ndim
    fix = _TYPE_FIXES.get(kind, _TYPE_FIXES["O"])
    if kind in "OUS" and array.size:
        found = _first_foreign(array, name)
        index = index if found is None else found
        # Where every string spells a number, converting them is all there is to do.
        fix = _TYPE_FIXES["O"] if found is None else fix
    words = {"U": "strings", "S": "bytes", "O": "Python objects", "V": "records"}
    words |= {"c": "complex numbers", "M": "dates", "m": "time differences"}
    what = words.get(kind, str(array.dtype))
    raise DTypeError(
        f"{name} holds {what}, not numbers",
        where=_place(name, index) if array.size else None,
        expected="integers, floats or booleans",
        got=_short(array[index]) if array.size else f"dtype {array.dtype}",
        fix=fix.format(name=name),
    )


def check_has_samples(array: np.ndarray, name: str) -> None:
    """Refuse a single number, zero samples, and samples without values.

    Example:
        >>> check_has_samples(np.zeros((0, 28, 28)), "x")
        Traceback (most recent call last):
        ...
        wubu.errors.DataError: x has no samples
          expected  at least one sample along the first axis
          got       shape (0, 28, 28)
    """
    if array.ndim == 0:
        raise DataError(
            f"{name} is a single number, not an array of samples",
            expected="an array whose first axis counts the samples",
            got=_short(array[()]),
            fix=f"put it into an array: np.array([{_short(array[()])}])",
        )
    if len(array) == 0:
        raise DataError(
            f"{name} has no samples",
            expected="at least one sample along the first axis",
            got=f"shape {array.shape}",
        )
    if array.size == 0:
        raise DataError(
            f"the samples of {name} have no values",
            expected="no axis of length 0",
            got=f"shape {array.shape}",
        )


def check_same_samples(arrays: Sequence[tuple[str, np.ndarray]]) -> None:
    """Refuse inputs, targets and weights that differ in their number of samples.

    Args:
        arrays: every array with its name, as `structure.leaves` gives them.

    Example:
        >>> check_same_samples([("x", np.zeros((3, 2))), ("y", np.zeros(4))])
        Traceback (most recent call last):
        ...
        wubu.errors.DataError: the arrays differ in their number of samples
          expected  one number of samples, the length of the first axis
          got       x: 3 samples, y: 4 samples
    """
    if len({len(array) for _, array in arrays}) <= 1:
        return
    fix = None
    if any("[" in name for name, _ in arrays):
        fix = (
            "a list of arrays means several inputs; if each array is one sample, "
            "np.stack(list) makes one input of them"
        )
    counts = [
        f"{name}: {len(array)} sample{'' if len(array) == 1 else 's'}"
        for name, array in arrays
    ]
    raise DataError(
        "the arrays differ in their number of samples",
        expected="one number of samples, the length of the first axis",
        got=", ".join(counts),
        fix=fix,
    )


def check_finite(array: np.ndarray, name: str) -> None:
    """Refuse NaN and infinities, naming the first sample that has one.

    Example:
        >>> x = np.zeros((3, 2, 2))
        >>> x[1, 0, 1] = np.nan
        >>> check_finite(x, "x")
        Traceback (most recent call last):
        ...
        wubu.errors.DataError: sample 1 of x holds NaN
          where     x[1, 0, 1]
          expected  finite numbers
          got       nan
          fix       drop such samples: keep = np.isfinite(x).all(axis=(1, 2)), or fill them: np.nan_to_num(x)
    """  # noqa: E501
    if array.dtype.kind != "f":
        return
    index = first_where(array, _not_finite)
    if index is None:
        return
    value = array[index]
    axes = tuple(range(1, array.ndim))
    keep = f"np.isfinite({name})" + (f".all(axis={axes})" if axes else "")
    raise DataError(
        f"sample {index[0]} of {name} "
        + ("holds NaN" if np.isnan(value) else "is infinite"),
        where=_place(name, index),
        expected="finite numbers",
        got=_short(value),
        fix=f"drop such samples: keep = {keep}, or fill them: np.nan_to_num({name})",
    )


def check_weights(array: np.ndarray, name: str) -> None:
    """Refuse sample weights below zero; NaN is the concern of `check_finite`.

    Example:
        >>> check_weights(np.array([1.0, -0.5]), "sample_weight")
        Traceback (most recent call last):
        ...
        wubu.errors.DataError: sample 1 of sample_weight is negative
          where     sample_weight[1]
          expected  a weight of at least 0
          got       -0.5
    """
    if array.dtype.kind not in "if":
        return
    index = first_where(array, lambda piece: piece < 0)
    if index is not None:
        raise DataError(
            f"sample {index[0]} of {name} is negative",
            where=_place(name, index),
            expected="a weight of at least 0",
            got=_short(array[index]),
        )


def first_where(
    array: np.ndarray, test: Callable[[np.ndarray], np.ndarray]
) -> tuple[int, ...] | None:
    """The index of the first element for which `test` holds, or None.

    Args:
        array: any array with at least one axis.
        test: elementwise, from a piece of the array to booleans of its shape, or to a
            single one if it holds for none.

    Example:
        >>> first_where(np.array([[1, 2], [3, -4]]), lambda piece: piece < 0)
        (1, 1)
    """
    if array.size == 0:
        return None
    row = array.size // len(array)
    if row > CHUNK and array.ndim > 1:
        for i, sample in enumerate(array):
            index = first_where(sample, test)
            if index is not None:
                return (i, *index)
        return None
    step = max(1, CHUNK // row)
    for start in range(0, len(array), step):
        found = test(array[start : start + step])
        if found.any():
            first = np.unravel_index(int(np.argmax(found)), found.shape)
            return (start + int(first[0]), *(int(i) for i in first[1:]))
    return None


def _not_finite(piece: np.ndarray) -> np.ndarray:
    """Booleans for a piece, or one if all of it is finite. A sum with NaN or infinity
    in it is not finite, and is had in less time than a boolean for each number."""
    with np.errstate(over="ignore", invalid="ignore"):
        total = np.einsum("i->", piece.reshape(-1))  # less exact than sum(), and faster
    # Large numbers may overflow when they are added: that needs the second look.
    return np.zeros((), bool) if np.isfinite(total) else ~np.isfinite(piece)


def _first_foreign(array: np.ndarray, name: str) -> tuple[int, ...] | None:
    """Where the first object that is no number, or string that spells none, stands."""
    shapes = (getattr(value, "shape", None) for value in array.flat)
    first = next(shapes, None)
    if array.ndim == 1 and first:
        for i, shape in enumerate(shapes, start=1):
            if shape is not None and shape != first:
                raise ragged_error(name, i, first, shape)
    for i, value in enumerate(array.flat):
        if not (is_number(value) or _spells_number(value)):
            index = np.unravel_index(i, array.shape)
            return tuple(int(n) for n in index)
    return None


def _spells_number(value: object) -> bool:
    try:
        return isinstance(value, str | bytes) and math.isfinite(float(value))
    except ValueError:
        return False


def _place(name: str, index: Sequence[int]) -> str:
    return f"{name}[{', '.join(str(i) for i in index)}]" if len(index) else name


def _short(value: object) -> str:
    # NumPy's own scalars print as np.float64(...), which says no more than the number.
    if isinstance(value, np.generic) and value.dtype.kind not in "V":
        value = value.item()
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
