"""Bodies of loops, made shorter: what is the same in every step, parts that are joined,
residuals that are computed again."""

from __future__ import annotations

import numpy as np
import pytest

import wubu
from harness.gradients import check_gradients
from wubu import ops
from wubu.core.graph import Graph
from wubu.core.interpret import Interpreter
from wubu.ops.scan_bodies import computed_again, with_joins


def names(graph: Graph) -> list[str]:
    return [node.primitive.name for node in graph.nodes]


def value_of(graph: Graph, *arrays: np.ndarray) -> np.ndarray:
    return Interpreter(graph).run(list(arrays), [])[0]


A, B = np.arange(6.0).reshape(2, 3), np.arange(4.0).reshape(2, 2) - 9


class TestJoins:
    @pytest.mark.parametrize("swapped", [False, True])
    def test_padded_parts_side_by_side_are_joined(self, swapped):
        def add(a, b):
            left, right = ops.pad(a, ((0, 0), (0, 2))), ops.pad(b, ((0, 0), (3, 0)))
            return right + left if swapped else left + right

        graph = with_joins(wubu.trace(add, A, B))
        assert graph.verify().nodes[-1].primitive.name == "concatenate"
        np.testing.assert_array_equal(value_of(graph, A, B), np.hstack([A, B]))

    @pytest.mark.parametrize(
        "pads",
        [
            pytest.param((((0, 0), (0, 3)), ((0, 0), (4, 0))), id="a gap"),
            pytest.param((((0, 0), (0, 1)), ((0, 0), (2, 0))), id="an overlap"),
            pytest.param((((0, 2), (0, 0)), ((2, 0), (0, 1))), id="another axis"),
        ],
    )
    def test_other_sums_stay(self, pads):
        graph = wubu.trace(lambda a, b: ops.pad(a, pads[0]) + ops.pad(b, pads[1]), A, B)
        assert names(with_joins(graph)) == names(graph)

    def test_parts_padded_with_another_number_stay(self):
        def add(a, b):
            left = ops.pad(a, ((0, 0), (0, 2)), constant_values=1)
            return left + ops.pad(b, ((0, 0), (3, 0)))

        graph = wubu.trace(add, A, B)
        assert names(with_joins(graph)) == names(graph)


def bodies(step, carry, xs):
    """The loops of a gradient: forwards and backwards."""

    def loss(w):
        return ops.scan(lambda c, x: step(w, c, x), carry, xs)[0].sum()

    graph = wubu.trace(wubu.grad(loss), np.eye(4))
    return [n.params["body"] for n in graph.nodes if n.primitive.name == "scan"]


def gated(w, h, x):
    first, second = ops.split(x + h @ w, 2, axis=-1)
    gate = ops.sigmoid(first)
    both = ops.concatenate([gate * ops.tanh(second), (1 - gate) * second], axis=1)
    return both, None


def by_parts(w, h, x):
    """A step that takes its weight apart, as cells written by hand do."""
    scaled = w / ops.sqrt(ops.square(w).sum())
    gate = ops.sigmoid(x + h @ scaled[:, :3])
    return gate * h + (1 - gate) * ops.tanh((gate * h) @ scaled[:, 3:]), None


class TestInvariants:
    def test_what_depends_on_constants_only_is_computed_before_the_loop(self):
        w, xs = np.arange(18.0).reshape(3, 6), np.ones((4, 2, 3)) / 7

        def run(w):
            return ops.scan(lambda h, x: by_parts(w, h, x), np.ones((2, 3)), xs)[0]

        graph = wubu.trace(run, w)
        (scan,) = (n for n in graph.nodes if n.primitive.name == "scan")
        inside, outside = names(scan.params["body"]), names(graph)
        assert not {"slice", "square", "sqrt", "div"} & set(inside)
        assert outside.count("slice") == 2
        h = wubu.tensor(np.ones((2, 3)))
        for x in xs:
            h, _ = by_parts(wubu.tensor(w), h, x)
        np.testing.assert_allclose(value_of(graph, w), h.numpy(), 1e-12)

    def test_gradients_of_parts_are_contractions_after_the_loop(self):
        def loss(w):
            return ops.scan(
                lambda h, x: by_parts(w, h, x), np.ones((2, 3)), np.ones((4, 2, 3))
            )[0].sum()

        graph = wubu.trace(wubu.grad(loss), np.ones((3, 6)))
        _, backward = (n for n in graph.nodes if n.primitive.name == "scan")
        assert {v.shape[1:] for v in backward.outputs[1:]} <= {(2, 3)}
        check_gradients(loss, [np.arange(18.0).reshape(3, 6) / 9])

    def test_what_grows_and_what_is_constant_anyway_stays(self):
        def run(b, xs):
            def step(h, x):
                spread = ops.broadcast_to(b, (2, 3))
                return h * spread + x + ops.exp(spread) + ops.ones(3), None

            return ops.scan(step, xs[0], xs)[0]

        graph = wubu.trace(run, np.ones(3), np.ones((4, 2, 3)))
        (scan,) = (n for n in graph.nodes if n.primitive.name == "scan")
        assert {"broadcast_to", "exp"} <= set(names(scan.params["body"]))
        assert not {"broadcast_to", "exp"} & set(names(graph))

    def test_a_result_that_is_the_same_in_every_step(self):
        def run(w):
            return ops.scan(lambda h, x: (h + x, w * 2), 0.0, np.ones(3, "float32"))

        for function in (run, wubu.jit(run)):
            total, ys = function(wubu.tensor([1.0, 2.0]))
            assert (total.item(), ys.tolist()) == (3.0, [[2.0, 4.0]] * 3)


class TestGradients:
    def test_the_derivative_of_a_split_is_joined(self):
        _, backward = bodies(gated, np.ones((3, 4)), np.ones((5, 3, 4)))
        assert "pad" not in names(backward)
        assert "concatenate" in names(backward)

    def test_what_is_cheap_is_computed_again(self):
        forward, _ = bodies(
            lambda w, h, x: (ops.tanh(x + h @ w), None),
            np.ones((3, 4)),
            np.ones((5, 3, 4)),
        )
        # The new state, tanh's value (the same), the state before; not 1 - tanh^2.
        assert len(forward.outputs) == 3

    def test_rows_that_the_backward_loop_does_not_read_are_left_out(self):
        _, backward = bodies(
            lambda w, h, x: (ops.tanh(x + h @ w), None),
            np.ones((3, 4)),
            np.ones((5, 3, 4)),
        )
        read = {v for node in backward.nodes for v in node.inputs}
        assert set(backward.inputs) - read == {backward.inputs[-1]}  # the state before


def test_a_value_is_not_computed_again_from_what_is_not_there():
    graph = wubu.trace(lambda x: (ops.exp(x) + x) * x, A)
    exp, _, product = (node.outputs[0] for node in graph.nodes)
    both, given = [product, exp], graph.inputs
    assert computed_again([product], graph.nodes, given, []) == ([product], [])
    kept, again = computed_again(both, graph.nodes, given, [])
    assert kept == [exp]
    assert [node.primitive.name for node in again] == ["add", "mul"]
    assert computed_again(both, graph.nodes, given, [product]) == (both, [])
