"""Looking inside programs: every kernel is timed, told of once, and changed by none."""

from __future__ import annotations

import functools
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import layers, losses
from wubu.core.graph import Graph
from wubu.errors import ExecutorError, StateError
from wubu.executors.native.generation.accounts import accounts, flops_of
from wubu.executors.native.looking import profiling, roofline, schedule
from wubu.executors.native.looking.bandwidth import bandwidth
from wubu.executors.native.looking.profile import Machine, Profile
from wubu.executors.native.machine.clock import clock
from wubu.executors.native.machine.target import Target, target
from wubu.executors.native.running.compilation import emit
from wubu.executors.native.running.program import NativeProgram
from wubu.training.feeds import make_feed
from wubu.training.readiness import make_ready

FILE = Path(__file__).name


def lenet() -> Any:
    return [
        layers.Conv2D(6, 3, padding="same", activation="relu", name="conv1"),
        layers.MaxPooling2D(2, name="pool1"),
        layers.Conv2D(16, 5, activation="relu", name="conv2"),
        layers.MaxPooling2D(2, name="pool2"),
        layers.Flatten(name="flatten"),
        layers.Dense(120, activation="relu", name="dense1"),
        layers.Dense(84, activation="relu", name="dense2"),
        layers.Dense(10, name="dense3"),
    ]


def wide() -> Any:
    return [
        layers.Flatten(),
        layers.Dense(512, activation="relu", name="wide"),
        layers.Dense(10),
    ]


def recurrent() -> Any:
    return [layers.LSTM(16, name="lstm"), layers.Dense(10)]


NETWORKS: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "lenet": (lenet, (28, 28, 1)),
    "wide": (wide, (28, 28)),
    "recurrent": (recurrent, (12, 8)),
}


