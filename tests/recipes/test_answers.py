"""What outputs mean: classes, yes or no, values; and the loss of each sample."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.special

from wubu import losses, metrics
from wubu.recipes.answers import (
    MOST_SAMPLES,
    Answers,
    by_class,
    further_metrics,
    losses_of_samples,
    read_answers,
    worth_seeing,
)

LOGITS = np.array([[2.0, 0.0, -1.0], [0.0, 1.0, 3.0]], "float32")
CHANCES = scipy.special.softmax(LOGITS, axis=1).astype("float32")
LABELS = np.array([0, 1])


@pytest.mark.parametrize(
    ("outputs", "y", "loss"),
    [
        (CHANCES, LABELS, "sparse_categorical_crossentropy"),
        (CHANCES, LABELS.astype("uint8")[:, None], "sparse_categorical_crossentropy"),
        (LOGITS, LABELS, losses.SparseCategoricalCrossentropy(from_logits=True)),
        (CHANCES, np.eye(3)[LABELS], "categorical_crossentropy"),
    ],
)
def test_one_class_of_several(outputs: Any, y: Any, loss: Any) -> None:
    found = read_answers(outputs, y, loss)
    assert found.task == "classes"
    assert found.y_true.tolist() == [0, 1] and found.y_pred.tolist() == [0, 2]
    assert found.right.tolist() == [True, False]
    np.testing.assert_allclose(found.probabilities, CHANCES, rtol=1e-6)
    expected = -np.log(CHANCES[[0, 1], LABELS])
    np.testing.assert_allclose(found.losses, expected, rtol=1e-5)


@pytest.mark.parametrize("logits", [False, True])
def test_yes_or_no(logits: bool) -> None:
    scores = np.array([[-2.0], [0.5], [3.0]], "float32")
    chances = scipy.special.expit(scores[:, 0])
    y = np.array([0, 0, 1])
    loss = losses.BinaryCrossentropy(from_logits=logits)
    found = read_answers(scores if logits else chances[:, None], y, loss)
    assert found.task == "binary"
    assert found.y_pred.tolist() == [0, 1, 1]
    np.testing.assert_allclose(
        found.probabilities, np.stack([1 - chances, chances], axis=1), rtol=1e-5
    )
    expected = -np.log([1 - chances[0], 1 - chances[1], chances[2]])
    np.testing.assert_allclose(found.losses, expected, rtol=1e-4)


def test_values() -> None:
    outputs, y = np.array([[1.0], [2.0]], "float32"), np.array([0.0, 4.0], "float32")
    found = read_answers(outputs, y, "mse")
    assert found.task == "values" and found.probabilities is None
    assert found.losses is not None and found.losses.tolist() == [1.0, 4.0]
    assert by_class(found, None) == {"classes": None, "confusion": None}
    assert worth_seeing(found).tolist() == [1, 0]


def test_a_loss_of_your_own() -> None:
    def worst(y_true: Any, y_pred: Any) -> Any:
        return abs(y_true - y_pred).max()

    y = np.zeros((3, 2), "float32")
    assert losses_of_samples(losses.get(worst), y, y + 1) is None
    assert losses_of_samples(None, y, y) is None


def test_samples_are_counted_by_class() -> None:
    y_true, y_pred = np.array([0, 0, 1, 1, 1]), np.array([0, 1, 1, 1, 0])
    found = by_class(Answers("classes", y_true, y_pred, None, None), ["no", "yes", "?"])
    assert found["confusion"] == [[1, 1, 0], [1, 2, 0], [0, 0, 0]]
    assert found["classes"][1] == {
        "name": "yes",
        "samples": 3,
        "predicted": 3,
        "right": 2,
    }
    assert found["classes"][2]["samples"] == 0


def test_the_worst_mistakes_come_first() -> None:
    random = np.random.default_rng(0)
    loss = random.random(1000).astype("float32")
    wrong = np.arange(1000) % 4 == 0
    answers = Answers("classes", np.zeros(1000, int), wrong.astype(int), None, loss)
    chosen = worth_seeing(answers)
    assert len(chosen) == len(set(chosen.tolist())) == MOST_SAMPLES
    mistakes = chosen[wrong[chosen]]
    assert chosen[: len(mistakes)].tolist() == mistakes.tolist()
    worst = np.flatnonzero(wrong)[np.argsort(-loss[wrong])]
    assert mistakes.tolist() == worst[: len(mistakes)].tolist()
    few = Answers("classes", np.zeros(3, int), np.array([0, 1, 0]), None, None)
    assert worth_seeing(few).tolist() == [1, 0, 2]


def test_further_metrics_are_computed_from_predictions() -> None:
    specs = ["accuracy", metrics.SparseCategoricalCrossentropy(name="surprise")]
    found = further_metrics(specs, LABELS, CHANCES, "sparse_categorical_crossentropy")
    assert found["accuracy"] == 0.5
    assert found["surprise"] == pytest.approx(-np.log(CHANCES[[0, 1], LABELS]).mean())
