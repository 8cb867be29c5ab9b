"""Numbers for programs, and the table in Markdown."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wubu.bench import report
from wubu.bench.report import Case, Facts, LeftOut, Report, Result

MLP = Case("mlp", "mlp", "MLP", "train", 128, 200_000_000)
CNN = Case("cnn", "cnn", "CNN", "train", 64, 400_000_000)
FACTS = Facts("2030-01-02", "Abacus", 2, 2e11, 0.5, 5, "train")


@pytest.fixture
def found() -> Report:
    return Report(
        FACTS,
        {"wubu": "0.1.0", "torch": "9.9"},
        [
            Result(MLP, "PyTorch", "eager", "fused Adam", 0.003),
            Result(MLP, "PyTorch", "compiled", "", 0.002),
            Result(MLP, "Wubu", "", "", 0.004),
            Result(CNN, "PyTorch", "eager", "", 0.02),
            Result(CNN, "Wubu", "", "", 0.005),
            Result(CNN, "JAX", "scan", "", 0.04),
        ],
        [LeftOut("mlp", "JAX", "scan", "it crashed")],
    )


def test_results_of_a_case_come_fastest_first(found: Report) -> None:
    labels = [result.label for result in found.of(MLP)]
    assert labels == ["PyTorch compiled", "PyTorch eager", "Wubu"]


def test_ratio_is_the_fastest_peers_time_over_ours(found: Report) -> None:
    assert found.ratio(MLP) == 0.5
    assert found.ratio(CNN) == 4


def test_ratio_needs_both(found: Report) -> None:
    ours = [r for r in found.results if r.framework == "Wubu"]
    theirs = [r for r in found.results if r.framework != "Wubu"]
    assert found._replace(results=ours).ratio(MLP) is None
    assert found._replace(results=theirs).ratio(MLP) is None


def test_object_for_programs(found: Report) -> None:
    data = json.loads(json.dumps(report.as_data(found)))
    assert set(data) == {
        *("date", "cpu", "threads", "peak", "seconds", "rounds", "task"),
        *("versions", "results", "ratios", "left_out"),
    }
    assert data["ratios"] == {"mlp": 0.5, "cnn": 4.0}
    assert data["versions"] == {"wubu": "0.1.0", "torch": "9.9"}
    assert data["results"][0] == {
        "case": "mlp",
        "workload": "mlp",
        "batch": 128,
        "framework": "PyTorch",
        "mode": "eager",
        "detail": "fused Adam",
        "ms_per_step": pytest.approx(3.0),
        "samples_per_second": pytest.approx(128 / 0.003),
        "peak_share": pytest.approx(2e8 / 0.003 / 2e11),
        "quiet": True,
    }
    assert data["left_out"] == [
        {
            "workload": "mlp",
            "framework": "JAX",
            "mode": "scan",
            "reason": "it crashed",
        }
    ]


def test_markdown(found: Report) -> None:
    assert report.as_markdown(found) == (
        "Measured on 2030-01-02: Abacus, 2 threads, FMA peak 200 GFLOP/s float32. "
        "wubu 0.1.0, torch 9.9.\n"
        "\n"
        "| ms per step | Wubu | PyTorch | JAX | fastest peer / Wubu |\n"
        "|---|---|---|---|---|\n"
        "| MLP, batch 128 | 4.00 | **2.00** compiled | – | 0.50 |\n"
        "| CNN, batch 64 | **5.00** | 20.0 eager | 40.0 scan | 4.00 |"
    )


def test_name_of_the_cpu(tmp_path: Path) -> None:
    assert report.cpu_name()
    info = tmp_path / "cpuinfo"
    info.write_text("processor\t: 0\nmodel name\t: Abacus: 3 GHz\n\nmodel name\t: B\n")
    assert list(report._model_names(info)) == ["Abacus: 3 GHz", "B"]
    assert list(report._model_names(tmp_path / "missing")) == []
