"""The family of a primitive, which decides its colour in pictures."""

from __future__ import annotations

from typing import NamedTuple

from wubu.core.graph import Graph, Node


class Colour(NamedTuple):
    """A light fill that carries dark text, and a line that shows on white and black."""

    fill: str
    line: str


FAMILIES = {
    "contraction": Colour("#fde3c9", "#d07a1e"),
    "elementwise": Colour("#e1ecf9", "#5a87bd"),
    "reduction": Colour("#d9f0de", "#45985f"),
    "window": Colour("#d4eff0", "#2f959e"),
    "movement": Colour("#edf0f4", "#93a0b0"),
    "random": Colour("#fadfee", "#bf5598"),
    "scan": Colour("#e7e0fa", "#7c60c4"),
    "other": Colour("#f1f0e6", "#8d8b76"),
}

_NAMES = {
    "reduction": "sum max min prod mean any all argmax argmin cumsum cumprod",
    "window": "max_pick",
    "movement": "reshape transpose broadcast_to pad slice concatenate gather "
    "scatter_add scatter one_hot flip iota stack split squeeze expand_dims tile "
    "dynamic_slice dynamic_update_slice select_and_scatter",
}
_FAMILY_OF = {
    name: family for family, names in _NAMES.items() for name in names.split()
}

_PARTS = {  # what a name says
    "conv": "contraction",
    "dot": "contraction",
    "matmul": "contraction",
    "einsum": "contraction",
    "pool": "window",
    "window": "window",
    "random": "random",
    "scan": "scan",
}


def family(node: Node) -> str:
    """One of `FAMILIES`. What is in no list is elementwise when its shapes say so."""
    name = node.primitive.name
    if name in _FAMILY_OF:
        return _FAMILY_OF[name]
    for part, found in _PARTS.items():
        if part in name:
            return found
    if any(isinstance(part, Graph) for part in node.params.values()):
        return "scan"
    shapes = {value.shape for value in (*node.inputs, *node.outputs)}
    return "elementwise" if len(shapes) == 1 else "other"
