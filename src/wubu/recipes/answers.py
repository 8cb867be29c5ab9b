"""What a model said of samples, and how good that was: `evaluation.json`,
`predictions.npz` and `samples.npz` of a run folder (described in `wubu.runs`)."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from wubu import losses, metrics
from wubu.core.modes import no_grad
from wubu.core.tensor import as_tensor
from wubu.errors import ShapeError

MOST_SAMPLES = 200  # that a report may show
_MOST_MISTAKES = 150  # of these, so that it also shows some that are right
_CHUNK = 4096  # samples a loss or metric is given at once

_BINARY = ("BinaryCrossentropy", "BinaryFocalCrossentropy", "Hinge", "SquaredHinge")


class Answers(NamedTuple):
    """What a model said of samples.

    Attributes:
        task: "classes", "binary" or "values".
        y_true: class numbers, or the targets.
        y_pred: the classes predicted, or the outputs.
        probabilities: (samples, classes), or None without classes.
        losses: of each sample, or None where the loss has no value for each.
    """

    task: str
    y_true: np.ndarray
    y_pred: np.ndarray
    probabilities: np.ndarray | None
    losses: np.ndarray | None

    @property
    def right(self) -> np.ndarray:
        """Which samples it got right."""
        return self.y_true == self.y_pred


def read_answers(outputs: np.ndarray, y: np.ndarray, loss: Any) -> Answers:
    """What outputs mean, going by their shape, the targets and the loss.

    Args:
        outputs: what `predict` returned.
        y: the targets.
        loss: a loss object or name, as the model was compiled with.

    Raises:
        ShapeError: several outputs.
    """
    if not isinstance(outputs, np.ndarray):
        raise ShapeError("a recipe evaluates models with one output")
    objective = losses.get(loss)
    each = losses_of_samples(objective, y, outputs)
    kind = _task(outputs, y, objective)
    if kind == "values":
        return Answers(kind, y, outputs.astype(np.float32), None, each)
    labels = y.argmax(axis=1) if y.shape == outputs.shape and y.ndim == 2 else y
    logits = bool(getattr(objective, "from_logits", False))
    if kind == "binary":
        labels, probabilities = y, _two_columns(outputs.reshape(-1), logits)
    else:
        probabilities = _softmax(outputs) if logits else outputs
    return Answers(
        kind,
        labels.reshape(-1).astype(np.int64),
        probabilities.argmax(axis=1).astype(np.int64),
        probabilities.astype(np.float32),
        each,
    )


def losses_of_samples(
    objective: Any, y: np.ndarray, outputs: np.ndarray
) -> np.ndarray | None:
    """The loss of each sample, a mean where a sample has several values."""
    if objective is None:
        return None
    each = copy.copy(objective)
    each.reduction = "none"
    parts = []
    with no_grad():
        for chunk in _chunks(len(y)):
            value = each(as_tensor(y[chunk]), as_tensor(outputs[chunk])).numpy()
            if value.ndim == 0:
                return None
            parts.append(value.reshape(len(value), -1).mean(axis=1))
    return np.concatenate(parts).astype(np.float32)


def further_metrics(
    specs: Sequence[Any], y: np.ndarray, outputs: np.ndarray, loss: Any
) -> dict[str, Any]:
    """Metrics computed from predictions, by name."""
    found = {}
    with no_grad():
        for spec in specs:
            metric: Any = metrics.resolve(
                spec, y.shape, outputs.shape, losses.get(loss)
            )
            for chunk in _chunks(len(y)):
                metric.update_state(y[chunk], outputs[chunk])
            found[metric.name] = np.asarray(metric.result()).tolist()
    return found


def by_class(answers: Answers, names: Sequence[str] | None) -> dict[str, Any]:
    """The entries `classes` and `confusion` of an evaluation.

    Example:
        >>> zero, one = np.zeros(3, int), np.ones(3, int)
        >>> found = by_class(Answers("classes", zero, one, None, None), ["cat", "dog"])
        >>> found["confusion"]
        [[0, 3], [0, 0]]
        >>> found["classes"][0]
        {'name': 'cat', 'samples': 3, 'predicted': 0, 'right': 0}
    """
    if answers.task == "values":
        return {"classes": None, "confusion": None}
    count = 1 + int(max(answers.y_true.max(), answers.y_pred.max()))
    if answers.probabilities is not None:
        count = max(count, answers.probabilities.shape[1])
    known = list(names or [])
    known += [str(number) for number in range(len(known), count)]
    count = len(known)
    table = np.bincount(
        answers.y_true * count + answers.y_pred, minlength=count * count
    ).reshape(count, count)
    classes = [
        {
            "name": name,
            "samples": int(table[number].sum()),
            "predicted": int(table[:, number].sum()),
            "right": int(table[number, number]),
        }
        for number, name in enumerate(known)
    ]
    return {"classes": classes, "confusion": table.tolist()}


def worth_seeing(answers: Answers) -> np.ndarray:
    """The numbers of samples to show: the mistakes with the largest loss, then samples
    it got right, from all over; of values those with the largest loss."""
    total = len(answers.y_true)
    loss = np.zeros(total) if answers.losses is None else answers.losses
    worst = np.argsort(-loss, kind="stable")
    if answers.task == "values":
        return worst[:MOST_SAMPLES]
    mistakes = worst[~answers.right[worst]][:_MOST_MISTAKES]
    right = np.flatnonzero(answers.right)
    left = min(MOST_SAMPLES - len(mistakes), len(right))
    if left == 0:
        return mistakes
    spread = np.linspace(0, len(right) - 1, left).round().astype(int)
    return np.concatenate([mistakes, right[spread]])


def _task(outputs: np.ndarray, y: np.ndarray, objective: Any) -> str:
    name = type(objective).__name__
    single = outputs.ndim == 1 or (outputs.ndim == 2 and outputs.shape[1] == 1)
    if single and name in _BINARY and y.size == len(y) and _all_in(y, (0, 1)):
        return "binary"
    if outputs.ndim == 2 and outputs.shape[1] > 1:
        sparse = y.dtype.kind in "iub" and y.size == len(y)
        one_hot = y.shape == outputs.shape and "Categorical" in name
        if sparse or one_hot:
            return "classes"
    return "values"


def _all_in(y: np.ndarray, values: Sequence[float]) -> bool:
    return bool(np.isin(y, values).all())


def _two_columns(outputs: np.ndarray, logits: bool) -> np.ndarray:
    """The probabilities of no and yes."""
    if logits or np.any((outputs < 0) | (outputs > 1)):
        outputs = 0.5 * (1.0 + np.tanh(0.5 * outputs))  # the logistic function
    return np.stack([1.0 - outputs, outputs], axis=1)


def _softmax(outputs: np.ndarray) -> np.ndarray:
    powers = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


def _chunks(total: int) -> Iterator[slice]:
    return (slice(start, start + _CHUNK) for start in range(0, total, _CHUNK))
