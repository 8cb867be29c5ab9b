"""`Hashing` and `HashedCrossing`: categories shared out among bins, without a
vocabulary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu import ops
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, DTypeError, ShapeError
from wubu.layers.arguments import positive_integer
from wubu.layers.encoding import dense_only, encode
from wubu.layers.encoding import output_mode as checked_mode
from wubu.layers.fingerprints import crossed, fingerprints
from wubu.layers.hash_key import hash_integers, hash_key
from wubu.layers.layer import Layer
from wubu.layers.strings import array_of, as_strings, holds_strings, on_data
from wubu.layers.symbol import Symbol
from wubu.layers.symbolic import as_shapes, output_symbols

_FIRST = 0xDECAFCAFFE  # TensorFlow begins a cross with it


class Hashing(Layer):
    """bin = hash(x) mod num_bins, of strings, or of integers as they are written.

    The hash is FarmHash's Fingerprint64, or SipHash-2-4 with a salt. Strings are data,
    so the layer is called on them before a model; integers may be a model's.

    Args:
        num_bins: how many bins there are, that of the mask included.
        mask_value: what has bin 0 to itself.
        salt: a key of SipHash: a number, or two.
        output_mode: "int", "one_hot", "multi_hot", "count".
        sparse: only False: Wubu has no sparse tensors.
        options: name, dtype of every layer; with "int" it is int64 by default, or
            int32.

    Shapes:
        strings or integers (..., places) -> the same; (..., places, num_bins) for
        "one_hot", places of 1 left out; (..., num_bins) for the others.

    Raises:
        ArgumentError: arguments out of range.
        TraceError: it is called on strings in compiled code.

    Example:
        >>> Hashing(num_bins=3)([["A"], ["B"], ["C"], ["D"], ["E"]]).tolist()
        [[1], [0], [1], [1], [2]]
    """

    def __init__(
        self,
        num_bins: int,
        mask_value: Any = None,
        salt: Any = None,
        output_mode: str = "int",
        sparse: bool = False,
        **options: Any,
    ) -> None:
        self.output_mode = _mode(
            output_mode, ("int", "one_hot", "multi_hot", "count"), options
        )
        super().__init__(**options)
        dense_only(sparse=sparse)
        self.num_bins = positive_integer("num_bins", num_bins)
        self.mask_value = mask_value
        self.salt = hash_key(salt)

    def __call__(self, inputs: Any, **keywords: Any) -> Any:
        if holds_strings(inputs):
            return on_data(self, self._of_strings, inputs)
        return super().__call__(inputs, **keywords)

    def _of_strings(self, inputs: Any) -> Tensor:
        words = as_strings(inputs)
        hashes = fingerprints([w.encode() for w in words.reshape(-1)], self.salt)
        return self._binned(
            as_tensor(hashes.reshape(words.shape)), words == self.mask_value
        )

    def call(self, inputs: Tensor) -> Tensor:
        if isinstance(self.mask_value, str):
            raise DTypeError(
                "its mask_value is a string, and its input is not",
                expected="strings",
                got=f"a tensor of {inputs.dtype}",
            )
        x = inputs if inputs.dtype.kind in "iu" else inputs.astype("int64")
        mask = None if self.mask_value is None else ops.equal(x, self.mask_value)
        return self._binned(hash_integers(x, self.salt), mask)

    def _binned(self, hashes: Tensor, mask: Any) -> Tensor:
        masked = self.mask_value is not None and self.num_bins > 1
        bins = ops.cast(hashes % (self.num_bins - masked), "int64")
        if masked:
            bins = ops.where(mask, 0, bins + 1)
        return _encoded(self, bins)


class HashedCrossing(Layer):
    """Several features as one: bin = hash(x1, x2 ...) mod num_bins.

    Strings are data, so the layer is called on them before a model; integers may be a
    model's.

    Args:
        num_bins: how many bins there are.
        output_mode: "int" or "one_hot".
        sparse: only False: Wubu has no sparse tensors.
        name: of the layer.
        dtype: of the output; int64 by default with "int".

    Shapes:
        several (), (batch,) or (batch, 1), alike -> the same; (batch, num_bins) for
        "one_hot".

    Raises:
        ArgumentError: fewer than two inputs.
        ShapeError: inputs of other or different shapes.
        TraceError: it is called on strings in compiled code.

    Example:
        >>> layer = HashedCrossing(num_bins=5)
        >>> layer((["A", "B", "A", "B", "A"], [101, 101, 101, 102, 102])).tolist()
        [1, 4, 1, 1, 3]
    """

    def __init__(
        self,
        num_bins: int,
        output_mode: str = "int",
        sparse: bool = False,
        name: str | None = None,
        dtype: Any = None,
        **options: Any,
    ) -> None:
        options = {**options, "name": name, "dtype": dtype}
        self.output_mode = _mode(output_mode, ("int", "one_hot"), options)
        super().__init__(**options)
        dense_only(sparse=sparse)
        self.num_bins = positive_integer("num_bins", num_bins)

    def __call__(self, inputs: Any, **keywords: Any) -> Any:
        parts = list(inputs) if isinstance(inputs, list | tuple) else inputs
        if isinstance(parts, list) and any(holds_strings(part) for part in parts):
            return on_data(self, self._of_data, parts)
        if isinstance(parts, list):  # a list of numbers is one of the inputs
            parts = [np.array(p) if isinstance(p, list) else p for p in parts]
        return super().__call__(parts, **keywords)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output for inputs of these shapes; None stays None."""
        symbols = [Symbol(shape, "int64") for shape in as_shapes(input_shape)]
        return output_symbols(self, (symbols,), {}).shape

    def _of_data(self, parts: list[Any]) -> Tensor:
        return self.call([_fingerprints(part) for part in parts])

    def call(self, inputs: Sequence[Tensor]) -> Tensor:
        _check_crossed(inputs)
        total: Any = _FIRST
        for x in inputs:
            total = crossed(total, ops.cast(x, "uint64"))
        return _encoded(self, ops.cast(total % self.num_bins, "int64"))


