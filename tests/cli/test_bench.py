"""`wubu bench`, with a peer that only sleeps."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from wubu.bench import environments
from wubu.bench.environments import Mode, Peer
from wubu.core.executors import load_executor

Run = Callable[..., Any]
SCRIPT = Path(__file__).resolve().parents[1] / "bench" / "fake_peer.py"
SHORT = ("--workloads", "mlp", "--seconds", 0.02, "--rounds", 1)


@pytest.fixture(autouse=True)
def _fake_peers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Two peers that sleep, one that crashes, one that is missing."""
    modes = (Mode("quick", "quick"), Mode("crash-preparing", "crashing"))
    tasks = dict.fromkeys(("train", "predict"), modes)
    fake = Peer("fake", "Fake", SCRIPT, ("json",), tasks)
    gone = Peer("gone", "Gone", Path("gone.py"), ("no_such_package",), tasks)
    monkeypatch.setattr(environments, "PEERS", {"fake": fake, "gone": gone})
    monkeypatch.setattr("wubu.cli.bench.PEERS", environments.PEERS)
    monkeypatch.setenv("WUBU_PEERS_HOME", str(tmp_path))
    executor = load_executor("native")
    monkeypatch.setattr(type(executor), "peak", lambda self, threads: 1e11)


def test_tables_fit_the_terminal(wubu: Run) -> None:
    result = wubu("bench", *SHORT)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "FMA peak 100 GFLOP/s float32" in lines[0]
    assert "MLP 784-512-10, batch 128, 0.209 GFLOP a step" in lines[2]
    rows = {line.split("  ")[0]: line.split()[-1] for line in lines[4:6]}
    assert set(rows) == {"Wubu", "Fake quick"}
    assert rows["Wubu"] == "%"
    assert rows["Fake quick"].endswith("×")
    assert lines[-1].startswith("The fastest peer's time over Wubu's: mlp ")
    assert "Gone left out: not installed: make peers PEERS=gone" in result.stderr
    assert "mlp: Fake crashing left out: ended with code 3" in result.stderr


def test_json_is_one_object(wubu: Run) -> None:
    result = wubu("bench", *SHORT, "--json")
    assert result.exit_code == 0, result.output
    data = json.loads(result.stdout)
    assert {r["framework"] for r in data["results"]} == {"Wubu", "Fake"}
    assert data["peak"] == 1e11
    assert data["task"] == "train"
    for found in data["results"]:
        assert found["workload"] == "mlp"
        seconds = found["ms_per_step"] / 1e3
        assert found["samples_per_second"] == pytest.approx(128 / seconds)
        operations = 2 * 128 * (2 * 406_528 + 5_120)
        assert found["peak_share"] == pytest.approx(operations / seconds / 1e11)
    times = {r["framework"]: r["ms_per_step"] for r in data["results"]}
    assert data["ratios"]["mlp"] == pytest.approx(times["Fake"] / times["Wubu"])
    assert {left["framework"] for left in data["left_out"]} == {"Fake", "Gone"}


def test_predicting(wubu: Run) -> None:
    result = wubu("bench", *SHORT, "--mode", "predict", "--peers", "fake", "--json")
    data = json.loads(result.stdout)
    assert set(data["ratios"]) == {"mlp@1", "mlp@256"}
    assert {r["batch"] for r in data["results"]} == {1, 256}


def test_markdown_is_one_table(wubu: Run) -> None:
    result = wubu("bench", *SHORT, "--peers", "fake", "--markdown")
    assert result.exit_code == 0, result.output
    table = [line for line in result.stdout.splitlines() if line.startswith("|")]
    assert table[0] == "| ms per step | Wubu | Fake | fastest peer / Wubu |"
    assert table[2].startswith("| MLP 784-512-10, batch 128 | ")
    assert len(table) == 3


def test_wubu_alone(wubu: Run) -> None:
    result = wubu("bench", *SHORT, "--peers", "none", "--json")
    data = json.loads(result.stdout)
    assert [r["framework"] for r in data["results"]] == ["Wubu"]
    assert data["ratios"] == {"mlp": None}
    assert data["left_out"] == []


@pytest.mark.parametrize(
    ("option", "value", "fix"),
    [
        ("--workloads", "mlp,lennet", 'did you mean "lenet"?'),
        ("--peers", "fale", 'did you mean "fake"?'),
        ("--peers", "", "--peers none measures Wubu alone"),
    ],
)
def test_a_misspelt_name_gets_the_nearest(
    wubu: Run, option: str, value: str, fix: str
) -> None:
    result = wubu("bench", *SHORT, option, value)
    assert result.exit_code == 1
    assert fix in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize(
    "arguments", [("--mode", "fly"), ("--seconds", 0), ("--rounds", 0)]
)
def test_wrong_usage(wubu: Run, arguments: tuple[object, ...]) -> None:
    result = wubu("bench", *SHORT, *arguments)
    assert result.exit_code == 2


def test_two_formats_at_once_are_refused(wubu: Run) -> None:
    result = wubu("bench", "--json", "--markdown")
    assert result.exit_code == 1
    assert "cannot both be printed" in json.loads(result.stdout)["error"]["what"]
