"""The derivative of a `scan`: its body differentiated, and split at the gradients.

The body and its derivative are traced together. Nodes that depend on a gradient belong
to the backward loop, all others to the forward loop; values that cross are residuals.
Read next: `scan_bodies.py`, which makes both loops shorter.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from wubu.core.autodiff import gradients
from wubu.core.dtypes import is_float
from wubu.core.graph import Graph, Node, Value, build_graph
from wubu.core.location import blame
from wubu.core.modes import enable_grad, no_grad, tracing
from wubu.core.primitive import apply
from wubu.core.tensor import Tensor
from wubu.core.trace import Trace
from wubu.ops.contraction import dot_general
from wubu.ops.movement import reshape, transpose
from wubu.ops.reduction import sum_primitive
from wubu.ops.scan_bodies import (
    computed_again,
    needed_nodes,
    part_of,
    with_joins,
)

ApplyScan = Callable[..., list[Tensor]]
Finish = Callable[[dict[Value, Tensor]], Tensor]


class _Constant(NamedTuple):
    """The gradient of something the loop only reads: what to stack, what to do then."""

    stacked: list[Value]
    finish: Finish


class Plan(NamedTuple):
    """Everything needed to run a scan forwards with residuals, then backwards."""

    body: Graph  # (consts, carry, row) -> (carry, y)
    forward: Graph  # (consts, carry, row) -> (carry, y, residuals)
    backward: Graph  # (consts, g_carry, residuals, row, g_y) -> (g_carry, stacked ...)
    num_visible: int  # outputs of the body before residuals were added
    num_carry: int
    carry_floats: list[int]  # which carries have gradients
    output_floats: list[int]  # which of the ys have gradients
    stacked: list[Value]  # what the backward loop stacks
    constants: dict[int, _Constant]  # by number of the constant
    rows: dict[int, Value]  # gradient of each row that needs one
    given_rows: Sequence[Value]  # the rows of the forward loop
    read_rows: list[int]  # which of them the backward loop reads

    def gradients(
        self,
        g: Sequence[Tensor | None],
        residuals: Sequence[Tensor],
        parts: tuple[Sequence[Tensor], ...],
        length: int,
        reverse: bool,
        apply_scan: ApplyScan,
    ) -> list[Tensor | None]:
        """The gradients of constants, first carry and rows."""
        consts, carry, rows = parts
        n = self.num_carry
        outputs = self.forward.outputs
        g_carry = [
            _given(g[i], outputs[i].shape, outputs[i]) for i in self.carry_floats
        ]
        g_ys = [
            _given(g[n + i], (length, *outputs[n + i].shape), outputs[n + i])
            for i in self.output_floats
        ]
        series = [*residuals, *(rows[i] for i in self.read_rows), *g_ys]
        results = apply_scan(
            self.backward, consts, g_carry, series, length, not reverse
        )
        num_floats = len(self.carry_floats)
        first = num_consts = len(consts)
        at = dict(zip(self.stacked, results[num_floats:], strict=True))
        # What entered the backward loop stacked need not come out of it again.
        given = self.backward.inputs[first + num_floats :]
        at.update(zip(given, series, strict=True))
        at.update(zip(self.given_rows, rows, strict=True))
        found: list[Tensor | None] = [None] * (num_consts + len(carry) + len(rows))
        for i, constant in self.constants.items():
            found[i] = constant.finish(at)
        for place, i in enumerate(self.carry_floats):
            found[num_consts + i] = results[place]
        for i, value in self.rows.items():
            found[num_consts + n + i] = at[value]
        return found


def _given(g: Tensor | None, shape: tuple[int, ...], like: Value) -> Tensor:
    return Tensor(np.zeros(shape, like.dtype)) if g is None else g


def plan(
    body: Graph,
    num_consts: int,
    num_carry: int,
    needed: Sequence[bool],
    apply_scan: ApplyScan,
) -> Plan:
    """Differentiates a body with respect to the inputs that need it.

    `apply_scan` applies the scans inside the body.
    """
    outputs = body.outputs
    carry_floats = [i for i in range(num_carry) if is_float(outputs[i].dtype)]
    output_floats = [i for i, v in enumerate(outputs[num_carry:]) if is_float(v.dtype)]
    seeds_of = carry_floats + [num_carry + i for i in output_floats]
    wanted = _wanted(body, num_consts, num_carry, needed)
    joint = with_joins(_differentiate(body, wanted, seeds_of, apply_scan))
    num_inputs = len(body.inputs)
    inputs, seeds = joint.inputs[:num_inputs], joint.inputs[num_inputs:]
    forward_nodes, backward_nodes = _split(joint.nodes, set(seeds))
    primal, rest = joint.outputs[: len(outputs)], joint.outputs[len(outputs) :]
    found = dict(zip(np.flatnonzero(wanted).tolist(), rest, strict=True))
    first_row = num_consts + num_carry
    consts, carry = inputs[:num_consts], inputs[num_consts:first_row]
    rows, g_ys = inputs[first_row:], seeds[len(carry_floats) :]
    makers = {v: node for node in backward_nodes for v in node.outputs}
    constants = {i: _defer(found[i], makers) for i in found if i < num_consts}
    row_gradients = {i - first_row: v for i, v in found.items() if i >= first_row}
    made_before = {v for node in forward_nodes for v in node.outputs} | set(carry)
    stacked = _stacked(constants, row_gradients, {*made_before, *rows, *g_ys})
    results = [*(found[num_consts + i] for i in carry_floats), *stacked]
    # What sums after the loop are made of is kept even if the loop does not read it.
    kept = [*results, *(v for c in constants.values() for v in c.stacked)]
    backward_nodes = needed_nodes(backward_nodes, results)
    crossing, again = computed_again(
        _used(backward_nodes, kept, made_before),
        forward_nodes,
        {*consts, *rows, *joint.constants},
        kept,
    )
    backward_nodes = [*again, *backward_nodes]
    read_rows = _used(backward_nodes, results, set(rows))
    enters = [*consts, *seeds[: len(carry_floats)], *crossing, *read_rows, *g_ys]
    return Plan(
        body=body,
        forward=part_of("forward", inputs, [*primal, *crossing], forward_nodes, joint),
        backward=part_of("backward", enters, results, backward_nodes, joint),
        num_visible=len(outputs),
        num_carry=num_carry,
        carry_floats=carry_floats,
        output_floats=output_floats,
        stacked=stacked,
        constants=constants,
        rows=row_gradients,
        given_rows=rows,
        read_rows=[rows.index(v) for v in read_rows],
    )


def _stacked(
    constants: dict[int, _Constant], rows: dict[int, Value], ready: set[Value]
) -> list[Value]:
    """What the backward loop hands out step by step: what sums over steps are made of,
    and gradients of rows; but for what is stacked before it."""
    parts = [v for constant in constants.values() for v in constant.stacked]
    return [v for v in dict.fromkeys([*parts, *rows.values()]) if v not in ready]


def _wanted(
    body: Graph, num_consts: int, num_carry: int, needed: Sequence[bool]
) -> list[bool]:
    """Which inputs of the body are differentiated. A carry needs a gradient in every
    step, even if the first one needs none."""
    carries = range(num_consts, num_consts + num_carry)
    return [
        (needed[i] or i in carries) and is_float(v.dtype)
        for i, v in enumerate(body.inputs)
    ]


def _differentiate(
    body: Graph,
    wanted: Sequence[bool],
    seeds_of: list[int],
    apply_scan: ApplyScan,
) -> Graph:
    """(inputs, seeds) -> (outputs, gradients of the wanted inputs), as one graph."""
    with contextlib.closing(Trace(captures=True)) as trace:
        with tracing(trace):
            inputs = [
                trace.input(v.shape, v.dtype, want)
                for v, want in zip(body.inputs, wanted, strict=True)
            ]
            with enable_grad():
                outputs = inline(body, inputs, apply_scan)
            chosen = [outputs[i] for i in seeds_of]
            seeds = [trace.input(t.shape, t.dtype) for t in chosen]
            targets = [t for t, want in zip(inputs, wanted, strict=True) if want]
            with no_grad():
                found = gradients(chosen, targets, seeds)
                filled = [
                    Tensor(np.zeros(t.shape, t.dtype)) if f is None else f
                    for t, f in zip(targets, found, strict=True)
                ]
        return build_graph(
            "joint", [(t, "") for t in (*inputs, *seeds)], [*outputs, *filled]
        )


def inline(
    graph: Graph, inputs: Sequence[Tensor], apply_scan: ApplyScan
) -> list[Tensor]:
    """Applies every node of a graph to these tensors."""
    values: dict[Value, Tensor] = dict(zip(graph.inputs, inputs, strict=True))
    values.update({v: Tensor(array) for v, array in graph.constants.items()})
    for node in graph.nodes:
        given = tuple(values[v] for v in node.inputs)
        with blame(node.scope, node.location):
            if node.primitive.name == "scan":
                many = _apply_inner(node, given, apply_scan)
            else:
                many = [apply(node.primitive, given, node.params)]
        values.update(zip(node.outputs, many, strict=True))
    return [values[v] for v in graph.outputs]


def _apply_inner(
    node: Node, given: Sequence[Tensor], apply_scan: ApplyScan
) -> list[Tensor]:
    """A scan inside the body, applied anew: now its derivative may be wanted."""
    p = node.params
    split = p["num_consts"] + p["num_carry"]
    parts = (given[: p["num_consts"]], given[p["num_consts"] : split], given[split:])
    return apply_scan(p["body"], *parts, p["length"], p["reverse"])


def _split(nodes: Sequence[Node], seeds: set[Value]) -> tuple[list[Node], list[Node]]:
    """Nodes that depend on no seed, and those that do."""
    reached = set(seeds)
    before: list[Node] = []
    after: list[Node] = []
    for node in nodes:
        if any(v in reached for v in node.inputs):
            reached.update(node.outputs)
            after.append(node)
        else:
            before.append(node)
    return before, after


def _used(nodes: Sequence[Node], results: Any, among: set[Value]) -> list[Value]:
    """The values of `among` that nodes or results need, in order of use."""
    wanted = [v for node in nodes for v in node.inputs] + list(results)
    return list(dict.fromkeys(v for v in wanted if v in among))


# -- sums over all steps, taken after the loop -----------------------------------------


def _defer(value: Value, makers: dict[Value, Node]) -> _Constant:
    """How the sum over steps of a value is computed from stacked operands."""
    node = makers.get(value)
    rule = _DEFERRED.get(node.primitive.name) if node else None
    if node is None or rule is None:
        return _Constant([value], lambda at: sum_primitive(at[value], axis=(0,)))
    return rule(node, makers)


def _defer_dot(
    node: Node, makers: dict[Value, Node], exchanged: bool = False
) -> _Constant:
    """A product of stacked operands; `exchanged` makes its transpose."""
    a, b = node.inputs
    (left, right), batch = node.params["contract"], node.params["batch"]
    if batch != ((), ()):
        value = node.outputs[0]
        return _Constant([value], lambda at: sum_primitive(at[value], axis=(0,)))
    if exchanged:
        a, b, left, right = b, a, right, left
    # Steps become one more contracted axis: one large product instead of many small.
    contract = (
        (0, *(i + 1 for i in left)),
        (0, *(i + 1 for i in right)),
    )
    (x, x_at), (y, y_at) = (_before_transpose(v, makers) for v in (a, b))
    return _Constant(
        [x, y],
        lambda at: dot_general(x_at(at), y_at(at), contract=contract, batch=batch),
    )


def _before_transpose(
    value: Value, makers: dict[Value, Node]
) -> tuple[Value, Callable[[dict[Value, Tensor]], Tensor]]:
    """What to stack for a value, and how to have the value stacked then: a transpose
    that others read untransposed is stacked once."""
    node = makers.get(value)
    if node is None or node.primitive.name != "transpose":
        return value, lambda at: at[value]
    (source,) = node.inputs
    axes = (0, *(i + 1 for i in node.params["axes"]))
    return source, lambda at: transpose(at[source], axes)


def _defer_transpose(node: Node, makers: dict[Value, Node]) -> _Constant:
    axes, dot = node.params["axes"], makers.get(node.inputs[0])
    if dot is not None and dot.primitive.name == "dot_general":
        a, _ = dot.inputs
        first = len(a.shape) - len(dot.params["contract"][0])
        around = (*range(first, len(axes)), *range(first))
        if axes == around and dot.params["batch"] == ((), ()):
            return _defer_dot(dot, makers, exchanged=True)
    return _defer_move(transpose)(node, makers)


def _defer_sum(node: Node, makers: dict[Value, Node]) -> _Constant:
    (x,) = node.inputs
    axis = (0, *(i + 1 for i in node.params["axis"]))
    return _Constant([x], lambda at: sum_primitive(at[x], axis=axis))


def _defer_add(node: Node, makers: dict[Value, Node]) -> _Constant:
    a, b = (_defer(v, makers) for v in node.inputs)
    return _Constant([*a.stacked, *b.stacked], lambda at: a.finish(at) + b.finish(at))


def _defer_move(move: Callable[..., Tensor]) -> Callable[..., _Constant]:
    def rule(node: Node, makers: dict[Value, Node]) -> _Constant:
        inner = _defer(node.inputs[0], makers)
        return _Constant(
            inner.stacked, lambda at: move(inner.finish(at), **node.params)
        )

    return rule


_DEFERRED: dict[str, Callable[[Node, dict[Value, Node]], _Constant]] = {
    "dot_general": _defer_dot,
    "sum": _defer_sum,
    "add": _defer_add,
    "transpose": _defer_transpose,
    "reshape": _defer_move(reshape),
}
