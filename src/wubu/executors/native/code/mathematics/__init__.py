"""The mathematics of the native executor: functions as LLVM instructions.

Each takes an emitter and registers, of scalars or of any number of lanes, float32 or
float64, and returns a register. There are no branches and no calls: special cases are
chosen by `select`, so every lane may be a different one. Denormal numbers, -0,
infinities and NaN give what NumPy gives. Results are off by less than 2 units in the
last place (ulp), in both dtypes; the tests measure it over all exponents.

They need true fused multiply-adds, and no fast-math flags. In a processor without the
instruction, LLVM calls the C library's `fma`, which is right but slow.

Read `value.py`, then `exponential.py`; all others follow its pattern.
"""

from wubu.executors.native.code.mathematics import (
    division,
    error_function,
    exponential,
    logarithm,
    powers,
    rounding,
    trigonometric,
)
from wubu.executors.native.code.mathematics.random_bits import philox
from wubu.executors.native.code.mathematics.value import emitted

exp = emitted(exponential.exp)
expm1 = emitted(exponential.expm1)
tanh = emitted(exponential.tanh)
sigmoid = emitted(exponential.sigmoid)
log = emitted(logarithm.log)
log1p = emitted(logarithm.log1p)
erf = emitted(error_function.erf)
sin = emitted(trigonometric.sin)
cos = emitted(trigonometric.cos)
power = emitted(powers.power)
sqrt = emitted(rounding.sqrt)
floor_divide = emitted(division.floor_divide)
floor = emitted(rounding.floor)
round = emitted(rounding.round)
absolute = emitted(rounding.absolute)
sign = emitted(rounding.sign)

__all__ = [
    "absolute",
    "cos",
    "erf",
    "exp",
    "expm1",
    "floor",
    "floor_divide",
    "log",
    "log1p",
    "philox",
    "power",
    "round",
    "sigmoid",
    "sign",
    "sin",
    "sqrt",
    "tanh",
]
