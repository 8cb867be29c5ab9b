"""`PyDataset`: batches made by code of one's own, any of which can be asked for."""

from __future__ import annotations

from typing import Any

from wubu.errors import ArgumentError


class PyDataset:
    """Base of datasets that make a batch when it is asked for by its number.

    A subclass defines `__len__`, the number of batches, and `__getitem__(i)`, which
    returns batch i: `(x, y)` or `(x, y, sample_weight)`; perhaps `on_epoch_begin` and
    `on_epoch_end`. `fit`, `evaluate` and `predict` take it, and a run that goes on
    later finds the batch it was at. In Keras 2 this was `Sequence`.

    Args:
        workers: threads that make batches ahead, while the compiled step runs; with 1,
            each is made when it is its turn.
        use_multiprocessing: accepted for Keras' sake: threads do it, since NumPy,
            Pillow and compiled steps leave Python's lock to others.
        max_queue_size: how many batches may be waiting.

    Raises:
        ArgumentError: a number that is not positive.

    Example:
        >>> import numpy as np
        >>> class Squares(PyDataset):
        ...     def __len__(self):
        ...         return 4
        ...     def __getitem__(self, i):
        ...         x = np.arange(8.0)[2 * i : 2 * i + 2, None]
        ...         return x, x**2
        >>> import wubu
        >>> model = wubu.Sequential([wubu.layers.Dense(1)])
        >>> model.compile("sgd", "mse")
        >>> len(model.fit(Squares(workers=2), epochs=3, verbose=0).history["loss"])
        3
    """

    # Of subclasses that do not call super().__init__(), too.
    workers = 1
    use_multiprocessing = False
    max_queue_size = 10

    def __init__(
        self,
        workers: int = 1,
        use_multiprocessing: bool = False,
        max_queue_size: int = 10,
    ) -> None:
        for name, value in (("workers", workers), ("max_queue_size", max_queue_size)):
            if not isinstance(value, int) or value < 1:
                raise ArgumentError(f"{name} is a positive number", got=repr(value))
        self.workers = workers
        self.use_multiprocessing = use_multiprocessing
        self.max_queue_size = max_queue_size

    @property
    def num_batches(self) -> int:
        """How many batches there are, under another name."""
        return len(self)

    def __len__(self) -> int:
        raise NotImplementedError(f"{type(self).__name__} defines no __len__")

    def __getitem__(self, index: int) -> Any:
        raise NotImplementedError(f"{type(self).__name__} defines no __getitem__")

    def on_epoch_begin(self) -> None:
        """Called before each epoch."""

    def on_epoch_end(self) -> None:
        """Called after each epoch."""


Sequence = PyDataset
