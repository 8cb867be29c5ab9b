"""A graph in Graphviz's DOT language, with a cluster for every layer.

dot -Tsvg graph.dot -o graph.svg
"""

from __future__ import annotations

from collections.abc import Iterator

from wubu.core.draw.families import FAMILIES, Colour
from wubu.core.draw.picture import Box, Picture, picture_of
from wubu.core.draw.wording import type_of
from wubu.core.graph import Graph

_CHIPS = {
    "input": ("ellipse", Colour("#ffe9a3", "#b98a00")),
    "variable": ("cylinder", Colour("#fff6d6", "#b98a00")),
    "constant": ("note", Colour("#f4f4f4", "#8b8f98")),
    "output": ("doubleoctagon", Colour("#ffffff", "#30343c")),
    "update": ("cylinder", Colour("#ffe0a8", "#b98a00")),
}

_DEFAULTS = """\
  newrank=true
  graph [fontname="Helvetica", fontsize=11, color="#b4bcc6"]
  node [fontname="Helvetica", fontsize=11, height=0.3, margin="0.1,0.05"]
  edge [fontname="Helvetica", fontsize=8, color="#7d8896", fontcolor="#5d6672"]"""


def dot(graph: Graph) -> str:
    """The graph in DOT. Scalar constants stand in the nodes that use them."""
    picture = picture_of(graph, fold=False)
    title = _quoted(f"graph {picture.title}")
    return "\n".join(
        [
            f"digraph {_quoted(picture.title)} {{",
            f"  label={title}",
            _DEFAULTS,
            *_Writer().picture(picture, "  "),
            "}\n",
        ]
    )


class _Writer:
    """Hands out identifiers."""

    def __init__(self) -> None:
        self.ids: dict[Box, str] = {}
        self.num_clusters = 0

    def picture(self, picture: Picture, indent: str) -> Iterator[str]:
        for box in picture.boxes:
            self.ids[box] = f"n{len(self.ids)}"
        yield from self._clusters(picture.boxes, 0, indent)
        for wire in picture.wires:
            for target in wire.targets:
                yield (
                    f"{indent}{self.ids[wire.source]} -> {self.ids[target]} "
                    f"[label={_quoted(type_of(wire.value))}, "
                    f"tooltip={_quoted(wire.tooltip)}]"
                )

    def _clusters(self, boxes: list[Box], depth: int, indent: str) -> Iterator[str]:
        """Nodes, those of one layer within its cluster."""
        layers: dict[str, list[Box]] = {}
        for box in boxes:
            parts = box.scope.split("/") if box.scope else []
            if depth >= len(parts):
                yield from self._node(box, indent)
            else:
                layers.setdefault(parts[depth], []).append(box)
        for name, members in layers.items():
            yield from self._cluster_start(name, "rounded", indent)
            yield from self._clusters(members, depth + 1, indent + "  ")
            yield f"{indent}}}"

    def _node(self, box: Box, indent: str) -> Iterator[str]:
        row = box.rows[0]
        if box.is_chip:
            (shape, colour), style = _CHIPS[box.kind], "filled"
        else:
            shape, colour, style = "box", FAMILIES[row.kind], "rounded,filled"
        node = (
            f"{self.ids[box]} [label={_quoted(row.label)}, shape={shape}, "
            f'style="{style}", fillcolor="{colour.fill}", color="{colour.line}", '
            f"tooltip={_quoted(row.tooltip)}]"
        )
        if not box.bodies:
            yield indent + node
            return
        yield from self._cluster_start(row.label, "rounded,dashed", indent)
        yield f"{indent}  {node}"
        for body in box.bodies:
            yield from self._cluster_start(
                f"body {body.title}", "dashed", indent + "  "
            )
            yield from self.picture(body, indent + "    ")
            yield f"{indent}  }}"
        yield f"{indent}}}"

    def _cluster_start(self, name: str, style: str, indent: str) -> Iterator[str]:
        yield f"{indent}subgraph cluster_{self.num_clusters} {{"
        yield f'{indent}  label={_quoted(name)} style="{style}"'
        self.num_clusters += 1


def _quoted(text: str) -> str:
    """A DOT string. Backslashes are doubled, so that none starts an escape."""
    inner = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{inner}"'
