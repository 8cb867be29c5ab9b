"""`plot_model`: the layers of a model as a picture.

The boxes are placed by the layered drawing of `core/draw`, which also draws graphs of
operations, and painted by matplotlib: no Graphviz is needed.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wubu.core.draw.families import FAMILIES, Colour
from wubu.core.draw.layers import End, Item, Net
from wubu.core.draw.placing import Drawing, Piece, draw
from wubu.errors import ArgumentError, StateError
from wubu.models.layer_graph import LayerGraph, Value

_INPUT = Colour("#ffe9a3", "#b98a00")
_WEIGHTS = FAMILIES["contraction"]
_PLAIN = FAMILIES["elementwise"]
_FROZEN = FAMILIES["movement"]
_WIRE = "#7d8896"
_TEXT, _SMALL = "#1f2430", "#4a5362"

_SIZE, _LINE, _PAD = 11.0, 16.0, 9.0  # points


@dataclass(eq=False)
class Box:
    """A layer's call: its title, and lines of what was asked for about it."""

    title: str
    lines: list[str]
    colour: Colour
    sources: list[int] = field(default_factory=list)  # numbers of boxes


@dataclass(frozen=True)
class Wanted:
    """What the boxes say, and how deep they go."""

    shapes: bool = False
    dtypes: bool = False
    names: bool = False
    activations: bool = False
    trainable: bool = False
    nested: bool = False


def plot_model(
    model: Any,
    to_file: str | os.PathLike = "model.png",
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = False,
    rankdir: str = "TB",
    expand_nested: bool = False,
    dpi: int = 200,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
    **kwargs: Any,
) -> Any:
    """Writes a picture of a model's layers and of what flows where.

    Args:
        model: a chain or a graph of layers that is built; a model with a `call` of its
            own is one box.
        to_file: the picture: .png, .svg or .pdf; or .dot, a text for Graphviz.
        show_shapes: show the shapes that go in and out, None for the batch.
        show_dtype: show the type of what comes out.
        show_layer_names: show names beside classes.
        rankdir: "TB" from top to bottom, "LR" from left to right.
        expand_nested: show the layers of models inside.
        dpi: dots per inch of a .png.
        show_layer_activations: show the activation of layers that have one.
        show_trainable: show whether training updates the weights.

    Returns:
        In a notebook the picture, which it shows; else None.

    Raises:
        StateError: the model is not built.
        ArgumentError: another kind of file, or another direction.

    Example:
        >>> import tempfile
        >>> from wubu import Sequential, layers
        >>> model = Sequential([layers.Input((4,)), layers.Dense(2)])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     plot_model(model, f"{folder}/model.svg", show_shapes=True)
        ...     "Dense" in Path(folder, "model.svg").read_text()
        True
    """
    if kwargs:
        raise ArgumentError(f"plot_model takes no argument {next(iter(kwargs))}")
    wanted = Wanted(
        show_shapes,
        show_dtype,
        show_layer_names,
        show_layer_activations,
        show_trainable,
        expand_nested,
    )
    path = Path(to_file)
    _check_direction(rankdir)
    boxes = boxes_of(model, wanted)
    if path.suffix == ".dot":
        path.write_text(_dot(model.name, boxes, rankdir), encoding="utf-8")
        return None
    if path.suffix not in (".png", ".svg", ".pdf"):
        raise ArgumentError(
            "a model cannot be drawn into this kind of file",
            expected="a name that ends in .png, .svg, .pdf or .dot",
            got=repr(str(to_file)),
        )
    _paint(boxes, rankdir == "LR", path, dpi)
    return _shown(path)


def model_to_dot(
    model: Any,
    show_shapes: bool = False,
    show_dtype: bool = False,
    show_layer_names: bool = True,
    rankdir: str = "TB",
    expand_nested: bool = False,
    show_layer_activations: bool = False,
    show_trainable: bool = False,
) -> str:
    """A model's layers in Graphviz's DOT language. Arguments are those of
    `plot_model`."""
    _check_direction(rankdir)
    wanted = Wanted(
        show_shapes,
        show_dtype,
        show_layer_names,
        show_layer_activations,
        show_trainable,
        expand_nested,
    )
    return _dot(model.name, boxes_of(model, wanted), rankdir)


def _check_direction(rankdir: str) -> None:
    if rankdir not in ("TB", "LR"):
        raise ArgumentError(
            "unknown direction of a drawing",
            expected='rankdir="TB" (from top to bottom) or "LR" (from left to right)',
            got=repr(rankdir),
        )


# -- what stands in the picture -------------------------------------------------------


