"""`wubu profile`: a table for people, an object for programs, code to read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from wubu import get_num_threads

LITTLE = ("profile", "digits-lenet", "--batch-size", 32, "--steps", 2)


@pytest.fixture(scope="module")
def told(wubu: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What --json prints, with a picture."""
    path = tmp_path_factory.mktemp("pictures") / "roofline.png"
    result = wubu(*LITTLE, "--threads", 1, "--json", "--picture", path)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_json_holds_every_kernel(told: Any) -> None:
    assert told["name"] == "digits-lenet"
    assert (told["batch_size"], told["threads"], told["steps"]) == (32, 1, 2)
    assert told["machine"]["peak"] > 0 and told["machine"]["bandwidth"] > 0
    records = told["records"]
    assert sum(r["seconds"] for r in records) == pytest.approx(told["seconds"])
    assert sum(r["flops"] for r in records) == told["flops"]
    for record in records:
        speed = record["flops"] / record["seconds"] if record["seconds"] else 0.0
        share = speed / told["machine"]["peak"]
        assert record["share_of_peak"] == pytest.approx(share)
    forms = {record["form"] for record in records}
    assert {"gather", "contract", "outer", "window", "reduce", "update"} <= forms
    convolutions = {r["layer"] for r in records if r["operation"] == "conv"}
    assert [name.split("/")[0] for name in convolutions] == ["lenet"] * 2


def test_the_picture_is_drawn(told: Any) -> None:
    assert Path(told["picture"]).read_bytes().startswith(b"\x89PNG")


def test_the_table_fits_and_adds_up(
    wubu: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = wubu(*LITTLE, "--by-time", "--all")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert max(len(line) for line in lines) <= 80
    assert lines[0].startswith("digits-lenet: ")
    for heading in ("kernel", "tile", "µs", "GFLOP/s", "peak", "bytes"):
        assert heading in lines[3]
    starts = [line.split("  ")[0].rstrip() for line in lines if line[:1] not in " "]
    assert [s for s in starts if s.startswith("phase")] == ["phase 1", "phase 2"]
    assert "updates" in starts
    assert "GFLOP/s," in result.stdout and "% of the peak" in result.stdout
    assert "roofline drawn to digits-lenet-roofline.png" in result.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["digits-lenet-roofline.png"]


def test_a_picture_can_be_left_out(
    wubu: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for options in (("--picture", "none"), ("--json",), ("--text",)):
        result = wubu(*LITTLE, "--batch-size", 1, *options)
        assert result.exit_code == 0, result.output
        assert "roofline drawn" not in result.stdout
        assert not list(tmp_path.iterdir())
        if "none" in options:
            assert "a training step of 1 sample on" in result.stdout


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--text", "phase 1:"),
        ("--llvm", "define i64 @run("),
        ("--assembly", "run"),
    ],
)
def test_programs_can_be_read(wubu: Any, option: str, words: str) -> None:
    result = wubu(*LITTLE, option)
    assert result.exit_code == 0, result.output
    assert words in result.stdout


def test_the_number_of_threads_is_that_of_this_command_alone(
    wubu: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WUBU_THREADS", "2")
    assert "; 1 thread" in wubu(*LITTLE, "--text", "--threads", 1).stdout
    assert get_num_threads() == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--picture", "roofline.txt"), "cannot be drawn"),
        (("--text", "--json"), "only one of"),
        (("--llvm", "--assembly"), "only one of"),
    ],
)
def test_what_cannot_be_done_is_said_first(
    wubu: Any, arguments: tuple[str, ...], words: str
) -> None:
    result = wubu("profile", "mnist-lenet", *arguments)
    assert result.exit_code == 1
    assert words in result.stdout + result.stderr


def test_an_unknown_network_is_named(wubu: Any) -> None:
    result = wubu("profile", "mnist-lenett")
    assert result.exit_code == 1
    assert "mnist-lenet" in result.stderr
