"""Derivatives: the chain rule, walked backwards along a tensor's history.

Each primitive's rule is written with Wubu's own operations, so the very same walk
computes gradients eagerly, records them in a trace, and can be differentiated again.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from wubu.core import tree
from wubu.core.history import History
from wubu.core.location import blame, caller
from wubu.core.modes import active_trace, enable_grad, is_grad_enabled, no_grad
from wubu.core.primitive import get_primitive
from wubu.core.tensor import Tensor, as_tensor, handle, new_tensor
from wubu.core.trace import free_leaf, from_outside, identity, location_of
from wubu.core.variable import Variable
from wubu.core.writes import written_since
from wubu.errors import (
    ArgumentError,
    DerivativeError,
    ShapeError,
    StaleValueError,
    TraceError,
)

Cotangents = dict[Any, Tensor]


def backward(root: Tensor, gradient: Tensor | None = None) -> None:
    """Adds d(root)/d(leaf) to `.grad` of every leaf; see `Tensor.backward`."""
    if not root.requires_grad:
        raise DerivativeError(
            "backward() of a tensor that depends on nothing with requires_grad",
            where=location_of(root) or caller(),
            got=repr(root),
            fix="make the inputs with requires_grad=True, use a trainable Variable, "
            "and stay out of no_grad()",
        )
    seed = _seed(root, gradient)
    with no_grad():
        leaves, found = _walk([root], [seed], wanted=None)
        for key, leaf in leaves.items():
            if key in found:
                _accumulate(leaf, found[key])


def gradients(
    roots: Sequence[Tensor], wanted: Sequence[Tensor], seeds: Sequence[Tensor]
) -> list[Tensor | None]:
    """The gradients of sum(root * seed) for each tensor in `wanted`; None where no root
    depends on it.

    Nothing is added to `.grad`. With grad enabled, the result has a history of its own
    and can be differentiated again.
    """
    pairs = [(r, s) for r, s in zip(roots, seeds, strict=True) if r.requires_grad]
    if not pairs:
        return [None] * len(wanted)
    keys = [identity(tensor) for tensor in wanted]
    _, found = _walk([r for r, _ in pairs], [s for _, s in pairs], wanted=set(keys))
    return [found.get(key) for key in keys]


def grad(
    function: Callable[..., Any], argnums: int | Sequence[int] = 0
) -> Callable[..., Any]:
    """A function that computes the gradient of `function`.

    Args:
        function: returns a tensor with one element.
        argnums: which positional arguments to differentiate: a number, or several. Each
            may be a tensor or a nested structure of tensors.

    Returns:
        A function of the same arguments that returns gradients in the structure of the
        chosen argument, or a tuple of these for several.

    Raises:
        DerivativeError: the result is not one number, or an argument is no float.

    Example:
        >>> import wubu
        >>> cube = lambda x: x * x * x
        >>> wubu.grad(cube)(2.0)
        Tensor(12., shape=(), dtype=float32)
        >>> wubu.grad(wubu.grad(cube))(2.0)
        Tensor(12., shape=(), dtype=float32)
    """
    both = value_and_grad(function, argnums)

    @functools.wraps(function)
    def gradient_of(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient_of


def value_and_grad(
    function: Callable[..., Any],
    argnums: int | Sequence[int] = 0,
    *,
    has_aux: bool = False,
) -> Callable[..., Any]:
    """Like `grad`, but returns `(value, gradient)`.

    With `has_aux` the function returns `(value, extra)`, and `extra` is passed through:
    `((value, extra), gradient)`.

    Example:
        >>> import wubu
        >>> wubu.value_and_grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)[1]
        (Tensor(3., shape=(), dtype=float32), Tensor(2., shape=(), dtype=float32))
    """
    positions = _positions(function, argnums)

    @functools.wraps(function)
    def value_and_gradient_of(*args: Any, **kwargs: Any) -> Any:
        outer = is_grad_enabled()
        if not all(-len(args) <= i < len(args) for i in positions):
            raise ArgumentError(
                "argnums names a positional argument that is not given",
                where=caller(),
                expected=f"numbers of {len(args)} positional arguments, from 0",
                got=f"argnums={argnums}",
            )
        chosen, structure = tree.flatten([args[i] for i in positions])
        with enable_grad():
            leaves = [_fresh(leaf) for leaf in chosen]
            arguments = list(args)
            for i, part in zip(
                positions, tree.unflatten(structure, leaves), strict=True
            ):
                arguments[i] = part
            result = function(*arguments, **kwargs)
            value, extra = result if has_aux else (result, None)
            found, value = _differentiate(as_tensor(value), leaves, outer)
        parts = tree.unflatten(structure, found)
        gradient = parts[0] if isinstance(argnums, int) else tuple(parts)
        return ((value, extra) if has_aux else value), gradient

    return value_and_gradient_of


def _positions(function: Any, argnums: Any) -> tuple[int, ...]:
    """The numbers of the arguments to differentiate with respect to."""
    if not callable(function):
        raise ArgumentError(
            "a derivative is taken of a function",
            where=caller(),
            expected="a function that returns one number",
            got=f"{function!r:.60}, a {type(function).__name__}",
        )
    found = (argnums,) if isinstance(argnums, int) else tuple(argnums)
    if not found or not all(isinstance(i, int) for i in found):
        raise ArgumentError(
            "argnums says which arguments to differentiate with respect to",
            where=caller(),
            expected="a number, or several",
            got=repr(argnums),
        )
    return found


def _differentiate(
    value: Tensor, leaves: Sequence[Tensor], outer: bool
) -> tuple[list[Tensor], Tensor]:
    """Gradients of the leaves (zeros where there is no path), and the value.

    `outer` tells whether history is recorded outside the function.
    """
    own = {identity(leaf) for leaf in leaves}
    outside = outer and any(key not in own for key in _leaves(value))
    # Only when something outside can be differentiated is the history of the gradient
    # itself of use; otherwise it would only hold memory.
    with enable_grad() if outside else no_grad():
        found = gradients([value], leaves, [_seed(value, None)])
        filled = [
            _zeros(leaf) if gradient is None else gradient
            for leaf, gradient in zip(leaves, found, strict=True)
        ]
    return filled, value if outside else value.detach()


def plain_leaves(root: Tensor) -> list[Tensor]:
    """The leaves below a tensor that are neither traced nor variables."""
    return [
        leaf
        for leaf in _leaves(root).values()
        if leaf._array is not None and not isinstance(leaf, Variable)
    ]


def _fresh(value: Any) -> Tensor:
    """A leaf for one call: distinct from every other use of the same tensor."""
    tensor = as_tensor(value)
    if tensor.dtype.kind != "f":
        raise DerivativeError(
            "only floats can be differentiated with respect to",
            where=caller(),
            expected="float16, float32 or float64",
            got=f"{tensor.dtype} of shape {tensor.shape}",
            fix='convert the argument: x.astype("float32")',
        )
    if tensor.requires_grad:
        return get_primitive("identity")(tensor)
    return free_leaf(tensor)


def _zeros(like: Tensor) -> Tensor:
    return new_tensor(np.zeros(like.shape, like.dtype), like.shape, like.dtype, False)


def _seed(root: Tensor, gradient: Tensor | None) -> Tensor:
    if gradient is not None:
        gradient = as_tensor(gradient, root.dtype)
        if gradient.shape != root.shape:
            raise ShapeError(
                "the gradient to start from does not have the tensor's shape",
                where=caller(),
                expected=root.shape,
                got=gradient.shape,
            )
        return gradient
    if root.size != 1:
        raise DerivativeError(
            "a derivative is taken of one number",
            where=location_of(root) or caller(),
            expected="a tensor with one element",
            got=f"shape {root.shape}",
            fix="reduce it first, for instance with mean() or sum(), or pass the "
            "gradient to start from",
        )
    return new_tensor(np.ones(root.shape, root.dtype), root.shape, root.dtype, False)


# -- the walk -------------------------------------------------------------------------


def _walk(
    roots: Sequence[Tensor], seeds: Sequence[Tensor], wanted: set[Any] | None
) -> tuple[dict[Any, Tensor], Cotangents]:
    """Pulls the seeds back from the roots.

    Returns the leaves that require a gradient by key, and cotangents: those of the
    wanted keys, or of all leaves when `wanted` is None.
    """
    order, leaves = _sort(roots)
    targets = set(leaves) if wanted is None else wanted
    useful = _useful(order, targets)
    found: Cotangents = {}
    for root, seed in zip(roots, seeds, strict=True):
        _add(found, identity(root), seed)
    for history in reversed(order):
        if id(history) in useful:
            _pull(history, found, targets, useful)
    return leaves, {key: found[key] for key in targets if key in found}


def _add(found: Cotangents, key: Any, gradient: Tensor) -> None:
    found[key] = found[key] + gradient if key in found else gradient


def _sort(roots: Sequence[Tensor]) -> tuple[list[History], dict[Any, Tensor]]:
    """Histories below the roots, each after those it needs, and leaves, by key."""
    order: list[History] = []
    leaves: dict[Any, Tensor] = {}
    seen: set[int] = set()
    stack: list[Tensor | History] = [*roots]
    while stack:
        item = stack.pop()
        if isinstance(item, History):
            order.append(item)
        elif item.is_leaf:
            leaves[identity(item)] = item
        elif id(item._history) not in seen:
            history = item._history
            assert history is not None
            seen.add(id(history))
            stack.append(history)
            stack += [t for t in reversed(history.inputs) if t.requires_grad]
    return order, leaves


def _leaves(root: Tensor) -> dict[Any, Tensor]:
    return _sort([root])[1] if root.requires_grad else {}


def _useful(order: Sequence[History], targets: set[Any]) -> set[int]:
    """Ids of the histories through which a target is reached."""
    useful: set[int] = set()
    for history in order:
        if any(_leads(tensor, targets, useful) for tensor in history.inputs):
            useful.add(id(history))
    return useful


def _leads(tensor: Tensor, targets: set[Any], useful: set[int]) -> bool:
    if not tensor.requires_grad:
        return False
    if identity(tensor) in targets:
        return True
    return not tensor.is_leaf and id(tensor._history) in useful


def _pull(
    history: History, found: Cotangents, targets: set[Any], useful: set[int]
) -> None:
    """Applies one primitive's rule and adds its results to the cotangents."""
    keys = [(id(history), i) for i in range(len(history.outputs))]
    given = [found.get(key) if key in targets else found.pop(key, None) for key in keys]
    if all(g is None for g in given):
        return
    primitive = history.primitive
    assert primitive is not None
    create = is_grad_enabled()
    outputs: list[Any] = [
        _fresh_or_stale(
            handle(history, i, create and output.dtype.kind == "f"),
            output.version_then,
            history,
        )
        for i, output in enumerate(history.outputs)
    ]
    inputs = [
        _fresh_or_stale(tensor, then, history)
        for tensor, then in zip(history.inputs, history.versions, strict=True)
    ]
    needed = [_leads(tensor, targets, useful) for tensor in history.inputs]
    g: Any = given if primitive.many_outputs else given[0]
    y: Any = outputs if primitive.many_outputs else outputs[0]
    with blame(history.scope, history.location):
        results = primitive.pull(needed, g, y, inputs, history.params)
    for tensor, need, result in zip(history.inputs, needed, results, strict=True):
        if need and result is not None:
            assert result.shape == tensor.shape, (primitive.name, result, tensor)
            assert result.dtype == tensor.dtype, (primitive.name, result, tensor)
            _add(found, identity(tensor), result)


