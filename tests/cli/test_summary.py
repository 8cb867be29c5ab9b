"""`wubu summary`: the numbers, the shapes, the files it writes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wubu import Model, layers


def test_lenet_has_the_published_numbers(wubu: Any) -> None:
    result = wubu("summary", "mnist-lenet")
    assert result.exit_code == 0
    words = result.stdout.split()
    # (3·3·1+1)·6, (5·5·6+1)·16, (400+1)·120, (120+1)·84, (84+1)·10, and their sum.
    for number in ["60", "2,416", "48,120", "10,164", "850", "61,610"]:
        assert number in words
    for text in ["(None, 28, 28, 1)", "(None, 10, 10, 16)", "(None, 10)"]:
        assert text in result.stdout
    for text in ["input of one sample", "forward and backward pass", "parameters"]:
        assert text in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_json_holds_layers_and_memory(wubu: Any) -> None:
    printed = json.loads(wubu("summary", "mnist-lenet", "--json").stdout)
    assert printed["parameters"] == printed["trainable"] == 61_610
    counts = [row["parameters"] for row in printed["layers"] if row["parameters"]]
    assert counts == [60, 2_416, 48_120, 10_164, 850]
    assert printed["layers"][0]["inputs"] == [[None, 28, 28, 1]]
    assert printed["layers"][-1]["outputs"] == [[None, 10]]
    assert printed["memory"]["parameters"] == 4 * 61_610
    assert printed["memory"]["input"] == 4 * 28 * 28
    # Each layer's output and its gradient: rescaling, conv, pool, conv, pool, flatten,
    # and three dense layers.
    outputs = 784 + 28 * 28 * 6 + 14 * 14 * 6 + 10 * 10 * 16 + 5 * 5 * 16 + 400
    outputs += 120 + 84 + 10
    assert printed["memory"]["forward_backward"] == 2 * 4 * outputs


def test_of_a_saved_model(wubu: Any, trained: Any) -> None:
    result = wubu("summary", trained.model)
    assert result.exit_code == 0
    assert f"{trained.printed['parameters']:,}" in result.stdout.split()


@pytest.mark.parametrize(
    ("name", "start"),
    [("net.svg", "<svg"), ("net.dot", "digraph"), ("net.txt", "graph")],
)
def test_graph_is_written(wubu: Any, tmp_path: Path, name: str, start: str) -> None:
    path = tmp_path / name
    result = wubu("summary", "digits-lenet", "--graph", path)
    assert result.exit_code == 0, result.output
    assert f"graph written to {path}" in result.stdout
    assert start in path.read_text("utf-8")[:200]


def test_graph_in_an_unknown_format_is_an_error(wubu: Any, tmp_path: Path) -> None:
    result = wubu("summary", "digits-lenet", "--graph", tmp_path / "net.gif")
    assert result.exit_code == 1
    assert ".svg, .dot, .txt" in result.stderr
    assert result.stdout == ""


def test_a_file_that_is_not_there_is_an_error(wubu: Any) -> None:
    result = wubu("summary", "nowhere.wubu")
    assert result.exit_code == 1
    assert "there is no such model file" in result.stderr


def test_a_file_that_is_no_model_is_an_error(wubu: Any, tmp_path: Path) -> None:
    path = tmp_path / "foreign.wubu"
    path.write_text("no model")
    result = wubu("summary", path, "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["kind"] == "FileFormatError"


def test_an_unknown_network_suggests_the_nearest(wubu: Any) -> None:
    result = wubu("summary", "mnist-ccn")
    assert result.exit_code == 1
    assert 'did you mean "mnist-cnn"?' in result.stderr


def test_a_layer_with_many_inputs_takes_a_line_for_each(
    wubu: Any, tmp_path: Path
) -> None:
    x = layers.Input((28, 28, 1))
    columns = [layers.Conv2D(16, 3, padding="same")(x) for _ in range(4)]
    Model(x, layers.Concatenate()(columns)).save(tmp_path / "columns.wubu")
    result = wubu("summary", tmp_path / "columns.wubu")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    (start,) = [i for i, line in enumerate(lines) if "(Concatenate)" in line]
    assert [line.count("(None, 28, 28, 16)") for line in lines[start : start + 4]] == (
        [1, 1, 1, 1]
    )
    assert max(map(len, lines)) <= 80
