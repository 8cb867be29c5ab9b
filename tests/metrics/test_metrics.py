"""Metrics as objects: state, names, files, and which one "accuracy" means."""

from __future__ import annotations

import inspect
import itertools
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import wubu
from metrics.samples import CLASSES, SAMPLES, Sample, batch_of
from reference.load import signatures
from wubu import losses, metrics
from wubu.errors import ArgumentError, DataError, ShapeError
from wubu.metrics import Metric

BASES = {"Metric", "MeanMetricWrapper"}
NAMES = [
    name
    for name, value in vars(metrics).items()
    if inspect.isclass(value) and f"metrics.{name}" in signatures()
    if name == value.__name__ not in BASES
]
SUMS = [Sample("Mean", "values"), Sample("Sum", "values")]
ALL = [*SAMPLES, *SUMS]


@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_keras(name: str) -> None:
    wanted = [(p["name"], p.get("default")) for p in signatures()[f"metrics.{name}"]]
    made = inspect.signature(getattr(metrics, name).__init__).parameters.values()
    found = [
        (p.name, None if p.default is inspect.Parameter.empty else p.default)
        for p in list(made)[1:]
    ]
    lists = [(n, list(d) if isinstance(d, tuple) else d) for n, d in found]
    assert lists == wanted


def test_every_metric_of_keras_is_here_and_has_a_sample() -> None:
    theirs = {n for n in signatures() if n.startswith("metrics.")}
    assert theirs - {f"metrics.{name}" for name in vars(metrics)} == set()
    ours = {
        value.__name__
        for value in vars(metrics).values()
        if inspect.isclass(value) and issubclass(value, Metric)
    }
    assert ours - BASES == {sample.name for sample in ALL}


@pytest.mark.parametrize("sample", ALL, ids=str)
def test_each_goes_into_a_file_and_back(sample: Sample) -> None:
    metric = sample.make(name="mine", dtype="float64")
    twin = metrics.deserialize(json.loads(json.dumps(metrics.serialize(metric))))
    assert type(twin) is type(metric)
    assert twin.get_config() == metric.get_config()


@pytest.mark.parametrize("sample", ALL, ids=str)
def test_state_is_in_variables_that_are_not_trained(sample: Sample) -> None:
    metric = sample.make()
    metric.ensure_built((None, CLASSES), (None, CLASSES))
    assert metric.variables
    assert not any(variable.trainable for variable in metric.variables)
    paths = [variable.path for variable in metric.variables]
    assert all(path.startswith(f"{metric.name}/") for path in paths)
    assert len(set(paths)) == len(paths)


def test_reset_sets_every_variable_to_its_first_value() -> None:
    class Smallest(Metric):
        def __init__(self, name: str = "smallest", dtype: Any = None) -> None:
            super().__init__(name=name, dtype=dtype)
            make = wubu.initializers.Constant(np.inf)
            self.smallest = self.add_weight((), make, name="smallest")

        def update_state(self, values: Any) -> None:
            self.smallest.assign(self.smallest.minimum(values.min()))

        def result(self) -> Any:
            return self.smallest.value

    metric = Smallest()
    assert metric(wubu.tensor([3.0, 2.0])).item() == 2
    metric.reset_state()
    assert metric.result().item() == np.inf


def test_an_earlier_result_stays_as_it_was() -> None:
    metric = metrics.Sum()
    first = metric([1.0])
    metric.update_state([1.0])
    assert first.item() == 1


def test_nothing_is_recorded_for_derivatives() -> None:
    y_pred = wubu.tensor([[1.0]], requires_grad=True)
    metric = metrics.MeanSquaredError()
    assert not metric([[0.0]], y_pred).requires_grad


def test_update_of_a_program_with_reset_inside() -> None:
    metric = metrics.Mean()

    @wubu.jit
    def epoch(a: Any, b: Any) -> Any:
        metric.reset_state()
        metric.update_state(a)
        metric.update_state(b)
        return metric.result()

    for _ in range(2):
        assert epoch(np.array([1.0, 2.0]), np.array([6.0])).item() == 3


def test_counts_are_exact_to_two_to_the_24() -> None:
    metric = metrics.Mean()
    ones = np.ones(2**20, "float32")
    for _ in range(16):
        metric.update_state(ones)
    assert metric.count.item() == 2**24
    assert metric.result().item() == 1


