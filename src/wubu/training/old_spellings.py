"""How scripts for Keras 1 and 2 call `fit`, and methods that have gone into it."""

from __future__ import annotations

import sys
from itertools import chain
from typing import Any

import numpy as np

from wubu.core import tree
from wubu.core.old_spellings import Now, Table
from wubu.errors import ArgumentError


def _steps(samples: Any, arguments: dict[str, Any]) -> int:
    """A number of samples as one of batches, rounded up."""
    x: Any = arguments.get("x")
    size = arguments.get("batch_size") or 32
    if hasattr(x, "__next__"):
        first = next(x, None)
        if first is None:
            raise ArgumentError("the generator yields no batches")
        arguments["x"] = chain([first], x)
        size = _length(first)
    elif hasattr(x, "__getitem__") and not isinstance(x, list | np.ndarray):
        size = _length(x[0])
    return -(-int(samples) // size)


def _length(batch: Any) -> int:
    return len(np.asarray(tree.flatten(batch)[0][0]))


FIT: Table = {
    "generator": "x",
    "max_q_size": Now(None),
    "max_queue_size": Now(None),
    "nb_epoch": "epochs",
    "nb_val_samples": "validation_steps",
    "nb_worker": Now(None),
    "pickle_safe": Now(None),
    "samples_per_epoch": Now("steps_per_epoch", _steps),
    "use_multiprocessing": Now(None),
    "workers": Now(None),
}


class OldMethods:
    """Methods that Keras has given up. They say what to write, and do it."""

    def fit_generator(self, generator: Any, *args: Any, **kwargs: Any) -> Any:
        """`fit`, which takes generators as well. Its second argument was
        `steps_per_epoch`, its third `epochs`."""
        _say("fit_generator(generator, ...)", "fit(generator, ...)")
        names = ("steps_per_epoch", "epochs", "verbose", "callbacks")
        kwargs |= dict(zip(names, args, strict=False))
        return self.fit(generator, **kwargs)  # type: ignore[attr-defined]

    def evaluate_generator(self, generator: Any, steps: Any = None) -> Any:
        """`evaluate`, which takes generators as well."""
        _say("evaluate_generator(generator)", "evaluate(generator)")
        return self.evaluate(generator, steps=steps)  # type: ignore[attr-defined]

    def predict_generator(self, generator: Any, steps: Any = None) -> Any:
        """`predict`, which takes generators as well."""
        _say("predict_generator(generator)", "predict(generator)")
        return self.predict(generator, steps=steps)  # type: ignore[attr-defined]

    def predict_classes(self, x: Any, batch_size: int | None = None) -> np.ndarray:
        """The most probable class of each sample; for one sigmoid, 0 or 1."""
        found = self.predict(x, batch_size)  # type: ignore[attr-defined]
        if found.shape[-1] == 1:
            _say("predict_classes(x)", "(predict(x) > 0.5).astype(int)")
            return (found > 0.5).astype("int64")
        _say("predict_classes(x)", "predict(x).argmax(axis=-1)")
        return found.argmax(axis=-1)


def _say(old: str, new: str) -> None:
    print(f"note: {old} is now written {new}", file=sys.stderr)
