"""`Trainer`: compile, fit, evaluate and predict; the part of a model that learns.

One step of training is `train_step`, ordinary Python that runs eagerly as written. `fit`
compiles it and leaves the loop to `loop.py`. Override `train_step` to train in your own
way; it stays compiled.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu import optimizers
from wubu.core import tree
from wubu.core.modes import no_grad
from wubu.core.tensor import Tensor, as_tensor
from wubu.data import ArrayDataset
from wubu.errors import ArgumentError, StateError
from wubu.ops.random import current_seed
from wubu.training import loop
from wubu.training.callbacks import CallbackList, History
from wubu.training.callbacks.progress import progress_for
from wubu.training.feeds import ArrayFeed, Feed, make_feed
from wubu.training.interrupt import interruptible
from wubu.training.objectives import Objectives
from wubu.training.steps import Steps
from wubu.training.weights import with_class_weight


class Trainer:
    """What a model needs to learn. Mixed into `Model`."""

    optimizer: Any = None
    history: History | None = None
    stop_training = False
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

    # -- fit, evaluate, predict ---------------------------------------------------

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: Any = "auto",
        callbacks: Any = None,
        validation_split: float = 0.0,
        validation_data: Any = None,
        shuffle: bool = True,
        class_weight: dict[int, float] | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: int | None = None,
        validation_steps: int | None = None,
        validation_batch_size: int | None = None,
        validation_freq: int | Any = 1,
    ) -> History:
        """Trains the model (训). Arguments and meaning are those of Keras 3.

        Args:
            x: samples: an array, or for several inputs a list or dictionary of arrays;
                or anything that yields batches `(x, y)` or `(x, y, sample_weight)`.
            y: targets, in the same form.
            batch_size: samples per step; 32 by default.
            epochs: the number of the epoch to stop at.
            verbose: 0 silent, 1 or "auto" a progress bar (plain lines where there is no
                terminal), 2 a line an epoch.
            callbacks: told what happens.
            validation_split: this fraction, the last samples, is kept for validation.
            validation_data: `(x, y)` or `(x, y, sample_weight)` for validation.
            shuffle: another order in every epoch, by seed and number of the epoch.
            class_weight: how much samples of each class count.
            sample_weight: how much each sample counts.
            initial_epoch: the number of the epoch to begin with.
            steps_per_epoch: steps that make an epoch; all of the data by default.
            validation_steps: the same for validation.
            validation_batch_size: `batch_size` by default.
            validation_freq: epochs between validations, or a list of epochs.

        Returns:
            The history: `history.history["loss"]` has one number an epoch.

        Raises:
            StateError: before `compile`.
            DataError: data that cannot be trained on; names the first sample at fault.
                No weight has changed then.
        """
        self._compiled()
        _check_epochs(initial_epoch, epochs)
        seed = current_seed() % 2**64
        feed = make_feed(
            x,
            y,
            sample_weight,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            num_steps=steps_per_epoch,
        )
        if validation_split and validation_data is None:
            feed, held = _split(feed, validation_split)
            validation_data = (held.x, held.y, held.sample_weight)
        if class_weight is not None:
            feed = with_class_weight(feed, class_weight)
        validation = None
        if validation_data is not None:
            parts = _as_parts(validation_data)
            size = None if len(parts) == 1 else validation_batch_size or batch_size
            held_out = make_feed(*parts, batch_size=size, num_steps=validation_steps)
            validation = loop.Validation(held_out, validation_freq)
        self._prepare(feed)
        history = History()
        shown = progress_for(verbose)
        params = {"epochs": epochs, "steps": feed.num_steps, "inside_fit": True}
        wanted = [history, *_as_list(callbacks), *([shown] if shown else [])]
        told = CallbackList(wanted, self, params | {"verbose": verbose})
        self.history = history
        loop.train(
            self,
            feed,
            told,
            initial_epoch=initial_epoch,
            epochs=epochs,
            validation=validation,
        )
        return history

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: Any = "auto",
        sample_weight: Any = None,
        steps: int | None = None,
        callbacks: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Loss and metrics on data (评). Arguments are those of Keras 3.

        Returns:
            The loss if there are no metrics, else the list [loss, *metrics] in the
            order of `metrics_names`; with `return_dict` a dictionary by name.
        """
        self._compiled()
        feed = make_feed(x, y, sample_weight, batch_size=batch_size, num_steps=steps)
        self._prepare(feed)
        told = self._told(callbacks, verbose, feed)
        with interruptible() as interrupt:
            logs = loop.test(self, feed, told, interrupt)
        if interrupt:
            raise KeyboardInterrupt
        return logs if return_dict else _in_order(logs)

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = 0,
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The outputs for samples, as NumPy arrays, computed in batches.

        Silent by default, unlike Keras: it is called in loops.
        """
        feed = make_feed(x, batch_size=batch_size, num_steps=steps)
        return loop.predict(self, feed, self._told(callbacks, verbose, feed))

    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """One step of training on one batch; loss and metrics of this batch alone."""
        self._compiled()
        feed = make_feed(x, y, sample_weight)
        if class_weight is not None:
            feed = with_class_weight(feed, class_weight)
        self._prepare(feed)
        return self._one_batch("train", feed, return_dict)

    def test_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Loss and metrics on one batch."""
        self._compiled()
        feed = make_feed(x, y, sample_weight)
        self._prepare(feed)
        return self._one_batch("test", feed, return_dict)

    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, as NumPy arrays."""
        dataset = ArrayDataset(x)
        found = self.steps("predict").batch((dataset.x, None, None))
        return tree.map_structure(lambda t: as_tensor(t).numpy(), found)

    def _one_batch(self, kind: str, feed: Feed, return_dict: bool) -> Any:
        assert isinstance(feed, ArrayFeed)
        data = feed.dataset
        self.reset_metrics()
        found = self.steps(kind).batch((data.x, data.y, data.sample_weight))
        logs = loop.as_numbers(found)
        return logs if return_dict else _in_order(logs)

    def _told(self, callbacks: Any, verbose: Any, feed: Feed) -> CallbackList:
        shown = progress_for(verbose)
        wanted = [*_as_list(callbacks), *([shown] if shown else [])]
        return CallbackList(wanted, self, {"steps": feed.num_steps, "verbose": verbose})

    def _prepare(self, feed: Feed) -> None:
        """Builds the model, loss, metrics and optimizer for data like this, and looks
        at the labels, before anything is computed."""
        objectives = self._compiled()
        x, y, _ = feed.example()
        outputs = self.outputs_for(x)  # type: ignore[attr-defined]
        self.assign_paths()  # type: ignore[attr-defined]
        self.optimizer.build(self.trainable_variables)  # type: ignore[attr-defined]
        if y is None:
            return
        objectives.build(y, outputs)
        if isinstance(feed, ArrayFeed):
            objectives.check_labels(feed.dataset.y, outputs)


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


def _split(feed: Feed, fraction: float) -> tuple[Feed, ArrayDataset]:
    if not isinstance(feed, ArrayFeed):
        raise ArgumentError(
            "validation_split needs arrays",
            got="something that yields batches",
            fix="give validation_data",
        )
    train, held = feed.dataset.split(fraction)
    old = feed.batches
    made = make_feed(
        train, batch_size=old.batch_size, shuffle=old.shuffle, seed=old.seed
    )
    return made, held


def _check_epochs(initial_epoch: int, epochs: int) -> None:
    for name, value in (("initial_epoch", initial_epoch), ("epochs", epochs)):
        if not isinstance(value, int | np.integer) or value < 0:
            raise ArgumentError(f"{name} is a whole number from 0", got=repr(value))


def _as_parts(data: Any) -> tuple[Any, ...]:
    return tuple(data) if isinstance(data, tuple | list) else (data,)


def _as_list(callbacks: Any) -> list[Any]:
    if callbacks is None:
        return []
    return list(callbacks) if isinstance(callbacks, list | tuple) else [callbacks]


def _in_order(logs: dict[str, Any]) -> Any:
    values = list(logs.values())
    return values[0] if len(values) == 1 else values


def _is_metric(value: Any) -> bool:
    return all(hasattr(value, n) for n in ("update_state", "result", "reset_state"))
