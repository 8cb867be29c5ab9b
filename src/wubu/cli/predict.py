"""`wubu predict RUN FILE...`: what a trained model sees in pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np
import typer
from rich.markup import escape

from wubu.cli import pictures, screen
from wubu.cli.failures import reports_errors
from wubu.cli.named import open_trained, white_of
from wubu.cli.settings import AsJson, Debug, Executor, choose_executor
from wubu.data import load_image
from wubu.errors import ArgumentError

Trained = Annotated[
    Path, typer.Argument(metavar="RUN|MODEL", help="A run, or a .wubu file.")
]
Files = Annotated[
    list[Path], typer.Argument(metavar="FILE", help="Pictures: PNG, JPEG, WebP ...")
]
Invert = Annotated[
    bool, typer.Option("--invert", help="For pictures that are dark on light.")
]
White = Annotated[
    float | None,
    typer.Option(
        help="What a white pixel is in the data the model learned from; by default "
        "what its first Rescaling layer turns into 1, or 255 without one.",
    ),
]
Show = Annotated[
    bool, typer.Option("--show", help="Draw each picture as the network sees it.")
]
Top = Annotated[int, typer.Option(min=1, help="How many candidates to show.")]


class Prediction(NamedTuple):
    """What the model says of one picture: classes, the likeliest first."""

    path: Path
    pixels: np.ndarray  # (height, width, channels), uint8 as it was read
    candidates: list[tuple[int, float]]


@reports_errors
def predict(
    model: Trained,
    files: Files,
    invert: Invert = False,
    white: White = None,
    top: Top = 3,
    show: Show = False,
    executor: Executor = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Ask a trained model what it sees in pictures.

    Pictures are read in the size the model takes, in grey or colour as it takes them.
    Networks that learned from MNIST or the digits expect light strokes on a dark
    ground: give --invert for ink on paper.

    The object of --json has model, kind ("probability", or "score" where outputs do not
    sum to 1) and predictions: file, class, value and candidates (class, value) for each
    picture; also name beside class where the classes of the run have names.
    """
    choose_executor(executor)
    opened, run = open_trained(model)
    names = _names(None if run is None else run.classes)
    shape = tuple(_input_shape(opened, model))
    pixels = np.stack(
        [load_image(path, _picture_shape(shape), invert) for path in files]
    )
    scale = (white_of(opened) if white is None else white) / 255.0
    outputs = opened.predict((pixels * scale).reshape(len(files), *shape))
    outputs = _check_outputs(np.asarray(outputs), model)
    kind = "probability" if _sum_to_one(outputs) else "score"
    found = [
        Prediction(path, image, _best(row, top))
        for path, image, row in zip(files, pixels, outputs, strict=True)
    ]
    if as_json:
        _print_json(model, kind, found, names)
    else:
        _print(kind, found, show, names)
        _remark_on_paper(pixels)


# --- The input and the outputs of a model ---------------------------------------------


def _input_shape(model: Any, path: Path) -> Any:
    """The shape of one sample, which must be that of a picture."""
    shape = getattr(model.input_spec, "shape", None)
    sizes = None if shape is None else shape[1:]
    if sizes is None or len(sizes) not in (2, 3) or None in sizes:
        raise ArgumentError(
            "this model does not take pictures",
            where=path,
            expected="one input of shape (height, width) or (height, width, channels)",
            got="several inputs" if shape is None else str(shape),
        )
    return sizes


def _picture_shape(shape: tuple[int, ...]) -> tuple[int, int, int]:
    height, width, channels = (*shape, 1)[:3]
    return height, width, channels


def _check_outputs(outputs: np.ndarray, path: Path) -> np.ndarray:
    if outputs.ndim != 2:
        raise ArgumentError(
            "this model does not sort pictures into classes",
            where=path,
            expected="outputs of shape (samples, classes)",
            got=str(outputs.shape),
        )
    return outputs


def _sum_to_one(outputs: np.ndarray) -> bool:
    return bool(
        outputs.shape[1] > 1
        and np.all(outputs >= 0)
        and np.allclose(outputs.sum(axis=1), 1.0, atol=1e-3)
    )


def _best(row: np.ndarray, top: int) -> list[tuple[int, float]]:
    order = np.argsort(-row, kind="stable")[:top]
    return [(int(i), float(row[i])) for i in order]


# --- What is shown --------------------------------------------------------------------


def _names(classes: list[str] | None) -> list[str]:
    """The names of the classes, where they are more than their numbers."""
    if classes is None or classes == [str(number) for number in range(len(classes))]:
        return []
    return classes


def _print(kind: str, found: list[Prediction], show: bool, names: list[str]) -> None:
    console = screen.out()
    width = max(len(str(prediction.path)) for prediction in found)
    for prediction in found:
        (best, value), *rest = prediction.candidates
        said = escape(names[best]) if names else f"class {best}"
        text = f"[bold]{said}[/]  {kind} {_number(value, kind)}"
        if rest:
            others = ", ".join(
                f"{escape(names[c]) if names else c} ({_number(v, kind)})"
                for c, v in rest
            )
            text += f"  [dim]then {others}[/]"
        console.print(f"{prediction.path!s:<{width}}  ", end="", markup=False)
        console.print(text)
        if show:
            pictures.print_row(console, [prediction.pixels / 255.0], [""])


def _number(value: float, kind: str) -> str:
    if kind == "score":
        return f"{value:.4g}"
    return ">99.9%" if 0.9995 <= value < 1 else f"{value:.1%}"


def _print_json(
    model: Path, kind: str, found: list[Prediction], names: list[str]
) -> None:
    predictions = []
    for prediction in found:
        candidates = [
            {"class": c, **({"name": names[c]} if names else {}), "value": v}
            for c, v in prediction.candidates
        ]
        predictions.append(
            {"file": str(prediction.path), **candidates[0], "candidates": candidates}
        )
    screen.print_json({"model": str(model), "kind": kind, "predictions": predictions})


def _remark_on_paper(pixels: np.ndarray) -> None:
    """Says so where a grey picture looks like ink on paper: its border is light."""
    if pixels.shape[-1] != 1:
        return
    rims = (pixels[:, 0], pixels[:, -1], pixels[:, :, 0], pixels[:, :, -1])
    light = np.mean([np.mean(rim) for rim in rims]) > 160
    if light:
        screen.err().print(
            "\nThese pictures are dark on light. If the model learned from light on "
            "dark, as in MNIST, change that with --invert.",
            style="yellow",
        )
