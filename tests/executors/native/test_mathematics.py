"""The native executor's mathematics, compared with NumPy in a higher precision.

An ulp is the distance of neighbouring numbers at the exact result, of denormal numbers
where that is one.
"""

from __future__ import annotations

import ctypes
import functools
import math
from collections.abc import Callable

import numpy as np
import pytest
import scipy.special

from wubu.executors.native.code import mathematics
from wubu.executors.native.code.emitter import INDEX, POINTER, Emitter, Register
from wubu.executors.native.machine.target import MachineCode, compile_object, target
from wubu.ops import random

CURVES = (
    "exp", "expm1", "log", "log1p", "tanh", "sigmoid", "erf", "sin", "cos", "sqrt",
)  # fmt: skip
STEPS = ("floor", "round", "absolute", "sign")
DTYPES = ("float32", "float64")
LANES = (1, 4, 8, 16)  # 1 is a scalar
BLOCK = 64  # a multiple of all lanes

# Results may be off by this many ulp.
TOLERANCE = 2.0


@functools.cache
def compiled(dtype: str, lanes: int) -> dict[str, Callable[..., np.ndarray]]:
    """All functions for one dtype, as functions of arrays."""
    e = Emitter(f"mathematics_{dtype}_{lanes}", lanes)
    names = STEPS if np.dtype(dtype).kind != "f" else (*CURVES, *STEPS, "power")
    for name in names:
        emit_loop(e, name, np.dtype(dtype), getattr(mathematics, name))
    code = MachineCode([compile_object(str(e.module), target())], target())
    return {name: on_arrays(code, name, np.dtype(dtype)) for name in names}


def emit_loop(e: Emitter, name: str, dtype: np.dtype, emit: Callable) -> None:
    """result[i] = name(first[i]), or name(first[i], second[i])"""
    pointers = [(p, POINTER) for p in ("result", "first", "second")]
    with e.function(name, [*pointers, ("count", INDEX)]) as (result, *operands, count):
        operands = operands[: 2 if name == "power" else 1]
        with e.loop(count, "i", step=e.lanes) as i:
            e.store(emit(e, *(load(e, p, i, dtype) for p in operands)), result, i)


def load(e: Emitter, pointer: object, i: object, dtype: np.dtype) -> Register:
    return (e.load if e.lanes == 1 else e.load_lanes)(pointer, i, dtype)


