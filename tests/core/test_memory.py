"""How much memory there is, and what is said where more is asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import layers, optimizers
from wubu.core import memory
from wubu.core.memory import Limit, enough_memory, memory_limit
from wubu.errors import OutOfMemoryError


@pytest.fixture
def little(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if there were one megabyte."""
    limit = Limit(1_000_000, "this machine has")
    monkeypatch.setattr(memory, "memory_limit", lambda: limit)


# -- limits ---------------------------------------------------------------------------


def test_this_machine_has_some_memory() -> None:
    limit = memory_limit()
    assert limit is None or limit.size > 1e8


def test_the_lowest_limit_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_of_machine", lambda: 8)
    monkeypatch.setattr(memory, "_of_group", lambda: 5)
    monkeypatch.setattr(memory, "_of_process", lambda: None)
    assert memory_limit() == (5, "this container may use")
    monkeypatch.setattr(memory, "_of_process", lambda: 3)
    assert memory_limit() == (3, "ulimit allows this process")


@pytest.mark.parametrize(
    ("own", "files", "limit"),
    [
        ("0::/", {"memory.max": "4000\n"}, 4000),
        ("0::/", {"memory.max": "max\n"}, None),
        ("0::/a/b", {"a/b/memory.max": "max", "a/memory.max": "700"}, 700),
        ("0::/seen/outside", {"memory.max": "900"}, 900),
        (
            "7:pids:/a\n4:memory:/a\n0::/",
            {"memory/a/memory.limit_in_bytes": "50", "a/memory.max": "10"},
            50,
        ),
        ("3:cpu,cpuacct:/a", {"memory.max": "10"}, None),
        ("", {}, None),
    ],
)
def test_groups_of_processes(
    own: str, files: dict[str, str], limit: int | None, tmp_path: Path
) -> None:
    (tmp_path / "own").write_text(own)
    for name, text in files.items():
        path = tmp_path / "groups" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert memory._of_group(tmp_path / "groups", tmp_path / "own") == limit


def test_systems_without_groups(tmp_path: Path) -> None:
    assert memory._of_group(tmp_path, tmp_path / "none") is None


# -- errors ---------------------------------------------------------------------------


def test_where_little_is_refused_it_is_not_to_blame(little: None) -> None:
    with (
        pytest.raises(OutOfMemoryError) as found,
        enough_memory(1000, "x", "y", lambda: "less"),
    ):
        raise MemoryError
    assert "1.0 KB for y; this machine has 1.0 MB" in str(found.value.got)
    assert "keep less in memory" in str(found.value.fix)


@pytest.mark.parametrize(
    ("make", "texts"),
    [
        (
            lambda: wubu.Sequential(
                [layers.Input((500,)), layers.Dense(900, name="wide")]
            ),
            ["the weights of Dense", "wide", "kernel of shape (500, 900), float32"],
        ),
        (
            lambda: optimizers.Adam().build([wubu.Variable(np.ones((500, 900), "f4"))]),
            ["what adam keeps of each weight", "momentum of variable", "SGD()"],
        ),
        (
            lambda: wubu.Sequential([layers.Input((5,)), layers.Flatten()]).predict(
                np.ones((64_000, 5), np.float32), batch_size=64
            ),
            ["the outputs of predict", "1.3 MB", "all 1000 batches", "fewer samples"],
        ),
    ],
)
def test_what_needs_too_much_is_named(
    make: Callable[[], Any], texts: list[str], little: None
) -> None:
    with pytest.raises(OutOfMemoryError) as found:
        make()
    for text in texts:
        assert text in str(found.value)


def test_a_stream_of_outputs_says_how_many_there_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model = wubu.Sequential([layers.Input((5,)), layers.Flatten()])

    def refuse(*arguments: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr("wubu.training.loop._join", refuse)
    with pytest.raises(OutOfMemoryError, match="the outputs of predict") as found:
        model.predict(np.ones((2, 5), np.float32) for _ in range(3))
    assert "the outputs of all 3 batches" in str(found.value.got)


COLUMN = np.ones((2**23, 1), np.float32)


@pytest.mark.parametrize(
    ("operation", "function", "given"),
    [
        ("mul", lambda x: x * x.T, True),
        ("dot_general", lambda x: x @ x.T, True),
        ("mul", wubu.jit(lambda x: x * x.T, executor="numpy"), False),
    ],
)
def test_operations_for_which_numpy_has_no_memory(
    operation: str, function: Callable[[Any], Any], given: bool
) -> None:
    with pytest.raises(OutOfMemoryError) as found:
        function(wubu.tensor(COLUMN))
    assert found.value.what == f"there is not enough memory for {operation}"
    assert "test_memory.py:" in str(found.value.where)
    size, *rest = str(found.value.got).split("; ")
    made = ", made from (8388608, 1) and (1, 8388608)" if given else ""
    array = "281,475.0 GB for an array of shape (8388608, 8388608), float32"
    assert size == array + made
    assert rest or memory_limit() is None
    assert "smaller arrays" in str(found.value.fix)


def test_arrays_for_which_numpy_has_no_memory() -> None:
    with pytest.raises(OutOfMemoryError, match="not enough memory for ones") as found:
        wubu.ones(2**23, 2**23)
    assert "test_memory.py:" in str(found.value.where)
    assert "of shape (8388608, 8388608), float32; " in str(found.value.got)


def test_a_memory_error_of_the_users_own_stays_what_it_is() -> None:
    class DeviceFullError(MemoryError):
        pass

    def full(*arguments: Any) -> Any:
        raise DeviceFullError("mine")

    with pytest.raises(DeviceFullError, match="mine"):
        wubu.ops.cond(True, full, lambda: 1.0)
