"""Graphs as text, in DOT and as SVG.

The graphs are made by hand, of primitives that are not registered: pictures are about
names, shapes and scopes, not about what an operation means.
"""

from __future__ import annotations

import functools
import itertools
import random
import re
import subprocess
import sys
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest

from wubu.core.draw.families import FAMILIES, family
from wubu.core.graph import Graph, Node, Slot, Value
from wubu.core.location import Location
from wubu.core.primitive import Primitive
from wubu.core.variable import Variable

FLOAT = np.dtype("float32")
HOSTILE = "a<b>&\"c'\\{d}|%s]]>\n\x00\ud800{}#中"
SEEDS = range(25)


class Sketch:
    """A graph being made."""

    def __init__(self, name: str = "sketch") -> None:
        self.name = name
        self.scope = ""
        self.inputs: list[Value] = []
        self.nodes: list[Node] = []
        self.constants: dict[Value, np.ndarray] = {}
        self.reads: list[tuple[Slot, Value]] = []
        self.updates: list[tuple[Slot, Value]] = []
        self.location = Location("/home/somebody/train.py", 41)

    def input(self, name: str, *shape: int, dtype: Any = FLOAT) -> Value:
        self.inputs.append(Value(shape, np.dtype(dtype), name))
        return self.inputs[-1]

    def constant(self, values: Any) -> Value:
        array = np.asarray(values)
        array = array.astype(FLOAT) if array.dtype == np.float64 else array
        value = Value(array.shape, array.dtype)
        self.constants[value] = array
        return value

    def variable(self, path: str, *shape: int) -> tuple[Slot, Value]:
        variable = Variable(np.zeros(shape, FLOAT), name=path)
        variable.path = path
        self.reads.append((Slot(variable, "value"), Value(shape, FLOAT, path)))
        return self.reads[-1]

    def nodes_of(self, name: str, inputs: Any, *shapes: Any, **params: Any) -> Any:
        primitive = Primitive(name, shape=lambda: None, evaluate=lambda: None)
        outputs = tuple(Value(tuple(shape), FLOAT) for shape in shapes)
        self.nodes.append(
            Node(primitive, tuple(inputs), outputs, params, self.location, self.scope)
        )
        return outputs

    def node(self, name: str, *inputs: Value, shape: Any = None, **params: Any) -> Any:
        shape = inputs[0].shape if shape is None else shape
        return self.nodes_of(name, inputs, shape, **params)[0]

    def graph(self, *outputs: Value) -> Graph:
        return Graph(
            name=self.name,
            inputs=self.inputs,
            outputs=outputs,
            nodes=self.nodes,
            constants=self.constants,
            reads=self.reads,
            updates=self.updates,
        )


def dense_step() -> Graph:
    """Forward, gradient and update of a dense layer."""
    s = Sketch("step")
    x = s.input("x", 32, 4)
    s.scope = "net/dense"
    kernel, k = s.variable("net/dense/kernel", 4, 2)
    bias, b = s.variable("net/dense/bias", 2)
    z = s.node("dot_general", x, k, shape=(32, 2), contract=((1,), (0,)))
    wide = s.node("broadcast_to", b, shape=(32, 2))
    y = s.node("tanh", s.node("add", z, wide))
    s.scope = "loss"
    loss = s.node("sum", s.node("mul", y, y), shape=(), axis=(0, 1))
    g = s.node("mul", y, s.constant(np.full((32, 2), 2.0)))
    s.scope = "net/dense"
    ones = s.node("broadcast_to", s.constant(1.0), shape=(32, 2))
    g = s.node("mul", g, s.node("sub", ones, s.node("mul", y, y)))
    gk = s.node("dot_general", x, g, shape=(4, 2), contract=((0,), (0,)))
    gb = s.node("sum", g, shape=(2,), axis=(0,))
    s.scope = "sgd"
    for slot, value, gradient in ((kernel, k, gk), (bias, b, gb)):
        rate = s.constant(np.full(value.shape, 0.1))
        new = s.node("sub", value, s.node("mul", rate, gradient))
        s.updates.append((slot, new))
    return s.graph(loss)


