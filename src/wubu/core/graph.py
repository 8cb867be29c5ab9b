"""`Graph`: the history reachable from some outputs, verified, printable, drawable.

A graph is what executors compile. It is in static single assignment form: every `Value`
is made once, by one `Node`, or is an input, a constant or a variable that is read.
Building one leaves out what no output needs and joins nodes that compute the same.

Read next: `jit.py`; `draw.py` makes pictures of a graph.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np

from wubu.core.history import History, Shape
from wubu.core.location import Location
from wubu.core.primitive import Primitive, primitives
from wubu.core.tensor import Tensor
from wubu.core.variable import Variable
from wubu.errors import GraphError, TraceError


class Value:
    """A value in a graph: a shape, a dtype, and a name where it has one."""

    __slots__ = ("dtype", "name", "shape")

    def __init__(self, shape: Shape, dtype: np.dtype, name: str = "") -> None:
        self.shape = shape
        self.dtype = dtype
        self.name = name

    def __repr__(self) -> str:
        return f"{self.dtype}{list(self.shape)}"


class Node(NamedTuple):
    """`outputs = primitive(*inputs, **params)`, and who asked for it."""

    primitive: Primitive
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    params: dict[str, Any]
    location: Location | None
    scope: str

    def where(self) -> str:
        """The layer's path and the user's line, as far as they are known."""
        return ", ".join(str(part) for part in (self.scope, self.location) if part)


class Slot(NamedTuple):
    """A place outside the graph: a variable's value, or its gradient."""

    variable: Variable
    kind: str  # "value" or "gradient"

    # Variables compare elementwise; slots are equal when they are the same place.
    def __eq__(self, other: object) -> bool:
        return isinstance(other, Slot) and hash(self) == hash(other)

    def __hash__(self) -> int:
        return hash((id(self.variable), self.kind))

    @property
    def name(self) -> str:
        path = self.variable.path
        return path if self.kind == "value" else f"gradient of {path}"

    def read(self) -> np.ndarray:
        if self.kind == "value":
            return self.variable._array  # type: ignore[return-value]
        return self.variable._grad._array  # type: ignore[union-attr, return-value]

    def write(self, array: np.ndarray) -> None:
        if self.kind == "value":
            self.variable.replace(array)
        else:
            self.variable._grad = Tensor(array)


class Graph:
    """A program on tensors, with inputs, outputs and the variables it touches.

    Attributes:
        inputs: what a caller passes.
        outputs: what a caller gets.
        reads: variables whose value (or gradient) at the start is used.
        updates: variables whose value (or gradient) is replaced at the end.
        constants: values known when the graph was built.
        nodes: operations, each after those it depends on.

    Example:
        >>> import wubu
        >>> print(wubu.trace(lambda x: 2 * x + 1, wubu.ones(3)).text())
        graph <lambda>(x: float32[3])
          a: float32[3] = mul 2.0, x
          b: float32[3] = add a, 1.0
          return b
    """

    def __init__(
        self,
        *,
        name: str,
        inputs: Sequence[Value],
        outputs: Sequence[Value],
        nodes: Sequence[Node],
        constants: dict[Value, np.ndarray],
        reads: Sequence[tuple[Slot, Value]] = (),
        updates: Sequence[tuple[Slot, Value]] = (),
    ) -> None:
        self.name = name
        self.inputs = tuple(inputs)
        self.outputs = tuple(outputs)
        self.nodes = tuple(nodes)
        self.constants = constants
        self.reads = tuple(reads)
        self.updates = tuple(updates)

    def with_nodes(self, nodes: Sequence[Node]) -> Graph:
        """The same graph with other nodes; what is computed must be the same values."""
        return Graph(
            name=self.name,
            inputs=self.inputs,
            outputs=self.outputs,
            nodes=nodes,
            constants=self.constants,
            reads=self.reads,
            updates=self.updates,
        )

    def results(self) -> tuple[Value, ...]:
        """Everything the graph must compute: outputs, then updates."""
        return self.outputs + tuple(value for _, value in self.updates)

    def verify(self) -> Graph:
        """Checks every rule a graph obeys, and returns it.

        Raises:
            GraphError: a value is used before it is made or made twice, a shape rule
                disagrees with a node's outputs, a primitive is unknown, or a variable
                does not fit its value.
        """
        given = [*self.inputs, *self.constants, *(value for _, value in self.reads)]
        known = set(given)
        if len(known) != len(given):
            raise GraphError(f"graph {self.name}: an input is given twice")
        registered = primitives()
        for node in self.nodes:
            if registered.get(node.primitive.name) is not node.primitive:
                self._broken(node, "its primitive is not registered")
            if not all(value in known for value in node.inputs):
                self._broken(node, "an input is used before it is made")
            try:
                found = node.primitive.specs(node.inputs, node.params)
            except Exception as error:
                self._broken(node, f"the shape rule refuses: {error}")
            if [(v.shape, v.dtype) for v in node.outputs] != list(found):
                self._broken(node, f"the shape rule says {found}")
            made = set(node.outputs)
            if made & known or len(made) != len(node.outputs):
                self._broken(node, "an output is made twice")
            known |= made
            for part in node.params.values():
                if isinstance(part, Graph):
                    part.verify()
        if not all(value in known for value in self.results()):
            raise GraphError(f"graph {self.name}: an output is never made")
        for value, array in self.constants.items():
            if (array.shape, array.dtype) != (value.shape, value.dtype):
                raise GraphError(f"graph {self.name}: a constant has another shape")
        for pairs in (self.reads, self.updates):
            if len({slot for slot, _ in pairs}) != len(pairs):
                raise GraphError(f"graph {self.name}: a variable is listed twice")
        for slot, value in (*self.reads, *self.updates):
            if (slot.variable.shape, slot.variable.dtype) != (value.shape, value.dtype):
                raise GraphError(f"graph {self.name}: {slot.name} does not fit {value}")
        return self

    def _broken(self, node: Node, what: str) -> NoReturn:
        raise GraphError(
            f"graph {self.name}: {node.primitive.name}: {what}",
            where=node.where(),
            got=f"inputs {node.inputs}, outputs {node.outputs}, params {node.params}",
        )

    def text(self) -> str:
        """The graph as readable text, each operation with its layer and line."""
        from wubu.core.draw import text

        return text(self)

    def dot(self) -> str:
        """The graph in Graphviz's DOT language."""
        from wubu.core.draw import dot

        return dot(self)

    def svg(self) -> str:
        """The graph as a picture: a self-contained SVG document."""
        from wubu.core.draw import svg

        return svg(self)

    def _repr_svg_(self) -> str:
        return self.svg()

    def __repr__(self) -> str:
        return (
            f"<graph {self.name}: {len(self.inputs)} inputs, {len(self.nodes)} nodes, "
            f"{len(self.outputs)} outputs, {len(self.updates)} updates>"
        )


