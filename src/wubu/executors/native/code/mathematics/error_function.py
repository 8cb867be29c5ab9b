"""erf.

Near 0 it is x + x P(x**2). Farther out it is 1 - exp(-Q(|x|)), where Q approximates
-log(erfc): a smooth function, so that one polynomial serves up to where erf is 1. Both
are computed and one is taken (the scheme of N. Juffa's erff).

P and Q are minimax approximations made like those in `exponential.py`, the error of Q
weighted by erfc / erf. Relative to erf the errors are 2**-25.7 (P) and 2**-29 (Q) in
float32, 2**-56 and 2**-57 in float64.
"""

from __future__ import annotations

from typing import NamedTuple

from wubu.executors.native.code.mathematics.exponential import (
    exp_reduced,
    power_of_two,
    reduce,
)
from wubu.executors.native.code.mathematics.value import Value, fma, polynomial, select


class Pieces(NamedTuple):
    """Where P ends, where erf is 1, and the coefficients of P and Q."""

    near: float
    far: float
    P: tuple[float, ...]
    Q: tuple[float, ...]


PIECES = {
    "float32": Pieces(
        0.92, 4.0,
        P=(
            0.12837915, -0.3761249, 0.1128173, -0.026762933, 0.0049873036,
            -0.00059593515,
        ),
        Q=(
            0.0001941558, 1.1276819, 0.63717186, 0.10394061, -0.022231216,
            0.0030442805, -0.00019604393,
        ),
    ),
    "float64": Pieces(
        1.0, 6.0,
        P=(
            0.1283791670955126, -0.3761263890318375, 0.11283791670954862,
            -0.02686617064507361, 0.005223977624786542, -0.000854832697902044,
            0.00012055331045816925, -1.4925593699096274e-05, 1.6460975624251301e-06,
            -1.6350052626338323e-07, 1.4658051062530092e-08, -1.1366285070478203e-09,
            5.946247045649874e-11,
        ),
        Q=(
            1.7962264297191971e-07, 1.1283773292375858, 0.6366284890538589,
            0.10274725168395442, -0.019078153947324393, -0.0002804915646590131,
            0.0017690042961430337, -0.0006411761278601244, 4.48250039338744e-05,
            7.036511893886381e-05, -4.503664774888111e-05, 1.651366414414226e-05,
            -4.326962977227587e-06, 8.505572636134625e-07, -1.2570228494768055e-07,
            1.362640606478577e-08, -1.0256787438268997e-09, 4.795943207526777e-11,
            -1.049605625101642e-12,
        ),
    ),
}  # fmt: skip


def erf(x: Value) -> Value:
    """2/sqrt(pi) times the integral of exp(-t**2) from 0 to x."""
    pieces = PIECES[x.dtype.name]
    a = x.absolute()
    near = fma(a, polynomial(a * a, pieces.P), a)
    reduced = reduce(-polynomial(a.limit(high=pieces.far), pieces.Q))
    far = 1.0 - exp_reduced(reduced) * power_of_two(reduced.n, x)
    return select(a < pieces.near, near, far).with_sign_of(x)