def boxes_of(model: Any, wanted: Wanted) -> list[Box]:
    """A box for every input and every call of a layer, each after its sources."""
    if not model.built or model.input_spec is None:
        raise StateError(
            f'"{model.name}" is not built: what flows through it is not known',
            fix="put Input(shape) in front, or call the model on data first",
        )
    graph = graph_of(model)
    boxes: list[Box] = []
    if graph is None:
        shapes = [f"in   {model.input_shape}", f"out  {model.output_shape}"]
        title = _title(model, wanted)
        return [Box(title, shapes if wanted.shapes else [], _WEIGHTS)]
    for i, name in enumerate(symbol.name for symbol in model.inputs):
        shape, dtype = graph.spec(Value(None, i))
        lines = [f"shape  {_shape(shape)}"] if wanted.shapes else []
        lines += [f"dtype  {dtype}"] if wanted.dtypes else []
        boxes.append(Box(f"Input  {name}" if wanted.names else "Input", lines, _INPUT))
    _add(graph, list(range(len(boxes))), "", wanted, boxes)
    return boxes


def graph_of(model: Any) -> LayerGraph | None:
    """The calls of the layers of a chain or graph; None for another model."""
    try:
        return LayerGraph(model.input, model.output)
    except (StateError, AttributeError):
        return None


def _add(
    graph: LayerGraph, starts: list[int], prefix: str, wanted: Wanted, boxes: list[Box]
) -> list[int]:
    """Appends the boxes of a graph; returns those its outputs come from."""
    place = {Value(None, i): number for i, number in enumerate(starts)}
    for number, step in enumerate(graph.steps):
        sources = [place[value] for value in graph.sources(step)]
        inner = None
        if wanted.nested and hasattr(step.layer, "input_spec"):
            inner = graph_of(step.layer)
        if inner is not None:
            ends = _add(inner, sources, f"{prefix}{step.layer.name}/", wanted, boxes)
        else:
            boxes.append(_box(graph, number, prefix, wanted, sources))
            ends = [len(boxes) - 1] * len(graph.results(number))
        place |= dict(zip(graph.results(number), ends, strict=False))
    return [place[value] for value in graph.ends()]


def _box(
    graph: LayerGraph, number: int, prefix: str, wanted: Wanted, sources: list[int]
) -> Box:
    step = graph.steps[number]
    layer = step.layer
    lines = []
    if wanted.activations and getattr(layer, "activation", None) is not None:
        lines.append(f"activation  {getattr(layer.activation, '__name__', 'own')}")
    results = [graph.spec(value) for value in graph.results(number)]
    if wanted.shapes:
        shapes = [_shape(graph.spec(value)[0]) for value in graph.sources(step)]
        lines.append(f"in   {', '.join(shapes)}")
        lines.append(f"out  {', '.join(_shape(shape) for shape, _ in results)}")
    if wanted.dtypes:
        lines.append(f"dtype  {', '.join(str(dtype) for _, dtype in results)}")
    if wanted.trainable and layer.weights:
        lines.append("trained" if layer.trainable else "not trained")
    colour = (_WEIGHTS if layer.trainable else _FROZEN) if layer.weights else _PLAIN
    return Box(_title(layer, wanted, prefix), lines, colour, sources)


def _title(layer: Any, wanted: Wanted, prefix: str = "") -> str:
    kind = type(layer).__name__
    return f"{kind}  {prefix}{layer.name}" if wanted.names else kind


def _shape(shape: Any) -> str:
    inner = ", ".join("?" if n is None else str(n) for n in shape)
    return f"({inner})"


def _dot(name: str, boxes: list[Box], rankdir: str) -> str:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    lines = [
        f"digraph {quoted(name)} {{",
        f"  rankdir={rankdir}",
        '  node [shape=box, style="rounded,filled", fontname="Helvetica", fontsize=11]',
        f'  edge [color="{_WIRE}"]',
    ]
    for number, box in enumerate(boxes):
        label = quoted("\n".join([box.title, *box.lines])).replace("\n", "\\l")
        lines.append(
            f'  n{number} [label={label}, fillcolor="{box.colour.fill}", '
            f'color="{box.colour.line}"]'
        )
    lines += [f"  n{s} -> n{n}" for n, box in enumerate(boxes) for s in box.sources]
    return "\n".join([*lines, "}", ""])


# -- painting -------------------------------------------------------------------------


