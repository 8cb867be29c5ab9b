"""`Primitive`: an operation that executors know, and how one is applied.

A definition is one screen and holds everything about the operation but the code that
executors emit for it: its name, what it accepts, its shape rule, its NumPy evaluation,
its derivative, and samples for the generic tests. Applying it to tensors computes (when
their values are known) or records (in a trace); either way the result has a history.

Read next: `autodiff.py`, and `wubu/ops/` for the definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wubu.core.dtypes import is_float
from wubu.core.history import History, Output, Shape
from wubu.core.location import caller, current_scope, operation_location
from wubu.core.memory import raise_not_enough
from wubu.core.modes import active_trace, is_debugging_nans, is_grad_enabled
from wubu.core.not_finite import check_results
from wubu.core.samples import Sample
from wubu.core.tensor import Tensor, as_tensor, handle
from wubu.errors import TraceError, WubuError

Spec = tuple[Shape, np.dtype]
Rule = Callable[..., "Tensor | None"]

_registry: dict[str, Primitive] = {}


class Primitive:
    """An operation on tensors. Calling it is the public way to use it.

    Args:
        name: as executors and printed graphs call it.
        prepare: `(*arguments, **params) -> (tensors, params)`: turns what a caller may
            write (numbers, mixed dtypes, shapes that broadcast) into what the rules
            below take (tensors that fit exactly).
        shape: `(*tensors, **params) -> (shape, dtype)`, or a list of these for a
            primitive with `many_outputs`. Raises ShapeError when they do not fit.
        evaluate: the same operation on NumPy arrays. May return a view.
        vjp: how a gradient flows back, one rule for each input: `(g, y, *inputs,
            **params) -> gradient of that input`, where `g` is the gradient of the
            output `y`. None where nothing flows. Written with Wubu's own operations,
            so that gradients can be traced and differentiated again.
        vjp_all: for a primitive with any number of inputs: one rule `(needed, g, y,
            *inputs, **params)` that returns a list; `needed[i]` tells whether input i
            wants a gradient.
        samples: inputs for the generic tests.
        fold: whether a trace may compute it when all inputs are known. Not where that
            makes much out of little.
        doc: the public docstring.
    """

    def __init__(
        self,
        name: str,
        *,
        shape: Callable[..., Any],
        evaluate: Callable[..., Any],
        prepare: Callable[..., tuple[Sequence[Tensor], dict]] | None = None,
        vjp: Sequence[Rule | None] | None = None,
        vjp_all: Callable[..., Sequence[Tensor | None]] | None = None,
        samples: Sequence[Sample] = (),
        many_outputs: bool = False,
        fold: bool = True,
        doc: str = "",
    ) -> None:
        self.name = self.__name__ = name
        self.shape = shape
        self.evaluate = evaluate
        self.prepare = prepare or _as_tensors
        self.vjp = vjp
        self.vjp_all = vjp_all
        self.samples = tuple(samples)
        self.many_outputs = many_outputs
        self.fold = fold
        self.differentiable = bool(vjp or vjp_all)
        self.__doc__ = doc

    def __call__(self, *arguments: Any, **params: Any) -> Any:
        try:
            tensors, params = self.prepare(*arguments, **params)
            return apply(self, tuple(tensors), params)
        except WubuError as error:
            if error.where is None:
                error.where = caller()
            raise
        except MemoryError as error:
            raise_not_enough(self.name, error, arguments, caller())

    def __repr__(self) -> str:
        return f"<primitive {self.name}>"

    def specs(self, tensors: Sequence[Any], params: dict) -> list[Spec]:
        """The shape and dtype of every output."""
        found = self.shape(*tensors, **params)
        return found if self.many_outputs else [found]

    def pull(
        self,
        needed: Sequence[bool],
        g: Any,
        y: Any,
        inputs: Sequence[Tensor],
        params: dict,
    ) -> Sequence[Tensor | None]:
        """The gradients of the inputs that need one, None for the others."""
        if self.vjp_all is not None:
            return self.vjp_all(needed, g, y, *inputs, **params)
        return [
            rule(g, y, *inputs, **params) if need and rule else None
            for need, rule in zip(needed, self.vjp or (), strict=True)
        ]


def primitive(name: str, **parts: Any) -> Primitive:
    """Defines a primitive and registers it under its name; see `Primitive`."""
    if name in _registry:
        raise ValueError(f"primitive {name} is defined twice")
    _registry[name] = Primitive(name, **parts)
    return _registry[name]


def primitives() -> dict[str, Primitive]:
    """Every primitive by name."""
    return dict(_registry)


def get_primitive(name: str) -> Primitive:
    return _registry[name]


def apply(
    primitive: Primitive, inputs: tuple[Tensor, ...], params: dict[str, Any]
) -> Any:
    """Applies a primitive to tensors that fit it: computes, or records in a trace."""
    trace = active_trace()
    if trace is not None:
        inputs = trace.lift(inputs)
    specs = primitive.specs(inputs, params)
    arrays = [tensor._array for tensor in inputs]
    known = not any([array is None for array in arrays])
    if not known and trace is None:
        raise leaked(next(t for t in inputs if t._array is None))
    if not known or (trace is not None and not primitive.fold):
        outputs = [Output(shape, dtype, None, [0], 0) for shape, dtype in specs]
    else:
        trace = None
        with np.errstate(all="ignore"):
            results = primitive.evaluate(*arrays, **params)
        if not primitive.many_outputs:
            results = (results,)
        if is_debugging_nans():
            check_results(primitive.name, arrays, results, caller())
        outputs = [
            _output(spec, array, inputs)
            for spec, array in zip(specs, results, strict=True)
        ]
    follow = (
        primitive.differentiable
        and is_grad_enabled()
        and any([tensor._requires_grad for tensor in inputs])
    )
    tensors = _handles(primitive, inputs, params, outputs, trace, follow)
    return tensors if primitive.many_outputs else tensors[0]


def _handles(
    primitive: Primitive,
    inputs: tuple[Tensor, ...],
    params: dict[str, Any],
    outputs: list[Output],
    trace: Any,
    follow: bool,
) -> list[Tensor]:
    """The tensors a caller gets. Without a need for history they have none."""
    # A history whose handles all ignore it would only keep memory alive.
    location = operation_location() if follow or trace is not None else None
    scope = current_scope().path
    history = History(primitive, inputs, params, outputs, location, scope, trace)
    tensors = [
        handle(history, i, follow and is_float(output.dtype))
        for i, output in enumerate(outputs)
    ]
    if trace is not None:
        trace.created(tensors)
    elif not follow:
        for tensor in tensors:
            tensor._history = None
    return tensors


def _output(spec: Spec, array: np.ndarray, inputs: tuple[Tensor, ...]) -> Output:
    """An evaluated output; views share the version counter of what they view."""
    shape, dtype = spec
    array = np.asarray(array)
    version = [0]
    for tensor in inputs:
        source = tensor._array
        assert source is not None
        if array is source or (
            array.base is not None
            and (array.base is source or array.base is source.base)
        ):
            version = tensor._version
    return Output(shape, dtype, array, version, version[0])


def leaked(tensor: Tensor) -> TraceError:
    """The error for a traced tensor that is used after its trace has ended."""
    history = tensor._history
    return TraceError(
        "a tensor was kept from inside a jit-compiled function; it has no value",
        where=history.location if history else None,
        expected="results that the function returns",
        got=f"a traced tensor of shape {tensor.shape}, kept in a Python object",
        fix="return it from the function, or keep it with wubu.Variable.assign()",
    )


def _as_tensors(*arguments: Any, **params: Any) -> tuple[list[Tensor], dict]:
    return [as_tensor(argument) for argument in arguments], params
