"""`Contents`: what an owner consists of, found once and known while it stays so.

Finding the layers and weights of a model means looking at every attribute of every
layer, and nobody tells when one is changed (`tracking.py`). So what was found is kept
together with all that was looked at: the attributes of each layer, and the lists and
dictionaries in them. While these hold the same objects in the same places, another look
would find the same; and that they do takes a tenth of the time to see, or less. A cache
that has to be told of changes could be wrong; this one looks. Objects that were taken
out of a model live on until the next look.
"""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from operator import is_
from typing import Any, TypeVar

from wubu.core.modes import active_trace
from wubu.layers.tracking import HOLDERS, NOT_OWNED, PLAIN, Tracked
from wubu.ops.random import SeedGenerator

T = TypeVar("T")

# By these an owner is looked through. One of the user's own may say what it likes.
_WAYS = ("owned", "parts", "children", "sublayers", "weights", "variables")


class Contents:
    """What an owner consists of.

    Attributes:
        layers: the owner and every layer inside it, at any depth.
        found: what else was found out about it, by name.
    """

    def __init__(self, owner: Tracked) -> None:
        self.layers = _with_inner(owner)
        self.found: dict[str, list[Any]] = {}
        self._parts = [part for layer in self.layers for part in layer.parts()]
        self._attributes = [dict(vars(part)) for part in self._parts]
        self._lists: list[list[Any]] = []
        self._dicts: list[dict[Any, Any]] = []
        for attributes in self._attributes:
            self._note(v for n, v in attributes.items() if n not in NOT_OWNED)
        self._names = [*map(list, self._attributes)]
        self._lengths = [*map(len, (*self._dicts, *self._lists))]
        self._objects = [*_objects(self._attributes, self._dicts, self._lists)]
        kinds: set[type] = {type(part) for part in self._parts}
        self._told = all(map(_is_told_by_attributes, kinds))

    def _note(self, values: Iterable[Any]) -> None:
        """Notes the lists and dictionaries among values, and those inside of them."""
        for value in values:
            if type(value) in PLAIN:
                continue
            if isinstance(value, SeedGenerator):
                self._dicts.append(vars(value))  # whose state counts as a variable
            if not isinstance(value, HOLDERS):
                continue
            if isinstance(value, dict):
                self._dicts.append(value)
                self._note(value.values())
            else:
                if isinstance(value, list):  # what a tuple holds stays
                    self._lists.append(value)
                self._note(value)

    def is_current(self) -> bool:
        """Whether everything that was looked at holds the same objects as then."""
        attributes = [*map(vars, self._parts)]
        now = _objects(attributes, self._dicts, self._lists)
        return (
            self._told
            and [*map(list, attributes)] == self._names
            and [*map(len, (*self._dicts, *self._lists))] == self._lengths
            and all(map(is_, now, self._objects))
        )

    def differs(self, before: Contents, but_for: frozenset[str]) -> bool:
        """Whether there are other layers than before, or a public attribute that was
        there is gone or another, but for those of some names."""
        if [*map(id, self._parts)] != [*map(id, before._parts)]:
            return True
        return any(
            not (name in now and _same(now[name], value))
            for now, then in zip(self._attributes, before._attributes, strict=True)
            for name, value in then.items()
            if not name.startswith("_") and name not in but_for
        )


class Known:
    """What a model keeps that is no part of it. An object of its own, which stays in
    its attribute: so keeping something is no change of the model.

    Attributes:
        contents: as they were found last.
        at_last_call, in_call: see `training/changes.py`.
        owner: whose it is. A copy of its attributes is somebody else.
    """

    def __init__(self, owner: Any = None) -> None:
        self.owner = None if owner is None else weakref.ref(owner)
        self.contents: Contents | None = None
        self.at_last_call: Contents | None = None
        self.in_call = False

    def is_of(self, owner: Any) -> bool:
        return self.owner is not None and self.owner() is owner

    def __reduce__(self) -> Any:
        return Known, ()  # copies, and files, know nothing


def known_of(owner: Any) -> Known:
    """What is kept with an owner, in its attribute `_known`."""
    found: Known | None = vars(owner).get("_known")
    if found is None or not found.is_of(owner):
        found = owner._known = Known(owner)
    return found


def contents_of(owner: Any) -> Contents:
    """What an owner consists of now.

    While a function is traced nothing is kept, as no tensor may outlive its trace.
    """
    if active_trace() is not None:
        return Contents(owner)
    known = known_of(owner)
    if known.contents is None or not known.contents.is_current():
        known.contents = Contents(owner)
    return known.contents


def by_contents(find: Callable[[Any], list[T]]) -> Callable[[Any], list[T]]:
    """A method that finds something in what its object consists of, and looks for it
    only once while that is the same."""
    name = find.__name__

    @functools.wraps(find)
    def found(self: Any) -> list[T]:
        if active_trace() is not None:
            return find(self)
        known = contents_of(self).found
        if name not in known:
            known[name] = find(self)
        return list(known[name])

    return found


def _with_inner(owner: Tracked) -> list[Any]:
    """An owner and every layer inside it, each once."""
    found: dict[int, Any] = {}
    stack = [owner]
    while stack:
        layer = stack.pop()
        if id(layer) not in found:
            found[id(layer)] = layer
            stack += layer.sublayers
    return list(found.values())


def _objects(
    attributes: Iterable[Mapping[str, Any]],
    dicts: Iterable[dict[Any, Any]],
    lists: Iterable[list[Any]],
) -> Iterator[Any]:
    """The values of attributes, keys and values of dictionaries, elements of lists."""
    values = [holder.values() for holder in (*attributes, *dicts)]
    return chain.from_iterable((*values, *dicts, *lists))


@functools.cache
def _is_told_by_attributes(kind: type) -> bool:
    """Whether what is found in objects of a class follows from their attributes."""
    classes = [next(c for c in kind.__mro__ if way in vars(c)) for way in _WAYS]
    return all(c.__module__.startswith("wubu.") for c in classes)


def _same(a: Any, b: Any) -> bool:
    plain = isinstance(a, bool | int | float | str) and type(a) is type(b)
    return a is b or (plain and a == b)