def test_ignored_classes_do_not_count() -> None:
    y_pred = np.array([[0.5, 0.5], [0.25, 0.75], [0.1, 0.9]])
    metric = metrics.SparseCategoricalCrossentropy(ignore_class=-1)
    metric.update_state([0, 1, -1], y_pred, sample_weight=[1.0, 3.0, 5.0])
    wanted = (np.log(2) + 3 * np.log(4 / 3)) / 4
    assert metric.result().item() == pytest.approx(wanted, rel=1e-6)
    metric.reset_state()
    assert metric([-1], y_pred[:1]).item() == 0


# -- splits ---------------------------------------------------------------------------


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
@settings(max_examples=8)
@given(st.sets(st.integers(1, 29), max_size=5), st.integers(0, 9), st.booleans())
def test_batches_together_are_the_whole(
    sample: Sample, cuts: set[int], seed: int, weighted: bool
) -> None:
    """However samples are divided into batches, the result is that of one batch."""
    random = np.random.default_rng(seed)
    y_true, y_pred = batch_of(sample.kind, random, 30)
    weight = random.uniform(0.1, 2, 30) if weighted else None
    whole = sample.make(dtype="float64")
    whole.update_state(y_true, y_pred, sample_weight=weight)
    parts = sample.make(dtype="float64")
    edges = [0, *sorted(cuts), 30]
    for a, b in itertools.pairwise(edges):
        part = None if weight is None else weight[a:b]
        parts.update_state(y_true[a:b], y_pred[a:b], sample_weight=part)
    found, wanted = parts.result().numpy(), whole.result().numpy()
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_weight_of_two_is_the_sample_twice_and_one_of_zero_is_none(
    sample: Sample,
) -> None:
    y_true, y_pred = batch_of(sample.kind, np.random.default_rng(3), 12)
    weight = np.array([2, 1, 0] * 4)
    weighted, repeated = sample.make(dtype="float64"), sample.make(dtype="float64")
    weighted.update_state(y_true, y_pred, sample_weight=weight)
    repeated.update_state(np.repeat(y_true, weight, 0), np.repeat(y_pred, weight, 0))
    found, wanted = weighted.result().numpy(), repeated.result().numpy()
    np.testing.assert_allclose(found, wanted, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_first_use_inside_a_compiled_function(sample: Sample) -> None:
    """State whose shape depends on the predictions is made outside of the trace."""
    y_true, y_pred = batch_of(sample.kind, np.random.default_rng(3), 6)
    metric, wanted = sample.make(), sample.make()

    @wubu.jit
    def add(y_true: Any, y_pred: Any) -> Any:
        metric.update_state(y_true, y_pred)
        return metric.result()

    add(y_true, y_pred)
    found = add(y_true, y_pred).numpy()
    wanted.update_state(y_true, y_pred)
    wanted.update_state(y_true, y_pred)
    np.testing.assert_allclose(found, wanted.result().numpy(), rtol=1e-5, atol=1e-6)
    metric.reset_state()
    assert not np.any(metric.result().numpy())


@given(st.integers(0, 99))
def test_metrics_are_the_losses_of_the_same_name(seed: int) -> None:
    random = np.random.default_rng(seed)
    for name in ("MeanSquaredError", "BinaryCrossentropy", "CategoricalCrossentropy"):
        y_true, y_pred = batch_of("distribution", random, 10)
        weight = random.uniform(0.1, 2, 10)
        loss = getattr(losses, name)(reduction="mean_with_sample_weight")
        metric = getattr(metrics, name)(dtype="float64")
        wanted = loss(y_true, y_pred, weight).item()
        assert metric(y_true, y_pred, weight).item() == pytest.approx(wanted, rel=1e-12)


def test_vectors_count_samples_not_batches() -> None:
    metric = metrics.MeanSquaredError()
    metric.update_state([0.0, 0.0, 0.0], [1.0, 1.0, 1.0])
    metric.update_state([0.0], [3.0])
    assert metric.result().item() == 3


# -- what does not fit ----------------------------------------------------------------


def test_shapes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ShapeError, match="one class number for each"):
        metrics.SparseCategoricalAccuracy()(np.eye(3), np.eye(3))
    with pytest.raises(ShapeError, match="different shapes"):
        metrics.CategoricalAccuracy()(np.zeros(3), np.eye(3))
    with pytest.raises(ShapeError, match="sample weight"):
        metrics.BinaryAccuracy()(np.ones((3, 1)), np.ones((3, 1)), np.ones(2))


