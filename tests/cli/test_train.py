"""`wubu train`: what it prints, what it leaves, and Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from wubu import datasets
from wubu.cli import session
from wubu.cli.session import Samples
from wubu.models import zoo
from wubu.saving import load_model

ONE_EPOCH = ("train", "digits-lenet", "--epochs", 1)


def test_json_holds_what_was_done(trained: Any) -> None:
    printed = trained.printed
    assert printed["name"] == "digits-lenet"
    assert (printed["seed"], printed["epochs"], printed["batch_size"]) == (7, 3, 32)
    assert printed["executor"]
    assert printed["parameters"] > 0
    assert printed["seconds"] > 0
    assert printed["stopped"] is False
    assert printed["history"].keys() == {"loss", "accuracy"}
    assert all(len(values) == 3 for values in printed["history"].values())
    assert printed["evaluation"].keys() == {"loss", "accuracy"}


def test_the_saved_model_is_the_one_evaluated(trained: Any) -> None:
    _, (x_test, y_test) = datasets.digits.load_data()
    guesses = load_model(trained.model).predict(x_test[..., None]).argmax(axis=1)
    accuracy = float(np.mean(guesses == y_test))
    assert trained.printed["evaluation"]["accuracy"] == pytest.approx(accuracy)


def test_the_same_seed_gives_the_same_numbers(wubu: Any, tmp_path: Path) -> None:
    def numbers(seed: int) -> Any:
        output = tmp_path / "model.wubu"
        result = wubu(*ONE_EPOCH, "--json", "--seed", seed, "--output", output)
        printed = json.loads(result.stdout)
        return printed["history"], printed["evaluation"]

    first = numbers(3)
    assert numbers(3) == first
    assert numbers(4) != first


def test_without_a_terminal_it_prints_plain_lines(
    wubu: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = wubu(*ONE_EPOCH)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "\x1b" not in result.stdout
    assert max(map(len, lines)) <= 80
    head = lines.index("epoch      time       loss   accuracy")
    assert lines[head + 1].split()[0] == "1/1"
    assert any(line.startswith("test     loss ") for line in lines)
    assert "saved    runs/digits-lenet.wubu" in lines
    assert (tmp_path / "runs" / "digits-lenet.wubu").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_with_json_progress_goes_to_standard_error(wubu: Any, tmp_path: Path) -> None:
    result = wubu(*ONE_EPOCH, "--json", "--output", tmp_path / "model.wubu")
    assert "1/1" in result.stderr
    json.loads(result.stdout)


def test_unknown_network_suggests_the_nearest(wubu: Any) -> None:
    result = wubu("train", "mnist-lenett")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert 'there is no built-in network named "mnist-lenett"' in result.stderr
    assert 'did you mean "mnist-lenet"?' in result.stderr
    assert "Traceback" not in result.stderr


def test_with_json_an_error_is_one_object(wubu: Any) -> None:
    result = wubu("train", "mnist-lenett", "--json")
    assert result.exit_code == 1
    error = json.loads(result.stdout)["error"]
    assert error.keys() == {"kind", "what", "where", "expected", "got", "fix"}
    assert error["kind"] == "UnknownNameError"
    assert error["fix"] == 'did you mean "mnist-lenet"?'


def test_unknown_executor_is_an_error(wubu: Any) -> None:
    result = wubu("train", "digits-lenet", "--executor", "nunpy")
    assert result.exit_code == 1
    assert 'did you mean "numpy"?' in result.stderr


def test_output_is_checked_before_training(wubu: Any, tmp_path: Path) -> None:
    result = wubu("train", "digits-lenet", "--output", tmp_path / "model.h5")
    assert result.exit_code == 1
    assert "a file name that ends in .wubu" in result.stderr
    assert "model.h5.wubu" in result.stderr
    assert "epoch" not in result.stdout


def test_debug_shows_the_traceback(wubu: Any) -> None:
    result = wubu("train", "mnist-lenett", "--debug")
    assert result.exit_code == 1
    assert type(result.exception).__name__ == "UnknownNameError"


def test_mnist_without_network_or_files_says_where_to_put_them(
    wubu: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(url: str, path: Path) -> None:
        raise OSError("no network")

    monkeypatch.setattr("wubu.datasets.download._download", offline)
    monkeypatch.setenv("WUBU_DATA_HOME", str(tmp_path / "data"))
    output = tmp_path / "model.wubu"
    result = wubu("train", "mnist-lenet", "--json", "--output", output)
    assert result.exit_code == 1
    error = json.loads(result.stdout)["error"]
    assert error["kind"] == "DownloadError"
    assert "WUBU_DATA_HOME" in error["fix"]


@pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")
def test_ctrl_c_saves_and_evaluates_what_was_learned(tmp_path: Path) -> None:
    output = tmp_path / "model.wubu"
    command = [sys.executable, "-m", "wubu", "train", "digits-lenet", "--json"]
    command += ["--epochs", "10000", "--output", str(output)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        while "1/10000" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "stopped by Ctrl-C" in stderr
    printed = json.loads(stdout)
    assert printed["stopped"] is True
    assert printed["evaluation"]["accuracy"] > 0.1
    assert load_model(output).count_params() == printed["parameters"]


@pytest.mark.parametrize("name", sorted(zoo.NETWORKS))
def test_every_network_says_what_it_takes(name: str) -> None:
    network = zoo.find(name)
    model = network.build(network)
    assert model.input_shape == (None, *network.input_shape)
    assert model.output_shape == (None, 10)


@pytest.mark.parametrize("name", [n for n in sorted(zoo.NETWORKS) if "mnist" in n])
def test_mnist_networks_learn_in_a_few_steps(
    data_home: Path, tmp_path: Path, name: str
) -> None:
    plan = session.make_plan(
        name, seed=0, executor=None, epochs=1, output=tmp_path / "m.wubu"
    )
    samples = session.load_samples(plan.network)
    assert samples.x_train.shape == (60_000, *plan.network.input_shape)
    few = Samples(
        samples.x_train[:1280],
        samples.y_train[:1280],
        samples.x_test[:256],
        samples.y_test[:256],
    )
    model = session.build(plan)
    before = session.evaluate(plan, model, few)["loss"]
    outcome = session.train(plan, model, few, sys.stdout)
    assert not outcome.stopped
    assert session.evaluate(plan, model, few)["loss"] < 0.9 * before
