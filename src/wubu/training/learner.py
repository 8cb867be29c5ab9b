"""`Learner`: what a model is compiled with, and one step of training.

`train_step` is ordinary Python that runs eagerly as written; override it to train in
your own way. `fit` compiles it. Read next: `trainer.py`.
"""

from __future__ import annotations

from typing import Any

from wubu import optimizers
from wubu.core import tree
from wubu.core.modes import no_grad
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError, StateError
from wubu.training.objectives import Objectives
from wubu.training.steps import Steps


class Learner:
    """Loss, optimizer, metrics, and the steps that use them."""

    optimizer: Any = None
    steps_per_execution = 1
    _objectives: Objectives | None = None
    _steps: dict[str, Steps]

    # -- compile 译 ---------------------------------------------------------------

    def compile(
        self,
        optimizer: Any = "rmsprop",
        loss: Any = None,
        loss_weights: Any = None,
        metrics: Any = None,
        weighted_metrics: Any = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: Any = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Decides how the model learns: loss, optimizer, metrics.

        Args:
            optimizer: a name or an optimizer.
            loss: a name, a loss, or a function of (y_true, y_pred); for several outputs
                also a list, or a dictionary by output name.
            loss_weights: how much each output's loss counts.
            metrics: what is reported, a list of names, metrics or functions; for
                several outputs also a dictionary of lists.
            weighted_metrics: the same, for metrics to which sample weights apply.
            run_eagerly: run steps as Python, to look inside or to debug.
            steps_per_execution: steps between calls of batch callbacks.
            jit_compile: False is `run_eagerly=True`.
            auto_scale_loss: accepted for Keras' sake; float32 needs no loss scaling.

        Raises:
            UnknownNameError: a name nobody knows; the nearest is suggested.
        """
        self.optimizer = optimizers.get(optimizer)
        names = getattr(self, "output_names", None)
        self._objectives = Objectives(
            loss, loss_weights, metrics, weighted_metrics, names
        )
        self.loss = loss
        self.run_eagerly = bool(run_eagerly) or jit_compile is False
        self.steps_per_execution = int(steps_per_execution)
        self._compile_arguments = {
            "optimizer": self.optimizer,
            "loss": loss,
            "loss_weights": loss_weights,
            "metrics": metrics,
            "weighted_metrics": weighted_metrics,
            "run_eagerly": run_eagerly,
            "steps_per_execution": steps_per_execution,
        }
        self._steps = {}

    def _compiled(self) -> Objectives:
        if self._objectives is None:
            raise StateError(
                "the model has not been compiled",
                fix='call model.compile(optimizer="adam", loss=..., metrics=[...]) '
                "before fit or evaluate",
            )
        return self._objectives

    @property
    def metrics(self) -> list[Any]:
        """The loss tracker and every metric, of `compile` and of the layers inside."""
        own = [] if self._objectives is None else self._objectives.metrics
        return own + [m for m in vars(self).values() if _is_metric(m)]

    @property
    def metrics_names(self) -> list[str]:
        return [metric.name for metric in self.metrics]

    def reset_metrics(self) -> None:
        """Forgets the totals of all metrics."""
        for metric in self.metrics:
            metric.reset_state()

    # -- one step -----------------------------------------------------------------

    def train_step(self, data: tuple[Any, ...]) -> dict[str, Any]:
        """Learns from one batch `(x, y, sample_weight)`; returns what to log.

        This is the place to override for another way of training. It runs eagerly as
        written and is compiled by `fit`.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        y_pred = self(x, training=True)  # type: ignore[operator]
        loss = self.compute_loss(x, y, y_pred, sample_weight)
        loss.backward()
        self.optimizer.step(self.trainable_variables)  # type: ignore[attr-defined]
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def test_step(self, data: tuple[Any, ...]) -> dict[str, Any]:
        """Evaluates one batch; returns what to log."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        with no_grad():
            y_pred = self(x, training=False)  # type: ignore[operator]
            self.compute_loss(x, y, y_pred, sample_weight, training=False)
            return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: tuple[Any, ...]) -> Any:
        """The outputs for one batch."""
        with no_grad():
            return self(unpack_x_y_sample_weight(data)[0], training=False)  # type: ignore[operator]

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Tensor:
        """The loss to minimise: that of the outputs, and the penalties of layers. Its
        mean over the epoch is what "loss" reports."""
        objectives = self._compiled()
        total = objectives.loss(y, y_pred, sample_weight)
        for penalty in self.losses:  # type: ignore[attr-defined]
            total = penalty if total is None else total + penalty
        if total is None:
            raise StateError(
                "there is nothing to minimise",
                fix='give compile a loss, as in loss="sparse_categorical_crossentropy"',
            )
        size = tree.flatten(y_pred)[0][0].shape[0]
        with no_grad():
            objectives.loss_tracker.update_state(total.detach(), size)
        return total

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Adds a batch to the metrics and returns their results so far."""
        self._compiled().update(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """The present result of every metric, by name."""
        with no_grad():
            return {metric.name: metric.result() for metric in self.metrics}

    def steps(self, kind: str) -> Steps:
        """The steps of "train", "test" or "predict", made ready to run."""
        made = self.__dict__.setdefault("_steps", {})
        if kind not in made:
            step = getattr(self, f"{kind}_step")
            compiled = not getattr(self, "run_eagerly", False)
            made[kind] = Steps(step, compiled, self._forget_losses)
        return made[kind]

    def _forget_losses(self) -> None:
        """Lets go of what layers added to the loss in this step."""
        for layer in self.all_layers():  # type: ignore[attr-defined]
            layer._losses = []


def unpack_x_y_sample_weight(data: Any) -> tuple[Any, Any, Any]:
    """`(x,)`, `(x, y)` or `(x, y, sample_weight)` as three values.

    Example:
        >>> unpack_x_y_sample_weight((1, 2))
        (1, 2, None)
    """
    if not isinstance(data, tuple):
        return data, None, None
    if not 1 <= len(data) <= 3:
        raise ArgumentError(
            "a batch is (x,), (x, y) or (x, y, sample_weight)", got=f"{len(data)} parts"
        )
    return (*data, None, None)[:3]  # type: ignore[return-value]


def _is_metric(value: Any) -> bool:
    return all(hasattr(value, n) for n in ("update_state", "result", "reset_state"))
