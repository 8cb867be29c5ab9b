"""What a call of a layer passes on to the layers inside it.

The outermost call opens a context: whether the network is training. Masks travel with
the tensors themselves: `core/masks.py`; losses stay with the layers that add them:
`added_losses.py`.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from wubu.core import tree
from wubu.core.tensor import Tensor


class RecordedCall:
    """A layer that was called, and the shapes that went in and came out."""

    def __init__(self, layer: Any, depth: int, inputs: list[Any]) -> None:
        self.layer = layer
        self.depth = depth
        self.inputs = inputs
        self.outputs: list[Any] = []


class CallContext:
    """The state of one outermost call.

    Attributes:
        training: whether the network is training; None if nobody has said so.
        calls: a list to write every call into, in order of their beginning; None to
            write nothing down.
    """

    def __init__(self, training: bool | None) -> None:
        self.training = training
        self.calls: list[RecordedCall] | None = None
        self._depth = 0

    def is_training(self, usual: Any = False) -> bool:
        """What a layer is told; where nobody has said it, the default of its `call`."""
        return self.training if self.training is not None else usual is True

    @contextlib.contextmanager
    def recorded(self, layer: Any, args: Any) -> Iterator[RecordedCall]:
        """Writes a call down, if calls are; its outputs are added by the caller."""
        call = RecordedCall(layer, self._depth, [])
        if self.calls is not None:
            call.inputs = _shapes(args)
            self.calls.append(call)
        self._depth += 1
        try:
            yield call
        finally:
            self._depth -= 1


def _shapes(structure: Any) -> list[Any]:
    leaves = tree.flatten(structure)[0]
    return [leaf.shape for leaf in leaves if isinstance(leaf, Tensor)]


_context: ContextVar[CallContext | None] = ContextVar("call_context", default=None)


def current_context() -> CallContext | None:
    """The context of the outermost layer that is being called now."""
    return _context.get()


@contextlib.contextmanager
def call_context(training: bool | None) -> Iterator[CallContext]:
    """The context for a call: the running one, or a new one for an outermost call.

    An explicit `training` holds for this call and everything inside it.
    """
    outer = _context.get()
    if outer is None:
        said = None if training is None else bool(training)
        token = _context.set(CallContext(said))
        try:
            yield _context.get()  # type: ignore[misc]
        finally:
            _context.reset(token)
        return
    before = outer.training
    outer.training = before if training is None else bool(training)
    try:
        yield outer
    finally:
        outer.training = before
