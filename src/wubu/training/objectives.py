"""What `compile` was told about loss and metrics, matched with the model's outputs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import numpy as np

from wubu import losses, metrics
from wubu.core import tree
from wubu.core.masks import with_mask_of
from wubu.core.modes import no_grad, tracing
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ArgumentError, DataError, ShapeError
from wubu.training.labels import check_labels


class Objectives:
    """The losses and metrics of a compiled model.

    Args:
        loss: one for every output, or a list or dictionary with one for each.
        loss_weights: how much each output's loss counts, in the same form.
        metric_specs: a list for a single output; for several a list with an entry (a
            metric or a list of them) for each, or a dictionary by name.
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
        _check_names(loss, metric_specs, weighted_specs)
        _check_loss_weights(loss_weights)
        self._specs = (loss, loss_weights, metric_specs, weighted_specs)
        self._names = output_names
        self._built = False
        self._tracking = True
        self.loss_tracker = metrics.Mean(name="loss")
        self.by_name: dict[str, Any] = {"loss": self.loss_tracker}
        self._losses: list[Any] = []
        self._weights: list[float] = []
        self._loss_trackers: list[Any] = []
        self._metrics: list[list[Any]] = []
        self._weighted: list[list[Any]] = []

    @property
    def metrics(self) -> list[Any]:
        """The loss tracker first, then every metric, in the order of the outputs."""
        return list(self.by_name.values())

    @property
    def losses(self) -> list[Any]:
        """The loss object of each output; known once a batch has been seen."""
        return self._losses

    def build(self, y: Any, y_pred: Any) -> None:
        """Settles which loss and metrics go with which output, once."""
        if self._built:
            return
        outputs = tree.flatten(y_pred)[0]
        names, targets = self._output_names(y_pred), self._targets(y, y_pred)
        loss, loss_weights, specs, weighted = self._specs
        self._losses = [losses.get(part) for part in _spread(loss, names, "loss")]
        self._weights = [
            1.0 if weight is None else float(weight)
            for weight in _spread(loss_weights, names, "loss_weights")
        ]
        with tracing(None):
            chosen = [
                [
                    [_metric(m, *place) for m in part]
                    for part, *place in zip(
                        _spread_lists(given, names, kind),
                        targets,
                        outputs,
                        self._losses,
                        strict=True,
                    )
                ]
                for given, kind in ((specs, "metrics"), (weighted, "weighted_metrics"))
            ]
            if len(names) > 1:
                self._loss_trackers = [metrics.Mean(name=f"{n}_loss") for n in names]
        self._metrics, self._weighted = chosen
        self._name_metrics(names)
        self._built = True

    def _name_metrics(self, names: list[str]) -> None:
        """Names for logs: with the output's in front where there are several outputs,
        and a number where two would be the same."""
        for tracker in self._loss_trackers:
            self.by_name[tracker.name] = tracker
        for name, *parts in zip(names, self._metrics, self._weighted, strict=True):
            for metric in [metric for part in parts for metric in part]:
                wanted = f"{name}_{metric.name}" if len(names) > 1 else metric.name
                free, number = wanted, 0
                while free in self.by_name:
                    number += 1
                    free = f"{wanted}_{number}"
                self.by_name[free] = metric

    def loss(self, y: Any, y_pred: Any, sample_weight: Any = None) -> Tensor | None:
        """The weighted sum of the outputs' losses; None if there is no loss at all."""
        self.build(y, y_pred)
        outputs = tree.flatten(y_pred)[0]
        targets = self._targets(y, y_pred)
        weights = self._sample_weights(sample_weight, y_pred)
        total: Tensor | None = None
        for i, objective in enumerate(self._losses):
            if objective is None:
                continue
            if targets[i] is None:
                raise DataError(
                    "there is a loss but there are no targets",
                    where=f"output {self._output_names(y_pred)[i]}",
                    fix="pass y to fit, evaluate or train_on_batch",
                )
            value = objective(targets[i], outputs[i], sample_weight=weights[i])
            if value.ndim and value.size > 1:
                raise ShapeError(
                    f"the loss {_name(objective)} is not one number",
                    expected="shape ()",
                    got=value.shape,
                    fix='give it reduction="sum_over_batch_size"',
                )
            value = value.reshape(()) if value.ndim else value
            if self._loss_trackers:
                size = outputs[i].shape[0]
                with no_grad():
                    self._loss_trackers[i].update_state(value.detach(), size)
            value = value * self._weights[i] if self._weights[i] != 1.0 else value
            total = value if total is None else total + value
        return total

    def track_loss(self, loss: Tensor, y_pred: Any) -> None:
        """Counts the loss of a batch for what "loss" reports."""
        if self._tracking:
            size = tree.flatten(y_pred)[0][0].shape[0]
            with no_grad():
                self.loss_tracker.update_state(loss.detach(), size)

    @contextlib.contextmanager
    def not_tracking(self) -> Iterator[None]:
        """Inside, `track_loss` does nothing: another loss will be counted."""
        self._tracking = False
        try:
            yield
        finally:
            self._tracking = True

    def update(self, y: Any, y_pred: Any, sample_weight: Any = None) -> None:
        """Adds a batch to every metric."""
        if not any(self._specs[2:]):
            return
        self.build(y, y_pred)
        outputs = tree.flatten(y_pred)[0]
        targets = self._targets(y, y_pred)
        weights = self._sample_weights(sample_weight, y_pred)
        with no_grad():
            for i, output in enumerate(outputs):
                prediction = with_mask_of(as_tensor(output).detach(), output)
                if targets[i] is None and (self._metrics[i] or self._weighted[i]):
                    raise DataError(
                        "there are metrics but there are no targets",
                        fix="pass y to fit, evaluate or train_on_batch",
                    )
                for metric in self._metrics[i]:
                    metric.update_state(targets[i], prediction)
                for metric in self._weighted[i]:
                    metric.update_state(
                        targets[i], prediction, sample_weight=weights[i]
                    )

    def check_labels(self, y: Any, y_pred: Any) -> None:
        """Refuses labels that cannot be meant; see `labels.py`.

        Args:
            y: the targets as arrays.
            y_pred: anything with the shapes of the outputs.
        """
        outputs = tree.flatten(y_pred)[0]
        targets, names = self._targets(y, y_pred), self._output_names(y_pred)
        several = len(outputs) > 1
        for i, target in enumerate(targets):
            if target is not None:
                name = f'y["{names[i]}"]' if several else "y"
                check_labels(self._losses[i], target, outputs[i], name)

    def _targets(self, y: Any, y_pred: Any) -> list[Any]:
        names = self._output_names(y_pred)
        judged = [part is not None for part in _spread(self._specs[0], names, "loss")]
        given = list(y) if isinstance(y, list | tuple) else [y]
        if not isinstance(y, dict) and len(given) == sum(judged) < len(names):
            rest = iter(given)  # outputs without a loss need no targets
            y = [next(rest) if needed else None for needed in judged]
        return _match(y, names, "targets")

    def _sample_weights(self, weight: Any, y_pred: Any) -> list[Any]:
        names = self._output_names(y_pred)
        return _match(weight, names, "sample weights", repeat=True)

    def _output_names(self, y_pred: Any) -> list[str]:
        if isinstance(y_pred, dict):
            return list(y_pred)
        count = len(tree.flatten(y_pred)[0])
        if self._names and len(self._names) == count:
            return self._names
        return [f"output_{i}" for i in range(count)]


