"""`Trainer`: fit, evaluate and predict: arguments made ready for the loop in `loop.py`.

Read `learner.py` first, for one step.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.core import tree
from wubu.core.tensor import as_tensor
from wubu.data import ArrayDataset
from wubu.errors import ArgumentError
from wubu.ops.random import current_seed
from wubu.training import loop
from wubu.training.callbacks import CallbackList, History
from wubu.training.callbacks.progress import progress_for
from wubu.training.feeds import ArrayFeed, Feed, make_feed
from wubu.training.interrupt import interruptible
from wubu.training.learner import Learner
from wubu.training.weights import with_class_weight


class Trainer(Learner):
    """What a model needs to be trained. Mixed into `Model`."""

    history: History | None = None
    stop_training = False

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
