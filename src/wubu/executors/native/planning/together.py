"""Stores that wait for each other, so that one loop makes many values.

In the body of a loop values of one shape are often kept that are computed from each
other: the gates of a recurrent layer. Each would take a loop of its own, and load what
the loop before has stored. Here they wait until somebody needs one of them in memory.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, NamedTuple

from wubu.core.graph import Value
from wubu.executors.native.planning.lazy import Expression, Lazy, View

if TYPE_CHECKING:
    from wubu.executors.native.generation.storage import Storage


class _Store(NamedTuple):
    view: View
    source: Lazy
    value: Value | None  # what is in memory afterwards


class Together:
    """The stores that wait, in order. Whoever reads memory calls `flush` first."""

    def __init__(self, storage: Storage) -> None:
        self._g = storage
        self._stores: list[_Store] = []
        self._unwritten: set[int] = set()  # views that cannot be read yet, by id

    def keep(self, value: Value) -> None:
        """Stores a lazy value; until then it is computed where it is read."""
        if any(store.value is value for store in self._stores):
            return
        source = self._g.values[value]
        view = self._g.new_view(value)
        view.kept_for = value
        self._g.values[value] = source
        self._stores.append(_Store(view, source, value))

    def put(self, whole: View, view: View, source: Lazy) -> None:
        """Stores a lazy value in a part of a place."""
        self._stores.append(_Store(view, source, None))
        self._unwritten.add(id(whole))

    def is_ready(self, source: Lazy) -> bool:
        """Whether the value may be read already, at the place where it is stored."""
        return id(source) not in self._unwritten

    def flush(self) -> None:
        """Emits one loop for stores of one shape that follow each other. Functions of
        functions have a later loop: in one, instructions would wait for each other."""
        g = self._g
        stores = sorted(self._stores, key=lambda store: store.source.chain)
        self._stores = []
        self._unwritten.clear()
        for (_, shape), group in itertools.groupby(stores, key=_kind):
            members = list(group)
            with (
                g.journal.storing(*(store.value for store in members)),
                g.e.nest(shape, "together") as place,
                g.memo,
            ):
                for view, source, _ in members:
                    view.put(g.e, place, source.at(g.e, place))
            for view, source, value in members:
                if isinstance(source, Expression) and value is not None:
                    source.kept = view
                if value is not None:
                    g.values[value] = view


def _kind(store: _Store) -> tuple[int, tuple[int, ...]]:
    return max(1, store.source.chain), store.source.shape
