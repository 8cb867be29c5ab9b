"""`jit`: traces a function once, gives the graph to an executor, runs the program.

Nothing above this file knows which executor runs; `executors.py` chooses it.
"""

from __future__ import annotations

import functools
import types
import warnings
import weakref
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wubu.core import tree
from wubu.core.arguments import as_argument, as_tensors, each, look_at
from wubu.core.executors import EXECUTORS, chosen, compile_graph
from wubu.core.graph import Graph
from wubu.core.location import caller
from wubu.core.modes import active_trace, is_grad_enabled
from wubu.core.origin import Origin, origin
from wubu.core.programs import Compiled, Programs
from wubu.core.recording import name_of, trace_call
from wubu.core.settings import settings
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError, UnknownNameError, WubuError

MAX_PROGRAMS = 64


class Jit:
    """A compiled function; what `jit` returns."""

    def __init__(
        self, function: Callable[..., Any], executor: str | None, max_programs: int
    ) -> None:
        functools.update_wrapper(self, function)
        self.__name__ = name_of(function)
        self._function = function
        self._executor = executor
        self._programs = Programs(max_programs)
        self._bound: dict[int, _Bound] = {}

    def __get__(self, instance: Any, owner: type | None = None) -> Jit:
        """A method is compiled once for each object."""
        if instance is None:
            return self
        bound = self._bound.get(id(instance))
        if bound is None or bound.instance() is not instance:
            bound = self._bound[id(instance)] = self._bind(instance)
        method = bound.method()
        if method is None:
            method = Jit.__new__(Jit)
            method.__dict__.update(self.__dict__, _programs=bound.programs, _bound={})
            method._function = types.MethodType(self._function, instance)
            method.__wrapped__ = method._function  # type: ignore[attr-defined]
            bound.method = weakref.ref(method)
        return method

    def _bind(self, instance: Any) -> _Bound:
        key = id(instance)

        def forget(gone: Any) -> None:
            # Another object may live at the same address by now.
            if key in self._bound and self._bound[key].instance is gone:
                del self._bound[key]

        try:
            return _Bound(weakref.ref(instance, forget), Programs(self._limit))
        except TypeError:
            raise ArgumentError(
                f"{self.__name__} cannot be compiled as a method of this object: "
                "nothing can be remembered for it",
                where=caller(),
                expected="an object that can be weakly referenced",
                got=f"a {type(instance).__name__}, a class with __slots__",
                fix='add "__weakref__" to its __slots__ (weakref_slot=True in a '
                "dataclass)",
            ) from None

    @property
    def _limit(self) -> int:
        return self._programs.limit

    def __reduce__(self) -> Any:
        # Programs are not copied: the copy compiles its own.
        return Jit, (self._function, self._executor, self._limit)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if active_trace() is not None:  # inside another trace this is just a function
            return self._function(*args, **kwargs)
        leaves, structure = tree.flatten_call(args, kwargs)
        if is_grad_enabled() and _any_requires_grad(leaves):
            # Part of a derivative that is taken outside: computed there, eagerly.
            return self._function(*args, **kwargs)
        compiled, arrays = self._prepare(leaves, structure)
        return compiled.finish(compiled.program.run(arrays))

    def run_steps(
        self, *args: Any, interrupt: np.ndarray | None = None, **kwargs: Any
    ) -> tuple[Any, int]:
        """Calls the function many times without returning to Python in between.

        Arguments wrapped in `each` have the steps as their first axis: every step gets
        its own slice of them. The others are the same for every step.

        Args:
            interrupt: an int32 array with one element. The loop stops after the step
                during which it becomes nonzero.

        Returns:
            The results of the last step, and how many steps ran.

        Example:
            >>> import wubu
            >>> total = wubu.Variable(0.0)
            >>> @wubu.jit
            ... def add(x):
            ...     return total.assign_add(x).value
            >>> add.run_steps(wubu.each([1.0, 2.0, 3.0]))
            (Tensor(6., shape=(), dtype=float32), 3)
        """
        leaves, structure = tree.flatten((args, kwargs))
        first, series, num_steps = _series(leaves, least=1)
        flag = np.zeros(1, np.int32) if interrupt is None else interrupt
        done = 0
        while True:
            compiled, arrays = self._prepare(first, structure)
            # One that leaves other variables behind than it found runs once: the first
            # step may leave gradients which the second one adds to.
            stop = num_steps if compiled.recorded.repeats() else done + 1
            part = {place: array[done:stop] for place, array in series.items()}
            arrays = [
                part[i][0] if i in part else array for i, array in enumerate(arrays)
            ]
            try:
                found, ran = compiled.program.run_steps(arrays, part, flag)
            except WubuError as error:
                error.steps_done += done
                raise
            results = compiled.finish(found)
            done += ran
            if done == num_steps or flag[0]:
                return results, done

    def trace(self, *args: Any, **kwargs: Any) -> Graph:
        """The graph that a call with these arguments runs, without running it."""
        leaves, structure = tree.flatten((args, kwargs))
        return self._prepare(leaves, structure)[0].recorded.graph

    def origin(self, *args: Any, **kwargs: Any) -> Origin | None:
        """Why a call with these arguments fails in a `check_finite`: the operation that
        makes the first number that is not finite. None if it does not fail. Variables
        keep their values."""
        leaves, structure = tree.flatten((args, kwargs))
        compiled, arrays = self._prepare(leaves, structure)
        return origin(compiled.recorded.graph, arrays)

    def program(self, *args: Any, **kwargs: Any) -> Any:
        """The program that a call with these arguments runs, to look inside: `text()`
        is what it does as pseudo-code, `llvm()` and `assembly()` are its code.

        Raises:
            ExecutorError: from `text()` and the like, where the executor has none.

        Example:
            >>> import wubu
            >>> double = wubu.jit(lambda x: 2 * x, executor="native")
            >>> "phase 1" in double.program(wubu.ones(3)).text()
            True
        """
        leaves, structure = tree.flatten((args, kwargs))
        return self._prepare(leaves, structure)[0].program

    def profile(self, *args: Any, steps: int | None = None, **kwargs: Any) -> Any:
        """Where the time of a call with these arguments goes, kernel by kernel. It is
        called many times; variables keep their values.

        Args:
            args, kwargs: as for a call, or as for `run_steps` with `each`.
            steps: how many calls in a round; by default as many as take some time.

        Returns:
            A profile: print it, or look at its `records`.

        Raises:
            ExecutorError: the executor does not measure.

        Example:
            >>> import wubu
            >>> square = wubu.jit(lambda x: x @ x, executor="native")
            >>> found = square.profile(wubu.ones((64, 64)), steps=10)
            >>> [kernel.form for kernel in found.kernels if kernel.operation]
            ['contract']
        """
        leaves, structure = tree.flatten((args, kwargs))
        first, series, _ = _series(leaves, least=0)
        compiled, arrays = self._prepare(first, structure)
        return compiled.program.profile(arrays, series, steps)

    @property
    def num_programs(self) -> int:
        """How many signatures have been compiled and are kept."""
        return len(self._programs)

    def _prepare(
        self, leaves: Sequence[Any], structure: Any
    ) -> tuple[Compiled, list[np.ndarray]]:
        """The program for these arguments, and their arrays."""
        arrays, signature = look_at(leaves)
        state = chosen(self._executor), is_grad_enabled(), settings()
        compiled = self._programs.find((structure, signature, state))
        if compiled is None:
            return self._compile(leaves, structure, state)
        return compiled, arrays

    def _compile(
        self, leaves: Sequence[Any], structure: Any, state: tuple[Any, ...]
    ) -> tuple[Compiled, list[np.ndarray]]:
        """The same, if there is no program for them; but perhaps there is one after
        they have been converted."""
        arguments = [as_argument(leaf) for leaf in leaves]
        arrays, signature = look_at(arguments)
        key = structure, signature, state
        compiled = self._programs.find(key)
        if compiled is None:
            recorded = trace_call(self._function, as_tensors(arguments), structure)
            compiled = Compiled(recorded, compile_graph(recorded.graph, *state[0]))
            warning = self._programs.add(key, compiled, self.__name__)
            if warning:
                warnings.warn(warning, stacklevel=4)
        return compiled, arrays


