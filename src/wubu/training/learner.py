"""`Learner`: what a model is compiled with, and one step of training.

`train_step` is ordinary Python that runs eagerly as written; override it to train in
your own way. `fit` compiles it. Read next: `trainer.py`.
"""

from __future__ import annotations

import warnings
from typing import Any

from wubu import optimizers
from wubu.core.modes import no_grad
from wubu.core.tensor import Tensor, as_tensor
from wubu.errors import ShapeError, StateError
from wubu.layers.contents import by_contents, known_of
from wubu.ops.targets import as_float
from wubu.training.arguments import check_count
from wubu.training.batch import unpack_x_y_sample_weight
from wubu.training.objectives import Objectives
from wubu.training.overrides import is_custom, takes
from wubu.training.steps import Steps
from wubu.training.watch import reports_its_loss, watch_gradients, watched_loss


class Learner:
    """Loss, optimizer, metrics, and the steps that use them."""

    optimizer: Any = None
    steps_per_execution = 1
    _objectives: Objectives | None = None
    _steps: dict[str, Any]

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
            ArgumentError: loss weights that are no numbers.
        """
        check_count("steps_per_execution", steps_per_execution)
        names = getattr(self, "output_names", None)
        objectives = Objectives(loss, loss_weights, metrics, weighted_metrics, names)
        found = optimizers.get(optimizer)
        self.__dict__.pop("_compile_arguments", None)
        self.optimizer = found
        self._objectives = objectives
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
        self._forget_steps()

    def __setattr__(self, name: str, value: Any) -> None:
        """After `compile`, another optimizer or loss counts from the next step on."""
        given = self.__dict__.get("_compile_arguments")
        if given is None or name not in ("optimizer", "loss", "run_eagerly"):
            super().__setattr__(name, value)
            return
        if name == "optimizer" and isinstance(value, str | dict):
            value = optimizers.get(value)
        if name == "loss":
            self._objectives = Objectives(
                value,
                given["loss_weights"],
                given["metrics"],
                given["weighted_metrics"],
                getattr(self, "output_names", None),
            )
        super().__setattr__(name, value)
        self._compile_arguments = {**given, name: value}
        self._forget_steps()

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
        """The loss tracker and every metric of `compile`, then those that the model and
        the layers inside keep in attributes."""
        found = [] if self._objectives is None else self._objectives.metrics
        found += self._kept_metrics()
        return list({id(metric): metric for metric in found}.values())

    @by_contents
    def _kept_metrics(self) -> list[Any]:
        """The metrics in attributes of the model and the layers inside."""
        return [
            value
            for layer in self.all_layers()  # type: ignore[attr-defined]
            for name, value in layer.owned()
            if _is_metric(value) and not name.startswith("compile_arguments")
        ]

    @property
    def metrics_names(self) -> list[str]:
        return list(self._named_metrics())

    def _named_metrics(self) -> dict[str, Any]:
        """Every metric by its name in logs."""
        named = {} if self._objectives is None else self._objectives.by_name
        names = {id(metric): name for name, metric in named.items()}
        return {names.get(id(m), m.name): m for m in self.metrics}

    def reset_metrics(self) -> None:
        """Forgets the totals of all metrics."""
        for metric in self.metrics:
            metric.reset_state()

    # -- one step -----------------------------------------------------------------

    def train_step(self, data: Any) -> dict[str, Any]:
        """Learns from one batch; returns what to log.

        Args:
            data: `(x, y)`, or `(x, y, sample_weight)` where there are weights, or x
                where there are no targets; see `unpack_x_y_sample_weight`.

        This is the place to override for another way of training. It runs eagerly as
        written and is compiled by `fit`. `backward()` adds to gradients; they are used
        up by `optimizer.step()`, and by `optimizer.apply()` where it is given the
        `variable.grad` themselves. If yours are used in another way, call
        `self.zero_grad()` first.
        """
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        weights = self.trainable_variables  # type: ignore[attr-defined]
        self.zero_grad()  # what is left from elsewhere does not count
        y_pred = self(x, training=True)  # type: ignore[operator]
        loss = self._loss_of_step(x, y, y_pred, sample_weight, training=True)
        if weights:
            self.optimizer.scale_loss(loss).backward()
            watch_gradients(weights, self.optimizer)
            self.optimizer.step(weights)
        else:
            warnings.warn("the model has no trainable weights", stacklevel=2)
        return self.compute_metrics(x, y, y_pred, sample_weight)

    def zero_grad(self) -> None:
        """Forgets the gradients of all weights, as PyTorch's `module.zero_grad()`."""
        for variable in self.weights:  # type: ignore[attr-defined]
            variable.grad = None

    def test_step(self, data: Any) -> dict[str, Any]:
        """Evaluates one batch; returns what to log."""
        x, y, sample_weight = unpack_x_y_sample_weight(data)
        with no_grad():
            y_pred = self(x, training=False)  # type: ignore[operator]
            self._loss_of_step(x, y, y_pred, sample_weight, training=False)
            return self.compute_metrics(x, y, y_pred, sample_weight)

    def predict_step(self, data: Any) -> Any:
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
        mean over the epoch is what "loss" reports.

        This is the place to override for another loss. `fit` compiles it with its step;
        what it returns, a scalar, is minimised and reported. `self.losses` holds what
        layers added and the penalties on weights, `super().compute_loss(...)` gives the
        sum of these and of the loss of `compile`.

        Args:
            x: inputs.
            y: targets.
            y_pred: what the model gave for x.
            sample_weight: how much each sample counts.
            training: whether the model learns from it.
        """
        objectives = self._compiled()
        total = objectives.loss(y, y_pred, sample_weight)
        for penalty in self.losses:  # type: ignore[attr-defined]
            penalty = as_float(penalty).sum()
            total = penalty if total is None else total + penalty
        if total is None:
            raise StateError(
                "there is nothing to minimise",
                fix='give compile a loss, as in loss="sparse_categorical_crossentropy"',
            )
        total = watched_loss(total) if training else total
        objectives.track_loss(total, y_pred)
        return total

    def _loss_of_step(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any, training: bool
    ) -> Tensor:
        """What `compute_loss` gives; of one of the user's own, which may leave that to
        others, the result is checked and tracked."""
        if not is_custom(self, "compute_loss"):
            return self.compute_loss(x, y, y_pred, sample_weight, training)
        objectives = self._compiled()
        given = {"training": training} if takes(self.compute_loss, "training") else {}
        with objectives.not_tracking():
            loss = self.compute_loss(x, y, y_pred, sample_weight, **given)
        if loss is None or as_tensor(loss).ndim:
            raise ShapeError(
                f"{type(self).__name__}.compute_loss gives no single number",
                expected="shape ()",
                got=None if loss is None else as_tensor(loss).shape,
                fix="return a mean, as in ops.mean(loss)",
            )
        loss = watched_loss(as_float(loss)) if training else as_float(loss)
        objectives.track_loss(loss, y_pred)
        return loss

    def compute_metrics(
        self, x: Any, y: Any, y_pred: Any, sample_weight: Any = None
    ) -> dict[str, Any]:
        """Adds a batch to the metrics and returns their results so far."""
        self._compiled().update(y, y_pred, sample_weight)
        return self.get_metrics_result()

    def get_metrics_result(self) -> dict[str, Any]:
        """The present result of every metric, by name."""
        logs: dict[str, Any] = {}
        with no_grad():
            for name, metric in self._named_metrics().items():
                result = metric.result()
                logs |= result if isinstance(result, dict) else {name: result}
        return logs

    def steps(self, kind: str) -> Steps:
        """The steps of "train", "test" or "predict", made ready to run."""
        made = self.__dict__.setdefault("_steps", {})
        if kind not in made:
            made[kind] = self._make_steps(kind, watched=True)
        return made[kind]

    def _make_steps(self, kind: str, watched: bool) -> Steps:
        step = getattr(self, f"{kind}_step")
        if kind == "train" and is_custom(self, "train_step"):
            step = reports_its_loss(step)
        return Steps(step, not getattr(self, "run_eagerly", False), watched)

    def watch_loss(self, watched: bool) -> None:
        """Whether steps of training end when their loss is NaN or infinite, or the
        gradient that is looked at."""
        if self.steps("train").watched != watched:
            self._steps["train"] = self._make_steps("train", watched)

    def _forget_steps(self) -> None:
        """To be called when steps would compute something else than before."""
        self._steps = {}
        self._ready: dict[Any, Any] = {}
        known_of(self).at_last_call = None

    def __getstate__(self) -> dict[str, Any]:
        """For `copy` and `pickle`: without compiled steps and the last history."""
        left = ("_steps", "_ready", "_known", "history")
        state: Any = super().__getstate__()
        return {name: value for name, value in state.items() if name not in left}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._forget_steps()


def _is_metric(value: Any) -> bool:
    return all(hasattr(value, n) for n in ("update_state", "result", "reset_state"))
