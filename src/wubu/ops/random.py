"""Random numbers: counter-based, the same on every executor, eager and compiled.

Bits come from Philox4x32-10 (Salmon et al., "Parallel Random Numbers: As Easy as 1, 2,
3", SC 2011). The key is the seed; the counter is (element, sample, operation, step),
where the sample is the index on the first axis. So a number depends only on what it is
for, never on how work is ordered or divided, and nothing but the step has to be kept to
continue a run exactly.
"""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core import dtypes
from wubu.core.location import located
from wubu.core.primitive import primitive
from wubu.core.tensor import Shape, Tensor, as_tensor
from wubu.core.variable import Variable
from wubu.errors import ArgumentError
from wubu.ops.arithmetic import minimum
from wubu.ops.comparison import where
from wubu.ops.functions import cos, erfinv, log, sqrt
from wubu.ops.movement import broadcast_to
from wubu.ops.prepare import cast_to

_MULTIPLIERS = (np.uint64(0xD2511F53), np.uint64(0xCD9E8D57))
_WEYL = (0x9E3779B9, 0xBB67AE85)
_LOW = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def philox(counter: Sequence[Any], key: Sequence[int]) -> list[np.ndarray]:
    """Four words of 32 random bits for each counter of four words.

    Args:
        counter: four arrays (or numbers) of 32-bit words, broadcast together.
        key: two 32-bit words.
    """
    c = [np.asarray(word, np.uint64) for word in counter]
    k0, k1 = int(key[0]), int(key[1])
    for _ in range(10):
        p0, p1 = _MULTIPLIERS[0] * c[0], _MULTIPLIERS[1] * c[2]
        c = [
            (p1 >> _HALF) ^ c[1] ^ np.uint64(k0),
            p1 & _LOW,
            (p0 >> _HALF) ^ c[3] ^ np.uint64(k1),
            p0 & _LOW,
        ]
        k0, k1 = (k0 + _WEYL[0]) & 0xFFFFFFFF, (k1 + _WEYL[1]) & 0xFFFFFFFF
    return [word.astype(np.uint32) for word in np.broadcast_arrays(*c)]