class _Bound:
    """What a compiled method keeps for one object, without keeping the object."""

    def __init__(self, instance: weakref.ref[Any], programs: Programs) -> None:
        self.instance = instance
        self.programs = programs
        self.method: Callable[[], Jit | None] = lambda: None


def jit(
    function: Callable[..., Any] | None = None,
    *,
    executor: str | None = None,
    max_programs: int = MAX_PROGRAMS,
) -> Any:
    """Compiles a function of tensors; it may read and assign variables.

    The function is traced at the first call with arguments of new shapes and dtypes, or
    with new Python values, and compiled by the executor. Arrays and tensors (also in
    nested lists, tuples and dictionaries) are inputs of the program; Python numbers,
    strings and None are part of what is compiled.

    Everything else is looked at once, while tracing: attributes of objects, tensors and
    arrays from outside, and numbers of `np.random` become constants of the program.
    When such a tensor is changed in place the function is traced anew; other changes go
    unseen. What changes from call to call belongs into an argument or a `Variable`, and
    random numbers come from `wubu.random`.

    On a method it compiles once for each object, for as long as the object lives.

    Args:
        function: may use operations, derivatives, variables; no branch on values and no
            side effect but assigning variables.
        executor: the executor's name; by default the one of `set_executor`, and else
            "native", or "numpy" for what "native" cannot run.
        max_programs: how many signatures are kept before the oldest is forgotten.

    Raises:
        TraceError: the function branches on a value, keeps a traced tensor, or changes
            Python objects outside; says what to use instead.
        ArgumentError: `function` cannot be called, or `max_programs` is below 1.
        ExecutorError: the executor that was named cannot run the function.

    Example:
        >>> import wubu
        >>> @wubu.jit
        ... def area(radius):
        ...     return 3.14159 * radius**2
        >>> area(wubu.tensor([1.0, 2.0]))
        Tensor([ 3.14159 12.56636], shape=(2,), dtype=float32)
    """
    if function is None:
        return functools.partial(jit, executor=executor, max_programs=max_programs)
    _check_function("jit", function)
    if executor is not None and executor not in EXECUTORS:
        raise UnknownNameError("executor", executor, EXECUTORS)
    return Jit(function, executor, max_programs)


