"""Branches and loops as functions: `cond`, `switch`, `while_loop`, `vectorized_map`.

What is known is decided at once, as in Python. In a compiled function a branch on a
value computes both sides and chooses; a loop needs a number of rounds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from wubu.core import tree
from wubu.core.location import located
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError
from wubu.ops.comparison import where
from wubu.ops.scan import map, scan


@located
def cond(pred: Any, true_fn: Callable[[], Any], false_fn: Callable[[], Any]) -> Any:
    """`true_fn()` if `pred` holds, else `false_fn()`.

    Args:
        pred: one truth value. Where a compiled function computes it, both functions
            run and the results are chosen from, so these have one structure.
        true_fn: of no arguments.
        false_fn: of no arguments.

    Example:
        >>> cond(True, lambda: 1, lambda: 2)
        1
    """
    pred = as_tensor(pred)
    if not pred.is_traced:
        return true_fn() if bool(pred) else false_fn()
    return tree.map_structure(lambda a, b: where(pred, a, b), true_fn(), false_fn())


@located
def switch(index: Any, branches: Sequence[Callable[..., Any]], *operands: Any) -> Any:
    """What the function of a number gives; the first or last for numbers beyond.

    Args:
        index: one whole number.
        branches: functions of `operands`.
        operands: for the functions.
    """
    if not branches:
        raise ArgumentError("switch chooses among functions", got="none")
    index = as_tensor(index)
    last = len(branches) - 1
    if not index.is_traced:
        return branches[min(max(int(index), 0), last)](*operands)
    found = branches[last](*operands)
    for number in reversed(range(last)):
        other = branches[number](*operands)
        chosen = index <= number
        found = tree.map_structure(
            lambda a, b, chosen=chosen: where(chosen, a, b), other, found
        )
    return found


@located
def while_loop(
    cond: Callable[..., Any],
    body: Callable[..., Any],
    loop_vars: Any,
    maximum_iterations: int | None = None,
) -> Any:
    """Repeats `loop_vars = body(*loop_vars)` while `cond(*loop_vars)` holds.

    Args:
        cond: says whether to go on.
        body: gives the next values, in the structure of `loop_vars`.
        loop_vars: the first values: a tuple or list of them, or one.
        maximum_iterations: rounds at most. A compiled function whose condition
            depends on its inputs needs them, and runs as many.

    Raises:
        ArgumentError: a compiled function without `maximum_iterations`.

    Example:
        >>> while_loop(lambda i: i < 10, lambda i: (i * 2,), (3,))
        (12,)
    """
    several = isinstance(loop_vars, tuple | list)
    values = tuple(loop_vars) if several else (loop_vars,)
    rounds = 0
    while maximum_iterations is None or rounds < maximum_iterations:
        goes_on = as_tensor(cond(*values))
        if goes_on.is_traced:
            left = None if maximum_iterations is None else maximum_iterations - rounds
            values = _bounded(cond, body, values, left)
            break
        if not bool(goes_on):
            break
        values = _tuple(body(*values))
        rounds += 1
    return type(loop_vars)(values) if several else values[0]


def _tuple(found: Any) -> tuple[Any, ...]:
    return tuple(found) if isinstance(found, tuple | list) else (found,)


def _bounded(cond: Any, body: Any, values: Any, rounds: int | None) -> Any:
    """A loop of a known number of rounds, in which values stay when it has ended."""
    if rounds is None:
        raise ArgumentError(
            "how often this loop runs depends on what a compiled function computes",
            fix="while_loop(..., maximum_iterations=n); it runs n rounds",
        )

    def step(carry: Any, _: Any) -> Any:
        going = cond(*carry)
        found = _tuple(body(*carry))
        kept = tree.map_structure(lambda a, b: where(going, a, b), found, carry)
        return kept, None

    values = tree.map_structure(as_tensor, values)
    return scan(step, values, length=rounds)[0]


@located
def fori_loop(
    lower: int, upper: int, body_fun: Callable[[Any, Any], Any], init_val: Any
) -> Any:
    """Repeats `value = body_fun(i, value)` for i from `lower` to `upper` - 1.

    Example:
        >>> fori_loop(0, 4, lambda i, total: total + i, 0)
        6
    """
    value = init_val
    for i in range(int(lower), int(upper)):
        value = body_fun(i, value)
    return value


def vectorized_map(function: Callable[[Any], Any], elements: Any) -> Any:
    """What a function gives for each slice of the first axis, stacked."""
    return map(function, elements)


def is_tensor(x: Any) -> bool:
    """Whether x is a tensor, or a variable."""
    return isinstance(x, Tensor)


def dtype(x: Any) -> str:
    """The name of the dtype of x."""
    return as_tensor(x).dtype.name
