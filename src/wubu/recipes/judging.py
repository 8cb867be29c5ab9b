"""A model judged on samples: what `evaluate` and a run folder keep of it."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import numpy as np

from wubu.recipes.answers import by_class, further_metrics, read_answers, worth_seeing
from wubu.recipes.recipe import Recipe
from wubu.recipes.samples import Arrays, Data, digest
from wubu.runs import Run
from wubu.runs.record import write_arrays, write_json
from wubu.runs.run import EVALUATION, PREDICTIONS, SAMPLES


class Judgement(NamedTuple):
    """What was found. The parts are the files that `wubu.runs` describes.

    Attributes:
        described: `evaluation.json`.
        predictions: the arrays of `predictions.npz`.
        samples: those of `samples.npz`.
    """

    described: dict[str, Any]
    predictions: dict[str, np.ndarray]
    samples: dict[str, np.ndarray]

    def keep(self, run: Run) -> None:
        """Writes it into a run folder; the arrays first, so that an evaluation is
        never without them."""
        write_arrays(run.folder / PREDICTIONS, **self.predictions)
        write_arrays(run.folder / SAMPLES, **self.samples)
        write_json(run.folder / EVALUATION, self.described)


def judge(recipe: Recipe, model: Any, samples: Arrays, data: Data) -> Judgement:
    """Evaluates a model.

    Args:
        recipe: says which metrics.
        model: compiled.
        samples: `(x, y)`.
        data: what they are called, and their classes.
    """
    x, y = samples
    size, started = recipe.eval_batch_size, time.perf_counter()
    found = model.evaluate(x, y, batch_size=size, return_dict=True, verbose=0)
    outputs = model.predict(x, batch_size=size)
    found |= further_metrics(recipe.further_metrics(), y, outputs, model.loss)
    answers = read_answers(outputs, y, model.loss)
    arrays = {
        "y_true": answers.y_true,
        "y_pred": answers.y_pred,
        "probabilities": answers.probabilities,
        "losses": answers.losses,
    }
    index = worth_seeing(answers)
    described = {
        "task": answers.task,
        "data": {"name": data.name, "samples": len(x), "digest": digest(samples)},
        "metrics": found,
        **by_class(answers, data.classes),
        "seconds": round(time.perf_counter() - started, 3),
    }
    given = {name: array for name, array in arrays.items() if array is not None}
    return Judgement(described, given, {"index": index, "x": x[index]})