class Step:
    """A step of training, its arguments, and the variables it changes."""

    def __init__(self, name: str, batch: int = 40) -> None:
        build, shape = NETWORKS[name]
        wubu.set_random_seed(1)
        self.model: Any = wubu.Sequential([layers.Input(shape), *build()], name=name)
        loss = losses.SparseCategoricalCrossentropy(from_logits=True)
        self.model.compile("adam", loss, metrics=["accuracy"])
        random = np.random.default_rng(0)
        self.x = random.normal(size=(batch, *shape)).astype(np.float32)
        self.y = random.integers(0, 10, batch).astype(np.int32)
        make_ready(self.model, make_feed(self.x, self.y, batch_size=batch), "train")

        def step(x: Any, y: Any) -> Any:
            return self.model.train_step((x, y, None))

        self.graph: Graph = wubu.trace(step, self.x, self.y)

    def state(self) -> list[np.ndarray]:
        return [np.array(slot.read()) for slot, _ in self.graph.updates]


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the machine can do is measured in tests of its own."""
    monkeypatch.setattr(profiling, "_machine", lambda threads: Machine(1e11, 1e10))
    monkeypatch.setattr(profiling, "_ROUNDS", 2)


def profiled(step: Step, threads: int, steps: int = 20) -> Profile:
    program = NativeProgram(step.graph, target(), threads)
    return program.profile([step.x, step.y], steps=steps)


@functools.cache
def profile_of(name: str, threads: int) -> Profile:
    return profiled(Step(name), threads)


# --- times ---------------------------------------------------------------------------


@pytest.mark.parametrize("threads", (1, 2))
@pytest.mark.parametrize("name", NETWORKS)
def test_times_of_all_parts_are_the_time_of_a_step(name: str, threads: int) -> None:
    found = profile_of(name, threads)
    assert found.threads == threads
    assert all(record.seconds > 0 for record in found.kernels)
    # Parts are timed on every thread; the mean of threads is at most what has passed.
    assert found.seconds <= 1.05 * found.wall


def test_measuring_takes_a_small_part_of_the_time() -> None:
    found = profile_of("lenet", 1)
    assert 0 < found.overhead < 0.2 * found.seconds


def test_every_kernel_has_run_as_often_as_there_is_work() -> None:
    found = profiled(Step("lenet", batch=64), 2)
    blocks = 64 // target().lanes
    # Without what puts the kernels of convolutions in order, once a step.
    convolutions = [
        r for r in found.kernels if r.operation.startswith("conv") and r.form != "turn"
    ]
    assert len(convolutions) == 5  # forward 2, kernels 2, and one input
    assert {record.calls for record in convolutions} == {blocks}


def test_the_kernels_of_a_loop_run_at_each_of_its_steps() -> None:
    found = profile_of("recurrent", 1)
    blocks = -(-40 // target().lanes)
    inside = [r for r in found.kernels if r.calls == 12 * blocks]
    assert {"contract", "map"} <= {record.form for record in inside}
    assert {record.layer for record in inside} == {"recurrent/lstm"}


# --- what is told of each ------------------------------------------------------------


def test_every_layer_of_lenet_appears_with_the_users_line() -> None:
    found = profile_of("lenet", 1)
    named = {r.layer for r in found.kernels if r.operation}
    names = ["conv1", "pool1", "conv2", "pool2", "dense1", "dense2", "dense3"]
    assert {f"lenet/{name}" for name in names} <= named
    lines = Path(__file__).read_text("utf-8").splitlines()
    for record in found.kernels:
        if record.operation == "conv_kernel":
            file, line = record.where.split(":")
            assert file == FILE
            assert "Conv2D(" in lines[int(line) - 1]
            assert "x" in record.tile or record.form == "turn"


def test_all_that_contracts_has_a_tile_and_all_updates_a_variable() -> None:
    for name in NETWORKS:
        for record in profile_of(name, 1).kernels:
            tiled = ("contract", "winograd", "outer", "wide product", "wide gradient")
            assert bool(record.tile) == (record.form in tiled), record
            if record.form == "update":
                assert "/" in record.layer


@pytest.mark.parametrize("threads", (1, 2))
@pytest.mark.parametrize("name", NETWORKS)
def test_the_work_of_all_parts_is_the_work_of_the_graph(
    name: str, threads: int
) -> None:
    graph = Step(name).graph
    _, generator = emit(graph, target(), threads)
    told = accounts(generator.journal, generator.graph)
    assert sum(account.flops for account in told) == work(graph)
    assert all(account.bytes >= 0 for account in told)


def work(graph: Graph) -> int:
    total = 0
    for node in graph.nodes:
        if node.primitive.name == "scan":
            total += node.params["length"] * work(node.params["body"])
        else:
            total += flops_of(node)
    return total


def test_wide_layers_are_products_and_gradients_of_their_own() -> None:
    found = profile_of("wide", 2)
    forms = Counter(record.form for record in found.kernels)
    assert forms["wide product"] == forms["wide gradient"] == forms["turn"] == 1
    # What the threads' part of the program does: 40 samples through 784 x 512 weights.
    (product,) = [r for r in found.kernels if r.form == "wide product"]
    assert product.flops >= 2 * 40 * 784 * 512
    assert product.bytes >= 4 * 784 * 512


# --- nothing changes -----------------------------------------------------------------


@pytest.mark.parametrize("threads", (1, 2))
@pytest.mark.parametrize("name", NETWORKS)
def test_programs_with_clocks_compute_the_same_bits(name: str, threads: int) -> None:
    states, results = [], []
    for kind in (NativeProgram, profiling.TimedProgram):
        step = Step(name)
        program = kind(step.graph, target(), threads)
        results.append(program.repeat([step.x, step.y], 3))
        states.append(step.state())
    for plain, timed in zip(*states, strict=True):
        np.testing.assert_array_equal(plain, timed)
    for plain, timed in zip(*results, strict=True):
        np.testing.assert_array_equal(plain, timed)


def test_variables_keep_their_values() -> None:
    step = Step("recurrent")
    before = step.state()
    profiled(step, 1, steps=3)
    for old, new in zip(before, step.state(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_gradient_that_was_not_there_is_not_there_afterwards() -> None:
    weight = wubu.Variable(np.ones(4, np.float32))

    def step(x: Any) -> Any:
        loss = (weight * x).sum()
        loss.backward()
        return loss

    wubu.jit(step, executor="native").profile(np.ones(4, np.float32), steps=2)
    assert weight.grad is None


def test_programs_without_clocks_have_no_trace_of_them() -> None:
    graph = Step("recurrent").graph
    plain, _ = emit(graph, target(), 1)
    timed, _ = emit(graph, target(), 1, clocks=True)
    assert "cyclecounter" not in plain and "cntvct" not in plain
    assert "cyclecounter" in timed or "cntvct" in timed


# --- pseudo-code ---------------------------------------------------------------------


@pytest.mark.parametrize("threads", (1, 2))
@pytest.mark.parametrize("name", NETWORKS)
def test_text_names_every_phase_and_every_kernel_once(name: str, threads: int) -> None:
    found = profile_of(name, threads)
    text = NativeProgram(Step(name).graph, target(), threads).text()
    lines = text.split("\n\n", 2)[2].splitlines()
    phases = sorted({r.phase for r in found.records if r.phase != "updates"})
    assert [line[:-1] for line in lines if line.startswith("phase")] == phases
    assert sum(line == "updates:" for line in lines) == 1
    told = Counter(line.strip()[:16].strip() for line in lines)
    forms = Counter(f"{r.form} {r.tile}".strip()[:16] for r in found.kernels)
    del forms["clear"]
    assert not {k: n for k, n in forms.items() if k != "numbers" and told[k] != n}
    waits = sum(line.strip() == "wait for all threads" for line in lines)
    assert waits == sum(record.form == "wait" for record in found.records)


def test_text_tells_tiles_lines_layers_and_memory() -> None:
    text = NativeProgram(Step("lenet", 64).graph, target(), 2).text()
    assert f"64 samples in {64 // target().lanes} blocks" in text
    assert max(len(line) for line in text.splitlines()) <= 80
    (line, told) = re.findall(r"(.*conv_input.*)\n(.*)", text)[0]
    assert "contract" in line and FILE in told and "lenet/conv2" in told
    assert " KB scratch" in told or " MB scratch" in told


def test_the_page_shows_what_the_program_prints() -> None:
    graph, avx512 = Step("lenet", 64).graph, Target("", "", lanes=16, registers=32)
    _, generator = emit(graph, avx512, 2)
    text = re.sub(rf"  {FILE}:\d+", "", schedule.text(generator, graph))
    printed = re.sub(rf" *# {FILE}:\d+", "", text)
    package = Path(schedule.__file__).parents[1]
    readme = (package / "README.md").read_text("utf-8")
    (shown,) = re.findall(r"```\n(program .*?)```", readme, re.S)
    for part in shown.split("...\n"):
        assert part in printed


def test_letters_of_the_text_are_those_of_the_graph() -> None:
    def f(x: Any, w: Any) -> Any:
        return wubu.ops.tanh(x @ w) + 1

    x, w = np.ones((64, 8), np.float32), np.ones((8, 4), np.float32)
    compiled = wubu.jit(f, executor="native")
    assert "a: float32[64, 4] = dot_general x, w" in compiled.trace(x, w).text()
    assert "a = dot_general x, w" in compiled.program(x, w).text()


# --- from a function or a model ------------------------------------------------------


def test_a_model_is_profiled_as_fit_would_train_it() -> None:
    step = Step("wide")
    before = step.state()
    found = step.model.profile(step.x, step.y, batch_size=32, steps=2)
    assert "gather" in {record.form for record in found.kernels}
    assert "wide/kernel" in {record.layer for record in found.kernels}
    for old, new in zip(before, step.state(), strict=True):
        np.testing.assert_array_equal(old, new)
    assert "phase 2" in step.model.program(step.x, step.y, batch_size=32).text()


def test_a_step_that_runs_eagerly_has_no_program() -> None:
    step = Step("wide")
    step.model.compile("adam", "mse", run_eagerly=True)
    with pytest.raises(StateError, match="not compiled"):
        step.model.profile(step.x, np.zeros((40, 10), np.float32))


def test_arguments_that_differ_from_step_to_step() -> None:
    compiled = wubu.jit(lambda x, w: x @ w, executor="native")
    rows = np.ones((3, 32, 8), np.float32)
    found = compiled.profile(wubu.each(rows), np.ones((8, 4), np.float32))
    assert found.steps == 3
    (kernel,) = [r for r in found.kernels if r.operation == "dot_general"]
    assert kernel.flops == 2 * 32 * 8 * 4


def test_other_executors_say_that_they_have_nothing_to_show() -> None:
    compiled = wubu.jit(lambda x: x + 1, executor="numpy")
    with pytest.raises(ExecutorError, match="no profile"):
        compiled.profile(np.ones(3))
    for look in ("text", "llvm", "assembly"):
        with pytest.raises(ExecutorError, match="native"):
            getattr(compiled.program(np.ones(3)), look)()


# --- tables, data, pictures ----------------------------------------------------------


def test_the_table_fits_into_a_terminal() -> None:
    for name in NETWORKS:
        found = profile_of(name, 2)
        for everything in (False, True):
            text = found.text(everything=everything)
            assert max(map(len, text.splitlines())) <= 80
            assert "phase 1" in text and "updates" in text
        assert len(text.splitlines()) > len(found.kernels)


def test_by_time_sorts_within_phases() -> None:
    found = profile_of("lenet", 1)
    ordered = found.by_time()
    assert sorted(r.seconds for r in found.records) == sorted(
        r.seconds for r in ordered.records
    )
    first = [r.seconds for r in ordered.records if r.phase == "phase 1"]
    assert first == sorted(first, reverse=True)


@pytest.mark.parametrize("ending", ("png", "svg"))
def test_the_roofline_is_drawn(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"roofline.{ending}"
    found = profile_of("lenet", 1)
    found.picture(path)
    start = {"png": b"\x89PNG", "svg": b"<?xml"}[ending]
    assert path.read_bytes().startswith(start)
    if ending == "svg":
        assert "FMA peak 100 GFLOP/s" in path.read_text("utf-8")


def test_names_in_the_picture_touch_nothing_and_stay_inside() -> None:
    room = roofline._Box(0, 0, 400, 300)
    dots = [roofline._Box(390 - 2 * i, 100 + i, 398 - 2 * i, 108 + i) for i in range(5)]
    taken = list(dots)
    for dot in dots:
        box = roofline._place(dot, 80, room, taken)
        assert box is not None
        assert not any(map(box.touches, taken))
        assert room.left < box.left and box.right < room.right
        taken.append(box)
    assert roofline._place(dots[0], 500, room, taken) is None


# --- clocks --------------------------------------------------------------------------


def test_the_clock_goes_forward_with_time() -> None:
    first, second = clock().moment(), clock().moment()
    assert second.ticks > first.ticks
    assert second.seconds > first.seconds
    assert clock().ticks_per_reading() > 0


def test_memory_is_read_at_some_speed() -> None:
    assert bandwidth(1, size=1 << 20) > 1e6