def loop() -> Graph:
    """A scan whose body is a graph."""
    body = Sketch("body")
    carry, item = body.input("", 3), body.input("", 3)
    new = body.node("tanh", body.node("add", carry, item))
    inner = body.graph(new, new)
    s = Sketch("loop")
    xs, start = s.input("xs", 7, 3), s.input("start", 3)
    last, _ = s.nodes_of("scan", (start, xs), (3,), (7, 3), body=inner, length=7)
    return s.graph(last)


def random_graph(seed: int) -> Graph:
    """Layers within layers, visited in any order, with values used anywhere."""
    r = random.Random(seed)
    s = Sketch(f"random{seed}")
    shapes = [(), (3,), (2, 3), (64, 28, 28, 6)]
    scopes = ["", "a", "a/b", "a/b/c", "a/d", "e", "e//f", "g/h"]
    values = [s.input(f"x{i}", *r.choice(shapes)) for i in range(3)]
    values += [s.variable(f"net/layer{i}/w", *r.choice(shapes))[1] for i in range(3)]
    values += [s.constant(np.full(r.choice(shapes), 0.5)) for i in range(3)]
    values += [s.constant(np.arange(6.0).reshape(2, 3))]
    for _ in range(r.randrange(60)):
        s.scope = r.choice([s.scope, r.choice(scopes)])
        name = r.choice(
            ["add", "sum", "reshape", "conv", "scan", "broadcast_to", "new"]
        )
        inputs = r.choices(values[-8:], k=r.randrange(3)) + r.choices(values)
        given = {"body": loop()} if name == "scan" and r.random() < 0.2 else {}
        outputs = [r.choice(shapes) for _ in range(1 + (r.random() < 0.2))]
        values += s.nodes_of(
            name, inputs[:1] if name[0] == "b" else inputs, *outputs, **given
        )
    for slot, value in s.reads:
        same = [v for v in values if v.shape == value.shape]
        s.updates.append((slot, r.choice(same)))
    return s.graph(*r.choices(values, k=2))


def hostile_graph() -> Graph:
    s = Sketch(HOSTILE)
    s.location = Location(f"/tmp/{HOSTILE}.py", 3)
    s.scope = f"{HOSTILE}/{HOSTILE}"
    slot, value = s.variable(HOSTILE, 2)
    x = s.node(HOSTILE, s.input(HOSTILE, 2), value, **{HOSTILE: HOSTILE})
    s.updates.append((slot, s.node("reshape", x, order=HOSTILE)))
    return s.graph(x)


def big_step(num_layers: int = 40) -> Graph:
    """Several hundred nodes: forward, backward, and momentum for each layer."""
    s = Sketch("big")
    h = s.input("x", 64, 100)
    layers = []
    for i in range(num_layers):
        s.scope = f"net/dense_{i}"
        slot, w = s.variable(f"net/dense_{i}/kernel", 100, 100)
        z = s.node("dot_general", h, w, shape=(64, 100))
        layers.append((slot, w, h))
        h = s.node("tanh", z)
    g = h
    for i, (slot, w, before) in reversed([*enumerate(layers)]):
        s.scope = f"net/dense_{i}"
        g = s.node("mul", g, s.node("mul", before, before))
        gw = s.node("dot_general", before, g, shape=(100, 100))
        g = s.node("dot_general", g, w, shape=(64, 100))
        s.scope = "sgd"
        momentum, m = s.variable(f"sgd/net/dense_{i}/momentum", 100, 100)
        rate = s.constant(np.full((100, 100), 0.9))
        new = s.node("add", s.node("mul", m, rate), gw)
        s.updates += [(momentum, new), (slot, s.node("sub", w, new))]
    return s.graph(s.node("sum", h, shape=(), axis=(0, 1)))


MAKERS: dict[str, Callable[[], Graph]] = {
    "dense_step": dense_step,
    "loop": loop,
    "hostile": hostile_graph,
    "empty": lambda: Sketch().graph(),
    "big_step": big_step,
    **{f"random{seed}": functools.partial(random_graph, seed) for seed in SEEDS},
}
on_every_graph = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())


# --- Text ----------------------------------------------------------------------------


