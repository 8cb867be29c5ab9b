"""`Session`: a recipe run in a folder that keeps everything that comes of it.

A run is never lost: the recipe is written first, each epoch adds its line and its
checkpoint, the model is saved before it is evaluated. `Session.resume` goes on with a
run that was cut off, with the same numbers as if it had not been.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from wubu.callbacks import BackupAndRestore
from wubu.core.executors import get_executor, set_executor
from wubu.core.location import warn_user
from wubu.core.threads import get_num_threads
from wubu.errors import ArgumentError, StateError
from wubu.recipes.judging import judge
from wubu.recipes.recipe import Recipe
from wubu.recipes.samples import Arrays, Data
from wubu.runs import Run, new_run
from wubu.runs.folders import RUNS
from wubu.runs.lock import hold
from wubu.runs.record import HistoryFile, write_json, write_text
from wubu.runs.run import INFO, RECIPE
from wubu.training.position import Position


class Session:
    """One run of a recipe, step by step: `prepare`, `build`, `train`, `evaluate`; or
    all of them by `go`.

    Args:
        recipe: what to do.
        run: the folder.

    Raises:
        StateError: another process trains this run.

    Attributes:
        data: after `prepare`.
        model: after `build`.
        interrupted: after `train`: whether Ctrl-C ended it.
        seconds: after `train`: how long it took.
        report: after `evaluate`: the page about it.

    Example:
        >>> import tempfile
        >>> from wubu import recipes
        >>> recipe = recipes.load("digits-lenet", ["train.epochs=1"])
        >>> with tempfile.TemporaryDirectory() as root:
        ...     run = Session.begin(recipe, root).go(verbose=0)
        ...     sorted(run.evaluation["metrics"]), len(run.history)
        (['accuracy', 'loss'], 1)
    """

    def __init__(self, recipe: Recipe, run: Run) -> None:
        self.recipe = recipe
        self.run = run
        self._lock = hold(run.folder)
        self.data: Data | None = None
        self.model: Any = None
        self.interrupted = False
        self.seconds = 0.0
        self.report: Path | None = None
        self._is_new = False
        self._begun = False  # whether training has begun
        self._planned = 0  # epochs that the run was to have before
        self._callbacks: list[Any] = []

    @classmethod
    def begin(cls, recipe: Recipe, root: str | os.PathLike = RUNS) -> Session:
        """A session in a new folder, which already holds the recipe.

        Raises:
            UnknownNameError, ExecutorError: the recipe names an executor that there is
                not, or that this machine cannot run.
        """
        if recipe.settings.train.executor is not None:
            set_executor(recipe.settings.train.executor)
        text = recipe.text
        session = cls(recipe, new_run(recipe.name, Path(root)))
        session._is_new = True
        write_text(session.run.folder / RECIPE, text)
        session._write_info()
        return session

    @classmethod
    def resume(cls, run: Run, overrides: Iterable[str] = ()) -> Session:
        """A session that goes on with a run that was cut off.

        Args:
            run: the run.
            overrides: settings of [train] and [evaluate] to change, as
                `["train.epochs=20"]` for more of them.

        Raises:
            ArgumentError: another setting is changed.
        """
        overrides = list(overrides)
        for override in overrides:
            if override.split(".")[0].strip() not in ("train", "evaluate"):
                raise ArgumentError(
                    "a run goes on with the network and the data that it began with",
                    where=f"--set {override}",
                    expected="settings of [train] or [evaluate]",
                    fix="train a new run for other settings",
                )
        recipe = recall(run, overrides)
        if recipe.settings.train.executor is not None:
            set_executor(recipe.settings.train.executor)
        session = cls(recipe, run)
        session._planned = run.info.get("epochs") or 0
        return session

    def go(self, **options: Any) -> Run:
        """All steps; arguments are those of `train`."""
        self.prepare()
        self.build()
        self.train(**options)
        self.evaluate()
        return self.run

    def prepare(self) -> Data:
        """备: loads the samples. A mistake leaves no folder behind."""
        with self._nothing_left():
            self.data = self.recipe.prepare()
            self._tested_on()  # better now than after an hour of training
            self._callbacks = self.recipe.callbacks(self.run.folder)
            self.recipe.class_weight(self.data.classes)
            self.recipe.further_metrics()
        self._write_info(samples=self.data.counts(), classes=self.data.classes)
        return self.data

    def build(self) -> Any:
        """搭 and 译: the compiled model. It takes up what a run before has saved when
        `train` begins."""
        self.recipe.begin()
        if self._is_finished:
            self.model = self.run.model()
        else:
            with self._nothing_left():
                self.model = self.recipe.model()
        self._write_info(parameters=self.model.count_params())
        return self.model

    @property
    def epochs_done(self) -> int:
        """How many epochs were trained before this session."""
        return len(self.run.history)

    @property
    def _is_finished(self) -> bool:
        """Whether the run had come to its end, so that its model is what it goes on
        from, if it is to be trained for longer."""
        run = self.run
        if any(run.checkpoints.glob("*.state")) or not run.history:
            return False
        return run.is_complete and run.model_path.is_file()

    def train(self, callbacks: Iterable[Any] = (), verbose: Any = "auto") -> Any:
        """训: trains, and saves the model. Returns the history of this session.

        Args:
            callbacks: more than the recipe names.
            verbose: as in `fit`.
        """
        data = self._ready()
        wanted, begin = self.recipe.settings.train.epochs, 0
        going = True
        if self._is_finished:
            going = wanted > self._planned
            begin = self.epochs_done if going else wanted
        before = sum(self.run.column("seconds"))
        history_file = HistoryFile(self.run)
        told = [
            *self._callbacks,
            *callbacks,
            history_file,
            _Checkpoints(self.run, begin, lambda: self._begin_training(going)),
        ]
        started = time.perf_counter()
        history = self.recipe.train(
            self.model, data, callbacks=told, initial_epoch=begin, verbose=verbose
        )
        self.seconds = before + time.perf_counter() - started
        early = len(self.run.history) < wanted
        ended = self.model.stop_training or not history_file.began
        self.interrupted = early and not ended
        # Saved first: evaluation may be stopped, and what was learned must not be lost.
        self.model.save(self.run.model_path)
        self._write_info(ended=_now(), stopped=early, seconds=round(self.seconds, 3))
        return history

    def evaluate(self) -> dict[str, Any]:
        """评: evaluates, writes what was found and the report; returns the metrics."""
        data = self._ready()
        found = judge(self.recipe, self.model, self._tested_on(), data)
        found.keep(self.run)
        if not self.interrupted:
            shutil.rmtree(self.run.checkpoints, ignore_errors=True)
        self.report = report(self.run)
        self._lock.release()
        return found.described["metrics"]

    def _begin_training(self, going: bool) -> None:
        """Writes that the run goes on. No mistake in the recipe comes after this, and
        there is a checkpoint of all that was trained before."""
        self._begun = True
        if not self._is_new:
            write_text(self.run.folder / RECIPE, self.recipe.text)
        if going:
            self._write_info(ended=None, stopped=False, seconds=None)

    @contextlib.contextmanager
    def _nothing_left(self) -> Iterator[None]:
        """If the block fails, a folder in which nothing was trained goes away."""
        try:
            yield
        except BaseException:
            if self._is_new:
                self._lock.release()
                shutil.rmtree(self.run.folder, ignore_errors=True)
            raise

    def _tested_on(self) -> Arrays:
        assert self.data is not None
        name = self.recipe.settings.evaluate.data
        return self.data.part(name, self.recipe.origin)

    def _ready(self) -> Data:
        if self.data is None or self.model is None:
            raise StateError("a session goes step by step", fix="prepare(), build()")
        return self.data

    def _write_info(self, **added: Any) -> None:
        from wubu import __version__

        said = self.recipe.settings.train
        fresh = {
            "name": self.run.name,
            "recipe": self.recipe.name,
            "title": self.recipe.title,
            "folder": str(self.recipe.folder.resolve()),
            "wubu": __version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
            "executor": get_executor(),
            "threads": get_num_threads(),
            "machine": f"{platform.machine()}, {platform.system()}",
            "seed": said.seed,
            "epochs": said.epochs,
            "batch_size": said.batch_size,
            "parameters": None,
            "samples": None,
            "classes": None,
            "started": _now(),
            "ended": None,
            "stopped": False,
            "seconds": None,
        }
        known = self.run.info
        new: tuple[str, ...] = _ALWAYS_NEW
        if self._is_new or self._begun:
            new = (*new, "epochs")  # before that, they are those of the model
        kept = {key: known[key] for key in known if key not in new}
        write_json(self.run.folder / INFO, {**fresh, **kept, **added})


class _Checkpoints(BackupAndRestore):
    """The checkpoints of a run. That of a finished model is put down before anything
    else is written: whatever happens to the first epoch that is added, the run goes on
    from there."""

    def __init__(self, run: Run, begin: int, then: Callable[[], None]) -> None:
        super().__init__(
            run.checkpoints, double_checkpoint=True, delete_checkpoint=False
        )
        self._begin = begin
        self._then = then

    def resumes_at(self) -> Position | None:
        found = super().resumes_at()
        if found is None and self._begin:
            self._save(self._begin, 0)
        self._then()
        return found


_ALWAYS_NEW = (
    *("batch_size", "executor", "threads", "machine"),
    *("wubu", "python", "numpy"),
)


def recall(run: Run, overrides: Iterable[str] = ()) -> Recipe:
    """The recipe of a run; files that it names are looked for where they were."""
    base = run.info.get("folder", run.folder)
    return Recipe.from_text(run.recipe, run.folder / RECIPE, overrides, base)


def report(run: Run) -> Path | None:
    """Writes the report of a run, and returns its path. Whatever goes wrong with it is
    a warning: the run has come to its end."""
    from wubu import reports

    try:
        return reports.write_report(run.folder)
    except Exception as error:
        warn_user(f"{run.name} has no report: {type(error).__name__}: {error}")
        return None


def _now() -> str:
    now = datetime.datetime.now(datetime.UTC)
    return now.isoformat(timespec="seconds")
