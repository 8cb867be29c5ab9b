"""Losses as objects: names, files, reductions, shapes, labels."""

from __future__ import annotations

import inspect
import itertools
import json
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import wubu
from reference.load import signatures
from wubu import losses
from wubu.errors import ArgumentError, DataError, ShapeError, UnknownNameError
from wubu.losses import LossFunctionWrapper

# What Keras has in this room, but for what is in every room.
ROOM = {
    name.removeprefix("losses."): arguments
    for name, arguments in signatures().items()
    if name.startswith("losses.")
}
OTHERS = {"Loss", "get", "serialize"}
CLASSES = sorted(name for name in set(ROOM) - OTHERS if name[0].isupper())
FUNCTIONS = sorted(name for name in set(ROOM) - OTHERS if name[0].islower())


@pytest.mark.parametrize("name", CLASSES)
def test_arguments_are_keras(name: str) -> None:
    wanted = [(p["name"], p.get("default")) for p in ROOM[name]]
    made = inspect.signature(getattr(losses, name).__init__).parameters.values()
    assert [(p.name, p.default) for p in list(made)[1:]] == wanted


@pytest.mark.parametrize("name", CLASSES)
def test_each_goes_into_a_file_and_back(name: str) -> None:
    loss = getattr(losses, name)(reduction="sum", name="mine", dtype="float64")
    data = json.loads(json.dumps(losses.serialize(loss)))
    twin = losses.deserialize(data)
    assert type(twin) is type(loss)
    assert twin.get_config() == loss.get_config()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_take_what_keras_takes(name: str) -> None:
    wanted = [(p["name"], p.get("default")) for p in ROOM[name]]
    made = inspect.signature(getattr(losses, name)).parameters.values()
    empty = inspect.Parameter.empty
    found = [(p.name, None if p.default is empty else p.default) for p in made]
    assert found == wanted


@pytest.mark.parametrize("name", CLASSES)
def test_get_takes_every_spelling(name: str) -> None:
    cls = getattr(losses, name)
    function = re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
    loss = cls()
    for spelling in (name, function, function.upper(), cls):
        assert type(losses.get(spelling)) is cls
    assert losses.get(loss) is loss
    assert type(losses.get({"class_name": name, "config": {}})) is cls
    assert losses.get(function).name == loss.name


SHORT = {
    "mse": "MeanSquaredError",
    "MAE": "MeanAbsoluteError",
    "mape": "MeanAbsolutePercentageError",
    "msle": "MeanSquaredLogarithmicError",
    "bce": "BinaryCrossentropy",
    "kld": "KLDivergence",
    "kullback_leibler_divergence": "KLDivergence",
    "logcosh": "LogCosh",
    "huber_loss": "Huber",
}


@pytest.mark.parametrize("short", SHORT)
def test_short_names(short: str) -> None:
    assert type(losses.get(short)) is getattr(losses, SHORT[short])
    assert losses.get(None) is None


def test_get_makes_a_loss_of_a_function() -> None:
    def gap(y_true: Any, y_pred: Any) -> Any:
        return (y_true - y_pred).abs().max(axis=-1)

    loss = losses.get(gap)
    assert isinstance(loss, LossFunctionWrapper)
    assert loss.name == "gap"
    assert loss([[1.0, 2.0]], [[1.5, 4.0]]).item() == 2.0


def test_a_function_may_have_more_arguments() -> None:
    loss = LossFunctionWrapper(losses.huber, reduction="sum", delta=0.5)
    assert loss([0.0], [2.0]).item() == 0.5 * (2 - 0.25)
    twin = losses.deserialize(json.loads(json.dumps(losses.serialize(loss))))
    assert twin([0.0], [2.0]).item() == loss([0.0], [2.0]).item()


def test_a_loss_without_a_name_has_that_of_its_class() -> None:
    class LargestGap(losses.Loss):
        def call(self, y_true: Any, y_pred: Any) -> Any:
            return (y_true - y_pred).abs().max(axis=-1)

    assert LargestGap().name == "largest_gap"