def test_labels_out_of_range_are_refused() -> None:
    with pytest.raises(DataError, match="3 of sample 1"):
        metrics.SparseCategoricalCrossentropy()([0, 3], np.full((2, 3), 0.3))


def test_ties_go_to_the_first() -> None:
    assert metrics.SparseCategoricalAccuracy()([0], [[0.5, 0.5]]).item() == 1
    assert metrics.SparseCategoricalAccuracy()([1], [[0.5, 0.5]]).item() == 0


def test_a_prediction_at_the_threshold_is_class_zero() -> None:
    assert metrics.BinaryAccuracy()([[0.0]], [[0.5]]).item() == 1


def test_the_older_name_of_reset_state_is_taken_with_a_note(
    capsys: pytest.CaptureFixture[str],
) -> None:
    metric = metrics.Sum()
    metric.update_state([1.0])
    metric.reset_states()
    assert metric.result().item() == 0
    assert "is now reset_state()" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: metrics.Precision(thresholds=1.5), ArgumentError, "from 0 to 1"),
        (lambda: metrics.Recall(thresholds=[]), ArgumentError, "from 0 to 1"),
        (lambda: metrics.AUC(curve="RO"), ArgumentError, "ROC, PR, PRGAIN"),
        (lambda: metrics.AUC(summation_method="x"), ArgumentError, "interpolation"),
        (lambda: metrics.AUC(num_thresholds=1), ArgumentError, "2 or more"),
        (lambda: metrics.AUC(num_labels=3), ArgumentError, "multi_label=True"),
        (lambda: metrics.PrecisionAtRecall(2), ArgumentError, "recall is a share"),
        (lambda: metrics.RecallAtPrecision(0.5, 0), ArgumentError, "1 or more"),
        (lambda: metrics.F1Score("mean"), ArgumentError, "None, micro, macro"),
        (lambda: metrics.FBetaScore(beta=0), ArgumentError, "above 0"),
        (lambda: metrics.F1Score(threshold=2), ArgumentError, "up to 1"),
        (lambda: metrics.IoU(3, [3]), ArgumentError, "from 0 to 2"),
        (lambda: metrics.MeanIoU(0), ArgumentError, "1 or more"),
        (lambda: metrics.ConfusionMatrix(2, "rows"), ArgumentError, "true, pred, all"),
        (lambda: metrics.CohenKappa(2, "cubic"), ArgumentError, "linear, quadratic"),
        (lambda: metrics.R2Score("mean"), ArgumentError, "uniform_average"),
        (lambda: metrics.R2Score(num_regressors=-1), ArgumentError, "0 or more"),
        (lambda: metrics.Precision(class_id=2)([1], [0.5]), ShapeError, "no class 2"),
        (
            lambda: metrics.TopKCategoricalAccuracy()(np.eye(3), np.eye(3)),
            ArgumentError,
            "k from 1 to 3",
        ),
        (
            lambda: metrics.AUC(multi_label=True)(np.ones(3), np.ones(3)),
            ShapeError,
            "a row of labels",
        ),
        (
            lambda: metrics.F1Score()(np.ones((2, 2, 2)), np.ones((2, 2, 2))),
            ShapeError,
            "one row of classes",
        ),
        (lambda: metrics.F1Score()([1, 0], np.eye(2)), ShapeError, "to_categorical"),
        (lambda: metrics.MeanIoU(2)([1, 0], [1]), ShapeError, "one label for each"),
        (lambda: metrics.ConfusionMatrix(2)([2], [1]), DataError, "2 of sample 0"),
        (
            lambda: metrics.Recall()([1, 0], [1, 0], sample_weight=[1, 2, 3]),
            ShapeError,
            "sample weight",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused(call: Any, error: Any, text: str) -> None:
    with pytest.raises(error, match=text):
        call()
