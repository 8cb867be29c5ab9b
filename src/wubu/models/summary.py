"""`summary()`: the layers of a model as a table, and what memory they take."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

from wubu.core import tree
from wubu.errors import ArgumentError
from wubu.layers.context import call_context
from wubu.layers.symbolic import output_symbols


class Row(NamedTuple):
    """One layer. Shapes are lists, one for each input or output, with None for the
    batch."""

    name: str
    kind: str
    inputs: list[tuple[int | None, ...]]
    outputs: list[tuple[int | None, ...]]
    parameters: int
    trainable: bool
    depth: int


class Memory(NamedTuple):
    """Bytes: for one sample, and for the parameters of the whole model."""

    input: int
    forward_backward: int
    parameters: int


class Summary(NamedTuple):
    """What `summary()` shows, as data."""

    name: str
    rows: list[Row]
    parameters: int
    trainable: int
    memory: Memory


def summarize(model: Any) -> Summary:
    """The layers of a built model, inner ones included, with the shapes that flow
    through them.

    One pass forwards and backwards keeps every layer's output and its gradient.
    """
    with call_context(False) as context:
        context.calls = []
        output_symbols(model, (model.input_spec,), {})
        calls, context.calls = context.calls, None
    # The model ran twice, with different lengths where the shape says None.
    first, second = calls[: len(calls) // 2], calls[len(calls) // 2 :]
    rows: dict[int, Row] = {}
    for a, b in zip(first, second, strict=True):
        if a.layer is not model and id(a.layer) not in rows:
            rows[id(a.layer)] = _row(a, b)
    found = list(rows.values())
    inner = [row for row in found if row.depth == 0]
    weights = model.weights
    memory = Memory(
        input=sum(_size(s.shape) * s.dtype.itemsize for s in _leaves(model.input_spec)),
        forward_backward=2 * 4 * sum(_size(s) for row in inner for s in row.outputs),
        parameters=sum(v.nbytes for v in weights),
    )
    trainable = sum(v.size for v in weights if v.trainable)
    return Summary(model.name, found, model.count_params(), trainable, memory)


def _so_far(model: Any) -> Summary:
    """The layers of a model that does not know its input yet: without shapes."""
    rows = [
        Row(layer.name, type(layer).__name__, [], [], layer.count_params(), True, 0)
        for layer in model.sublayers
    ]
    weights = model.weights
    memory = Memory(0, 0, sum(v.nbytes for v in weights))
    trainable = sum(v.size for v in weights if v.trainable)
    name = f"{model.name}: not built, shapes and some parameters are not known yet"
    return Summary(name, rows, sum(v.size for v in weights), trainable, memory)


def _row(a: Any, b: Any) -> Row:
    layer = a.layer
    return Row(
        name=layer.name,
        kind=type(layer).__name__,
        inputs=_compare(a.inputs, b.inputs),
        outputs=_compare(a.outputs, b.outputs),
        parameters=layer.count_params(),
        trainable=layer.trainable,
        depth=a.depth - 1,
    )


def _compare(first: list[Any], second: list[Any]) -> list[Any]:
    return [
        tuple(m if m == n else None for m, n in zip(a, b, strict=True))
        for a, b in zip(first, second, strict=True)
    ]


def _leaves(spec: Any) -> list[Any]:
    return tree.flatten(spec)[0]


def _size(shape: tuple[int | None, ...]) -> int:
    """Elements of one sample; axes of any length count once."""
    return math.prod(n or 1 for n in shape[1:])


def show(
    model: Any,
    line_length: int | None = None,
    print_fn: Callable[[str], Any] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Any = None,
) -> None:
    """Prints the summary of a model; see `Model.summary`."""
    known = model.built and model.input_spec is not None
    summary = summarize(model) if known else _so_far(model)
    rows = [row for row in summary.rows if expand_nested or row.depth == 0]
    rows = _between(rows, layer_range)
    text = render(summary, rows, line_length, show_trainable)
    (print_fn or print)(text)


def _between(rows: list[Row], layer_range: Any) -> list[Row]:
    if layer_range is None:
        return rows
    names = [row.name for row in rows]
    missing = [name for name in layer_range if name not in names]
    if len(layer_range) != 2 or missing:
        raise ArgumentError(
            "layer_range names the first and the last layer to show",
            expected=", ".join(names),
            got=layer_range,
        )
    first, last = (names.index(name) for name in layer_range)
    return rows[first : last + 1]


def render(
    summary: Summary,
    rows: list[Row],
    line_length: int | None = None,
    show_trainable: bool = False,
) -> str:
    """The summary as text; no line is longer than `line_length`, 80 by default."""
    heads = ["layer (type)", "input shape", "output shape", "params"]
    table = [line for row in rows for line in _lines(row, show_trainable)]
    widths = [max(len(line[i]) for line in [heads, *table]) for i in range(4)]
    limit = line_length or 80
    # Names give way before shapes: these are what one looks for.
    widths[0] = max(12, min(widths[0], limit - sum(widths[1:]) - 6))
    width = sum(widths) + 6
    rule = "─" * width
    lines = [f"{summary.name}", rule, _line(heads, widths), rule]
    lines += [_line(cells, widths) for cells in table]
    lines += [rule, *_totals(summary, width)]
    return "\n".join(lines)


def _lines(row: Row, show_trainable: bool) -> list[list[str]]:
    """The cells of a layer: a line, and more where it has several inputs or outputs."""
    mark = "" if row.trainable or not show_trainable else " (frozen)"
    name = f"{'  ' * row.depth}{row.name} ({row.kind}){mark}"
    shapes = list(itertools.zip_longest(row.inputs, row.outputs, fillvalue=""))
    first, *others = [[str(a), str(b)] for a, b in shapes or [("?", "?")]]
    return [
        [name, *first, f"{row.parameters:,}"],
        *(["", *other, ""] for other in others),
    ]


def _line(cells: list[str], widths: list[int]) -> str:
    name = cells[0]
    if len(name) > widths[0]:
        name = name[: widths[0] - 1] + "…"
    left = [name, *cells[1:3]]
    parts = [part.ljust(n) for part, n in zip(left, widths[:3], strict=True)]
    return "  ".join([*parts, cells[3].rjust(widths[3])])


def _totals(summary: Summary, width: int) -> list[str]:
    memory = summary.memory
    frozen = summary.parameters - summary.trainable
    counts = [
        ("parameters", f"{summary.parameters:,}"),
        ("  trained", f"{summary.trainable:,}"),
        ("  not trained", f"{frozen:,}"),
    ]
    sizes = [
        ("memory", ""),
        ("  input of one sample", format_bytes(memory.input)),
        ("  its forward and backward pass", format_bytes(memory.forward_backward)),
        ("  parameters", format_bytes(memory.parameters)),
    ]
    return [
        f"{label}{value.rjust(width - len(label))}".rstrip()
        for label, value in counts + sizes
    ]


def format_bytes(size: int) -> str:
    """A number of bytes as people write it: 1 kB is 1,000 bytes.

    Example:
        >>> format_bytes(246440)
        '246.4 kB'
    """
    value = float(size)
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{size} B" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"
