"""Looking into the compiled step of a model: its program, and where its time goes."""

from __future__ import annotations

from typing import Any

from wubu.errors import ArgumentError
from wubu.training.changes import noticing
from wubu.training.feeds import ArrayFeed, make_feed
from wubu.training.readiness import make_ready


class Inside:
    """What lets a model be looked into. Mixed into `Model`."""

    @noticing
    def profile(
        self,
        x: Any,
        y: Any = None,
        batch_size: int | None = None,
        steps: int | None = None,
    ) -> Any:
        """Where the time of a training step goes, kernel by kernel.

        The step that `fit` would run is timed on one batch of these data, samples being
        picked included. Nothing is learned by it: weights keep their values.

        Args:
            x: samples: an array, or for several inputs a list or dictionary of arrays.
            y: targets, in the same form.
            batch_size: samples per step; 32 by default.
            steps: how many in a round; by default as many as take some time.

        Returns:
            A profile: print it, or look at its `records`.

        Raises:
            ExecutorError: the steps are not compiled for this CPU.

        Example:
            >>> import numpy as np
            >>> import wubu
            >>> model = wubu.Sequential([wubu.layers.Dense(10)])
            >>> model.compile("sgd", "mse")
            >>> x, y = np.ones((64, 100), "float32"), np.ones((64, 10), "float32")
            >>> found = model.profile(x, y, steps=10)
            >>> [r.form for r in found.kernels if r.operation == "dot_general"]
            ['contract', 'outer']
        """
        return self._look("profile", x, y, batch_size, steps=steps)

    @noticing
    def program(self, x: Any, y: Any = None, batch_size: int | None = None) -> Any:
        """The compiled training step for data like these: `text()` says what it does,
        `llvm()` and `assembly()` are its code. Arguments are those of `profile`."""
        return self._look("program", x, y, batch_size)

    def _look(
        self, look: str, x: Any, y: Any, batch_size: int | None, **options: Any
    ) -> Any:
        model: Any = self
        model._compiled()
        feed = make_feed(x, y, batch_size=batch_size)
        if not isinstance(feed, ArrayFeed):
            raise ArgumentError(
                "a step is looked into with arrays of samples",
                got="something that yields batches",
                fix="give x and y of a batch",
            )
        make_ready(model, feed, "train")
        rows = feed.batches.indices(0)[: feed.batches.batch_size]
        dataset = feed.dataset
        arrays = (dataset.x, dataset.y, dataset.sample_weight)
        return model.steps("train").inside(arrays, rows, look, **options)