def _fingerprints(part: Any) -> Tensor:
    """Of strings; integers stand for themselves."""
    if not holds_strings(part):
        return as_tensor(array_of(part))
    words = as_strings(part)
    hashes = fingerprints([word.encode() for word in words.reshape(-1)])
    return as_tensor(hashes.reshape(words.shape))


def _check_crossed(inputs: Any) -> None:
    if not isinstance(inputs, list | tuple) or len(inputs) < 2:
        raise ArgumentError(
            "several features are crossed",
            expected="a list of at least two inputs",
            got=f"{len(inputs)}" if isinstance(inputs, list | tuple) else "one tensor",
        )
    shape = inputs[0].shape
    if len(shape) > 2 or (len(shape) == 2 and shape[1] != 1):
        raise ShapeError("a feature", expected="(batch,) or (batch, 1)", got=shape)
    for x in inputs:
        if x.shape != shape:
            raise ShapeError("features have one shape", expected=shape, got=x.shape)
        if x.dtype.kind not in "iu":
            raise DTypeError(
                "features are strings or integers",
                got=x.dtype,
                fix="make bins of real numbers first, with Discretization",
            )


def _mode(value: str, allowed: Sequence[str], options: dict[str, Any]) -> str:
    """The output mode; indices have a dtype of integers, which is put into options."""
    mode = checked_mode(value, allowed)
    if mode == "int":
        options["dtype"] = options.get("dtype") or "int64"
        if str(np.dtype(options["dtype"])) not in ("int32", "int64"):
            raise ArgumentError(
                'dtype is the one of the indices with output_mode="int"',
                expected="int32 or int64",
                got=str(options["dtype"]),
            )
    return mode


def _encoded(layer: Any, bins: Tensor) -> Tensor:
    bins = bins.astype(layer.dtype) if layer.output_mode == "int" else bins
    return encode(bins, layer.output_mode, layer.num_bins, layer.dtype)
