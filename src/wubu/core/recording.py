"""Traces one call of a function: its graph, and how results are put together again.

`jit.py` decides when that is needed; `trace.py` keeps the books meanwhile.
"""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from wubu.core import tree
from wubu.core.autodiff import plain_leaves
from wubu.core.graph import Graph, Slot, build_graph
from wubu.core.modes import is_grad_enabled, tracing
from wubu.core.side_effects import Watch, check_bytecode, check_survivors
from wubu.core.tensor import Tensor, new_tensor
from wubu.core.trace import Trace, VariableUse
from wubu.core.variable import Variable
from wubu.core.writes import Unchanged
from wubu.errors import TraceError


class Recorded(NamedTuple):
    """What tracing a call found out.

    Attributes:
        graph: what it computes.
        assemble: puts the graph's outputs into the structure the function returned.
        uses: the variables it used, and the state they were in.
        cleared: variables whose gradient is gone after a run.
        flags: (owner, attribute, value) that the Python code looked at.
        unchanged: whether the values that became constants are what they were.
    """

    graph: Graph
    assemble: Callable[[Sequence[np.ndarray]], Any]
    uses: tuple[VariableUse, ...]
    cleared: tuple[Variable, ...]
    flags: tuple[tuple[weakref.ref[Any], str, Any], ...]
    unchanged: Unchanged

    def fits(self) -> bool:
        """Whether everything outside is in the state it was traced in."""
        if not self.unchanged:
            return False
        # Loops, and no calls of functions: every call of a program comes here.
        for use in self.uses:
            variable = use.variable
            if variable._requires_grad != use.trainable:
                return False
            if use.grad_touched and (variable._grad is not None) != use.had_grad:
                return False
        for owner, name, value in self.flags:
            if getattr(owner(), name, None) != value:
                return False
        return True

    def repeats(self) -> bool:
        """Whether the variables still fit after a run, so that another may follow."""
        return all(use.repeats for use in self.uses)


def trace_call(
    function: Callable[..., Any], leaves: Sequence[Any], structure: Any
) -> Recorded:
    """Traces a call.

    Raises:
        TraceError: the function does what cannot be compiled.
    """
    check_bytecode(function)
    static = [leaf for leaf in leaves if not isinstance(leaf, Tensor)]
    watch = Watch(function, static)
    record = Trace()
    outside: list[weakref.ref[Tensor]] = []
    found = _record(record, function, leaves, structure, outside)
    watch.check()
    check_survivors(record, function)
    _check_outside(outside)
    return found


def _record(
    record: Trace,
    function: Callable[..., Any],
    leaves: Sequence[Any],
    structure: Any,
    outside: list[weakref.ref[Tensor]],
) -> Recorded:
    # A function of its own: when it returns, it holds no traced tensor any more.
    try:
        with tracing(record):
            arguments = [
                record.input(leaf.shape, leaf.dtype, leaf.requires_grad)
                if isinstance(leaf, Tensor)
                else leaf
                for leaf in leaves
            ]
            args, kwargs = tree.unflatten(structure, arguments)
            names = _input_names(function, args, kwargs)
            results, shape = tree.flatten(function(*args, **kwargs))
            results = [_as_result(record, result) for result in results]
        for result in results:
            if isinstance(result, Tensor) and is_grad_enabled():
                outside += [weakref.ref(t) for t in plain_leaves(result)]
        uses = tuple(record.uses.values())
        traced = [r for r in results if isinstance(r, Tensor) and r.is_traced]
        name = name_of(function)
        inputs = list(zip(record.inputs, names, strict=True))
        graph = build_graph(name, inputs, traced, *_slots(uses))
        cleared = tuple(use.variable for use in uses if use.clears_grad)
        for use in uses:
            use.release()
        fixed = [_Hole if any(r is t for t in traced) else r for r in results]
        assemble = _assembly(shape, fixed)
        # Weakly: programs of a method are kept for as long as its object lives.
        flags = tuple((weakref.ref(o), name, value) for o, name, value in record.flags)
        unchanged = Unchanged(record.constants.values(), record.began)
        return Recorded(graph, assemble, uses, cleared, flags, unchanged)
    finally:
        record.close()


def _input_names(
    function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]
) -> list[str]:
    """A name for each input: its parameter's, with a number where it holds several."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        parameters = ()  # type: ignore[assignment]
    positional = [p.name for p in parameters if p.kind != p.VAR_POSITIONAL]
    positional += [f"input_{i}" for i in range(len(positional), len(args))]
    names: list[str] = []
    for name, part in [*zip(positional, args, strict=False), *kwargs.items()]:
        held = [t for t in tree.flatten(part)[0] if isinstance(t, Tensor)]
        several = len(held) > 1
        names += [f"{name}_{i}" if several else name for i in range(len(held))]
    return names


def _check_outside(leaves: Sequence[weakref.ref[Tensor]]) -> None:
    """Refuses results that would lose a derivative: with respect to tensors that
    somebody outside the function holds."""
    for reference in leaves:
        tensor = reference()
        if tensor is not None:
            raise TraceError(
                "a compiled function uses a tensor from outside that requires a "
                "gradient; the value would be frozen and the derivative lost",
                expected="arguments, wubu.Variable, or constants",
                got=f"a tensor of shape {tensor.shape} with requires_grad=True",
                fix="pass it as an argument, make it a wubu.Variable, or use detach()",
            )


def name_of(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", type(function).__name__)


class _Hole:
    """Stands where a result of the program goes."""


def _assembly(
    structure: Any, fixed: Sequence[Any]
) -> Callable[[Sequence[np.ndarray]], Any]:
    """Puts a program's outputs into a structure, among what is fixed."""
    if structure == tree.LEAF and fixed[0] is _Hole:
        return _alone  # as most functions have it: in every call a third of the time
    return functools.partial(_assemble, structure, fixed)


def _alone(arrays: Sequence[np.ndarray]) -> Tensor:
    """The only output."""
    (array,) = arrays
    return new_tensor(array, array.shape, array.dtype, False)


def _assemble(
    structure: Any, fixed: Sequence[Any], arrays: Sequence[np.ndarray]
) -> Any:
    found = iter(arrays)
    leaves = []
    for leaf in fixed:
        if leaf is _Hole:
            array = next(found)
            leaves.append(new_tensor(array, array.shape, array.dtype, False))
        else:
            leaves.append(_copied(leaf))
    return tree.unflatten(structure, leaves)


def _copied(leaf: Any) -> Any:
    """Constants among the results belong to the caller, like all results."""
    return Tensor(leaf.detach().numpy().copy()) if isinstance(leaf, Tensor) else leaf


def _as_result(record: Trace, result: Any) -> Any:
    """What the function returned, as the trace sees it; Python values pass through."""
    if isinstance(result, np.ndarray | np.generic):
        return Tensor(result)
    return record.lift([result])[0] if isinstance(result, Tensor) else result


def _slots(
    uses: Sequence[VariableUse],
) -> tuple[list[tuple[Slot, Tensor]], list[tuple[Slot, Tensor]]]:
    """What the program reads from variables at its start, and replaces at its end."""
    reads: list[tuple[Slot, Tensor]] = []
    updates: list[tuple[Slot, Tensor]] = []
    for use in uses:
        states = (
            ("value", use.then, use.now),
            ("gradient", use.grad_then, use.grad_now),
        )
        for kind, then, now in states:
            slot = Slot(use.variable, kind)
            if then is not None:
                reads.append((slot, then))
            if now is not None and now is not then:
                updates.append((slot, now))
    return reads, updates
