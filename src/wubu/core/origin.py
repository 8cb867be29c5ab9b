"""Where numbers that are not finite come from: `origin` walks a graph in which a
`check_finite` fails, and then back from there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from wubu.core.graph import Graph, Node, Value
from wubu.core.not_finite import FIX, fix_for, has_infinity, has_nan, made
from wubu.errors import NotFiniteError

_FIND = "find the operation: with wubu.debug_nans(): model.fit(...)"


class Origin(NamedTuple):
    """Where a number that is not finite came from.

    Attributes:
        what: what made it, out of what.
        where: the layer and the user's line, or the weight.
        fix: what may help.
    """

    what: str
    where: str | None
    fix: str


def origin(graph: Graph, inputs: Sequence[np.ndarray]) -> Origin | None:
    """Why a `check_finite` of this graph fails; None if nothing is found. Variables are
    read, and keep their values.

    With fewer products a convolution makes NaN of more than the windows that an
    infinite number is in. So where none of this walk's checks fails, the first such
    number that a convolution reads is what another executor failed by.
    """
    values = _given_values(graph, inputs)
    failed = _walk(graph, values)
    if failed is None:
        failed = next((v for v in _convolved(graph) if has_infinity(values[v])), None)
    return None if failed is None else _back_from(graph, values, failed)


def check_updates(
    graph: Graph, inputs: Sequence[np.ndarray], updates: Sequence[np.ndarray]
) -> None:
    """Raises a NotFiniteError if a variable that has no infinite number gets one; it
    names the operation that has made it.

    Args:
        inputs: what the graph was run with; variables have their old values still.
        updates: their new ones.
    """
    for (slot, value), array in zip(graph.updates, updates, strict=True):
        if has_infinity(array) and not has_infinity(slot.read()):
            values = _given_values(graph, inputs)
            _walk(graph, values)
            found = _back_from(graph, values, value)
            raise NotFiniteError(
                f"{slot.name} gets numbers that are not finite",
                where=found.where,
                got=found.what,
                fix=found.fix,
            )


def _given_values(
    graph: Graph, inputs: Sequence[np.ndarray]
) -> dict[Value, np.ndarray]:
    """What is known before anything is computed."""
    values: dict[Value, np.ndarray] = dict(zip(graph.inputs, inputs, strict=True))
    values |= {value: slot.read() for slot, value in graph.reads}
    return values | graph.constants


def _walk(graph: Graph, values: dict[Value, np.ndarray]) -> Value | None:
    """Computes values up to a check that fails; returns what it looked at."""
    for node in graph.nodes:
        arrays = [values[value] for value in node.inputs]
        try:
            with np.errstate(all="ignore"):
                found = node.primitive.evaluate(*arrays, **node.params)
        except NotFiniteError:
            return node.inputs[0]
        found = found if node.primitive.many_outputs else (found,)
        values.update(zip(node.outputs, map(np.asarray, found), strict=True))
    return None


def _convolved(graph: Graph) -> Iterator[Value]:
    """What convolutions read, and their derivatives."""
    for node in graph.nodes:
        if node.primitive.name.startswith("conv"):
            yield from node.inputs


def _back_from(graph: Graph, values: dict[Value, np.ndarray], value: Value) -> Origin:
    """Along values that are NaN, or else infinite, to where the first was made."""
    makers = {v: node for node in graph.nodes for v in node.outputs}

    def first(value: Value, bad: Callable[[np.ndarray], bool]) -> Value:
        while value in makers:
            worse = [v for v in makers[value].inputs if bad(values[v])]
            if not worse:
                break
            value = worse[0]
        return value

    found = [first(value, has_nan if has_nan(values[value]) else has_infinity)]
    if found[0] in makers:
        # NaN may be made of infinities; those of a mask are meant, others were made.
        infinite = [v for v in makers[found[0]].inputs if has_infinity(values[v])]
        made_before = [first(v, has_infinity) for v in infinite]
        found = [*[v for v in made_before if v in makers], *found]
    if found[0] not in makers:
        return _given(graph, values, found[0], value)
    return _made_by(makers[found[0]], values, found[0])


def _made_by(node: Node, values: dict[Value, np.ndarray], value: Value) -> Origin:
    name = node.primitive.name
    found = values[value]
    bad = float(found[~np.isfinite(found)][0])
    what = made(name, [values[v] for v in node.inputs], bad)
    return Origin(what, node.where() or None, fix_for(name))


def _given(
    graph: Graph, values: dict[Value, np.ndarray], value: Value, failed: Value
) -> Origin:
    """Of what no operation made."""
    read = {value: slot for slot, value in graph.reads}
    after = None
    if value in read:
        value, after = _last_weight(graph, values, failed) or (value, None)
    found = values[value]
    bad = float(found[~np.isfinite(found)][0])
    if value in read:
        slot = read[value]
        what = f"{slot.name} holds {bad} since an earlier step"
        what += f"; {read[after].name}, which comes next, does not" if after else ""
        return Origin(what, slot.variable.path or None, f"{FIX}; or {_FIND}")
    where = next(n.where() for n in graph.nodes if value in n.inputs)
    kind = "an input" if value in graph.inputs else "a constant"
    return Origin(f"{kind} holds {bad}", where or None, "look at your data")


def _last_weight(
    graph: Graph, values: dict[Value, np.ndarray], failed: Value
) -> tuple[Value, Value | None] | None:
    """Of the weights that are not finite, the one that is read last on the way to what
    failed, and the weight that is read after it. As gradients go the other way, its
    gradient was the first that was not finite."""
    weights = {v for slot, v in graph.reads if slot.variable.trainable}
    needed, after = {failed}, None
    for node in reversed(graph.nodes):
        if needed.isdisjoint(node.outputs):
            continue
        needed.update(node.inputs)
        for value in weights.intersection(node.inputs):
            if not np.isfinite(values[value]).all():
                return value, after
            after = value
    return None