def test_a_function_goes_into_a_file_by_its_name() -> None:
    data = losses.serialize(losses.mean_squared_error)
    assert data == {"function": "losses>mean_squared_error"}
    wrapped = LossFunctionWrapper(losses.mean_squared_error, reduction="sum")
    twin = losses.deserialize(losses.serialize(wrapped))
    assert twin.fn is losses.mean_squared_error
    assert twin.reduction == "sum"


def test_unknown_names_suggest_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as error:
        losses.get("mean_squred_error")
    assert error.value.fix == 'did you mean "MeanSquaredError"?'
    with pytest.raises(UnknownNameError, match="reduction"):
        losses.MeanSquaredError(reduction="average")
    with pytest.raises(UnknownNameError, match="from_logit"):
        losses.BinaryCrossentropy(from_logit=True)


def test_what_is_no_loss_is_refused() -> None:
    with pytest.raises(ArgumentError, match="cannot be used as loss"):
        losses.get(3)


# -- reductions -----------------------------------------------------------------------


REDUCED = {
    "sum_over_batch_size": (2 * 1 + 0 * 4 + 1 * 9) / 3,
    "mean": (2 * 1 + 0 * 4 + 1 * 9) / 3,
    "mean_with_sample_weight": (2 * 1 + 0 * 4 + 1 * 9) / 3,  # the weights' sum is 3
    "sum": 2 * 1 + 0 * 4 + 1 * 9,
}


@pytest.mark.parametrize("reduction", REDUCED)
@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_reductions(reduction: str, shape: tuple[int, ...]) -> None:
    """The same for vectors and columns, and for weights of either shape."""
    y_true, y_pred = np.zeros(shape), np.array([1.0, 2.0, 3.0]).reshape(shape)
    for weight in ([2.0, 0.0, 1.0], [[2.0], [0.0], [1.0]]):
        loss = losses.MeanSquaredError(reduction=reduction)(y_true, y_pred, weight)
        assert loss.item() == pytest.approx(REDUCED[reduction])


def test_without_reduction_values_are_weighted() -> None:
    for reduction in (None, "none"):
        loss = losses.MeanSquaredError(reduction=reduction)
        assert loss([0.0, 0.0], [1.0, 2.0], [3.0, 0.5]).tolist() == [3.0, 2.0]


def test_weights_of_zero_give_zero_not_nan() -> None:
    loss = losses.MeanSquaredError(reduction="mean_with_sample_weight")
    assert loss([0.0], [1.0], [0.0]).item() == 0


def test_one_weight_per_sample_applies_to_its_time_steps() -> None:
    y_true, y_pred = np.zeros((2, 3, 1)), np.ones((2, 3, 1))
    loss = losses.MeanSquaredError(reduction="sum")
    assert loss(y_true, y_pred, [2.0, 0.0]).item() == 6


def test_weights_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match="one sample weight for each"):
        losses.MeanSquaredError()(np.zeros((3, 2)), np.zeros((3, 2)), [1.0, 2.0])


def test_half_precision_is_reduced_in_single() -> None:
    y_pred = np.full((1000, 1), 300, "float16")  # squares overflow float16
    assert losses.MeanSquaredError()(np.zeros((1000, 1)), y_pred).item() == 90_000


def test_ignored_samples_count_nowhere() -> None:
    y_pred = np.array([[0.5, 0.5], [0.25, 0.75], [0.1, 0.9]])
    loss = losses.SparseCategoricalCrossentropy(ignore_class=-1)
    assert loss([0, 1, -1], y_pred).item() == pytest.approx(
        losses.SparseCategoricalCrossentropy()([0, 1], y_pred[:2]).item()
    )
    assert loss([-1, -1, -1], y_pred).item() == 0


