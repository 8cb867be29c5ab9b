"""`Trace`: records operations instead of computing them.

While a trace is active, tensors that depend on its inputs have no values, only shapes
and dtypes, and a history that becomes a `Graph` (`graph.py`). The trace also keeps the
books of the variables a function reads and assigns. Read next: `jit.py`.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wubu.core.dtypes import is_float
from wubu.core.history import History, Output, Shape
from wubu.core.location import Location, caller, current_scope
from wubu.core.modes import active_trace
from wubu.core.primitive import get_primitive, leaked
from wubu.core.tensor import FREE, Tensor, handle
from wubu.core.variable import Variable
from wubu.core.writes import Footprint, moment
from wubu.errors import TraceError


class VariableUse:
    """What a trace knows of one variable: its value and gradient, before and now."""

    __slots__ = (
        "grad_now",
        "grad_then",
        "grad_touched",
        "had_grad",
        "has_grad",
        "now",
        "then",
        "trainable",
        "variable",
    )

    def __init__(self, variable: Variable) -> None:
        self.variable = variable
        self.trainable = variable.trainable
        self.then: Tensor | None = None
        self.now: Tensor | None = None
        self.had_grad = self.has_grad = variable._grad is not None
        self.grad_touched = False
        self.grad_then: Tensor | None = None
        self.grad_now: Tensor | None = None

    @property
    def clears_grad(self) -> bool:
        """Whether a gradient from before the call is gone after it."""
        return self.had_grad and not self.has_grad

    @property
    def repeats(self) -> bool:
        """Whether after a call the variable is in the state it was traced in."""
        return self.had_grad == self.has_grad

    def release(self) -> None:
        """Lets go of the traced tensors."""
        self.then = self.now = self.grad_then = self.grad_now = None


class Trace:
    """A recording in progress.

    Args:
        captures: whether tensors from outside that carry derivatives, and variables,
            become extra inputs (the body of a `scan`) instead of constants and reads.
        follows: whether its graph will be differentiated, so that it has to hold where
            `detach` and `no_grad` end a derivative.
    """

    def __init__(self, *, captures: bool = False, follows: bool = False) -> None:
        self.parent = active_trace()
        self.captures = captures
        self.follows = follows
        self.inputs: list[Tensor] = []
        self.captured: dict[Any, tuple[Tensor, Tensor]] = {}
        self.assigned: dict[Any, tuple[Variable, Tensor]] = {}
        self.uses: dict[int, VariableUse] = {}
        self.closed = False
        self.began = moment()
        self.constants: dict[Any, Footprint] = {}
        self.flags: list[tuple[Any, str, Any]] = []
        self._at_close: list[Callable[[], None]] = []
        self._handles: list[weakref.ref[Tensor]] = []
        self._open: list[History] = []  # of inputs that are differentiated

    # -- inputs -------------------------------------------------------------------

    def input(self, shape: Shape, dtype: np.dtype, requires_grad: bool = False) -> Any:
        """A new input of the traced function."""
        tensor = self._placeholder(shape, dtype, requires_grad)
        self.inputs.append(tensor)
        return tensor

    def _placeholder(
        self, shape: Shape, dtype: np.dtype, requires_grad: bool
    ) -> Tensor:
        output = Output(shape, dtype, None, [0], 0)
        scope = current_scope().path
        history = History(None, (), {}, [output], None, scope, self)
        if self.follows and requires_grad:
            self._open.append(history)
        tensor = handle(history, 0, requires_grad)
        self.created([tensor])
        return tensor

    def lift(self, tensors: Sequence[Tensor]) -> tuple[Tensor, ...]:
        """The tensors as this trace sees them."""
        return tuple([self._lift(tensor) for tensor in tensors])

    def _lift(self, tensor: Tensor) -> Tensor:
        if isinstance(tensor, Variable):
            if not self.captures:
                return self.read(tensor)
            outer = self._outer(tensor)
            found = self.assigned.get(_captured_as(outer))
            return self._stopped(found[1]) if found else self._capture(outer)
        if tensor._array is not None:
            self.looked_at(tensor._array)
            outside = (
                self.captures and tensor.requires_grad and tensor._owner is not self
            )
            return self._capture(tensor) if outside else tensor
        assert tensor._history is not None
        owner = tensor._history.trace
        if owner is self:
            return self._stopped(tensor)
        if owner is None or owner.closed or not self.captures:
            raise leaked(tensor)
        outer = tensor if self.parent is owner else self.parent._lift(tensor)  # type: ignore[union-attr]
        return self._capture(outer)

    def _outer(self, variable: Variable) -> Tensor:
        """A variable as the trace around this one sees it."""
        return variable if self.parent is None else self.parent._lift(variable)

    def _stopped(self, tensor: Tensor) -> Tensor:
        """The tensor; behind a mark in the graph, where it was computed from what is
        differentiated, and is not differentiated itself."""
        history = tensor._history
        if not self.follows or tensor.requires_grad or not is_float(tensor.dtype):
            return tensor
        assert history is not None
        if history.primitive is None:
            flows = any(history is one for one in self._open)
        else:
            flows = history.primitive.differentiable
            flows = flows and any(t.requires_grad for t in history.inputs)
        if not flows:
            return tensor
        return get_primitive("stop_gradient")(handle(history, tensor._index, True))

    def _capture(self, outer: Tensor) -> Tensor:
        key = _captured_as(outer)
        if key not in self.captured:
            inner = self._placeholder(outer.shape, outer.dtype, outer.requires_grad)
            self.captured[key] = (outer, inner)
        return self.captured[key][1]

    # -- variables ----------------------------------------------------------------

    def _use(self, variable: Variable) -> VariableUse:
        if id(variable) not in self.uses:
            self.uses[id(variable)] = VariableUse(variable)
        return self.uses[id(variable)]

    def read(self, variable: Variable) -> Tensor:
        """The value of the variable at this point of the traced function."""
        if self.captures:
            return self._lift(variable)
        use = self._use(variable)
        if use.now is None:
            use.then = self._placeholder(
                variable.shape, variable.dtype, variable.requires_grad
            )
            use.then._owner = variable
            use.now = use.then
        return use.now

    def assign(self, variable: Variable, value: Tensor) -> None:
        (value,) = self.lift((value.astype(variable.dtype),))
        if self.captures:
            outer = self._outer(variable)
            self._capture(outer)
            self.assigned[_captured_as(outer)] = (variable, value.detach())
            return
        handle = value.detach()
        handle._owner = variable
        handle._requires_grad = variable.requires_grad
        self._use(variable).now = handle

    def read_grad(self, variable: Variable) -> Tensor | None:
        use = self._use(variable)
        if use.had_grad and not use.grad_touched:
            use.grad_then = self._placeholder(variable.shape, variable.dtype, False)
            use.grad_now = use.grad_then
        use.grad_touched = True
        return use.grad_now

    def assign_grad(self, variable: Variable, value: Tensor | None) -> None:
        if self.captures:
            raise TraceError(
                f'the gradient of "{variable.path}" is set inside the body of a scan',
                fix="call backward() outside, on the results of the scan",
            )
        use = self._use(variable)
        use.grad_touched = True
        use.grad_now = value
        use.has_grad = value is not None

    # -- the end ------------------------------------------------------------------

    def created(self, tensors: Sequence[Tensor]) -> None:
        self._handles += [weakref.ref(tensor) for tensor in tensors]

    def survivors(self) -> list[Tensor]:
        """Traced tensors that somebody outside still holds."""
        found = [reference() for reference in self._handles]
        return [tensor for tensor in found if tensor is not None]

    def depends_on(self, owner: Any, name: str) -> None:
        """Notes that Python code looked at a plain attribute: a program only fits while
        it has the same value."""
        self.flags.append((owner, name, getattr(owner, name)))
        if self.parent is not None:
            self.parent.depends_on(owner, name)

    def looked_at(self, array: np.ndarray) -> None:
        """Notes that a value known while tracing became a constant: a program only
        fits while it is not changed."""
        outermost = self
        while outermost.parent is not None:
            outermost = outermost.parent
        footprint = Footprint.of(array)
        key = (id(footprint.owner()), footprint.bounds)
        outermost.constants[key] = footprint

    def at_close(self, action: Callable[[], None]) -> None:
        """Has something done when the trace ends: letting go of its tensors. What was
        asked for last is done first."""
        self._at_close.append(action)

    def close(self) -> None:
        """Ends the trace: its tensors must not be used any more."""
        self.closed = True
        for action in reversed(self._at_close):
            action()
        self._at_close = []
        self.inputs, self.captured, self.uses = [], {}, {}
        self.assigned, self._open = {}, []


def identity(tensor: Tensor) -> Any:
    """A key under which interchangeable handles on one value are equal."""
    if tensor._history is None or tensor.is_leaf:
        return id(tensor)
    return (id(tensor._history), tensor._index)


def _captured_as(outer: Tensor) -> Any:
    """As `identity`, but a detached handle is another input than one that is not."""
    return identity(outer), outer.requires_grad


def from_outside(leaf: Tensor) -> TraceError:
    """The error for a gradient that a body would add to what it was given."""
    return TraceError(
        "backward() inside the body of a scan reached a tensor from outside it",
        where=caller(),
        got=f"a tensor of shape {leaf.shape}",
        fix="start from x.detach().requires_grad_(), and detach what else is used; or "
        "take the gradient with wubu.grad",
    )


def free_leaf(tensor: Tensor) -> Tensor:
    """The same value as a leaf of its own, to differentiate with respect to."""
    twin = tensor.detach().requires_grad_()
    # Known to belong to the trace in which it is made, even if its value is known.
    twin._owner = active_trace() or FREE
    return twin


def location_of(tensor: Tensor) -> Location | None:
    """The line that computed a tensor, if it has a history."""
    return tensor._history.location if tensor._history else None
