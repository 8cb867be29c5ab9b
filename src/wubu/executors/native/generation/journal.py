"""What the generator decides, noted down while it emits code.

A `Part` is code that belongs together: a phase, the loop over blocks, a kernel, the
update of some variables, waiting for other threads. Parts are what `schedule.py` tells
as text. On request (`clocks`) every part is timed: where code of one part ends and that
of another begins, the CPU's counter is read, and what has passed since it was read last
is added to the part that ends. So every moment counts for exactly one part. Without
clocks the journal emits nothing.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from wubu.core.graph import Node, Value
from wubu.executors.native.code.indices import INDEX
from wubu.executors.native.generation.memory import Arena
from wubu.executors.native.machine.clock import STOPWATCH, add_time, read_clock

if TYPE_CHECKING:
    from wubu.executors.native.generation.skeleton import Skeleton

# What kind of code an operation becomes, if it has a loop of its own.
_FORMS = {
    "dot_general": "contract",
    "conv": "contract",
    "conv_input": "contract",
    "conv_kernel": "outer",
    "sum": "reduce",
    "max": "reduce",
    "argmax": "reduce",
    "cumsum": "reduce",
    "max_pool": "window",
    "max_unpool": "window",
    "max_pick": "window",
    "sum_pool": "window",
    "sum_unpool": "window",
    "concatenate": "join",
    "pad": "join",
    "gather": "check",  # of indices; elements are gathered where they are read
    "scatter_add": "scatter",
    "random_bits": "random",
    "scan": "scan",
    "check_finite": "check",
}


class Part:
    """Code that belongs together.

    Attributes:
        form: what kind of code it is: "phase", "blocks", "contract", "map" ...
        node: the operation it is for, if it is for one.
        values: what it makes, as far as that has a name.
        tile: how many sums it keeps in registers, if any.
        computes: other operations that are computed in its loops, where they are read.
        memory: bytes it takes in each kind of memory.
        inner: parts inside; only of groups.
        clock: where in private memory its clock is.
    """

    def __init__(self, form: str, node: Node | None, values: tuple[Value, ...]) -> None:
        self.form = form
        self.node = node
        self.values = values
        self.tile = ""
        self.computes: dict[int, Node] = {}
        self.memory: Counter[str] = Counter()
        self.inner: list[Part] = []
        self.clock = 0
        self.group: Part | None = None
        self.busy = False  # whether it has code of its own

    def walk(self) -> Iterator[Part]:
        """This part and all inside, in order."""
        yield self
        for part in self.inner:
            yield from part.walk()

    def __repr__(self) -> str:
        return f"<{self.form} {self.values}>"


class Journal:
    """The parts of a program, in order.

    Args:
        skeleton: what emits the program.
        clocks: whether parts are timed.
    """

    def __init__(self, skeleton: Skeleton, clocks: bool) -> None:
        self._g = skeleton
        self._clocks = clocks
        self._last: Any = None  # where the last reading is
        self._mark: tuple[Any, int] = (None, 0)  # where code since then begins
        self._makers: dict[Value, Node] | None = None
        self.step = self.current = Part("step", None, ())

    def arena(self, kind: str) -> Arena:
        """A kind of memory; what is taken of it is noted."""

        def taken(size: int) -> None:
            self.current.memory[kind] += size

        return Arena(taken)

    @contextlib.contextmanager
    def program(self) -> Iterator[None]:
        """Around the code of a whole call."""
        if self._clocks:
            self.step.clock = self._new_clock()
            self._last = self._g.e.variable(INDEX, "clock")
            self._g.e.builder.store(read_clock(self._g.e), self._last)
        self._mark_here()
        yield
        self._turn(self.step)

    @contextlib.contextmanager
    def part(
        self, form: str, node: Node | None = None, values: tuple[Value, ...] = ()
    ) -> Iterator[Part]:
        """Code of a kernel or the like. It is left out if nothing is emitted."""
        made = Part(form, node, values or (node.outputs if node else ()))
        outer = self.current
        made.group = outer if _is_group(outer) else outer.group
        if self._clocks:
            made.clock = self._new_clock()
        with self.again(made):
            yield made

    def kernel(self, node: Node) -> contextlib.AbstractContextManager[Part]:
        """Code of an operation with loops of its own."""
        form = self._form(node)
        return self.part(form, node, node.inputs[1:] if form == "turn" else ())

    def making(
        self, form: str, value: Value
    ) -> contextlib.AbstractContextManager[Part]:
        """Other code for a value."""
        return self.part(form, self.maker(value), (value,))

    def storing(self, *values: Value | None) -> contextlib.AbstractContextManager[Part]:
        """A loop that stores values which are computed, or only moved, there."""
        made = tuple(v for v in values if v is not None)
        node = self.maker(made[0]) if made else None
        if made and node is None:
            form = "load"  # what the caller gave
        else:
            gathers = node is not None and node.primitive.name == "gather"
            form = "gather" if gathers else "map"
        return self.part(form, node, made)

    @contextlib.contextmanager
    def grouped(self, form: str, node: Node | None = None) -> Iterator[Part]:
        """Code of many parts."""
        with self.part(form, node) as made:
            assert made.group is not None
            made.group.inner.append(made)
            yield made
        if not (made.inner or made.busy):
            made.group.inner.remove(made)

    @contextlib.contextmanager
    def again(self, part: Part) -> Iterator[None]:
        """More code of a part that was there before."""
        outer = self.current
        self._turn(outer)
        self.current = part
        with self._place_of(part):
            self._mark_here()
            yield
            self._turn(part, ends=True)
        self._mark_here()
        self.current = outer
        group = part.group
        if part.busy and group is not None and part not in group.inner:
            group.inner.append(part)

    def _place_of(self, part: Part) -> contextlib.AbstractContextManager[Any]:
        """Where its code goes: into a function, if it is not better left in place."""
        if _is_group(part) or part.form in _IN_PLACE:
            return contextlib.nullcontext()
        return self._g.e.outlined(part.form.replace(" ", "_"))

    def maker(self, value: Value) -> Node | None:
        """The operation that makes a value."""
        if self._makers is None:
            self._makers = makers(self._g.graph)
        return self._makers.get(value)

    def _form(self, node: Node) -> str:
        plan, y = self._g.plan, node.outputs[0]
        if y in plan.wide.gradients:
            return "turn"  # summed up where variables are updated
        if y in plan.wide.products:
            return "wide product"
        if y in plan.filters:
            return "winograd"
        batched = [v in plan.axes for v in node.inputs]
        if node.primitive.name == "dot_general" and all(batched) and y not in plan.axes:
            return "outer"
        return _FORMS.get(node.primitive.name, "map")

    def tile(self, tile: Any) -> None:
        """The sums that the part keeps in registers."""
        self.current.tile = str(tile)

    def computing(self, node: Node, rule: Callable[..., Any]) -> Callable[..., Any]:
        """The rule of an elementwise operation; who emits it is noted."""

        def noted(*args: Any) -> Any:
            self.current.computes[id(node)] = node
            return rule(*args)

        return noted

    # -- clocks -------------------------------------------------------------------

    def _new_clock(self) -> int:
        offset = self._g.private.take(STOPWATCH)
        self.current.memory["private"] -= STOPWATCH  # is not there without clocks
        return offset

    def _mark_here(self) -> None:
        block = self._g.e.builder.block
        self._mark = (block, block.effects)

    def _turn(self, ending: Part, ends: bool = False) -> None:
        """Code of another part follows: what has passed counts for the one that ends,
        if it has any code here."""
        block, effects = self._mark
        loops = self._g.e.builder.block is not block
        if loops or block.effects > effects:
            ending.busy = True
            if self._clocks:
                stopwatch = self._g.place("private", ending.clock)()
                add_time(self._g.e, self._last, stopwatch, call=int(ends))
        self._mark_here()


# Code that does not become a function: it takes few instructions, sees to that itself,
# or computes what is read behind it.
_IN_PLACE = ("wait", "numbers", "update", "scan")
_GROUPS = ("step", "phase", "blocks", "steps", "updates")


def _is_group(part: Part) -> bool:
    return part.form in _GROUPS


def makers(graph: Any) -> dict[Value, Node]:
    """The operation that makes each value, in loops too."""
    found: dict[Value, Node] = {}
    for node in graph.nodes:
        found.update((v, node) for v in node.outputs)
        if node.primitive.name == "scan":
            found.update(makers(node.params["body"]))
    return found
