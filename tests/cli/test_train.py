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

from recipes import made
from wubu import datasets, recipes
from wubu.recipes import Session
from wubu.runs import Run
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
    assert printed["run"] == str(trained.folder / "digits-lenet-1")
    assert printed["model"] == str(trained.folder / "digits-lenet-1" / "model.wubu")


def test_the_run_folder_holds_what_was_printed(trained: Any) -> None:
    run = Run(trained.printed["run"])
    assert run.is_complete
    assert run.column("loss") == trained.printed["history"]["loss"]
    assert run.evaluation is not None
    assert run.evaluation["metrics"] == trained.printed["evaluation"]
    assert run.settings["train"]["epochs"] == 3
    assert run.settings["train"]["seed"] == 7
    assert "# 备" in run.recipe  # comments stay


def test_the_saved_model_is_the_one_evaluated(trained: Any) -> None:
    _, (x_test, y_test) = datasets.digits.load_data()
    guesses = load_model(trained.model).predict(x_test[..., None]).argmax(axis=1)
    accuracy = float(np.mean(guesses == y_test))
    assert trained.printed["evaluation"]["accuracy"] == pytest.approx(accuracy)


def test_the_same_seed_gives_the_same_numbers(wubu: Any, tmp_path: Path) -> None:
    def numbers(seed: int) -> Any:
        result = wubu(*ONE_EPOCH, "--json", "--seed", seed, "--runs", tmp_path)
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
    assert "saved    runs/digits-lenet-1/model.wubu" in lines
    assert (tmp_path / "runs" / "digits-lenet-1" / "model.wubu").is_file()
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]


def test_with_json_progress_goes_to_standard_error(wubu: Any, tmp_path: Path) -> None:
    output = tmp_path / "model.wubu"
    result = wubu(*ONE_EPOCH, "--json", "--runs", tmp_path, "--output", output)
    assert "1/1" in result.stderr
    printed = json.loads(result.stdout)
    assert printed["model"] == str(output)
    assert output.read_bytes() == Run(printed["run"]).model_path.read_bytes()


def test_unknown_network_suggests_the_nearest(wubu: Any) -> None:
    result = wubu("train", "mnist-lenett")
    assert result.exit_code == 1
    assert result.stdout == ""
    assert 'there is no built-in recipe named "mnist-lenett"' in result.stderr
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
    result = wubu("train", "mnist-lenet", "--json", "--runs", tmp_path)
    assert result.exit_code == 1
    error = json.loads(result.stdout)["error"]
    assert error["kind"] == "DownloadError"
    assert "WUBU_DATA_HOME" in error["fix"]


def test_the_numbers_of_a_recipe_file(wubu: Any, tmp_path: Path) -> None:
    path = made.write(tmp_path)
    options = ("--runs", tmp_path, "--set", "train.epochs=2", "--json")
    printed = json.loads(wubu("train", path, *options).stdout)
    assert printed["name"] == "small"
    assert printed["executor"] == "numpy"
    assert printed["epochs"] == 2 and len(printed["history"]["loss"]) == 2


def test_a_mistake_in_a_recipe_names_its_line(wubu: Any, tmp_path: Path) -> None:
    path = made.write(tmp_path, made.TEXT.replace("units=8", "unit=8"))
    result = wubu("train", path, "--runs", tmp_path)
    assert result.exit_code == 1
    assert f"{path}:11:18" in result.stderr
    assert 'did you mean "units"?' in result.stderr
    result = wubu("train", path, "--set", "train.epoch=2")
    assert "--set train.epoch=2" in result.stderr


def test_without_a_recipe_it_says_what_to_give(wubu: Any) -> None:
    result = wubu("train")
    assert result.exit_code == 2
    assert "give a recipe, or --resume RUN" in result.stderr


POSIX = pytest.mark.skipif(sys.platform == "win32", reason="sends a POSIX signal")


def _long_training(folder: Path, *changes: str) -> tuple[subprocess.Popen, list[str]]:
    """A process that trains for long, after its third epoch."""
    command = [sys.executable, "-m", "wubu", "train", str(made.write(folder))]
    command += ["--json", "--runs", str(folder)]
    command += [part for change in changes for part in ("--set", change)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    while not process.stderr.readline().lstrip().startswith("3/"):
        assert process.poll() is None
    return process, command


@POSIX
def test_ctrl_c_saves_and_evaluates_what_was_learned(wubu: Any, tmp_path: Path) -> None:
    process, _ = _long_training(tmp_path, "train.epochs=100000")
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == 130, stderr
    assert "stopped by Ctrl-C" in stderr
    printed = json.loads(stdout)
    assert printed["stopped"] is True
    assert printed["evaluation"]["accuracy"] > 0.1
    assert load_model(printed["model"]).count_params() == printed["parameters"]
    run = Run(printed["run"])
    assert run.info["stopped"] and any(run.checkpoints.iterdir())
    epochs = len(run.history) + 2
    options = ("--runs", tmp_path, "--set", f"train.epochs={epochs}", "--json")
    resumed = json.loads(wubu("train", "--resume", run.name, *options).stdout)
    assert resumed["stopped"] is False
    assert len(resumed["history"]["loss"]) == epochs


@POSIX
def test_a_killed_run_goes_on_with_the_same_numbers(wubu: Any, tmp_path: Path) -> None:
    process, _ = _long_training(tmp_path, "train.epochs=100000")
    process.kill()
    process.communicate(timeout=60)
    run = Run(tmp_path / "small-1")
    assert run.evaluation is None and not run.is_complete
    epochs = str(len(run.history) + 2)
    common = ("--runs", tmp_path, "--epochs", epochs, "--json")
    resumed = wubu("train", "--resume", run.folder, *common)
    assert resumed.exit_code == 0, resumed.output
    whole = wubu("train", tmp_path / "small.toml", *common)
    one, other = json.loads(resumed.stdout), json.loads(whole.stdout)
    assert one["history"] == other["history"]
    assert one["evaluation"] == other["evaluation"]
    assert Run(one["run"]).is_complete


@pytest.mark.parametrize("name", [n for n in recipes.names() if "mnist" in n])
def test_mnist_networks_learn_in_a_few_steps(
    data_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    (x, y), (x_test, y_test) = datasets.mnist.load_data()
    assert x.shape == (60_000, 28, 28)
    few = (x[:1280], y[:1280]), (x_test[:256], y_test[:256])
    monkeypatch.setattr(datasets.mnist, "load_data", lambda: few)
    session = Session.begin(recipes.load(name, ["train.epochs=1"]), tmp_path)
    data = session.prepare()
    before = session.recipe.evaluate(session.build(), data)["loss"]
    session.train(verbose=0)
    assert not session.interrupted
    assert session.evaluate()["loss"] < 0.9 * before