def trace(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Graph:
    """The graph of a function for arguments like these; nothing is computed.

    Example:
        >>> import wubu
        >>> trace(lambda x: x.sum(), wubu.ones((2, 3)))
        <graph <lambda>: 1 inputs, 1 nodes, 1 outputs, 0 updates>
    """
    function = function._function if isinstance(function, Jit) else function
    _check_function("trace", function)
    leaves, structure = tree.flatten((args, kwargs))
    tensors = as_tensors([as_argument(leaf) for leaf in leaves])
    return trace_call(function, tensors, structure).graph


def _check_function(name: str, function: Any) -> None:
    if not callable(function):
        raise ArgumentError(
            f"{name} compiles functions",
            where=caller(),
            expected="a function",
            got=f"{function!r:.60}, a {type(function).__name__}",
        )


def _places(leaves: Sequence[Any]) -> dict[int, int]:
    """Which program input each leaf that is an array becomes."""
    dynamic = [
        i
        for i, leaf in enumerate(leaves)
        if isinstance(leaf, Tensor | np.ndarray | np.generic | each)
    ]
    return {leaf: place for place, leaf in enumerate(dynamic)}


def _series(
    leaves: Sequence[Any], least: int
) -> tuple[list[Any], dict[int, np.ndarray], int]:
    """The arguments of the first step; by place, a row for each step of inputs that
    differ from step to step; and how many steps."""
    stepped = [i for i, leaf in enumerate(leaves) if isinstance(leaf, each)]
    counts = {leaves[i].value.shape[0] for i in stepped}
    if len(counts) > 1 or 0 in counts or len(counts) < least:
        raise ArgumentError(
            "run_steps needs arguments wrapped in each(), all for as many steps",
            where=caller(),
            expected="one number of steps, at least 1",
            got=sorted(counts),
        )
    rows = {i: leaves[i].value.detach().numpy() for i in stepped}
    first = [Tensor(rows[i][0]) if i in rows else leaf for i, leaf in enumerate(leaves)]
    places = _places(leaves)
    series = {places[i]: array for i, array in rows.items()}
    return first, series, max(counts, default=0)


def _any_requires_grad(leaves: Sequence[Any]) -> bool:
    for leaf in leaves:  # noqa: SIM110 - half the time of `any`, in every call
        if isinstance(leaf, Tensor) and leaf._requires_grad:
            return True
    return False