def test_logits_of_the_mask_do_not_matter() -> None:
    """A label that is ignored may be none of the classes, also compiled."""
    loss = losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=255)
    y_pred = wubu.tensor([[1.0, 2.0], [1e9, -1e9]])
    compiled = wubu.jit(wubu.value_and_grad(lambda p, t: loss(t, p)))
    value, gradient = compiled(y_pred, np.array([0, 255]))
    assert value.item() == pytest.approx(np.log(1 + np.e))
    assert gradient.numpy()[1].tolist() == [0, 0]


# -- shapes ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["MeanSquaredError", "BinaryCrossentropy"])
def test_vector_and_column_are_the_same(name: str) -> None:
    y_true, y_pred = np.array([0.0, 1.0, 1.0]), np.array([0.25, 0.5, 0.75])
    loss = getattr(losses, name)()
    values = {
        loss(t, p).item()
        for t in (y_true, y_true[:, None])
        for p in (y_pred, y_pred[:, None])
    }
    assert len(values) == 1


@pytest.mark.parametrize("name", ["MeanSquaredError", "CategoricalCrossentropy"])
def test_shapes_that_would_broadcast_are_refused(name: str) -> None:
    loss = getattr(losses, name)()
    with pytest.raises(ShapeError) as error:
        loss(np.zeros((4,)), np.zeros((4, 4)))
    assert "sparse_categorical" in error.value.fix
    with pytest.raises(ShapeError, match="different shapes"):
        loss(np.zeros((4, 1)), np.zeros((4, 3)))
    with pytest.raises(ShapeError) as error:
        loss(np.zeros((3, 2)), np.zeros((4, 2)))
    assert error.value.fix == "give as many targets as samples"


def test_one_hot_labels_for_the_sparse_loss_are_refused() -> None:
    with pytest.raises(ShapeError) as error:
        losses.SparseCategoricalCrossentropy()(np.eye(3), np.full((3, 3), 1 / 3))
    assert "one-hot" in error.value.fix


# -- labels ---------------------------------------------------------------------------


def sparse(labels: Any) -> Any:
    return losses.SparseCategoricalCrossentropy()(
        labels, np.full((len(labels), 3), 0.5)
    )


def test_first_label_out_of_range_is_named() -> None:
    with pytest.raises(DataError) as error:
        sparse([0, 2, 3, 7])
    assert error.value.what == "a label is no class: 3 of sample 2"
    assert error.value.expected == "whole numbers from 0 to 2, for 3 outputs"
    assert error.value.got == "3 at y_true[2], 2 such labels in all"
    assert error.value.fix == "give the last layer 8 units, or mend the labels"


def test_labels_that_start_at_one_are_recognised() -> None:
    with pytest.raises(DataError) as error:
        sparse([1, 2, 3])
    assert error.value.fix == "labels start at 0: subtract 1"


@pytest.mark.parametrize("label", [-1.0, 0.5, float("nan")])
def test_floats_that_are_no_class_are_refused(label: float) -> None:
    with pytest.raises(DataError, match="of sample 1"):
        sparse([0.0, label])


def test_compiled_a_label_out_of_range_has_no_loss() -> None:
    loss = losses.SparseCategoricalCrossentropy(reduction="none")
    found = wubu.jit(loss)(np.array([1, 3]), np.full((2, 3), 1 / 3))
    np.testing.assert_allclose(found.numpy(), [np.log(3), 0], rtol=1e-6)


def test_smoothing_outside_its_range_is_refused() -> None:
    for cls in (
        losses.BinaryCrossentropy,
        losses.CategoricalCrossentropy,
        losses.BinaryFocalCrossentropy,
        losses.CategoricalFocalCrossentropy,
    ):
        with pytest.raises(ArgumentError, match="label_smoothing"):
            cls(label_smoothing=1.5)


