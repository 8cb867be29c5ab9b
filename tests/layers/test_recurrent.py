"""Recurrent layers and their cells: one loop for all, with states of any form."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import wubu
from layers.harness import fixed_weights
from wubu import ops
from wubu.core import tree
from wubu.core.graph import Graph, Node
from wubu.errors import ArgumentError, ShapeError, StateError
from wubu.layers import (
    GRU,
    LSTM,
    RNN,
    Bidirectional,
    Dense,
    Dropout,
    GRUCell,
    Input,
    Layer,
    LSTMCell,
    SimpleRNN,
    SimpleRNNCell,
    StackedRNNCells,
)

BATCH, TIME, FEATURES, UNITS = 3, 6, 4, 5
X = np.random.default_rng(0).normal(size=(BATCH, TIME, FEATURES))
MASK = np.arange(TIME) < np.array([6, 2, 4])[:, None]
WAYS = pytest.mark.parametrize("compiled", [False, True], ids=["eager", "jit"])


def ready(layer: Any) -> Any:
    layer.ensure_built((X.shape,))
    fixed_weights(layer)
    return layer


def values(result: Any) -> list[np.ndarray]:
    return [part.detach().numpy() for part in tree.flatten(result)[0]]


def assert_close(found: Any, wanted: Any) -> None:
    for a, b in zip(values(found), values(wanted), strict=True):
        np.testing.assert_allclose(a, b, 1e-12, 1e-14)


# -- cells ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "cell"),
    [(SimpleRNN, SimpleRNNCell), (GRU, GRUCell), (LSTM, LSTMCell)],
)
def test_a_layer_is_a_loop_around_its_cell(layer: Any, cell: Any) -> None:
    own = ready(layer(UNITS, dtype="float64", return_sequences=True, return_state=True))
    assert isinstance(own, RNN)
    assert type(own.cell) is cell
    assert own.kernel is own.cell.kernel
    assert own.units == own.cell.units == UNITS
    around = RNN(own.cell, return_sequences=True, return_state=True, dtype="float64")
    assert_close(around(X, mask=MASK), own(X, mask=MASK))
    states = None
    for t in range(TIME):
        output, states = own.cell(X[:, t], states)
    assert_close([output, *states], [own(X)[0][:, -1], *own(X)[1:]])


def test_what_is_set_on_a_layer_is_set_on_its_cell() -> None:
    layer = ready(LSTM(UNITS))
    layer.activation = wubu.activations.relu
    layer.kernel_regularizer = "l2"
    assert layer.cell.activation is wubu.activations.relu
    assert layer.kernel.regularizer is not None
    model = wubu.Sequential([Input((TIME, FEATURES)), SimpleRNN(2)])
    model.compile(loss="mse")
    model.set_weights([-np.ones(v.shape) for v in model.weights])
    assert (model.predict(np.ones_like(X)) < 0).all()
    model.layers[0].activation = wubu.activations.relu
    assert (model.predict(np.ones_like(X)) == 0).all()


def test_the_call_of_a_subclass_of_a_cell_is_what_is_done() -> None:
    class Doubled(GRUCell):
        def call(self, inputs: Any, states: Any = None, training: bool = False) -> Any:
            output, states = super().call(inputs, states, training)
            return 2 * output, states

    cell = Doubled(UNITS, dtype="float64")
    layer = ready(RNN(cell, return_sequences=True, dtype="float64"))
    plain = GRU(UNITS, return_sequences=True, dtype="float64")
    plain.ensure_built((X.shape,))
    plain.set_weights(cell.get_weights())
    assert_close(layer(X), 2 * plain(X))


def test_stacked_cells_are_layers_one_after_the_other() -> None:
    first, second = GRUCell(UNITS, dtype="float64"), LSTMCell(2, dtype="float64")
    stacked = ready(RNN([first, second], return_sequences=True, dtype="float64"))
    assert isinstance(stacked.cell, StackedRNNCells)
    one = RNN(first, return_sequences=True, dtype="float64")
    two = RNN(second, return_sequences=True, dtype="float64")
    assert_close(stacked(X), two(one(X)))


# -- cells of one's own ---------------------------------------------------------------


class Counted(Layer):
    """States in a dictionary, one of them a whole number; an output that is no state,
    of another length than they are."""

    output_size = 2 * FEATURES

    @property
    def state_size(self) -> dict[str, int]:
        return {"sum": FEATURES, "count": 1}

    def get_initial_state(self, batch_size: int) -> dict[str, Any]:
        return {
            "sum": ops.ones((batch_size, FEATURES), dtype="float64"),
            "count": ops.zeros((batch_size, 1), dtype="int32"),
        }

    def call(self, inputs: Any, states: Any) -> Any:
        total, count = states["sum"] + inputs, states["count"] + 1
        mean = total / count.astype("float64")
        joined = ops.concatenate([mean, inputs], axis=-1)
        return joined, {"sum": total, "count": count}


@WAYS
@pytest.mark.parametrize("backwards", [False, True])
def test_states_have_any_structure_and_outputs_any_length(
    backwards: bool, compiled: bool
) -> None:
    options = {"go_backwards": backwards, "return_state": True, "dtype": "float64"}
    rows = X[:, ::-1] if backwards else X
    number = np.arange(1, TIME + 1)[:, None]
    means = (1 + rows.cumsum(1)) / number
    wanted = np.concatenate([means, rows], axis=-1)
    for sequences in (False, True):
        layer = RNN(Counted(dtype="float64"), return_sequences=sequences, **options)
        y, total, count = (wubu.jit(layer) if compiled else layer)(X)
        expected = wanted if sequences else wanted[:, -1]
        np.testing.assert_allclose(y.numpy(), expected, 1e-12)
        np.testing.assert_allclose(total.numpy(), 1 + X.sum(1), 1e-12)
        assert count.tolist() == [[TIME]] * BATCH


@WAYS
def test_a_mask_leaves_states_of_any_structure_as_they_are(compiled: bool) -> None:
    layer = RNN(Counted(dtype="float64"), return_state=True, dtype="float64")
    call = wubu.jit(layer) if compiled else layer
    y, total, count = call(X, mask=MASK)
    for i, length in enumerate(MASK.sum(1)):
        alone = layer(X[i : i + 1, :length])
        assert_close([y[i : i + 1], total[i : i + 1], count[i : i + 1]], list(alone))
    assert count.tolist() == [[6], [2], [4]]


def test_a_state_given_has_the_structure_of_the_cells() -> None:
    layer = RNN(Counted(dtype="float64"), dtype="float64")
    state = {"sum": np.ones((BATCH, FEATURES)), "count": np.zeros((BATCH, 1), "int32")}
    assert_close(layer(X, initial_state=state), layer(X))
    with pytest.raises(ShapeError) as caught:
        layer(X, initial_state=[np.ones((BATCH, 2)), np.zeros((BATCH, 1))])
    assert caught.value.expected == f"({BATCH}, {FEATURES}), ({BATCH}, 1)"


class Images(Layer):
    """A state with axes of its own; no Layer is asked about its shape."""

    state_size = 7  # not asked for: there is get_initial_state

    def get_initial_state(self, batch_size: int) -> Any:
        return ops.zeros((batch_size, 2, 3), dtype="float64")

    def call(self, inputs: Any, states: Any) -> Any:
        return (new := 0.5 * states[0] + inputs), new


@WAYS
def test_steps_may_be_images(compiled: bool) -> None:
    x = np.random.default_rng(1).normal(size=(BATCH, TIME, 2, 3))
    layer = RNN(Images(dtype="float64"), return_sequences=True, dtype="float64")
    y = (wubu.jit(layer) if compiled else layer)(x, mask=MASK)
    h = np.zeros((BATCH, 2, 3))
    for t in range(TIME):
        h = np.where(MASK[:, t, None, None], 0.5 * h + x[:, t], h)
        np.testing.assert_allclose(y[:, t].numpy(), h, 1e-12)
    assert layer.compute_output_shape((None, TIME, 2, 3)) == (None, TIME, 2, 3)


def test_a_cell_need_not_be_a_layer() -> None:
    class Decay:
        state_size = FEATURES

        def call(self, inputs: Any, states: Any) -> Any:
            new = 0.5 * states[0] + inputs
            return new, [new]

    y = RNN(Decay(), return_sequences=True, dtype="float64")(X)
    assert_close(y[:, 1], wubu.tensor(0.5 * X[:, 0] + X[:, 1]))


class Written(Layer):
    """A gated cell as one writes it: parts of a weight are taken at every step."""

    def __init__(self, units: int, **options: Any) -> None:
        super().__init__(**options)
        self.state_size = units
        self.inner = Dense(2 * units, dtype=self.dtype)

    def build(self, input_shape: Any) -> None:
        units = self.state_size
        self.inner.build(input_shape)
        self.u = self.add_weight((units, 2 * units), "orthogonal", name="u")

    def call(self, inputs: Any, states: Any) -> Any:
        (h,), n = states, self.state_size
        gate, new = ops.split(self.inner(inputs), 2, axis=-1)
        gate = ops.sigmoid(gate + h @ self.u[:, :n])
        h = gate * h + (1 - gate) * ops.tanh(new + (gate * h) @ self.u[:, n:])
        return h, [h]


# -- what is inside the loop ----------------------------------------------------------


def loops_of_a_step(layer: Any) -> tuple[Graph, list[Node]]:
    def step(x: Any) -> Any:
        loss = ops.square(layer(x)).sum()
        loss.backward()
        return loss, [v.grad for v in layer.trainable_weights]

    graph = wubu.trace(step, X)
    return graph, [n for n in graph.nodes if n.primitive.name == "scan"]


@pytest.mark.parametrize(
    ("layer", "products", "inside"),
    [
        (SimpleRNN(7), 3, 1),  # x @ W, and the gradients of W and U; h @ U inside
        (GRU(7), 3, 1),
        (GRU(7, reset_after=False), 4, 2),  # U has two parts
        (RNN(GRUCell(7)), 3, 1),
        (RNN([GRUCell(7), LSTMCell(8)]), 5, 3),  # the second one's x @ W is inside
        (RNN(Written(7)), 3, 3),
    ],
    ids=["SimpleRNN", "GRU", "GRU-before", "cell", "stacked", "own"],
)
def test_weight_gradients_are_contractions_after_the_loop(
    layer: Any, products: int, inside: int
) -> None:
    ready(layer)
    graph, (forward, backward) = loops_of_a_step(layer)
    names = [n.primitive.name for n in graph.nodes]
    assert names.count("dot_general") == products
    body = forward.params["body"]
    assert sum(n.primitive.name == "dot_general" for n in body.nodes) == inside
    # Nothing that the backward loop carries or stacks has the size of a weight.
    assert max(v.shape[-1] for v in backward.outputs) <= 4 * 8
    assert all(v.shape[-2] == BATCH for v in backward.outputs)


# -- states and directions ------------------------------------------------------------


def stateful_layers() -> list[Any]:
    options = {"stateful": True, "return_sequences": True, "dtype": "float64"}
    return [
        SimpleRNN(UNITS, **options),
        GRU(UNITS, **options),
        RNN([GRUCell(3, dtype="float64"), LSTMCell(2, dtype="float64")], **options),
        RNN(Counted(dtype="float64"), **options),
    ]


@WAYS
@pytest.mark.parametrize("number", range(4))
def test_stateful_pieces_are_one_long_sequence(number: int, compiled: bool) -> None:
    layer = stateful_layers()[number]
    layer.ensure_built((X.shape,))
    wanted = values(layer(X))[0]
    layer.reset_state()
    call = wubu.jit(lambda x: layer(x)) if compiled else layer
    pieces = [values(call(X[:, i : i + 3]))[0] for i in (0, 3)]
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), wanted, 1e-12)
    assert not any(v.trainable for v in tree.flatten(layer.states)[0])


def test_a_stateful_layer_has_one_size_of_batch() -> None:
    layer = GRU(2, stateful=True)
    with pytest.raises(StateError, match="how many there are"):
        layer(Input((TIME, FEATURES)))
    with pytest.raises(StateError):
        Bidirectional(GRU(2, stateful=True))(Input((TIME, FEATURES)))


def test_both_directions_keep_their_states() -> None:
    layer = Bidirectional(GRU(UNITS, stateful=True, dtype="float64"), dtype="float64")
    first, second = values(layer(X))[0], values(layer(X))[0]
    assert [s.shape for s in layer.states] == [(BATCH, UNITS)] * 2
    assert not np.allclose(first, second)
    layer.reset_state()
    np.testing.assert_array_equal(values(layer(X))[0], first)


def test_a_bidirectional_layer_is_two_layers() -> None:
    inner = GRU(UNITS, return_sequences=True, dtype="float64")
    both = ready(Bidirectional(inner, name="both", dtype="float64"))
    assert not inner.built, "it is a description"
    assert both.forward_layer.name == f"forward_{inner.name}"
    assert both.backward_layer.name == f"backward_{inner.name}"
    y = values(both(X))[0]
    one, other = values(both.forward_layer(X))[0], values(both.backward_layer(X))[0]
    np.testing.assert_array_equal(y[..., :UNITS], one)
    np.testing.assert_array_equal(y[..., UNITS:], other[:, ::-1])


def test_a_bidirectional_layer_begins_with_the_weights_it_is_given() -> None:
    first = ready(Bidirectional(LSTM(2)))
    second = Bidirectional(LSTM(2), weights=first.get_weights())
    second.ensure_built((X.shape,))
    for a, b in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert second.get_config()["weights"] is None


def test_cells_inside_are_made_anew_for_each_direction() -> None:
    cell = GRUCell(2)
    both = ready(Bidirectional(RNN([cell, LSTMCell(3)])))
    assert len(both.weights) == 12
    assert cell not in both.forward_layer.cell.cells


def test_masks_of_two_sequences_and_of_their_join() -> None:
    mask = wubu.tensor(MASK)
    for mode, count in (("concat", 1), (None, 2)):
        layer = Bidirectional(GRU(2, return_sequences=True), merge_mode=mode)
        masks = layer.compute_mask(None, mask)
        assert [m is mask for m in tree.flatten(masks)[0]] == [True] * count
        found = tree.flatten(layer(X, mask=MASK))[0]
        assert all(not values(y)[0][~MASK].any() for y in found)
    assert Bidirectional(GRU(2)).compute_mask(None, mask) is None


# -- dropout --------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [SimpleRNN, GRU, LSTM])
def test_dropout_is_for_training_and_the_same_at_all_times(kind: Any) -> None:
    layer = ready(kind(UNITS, dropout=0.5, recurrent_dropout=0.5, dtype="float64"))
    plain = ready(kind(UNITS, dtype="float64"))
    assert_close(layer(X), plain(X))
    assert not np.allclose(values(layer(X, training=True)), values(plain(X)))
    graph = wubu.trace(lambda x: layer(x, training=True), X)
    names = [n.primitive.name for n in graph.nodes]
    (scan,) = (n for n in graph.nodes if n.primitive.name == "scan")
    assert names.count("random_bits") == 2
    inside = [n.primitive.name for n in scan.params["body"].nodes]
    assert "random_bits" not in inside


@WAYS
def test_a_layer_in_a_cell_of_ones_own_may_drop_out(compiled: bool) -> None:
    class Noisy(Layer):
        state_size = FEATURES

        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.drop = Dropout(0.5, seed=1, dtype=self.dtype)

        def call(self, inputs: Any, states: Any) -> Any:
            new = states[0] + self.drop(inputs)
            return new, [new]

    layer = RNN(Noisy(dtype="float64"), return_sequences=True, dtype="float64")
    ones = np.ones_like(X)
    assert_close(layer(ones), wubu.tensor(ones.cumsum(1)))
    function = lambda x: layer(x, training=True)  # noqa: E731 - one for both ways
    (y,) = values((wubu.jit(function) if compiled else function)(ones))
    steps = np.diff(y, axis=1, prepend=0)
    assert set(np.unique(steps)) == {0.0, 2.0}
    assert (steps[:, 0] != steps[:, 1]).any(), "drawn anew at every time"


# -- what is refused ------------------------------------------------------------------


@pytest.mark.parametrize("cell", [3, Dense(2), GRUCell, []])
def test_what_is_no_cell_is_refused(cell: Any) -> None:
    with pytest.raises(ArgumentError, match="no cell"):
        RNN(cell)


def test_a_cell_that_returns_something_else_is_explained() -> None:
    class Lone(Layer):
        state_size = FEATURES

        def call(self, inputs: Any, states: Any) -> Any:
            return inputs

    class More(Lone):
        def call(self, inputs: Any, states: Any) -> Any:
            return inputs, [inputs, inputs]

    with pytest.raises(ArgumentError, match="returns the output and the states"):
        RNN(Lone())(X)
    with pytest.raises(ArgumentError, match="another number of states") as caught:
        RNN(More())(X)
    assert (caught.value.expected, caught.value.got) == ("1", "2")


def test_a_mask_of_another_length_is_refused() -> None:
    with pytest.raises(ShapeError, match="which times count") as caught:
        GRU(2)(X, mask=MASK[:, 1:])
    assert caught.value.expected == f"(batch, time), which are ({BATCH}, {TIME})"


@pytest.mark.parametrize("kind", [SimpleRNN, GRU, LSTM])
def test_a_layer_is_copied_and_pickled_with_its_cell(kind: Any) -> None:
    layer = ready(kind(UNITS, dtype="float64"))
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert_close(twin(X), layer(X))
        assert twin.kernel is not layer.kernel


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"layer": Dense(2)}, "layer is a recurrent layer"),
        ({"layer": GRU}, "layer is a recurrent layer"),
        ({"layer": GRU(2), "merge_mode": "add"}, "unknown merge_mode"),
        ({"layer": GRU(2), "backward_layer": GRU(2)}, "different directions"),
        (
            {
                "layer": GRU(2, return_state=True),
                "backward_layer": GRU(2, go_backwards=True),
            },
            "differ in return_state",
        ),
        ({"layer": GRU(2, go_backwards=True)}, "different directions"),
    ],
)
def test_directions_that_do_not_fit_are_refused(arguments: Any, text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        Bidirectional(**arguments)
