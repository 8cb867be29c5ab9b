"""`Trainer`: fit, evaluate and predict: arguments made ready for the loop in `loop.py`.

Read `learner.py` first, for one step.
"""

from __future__ import annotations

from typing import Any

from wubu.core import tree
from wubu.core.location import warn_user
from wubu.core.modes import is_debugging_nans
from wubu.core.old_spellings import accepts_old
from wubu.core.tensor import as_tensor
from wubu.data import ArrayDataset, Dataset
from wubu.errors import ArgumentError, NotFiniteError
from wubu.ops.random import current_seed
from wubu.training import loop
from wubu.training.arguments import as_list, as_parts, check_count, check_verbose
from wubu.training.callbacks import CallbackList, History
from wubu.training.callbacks.progress import progress_for
from wubu.training.changes import noticing
from wubu.training.feeds import ArrayFeed, Feed, make_feed, yields_batches
from wubu.training.inside import Inside
from wubu.training.interrupt import interruptible
from wubu.training.learner import Learner
from wubu.training.logs import as_numbers
from wubu.training.old_spellings import FIT, OldMethods
from wubu.training.overrides import is_custom
from wubu.training.readiness import make_ready
from wubu.training.watch import explained, going_on, of_a_check


class Trainer(Inside, OldMethods, Learner):
    """What a model needs to be trained. Mixed into `Model`."""

    history: History | None = None
    stop_training = False

    # -- fit, evaluate, predict ---------------------------------------------------

    @accepts_old(FIT)
    @noticing
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
                In arrays it is found before a weight changes; a batch of a stream is
                looked at before its own step. Steps of your own are not looked through
                for indices outside an Embedding.
        """
        self._compiled()
        check_verbose(verbose)
        check_count("epochs", epochs, least=0)
        check_count("initial_epoch", initial_epoch, least=0)
        feed, held_out = _feeds(
            (x, y, sample_weight),
            validation_split,
            validation_data,
            validation_batch_size,
            validation_steps,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=current_seed() % 2**64,
            num_steps=steps_per_epoch,
            class_weight=class_weight,
        )
        validation = None
        if held_out is not None:
            validation = loop.Validation(held_out, validation_freq)
        history = History()
        wanted = [*as_list(callbacks), history]  # so it has what others add to logs
        told = self._told(wanted, verbose, feed, epochs=epochs)
        make_ready(self, feed, "train")
        if held_out is not None:
            make_ready(self, held_out, "test")
            steps = self.steps("test")
            if steps.compiled or not is_custom(self, "test_step"):
                held_out.prepare(steps)
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

    @noticing
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
        told = self._told(callbacks, verbose, feed)
        make_ready(self, feed, "test")
        with interruptible() as interrupt:
            logs = loop.test(self, feed, told, interrupt)
        if interrupt:
            raise KeyboardInterrupt
        return logs if return_dict else _in_order(logs)

    @noticing
    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: Any = 0,
        steps: int | None = None,
        callbacks: Any = None,
    ) -> Any:
        """The outputs for samples, as NumPy arrays, computed in batches. Arguments are
        those of Keras 3; but it is silent by default, as it is called in loops."""
        feed = make_feed(x, batch_size=batch_size, num_steps=steps)
        told = self._told(callbacks, verbose, feed)
        with interruptible() as interrupt:
            outputs = loop.predict(self, feed, told, interrupt)
        if interrupt:
            raise KeyboardInterrupt
        return outputs

    @noticing
    def train_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        class_weight: dict[int, float] | None = None,
        return_dict: bool = False,
    ) -> Any:
        """One step of training on one batch.

        Returns:
            Loss and metrics of this batch alone, in the forms of `evaluate`. (Keras
            averages over all batches since `reset_metrics`.)
        """
        self._compiled()
        feed = make_feed(x, y, sample_weight, class_weight=class_weight)
        make_ready(self, feed, "train")
        return self._one_batch("train", feed, return_dict)

    @noticing
    def test_on_batch(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        return_dict: bool = False,
    ) -> Any:
        """Loss and metrics on one batch, in the forms of `evaluate`."""
        self._compiled()
        feed = make_feed(x, y, sample_weight)
        make_ready(self, feed, "test")
        return self._one_batch("test", feed, return_dict)

    @noticing
    def predict_on_batch(self, x: Any) -> Any:
        """The outputs for one batch, as NumPy arrays."""
        dataset = ArrayDataset(x)
        found = self.steps("predict").batch((dataset.x, None, None))
        return tree.map_structure(lambda t: as_tensor(t).numpy(), found)

    def _one_batch(self, kind: str, feed: Feed, return_dict: bool) -> Any:
        assert isinstance(feed, ArrayFeed)
        data = feed.arrays
        self.reset_metrics()
        steps = self.steps(kind)
        try:
            found = steps.batch(data)
        except NotFiniteError as error:
            if not steps.watched or not of_a_check(error):
                raise
            report = explained(error, steps.origin_in_batch(data), "this batch")
            if is_debugging_nans():
                raise report from None
            warn_user(going_on(report))
            self.watch_loss(False)
            found = self.steps(kind).batch(data)
        logs = as_numbers(found)
        return logs if return_dict else _in_order(logs)

    def _told(
        self, callbacks: Any, verbose: Any, feed: Feed, **params: Any
    ) -> CallbackList:
        shown = progress_for(verbose)
        wanted = [*as_list(callbacks), *([shown] if shown else [])]
        params |= {"steps": feed.num_steps, "verbose": verbose}
        return CallbackList(wanted, self, params)


def _feeds(
    data: tuple[Any, Any, Any],
    validation_split: float,
    validation_data: Any,
    validation_batch_size: int | None,
    validation_steps: int | None,
    **options: Any,
) -> tuple[Feed, Feed | None]:
    """What `fit` trains on, and what it validates on, if anything."""
    size = validation_batch_size or options["batch_size"]
    if validation_data is None and validation_split:
        given = isinstance(data[0], Dataset)
        whole = None if given else make_feed(*data)
        if not isinstance(whole, ArrayFeed):
            raise ArgumentError(
                "validation_split needs arrays",
                got="a Dataset" if given else "something that yields batches",
                fix="split it: train, validation = dataset.split(0.8), before batch()"
                if given
                else "give validation_data",
            )
        train, held = whole.dataset.split(validation_split)
        data, validation_data = (train, None, None), (held,)
    feed = make_feed(*data, **options)
    if validation_data is None:
        return feed, None
    parts = as_parts(validation_data)
    if yields_batches(parts[0]):
        size = None
    return feed, make_feed(*parts, batch_size=size, num_steps=validation_steps)


def _in_order(logs: dict[str, Any]) -> Any:
    values = list(logs.values())
    return values[0] if len(values) == 1 else values