def test_binary_hinge_labels_are_seen_in_the_whole_batch() -> None:
    """0 and 1 mean -1 and 1, but not where another label shows that they do not."""
    y_pred = [[0.5], [0.5]]
    assert losses.hinge([[0.0], [1.0]], y_pred).tolist() == [1.5, 0.5]
    assert losses.hinge([[0.0], [-1.0]], y_pred).tolist() == [1.0, 1.5]
    assert wubu.jit(losses.hinge)([[0.0], [1.0]], y_pred).tolist() == [1.5, 0.5]


def test_focal_loss_without_focus_is_cross_entropy() -> None:
    random = np.random.default_rng(0)
    logits, rows = random.normal(size=(6, 4)), np.eye(4)[[0, 1, 2, 3, 0, 1]]
    plain = losses.CategoricalCrossentropy(from_logits=True)(rows, logits)
    focal = losses.CategoricalFocalCrossentropy(1.0, gamma=0, from_logits=True)
    assert focal(rows, logits).item() == pytest.approx(plain.item(), rel=1e-12)
    plain = losses.BinaryCrossentropy(from_logits=True)(rows, logits)
    focal = losses.BinaryFocalCrossentropy(gamma=0, from_logits=True)
    assert focal(rows, logits).item() == pytest.approx(plain.item(), rel=1e-12)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("kind", ["Binary", "Categorical"])
def test_focal_loss_of_huge_logits_is_finite(kind: str, gamma: float) -> None:
    loss = getattr(losses, f"{kind}FocalCrossentropy")(gamma=gamma, from_logits=True)
    y_pred = wubu.tensor([[1e4, -1e4, 0.0], [-1e30, 1e30, 0.0]], requires_grad=True)
    value = loss(np.eye(3)[[0, 0]], y_pred)
    value.backward()
    assert np.isfinite(value.item())
    assert np.isfinite(y_pred.grad.numpy()).all()


def test_generalized_cross_entropy_learns_nothing_from_what_is_impossible() -> None:
    """Its derivative by a probability goes to infinity at 0; there it is 0."""
    y_pred = wubu.tensor([[0.0, 1.0], [0.25, 0.75]], requires_grad=True)
    losses.CategoricalGeneralizedCrossEntropy(0.5)([0, 0], y_pred).backward()
    assert y_pred.grad.tolist() == [[0.0, 0.0], [-1.0, 0.0]]
    with pytest.raises(ArgumentError, match="between 0 and 1"):
        losses.CategoricalGeneralizedCrossEntropy(1.0)
    with pytest.raises(DataError, match="no class"):
        losses.CategoricalGeneralizedCrossEntropy()([2, 0], y_pred)


def test_samples_without_another_of_their_class_count_nowhere() -> None:
    random = np.random.default_rng(0)
    embeddings = random.normal(size=(5, 3))
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    y_pred = wubu.tensor(embeddings, requires_grad=True)
    values = losses.circle([0, 1, 0, 1, 2], y_pred, gamma=2).numpy()
    assert values[4] == 0
    loss = losses.Circle(gamma=2)([0, 1, 0, 1, 2], y_pred)
    assert loss.item() == pytest.approx(values[:4].mean())
    loss.backward()
    assert np.isfinite(y_pred.grad.numpy()).all()
    assert losses.Circle()([0, 1, 2], y_pred[:3]).item() == 0
    with pytest.raises(ShapeError, match="class number for each"):
        losses.circle([[0, 1], [1, 0]], y_pred[:2])


def test_samples_are_compared_with_references() -> None:
    """The samples themselves, given as references, change nothing."""
    embeddings = np.eye(4)[[0, 1, 1, 2, 0]]
    labels = [0, 1, 1, 0, 1]
    own = losses.circle(labels, embeddings, gamma=3)
    others = losses.circle(labels, embeddings, labels, embeddings, gamma=3)
    np.testing.assert_array_equal(own.numpy(), others.numpy())
    one = losses.circle(
        labels[:1], embeddings[:1], labels, embeddings, remove_diagonal=True, gamma=3
    )
    np.testing.assert_allclose(one.numpy(), own.numpy()[:1])