def _paint(boxes: list[Box], across: bool, path: Path, dpi: int) -> None:
    """Points are the unit throughout: 72 of them make an inch."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    sizes = [_measure(box) for box in boxes]
    items = [Item(h, w) if across else Item(w, h) for w, h in sizes]
    drawing = draw(items, _nets(boxes, items))
    width, height = _turned(drawing.width, drawing.height, across)
    margin = 12.0
    size = ((width + 2 * margin) / 72, (height + 2 * margin) / 72)
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": "wubu"}):
        figure = Figure(figsize=size)
        FigureCanvasAgg(figure)
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_xlim(-margin, width + margin)
        axes.set_ylim(height + margin, -margin)
        axes.axis("off")
        _paint_wires(axes, drawing, across)
        for box, item, (w, h) in zip(boxes, items, sizes, strict=True):
            x, y = _turned(item.x, item.y, across)
            _paint_box(axes, box, x, y, w, h)
        metadata = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}}
        figure.savefig(path, dpi=dpi, metadata=metadata.get(path.suffix))


def _turned(x: float, y: float, across: bool) -> tuple[float, float]:
    return (y, x) if across else (x, y)


def _measure(box: Box) -> tuple[float, float]:
    """Width and height, by the real widths of the letters."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextPath

    def width(text: str, size: float, weight: str) -> float:
        font = FontProperties(family="DejaVu Sans", weight=weight)
        return TextPath((0, 0), text, size=size, prop=font).get_extents().width

    widths = [width(box.title, _SIZE, "bold")]
    widths += [width(line, _SIZE - 1.5, "normal") for line in box.lines]
    return max(widths) + 2 * _PAD, _LINE * (1 + len(box.lines)) + _PAD


def _nets(boxes: list[Box], items: list[Item]) -> list[Net]:
    """A line from each box to all that take from it."""
    targets: dict[int, list[int]] = {}
    for number, box in enumerate(boxes):
        for source in dict.fromkeys(box.sources):
            targets.setdefault(source, []).append(number)

    def middle(number: int) -> End:
        return End(number, items[number].width / 2)

    return [Net(middle(s), tuple(map(middle, ends))) for s, ends in targets.items()]


def _paint_wires(axes: Any, drawing: Drawing, across: bool) -> None:
    from matplotlib.patches import PathPatch, Polygon

    for pieces in drawing.pieces:
        for piece in pieces:
            line = PathPatch(_path(piece, across), fill=False, edgecolor=_WIRE, lw=1.1)
            axes.add_patch(line)
        starts = {(round(p.x0, 1), round(p.y0, 1)) for p in pieces}
        for p in pieces:
            if (round(p.x1, 1), round(p.y3, 1)) not in starts:  # it arrives here
                tip = [(p.x1, p.y3), (p.x1 - 3, p.y3 - 6), (p.x1 + 3, p.y3 - 6)]
                corners = [_turned(x, y, across) for x, y in tip]
                axes.add_patch(Polygon(corners, closed=True, color=_WIRE, lw=0))


def _path(piece: Piece, across: bool) -> Any:
    from matplotlib.path import Path as Line

    x0, y0, y1, x1, y2, y3 = piece
    middle = (y1 + y2) / 2
    points = [(x0, y0), (x0, y1), (x0, middle), (x1, middle), (x1, y2), (x1, y3)]
    codes = [Line.MOVETO, Line.LINETO, *[Line.CURVE4] * 3, Line.LINETO]
    return Line([_turned(x, y, across) for x, y in points], codes)


def _paint_box(
    axes: Any, box: Box, x: float, y: float, width: float, height: float
) -> None:
    from matplotlib.patches import FancyBboxPatch

    style = "round,pad=0,rounding_size=4"
    axes.add_patch(
        FancyBboxPatch(
            (x, y),
            width,
            height,
            boxstyle=style,
            facecolor=box.colour.fill,
            edgecolor=box.colour.line,
            lw=1,
        )
    )
    first = y + _PAD / 2 + _LINE / 2
    common = {"va": "center", "family": "DejaVu Sans"}
    axes.text(
        x + _PAD, first, box.title, size=_SIZE, weight="bold", color=_TEXT, **common
    )
    for number, line in enumerate(box.lines, start=1):
        axes.text(
            x + _PAD,
            first + number * _LINE,
            line,
            size=_SIZE - 1.5,
            color=_SMALL,
            **common,
        )


def _shown(path: Path) -> Any:
    """The picture as a notebook shows it; None where there is no notebook."""
    notebook = sys.modules.get("IPython.display")
    shell = sys.modules.get("IPython")
    if notebook is None or shell is None or shell.get_ipython() is None:
        return None
    if path.suffix == ".svg":
        return notebook.SVG(filename=str(path))
    return notebook.Image(filename=str(path)) if path.suffix == ".png" else None
