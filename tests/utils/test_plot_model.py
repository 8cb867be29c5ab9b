"""Pictures of models: what stands in them, and that they are pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import layers
from wubu.errors import ArgumentError, StateError
from wubu.utils import model_to_dot, plot_model
from wubu.utils.plot_model import Wanted, boxes_of


def model() -> Any:
    """Two inputs, a layer used twice, a frozen layer, a model inside, two outputs."""
    a, b = layers.Input((4,), name="a"), layers.Input((3,), name="b")
    shared = layers.Dense(4, activation="relu", name="shared")
    frozen = layers.Dense(2, name="frozen", trainable=False)
    inner = wubu.Sequential(
        [layers.Input((2,)), layers.Dense(2, name="in_1"), layers.ReLU(name="in_2")],
        name="inner",
    )
    both = layers.Concatenate(name="both")([shared(shared(a)), b])
    return wubu.Model([a, b], [inner(frozen(both)), both], name="two")


ALL = Wanted(True, True, True, True, True, True)


def edges(boxes: Any) -> set[tuple[str, str]]:
    return {(boxes[s].title, box.title) for box in boxes for s in box.sources}


def test_boxes_are_inputs_and_calls_and_wires_what_they_are_called_on() -> None:
    boxes = boxes_of(model(), Wanted(names=True))
    titles = [box.title for box in boxes]
    assert titles[:2] == ["Input  a", "Input  b"]
    assert titles.count("Dense  shared") == 2
    assert edges(boxes) == {
        ("Input  a", "Dense  shared"),
        ("Dense  shared", "Dense  shared"),
        ("Dense  shared", "Concatenate  both"),
        ("Input  b", "Concatenate  both"),
        ("Concatenate  both", "Dense  frozen"),
        ("Dense  frozen", "Sequential  inner"),
    }


def test_models_inside_are_opened() -> None:
    boxes = boxes_of(model(), ALL)
    assert ("Dense  frozen", "Dense  inner/in_1") in edges(boxes)
    assert ("Dense  inner/in_1", "ReLU  inner/in_2") in edges(boxes)
    assert not any("Sequential" in box.title for box in boxes)


def test_lines_say_what_was_asked_for() -> None:
    boxes = {box.title: box.lines for box in boxes_of(model(), ALL)}
    assert boxes["Concatenate  both"] == [
        "in   (?, 4), (?, 3)",
        "out  (?, 7)",
        "dtype  float32",
    ]
    assert boxes["Dense  shared"][0] == "activation  relu"
    assert boxes["Dense  shared"][-1] == "trained"
    assert boxes["Dense  frozen"][-1] == "not trained"
    assert all(not box.lines for box in boxes_of(model(), Wanted()))


@pytest.mark.parametrize("rankdir", ["TB", "LR"])
def test_pictures(tmp_path: Path, rankdir: str) -> None:
    options: dict[str, Any] = {"show_shapes": True, "rankdir": rankdir}
    for suffix, start in ((".png", b"\x89PNG"), (".svg", b"<?xml"), (".pdf", b"%PDF")):
        path = tmp_path / f"model{suffix}"
        assert plot_model(model(), path, dpi=40, **options) is None
        assert path.read_bytes().startswith(start)
        before = path.read_bytes()
        plot_model(model(), path, dpi=40, **options)
        assert path.read_bytes() == before  # the same model, the same picture
    text = (tmp_path / "model.svg").read_text()
    assert text.count("Concatenate") == 1


def test_text_for_graphviz(tmp_path: Path) -> None:
    text = model_to_dot(model(), show_shapes=True)
    assert text.startswith('digraph "two" {')
    assert text.count("->") == len(edges(boxes_of(model(), Wanted(names=True))))
    assert "Concatenate  both\\lin   (?, 4), (?, 3)\\lout  (?, 7)" in text
    plot_model(model(), tmp_path / "m.dot", show_layer_names=True, show_shapes=True)
    assert (tmp_path / "m.dot").read_text() == text


def test_a_model_with_a_call_of_its_own_is_one_box() -> None:
    class Own(wubu.Model):
        def call(self, x: Any) -> Any:
            return x * 2

    own = Own()
    with pytest.raises(StateError, match="not built"):
        boxes_of(own, Wanted())
    own(np.ones((2, 3)))
    (box,) = boxes_of(own, Wanted(shapes=True))
    assert box.title == "Own"
    assert box.lines == ["in   (None, 3)", "out  (None, 3)"]


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"to_file": "model.txt"}, r"\.png"),
        ({"rankdir": "down"}, "TB"),
        ({"show_sizes": True}, "show_sizes"),
    ],
)
def test_wrong_arguments_are_refused(options: dict[str, Any], match: str) -> None:
    with pytest.raises(ArgumentError, match=match):
        plot_model(model(), **options)