def on_arrays(
    code: MachineCode, name: str, dtype: np.dtype
) -> Callable[..., np.ndarray]:
    signature = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 3, ctypes.c_int64)
    function = signature(code.address(name))

    def call(*arrays: np.ndarray) -> np.ndarray:
        assert code  # it must stay alive
        size = arrays[0].size
        whole = -(-size // BLOCK) * BLOCK
        inputs = [aligned(whole, dtype) for _ in range(2)]
        for room, array in zip(inputs, arrays, strict=False):
            room[:size] = array
        result = aligned(whole, dtype)
        function(result.ctypes.data, *(room.ctypes.data for room in inputs), whole)
        return result[:size]

    return call


def aligned(size: int, dtype: np.dtype) -> np.ndarray:
    """Zeros that start at a multiple of 128 bytes, one vector of 16 float64."""
    raw = np.zeros(size * dtype.itemsize + 128, np.uint8)
    start = -raw.ctypes.data % 128
    return raw[start : start + size * dtype.itemsize].view(dtype)


def errors(found: np.ndarray, exact: np.ndarray) -> np.ndarray:
    """The distance in ulp. Infinite where one is infinite or NaN and the other is not,
    or where a zero or an infinity has the wrong sign."""
    info = np.finfo(found.dtype)
    with np.errstate(all="ignore"):
        rounded = exact.astype(found.dtype)
        finite = np.isfinite(rounded)
        exponent = np.frexp(np.where(finite, exact, 1))[1] - 1
        one = np.ones_like(exact)
        ulp = np.ldexp(one, np.maximum(exponent, info.minexp) - info.nmant)
        distance = np.abs(found.astype(exact.dtype) - exact) / ulp
    same_sign = np.signbit(found) == np.signbit(rounded)
    right = np.isnan(rounded) & np.isnan(found) | (found == rounded) & same_sign
    distance = np.where(np.isfinite(found), distance, np.inf)
    needs_sign = ~finite | (rounded == 0) & (found == 0)
    return np.where(right & needs_sign, 0, np.where(needs_sign, np.inf, distance))


def assert_close(name: str, found: np.ndarray, exact: np.ndarray, *x: np.ndarray):
    distance = errors(found, exact)
    worst = int(np.argmax(distance))
    at = ", ".join(repr(v[worst]) for v in x)
    assert distance[worst] <= TOLERANCE, (
        f"{name}({at}) is {found[worst]!r}, exact is {exact[worst]!r}: "
        f"{distance[worst]:.2f} ulp; {np.sum(distance > TOLERANCE)} values are off"
    )


def exact(name: str, *x: np.ndarray) -> np.ndarray:
    """By NumPy, in the dtype given, which is wider than the one under test."""
    with np.errstate(all="ignore"):
        if name == "sigmoid":
            return 1 / (1 + np.exp(-x[0]))
        if name == "erf":
            narrow = x[0].dtype == np.float64
            return scipy.special.erf(*x) if narrow else erf_series(*x)
        return getattr(np, name)(*x)


def erf_series(x: np.ndarray) -> np.ndarray:
    """2/sqrt(pi) exp(-x^2) sum of 2^n x^(2n+1) / (1 3 5 ... (2n+1)); its terms are all
    positive, so nothing cancels. (Abramowitz and Stegun, 7.1.6)"""
    a = np.minimum(np.abs(x), 7)
    term = total = a
    for n in range(1, 250):
        term = term * (2 * a * a / (2 * n + 1))
        total = total + term
    scale = 2 / np.sqrt(4 * np.arctan(x.dtype.type(1))) * np.exp(-a * a)
    return np.copysign(np.where(np.isnan(x), x, scale * total), x)


# -- accuracy -------------------------------------------------------------------------


def all_exponents(dtype: str, count: int) -> np.ndarray:
    """Numbers spread evenly over all bit patterns: every exponent, both signs,
    denormal numbers, infinities and NaN."""
    bits = 8 * np.dtype(dtype).itemsize
    step = 2**bits // count | 1
    patterns = (np.arange(count, dtype=np.uint64) * np.uint64(step)).astype(
        f"u{bits // 8}"
    )
    numbers = patterns.view(dtype)
    # One NaN for all: signalling ones make NumPy warn.
    return np.where(np.isnan(numbers), numbers.dtype.type(math.nan), numbers)


def around(dtype: str, count: int) -> np.ndarray:
    """Numbers where the functions do something, and special values."""
    generator = np.random.default_rng(5)
    parts = [
        generator.normal(0, 1, count),
        generator.uniform(-760, 760, count) * (1 if dtype == "float64" else 0.15),
        np.exp(generator.uniform(-40, 4, count)) * generator.choice([-1, 1], count),
        1 + generator.normal(0, 1e-3, count),
        np.array(SPECIAL),
    ]
    with np.errstate(over="ignore"):
        return np.concatenate(parts).astype(dtype)


SPECIAL = [
    0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan, 1e-45, -1e-45, 5e-324,
    -5e-324, 88.72283, 88.72284, 89.0, -87.33655, -103.97208, -103.97209, -104.0,
    709.782712893384, 709.7827128933841, 710.0, -708.4, -745.1332, -745.1333, -746.0,
    9.010913, 9.02, 18.714973, 19.07, 3.9192059, 5.9215871957945073, 0.92, 0.34657359,
    0.70710677, 0.70710678, 0.5, 2.0, 1.5, -1.5, 2.5, 8388609.0, 3.4028235e38,
    -3.4028235e38, 1.1754944e-38, 1.7976931348623157e308, 2.2250738585072014e-308,
]  # fmt: skip


@pytest.mark.parametrize("name", CURVES)
def test_float32_is_within_two_ulp_everywhere(name):
    x = np.concatenate(
        [all_exponents("float32", 2_000_000), around("float32", 100_000)]
    )
    if name in ("sin", "cos"):
        x = x[~(np.abs(x) > 1e5) | np.isinf(x)]
        far = np.random.default_rng(6).uniform(-1e5, 1e5, 300_000)
        x = np.concatenate([x, far.astype("float32")])
    found = compiled("float32", 16)[name](x)
    assert_close(name, found, exact(name, x.astype(np.float64)), x)


needs_long_double = pytest.mark.skipif(
    np.finfo(np.longdouble).nmant < 63,
    reason="this platform has no numbers wider than float64 to compare with",
)


@needs_long_double
@pytest.mark.parametrize("name", CURVES)
def test_float64_is_within_two_ulp_everywhere(name):
    count = 20_000 if name == "erf" else 100_000
    x = np.concatenate([all_exponents("float64", count), around("float64", count)])
    if name in ("sin", "cos"):
        x = x[~(np.abs(x) > 1e5) | np.isinf(x)]
    found = compiled("float64", 8)[name](x)
    assert_close(name, found, exact(name, x.astype(np.longdouble)), x)


def powers(dtype: str, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Bases of all exponents and around 1; exponents so that the result has any."""
    bases = np.abs(all_exponents(dtype, count))
    near = np.abs(around(dtype, count))
    a = np.concatenate([bases, near])
    generator = np.random.default_rng(7)
    with np.errstate(all="ignore"):
        reach = 1.02 * np.log(np.finfo(dtype).smallest_subnormal.astype(np.float64))
        b = generator.uniform(reach, -reach, a.size) / np.log(a.astype(np.float64))
        b = b.astype(dtype)
    return a, b


def test_float32_power_is_within_two_ulp():
    a, b = powers("float32", 100_000)
    found = compiled("float32", 16)["power"](a, b)
    assert_close("power", found, exact("power", a.astype("d"), b.astype("d")), a, b)


@needs_long_double
def test_float64_power_is_within_two_ulp():
    a, b = powers("float64", 50_000)
    found = compiled("float64", 8)["power"](a, b)
    wide = (a.astype(np.longdouble), b.astype(np.longdouble))
    assert_close("power", found, exact("power", *wide), a, b)


@pytest.mark.parametrize("dtype", DTYPES)
def test_power_follows_numpy_at_the_edges(dtype):
    """0**0 = 1, negative bases with integer exponents, infinities, NaN."""
    values = [0, -0.0, 1, -1, 2, -2, 0.5, -0.5, 3, -3, 2.5, -2.5, 1e10, -1e10, 1e-45]
    values += [16777215, -16777215, 16777216, 9007199254740993, 0.9999999, 1.0000001]
    values += [math.inf, -math.inf, math.nan, 1e38, -1e38, -1e-45, 1e-30]
    grid = np.meshgrid(values, values)
    a, b = (part.ravel().astype(dtype) for part in grid)
    wide = (a.astype(np.longdouble), b.astype(np.longdouble))
    assert_close(
        "power", compiled(dtype, 4)["power"](a, b), exact("power", *wide), a, b
    )


# Correctly rounded values, computed with 50 digits by mpmath 1.4.
TABLE = {
    "exp": (
        (-745.0, 5e-324),
        (-700.5, 5.980196118639791e-305),
        (-0.3, 0.7408182206817179),
        (0.001, 1.0010005001667084),
        (709.5, 1.3549863193146328e308),
    ),
    "expm1": (
        (-5.5, -0.995913228561536),
        (-0.35, -0.29531191028128656),
        (1e-10, 1.00000000005e-10),
        (0.4, 0.49182469764127035),
        (700.0, 1.0142320547350045e304),
    ),
    "log": (
        (5e-324, -744.4400719213812),
        (1e-310, -713.8013788281542),
        (0.7, -0.35667494393873245),
        (1.001, 0.0009995003330834232),
        (1e300, 690.7755278982137),
    ),
    "log1p": (
        (-0.999, -6.907755278982136),
        (-0.3, -0.35667494393873234),
        (1e-17, 1e-17),
        (0.65, 0.5007752879124893),
        (1e300, 690.7755278982137),
    ),
    "tanh": (
        (1e-05, 9.999999999666668e-06),
        (0.17, 0.16838104587081473),
        (0.55, 0.5005202111902353),
        (3.0, 0.9950547536867305),
        (18.0, 0.9999999999999996),
    ),
    "sigmoid": (
        (-740.0, 4.2e-322),
        (-20.0, 2.0611536181902037e-09),
        (-0.7, 0.3318122278318339),
        (0.3, 0.574442516811659),
        (30.0, 0.9999999999999064),
    ),
    "erf": (
        (1e-08, 1.1283791670955126e-08),
        (0.5, 0.5204998778130465),
        (0.97, 0.8298702930356671),
        (1.03, 0.8547842114541484),
        (4.5, 0.9999999998033839),
    ),
    "sin": (
        (1e-09, 1e-09),
        (0.78, 0.7032794192004101),
        (3.141592653589793, 1.2246467991473532e-16),
        (1000.0, 0.8268795405320025),
        (99999.5, 0.5104916150747798),
    ),
    "cos": (
        (0.001, 0.9999995000000417),
        (0.79, 0.7038453156522361),
        (1.5707963267948966, 6.123233995736766e-17),
        (1000.0, 0.5623790762907029),
        (99999.5, -0.8598827309222711),
    ),
    "power": (
        ((1.5, 3.7), 4.482679184808753),
        ((0.1, -300.25), 1.778279410038893e300),
        ((1.0000001, 1000000000.0), 2.6881038582144647e43),
        ((5e-324, 0.5), 2.2227587494850775e-162),
        ((3.0, -670.0), 2.132e-320),
    ),
}


@pytest.mark.parametrize("name", TABLE)
def test_float64_agrees_with_values_of_mpmath(name):
    arguments, values = zip(*TABLE[name], strict=True)
    x = np.array(arguments, "float64").reshape(len(values), -1).T
    found = compiled("float64", 8)[name](*x)
    assert_close(name, found, np.array(values), *x)


@pytest.mark.parametrize("name", ["sin", "cos"])
@pytest.mark.parametrize("dtype", DTYPES)
def test_sin_and_cos_of_huge_numbers_stay_within_one(dtype, name):
    x = all_exponents(dtype, 100_000)
    y = compiled(dtype, 8)[name](x)
    np.testing.assert_array_equal(np.isnan(y), ~np.isfinite(x))
    assert np.nanmax(np.abs(y)) <= 1


# -- the rest -------------------------------------------------------------------------


@pytest.mark.parametrize("lanes", LANES)
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_number_of_lanes_gives_the_same_bits(dtype, lanes):
    x = np.concatenate([all_exponents(dtype, 5_000), around(dtype, 1_000)])
    y = np.roll(x, 1)
    functions, reference = compiled(dtype, lanes), compiled(dtype, 8)
    for name, function in functions.items():
        found, expected = function(x, y), reference[name](x, y)
        np.testing.assert_array_equal(found, expected, err_msg=name)
        numbers = ~np.isnan(found)
        signs = np.signbit(found[numbers]), np.signbit(expected[numbers])
        np.testing.assert_array_equal(*signs, err_msg=name)


@pytest.mark.parametrize("name", STEPS)
@pytest.mark.parametrize("dtype", [*DTYPES, "int32", "int64", "uint8"])
def test_steps_are_those_of_numpy(dtype, name):
    if np.dtype(dtype).kind == "f":
        x = np.concatenate([all_exponents(dtype, 10_000), around(dtype, 1_000)])
        x = np.concatenate([x, np.arange(-20, 20, dtype=dtype) / 4])
    else:
        limits = np.iinfo(dtype)
        generator = np.random.default_rng(9)
        x = generator.integers(limits.min, limits.max, 200, dtype, endpoint=True)
        edges = np.array([0, 1, 2, limits.min, limits.max], dtype)
        x = np.concatenate([x, edges])
    expected = getattr(np, name)(x).astype(dtype)
    found = compiled(dtype, 16)[name](x)
    np.testing.assert_array_equal(found, expected)
    if name in ("floor", "round") and x.dtype.kind == "f":
        numbers = ~np.isnan(x)
        signs = np.signbit(found[numbers]), np.signbit(expected[numbers])
        np.testing.assert_array_equal(*signs)


@pytest.mark.parametrize("lanes", LANES)
def test_philox_gives_the_bits_of_the_primitive(lanes):
    uint32 = np.dtype("uint32")
    e = Emitter("philox", lanes)
    with e.function("philox", [("out", POINTER), ("in", POINTER), ("n", INDEX)]) as a:
        out, words, count = a
        with e.loop(count, "i", step=lanes) as i:
            places = [e.plus(i, e.times(count, k)) for k in range(6)]
            c = [load(e, words, place, uint32) for place in places]
            found = mathematics.philox(e, c[:4], c[4:])
            for word, place in zip(found, places[:4], strict=True):
                e.store(word, out, place)
    code = MachineCode([compile_object(str(e.module), target())], target())
    size = 4 * BLOCK
    given, result = aligned(6 * size, uint32), aligned(4 * size, uint32)
    given[:] = np.random.default_rng(8).integers(0, 2**32, 6 * size)
    given.reshape(6, size)[4:] = given.reshape(6, size)[4:, :1]  # one key for all
    run = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 2, ctypes.c_int64)
    run(code.address("philox"))(result.ctypes.data, given.ctypes.data, size)
    c = given.reshape(6, size)
    expected = random.philox(c[:4], [int(c[4, 0]), int(c[5, 0])])
    np.testing.assert_array_equal(result.reshape(4, size), expected)