def test_text_is_a_program() -> None:
    s = Sketch("double")
    x = s.input("x", 3)
    s.scope = "layer"
    slot, w = s.variable("net/layer/w", 3)
    y = s.node("mul", x, s.node("broadcast_to", s.constant(2.0), shape=(3,)))
    z = s.node("dot_general", y, w, shape=(), axes=(0,))
    s.updates.append((slot, y))
    assert s.graph(z).text().splitlines() == [
        "graph double(x: float32[3])",
        "  read layer/w: float32[3]                           # net/layer/w",
        "  a: float32[3] = mul x, 2.0                         # train.py:41  layer",
        "  b: float32[]  = dot_general a, layer/w, axes=(0,)  # train.py:41  layer",
        "  update layer/w = a                                 # net/layer/w",
        "  return b",
    ]


def test_text_shows_each_node_on_its_line() -> None:
    """All but the broadcasts of scalars, which stand where they are used."""
    lines = dense_step().text().splitlines()
    made = [line for line in lines if re.match(r"  \w+: ", line)]
    assert len(made) == len(dense_step().nodes) - 1
    assert any(re.search(r"= sub 1\.0, \w+ ", line) for line in made)
    assert any(re.search(r"= mul 0\.1, \w+ ", line) for line in made)


@pytest.mark.parametrize("seed", SEEDS)
def test_text_names_are_unique_and_known(seed: int) -> None:
    """Every name is made once, before it is used."""
    graph = random_graph(seed)
    known: list[str] = []
    text = re.sub(r"\n {8}.*", "", graph.text())  # without the bodies of loops
    for line in re.sub(r",\s*\n\s+", ", ", text).splitlines():
        code = line.split("#")[0]
        known += re.findall(r"([\w/.]+): (?:float|int)", code)
        if " = " in code and "constant" not in code:
            used = re.split(r", |\s", code.split(" = ")[1].split("=")[0])
            assert {u for u in used[1:] if re.fullmatch(r"[a-z/_0-9]+", u)} - {
                "body",
                *known,
            } == set()
    assert len(known) == len(set(known))


def test_text_indents_the_body_of_a_loop() -> None:
    text = loop().text()
    assert re.search(r"^  \w+: .* = scan start, xs, body=body, length=7", text, re.M)
    assert re.search(
        r"^      graph body\(\w: float32\[3\], \w: float32\[3\]\)$", text, re.M
    )
    assert re.search(r"^        \w: float32\[3\] = tanh \w ", text, re.M)


def test_text_shows_a_body_once() -> None:
    s = Sketch()
    body = Sketch("body").graph()
    x = s.input("x", 3)
    s.node("scan", x, body=body)
    s.node("scan", x, body=body)
    assert s.graph().text().count("graph body(") == 1


def test_text_abbreviates_big_constants() -> None:
    s = Sketch()
    big, small = s.constant(np.arange(1000.0)), s.constant(np.array([1, 2]))
    repeated = s.constant(np.zeros((5, 6)))
    text = s.graph(big, small, repeated).text()
    assert "float32[1000] = 0.0, 1.0, 2.0, ... (1000, from 0 to 999)" in text
    assert "int64[2] = [1, 2]" in text
    assert "float32[5, 6] = all 0.0" in text


def test_text_leaves_out_what_the_type_says() -> None:
    s = Sketch()
    x = s.input("x", 6)
    s.node("reshape", x, shape=(2, 3))
    s.nodes[-1].params["shape"] = (2, 3)
    s.nodes[-1].params["order"] = "C"
    assert "float32[2, 3] = reshape x, order='C'" in s.graph().text()


def test_text_of_a_parameter_has_no_address() -> None:
    s = Sketch()
    s.node("call", s.input("x", 2), plan=object(), rule=len, dtype=FLOAT, scale=None)
    text = s.graph().text()
    assert "plan=<object object>, rule=len, scale=None" in text


def test_text_gives_variables_the_end_of_their_path_that_differs() -> None:
    s = Sketch()
    for path in ("m/a/dense/kernel", "m/b/dense/kernel", "m/b/dense/bias", "count"):
        s.variable(path, 2)
    reads = re.findall(r"read (\S+):", s.graph().text())
    assert reads == ["a/dense/kernel", "b/dense/kernel", "dense/bias", "count"]


def test_text_goes_on_after_z() -> None:
    s = Sketch()
    x = s.input("x", 2)
    for _ in range(30):
        x = s.node("tanh", x)
    made = re.findall(r"^  (\w+): ", s.graph(x).text(), re.M)
    assert made[22:28] == ["w", "y", "z", "aa", "ab", "ac"]


