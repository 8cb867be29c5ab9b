"""A program as readable pseudo-code: what runs, in which order, where values are kept.

It is told from the journal of the generator, so it is what the machine code does.
Values have the letters they have in `graph.text()`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from wubu.core.draw.wording import Names, clean
from wubu.core.graph import Graph, Node, Value
from wubu.executors.native.generation.accounts import Account, accounts, user_line
from wubu.executors.native.generation.journal import Part
from wubu.executors.native.kernels.moves import RULES as MOVES
from wubu.executors.native.looking.profile import counted
from wubu.executors.native.planning.lost import lost_lanes

if TYPE_CHECKING:
    from wubu.executors.native.generation.generate import Generator

_WIDE = 80  # columns of a terminal
_CODE = 50  # for code; then come memory, line and layer, or they have a line below
_FORM = 16

_LEGEND = """\
Each line is one loop: what kind, its tile of sums in registers, what it
computes. Only the last value of a line is stored; those before it live in
registers. Comments tell bytes taken, the user's line, the layer.
scratch  memory of a thread, used again from value to value
fixed    the same, with zeros around values that windows read
private  what a thread adds up over its samples, or knows of all
common   what all threads read
"""


def text(generator: Generator, graph: Graph) -> str:
    """The pseudo-code of an emitted program.

    Args:
        generator: after it has emitted the program.
        graph: as it was traced; gives values their names.
    """
    teller = _Teller(generator, graph)
    return "\n".join([*teller.head(), "", *teller.lines(generator.journal.step, 0)])


class _Teller:
    def __init__(self, generator: Generator, graph: Graph) -> None:
        self._g = generator
        self._names = Names(graph)
        self._slots = {value: self._names.slot(slot) for slot, value in graph.updates}
        told = accounts(generator.journal, generator.graph)
        self._accounts = {id(account.part): account for account in told}
        self._phase = 0
        self._lost = lost_lanes(graph)

    def head(self) -> list[str]:
        g, plan = self._g, self._g.plan
        arenas = {
            "scratch": g.scratch,
            "fixed": g.fixed,
            "private": g.private,
            "common": g.common,
        }
        sizes = [f"{_size(a.size)} {name}" for name, a in arenas.items() if a.size]
        blocks = f"{counted(plan.blocks, 'block')} of {plan.lanes}"
        batch = f"{counted(plan.batch, 'sample')} in {blocks}; "
        samples = batch if plan.axes else ""
        threads = counted(plan.threads, "thread")
        parts = f"sums over samples in {plan.partials} parts"
        return [
            f"program {clean(plan.graph.name)}: {samples}{threads}",
            *([parts] if plan.partials != plan.threads else []),
            *self._without_lanes(),
            f"memory: {', '.join(sizes) or 'none'}",
            "",
            *_LEGEND.splitlines(),
        ]

    def _without_lanes(self) -> Iterator[str]:
        """What keeps samples out of the lanes, if anything does."""
        if self._lost is not None:
            node, why, _ = self._lost
            text = f"samples are not apart: {node.primitive.name} {why}"
            where = "  ".join(filter(None, [user_line(node), clean(node.scope)]))
            yield from textwrap.wrap(text, _WIDE)
            if where:
                yield from textwrap.wrap(f"  # {where}", _WIDE)

    def lines(self, part: Part, depth: int) -> Iterator[str]:
        """A part, and what is in it."""
        account = self._accounts[id(part)]
        head = self._group(part)
        if head is None:
            yield from self._kernel(account, depth)
            return
        if head:
            yield "  " * depth + head + ":"
            depth += 1
        numbers = self._in_order(account.nodes)
        if numbers:
            found = ", ".join(self._made(node) for node in numbers)
            yield from self._wrapped("numbers", found, "", depth)
        for inner in part.inner:
            yield from self.lines(inner, depth)
        if part.form == "phase":
            yield ""

    def _group(self, part: Part) -> str | None:
        """What stands before the parts inside; None if it is no group."""
        plan = self._g.plan
        if part.form == "step":
            return ""
        if part.form == "phase":
            self._phase += 1
            return f"phase {self._phase}"
        if part.form == "blocks":
            whose = "its" if plan.threads > 1 else "the"
            return f"for each of {whose} blocks of {plan.lanes} samples"
        if part.form == "steps":
            assert part.node is not None
            return f"for each of {part.node.params['length']} steps"
        return "updates" if part.form == "updates" else None

    def _kernel(self, account: Account, depth: int) -> Iterator[str]:
        part, node = account.part, account.part.node
        form = f"{account.form} {part.tile}".strip()
        plain = {"wait": "wait for all threads", "clear": "set sums to zero"}
        if part.form in plain:
            yield "  " * depth + plain[part.form]
            return
        if any(value in self._slots for value in part.values):
            code = self._update(account)
        else:
            code = self._computed(account)
        near = node or next((n for n in account.nodes if user_line(n)), None)
        yield from self._wrapped(form, code, self._comment(part, near), depth)

    def _update(self, account: Account) -> str:
        """Variables, and how many operations lead to them."""
        made = [self._slots[v] for v in account.part.values if v in self._slots]
        count = len(_told(account.nodes))
        return ", ".join(made) + (f" by {count} operations" if count else "")

    def _computed(self, account: Account) -> str:
        part, node = account.part, account.part.node
        found = []
        for n in self._in_order(account.nodes):
            operands = [self._name(v) for v in n.inputs] if n is node else []
            found.append(f"{self._made(n)} = {n.primitive.name} {', '.join(operands)}")
        if not found:
            names = ", ".join(self._name(v) for v in part.values)
            return f"{names}: {node.primitive.name}" if node is not None else names
        return ", ".join(text.rstrip() for text in found)

    def _in_order(self, nodes: list[Node]) -> list[Node]:
        order = self._g.plan.order
        return sorted(_told(nodes), key=lambda node: order[id(node)])

    def _comment(self, part: Part, node: Node | None) -> str:
        memory = [f"{_size(n)} {kind}" for kind, n in part.memory.items() if n > 0]
        if node is None:
            return ", ".join(memory)
        where = [user_line(node), clean(node.scope)]
        return "  ".join(filter(None, [", ".join(memory), *where]))

    def _wrapped(self, form: str, code: str, comment: str, depth: int) -> Iterator[str]:
        """Lines of code, the comment behind the first or, if it is long, below."""
        indent = "  " * depth
        beside = _CODE + len(f"  # {comment}") <= _WIDE
        start = len(indent) + _FORM
        width = (_CODE if beside and comment else _WIDE) - start
        rows = textwrap.wrap(code, max(width, 24), break_long_words=False) or [""]
        for i, row in enumerate(rows):
            line = f"{indent}{form if i == 0 else '':{_FORM}}{row}"
            if i == 0 and comment and beside:
                line = f"{line:{_CODE}}  # {comment}"
            yield line.rstrip()
        if comment and not beside:
            for row in textwrap.wrap(comment, _WIDE - start - 2):
                yield f"{'':{start}}# {row}"

    def _made(self, node: Node) -> str:
        return ", ".join(self._name(v) for v in node.outputs)

    def _name(self, value: Value) -> str:
        """As in the graph; copies made by the plan are called as what they copy."""
        while True:
            try:
                return self._names[value]
            except KeyError:
                maker = self._g.journal.maker(value)
                assert maker is not None, "a value nobody knows"
                value = maker.inputs[0]


def _told(nodes: Iterable[Node]) -> list[Node]:
    """Without what only moves numbers, but for what is picked from data."""
    return [n for n in nodes if n.primitive.name not in MOVES or _picks(n)]


def _picks(node: Node) -> bool:
    return node.primitive.name in ("gather", "check_finite")


def _size(size: int) -> str:
    """Bytes, for people."""
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:,.0f} KB" if size < 1 << 20 else f"{size / (1 << 20):,.1f} MB"
