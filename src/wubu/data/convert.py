"""What the user holds, as NumPy arrays: lists, tensors, tables, arrays.

Arrays stay what they are: no copy, no cast, memory maps included. Everything else
becomes what NumPy makes of it, so a list of Python floats is float64; the training step
casts to the dtype of the model. Whether the values can be trained on is the concern of
`validate.py`.
"""

from __future__ import annotations

import numbers
from typing import Any

import numpy as np

from wubu.data.structure import Structure
from wubu.errors import DataError, DTypeError


def as_structure(value: Any, name: str) -> Structure:
    """`value` as an array, or a list, tuple or dictionary of arrays.

    A dictionary is several named inputs. A list or tuple is several inputs when one of
    its elements is an array (or tensor, or table) with an axis of its own; a list of
    numbers, or of lists of numbers, is one array.

    Args:
        value: what the user passed.
        name: what it is called in errors, for instance `"x"`.

    Raises:
        DataError: an empty or ragged list.
        DTypeError: something that is not numbers at all.

    Example:
        >>> as_structure([[1, 2], [3, 4]], "x").shape
        (2, 2)
        >>> [a.shape for a in as_structure([np.zeros((5, 2)), np.zeros(5)], "x")]
        [(5, 2), (5,)]
    """
    if isinstance(value, dict | list | tuple) and not value:
        raise DataError(
            f"{name} is empty",
            expected="an array, or a list or dictionary of arrays",
            got=repr(value),
        )
    if isinstance(value, dict):
        for key in value:
            if not isinstance(key, str):
                raise DTypeError(
                    f"a key of {name} is not a string",
                    expected="the name of an input, as a string",
                    got=repr(key),
                )
        return {key: as_array(leaf, f'{name}["{key}"]') for key, leaf in value.items()}
    if isinstance(value, list | tuple) and any(_has_axes(leaf) for leaf in value):
        arrays = [as_array(leaf, f"{name}[{i}]") for i, leaf in enumerate(value)]
        return arrays if isinstance(value, list) else tuple(arrays)
    return as_array(value, name)


def as_array(value: Any, name: str) -> np.ndarray:
    """`value` as one NumPy array; an array is returned as it is.

    Args:
        value: an array, a tensor (`.numpy()`), a table (`.to_numpy()`), nested lists
            of numbers, or anything NumPy itself converts.
        name: what it is called in errors.

    Raises:
        DataError: ragged lists, or an array with masked values.
        DTypeError: None, a generator, a set, a sparse matrix ...

    Example:
        >>> as_array([1.5, 2.5], "x").dtype
        dtype('float64')
    """
    if isinstance(value, np.ma.MaskedArray):
        return _unmasked(value, name)
    if isinstance(value, np.ndarray) and not isinstance(value, np.matrix):
        return value
    if callable(getattr(value, "numpy", None)):
        value = _out_of_framework(value).numpy()
    elif callable(getattr(value, "to_numpy", None)):
        value = value.to_numpy()
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise _ragged(value, name) from error
    if array.ndim == 0 and array.dtype == object:
        raise _not_an_array(value, name)
    return array


def _has_axes(value: Any) -> bool:
    try:
        return len(value.shape) > 0
    except (AttributeError, TypeError):
        return False


def _out_of_framework(tensor: Any) -> Any:
    # Other frameworks refuse .numpy() while gradients are recorded or off the CPU.
    for method in ("detach", "cpu"):
        step = getattr(tensor, method, None)
        tensor = step() if callable(step) else tensor
    return tensor


def _unmasked(value: np.ma.MaskedArray, name: str) -> np.ndarray:
    # np.asarray would drop the mask and train on what lies under it.
    masked = np.ma.getmaskarray(value)
    if masked.any():
        sample = int(np.argmax(masked)) // max(1, masked.size // len(masked))
        raise DataError(
            f"sample {sample} of {name} has masked values",
            expected="an array without a mask",
            fix=f"fill them first: {name}.filled(0)",
        )
    return np.asarray(value.data)


def _not_an_array(value: Any, name: str) -> DTypeError:
    kind = type(value).__name__
    fix = None
    if callable(getattr(value, "toarray", None)):
        fix = f"make it dense: {name}.toarray()"
    elif hasattr(value, "__iter__"):
        fix = f"list its samples: np.array(list({name}))"
    return DTypeError(
        f"{name} cannot be made an array of numbers",
        expected="an array, nested lists of numbers, a tensor or a table",
        got="None" if value is None else f"an object of type {kind}",
        fix=fix,
    )


def _ragged(value: Any, name: str) -> DataError:
    """The error for nested lists whose samples differ in shape, naming the first."""
    first: tuple[int, ...] | None = None
    for index, sample in enumerate(value):
        shape = _shape_or_none(sample)
        if shape is None:
            return DataError(
                f"sample {index} of {name} is ragged: its rows differ in length",
                where=f"{name}[{index}]",
                expected="rows of one length",
                got=_row_lengths(sample),
                fix="cut or pad the rows to one length",
            )
        if first is None:
            first = shape
        elif shape != first:
            return ragged_error(name, index, first, shape)
    return DataError(f"{name} cannot be made one array", got=type(value).__name__)


def ragged_error(
    name: str, index: int, first: tuple[int, ...], shape: tuple[int, ...]
) -> DataError:
    """The error for a sample whose shape differs from that of sample 0."""
    return DataError(
        f"sample {index} of {name} has another shape than sample 0",
        where=f"{name}[{index}]",
        expected=f"shape {first}, as sample 0",
        got=f"a number (shape {shape})" if shape == () else f"shape {shape}",
        fix="cut or pad all samples to one shape; several inputs are a list of "
        "arrays, one per input: [np.array(a), np.array(b)]",
    )


def _shape_or_none(sample: Any) -> tuple[int, ...] | None:
    try:
        return np.asarray(sample).shape
    except ValueError:
        return None


def _row_lengths(sample: Any) -> str:
    lengths = [len(r) if hasattr(r, "__len__") else "a number" for r in sample[:8]]
    more = ", ..." if len(sample) > 8 else ""
    return "lengths " + ", ".join(str(length) for length in lengths) + more


def is_number(value: Any) -> bool:
    """Whether `value` is a real number, and not for instance None or a string."""
    return isinstance(value, numbers.Real | np.bool_ | bool)
