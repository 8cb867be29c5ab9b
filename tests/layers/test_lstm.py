"""LSTM: masks, states, directions, and how the loop is compiled."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import wubu
from layers.harness import fixed_weights
from wubu.core.graph import Graph
from wubu.errors import ArgumentError, ShapeError, StateError
from wubu.layers import LSTM, Input

BATCH, TIME, FEATURES, UNITS = 3, 6, 4, 5
LENGTHS = (6, 2, 4)
X = np.random.default_rng(0).normal(size=(BATCH, TIME, FEATURES))
RIGHT = np.arange(TIME) < np.array(LENGTHS)[:, None]  # padding at the end
LEFT = RIGHT[:, ::-1]  # padding at the beginning


def lstm(**arguments: Any) -> LSTM:
    layer = LSTM(UNITS, dtype="float64", **arguments)
    layer.ensure_built((X.shape,))
    fixed_weights(layer)
    return layer


def values(result: Any) -> Any:
    if isinstance(result, tuple):
        return [part.detach().numpy() for part in result]
    return result.detach().numpy()


# -- masks ----------------------------------------------------------------------------


@pytest.mark.parametrize("mask", [RIGHT, LEFT], ids=["right", "left"])
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("compiled", [False, True])
def test_masked_is_the_shortened_sequence(
    mask: np.ndarray, backwards: bool, compiled: bool
) -> None:
    layer = lstm(return_state=True, go_backwards=backwards)
    call = lambda x, mask: layer(x, mask=mask)  # noqa: E731 - one for both ways
    call = wubu.jit(call) if compiled else call
    found = values(call(X, mask))
    for i in range(BATCH):
        alone = values(layer(X[i : i + 1, mask[i]]))
        for part, whole in zip(alone, found, strict=True):
            np.testing.assert_allclose(whole[i], part[0], 1e-12)


def test_gradients_of_masked_steps_are_zero_and_others_those_of_the_short() -> None:
    layer = lstm()
    x = wubu.tensor(X, requires_grad=True)
    layer(x, mask=RIGHT).sum().backward()
    masked = x.grad.numpy()
    kernel = layer.kernel.grad.numpy()
    assert not masked[~RIGHT].any()
    total = np.zeros_like(kernel)
    for i in range(BATCH):
        layer.kernel.grad = None
        short = wubu.tensor(X[i : i + 1, : LENGTHS[i]], requires_grad=True)
        layer(short).sum().backward()
        np.testing.assert_allclose(masked[i, : LENGTHS[i]], short.grad.numpy()[0], 1e-9)
        total += layer.kernel.grad.numpy()
    np.testing.assert_allclose(kernel, total, 1e-9)


def test_masked_steps_repeat_the_output_or_give_zeros() -> None:
    layer = lstm(return_sequences=True)
    y = values(layer(X, mask=RIGHT))
    np.testing.assert_array_equal(y[1, 2:], np.broadcast_to(y[1, 1], (4, UNITS)))
    assert not values(layer(X, mask=LEFT))[1, :4].any()
    zeros = lstm(return_sequences=True, zero_output_for_mask=True)
    y0 = values(zeros(X, mask=RIGHT))
    assert not y0[~RIGHT].any()
    np.testing.assert_array_equal(y0[RIGHT], y[RIGHT])


def test_a_mask_goes_on_with_the_sequence_and_ends_with_one_output() -> None:
    mask = wubu.tensor(RIGHT)
    assert lstm(return_sequences=True).compute_mask(X, mask) is mask
    assert lstm().compute_mask(X, mask) is None


# -- states ---------------------------------------------------------------------------


@pytest.mark.parametrize("compiled", [False, True])
def test_stateful_pieces_are_one_long_sequence(compiled: bool) -> None:
    wanted = values(lstm(return_sequences=True)(X))
    layer = lstm(return_sequences=True, stateful=True)
    layer.reset_states()  # its weights, states among them, were all drawn
    call = wubu.jit(lambda x: layer(x)) if compiled else layer
    pieces = [values(call(X[:, i : i + 2])) for i in range(0, TIME, 2)]
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), wanted, 1e-12)
    layer.reset_states()
    np.testing.assert_allclose(values(call(X[:, :2])), wanted[:, :2], 1e-12)


def test_a_state_returned_can_be_given_back() -> None:
    layer = lstm(return_state=True)
    _, *state = layer(X[:, :2])
    for given in (layer(X[:, 2:], state), layer(X[:, 2:], initial_state=state)):
        for a, b in zip(values(given), values(layer(X)), strict=True):
            np.testing.assert_allclose(a, b, 1e-12)


def test_a_state_may_be_a_symbol() -> None:
    layer = LSTM(UNITS, return_sequences=True)
    states = [Input((UNITS,)), Input((UNITS,))]
    y = layer(Input((None, FEATURES)), initial_state=states)
    assert y.shape == (None, None, UNITS)


def test_a_stateful_layer_needs_its_batch() -> None:
    with pytest.raises(StateError, match="how many there are") as caught:
        LSTM(UNITS, stateful=True)(Input((TIME, FEATURES)))
    assert "batch_shape" in str(caught.value.fix)
    layer = LSTM(UNITS, stateful=True)
    layer(Input(batch_shape=(BATCH, TIME, FEATURES)))
    assert [s.shape for s in layer.states] == [(BATCH, UNITS)] * 2
    with pytest.raises(ShapeError) as error:
        layer(X[:2])
    assert error.value.expected == f"2 of shape (2, {UNITS})"
    assert "reset_state" in str(error.value.fix)


def test_states_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match="begins with do not fit"):
        lstm()(X, initial_state=[np.zeros((BATCH, UNITS))])


# -- weights --------------------------------------------------------------------------


def test_the_forget_gate_begins_with_a_bias_of_one() -> None:
    layer = LSTM(2)
    layer.ensure_built(((None, None, 3),))
    assert layer.bias.tolist() == [0, 0, 1, 1, 0, 0, 0, 0]
    layer = LSTM(2, bias_initializer="ones", unit_forget_bias=False)
    layer.ensure_built(((None, None, 3),))
    assert layer.bias.tolist() == [1] * 8


def test_every_recurrent_gate_kernel_is_part_of_an_orthogonal_matrix() -> None:
    layer = LSTM(4)
    layer.ensure_built(((None, None, 3),))
    matrix = layer.recurrent_kernel.numpy()
    np.testing.assert_allclose(matrix @ matrix.T, np.eye(4), atol=1e-5)


def test_arguments_reach_the_weights() -> None:
    constraint = abs
    layer = LSTM(
        2,
        kernel_regularizer="l2",
        recurrent_regularizer="l1",
        recurrent_constraint=constraint,
    )
    layer.ensure_built(((None, None, 3),))
    assert layer.kernel.regularizer is not None
    assert layer.recurrent_kernel.regularizer is not None
    assert layer.bias.regularizer is None
    assert layer.recurrent_kernel.constraint is constraint
    assert len(layer.losses) == 2


@pytest.mark.parametrize("name", ["dropout", "recurrent_dropout"])
def test_dropout_is_a_share(name: str) -> None:
    with pytest.raises(ArgumentError, match=f"{name} is a share"):
        LSTM(2, **{name: 1.0})


# -- the loop -------------------------------------------------------------------------


def graph_of_a_step(layer: LSTM) -> Graph:
    def step(x: Any) -> Any:
        loss = layer(x, training=True).sum()
        loss.backward()
        return loss

    return wubu.trace(step, X)


def names(graph: Graph) -> list[str]:
    return [node.primitive.name for node in graph.nodes]


@pytest.mark.parametrize("masked", [False, True])
def test_only_the_recurrence_is_inside_the_loop(masked: bool) -> None:
    layer = lstm(dropout=0.3, recurrent_dropout=0.3)
    if masked:
        call = layer.call
        layer.call = lambda x, training, mask: call(x, training=training, mask=RIGHT)  # type: ignore[method-assign]
    graph = graph_of_a_step(layer)
    forward, backward = (n for n in graph.nodes if n.primitive.name == "scan")
    # h @ U forwards, its transpose backwards; masks of dropout are drawn outside.
    for loop in (forward, backward):
        body = loop.params["body"]
        assert names(body).count("dot_general") == 1
        assert "random_bits" not in names(body)
        weights = {layer.kernel.shape, layer.recurrent_kernel.shape}
        assert not any(v.shape in weights for n in body.nodes for v in n.outputs)
    # x @ W of all times, and the gradients of W and U in one product each.
    assert names(graph).count("dot_general") == 3
    assert names(graph).count("random_bits") >= 2


def test_dropout_masks_are_the_same_at_all_times() -> None:
    layer = lstm(dropout=0.5, use_bias=False, seed=1)
    layer.kernel.assign(np.eye(FEATURES, 4 * UNITS))
    project, _ = layer.cell.prepare(BATCH, training=True)
    rows = project(wubu.ones((TIME, BATCH, FEATURES), dtype="float64"))
    rows = rows.detach().numpy()[..., :FEATURES]
    assert set(np.unique(rows)) == {0.0, 2.0}
    np.testing.assert_array_equal(rows, np.broadcast_to(rows[:1], rows.shape))


def test_a_sequence_of_open_length() -> None:
    layer = LSTM(UNITS, return_sequences=True)
    assert layer(Input((None, FEATURES))).shape == (None, None, UNITS)
    for time in (1, 7):
        assert layer(np.ones((2, time, FEATURES))).shape == (2, time, UNITS)
