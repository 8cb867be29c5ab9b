"""Object code on disk: found again, never trusted when damaged, bounded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wubu
from wubu.executors import native
from wubu.executors.native.machine import cache
from wubu.executors.native.machine import fingerprint as fingerprints
from wubu.executors.native.machine.fingerprint import fingerprint
from wubu.executors.native.machine.target import target
from wubu.executors.native.running import compilation
from wubu.executors.native.running.program import NativeProgram

X = np.arange(12, dtype=np.float32).reshape(4, 3)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("WUBU_CACHE", raising=False)
    monkeypatch.setenv("WUBU_CACHE_DIR", str(tmp_path / "code"))
    return tmp_path / "code"


@pytest.fixture
def emitted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Grows by one whenever code is emitted."""
    found: list[int] = []
    emit = compilation.emit

    def counting(*arguments: Any) -> Any:
        found.append(1)
        return emit(*arguments)

    monkeypatch.setattr(compilation, "emit", counting)
    return found


def scaled(factor: float = 2.0, name: str = "f") -> Any:
    def f(x: Any) -> Any:
        return x * factor + wubu.tensor(X[:1])

    f.__name__ = name
    return wubu.trace(f, wubu.zeros((4, 3)))


def check(factor: float = 2.0) -> None:
    (found,) = NativeProgram(scaled(factor), target(), 1).run([X])
    np.testing.assert_array_equal(found, X * np.float32(factor) + X[:1])


def entry(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


# --- entries -------------------------------------------------------------------------


def test_the_second_program_emits_nothing(folder: Path, emitted: list[int]) -> None:
    check()
    assert len(emitted) == 1
    check()
    assert len(emitted) == 1
    check(3.0)
    assert len(emitted) == 2
    assert len(list(folder.iterdir())) == 2


def test_variables_and_memory_of_threads_are_found_again(emitted: list[int]) -> None:
    for _ in range(2):
        total = wubu.Variable(np.zeros(3, np.float32))

        def step(x: Any, total: Any = total) -> Any:
            total.assign_add((x * x).sum(axis=0))
            return x - 1

        graph = wubu.trace(step, wubu.zeros((64, 3)))
        program = NativeProgram(graph, target(), 2)
        x = np.arange(192, dtype=np.float32).reshape(64, 3)
        for _ in range(3):
            np.testing.assert_array_equal(program.run([x])[0], x - 1)
        np.testing.assert_allclose(total.numpy(), 3 * (x * x).sum(axis=0), rtol=1e-5)
        assert "run" in program.llvm()
    assert len(emitted) == 1


def test_the_cache_can_be_switched_off(
    folder: Path, monkeypatch: pytest.MonkeyPatch, emitted: list[int]
) -> None:
    monkeypatch.setenv("WUBU_CACHE", "0")
    check()
    check()
    assert len(emitted) == 2
    assert not folder.exists()


def test_without_a_name_the_folder_is_the_users(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("WUBU_CACHE_DIR")
    found = cache.folder()
    assert found is not None
    assert found.parts[-2:] == ("wubu", "native")


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _flip(content: bytes) -> bytes:
    return content[:-100] + bytes([content[-100] ^ 1]) + content[-99:]


@pytest.mark.parametrize(
    "damage",
    [_cut, _flip, lambda c: b"", lambda c: b"\n\n", lambda c: c + b"x", os.urandom],
    ids=["cut", "flipped", "empty", "lines", "longer", "foreign"],
)
def test_damaged_entries_are_ignored_and_written_again(
    damage: Any, folder: Path, emitted: list[int]
) -> None:
    check()
    path = entry(folder)
    sound = path.read_bytes()
    path.write_bytes(damage(1000) if damage is os.urandom else damage(sound))
    check()
    assert len(emitted) == 2
    assert path.read_bytes() == sound


def test_an_entry_under_the_name_of_another_is_ignored(
    folder: Path, emitted: list[int]
) -> None:
    check(2.0)
    first = entry(folder)
    check(3.0)
    (other,) = set(folder.iterdir()) - {first}
    other.write_bytes(first.read_bytes())
    check(3.0)
    assert len(emitted) == 3


def test_a_folder_that_cannot_be_written_does_not_matter(
    folder: Path, emitted: list[int]
) -> None:
    folder.write_text("a file where a folder should be")
    check()
    check()
    assert len(emitted) == 2


def test_old_entries_go_first_when_there_are_too_many(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "MAX_BYTES", 10_000)
    keys = [letter * 8 for letter in "abcd"]
    for age, key in enumerate(keys[:3]):
        cache.store(key, {}, bytes(3000))
        os.utime(folder / f"{key}.code", (1000 + age, 1000 + age))
    assert cache.find(keys[0]) is not None  # used: now the newest
    cache.store(keys[3], {}, bytes(3000))
    kept = [key for key in keys if cache.find(key)]
    assert kept == [keys[0], keys[3]]


def test_processes_share_a_folder(folder: Path) -> None:
    source = (
        "import numpy as np, wubu\n"
        "f = wubu.jit(lambda x: wubu.ops.exp(x) + 1, executor='native')\n"
        "assert np.allclose(f(np.zeros((4, 3), 'f4')).numpy(), 2)\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", source]) for _ in range(3)]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    assert entry(folder).suffix == ".code"  # and nothing half written


