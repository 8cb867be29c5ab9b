"""Indices that a table has no row for, found before training.

An `Embedding` of 100 rows cannot look up word 100. Inside a compiled step that shows
when its batch comes, after weights have changed. So the part of the model's graph that
makes indices from the inputs (casts, slices, shifts) is run on all samples first.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core import tree
from wubu.core.graph import Graph, Node, Value
from wubu.core.interpret import Interpreter
from wubu.core.jit import trace
from wubu.core.modes import no_grad
from wubu.data.structure import leaves
from wubu.errors import DataError, WubuError
from wubu.layers import Embedding

# What costs more than looking at the samples once is left to the step.
_COSTLY = frozenset(("dot_general", "conv", "conv_input", "conv_kernel", "scan"))
_MAX_PROGRAMS = 64  # shapes of x that are remembered


class IndexCheck:
    """Refuses samples with an index outside the table it is looked up in.

    Args:
        model: built for samples of this kind.
    """

    def __init__(self, model: Any) -> None:
        self._model = model
        self._programs: dict[Any, list[_Lookup]] = {}

    def __call__(self, x: Any) -> None:
        """Looks at all samples.

        Raises:
            DataError: names the first sample at fault.
        """
        arrays, structure = tree.flatten(x)
        key = (structure, tuple((a.shape, a.dtype) for a in arrays))
        if key not in self._programs:
            if len(self._programs) >= _MAX_PROGRAMS:
                self._programs.clear()
            self._programs[key] = self._lookups(x) if self._needed(arrays) else []
        if lookups := self._programs[key]:
            names = [name for name, _ in leaves(x, "x")]
            for lookup in lookups:
                lookup.check(arrays, names)

    def _needed(self, arrays: list[Any]) -> bool:
        if any(array.dtype.kind in "iu" for array in arrays):
            return True
        return any(isinstance(layer, Embedding) for layer in self._model.all_layers())

    def _lookups(self, x: Any) -> list[_Lookup]:
        def call(x: Any) -> Any:
            return self._model(x, training=False)

        try:
            with no_grad():
                return _lookups(trace(call, x))
        except WubuError:
            return []  # what runs eagerly need not be traceable; the step will tell


class _Lookup:
    """One table, and the part of the graph that makes the indices into it."""

    def __init__(self, graph: Graph, node: Node, made_by: list[Node]) -> None:
        indices = node.inputs[1]
        used = {value for part in made_by for value in part.inputs} | {indices}
        self.sources = [i for i, v in enumerate(graph.inputs) if v in used]
        self._indices = Interpreter(
            Graph(
                name="indices",
                inputs=graph.inputs,
                outputs=[indices],
                nodes=made_by,
                constants={v: a for v, a in graph.constants.items() if v in used},
            )
        )
        self._rows = node.inputs[0].shape[node.params["axis"]]
        self._scope = node.scope

    def check(self, arrays: list[Any], names: list[str]) -> None:
        (indices,) = self._indices.run(arrays, [])
        bad = (indices < 0) | (indices >= self._rows)
        if not bad.any():
            return
        place = tuple(int(i) for i in np.argwhere(bad)[0])
        of = " and ".join(names[i] for i in self.sources)
        if indices.shape[:1] == arrays[self.sources[0]].shape[:1]:
            of = f"{of}, sample {place[0]}"
        fix = "number the words from 0"
        if indices.min() >= 0:
            fix = (
                f"make the table {int(indices.max()) + 1} long (input_dim of an "
                "Embedding), or look at how the words were numbered"
            )
        raise DataError(
            f"an index has no row in a table of {self._rows}",
            where=f'{of}, for layer "{self._scope}"' if self._scope else of,
            expected=f"0 to {self._rows - 1}",
            got=f"{indices[place]} at place {place}, {bad.sum()} such in all",
            fix=fix,
        )


def _lookups(graph: Graph) -> list[_Lookup]:
    """Every lookup whose indices follow from inputs alone, at little cost."""
    makers = {value: node for node in graph.nodes for value in node.outputs}
    fixed = {value for _, value in graph.reads}
    found: list[_Lookup] = []
    for node in graph.nodes:
        if node.primitive.name == "gather":
            made_by = _makers(node.inputs[1], makers, fixed)
            if made_by is None:
                continue
            parts = [n for n in graph.nodes if any(n is m for m in made_by)]
            lookup = _Lookup(graph, node, parts)
            if lookup.sources:
                found.append(lookup)
    return found


def _makers(
    value: Value, makers: dict[Value, Node], fixed: set[Value]
) -> list[Node] | None:
    """The nodes a value depends on; None if it depends on a variable or much work."""
    found: dict[int, Node] = {}
    stack = [value]
    while stack:
        value = stack.pop()
        if value in fixed:
            return None
        node = makers.get(value)
        if node is None or id(node) in found:
            continue
        if node.primitive.name in _COSTLY or node.primitive.name == "gather":
            return None
        found[id(node)] = node
        stack += node.inputs
    return list(found.values())