class _Builder:
    """Turns histories into nodes."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.nodes: list[Node] = []
        self.constants: dict[Value, np.ndarray] = {}
        self._values: dict[tuple[int, int], Value] = {}
        self._constant_of: dict[Any, Value] = {}
        self._same: dict[Any, tuple[Value, ...]] = {}
        self._alive: list[Tensor] = []  # ids in the tables stay valid

    def input(self, tensor: Tensor, name: str = "") -> Value:
        assert tensor._history is not None
        value = Value(tensor.shape, tensor.dtype, name)
        self._values[id(tensor._history), 0] = value
        return value

    def value(self, tensor: Tensor) -> Value:
        """The value of a tensor; the nodes it depends on are added before it."""
        if tensor._array is not None:
            return self._constant(tensor)
        assert tensor._history is not None
        for history in _in_order(tensor._history, self._values):
            self._add(history)
        return self._values[id(tensor._history), tensor._index]

    def _constant(self, tensor: Tensor) -> Value:
        array = tensor._array
        assert array is not None
        small = array.nbytes <= 8
        key = (array.dtype, array.shape, array.tobytes()) if small else id(tensor)
        if key not in self._constant_of:
            value = Value(tensor.shape, tensor.dtype)
            # A copy: a program does not change when the captured tensor does.
            self.constants[value] = array = array.copy()
            array.flags.writeable = False
            self._constant_of[key] = value
            self._alive.append(tensor)
        return self._constant_of[key]

    def _add(self, history: History) -> None:
        primitive = history.primitive
        if primitive is None:
            raise TraceError(
                "a tensor from another trace is used here",
                where=history.location,
                fix="pass it as an argument, or return it from the other function",
            )
        inputs = tuple(self.value(tensor) for tensor in history.inputs)
        if primitive.name == "identity":
            self._values[id(history), 0] = inputs[0]
            return
        key = (primitive.name, tuple(map(id, inputs)), _hashable(history.params))
        outputs = self._same.get(key)
        if outputs is None:
            outputs = tuple(Value(o.shape, o.dtype) for o in history.outputs)
            node = Node(
                primitive,
                inputs,
                outputs,
                history.params,
                history.location,
                history.scope,
            )
            self.nodes.append(node)
            self._same[key] = outputs
        for index, value in enumerate(outputs):
            self._values[id(history), index] = value


def build_graph(
    name: str,
    inputs: Sequence[tuple[Tensor, str]],
    outputs: Iterable[Tensor],
    reads: Sequence[tuple[Slot, Tensor]] = (),
    updates: Sequence[tuple[Slot, Tensor]] = (),
) -> Graph:
    """The verified graph of everything `outputs` and `updates` depend on."""
    builder = _Builder(name)
    input_values = [builder.input(tensor, label) for tensor, label in inputs]
    read_values = [(slot, builder.input(t, slot.name)) for slot, t in reads]
    output_values = [builder.value(tensor) for tensor in outputs]
    update_values = [(slot, builder.value(tensor)) for slot, tensor in updates]
    # Assigning what a variable already holds changes nothing.
    update_values = [pair for pair in update_values if pair not in read_values]
    used = {value for node in builder.nodes for value in node.inputs}
    used.update(output_values, (value for _, value in update_values))
    return Graph(
        name=name,
        inputs=input_values,
        outputs=output_values,
        nodes=builder.nodes,
        constants=builder.constants,
        reads=[(slot, value) for slot, value in read_values if value in used],
        updates=update_values,
    ).verify()


def _in_order(root: History, done: dict[tuple[int, int], Value]) -> list[History]:
    """The histories `root` needs that are not done, each after those it needs."""
    order: list[History] = []
    seen: set[int] = set()
    stack = [(root, False)]
    while stack:
        history, ready = stack.pop()
        if ready:
            order.append(history)
            continue
        if id(history) in seen or (id(history), 0) in done:
            continue
        seen.add(id(history))
        stack.append((history, True))
        stack += [
            (tensor._history, False)
            for tensor in reversed(history.inputs)
            if tensor._array is None and tensor._history is not None
        ]
    return order


def _hashable(params: dict[str, Any]) -> Any:
    """A key for equal parameters; graphs and the like are equal only to themselves."""
    return tuple(
        (name, type(part), part) if _plain(part) else (name, id(part))
        for name, part in sorted(params.items())
    )


def _plain(part: Any) -> bool:
    if isinstance(part, tuple):
        return all(_plain(item) for item in part)
    return part is None or isinstance(part, bool | int | float | str | np.dtype)