def test_processes_share_a_small_folder_that_is_damaged_meanwhile(folder: Path) -> None:
    """Entries are removed, cut and replaced by garbage while others read and write."""
    source = """
import os, random, sys
from pathlib import Path
from wubu.executors.native.machine import cache

number = int(sys.argv[1])
folder, random = cache.folder(), random.Random(number)
cache.MAX_BYTES = 20_000
for i in range(120):
    key = f"{random.randrange(8):064x}"
    code = key.encode() * 60
    found = cache.find(key)
    assert found is None or found == ({"key": key}, code), found
    if found is None:
        cache.store(key, {"key": key}, code)
    path = folder / f"{key}.code"
    if number == 0 and path.exists():
        damaged = [b"", code, path.read_bytes()[:-9], os.urandom(200)]
        path.write_bytes(random.choice(damaged))
"""
    folder.mkdir()
    running = [
        subprocess.Popen([sys.executable, "-c", source, str(i)], stderr=-1)
        for i in range(3)
    ]
    errors = [process.communicate(timeout=60)[1].decode() for process in running]
    assert errors[1:] == ["", ""]
    left = [path.suffix for path in folder.iterdir()]
    assert set(left) <= {".code"}


@pytest.mark.parametrize("what", ["folder", "nowhere"])
def test_an_entry_that_cannot_be_read_is_none(
    what: str, folder: Path, emitted: list[int]
) -> None:
    check()
    path = entry(folder)
    path.unlink()
    if what == "folder":
        path.mkdir()
    else:
        path.symlink_to(folder / "nowhere")
    check()
    assert len(emitted) == 2


# --- fingerprints --------------------------------------------------------------------


def test_fingerprints_say_what_code_depends_on() -> None:
    one = fingerprint(scaled(), target(), 1)
    assert one == fingerprint(scaled(name="g"), target(), 1)
    assert one is not None
    narrow = target(4)
    others = [
        fingerprint(scaled(3.0), target(), 1),
        fingerprint(scaled(-2.0), target(), 1),
        fingerprint(scaled(), target(), 2),
        fingerprint(scaled(), target()._replace(cpu="another"), 1),
        fingerprint(wubu.trace(lambda x: x * 2, wubu.zeros((4, 3))), target(), 1),
        fingerprint(wubu.trace(lambda x: x * 2, wubu.zeros((5, 3))), target(), 1),
        fingerprint(wubu.trace(lambda x: x.sum(axis=0), wubu.zeros((4, 3))), narrow, 1),
        fingerprint(wubu.trace(lambda x: x.sum(axis=1), wubu.zeros((4, 3))), narrow, 1),
    ]
    assert len({one, *others}) == 1 + len(others)


def test_every_source_of_the_compiler_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[Path] = set()
    read_bytes = Path.read_bytes

    def noted(path: Path) -> bytes:
        read.add(path)
        return read_bytes(path)

    monkeypatch.setattr(Path, "read_bytes", noted)
    fingerprints._compiler.__wrapped__()
    sources = Path(native.__file__).parent.rglob("*.py")
    assert read == set(sources) and len(read) > 50


def test_which_variable_is_read_and_which_written_counts() -> None:
    a, b = wubu.Variable(np.ones(3, "f4")), wubu.Variable(np.ones(3, "f4"))

    def same(x: Any) -> Any:
        return a.assign(a.value + x.sum(axis=0)).value

    def other(x: Any) -> Any:
        return b.assign(a.value + x.sum(axis=0)).value

    graphs = [wubu.trace(f, wubu.zeros((4, 3))) for f in (same, other)]
    assert len({fingerprint(graph, target(), 1) for graph in graphs}) == 2