def _check_names(loss: Any, *metric_specs: Any) -> None:
    """Refuses unknown names at once, not only when data come."""
    for part in tree.flatten(loss)[0]:
        if isinstance(part, str):
            losses.get(part)
    for part in tree.flatten(metric_specs)[0]:
        if isinstance(part, str):
            metrics.get(part)


def _check_loss_weights(spec: Any) -> None:
    for weight in tree.flatten(spec)[0]:
        if weight is not None and not isinstance(weight, int | float | np.number):
            raise ArgumentError(
                "loss_weights are numbers, one for each output",
                got=repr(weight)[:60],
                fix="the third argument of compile is loss_weights; write metrics=[...]"
                if isinstance(weight, str)
                else None,
            )


def _metric(spec: Any, target: Any, output: Any, loss: Any) -> Any:
    shape = getattr(target, "shape", None)
    return metrics.resolve(spec, shape, output.shape, loss)


def _name(objective: Any) -> str:
    return getattr(objective, "name", None) or type(objective).__name__


def _match(values: Any, names: list[str], what: str, repeat: bool = False) -> list[Any]:
    """One entry for each output, from a dictionary by their names, a list in their
    order, or one array."""
    if values is None:
        return [None] * len(names)
    if isinstance(values, dict):
        unknown = [name for name in values if name not in names]
        if unknown:
            raise ArgumentError(
                f"{what} name outputs the model does not have",
                expected=", ".join(names),
                got=", ".join(map(str, unknown)),
            )
        return [values.get(name) for name in names]
    found = list(values) if isinstance(values, list | tuple) else [values]
    if len(found) == len(names):
        return found
    if repeat and len(found) == 1:
        return found * len(names)
    raise ArgumentError(
        f"the model has another number of outputs than there are {what}",
        expected=f"{len(names)} arrays ({', '.join(names)})",
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
    if not isinstance(spec, list | tuple):
        spec = [spec] * len(names)
    if len(names) == 1:
        nested = len(spec) == 1 and isinstance(spec[0], list | tuple)
        return [list(spec[0]) if nested else list(spec)]
    return [_as_list(part) for part in _spread(list(spec), names, kind)]


def _as_list(part: Any) -> list[Any]:
    if part is None:
        return []
    return list(part) if isinstance(part, list | tuple) else [part]
