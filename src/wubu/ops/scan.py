"""`scan`: a loop as one operation; recurrent layers stand on it.

The body of the loop is traced once, to a graph; what in it is the same in every step is
computed before the loop. When derivatives are wanted, that graph is differentiated once
too, and split in two: what does not depend on gradients runs in the forward loop, which
hands what the rest needs over as extra results ("residuals"); the rest is the body of a
loop that runs backwards. Gradients of what the loop only reads (weights) are not added
up step by step: where each is a contraction, its operands are stacked and contracted
once, after the loop.

Read next: `scan_gradient.py`, which does the splitting.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wubu.core import tree
from wubu.core.dtypes import is_float
from wubu.core.graph import Graph, build_graph
from wubu.core.interpret import Interpreter
from wubu.core.location import located
from wubu.core.modes import is_grad_enabled, tracing
from wubu.core.primitive import primitive
from wubu.core.tensor import Shape, Tensor, as_tensor
from wubu.core.trace import Trace
from wubu.core.variable import Variable
from wubu.errors import ArgumentError, ShapeError
from wubu.ops import scan_gradient
from wubu.ops.scan_bodies import without_invariants, without_residuals
from wubu.ops.scan_gradient import inline

Spec = tuple[Shape, np.dtype]


@located
def scan(
    step: Callable[[Any, Any], tuple[Any, Any]],
    init: Any,
    xs: Any = None,
    length: int | None = None,
    reverse: bool = False,
) -> tuple[Any, Any]:
    """Runs `carry, y = step(carry, x)` for every x along the first axis of `xs`.

    Args:
        step: a function of tensors; called once, to trace it. Tensors and variables it
            uses from outside are the same in every step; a variable that it assigns is
            one more carry, and has its last value afterwards.
        init: the first carry: a tensor or a nested structure of them.
        xs: a tensor, or a nested structure, with the steps as first axis; may be None.
        length: how many steps, where `xs` does not tell.
        reverse: goes from the last x to the first. Results keep the order of `xs`.

    Returns:
        The last carry, and every y stacked along a new first axis.

    Raises:
        ShapeError: a carry that changes shape or dtype, or xs of different lengths.
        TraceError: `backward()` inside of it, where it reaches what comes from outside
            (`wubu.grad` may); or a tensor kept in a Python object.

    Example:
        >>> xs = Tensor([1.0, 2.0, 3.0])
        >>> total, sums = scan(lambda carry, x: (carry + x, carry + x), 0.0, xs)
        >>> total.item(), sums.tolist()
        (6.0, [1.0, 3.0, 6.0])
    """
    carry, carry_structure = tree.flatten(init)
    carry = [as_tensor(c) for c in carry]
    rows, row_structure = tree.flatten(xs) if xs is not None else ([], None)
    rows = [as_tensor(x) for x in rows]
    length = _length(rows, length)
    body, consts, assigned, y_structure = _trace_body(
        step, carry, carry_structure, rows, row_structure
    )
    carry += [before for _, before in assigned]
    parts = without_invariants(body, len(consts))
    if parts is not None:
        before, body = parts
        consts = inline(before, consts, apply_scan)
    results = apply_scan(body, consts, carry, rows, length, reverse)
    own = len(carry) - len(assigned)
    for (variable, _), now in zip(assigned, results[own : len(carry)], strict=True):
        variable.assign(now.detach())
    last = tree.unflatten(carry_structure, results[:own])
    ys = results[len(carry) :]
    return last, tree.unflatten(y_structure, ys) if y_structure else None


def _length(rows: Sequence[Tensor], length: int | None) -> int:
    if any(not x.ndim for x in rows):
        raise ShapeError("xs have the steps as their first axis", got="shape ()")
    lengths = {x.shape[0] for x in rows} | ({length} if length is not None else set())
    if len(lengths) != 1:
        raise ShapeError(
            "scan needs one number of steps",
            expected="xs with first axes of one length, or length=...",
            got=sorted(lengths, key=str),
        )
    return int(lengths.pop())


def _trace_body(
    step: Callable[[Any, Any], tuple[Any, Any]],
    carry: Sequence[Tensor],
    carry_structure: Any,
    rows: Sequence[Tensor],
    row_structure: Any,
) -> tuple[Graph, list[Tensor], list[tuple[Variable, Tensor]], Any]:
    """The body as a graph of (constants, carry, row) -> (carry, y).

    Returns:
        The body, its constants, the variables it assigns with their values before, and
        the structure of y. Such variables are the last parts of the carry.
    """
    follows = is_grad_enabled()
    with contextlib.closing(Trace(captures=True, follows=follows)) as trace:

        def stand_in(shape: Shape, dtype: np.dtype) -> Tensor:
            return trace.input(shape, dtype, follows and is_float(dtype))

        with tracing(trace):
            state = [stand_in(c.shape, c.dtype) for c in carry]
            row = [stand_in(x.shape[1:], x.dtype) for x in rows]
            given = tree.unflatten(row_structure, row) if row_structure else None
            result = step(tree.unflatten(carry_structure, state), given)
            after, ys, y_structure = _checked(result, carry, carry_structure)
            last = [value for _, value in trace.assigned.values()]
            outputs = trace.lift([*after, *last, *ys])
        changed = [trace.captured.pop(key) for key in trace.assigned]
        variables = [variable for variable, _ in trace.assigned.values()]
        consts = [outer for outer, _ in trace.captured.values()]
        inputs = [inner for _, inner in trace.captured.values()]
        inputs += [*state, *(inner for _, inner in changed), *row]
        body = build_graph("body", [(t, "") for t in inputs], outputs)
    assigned = zip(variables, (outer for outer, _ in changed), strict=True)
    return without_residuals(body), consts, list(assigned), y_structure


def _checked(
    result: Any, carry: Sequence[Tensor], carry_structure: Any
) -> tuple[list[Tensor], list[Tensor], Any]:
    """The carry and the results of a step, if they are as they have to be."""
    if not isinstance(result, tuple) or len(result) != 2:
        raise ArgumentError(
            "the step of a scan returns (carry, y)", got=type(result).__name__
        )
    found, structure = tree.flatten(result[0])
    ys, y_structure = tree.flatten(result[1]) if result[1] is not None else ([], None)
    if structure != carry_structure:
        raise ArgumentError(
            "the step of a scan returns a carry of another structure",
            expected=carry_structure,
            got=structure,
        )
    after = [as_tensor(t) for t in found]
    for i, (before, now) in enumerate(zip(carry, after, strict=True)):
        if (before.shape, before.dtype) != (now.shape, now.dtype):
            raise ShapeError(
                f"the carry of a scan keeps shape and dtype; part {i} does not",
                expected=f"{before.dtype}{list(before.shape)}, as at the start",
                got=f"{now.dtype}{list(now.shape)}",
            )
    return after, [as_tensor(t) for t in ys], y_structure


def apply_scan(
    body: Graph,
    consts: Sequence[Tensor],
    carry: Sequence[Tensor],
    rows: Sequence[Tensor],
    length: int,
    reverse: bool,
) -> list[Tensor]:
    """Applies the primitive; prepares its derivative if one may be asked for."""
    inputs = [*consts, *carry, *rows]
    needed = [t.requires_grad for t in inputs]
    plan = None
    visible = len(body.outputs)
    if is_grad_enabled() and any(needed):
        plan = scan_gradient.plan(body, len(consts), len(carry), needed, apply_scan)
        body = plan.forward
    results = scan_primitive(
        *inputs,
        body=body,
        num_consts=len(consts),
        num_carry=len(carry),
        length=length,
        reverse=reverse,
        plan=plan,
    )
    return results[:visible]


def _scan_shape(
    *inputs: Any, body: Graph, num_consts: int, num_carry: int, length: int, **_: Any
) -> list[Spec]:
    first_row = num_consts + num_carry
    for i, (given, value) in enumerate(zip(inputs, body.inputs, strict=True)):
        shape = given.shape[1:] if i >= first_row else given.shape
        if (shape, given.dtype) != (value.shape, value.dtype):
            raise ShapeError(
                f"input {i} of a scan does not fit its body", expected=value, got=shape
            )
    carry = [(v.shape, v.dtype) for v in body.outputs[:num_carry]]
    ys = [((length, *v.shape), v.dtype) for v in body.outputs[num_carry:]]
    return carry + ys


_interpreters: weakref.WeakKeyDictionary[Graph, Interpreter] = (
    weakref.WeakKeyDictionary()
)


def _scan(
    *arrays: np.ndarray,
    body: Graph,
    num_consts: int,
    num_carry: int,
    length: int,
    reverse: bool,
    plan: Any,
) -> list[np.ndarray]:
    if body not in _interpreters:
        _interpreters[body] = Interpreter(body)
    run = _interpreters[body].run
    consts = arrays[:num_consts]
    carry = list(arrays[num_consts : num_consts + num_carry])
    rows = arrays[num_consts + num_carry :]
    ys = [np.empty((length, *v.shape), v.dtype) for v in body.outputs[num_carry:]]
    for t in reversed(range(length)) if reverse else range(length):
        results = run([*consts, *carry, *[x[t] for x in rows]], [])
        carry = results[:num_carry]
        for y, result in zip(ys, results[num_carry:], strict=True):
            y[t] = result
    return [*carry, *ys]


def _scan_gradient(
    needed: Sequence[bool],
    g: Sequence[Tensor | None],
    y: Sequence[Tensor],
    *inputs: Tensor,
    body: Graph,
    num_consts: int,
    num_carry: int,
    length: int,
    reverse: bool,
    plan: Any,
) -> list[Tensor | None]:
    assert plan is not None, "a scan was applied without its derivative"
    split = num_consts + num_carry
    parts = (inputs[:num_consts], inputs[num_consts:split], inputs[split:])
    if is_grad_enabled():
        # To be differentiated again, residuals need a history of their own.
        y = apply_scan(body, *parts, length, reverse)
    residuals = y[plan.num_visible :]
    return plan.gradients(g, residuals, parts, length, reverse, apply_scan)


scan_primitive = primitive(
    "scan",
    shape=_scan_shape,
    evaluate=_scan,
    vjp_all=_scan_gradient,
    many_outputs=True,
    doc="A loop whose body is a graph; see `scan`.",
)


@located
def map(function: Callable[[Any], Any], xs: Any) -> Any:
    """`function` applied to every slice along the first axis, results stacked."""
    return scan(lambda _, x: ((), function(x)), (), xs)[1]