def test_text_is_at_most_100_columns_wide() -> None:
    assert max(map(len, dense_step().text().splitlines())) <= 100
    assert max(map(len, big_step().text().splitlines())) <= 100


# --- DOT -----------------------------------------------------------------------------

STRING = r'"(?:[^"\\\n]|\\.)*"'


@on_every_graph
def test_dot_is_well_formed(make: Callable[[], Graph]) -> None:
    """Statements of known form, balanced braces, and edges between known nodes."""
    attribute = rf"\w+=(?:{STRING}|[\w.]+)"
    listed = rf"\[{attribute}(?:, {attribute})*\]"
    nodes, edges, depth = [], [], 0
    for line in make().dot().splitlines():
        line = line.strip()
        if found := re.fullmatch(rf"(n\d+) {listed}", line):
            nodes.append(found[1])
        elif found := re.fullmatch(rf"(n\d+) -> (n\d+) {listed}", line):
            edges += [found[1], found[2]]
        elif re.fullmatch(rf"(digraph {STRING}|subgraph cluster_\d+) \{{", line):
            depth += 1
        elif line == "}":
            depth -= 1
        else:
            assert re.fullmatch(
                rf"((node|edge|graph) )?{listed}|({attribute} ?)+", line
            )
    assert depth == 0
    assert len(nodes) == len(set(nodes))
    assert set(edges) <= set(nodes)


def test_dot_nests_clusters_as_layers() -> None:
    dot = dense_step().dot()
    outer = dot.index('label="net"')
    inner = dot.index('label="dense"')
    assert outer < inner < dot.index('label="dot_general"')
    assert dot.count('label="dense"') == 1


def test_dot_labels_edges_and_folds_scalars() -> None:
    dot = dense_step().dot()
    assert '[label="float32[32, 4]", tooltip="x: float32[32, 4]"]' in dot
    assert 'label="sub 1.0, ·"' in dot
    assert "train.py:41" in dot
    assert "cylinder" in dot


# --- SVG -----------------------------------------------------------------------------

Rectangle = tuple[float, float, float, float]  # left, top, right, bottom
Point = tuple[float, float]


def rectangles(svg: str) -> list[Rectangle]:
    found: list[Rectangle] = []
    _collect(ElementTree.fromstring(svg), 0.0, 0.0, found, [])
    return found


def wires(svg: str) -> list[list[tuple[Point, Point]]]:
    """For each wire its pieces, from where to where."""
    found: list[list[tuple[Point, Point]]] = []
    _collect(ElementTree.fromstring(svg), 0.0, 0.0, [], found)
    return found


def _collect(element: Any, dx: float, dy: float, boxes: Any, paths: Any) -> None:
    move = re.fullmatch(r"translate\((\S+) (\S+)\)", element.get("transform", ""))
    if move:
        dx, dy = dx + float(move[1]), dy + float(move[2])
    if element.get("class") == "box":
        x, y, w, h = (float(element.get(k)) for k in ("x", "y", "width", "height"))
        boxes.append((x + dx, y + dy, x + dx + w, y + dy + h))
    if element.get("class") == "p":
        pieces = []
        for piece in element.get("d").split("M")[1:]:
            x0, y0 = map(float, re.match(r"(\S+?) ([\d.-]+)", piece).groups())  # type: ignore[union-attr]
            x1, y1 = x0, y0
            if curve := re.search(r"C(\S+ ){4}(\S+) ([\d.-]+)", piece):
                x1, y1 = float(curve[2]), float(curve[3])
            if down := re.search(r"V([\d.-]+)$", piece):
                y1 = float(down[1])
            pieces.append(((x0 + dx, y0 + dy), (x1 + dx, y1 + dy)))
        paths.append(pieces)
    for inner in element:
        _collect(inner, dx, dy, boxes, paths)


def _near(a: Point, b: Point) -> bool:
    return abs(a[0] - b[0]) < 0.25 and abs(a[1] - b[1]) < 0.25