def _fresh_or_stale(tensor: Tensor, version: int, history: History) -> Tensor:
    """The tensor, if it has the value it had when the history was recorded."""
    array = tensor._array
    changed = tensor._version[0] != version or (
        array is not None and written_since(array, history.moment)
    )
    return _Stale(tensor, history) if changed else tensor


class _Stale(Tensor):
    """Stands for a tensor whose value has changed since the history was recorded: its
    shape may be asked, its value may not."""

    __slots__ = ("_user",)

    def __init__(self, tensor: Tensor, user: History) -> None:
        for name in Tensor.__slots__:
            if name not in ("_array", "_mask", "__weakref__"):
                setattr(self, name, getattr(tensor, name))
        self._user = user

    @property
    def _array(self) -> Any:  # type: ignore[override]
        name = self._user.primitive.name if self._user.primitive else "input"
        raise StaleValueError(
            f"backward() needs a value that was changed in place after {name} used it",
            where=self._user.location,
            expected="the value as it was when it was used",
            got=f"a changed tensor of shape {self.shape}, dtype {self.dtype}",
            fix="call backward() before changing it, or change a copy: x.clone()",
        )


def _accumulate(leaf: Tensor, gradient: Tensor) -> None:
    """leaf.grad += gradient, in memory of its own."""
    owner = leaf._owner if isinstance(leaf._owner, Variable) else leaf
    trace = active_trace()
    if trace is None:
        array = gradient._known("a gradient")
        gradient = new_tensor(array.copy(), leaf.shape, leaf.dtype, False)
    elif not isinstance(owner, Variable) and not leaf.is_traced:
        raise TraceError(
            "backward() inside jit reached a plain tensor from outside the function",
            where=location_of(leaf),
            got=f"a tensor of shape {leaf.shape} with requires_grad=True",
            fix="make it a wubu.Variable, or pass it as an argument and use wubu.grad",
        )
    elif trace.captures and leaf._owner is None:
        raise from_outside(leaf)
    before = owner.grad
    owner.grad = gradient if before is None else before + gradient
