"""What each layer makes of a sample, and how its units answer to many of them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from wubu.core.modes import no_grad
from wubu.core.tensor import as_tensor
from wubu.layers.context import call_context
from wubu.models.summary import summarize
from wubu.reports.facts import Facts, Missing
from wubu.reports.markup import Markup, join, paragraph, tag
from wubu.reports.mistakes import Shown, guesses
from wubu.reports.pictures import Shades, heat
from wubu.reports.sparklines import histogram, unit_bars
from wubu.reports.statistics import finite
from wubu.reports.words import count, percent, sizes

_MEMORY = 64e6  # bytes that the outputs of all layers may take together
_MOST_SAMPLES = 64
_MOST_LAYERS = 40
_MAPS = 32  # channels that are shown
_MOST_UNITS = 512


class Output(NamedTuple):
    """What a layer gave, for several samples; the one to be shown is the first."""

    layer: Any
    values: np.ndarray


def body(facts: Facts) -> Markup:
    """A block for each layer that changes something."""
    model, kept = facts.model_needed, facts.samples_needed
    if facts.graph is None or len(model.inputs) != 1:
        raise Missing("the network is no graph of layers with one input")
    number = _shown_sample(facts)
    outputs = outputs_of_layers(facts, kept["x"], number)
    total = len(outputs[0].values) if outputs else 0
    if not outputs:
        raise Missing("no layer gives an array")
    head = tag(
        "div",
        Shown(facts, kept["x"]).picture(number, _what(facts, number)),
        paragraph(
            f"{_what(facts, number)}. Below, what each layer makes of it. The small "
            f"histograms are over {count(total, 'sample')}, without the zeros.",
        ),
        class_="subject",
    )
    blocks = [_block(output, facts, outputs[-1]) for output in outputs[:_MOST_LAYERS]]
    return join(head, tag("div", blocks, class_="blocks"))


def _shown_sample(facts: Facts) -> int:
    """Which one: of those that are right, that it was surest of; else the first."""
    kept, said = facts.samples_needed, facts.predictions_needed
    if "probabilities" not in said:
        return 0
    index = kept["index"]
    right = said["y_true"][index] == said["y_pred"][index]
    sure = np.where(right, said["probabilities"][index].max(axis=1), -1.0)
    return int(sure.argmax())


def _what(facts: Facts, number: int) -> str:
    place = int(facts.samples_needed["index"][number])
    said = facts.predictions_needed
    if "probabilities" not in said:
        return f"Sample {place}"
    true, guess = int(said["y_true"][place]), int(said["y_pred"][place])
    verb = "is" if true == guess else "was taken for"
    name = facts.class_name(guess)
    truth = "" if true == guess else f" and is “{facts.class_name(true)}”"
    return f"Sample {place} {verb} “{name}”{truth}"


def outputs_of_layers(facts: Facts, x: np.ndarray, first: int) -> list[Output]:
    """What the layers give, one after the other; those that pass on the same numbers
    are left out.

    Args:
        facts: of a run whose model is a graph with one input.
        x: samples.
        first: the one to begin with.
    """
    assert facts.graph is not None
    model = facts.model
    each = summarize(model).memory.forward_backward / 2
    most = int(np.clip(_MEMORY / max(1.0, each), 1, min(_MOST_SAMPLES, len(x))))
    others = [n for n in range(len(x)) if n != first]
    # Those kept are mistakes first: some from all over say more of the network.
    step = max(1, len(others) // max(1, most - 1))
    chosen = [first, *others[::step]][:most]
    symbol = model.inputs[0]
    found: list[Output] = []

    def call(layer: Any, *args: Any, **kwargs: Any) -> Any:
        result = layer(*args, **kwargs)
        if hasattr(result, "numpy") and _is_new(result.numpy(), args):
            found.append(Output(layer, np.asarray(result.numpy())))
        return result

    start = x[chosen].astype(str(symbol.dtype))
    if start.ndim + 1 == len(symbol.shape) and symbol.shape[-1] == 1:
        start = start[..., np.newaxis]  # as models do with grey pictures
    with no_grad(), call_context(False):
        facts.graph.walk([as_tensor(start)], call)
    return found


def _is_new(values: np.ndarray, args: tuple[Any, ...]) -> bool:
    """Whether a layer gives other numbers than it takes."""
    if values.dtype.kind != "f" or values.ndim < 2:
        return False
    taken = [arg.numpy() for arg in args if hasattr(arg, "numpy")]
    return not any(np.array_equal(values.ravel(), given.ravel()) for given in taken)


def _block(output: Output, facts: Facts, last: Output) -> Markup:
    layer, values = output
    head = tag(
        "div",
        tag("b", type(layer).__name__),
        " ",
        tag("span", f"{layer.name} · {sizes(values.shape[1:])}", class_="small"),
    )
    known = finite(values[values != 0])
    drawn = None
    if len(known):
        drawn = histogram(known, f"{layer.name}: {count(len(known), 'number')}")
    side = tag("div", drawn, _zeros(values), class_="side")
    drawing = _drawing(values[0], layer.name, facts if output is last else None)
    return tag("div", head, tag("div", drawing, side, class_="row"), class_="block")


def _zeros(values: np.ndarray) -> Markup | None:
    """How many numbers are zero, and units that are so for every sample."""
    zeros = float((values == 0).mean())
    if zeros < 0.001:
        return None
    channels = values.shape[-1]
    silent = int((values.reshape(-1, channels) == 0).all(axis=0).sum())
    what = "channels" if values.ndim > 2 else "units"
    text = f"{percent(zeros)} zeros"
    if silent:
        text += f"; {silent} of {channels} {what} never answer"
    return tag("div", text, class_="small")


def _drawing(values: np.ndarray, name: str, last: Facts | None) -> Markup | None:
    """One sample: maps, a table of numbers as a picture, or bars."""
    if not np.isfinite(values).all():
        return paragraph("Not all of these numbers are finite.")
    if values.ndim == 3:
        shades = Shades(float(values.min()), float(np.quantile(values, 0.998)))
        maps = [
            heat(values[..., n], shades, f"{name}, channel {n}")
            for n in range(min(_MAPS, values.shape[-1]))
        ]
        few = " few" if len(maps) <= 4 else ""
        more = None
        if len(maps) < values.shape[-1]:
            more = tag("span", f"+ {values.shape[-1] - len(maps)}", class_="small")
        return tag("div", maps, more, class_=f"maps{few}")
    if values.ndim == 2:
        shades = Shades(float(values.min()), float(values.max()))
        picture = heat(values.T, shades, f"{name}: time across, features down")
        return tag("div", picture, class_="maps table")
    if values.ndim == 1:
        if last is not None and _are_probabilities(values, last.classes):
            return tag("div", guesses(values, last.classes), class_="maps")
        return unit_bars(values[:_MOST_UNITS], f"{name}: {values.shape[0]} units")
    return None


def _are_probabilities(values: np.ndarray, classes: list[str]) -> bool:
    sums_up = values.min() >= 0 and abs(float(values.sum()) - 1) < 1e-3
    return sums_up and len(values) == len(classes) > 1
