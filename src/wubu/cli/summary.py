"""`wubu summary RECIPE|RUN|FILE.wubu`: its layers, and its graph as a picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from wubu.cli import screen
from wubu.cli.failures import reports_errors
from wubu.cli.named import open_model
from wubu.cli.settings import AsJson, Debug
from wubu.core.graph import Graph
from wubu.errors import ArgumentError
from wubu.models.summary import Summary, summarize

_FORMATS: dict[str, Callable[[Graph], str]] = {
    ".svg": Graph.svg,
    ".dot": Graph.dot,
    ".txt": Graph.text,
}

Model = Annotated[
    str,
    typer.Argument(metavar="RECIPE|RUN|FILE", help="A recipe, a run, or a .wubu file."),
]
GraphFile = Annotated[
    Path | None,
    typer.Option(
        "--graph",
        help="Also write the operations of one call to this file: .svg a picture, "
        ".dot for Graphviz, .txt a listing.",
    ),
]


@reports_errors
def summary(
    model: Model,
    graph: GraphFile = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Show the layers of a model: shapes, parameters, memory.

    The memory of a pass is that of every layer's output and its gradient, for one
    sample. The object of --json has name, layers (name, kind, inputs, outputs,
    parameters, trainable, depth; null in a shape is the batch), parameters, trainable,
    memory (bytes: input, forward_backward, parameters) and graph (the file written).
    """
    write = None if graph is None else _writer(graph)
    opened = open_model(model)
    if graph is not None and write is not None:
        graph.write_text(write(opened.graph()), encoding="utf-8")
    if as_json:
        screen.print_json(_as_data(summarize(opened), graph))
        return
    opened.summary(print_fn=lambda text: screen.out().print(text, markup=False))
    if graph is not None:
        screen.out().print(f"\ngraph written to {graph}", markup=False)


def _writer(path: Path) -> Callable[[Graph], str]:
    if path.suffix not in _FORMATS:
        raise ArgumentError(
            "a graph cannot be written in this format",
            expected=f"a file name that ends in {', '.join(_FORMATS)}",
            got=str(path),
        )
    return _FORMATS[path.suffix]


def _as_data(found: Summary, graph: Path | None) -> dict[str, Any]:
    return {
        "name": found.name,
        "layers": [row._asdict() for row in found.rows],
        "parameters": found.parameters,
        "trainable": found.trainable,
        "memory": found.memory._asdict(),
        "graph": None if graph is None else str(graph),
    }