@pytest.mark.parametrize("labels", [[1, 2], [1, 1], [2, 0], [0, 0]])
def test_ctc_adds_up_all_ways(labels: list[int]) -> None:
    """Every sequence of classes that collapses to the labels, one by one."""
    time, classes = 4, 3
    logits = np.random.default_rng(0).normal(size=(1, time, classes))
    p = np.exp(logits[0]) / np.exp(logits[0]).sum(-1, keepdims=True)
    total = 0.0
    for way in itertools.product(range(classes), repeat=time):
        short = [c for c, _ in itertools.groupby(way) if c]
        if short == [c for c in labels if c]:
            total += np.prod([p[t, c] for t, c in enumerate(way)])
    assert losses.ctc([labels], logits).item() == pytest.approx(-np.log(total))


def test_ctc_without_enough_time_is_infinite_and_teaches_nothing() -> None:
    y_pred = wubu.tensor(np.zeros((2, 3, 4)), requires_grad=True)
    values = losses.ctc([[1, 2, 2], [1, 2, 3]], y_pred)  # the first needs a blank more
    assert np.isinf(values.numpy()).tolist() == [True, False]
    values.sum().backward()
    assert (y_pred.grad.numpy()[0] == 0).all()
    assert np.isfinite(y_pred.grad.numpy()).all()
    with pytest.raises(ShapeError, match="rows of labels"):
        losses.CTC()([1, 2], np.zeros((2, 3, 4)))
    with pytest.raises(DataError, match="no class"):
        losses.CTC()([[4]], np.zeros((1, 3, 4)))


# -- properties -----------------------------------------------------------------------


@given(
    st.lists(
        st.sampled_from([-1e38, -1e4, -30.0, 0.0, 1e-30, 30.0, 1e4, 1e38]),
        min_size=3,
        max_size=3,
    ),
    st.integers(0, 2),
)
def test_no_logits_give_nan(row: list[float], label: int) -> None:
    """Values and gradients stay numbers, however large the logits."""
    target = np.eye(3, dtype="float32")[[label]]
    for loss, y_true in [
        (losses.SparseCategoricalCrossentropy(from_logits=True), [label]),
        (losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1), target),
        (losses.BinaryCrossentropy(from_logits=True), target),
    ]:
        y_pred = wubu.tensor([row], requires_grad=True)
        value = loss(y_true, y_pred)
        value.backward()
        assert not np.isnan(value.item())
        assert np.isfinite(y_pred.grad.numpy()).all()


@given(
    st.lists(st.floats(-20, 20, width=32), min_size=4, max_size=4), st.integers(0, 3)
)
def test_sparse_is_categorical_of_one_hot(row: list[float], label: int) -> None:
    one_hot = np.eye(4)[[label]]
    for from_logits in (True, False):
        y_pred = wubu.tensor([row], "float64")
        y_pred = y_pred if from_logits else y_pred.softmax(-1)
        a = losses.SparseCategoricalCrossentropy(from_logits)([label], y_pred)
        b = losses.CategoricalCrossentropy(from_logits)(one_hot, y_pred)
        assert a.item() == pytest.approx(b.item(), rel=1e-12, abs=1e-15)


def test_logits_and_probabilities_agree() -> None:
    logits = wubu.tensor(np.random.default_rng(0).normal(size=(6, 4)))
    labels = [0, 1, 2, 3, 0, 1]
    a = losses.SparseCategoricalCrossentropy(from_logits=True)(labels, logits)
    b = losses.SparseCategoricalCrossentropy()(labels, logits.softmax(-1))
    assert a.item() == pytest.approx(b.item(), rel=1e-12)
    bits = np.eye(4)[labels]
    a = losses.BinaryCrossentropy(from_logits=True)(bits, logits)
    b = losses.BinaryCrossentropy()(bits, logits.sigmoid())
    assert a.item() == pytest.approx(b.item(), rel=1e-12)
