"""The thirteen decisions of the five steps, as this run took them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np

from wubu.reports.facts import Facts, Missing
from wubu.reports.markup import Markup, join, tag
from wubu.reports.signs import sign
from wubu.reports.words import count, listed, sizes
from wubu.runs.comparison import in_words

# Layers that prepare samples inside the network.
_PREPARING = ("Rescaling", "Normalization", "Resizing", "CenterCrop")
_VARYING = ("Random", "GaussianNoise", "AutoContrast", "Solarization")  # start so

# Settings of optimizers that are no decision.
_SILENT = ("name", "ema_momentum")

_ACTIVATES = ("Activation", "ReLU", "LeakyReLU", "PReLU", "Softmax", "ELU")


class Decision(NamedTuple):
    """One of the thirteen."""

    number: int
    name: str
    taken: Any
    more: Any = None  # in smaller print


class Step(NamedTuple):
    """One of the five."""

    sign: str
    name: str
    decisions: list[Decision]


def body(facts: Facts) -> Markup:
    """The five steps, each with its decisions."""
    if not facts.settings:
        raise Missing("the run has no recipe")
    return join(_step(step) for step in steps(facts))


def steps(facts: Facts) -> list[Step]:
    """What was decided."""
    return [
        Step("备", "prepare", _prepare(facts)),
        Step("搭", "build", _build(facts)),
        Step("译", "compile", _compile(facts)),
        Step("训", "train", _train(facts)),
        Step("评", "evaluate", _evaluate(facts)),
    ]


def _step(step: Step) -> Markup:
    rows = [
        tag(
            "div",
            tag("span", decision.number, class_="number"),
            tag("dt", decision.name),
            tag(
                "dd",
                decision.taken,
                tag("div", decision.more, class_="small") if decision.more else None,
            ),
        )
        for decision in step.decisions
    ]
    head = tag("div", sign(step.sign), tag("b", step.name))
    return tag("div", head, tag("dl", rows), class_="step")


# -- 备 prepare -----------------------------------------------------------------------


def _prepare(facts: Facts) -> list[Decision]:
    said = facts.settings.get("prepare", {})
    source = said.get("dataset") or said.get("path") or said.get("python") or "unknown"
    kind = "the dataset" if "dataset" in said else said.get("source", "a function of")
    return [
        Decision(1, "samples", f"{kind} {source}", facts.parts() or None),
        Decision(2, "labels", *_labels(facts)),
        Decision(3, "preprocessing", *_preprocessing(facts, said)),
    ]


def _labels(facts: Facts) -> tuple[str, str | None]:
    names = facts.classes
    if facts.task in ("classes", "binary") or names:
        more = None
        if facts.evaluation is not None and facts.evaluation["classes"]:
            sizes_ = [entry["samples"] for entry in facts.evaluation["classes"]]
            more = f"{min(sizes_):,} to {max(sizes_):,} samples a class in the test"
        return f"one of {count(len(names), 'class', 'classes')}: {listed(names)}", more
    if facts.predictions is None:
        return "not known before the evaluation", None
    y = facts.predictions["y_true"]
    if y.size == 0 or y.dtype.kind not in "iufb":
        return "values", None
    values = np.asarray(y, np.float64)
    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    return f"values: {sizes(y.shape[1:])}", f"from {low:.4g} to {high:.4g}"


def _preprocessing(facts: Facts, said: dict[str, Any]) -> tuple[str, str | None]:
    found = [
        in_words(table)
        for table in _layers(facts)
        if _kind(table) in _PREPARING or _kind(table).startswith(_VARYING)
    ]
    for key in ("image_size", "color_mode", "options"):
        if said.get(key):
            found.append(f"{key} = {in_words(said[key])}")
    splits = [
        f"{key} = {said[key]}"
        for key in ("validation_split", "test_split", "split_seed")
        if said.get(key)
    ]
    if facts.samples is not None:
        x = facts.samples["x"]
        splits.append(f"samples are {sizes(x.shape[1:])}, {x.dtype}")
    return "; ".join(found) or "none: numbers as they are", "; ".join(splits) or None


def _layers(facts: Facts) -> list[Any]:
    return list(facts.settings.get("build", {}).get("layers", []))


def _kind(table: Any) -> str:
    return str(table.get("type", "")) if isinstance(table, dict) else str(table)


# -- 搭 build -------------------------------------------------------------------------


def _build(facts: Facts) -> list[Decision]:
    model = facts.model
    if model is not None:
        takes, gives = _shapes(model.input_shape), _shapes(model.output_shape)
    else:
        takes = sizes(facts.settings.get("build", {}).get("input", [None]))
        gives = "known when the model is built"
    parameters = facts.info.get("parameters")
    more = None if parameters is None else count(parameters, "parameter")
    return [
        Decision(4, "input and output", f"{takes} → {gives}"),
        Decision(5, "layers", _chain(facts)),
        Decision(6, "units and activations", _units(facts), more),
    ]


def _shapes(shape: Any) -> str:
    """Shapes without the batch."""
    if isinstance(shape, dict):
        return ", ".join(f"{name} {_shapes(part)}" for name, part in shape.items())
    if isinstance(shape, list):
        return ", ".join(_shapes(part) for part in shape)
    return sizes(shape[1:])


def _chain(facts: Facts) -> str:
    """The kinds of layers, in order; in a row where one follows the same."""
    if facts.model is None:
        kinds = [_kind(table) for table in _layers(facts)]
    else:
        kinds = [type(layer).__name__ for layer in facts.model.layers]
    runs: list[list[Any]] = []
    for kind in kinds:
        if runs and runs[-1][0] == kind:
            runs[-1][1] += 1
        else:
            runs.append([kind, 1])
    words = [kind if n == 1 else f"{n} × {kind}" for kind, n in runs]
    if len(words) > 30:
        words = [*words[:14], "…", *words[-14:]]
    return " → ".join(words) or "a function of its own"


def _units(facts: Facts) -> str:
    """How wide layers with weights are, and what they end with."""
    if facts.model is None:
        return "; ".join(in_words(table) for table in _layers(facts)[:30])
    found = []
    for layer in facts.model.layers:
        kind = type(layer).__name__
        if not layer.weights and kind not in _ACTIVATES:
            continue
        config = layer.get_config()
        width = next((config[k] for k in ("units", "filters") if k in config), None)
        parts = [str(width)] if width is not None else []
        if "kernel_size" in config and len(layer.weights[0].shape) > 2:
            parts.append(f"({sizes(layer.weights[0].shape[:-2])})")
        activation = config.get("activation")
        parts += [activation] if isinstance(activation, str) else []
        found.append(" ".join([kind, *parts]))
    return listed(found, most=16) or "no layer has weights"


# -- 译 compile -----------------------------------------------------------------------


def _compile(facts: Facts) -> list[Decision]:
    said = facts.settings.get("compile", {})
    metrics = [in_words(metric) for metric in said.get("metrics", [])]
    return [
        Decision(7, "loss", in_words(said.get("loss", "none"))),
        Decision(8, "optimizer", *_optimizer(facts, said.get("optimizer", "rmsprop"))),
        Decision(9, "metrics", ", ".join(metrics) or "the loss alone"),
    ]


def _optimizer(facts: Facts, said: Any) -> tuple[str, str | None]:
    """What the recipe says; and all numbers, also those that it left as they are."""
    optimizer = getattr(facts.model, "optimizer", None)
    if optimizer is None:
        return in_words(said), None
    config = {
        key: value
        for key, value in optimizer.get_config().items()
        if key not in _SILENT and value is not None and value is not False
    }
    numbers = [f"{key} {in_words(value)}" for key, value in config.items()]
    return in_words(said), f"{type(optimizer).__name__}: {', '.join(numbers)}"


# -- 训 train -------------------------------------------------------------------------


def _train(facts: Facts) -> list[Decision]:
    said, info = facts.settings.get("train", {}), facts.info
    samples = (info.get("samples") or {}).get("train")
    batch = info.get("batch_size") or said.get("batch_size", 32)
    order = "in a new order every epoch" if said.get("shuffle", True) else "in order"
    fed = f"{count(samples, 'sample')}, " if samples else ""
    callbacks = [in_words(c) for c in said.get("callbacks", [])]
    planned = info.get("epochs") or said.get("epochs", 1)
    done = facts.epochs_done
    epochs = (
        count(planned, "epoch") if done == planned else f"{done} of {planned} epochs"
    )
    steps_ = "" if not samples else f", {count(-(-samples // batch), 'step')} each"
    more = f"callbacks: {', '.join(callbacks)}" if callbacks else None
    return [
        Decision(10, "input fed", f"{fed}{order}", _weighted(said)),
        Decision(11, "target fed", _target(facts)),
        Decision(12, "scale", f"{epochs}, batches of {batch}{steps_}", more),
    ]


def _weighted(said: dict[str, Any]) -> str | None:
    weights = said.get("class_weight")
    return f"weights of classes: {in_words(weights)}" if weights else None


def _target(facts: Facts) -> str:
    """In which form the answers are given to the loss."""
    loss = facts.settings.get("compile", {}).get("loss", "")
    name = (_kind(loss) or str(loss)).replace("_", "").lower()
    if name.startswith("sparse"):
        return "class numbers"
    if name.startswith("categorical") and facts.task == "classes":
        return "one row for each sample with a one at its class"
    if facts.task == "binary":
        return "0 or 1"
    return "class numbers" if facts.task == "classes" else "the values themselves"


# -- 评 evaluate ----------------------------------------------------------------------


def _evaluate(facts: Facts) -> list[Decision]:
    said = facts.settings.get("evaluate", {})
    on = facts.judged_on
    if facts.evaluation is None:
        return [Decision(13, "what is judged", f"on the {on} samples; not yet done")]
    data = facts.evaluation["data"]
    if on == "train":
        warning = "it was trained on these: this says little about new ones"
    elif on == "validation":
        warning = "it was not trained on these, but perhaps chosen by them"
    else:
        warning = "it has never seen them"
    metrics: Iterable[str] = facts.metrics
    extra = [in_words(metric) for metric in said.get("metrics", [])]
    more = f"more metrics: {', '.join(extra)}" if extra else None
    text = (
        f"the trained network, on {count(data['samples'], f'{on} sample')} of "
        f"{data['name']} ({warning}), by {', '.join(metrics)}"
    )
    return [
        Decision(13, "what is judged, on which data, by which standard", text, more)
    ]
