"""The code of a whole step: phases, blocks, kernels, updates.

`Generator` walks the graph in order. Elementwise operations and movement become lazy
values; what must be kept is stored; everything else is a kernel from `kernels/`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wubu.core.graph import Node, Value
from wubu.executors.native import kernels
from wubu.executors.native.code import ir
from wubu.executors.native.code.elementwise import RULES, rule_of
from wubu.executors.native.code.emitter import Index, Register
from wubu.executors.native.generation.storage import Storage
from wubu.executors.native.generation.updates import Updates
from wubu.executors.native.kernels import moves
from wubu.executors.native.kernels.checks import exponents_positive
from wubu.executors.native.kernels.making import refuse, refuse_half_floats
from wubu.executors.native.kernels.wide_gradients import (
    WideGradient,
    store_gradient,
)
from wubu.executors.native.kernels.winograd import transform_kernels
from wubu.executors.native.planning.lazy import Expression, Known, Lazy, Pending, View
from wubu.executors.native.planning.mixing import all_nodes, is_spread
from wubu.executors.native.planning.places import Rows, Spread, table
from wubu.executors.native.planning.plan import Plan
from wubu.executors.native.planning.together import Together

# A fused value that is read more than once is kept if it costs so many operations.
_KEEP = 4
# Values computed in more steps than this are stored on the way.
_DEEP = 60


class Generator(Storage):
    """Emits the program of a plan."""

    def __init__(self, plan: Plan, registers: int, clocks: bool = False) -> None:
        refuse_half_floats(plan.graph)
        super().__init__(plan, clocks)
        self.registers = registers
        self.pending: dict[Value, Callable[[Value, Lazy], None]] = {}
        self.together: Together | None = None  # in the body of a loop
        self._kept = _kept_if_costly(plan)
        self._everywhere: dict[Value, Lazy] = {}
        self._apart = False  # whether threads have read memory since they met

    def step(self, number: ir.Value) -> None:
        self._load_arrays(number)
        self._bring_in()
        self.clear_sums()
        last = max(self.plan.phases.values(), default=0)
        for phase in range(last + 1):
            with self.journal.grouped("phase"):
                self._emit_phase(phase)
        with self.journal.grouped("updates"):
            self.end_if_wrong()
            if self._apart:  # others may still read what is written now
                self.barrier()
            Updates(self).emit()
            self.publish_interrupt()
            self.barrier()

    def _emit_phase(self, phase: int) -> None:
        self.values.update(self._everywhere)
        self._stored_gradients(phase)
        collective = []
        for node in self._work(phase, False):
            if node.outputs[0] in self.plan.collective:
                self._collective(node)
                collective.append(node)
            else:
                self._shared(node)
        if collective:
            self.barrier()
        work = self._work(phase, True)
        transform_kernels(self, [n for n in work if n.outputs[0] in self.plan.filters])
        if work or collective:
            self._phase(work, collective)
            self.barrier()
            self._apart = False

    def _work(self, phase: int, by_block: bool) -> list[Node]:
        """The nodes of a phase: before the blocks of samples, or in them."""
        found = (phase, by_block)
        return [n for n in self.graph.nodes if self.plan.work_phase(n) == found]

    def _bring_in(self) -> None:
        """Lazy values for inputs, variables and constants."""
        graph = self.graph
        for i, value in enumerate(graph.inputs):
            self._bring(value, ("input", i))
        for i, (slot, value) in enumerate(graph.reads):
            self._bring(value, ("read", i))
            view = self.values[value]
            if isinstance(view, View):
                view.slot = slot
        for value, array in graph.constants.items():
            if array.size == 1:
                number = self.e.number(array.item(), array.dtype)
                self.values[value] = Known(value.shape, value.dtype, number)
            else:
                self._bring(value, ("constant", value))

    def bring_constant(self, value: Value, array: np.ndarray) -> None:
        """A constant of a loop's body, which is part of the code."""
        if array.size == 1:
            number = self.e.number(array.item(), array.dtype)
            self.values[value] = Known(value.shape, value.dtype, number)
            return
        self._pointers["body", value] = table(self.e, array)
        self._bring(value, ("body", value))

    def _bring(self, value: Value, slot: Any) -> None:
        shape = self.plan.shape(value)

        def pointer() -> ir.Value:
            return self.pointer(slot)

        if self.plan.is_batched(value):
            rows = Rows(self, pointer, value, self.plan.axes[value])
            # What a phase has stored of one block is of no use in the next.
            self.values[value] = self._everywhere[value] = rows
            return
        view = View(pointer, shape, value.dtype, lanes=False)
        if int(np.prod(shape)) == 1:
            register = view.at(self.e, (0,) * len(shape))
            self.values[value] = Known(shape, value.dtype, register)
        else:
            self.values[value] = view

    # -- a phase ------------------------------------------------------------------

    def _phase(self, nodes: list[Node], before: list[Node]) -> None:
        """The work on blocks, after what all samples have gone through together."""
        # What a thread keeps for one block is not there in the next phase.
        batched = self.plan.is_batched
        self.padded = {k: v for k, v in self.padded.items() if not batched(k)}
        self.turned.clear()
        with self.own_blocks():
            for node in before:
                self._bring_out(node)
            for node in nodes:
                self.position = self.plan.order[id(node)]
                self._batched(node)
                self._bring_out(node)
                self.release()

    def _collective(self, node: Node) -> None:
        """A wide product, or what is computed in its registers."""
        self.position = self.plan.order[id(node)]
        self._batched(node)
        self.release()

    def _stored_gradients(self, phase: int) -> None:
        """Wide gradients that something else than an update reads."""
        stored = [v for v in self.plan.wide.stored if self.plan.phases[v] == phase]
        for value in stored:
            gradient = self.values[value]
            assert isinstance(gradient, WideGradient)
            with self.journal.making("wide gradient", value):
                store_gradient(self, gradient)
        if stored:
            self.barrier()

    def body(
        self, nodes: Sequence[Node], results: list[tuple[Value, View]], step: Index
    ) -> None:
        """The nodes of a loop's body, where the loop is. Each result gets its place."""
        outside = self.position, self.homes, self.together, self.round
        self.round = step
        self.homes = {v: place for v, place in results if self.plan.is_batched(v)}
        self.together = Together(self)
        with self.journal.grouped("steps", self.journal.current.node):
            for node in nodes:
                self.position = self.plan.order[id(node)]
                if self.plan.is_batched(node.outputs[0]):
                    self._join(node)
                    self._batched(node)
                else:
                    self._shared(node)
                self.release()
            self.together.flush()
            for value, place in results:
                if self.values[value] is not place:
                    with self.journal.storing(value):
                        self.fill(place, self.values[value])
        self.position, self.homes, self.together, self.round = outside

    def _join(self, node: Node) -> None:
        """Stores what waits, if the node reads any of it in memory."""
        assert self.together is not None
        name, found = node.primitive.name, [self.values[v] for v in node.inputs]
        plain = name in RULES and not any(v in self.pending for v in node.outputs)
        apart = name in moves.RULES and isinstance(found[0], View | Known)
        ready = all(self.together.is_ready(x) for x in found)
        if not (ready and (plain or apart or name == "concatenate")):
            self.together.flush()

    def _batched(self, node: Node) -> None:
        name, value = node.primitive.name, node.outputs[0]
        if name in RULES:
            self.values[value] = self._expression(node)
            self._settle(value)
        elif name in moves.RULES:
            with self.journal.kernel(node):
                self.values[value] = moves.RULES[name](self, node)
            self._keep_if_crossing(value)
        elif name in kernels.RULES:
            with self.journal.kernel(node):
                kernels.RULES[name](self, node)
            for made in node.outputs:
                if self.plan.is_batched(made):
                    self._keep_if_crossing(made)
        else:
            raise refuse(node, "it is not covered yet")
        if value in self.plan.everywhere:
            self._everywhere[value] = self.values[value]

    def _expression(self, node: Node) -> Lazy:
        rule, cost = rule_of(node.primitive.name, node.params)
        rule = self.journal.computing(node, rule)
        if node.primitive.name == "pow":
            exponents_positive(self, node)
        value = node.outputs[0]
        operands = [self.values[v] for v in node.inputs]
        shape = self.plan.shape(value)
        return Expression(rule, operands, shape, value.dtype, cost, self.memo)

    def _settle(self, value: Value) -> None:
        """Decides whether an elementwise value is kept or computed where it is read."""
        if value in self.pending:
            last, finish = self.values[value], self.pending.pop(value)
            finish(value, last)
            return
        found = self.values[value]
        if value in self.plan.everywhere:
            return
        costly = self.plan.uses[value] > 1 and found.cost >= _KEEP
        kept = value in self.plan.crossing or value in self.homes
        if costly or kept or found.depth > _DEEP:
            if self.together is None:
                self.view_of(value)
            else:
                self.together.keep(value)

    def _keep_if_crossing(self, value: Value) -> None:
        if value in self.plan.crossing:
            self.view_of(value)

    def produce(self, value: Value, kernel: Callable[[Callable], None]) -> None:
        """Makes a value with a kernel, `kernel(store)`, where `store(place, register)`
        takes each element. Elementwise operations on it alone are computed there too.
        """
        end = self.plan.ends.get(value)
        if end is None or not self.plan.is_batched(value):
            view = self.new_view(value)
            kernel(lambda place, register: view.put(self.e, place, register))
            return
        source = Pending(self.plan.shape(value), value.dtype, self.memo)
        self.values[value] = source
        part = self.journal.current

        def finish(end: Value, last: Lazy) -> None:
            def store(place: Any, register: Register) -> None:
                with self.memo:
                    self.memo.say(source, place, register)
                    view.put(self.e, place, last.at(self.e, place))

            with self.journal.again(part):
                part.values = (end,)
                view = self.new_view(end)
                kernel(store)

        self.pending[end] = finish

    # -- shared values ------------------------------------------------------------

    def _shared(self, node: Node) -> None:
        name, value = node.primitive.name, node.outputs[0]
        plan = self.plan
        if is_spread(node, plan.axes):
            axes = {v: a for v, a in plan.axes.items() if v is not value}
            self.plan = plan._replace(axes=axes)
        if name in RULES:
            self.values[value] = self._expression(node)
            found = self.values[value]
            costly = value in self._kept and found.cost >= _KEEP
            if costly or found.depth > _DEEP:
                self.store(value, found)
                self._apart = True
        elif name in moves.RULES:
            with self.journal.kernel(node):
                self.values[value] = moves.RULES[name](self, node)
        elif name in kernels.RULES:
            self.dividing = value in plan.divided
            with self.journal.kernel(node):
                kernels.RULES[name](self, node)
            self._apart = True
            if self.dividing:
                self.dividing = False
                self.barrier()
        else:
            raise refuse(node, "it is not covered yet")
        if self.plan is not plan:
            self.plan = plan
            source = self.values[value]
            self.values[value] = Spread(self, source, plan.axes[value])
            return
        for value in node.outputs:
            found = self.values[value]
            if int(np.prod(value.shape)) == 1 and not isinstance(found, Known):
                with self.memo:
                    register = found.at(self.e, (0,) * len(value.shape))
                self.values[value] = Known(value.shape, value.dtype, register)

    # -- results ------------------------------------------------------------------

    def _bring_out(self, node: Node) -> None:
        """Writes outputs that differ from sample to sample."""
        for i, value in enumerate(self.graph.outputs):
            if value in node.outputs and self.plan.is_batched(value):
                rows = Rows(
                    self,
                    lambda i=i: self.pointer(("output", i)),
                    value,
                    self.plan.axes[value],
                )
                source = self.values[value]
                with (
                    self.journal.making("result", value),
                    self.e.nest(source.shape, "out") as place,
                    self.memo,
                ):
                    rows.put(self.e, place, source.at(self.e, place))


def _kept_if_costly(plan: Plan) -> set[Value]:
    """Shared values that are read more than once, and not only where elements are
    computed anyway. Those wait for the loop in which variables are updated."""
    nodes = list(all_nodes(plan.graph))
    readers = Counter(v for n in nodes for v in n.inputs)
    return {
        v
        for node in nodes
        if node.primitive.name not in RULES
        for v in node.inputs
        if readers[v] > 1
    }
