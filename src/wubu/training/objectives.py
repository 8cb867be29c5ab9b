"""What `compile` was told about loss and metrics, matched with the model's outputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu import losses, metrics
from wubu.core import tree
from wubu.core.modes import no_grad, tracing
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, DataError, ShapeError, StateError


class Objectives:
    """The losses and metrics of a compiled model.

    Args:
        loss: one for every output, or a list or dictionary with one for each.
        loss_weights: how much each output's loss counts, in the same form.
        metric_specs: a list for a single output, or a list or dictionary of lists.
        weighted_specs: the same, for metrics that sample weights apply to.
        output_names: the names of the model's outputs, if it has any.
    """

    def __init__(
        self,
        loss: Any,
        loss_weights: Any,
        metric_specs: Any,
        weighted_specs: Any,
        output_names: list[str] | None = None,
    ) -> None:
        self._specs = (loss, loss_weights, metric_specs, weighted_specs)
        self._names = output_names
        self._built = False
        self.loss_tracker = metrics.Mean(name="loss")
        self._losses: list[Any] = []
        self._weights: list[float] = []
        self._loss_trackers: list[Any] = []
        self._metrics: list[list[Any]] = []
        self._weighted: list[list[Any]] = []

    @property
    def metrics(self) -> list[Any]:
        """The loss tracker first, then every metric, in the order of the outputs."""
        found = [self.loss_tracker, *self._loss_trackers]
        for plain, weighted in zip(self._metrics, self._weighted, strict=True):
            found += [*plain, *weighted]
        return found

    @property
    def losses(self) -> list[Any]:
        """The loss object of each output; known once a batch has been seen."""
        return self._losses

    def build(self, y: Any, y_pred: Any) -> None:
        """Settles which loss and metrics go with which output, once."""
        if self._built:
            return
        outputs, structure = tree.flatten(y_pred)
        targets = _match(y, y_pred, "targets")
        names = self._output_names(structure, len(outputs))
        loss, loss_weights, specs, weighted = self._specs
        self._losses = [losses.get(part) for part in _spread(loss, names, "loss")]
        self._weights = [
            1.0 if weight is None else float(weight)
            for weight in _spread(loss_weights, names, "loss_weights")
        ]
        several = len(names) > 1
        with tracing(None):
            if several:
                self._loss_trackers = [metrics.Mean(name=f"{n}_loss") for n in names]
            for found, given, kind in (
                (self._metrics, specs, "metrics"),
                (self._weighted, weighted, "weighted_metrics"),
            ):
                for name, part, target, output, objective in zip(
                    names,
                    _spread_lists(given, names, kind),
                    targets,
                    outputs,
                    self._losses,
                    strict=True,
                ):
                    made = [_metric(m, target, output, objective) for m in part]
                    if several:
                        for metric in made:
                            metric.name = f"{name}_{metric.name}"
                    found.append(made)
        self._built = True

    def _output_names(self, structure: Any, count: int) -> list[str]:
        if structure != tree.LEAF and structure[0] == "dict":
            return list(structure[1])
        if self._names and len(self._names) == count:
            return self._names
        return [f"output_{i}" for i in range(count)]

    def loss(self, y: Any, y_pred: Any, sample_weight: Any = None) -> Tensor | None:
        """The weighted sum of the outputs' losses; None if there is no loss at all."""
        self.build(y, y_pred)
        outputs = tree.flatten(y_pred)[0]
        targets = _match(y, y_pred, "targets")
        weights = _match(sample_weight, y_pred, "sample weights", repeat=True)
        total: Tensor | None = None
        for i, objective in enumerate(self._losses):
            if objective is None:
                continue
            if targets[i] is None:
                raise DataError(
                    "there is a loss but there are no targets",
                    fix="pass y to fit, evaluate or train_on_batch",
                )
            value = objective(targets[i], outputs[i], sample_weight=weights[i])
            if value.ndim:
                raise ShapeError(
                    f"the loss {_name(objective)} is not one number",
                    expected="shape ()",
                    got=value.shape,
                    fix='give it reduction="sum_over_batch_size"',
                )
            if self._loss_trackers:
                size = outputs[i].shape[0]
                with no_grad():
                    self._loss_trackers[i].update_state(value.detach(), size)
            value = value * self._weights[i] if self._weights[i] != 1.0 else value
            total = value if total is None else total + value
        return total

    def update(self, y: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch to every metric."""
        self.build(y, y_pred)
        outputs = tree.flatten(y_pred)[0]
        targets = _match(y, y_pred, "targets")
        weights = _match(sample_weight, y_pred, "sample weights", repeat=True)
        with no_grad():
            for i, output in enumerate(outputs):
                prediction = as_tensor(output).detach()
                for metric in self._metrics[i]:
                    metric.update_state(targets[i], prediction)
                for metric in self._weighted[i]:
                    metric.update_state(
                        targets[i], prediction, sample_weight=weights[i]
                    )

    def check_labels(self, y: Any, y_pred: Any) -> None:
        """Refuses class numbers that the output has no place for.

        Inside a compiled step a label out of range would pass silently: its one-hot row
        is all zeros. So all of them are looked at before training.

        Args:
            y: the targets as arrays.
            y_pred: anything with the shapes of the outputs.
        """
        outputs = tree.flatten(y_pred)[0]
        for objective, target, output in zip(
            self._losses, _match(y, y_pred, "targets"), outputs, strict=True
        ):
            if not isinstance(objective, losses.SparseCategoricalCrossentropy):
                continue
            classes = output.shape[getattr(objective, "axis", -1)]
            ignored = getattr(objective, "ignore_class", None)
            _check_class_numbers(np.asarray(target), classes, ignored)


def _check_class_numbers(labels: np.ndarray, classes: int, ignored: int | None) -> None:
    bad = (labels < 0) | (labels >= classes)
    if ignored is not None:
        bad &= labels != ignored
    if not bad.any():
        return
    sample = int(np.argwhere(bad)[0][0])
    fix = f"give the last layer {int(labels.max()) + 1} units, or correct the labels"
    if labels.min() >= 1 and labels.max() == classes:
        fix = "labels count from 0: subtract 1 from them"
    raise DataError(
        "a label has no place in the network's output",
        where=f"y, sample {sample}",
        expected=f"class numbers 0 to {classes - 1}, for {classes} outputs",
        got=labels[sample],
        fix=fix,
    )


def _metric(spec: Any, target: Any, output: Any, loss: Any) -> Any:
    shape = getattr(target, "shape", None)
    return metrics.resolve(spec, shape, output.shape, loss)


def _name(objective: Any) -> str:
    return getattr(objective, "name", None) or type(objective).__name__


def _match(values: Any, y_pred: Any, what: str, repeat: bool = False) -> list[Any]:
    """One entry for each output, from a structure like the outputs', or from one array
    for all of them."""
    outputs = tree.flatten(y_pred)[0]
    if values is None:
        return [None] * len(outputs)
    if isinstance(y_pred, dict) and isinstance(values, dict):
        missing = [name for name in y_pred if name not in values]
        if missing and not repeat:
            raise ArgumentError(
                f"{what} are missing for some outputs",
                expected=list(y_pred),
                got=list(values),
            )
        return [values.get(name) for name in y_pred]
    found = tree.flatten(values)[0]
    if len(found) == len(outputs):
        return found
    if repeat and len(found) == 1:
        return found * len(outputs)
    raise ArgumentError(
        f"the model has another number of outputs than there are {what}",
        expected=f"{len(outputs)} arrays",
        got=len(found),
    )


def _spread(spec: Any, names: list[str], kind: str) -> list[Any]:
    """One entry for each output."""
    if isinstance(spec, dict) and not {"class", "class_name"} & set(spec):
        unknown = [name for name in spec if name not in names]
        if unknown:
            raise ArgumentError(
                f"{kind} names outputs the model does not have",
                expected=", ".join(names),
                got=", ".join(map(str, unknown)),
            )
        return [spec.get(name) for name in names]
    if isinstance(spec, list | tuple):
        if len(spec) != len(names):
            raise ArgumentError(
                f"{kind} has another length than the model has outputs",
                expected=len(names),
                got=len(spec),
            )
        return list(spec)
    return [spec] * len(names)


def _spread_lists(spec: Any, names: list[str], kind: str) -> list[list[Any]]:
    """A list of metrics for each output."""
    if spec is None:
        return [[] for _ in names]
    if isinstance(spec, dict):
        return [_as_list(part) for part in _spread(spec, names, kind)]
    if isinstance(spec, str) or not isinstance(spec, list | tuple):
        spec = [spec]
    if len(names) > 1 and any(isinstance(part, list | tuple) for part in spec):
        return [_as_list(part) for part in _spread(spec, names, kind)]
    if len(names) > 1 and any(isinstance(part, metrics.Metric) for part in spec):
        raise StateError(
            f"one metric object cannot count for {len(names)} outputs",
            fix=f"give {kind} as a dictionary by output name",
        )
    return [list(spec) for _ in names]


def _as_list(part: Any) -> list[Any]:
    if part is None:
        return []
    return list(part) if isinstance(part, list | tuple) else [part]
