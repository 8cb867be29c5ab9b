"""Metrics in `fit` and `evaluate`: those with several numbers, as one for each class,
and those that weigh samples."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wubu
from training.small import data, deep, labels, line
from wubu import metrics
from wubu.callbacks import CSVLogger
from wubu.training.callbacks.progress import ProgressLines, format_number

EVERY = [
    lambda: metrics.F1Score(),
    lambda: metrics.ConfusionMatrix(3),
    lambda: metrics.AUC(multi_label=True, num_thresholds=9),
    lambda: metrics.Precision(top_k=2),
    lambda: metrics.Recall(thresholds=[0.25, 0.5]),
    lambda: metrics.TopKCategoricalAccuracy(k=2),
    lambda: metrics.MeanIoU(3, sparse_y_true=False, sparse_y_pred=False),
    lambda: metrics.R2Score(class_aggregation=None),
    lambda: metrics.PrecisionAtRecall(0.5, num_thresholds=9),
    lambda: metrics.CohenKappa(3),
]


def classifier(**options: Any) -> Any:
    model = deep()
    model.compile("adam", "categorical_crossentropy", **options)
    return model


def samples(n: int = 20) -> tuple[Any, Any]:
    return data(n)[0], np.eye(3, dtype="float32")[labels(n)]


@pytest.mark.parametrize("executor", ["numpy", "native"])
def test_what_evaluate_finds_is_what_metrics_find_in_predictions(executor: str) -> None:
    wubu.set_executor(executor)
    x, y = samples()
    weight = np.linspace(0, 2, 20, dtype="float32")
    model = classifier(
        metrics=[make() for make in EVERY],
        weighted_metrics=[make() for make in EVERY],
    )
    found = model.evaluate(
        x, y, sample_weight=weight, batch_size=6, verbose=0, return_dict=True
    )
    p = model.predict(x, verbose=0)
    plain, weighted = [], []
    for make in EVERY:
        plain.append(make()(y, p).tolist())
        weighted.append(make()(y, p, sample_weight=weight).tolist())
    for value, wanted in zip(list(found.values())[1:], plain + weighted, strict=True):
        np.testing.assert_allclose(value, wanted, rtol=1e-5, atol=1e-6)


def test_history_and_files_hold_lists() -> None:
    x, y = samples()
    model = classifier(metrics=[metrics.F1Score(), metrics.ConfusionMatrix(3)])
    kept = model.fit(x, y, epochs=2, validation_data=(x, y), verbose=0).history
    assert np.shape(kept["f1_score"]) == (2, 3)
    assert np.shape(kept["val_confusion_matrix"]) == (2, 3, 3)
    assert np.sum(kept["confusion_matrix"][-1]) == len(x)
    assert json.loads(json.dumps(kept)) == kept


def test_a_table_of_numbers_is_one_cell_of_a_csv_file(tmp_path: Path) -> None:
    x, y = samples()
    path = tmp_path / "log.csv"
    model = classifier(metrics=[metrics.F1Score()])
    kept = model.fit(x, y, epochs=2, verbose=0, callbacks=[CSVLogger(path)]).history
    rows = list(csv.DictReader(io.StringIO(path.read_text())))
    assert [json.loads(row["f1_score"]) for row in rows] == kept["f1_score"]


def test_a_metric_of_one_class_is_a_number() -> None:
    x, y = data()
    model = line(metrics=[metrics.R2Score(class_aggregation=None)])
    assert isinstance(model.fit(x, y, verbose=0).history["r2_score"][0], float)


def test_few_numbers_are_shown_and_many_are_counted() -> None:
    assert format_number([0.5, 1 / 3]) == "[0.50 0.33]"
    assert format_number([0.5] * 10) == "10 numbers"
    assert format_number([[1.0, 2.0]] * 2) == "2x2 numbers"


def test_columns_are_as_wide_as_what_they_hold() -> None:
    stream = io.StringIO()
    lines = ProgressLines(stream)
    lines.params = {"epochs": 2}
    lines.on_train_begin()
    for epoch in range(2):
        lines.on_epoch_begin(epoch)
        lines.on_epoch_end(epoch, {"f1": [0.1, 0.2, 0.3], "loss": 0.5})  # type: ignore[dict-item]
    head, *rows = stream.getvalue().splitlines()
    assert head.endswith("              f1       loss")
    assert [len(row) for row in rows] == [len(head)] * 2
    assert "[0.10 0.20 0.30]" in rows[0]