@on_every_graph
def test_svg_boxes_do_not_overlap(make: Callable[[], Graph]) -> None:
    """But for boxes in the body of a loop, which are wholly inside its box."""
    graph = make()
    for a, b in itertools.combinations(rectangles(graph.svg()), 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        outer, inner = (a, b) if a[2] - a[0] >= b[2] - b[0] else (b, a)
        within = (
            outer[0] < inner[0]
            and outer[1] < inner[1]
            and inner[2] < outer[2]
            and inner[3] < outer[3]
        )
        assert apart or (within and "scan" in graph.text())


@on_every_graph
def test_svg_wires_run_from_box_to_box(make: Callable[[], Graph]) -> None:
    """One start below a box; every piece goes on from another or ends upon a box."""
    svg = make().svg()
    boxes = rectangles(svg)
    for pieces in wires(svg):
        starts = [start for start, _ in pieces]
        ends = [end for _, end in pieces]
        first = {s for s in starts if not any(_near(s, end) for end in ends)}
        assert len(first) == 1
        (x, y) = first.pop()
        assert any(b[0] < x < b[2] and abs(b[3] - y) < 0.25 for b in boxes)
        last = [end for end in ends if not any(_near(end, s) for s in starts)]
        assert last
        for x, y in last:
            assert any(b[0] < x < b[2] and abs(b[1] - y) < 0.25 for b in boxes)


@on_every_graph
def test_svg_holds_everything_within_its_size(make: Callable[[], Graph]) -> None:
    svg = make().svg()
    root = ElementTree.fromstring(svg)
    x, y, width, height = map(float, root.get("viewBox", "").split())
    for left, top, right, bottom in rectangles(svg):
        assert x <= left and y <= top and right <= width and bottom <= height


def test_svg_names_everything_in_tooltips() -> None:
    titles = [t.text or "" for t in ElementTree.fromstring(dense_step().svg()).iter()]
    told = "\n".join(titles)
    for primitive in {node.primitive.name for node in dense_step().nodes}:
        assert f"= {primitive} " in told
    assert "contract=((1,), (0,))" in told
    assert "net/dense\ntrain.py:41" in told
    assert "update net/dense/kernel" in told


def test_svg_shows_hostile_names_as_text() -> None:
    root = ElementTree.fromstring(hostile_graph().svg())
    assert {e.tag.split("}")[1] for e in root.iter()} <= {
        "svg", "style", "title", "g", "rect", "path", "text", "tspan"
    }  # fmt: skip
    assert any("a<b>&\"c'\\" in (e.text or "") for e in root.iter())


def test_svg_frames_layers_once_for_each_visit() -> None:
    """The layer appears in the forward pass and, apart, in the gradients."""
    root = ElementTree.fromstring(dense_step().svg())
    names = [e.text for e in root.iter() if e.get("class") == "t"]
    assert names.count("net/dense") == 2
    assert names.count("loss") == 1


def test_svg_shows_what_variables_become() -> None:
    svg = dense_step().svg()
    assert len(rectangles(svg)) > 5
    assert len(wires(svg)) > 5
    assert "→ " in svg and "dense/kernel</tspan>" in svg


def test_svg_of_hundreds_of_nodes_names_every_layer() -> None:
    graph = big_step()
    assert len(graph.nodes) > 300
    picture = graph.svg()
    scopes = {node.scope.split("/")[-1] for node in graph.nodes if node.scope}
    assert scopes
    assert all(scope in picture for scope in scopes)


# --- All three -----------------------------------------------------------------------


def test_pictures_are_the_same_each_time() -> None:
    for kind in ("text", "dot", "svg"):
        for make in (dense_step, loop, lambda: random_graph(1)):
            assert getattr(make(), kind)() == getattr(make(), kind)()


def test_pictures_are_not_loaded_with_the_graph() -> None:
    code = (
        "import sys, wubu.core.graph; "
        "assert not [m for m in sys.modules if m.startswith('wubu.core.draw')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_families_follow_names_and_shapes() -> None:
    s = Sketch()
    x = s.input("x", 2, 2)
    for name, expected in {
        "dot_general": "contraction",
        "conv": "contraction",
        "sum": "reduction",
        "reshape": "movement",
        "max_pool": "window",
        "random_bits": "random",
        "scan": "scan",
        "anything": "elementwise",
    }.items():
        s.node(name, x)
        assert family(s.nodes[-1]) == expected
    s.node("anything", x, shape=(3,))
    assert family(s.nodes[-1]) == "other"
    assert "other" in FAMILIES