def _random_bits(state: np.ndarray, shape: Shape, num_bits: int) -> np.ndarray:
    samples = shape[0] if shape else 1
    elements = math.prod(shape[1:])
    quads = -(-elements // 4)
    seed_low, seed_high, operation, step = (int(word) for word in state)
    words = philox(
        (np.arange(quads), np.arange(samples)[:, None], operation, step),
        (seed_low, seed_high),
    )
    bits = np.stack(words, axis=-1).reshape(samples, quads * 4)[:, :elements]
    return (bits >> np.uint32(32 - num_bits)).reshape(shape)


def _bits_shape(state: Any, shape: Shape, num_bits: int) -> tuple[Shape, np.dtype]:
    if state.shape != (4,) or state.dtype != dtypes.UINT32:
        raise ArgumentError("random_bits takes the state of a SeedGenerator")
    return shape, dtypes.UINT32


random_bits = primitive(
    "random_bits",
    shape=_bits_shape,
    evaluate=_random_bits,
    doc="""The top `num_bits` of 32 random bits for each element, as uint32.

    `state` is uint32 (seed low, seed high, operation, step). Word i % 4 of counter
    (i // 4, sample, operation, step) is for element i of a sample.
    """,
)


class SeedGenerator:
    """A stream of random numbers; every draw takes the next step of it.

    Args:
        seed: any integer; None takes the seed of `set_random_seed`.
        name: the name of its state.

    What a generator with a seed of its own draws depends on that seed alone, whatever
    else was made before. Those without one are operations of their own, and draw
    different numbers. The state is a variable, saved and restored with the layer that
    holds it.

    Example:
        >>> set_random_seed(1)
        >>> a, b = SeedGenerator(), SeedGenerator()
        >>> bool((uniform(3, seed=a) == uniform(3, seed=b)).any())
        False
        >>> a, b = SeedGenerator(7), SeedGenerator(7)
        >>> bool((uniform(3, seed=a) == uniform(3, seed=b)).all())
        True
    """

    def __init__(self, seed: int | None = None, name: str = "seed_generator") -> None:
        self.seed = seed
        if seed is None:
            array = _start(_global_seed(), next(_operations))
        else:
            array = _start(seed, _OF_ITS_OWN)
        self.state = Variable(array, trainable=False, name=f"{name}_state")

    def next(self) -> Tensor:
        """The state for one draw; the step goes on by one."""
        state = self.state.value
        self.state.assign(state + _ONE_STEP)
        return state


_OF_ITS_OWN = 2**32 - 1  # the operation of a generator that was given a seed
_ONE_STEP = np.array([0, 0, 0, 1], np.uint32)
_operations = itertools.count(1)
_seed: int | None = None
_default: SeedGenerator | None = None


@located
def set_random_seed(seed: int) -> None:
    """Makes everything that is drawn from now on reproducible.

    Weights, dropout masks and shuffling depend on this seed and on the order in which
    layers are created, and on nothing else. What is learned is the same to the last bit
    on the same machine with as many threads; see `use_deterministic_algorithms` for
    more or fewer.

    Raises:
        ArgumentError: the seed is not an integer.
    """
    global _seed, _operations
    if not isinstance(seed, int | np.integer) or isinstance(seed, bool):
        raise ArgumentError("a seed is an integer", got=repr(seed))
    _seed = int(seed)
    _operations = itertools.count(1)
    if _default is not None:  # kept: compiled functions hold its state
        _default.state.assign(_start(_seed, 0))


def _global_seed() -> int:
    global _seed
    if _seed is None:
        _seed = int.from_bytes(os.urandom(8), "little")
    return _seed


def current_seed() -> int:
    """The seed in force; drawn from the system if none was set."""
    return _global_seed()


def _start(seed: int, operation: int) -> np.ndarray:
    """The state before the first draw."""
    words = (seed & 0xFFFFFFFF, (seed >> 32) & 0xFFFFFFFF)
    return np.array([*words, operation, 0], np.uint32)


def _state(seed: Any) -> Tensor:
    """One draw from a generator, from an integer seed (always the same), or from the
    default generator."""
    if isinstance(seed, SeedGenerator):
        return seed.next()
    if seed is not None:
        return as_tensor(_start(int(seed), 0))
    return default_generator().next()


def default_generator() -> SeedGenerator:
    """The generator of draws that name none."""
    global _default
    if _default is None:
        # Its number is fixed: a draw by the way does not change later layers.
        _default = SeedGenerator.__new__(SeedGenerator)
        array = _start(_global_seed(), 0)
        _default.seed = None
        _default.state = Variable(array, trainable=False, name="default_generator")
    return _default


def _shape(shape: Any) -> Shape:
    single = isinstance(shape, int | np.integer)
    return tuple(int(n) for n in ((shape,) if single else shape))


@located
def uniform(
    shape: Any = (),
    minval: float = 0.0,
    maxval: float = 1.0,
    dtype: Any = "float32",
    seed: Any = None,
) -> Tensor:
    """Numbers evenly distributed over [minval, maxval).

    Args:
        shape: of the result.
        minval: lower end, included.
        maxval: upper end, not included.
        dtype: float32 has 24 random bits, float64 has 53; integers are drawn from
            {minval, ..., maxval - 1}.
        seed: a SeedGenerator; an integer, for always the same numbers; or None.

    Raises:
        ArgumentError: minval is not below maxval.

    Example:
        >>> x = uniform((2, 3), seed=1)
        >>> x.shape, bool((x == uniform((5, 3), seed=1)[:2]).all())
        ((2, 3), True)
    """
    dtype, shape = dtypes.as_dtype(dtype), _shape(shape)
    if not dtypes.is_float(dtype):
        return randint(shape, int(minval), int(maxval), dtype, seed)
    if dtype == dtypes.FLOAT64:
        state = _state(seed)
        high = random_bits(state, shape=shape, num_bits=27).astype(dtype)
        apart = state ^ np.array([0, 0, 0x80000000, 0], np.uint32)
        low = random_bits(apart, shape=shape, num_bits=26).astype(dtype)
        unit = (high * 2.0**26 + low) * 2.0**-53
    else:
        bits = 24 if dtype == dtypes.FLOAT32 else 11
        word = random_bits(_state(seed), shape=shape, num_bits=bits)
        unit = word.astype(dtype) * 2.0**-bits
    if (minval, maxval) == (0.0, 1.0):
        return unit
    if not minval < maxval:
        raise ArgumentError("uniform needs minval < maxval", got=f"{minval}, {maxval}")
    # Rounding may reach maxval, which does not belong to the interval.
    last = np.nextafter(dtype.type(maxval), dtype.type(minval))
    return minimum(unit * (maxval - minval) + minval, last)


@located
def randint(
    shape: Any, minval: int, maxval: int, dtype: Any = "int32", seed: Any = None
) -> Tensor:
    """Integers from {minval, ..., maxval - 1}, all equally likely (to one part in
    2**32 / (maxval - minval))."""
    if not 0 < maxval - minval <= 2**32:
        raise ArgumentError("randint needs minval < maxval", got=f"{minval}, {maxval}")
    word = random_bits(_state(seed), shape=_shape(shape), num_bits=32).astype("int64")
    return cast_to(word % (maxval - minval) + minval, dtypes.as_dtype(dtype))


@located
def normal(
    shape: Any = (),
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = "float32",
    seed: Any = None,
) -> Tensor:
    """Normally distributed numbers (Box and Muller's method)."""
    shape = _shape(shape)
    pair = (
        uniform((*shape[:1], 2, *shape[1:]), dtype=dtype, seed=seed)
        if shape
        else (uniform((1, 2), dtype=dtype, seed=seed))
    )
    radius = sqrt(-2.0 * log(1.0 - pair[:, 0]))
    angle = pair[:, 1] * (2 * math.pi)
    return (radius * cos(angle)).reshape(shape) * stddev + mean


@located
def truncated_normal(
    shape: Any = (),
    mean: float = 0.0,
    stddev: float = 1.0,
    dtype: Any = "float32",
    seed: Any = None,
) -> Tensor:
    """Normally distributed numbers, none farther than 2 `stddev` from the mean."""
    limit = math.erf(math.sqrt(2))  # 2 stddev, on the scale of erf
    u = uniform(shape, -limit, limit, dtype, seed)
    found = erfinv(u) * math.sqrt(2)
    return found.clip(-2.0, 2.0) * stddev + mean


@located
def bernoulli(shape: Any, p: float, dtype: Any = "bool", seed: Any = None) -> Tensor:
    """True with probability p."""
    return cast_to(uniform(shape, seed=seed) < p, dtypes.as_dtype(dtype))


@located
def dropout(
    inputs: Any, rate: float, noise_shape: Any = None, seed: Any = None
) -> Tensor:
    """Sets elements to zero with probability `rate`, and scales the others by
    1 / (1 - rate), so that the expectation stays.

    Args:
        inputs: any float tensor.
        rate: in [0, 1).
        noise_shape: shape of the mask; axes of length 1 share one draw.
        seed: see `uniform`.

    Raises:
        ArgumentError: a rate outside [0, 1).
    """
    if not isinstance(rate, Tensor) and not 0 <= rate < 1:
        raise ArgumentError("unusable dropout rate", expected="0 <= rate < 1", got=rate)
    x = as_tensor(inputs)
    shape = (
        x.shape
        if noise_shape is None
        else tuple(
            n if m is None else m for n, m in zip(x.shape, noise_shape, strict=True)
        )
    )
    keep = broadcast_to(uniform(shape, seed=seed) >= rate, x.shape)
    scaled = x * (1.0 / (1.0 - rate))
    return where(keep, scaled, 0.0)


def randn(*shape: Any, dtype: Any = "float32") -> Tensor:
    """Standard normal numbers, PyTorch's name: the shape as numbers or one tuple."""
    return normal(shape[0] if len(shape) == 1 else shape, dtype=dtype)


def rand(*shape: Any, dtype: Any = "float32") -> Tensor:
    """Uniform in [0, 1), PyTorch's name: the shape as numbers or one tuple."""
    return uniform(shape[0] if len(shape) == 1 else shape, dtype=dtype)
