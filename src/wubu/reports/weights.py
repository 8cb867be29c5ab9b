"""What was learned: the weights of each layer, and the first ones as pictures."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from wubu.reports.facts import Facts, Missing
from wubu.reports.markup import Markup, join, paragraph, table, tag
from wubu.reports.pictures import picture, shades_of, signed
from wubu.reports.sparklines import histogram
from wubu.reports.statistics import finite
from wubu.reports.words import count, sizes
from wubu.reports.words import figure as number

_MOST_KERNELS = 64
_MOST_ROWS = 80
_MOST_NUMBERS = 2_000_000  # of larger weights every second number is looked at, ...
_SMALLEST, _LARGEST = 3, 64  # sides of a picture of weights


def body(facts: Facts) -> Markup:
    """A histogram for every weight, then the first kernels."""
    model = facts.model_needed
    if not model.weights:
        raise Missing("the network has no weights")
    weights = list(model.weights)
    rows = [_row(weight) for weight in weights[:_MOST_ROWS]]
    heads = ["Weight", "Shape", "Mean>", "Deviation>", "Distribution"]
    more = None
    if len(weights) > len(rows):
        text = f"The first {len(rows)} of {count(len(weights), 'weight')}."
        more = paragraph(text, class_="remark")
    return join(_first(facts, model), table(heads, rows, class_="weights"), more)


def _row(weight: Any) -> list[Any]:
    array = weight.numpy().reshape(-1)[:: -(-weight.size // _MOST_NUMBERS) or 1]
    values = finite(array)
    layer, _, name = weight.path.rpartition("/")
    label = join(tag("b", layer or "model"), " ", tag("span", name, class_="small"))
    shape = tag("span", sizes(weight.shape), class_="whole")
    if not len(values):
        return [label, shape, "–", "–", "no finite number"]
    bad = array.size - len(values)
    note = f", {count(bad, 'number')} not finite" if bad else ""
    title = f"{weight.path}: {count(weight.size, 'number')}{note}"
    drawing: Any = histogram(values, title)
    if values.min() == values.max():
        drawing = f"all {number(float(values[0]))}"
    mean, deviation = float(values.mean()), float(values.std())
    return [label, shape, f"{mean:.4f}", f"{deviation:.4f}", drawing]


def _first(facts: Facts, model: Any) -> Markup | None:
    """The first kernel as pictures: what each of its units looks for."""
    found = next(
        (w for w in model.weights if w.path.endswith("kernel") and len(w.shape) > 1),
        None,
    )
    if found is None:
        return None
    values = found.numpy()
    layer = found.path.rpartition("/")[0]
    if values.ndim == 4:
        pictures, what = values.transpose(3, 0, 1, 2), "windows"
    else:
        shape = _picture_shape(facts, values)
        if shape is None:
            return None
        pictures = values.T.reshape(-1, *shape)
        what = "units, over the picture"
    height, width = pictures.shape[1:3]
    if min(height, width) < _SMALLEST or max(height, width) > _LARGEST:
        return None
    return _pictures(pictures[:_MOST_KERNELS], len(pictures), layer, what)


def _picture_shape(facts: Facts, values: np.ndarray) -> tuple[int, ...] | None:
    """(height, width, channels) of the samples, if the weights are for their pixels."""
    if values.ndim != 2 or facts.samples is None:
        return None
    shape = facts.samples["x"].shape[1:]
    if len(shape) == 2:
        shape = (*shape, 1)
    if len(shape) != 3 or shape[-1] not in (1, 3):
        return None
    return shape if math.prod(shape) == len(values) else None


def _pictures(kernels: np.ndarray, total: int, layer: str, what: str) -> Markup:
    """In colour where there are three channels; else the first channel, signed."""
    channels = kernels.shape[-1]
    if channels == 3:
        shades = shades_of(kernels)
        drawn = [picture(k, shades, f"window {n}") for n, k in enumerate(kernels)]
        how = "in the colours they answer to"
    else:
        largest = float(np.abs(kernels[..., 0]).max())
        drawn = [
            signed(k[..., 0], largest, f"{layer}, unit {n}")
            for n, k in enumerate(kernels)
        ]
        how = "red adds, blue takes away" + (
            "" if channels == 1 else f"; the first of {channels} channels"
        )
    some = f"the first {len(drawn)} of " if len(drawn) < total else ""
    text = f"What {layer} looks for: {some}{total:,} {what}; {how}."
    return join(paragraph(text, class_="remark"), tag("div", drawn, class_="kernels"))
