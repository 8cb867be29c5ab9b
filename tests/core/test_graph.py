"""`Graph`: what building leaves out and joins, and which broken graphs are refused."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import wubu
from wubu import Variable, ops
from wubu.core.graph import Graph, Node, Slot, Value
from wubu.core.primitive import Primitive, get_primitive
from wubu.errors import GraphError
from wubu.ops.arithmetic import identity

FLOAT = np.dtype("float32")


def names(graph: Graph) -> list[str]:
    return [node.primitive.name for node in graph.nodes]


# -- what a trace becomes -------------------------------------------------------------


def test_dead_code_is_left_out():
    def function(x):
        ops.exp(x)
        unused = x * 2
        _ = unused + 1
        return ops.sin(x)

    assert names(wubu.trace(function, np.ones(2))) == ["sin"]


def test_equal_operations_are_joined_and_different_ones_are_not():
    def function(x):
        a = ops.exp(x) * ops.exp(x)
        return a + ops.sum(x, 0) + ops.sum(x, 0) + ops.sum(x, 1)

    found = names(wubu.trace(function, np.ones((2, 2))))
    assert found.count("exp") == 1
    assert found.count("sum") == 2


def test_random_draws_of_different_steps_are_not_joined():
    def function():
        return wubu.random.uniform(2) + wubu.random.uniform(2)

    assert names(wubu.trace(function)).count("random_bits") == 2


def test_constants_of_equal_bits_are_one_and_of_different_bits_two():
    graph = wubu.trace(lambda x: (x * 2.0 + 2.0, x * 0.0, x * -0.0), np.float32(1))
    assert sorted(float(a) for a in graph.constants.values()) == [0.0, 0.0, 2.0]
    assert len(graph.constants) == 3


def test_what_is_known_is_computed_while_tracing():
    known = wubu.tensor([1.0, 2.0])
    graph = wubu.trace(lambda x: x + ops.exp(known).cumsum(0), np.ones(2))
    assert not {"exp", "cumsum"} & set(names(graph))


def test_a_large_repetition_is_not_folded_into_a_constant():
    graph = wubu.trace(lambda x: x + wubu.zeros(1000, 1000), np.ones((1000, 1000)))
    assert max(a.size for a in graph.constants.values()) == 1


def test_identities_are_left_out():
    graph = wubu.trace(lambda x: x.clone() + identity(x), np.ones(2))
    assert names(graph) == ["add"]


def test_a_graph_does_not_change_with_the_constant_it_was_built_from():
    constant = wubu.tensor([1.0, 2.0, 3.0, 4.0])
    graph = wubu.trace(lambda x: x + constant, np.zeros(4, "float32"))
    constant.zero_()
    (array,) = graph.constants.values()
    assert array.tolist() == [1.0, 2.0, 3.0, 4.0]


def test_variables_are_read_and_updated_only_where_that_matters():
    used, assigned, same = Variable(1.0), Variable(1.0), Variable(1.0)

    def function(x):
        assigned.assign(x)
        same.assign(same)
        _ = same * 2
        return x * used

    graph = wubu.trace(function, np.float32(1))
    assert [slot.variable for slot, _ in graph.reads] == [used]
    assert [slot.variable for slot, _ in graph.updates] == [assigned]


# -- where operations come from -------------------------------------------------------


def test_nodes_carry_the_users_line_and_the_scope_of_their_layer():
    def function(x):
        with wubu.scope("net"), wubu.scope("dense"):
            y = x * x
        z = ops.exp(y)
        return z, ops.sum(z)

    first = inspect.getsourcelines(function)[1]
    graph = wubu.trace(function, np.ones(2))
    assert all(node.location.filename == __file__ for node in graph.nodes)
    found = [(n.primitive.name, n.location.line - first, n.scope) for n in graph.nodes]
    assert found == [("mul", 2, "net/dense"), ("exp", 3, ""), ("sum", 4, "")]
    assert graph.nodes[0].where() == f"net/dense, test_graph.py:{first + 2}"


def test_gradients_belong_to_the_line_and_scope_of_what_they_derive():
    def forward(x):
        with wubu.scope("layer"):
            y = ops.tanh(x)
        return ops.sin(y).sum()

    first = inspect.getsourcelines(forward)[1]
    graph = wubu.trace(wubu.grad(forward), np.ones(2))
    by_name = {node.primitive.name: node for node in graph.nodes}
    assert by_name["cos"].location.line == first + 3
    assert by_name["cos"].scope == ""
    assert by_name["tanh"].location.line == by_name["sub"].location.line == first + 2
    assert by_name["sub"].scope == "layer", "1 - y * y, of tanh's derivative"


def test_operations_in_a_layer_of_wubu_belong_to_where_it_was_created():
    from wubu.core.location import Location, scope

    created = Location("train.py", 12)

    def function(x):
        with scope("dense", created):
            return x * x

    (node,) = wubu.trace(function, np.ones(2)).nodes
    assert node.where() == "dense, train.py:12"


# -- verify ---------------------------------------------------------------------------


def broken(**changes):
    """A small valid graph, with some of its parts replaced."""
    x, w, c, y, z = (Value((2,), FLOAT) for _ in range(5))
    variable = Variable([1.0, 2.0], name="w")
    add, mul = get_primitive("add"), get_primitive("mul")
    values = {"x": x, "w": w, "c": c, "y": y, "z": z}
    parts = {
        "name": "g",
        "inputs": [x],
        "reads": [(Slot(variable, "value"), w)],
        "constants": {c: np.ones(2, FLOAT)},
        "nodes": [
            Node(add, (x, w), (y,), {}, None, ""),
            Node(mul, (y, c), (z,), {}, None, ""),
        ],
        "outputs": [z],
        "updates": [(Slot(variable, "value"), y)],
    }
    for name, change in changes.items():
        parts[name] = change(parts, values)
    return Graph(**parts)


def node(primitive, inputs, outputs, **params) -> Node:
    return Node(primitive, tuple(inputs), tuple(outputs), params, None, "layer")


def test_the_valid_graph_is_accepted():
    assert broken().verify().outputs


ADD, MUL = get_primitive("add"), get_primitive("mul")
STRANGER = Primitive("add", shape=lambda a, b: (a.shape, a.dtype), evaluate=np.add)
OTHER = Value((3,), FLOAT)
BROKEN = {
    "an unregistered primitive": (
        "not registered",
        {
            "nodes": lambda p, v: [
                node(STRANGER, (v["x"], v["w"]), (v["y"],)),
                p["nodes"][1],
            ]
        },
    ),
    "nodes out of order": ("used before", {"nodes": lambda p, v: p["nodes"][::-1]}),
    "an input from nowhere": (
        "used before",
        {"nodes": lambda p, v: [node(ADD, (v["x"], Value((2,), FLOAT)), (v["y"],))]},
    ),
    "a wrong shape": (
        "shape rule says",
        {"nodes": lambda p, v: [node(ADD, (v["x"], v["w"]), (OTHER,))]},
    ),
    "a wrong dtype": (
        "shape rule says",
        {
            "nodes": lambda p, v: [
                node(ADD, (v["x"], v["w"]), (Value((2,), np.dtype("int64")),))
            ]
        },
    ),
    "inputs that do not fit": (
        "shape rule refuses",
        {
            "inputs": lambda p, v: [v["x"], OTHER],
            "nodes": lambda p, v: [node(ADD, (v["x"], OTHER), (v["y"],))],
        },
    ),
    "parameters that do not fit": (
        "shape rule refuses",
        {"nodes": lambda p, v: [node(ADD, (v["x"], v["w"]), (v["y"],), axis=1)]},
    ),
    "too many outputs": (
        "shape rule says",
        {"nodes": lambda p, v: [node(ADD, (v["x"], v["w"]), (v["y"], v["z"]))]},
    ),
    "a value made twice": (
        "made twice",
        {"nodes": lambda p, v: [*p["nodes"], p["nodes"][0]]},
    ),
    "an input made again": (
        "made twice",
        {"nodes": lambda p, v: [node(ADD, (v["x"], v["w"]), (v["x"],)), *p["nodes"]]},
    ),
    "an input given twice": (
        "given twice",
        {"inputs": lambda p, v: [v["x"], v["x"]]},
    ),
    "an input that is a constant": (
        "given twice",
        {"inputs": lambda p, v: [v["x"], v["c"]]},
    ),
    "an output from nowhere": (
        "never made",
        {"outputs": lambda p, v: [Value((2,), FLOAT)]},
    ),
    "an update from nowhere": (
        "never made",
        {"updates": lambda p, v: [(p["updates"][0][0], Value((2,), FLOAT))]},
    ),
    "a constant of another shape": (
        "constant has another shape",
        {"constants": lambda p, v: {v["c"]: np.ones(3, FLOAT)}},
    ),
    "a constant of another dtype": (
        "constant has another shape",
        {"constants": lambda p, v: {v["c"]: np.ones(2)}},
    ),
    "a variable of another shape": (
        "w does not fit",
        {"reads": lambda p, v: [(Slot(Variable([1.0], name="w"), "value"), v["w"])]},
    ),
    "an update of another dtype": (
        "does not fit",
        {"updates": lambda p, v: [(Slot(Variable([1, 2]), "value"), v["y"])]},
    ),
    "a variable updated twice": (
        "listed twice",
        {"updates": lambda p, v: [*p["updates"], *p["updates"]]},
    ),
}


@pytest.mark.parametrize(("text", "changes"), BROKEN.values(), ids=list(BROKEN))
def test_every_kind_of_broken_graph_is_refused(text, changes):
    graph = broken(**changes)
    with pytest.raises(GraphError, match=text):
        graph.verify()


def test_a_broken_body_of_a_scan_is_refused():
    graph = wubu.trace(
        lambda xs: ops.scan(lambda c, x: (c + x, c), np.float32(0), xs),
        np.ones(3, "float32"),
    )
    (scan,) = graph.nodes
    body = scan.params["body"]
    body.nodes = ()
    with pytest.raises(GraphError, match="never made"):
        graph.verify()


def test_the_error_names_the_layer():
    changes = {"nodes": lambda p, v: [node(ADD, (v["x"], v["w"]), (OTHER,))]}
    with pytest.raises(GraphError) as caught:
        broken(**changes).verify()
    assert caught.value.where == "layer"


def test_every_traced_graph_is_verified(monkeypatch):
    seen = []
    original = Graph.verify
    monkeypatch.setattr(Graph, "verify", lambda g: (seen.append(g), original(g))[1])
    graph = wubu.trace(lambda x: x * 2, np.ones(2))
    assert graph in seen
