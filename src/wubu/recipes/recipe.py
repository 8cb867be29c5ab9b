"""`Recipe`: the five steps, each an ordinary call; and `load`, which reads one."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path as File
from typing import Any

from pydantic import ValidationError

from wubu.errors import ArgumentError, FileFormatError, UnknownNameError
from wubu.ops.random import set_random_seed
from wubu.recipes import objects
from wubu.recipes.edit import parse_override, quoted, set_value
from wubu.recipes.network import make_model
from wubu.recipes.origin import Origin
from wubu.recipes.places import Path
from wubu.recipes.python_files import run_file
from wubu.recipes.samples import Data, Known, prepare
from wubu.recipes.schema import Settings
from wubu.recipes.writing import to_toml

# Settings that name files.
_FILES = (
    *("python", "build.python"),
    *("prepare.path", "prepare.test_path", "prepare.python"),
)


class Recipe:
    """A training, described. Each section is a dictionary as in TOML, or an object of
    `wubu.recipes.schema`; where TOML has a table with a type, Python may also give the
    object itself.

    Args:
        name: run folders are called after it.
        prepare: where samples come from.
        build: the network.
        compile: optimizer, loss, metrics.
        train: epochs, batch size, seed, callbacks.
        evaluate: on what, and which further metrics.
        title: one line for people.
        python: a file with registered classes of your own.
        folder: where files that it names are looked for.

    Raises:
        ArgumentError, UnknownNameError: a section that says what it cannot.

    Example:
        >>> from wubu import layers
        >>> recipe = Recipe(
        ...     "first",
        ...     prepare={"dataset": "digits"},
        ...     build={"input": [64], "layers": [
        ...         {"type": "Dense", "units": 32, "activation": "relu"},
        ...         layers.Dense(10, activation="softmax"),
        ...     ]},
        ...     compile={"optimizer": "adam", "metrics": ["accuracy"],
        ...              "loss": "sparse_categorical_crossentropy"},
        ...     train={"epochs": 2},
        ... )
        >>> data = recipe.prepare()
        >>> model = recipe.build()
        >>> recipe.compile(model)
        >>> history = recipe.train(model, data, verbose=0)
        >>> sorted(recipe.evaluate(model, data))
        ['accuracy', 'loss']
    """

    def __init__(
        self,
        name: str,
        *,
        prepare: Any,
        build: Any,
        compile: Any,
        train: Any = None,
        evaluate: Any = None,
        title: str = "",
        python: str | None = None,
        folder: str | os.PathLike = ".",
    ) -> None:
        said = {"name": name, "title": title, "python": python, "prepare": prepare}
        said |= {"build": build, "compile": compile}
        said |= {"train": {} if train is None else train}
        said |= {"evaluate": {} if evaluate is None else evaluate}
        self._set(said, Origin(), File(folder), None)

    @classmethod
    def from_text(
        cls,
        text: str,
        file: str | os.PathLike = "recipe.toml",
        overrides: Iterable[str] = (),
        folder: str | os.PathLike | None = None,
    ) -> Recipe:
        """A recipe from TOML.

        Args:
            text: the recipe.
            file: its name, for errors.
            overrides: values to set over it, as `["train.epochs=3"]`. Files that these
                name are looked for in the current folder.
            folder: where files that the recipe names are looked for; its own by
                default.

        Raises:
            FileFormatError: this is no TOML.
            ArgumentError, UnknownNameError: it says what a recipe cannot.
        """
        file = File(file)
        _parsed(text, file)
        changed, given = text, {}
        for override in overrides:
            keys, value = parse_override(override)
            if ".".join(keys) in _FILES and value[:1] in "\"'":
                name = tomllib.loads(f"name = {value}")["name"]
                value = quoted(str(File.cwd() / name))
            changed, path = set_value(changed, keys, value)
            given[path] = override
        recipe = cls.__new__(cls)
        origin = Origin(file, text, given)
        base = file.parent if folder is None else File(folder)
        recipe._set(_parsed(changed, file), origin, base, changed)
        return recipe

    def _set(
        self, said: dict[str, Any], origin: Origin, folder: File, text: str | None
    ) -> None:
        try:
            self.settings = Settings.model_validate(said)
        except ValidationError as error:
            raise origin.explained(error) from None
        self.origin = origin
        self.folder = folder
        self._text = text

    def __repr__(self) -> str:
        return f"<Recipe {self.name}>"

    @property
    def name(self) -> str:
        return self.settings.name

    @property
    def title(self) -> str:
        return self.settings.title

    @property
    def input_shape(self) -> tuple[int, ...] | None:
        """The shape of a sample, if [build] says it."""
        given = self.settings.build.input
        return None if given is None else tuple(given)

    @property
    def text(self) -> str:
        """The recipe as TOML, with what was set over it.

        Raises:
            ArgumentError: it was made in Python, of things that TOML cannot name.
        """
        return to_toml(self.settings) if self._text is None else self._text

    # -- the five steps -----------------------------------------------------------

    def prepare(self, known: Known | None = None) -> Data:
        """备: the samples.

        Args:
            known: what the network was trained on, if these are others: their classes
                are numbered like its own.
        """
        self.begin()
        said, shape = self.settings.prepare, self.input_shape
        return prepare(said, shape, self.origin, self.folder, known)

    def build(self) -> Any:
        """搭: a new model with first weights drawn by the seed, not compiled."""
        self.begin()
        return make_model(self.settings.build, self.origin, self.folder)

    def compile(self, model: Any) -> None:
        """译: says how the model learns."""
        said, origin = self.settings.compile, self.origin
        model.compile(
            optimizer=objects.make_optimizer(
                said.optimizer, ("compile", "optimizer"), origin
            ),
            loss=objects.make_loss(said.loss, ("compile", "loss"), origin),
            metrics=[
                objects.make_metric(part, ("compile", "metrics", i), origin)
                for i, part in enumerate(said.metrics)
            ],
        )

    def model(self) -> Any:
        """搭 and 译: a new model, compiled."""
        model = self.build()
        self.compile(model)
        return model

    def callbacks(self, folder: str | os.PathLike = ".") -> list[Any]:
        """The callbacks that [train] names.

        Args:
            folder: where they write their files.
        """
        return [
            objects.make_callback(
                part, ("train", "callbacks", i), self.origin, File(folder)
            )
            for i, part in enumerate(self.settings.train.callbacks)
        ]

    def train(
        self,
        model: Any,
        data: Data,
        *,
        callbacks: Iterable[Any] | None = None,
        initial_epoch: int = 0,
        verbose: Any = "auto",
    ) -> Any:
        """训: trains the model; returns the history of `fit`.

        Args:
            model: as `build` and `compile` made it.
            data: as `prepare` made it.
            callbacks: by default those that the recipe names.
            initial_epoch: epochs that were trained before.
            verbose: as in `fit`.
        """
        said = self.settings.train
        told = self.callbacks() if callbacks is None else list(callbacks)
        return model.fit(
            *data.train,
            batch_size=said.batch_size,
            epochs=said.epochs,
            verbose=verbose,
            callbacks=told,
            validation_data=data.validation,
            shuffle=said.shuffle,
            class_weight=self.class_weight(data.classes),
            initial_epoch=initial_epoch,
        )

    def evaluate(self, model: Any, data: Data, verbose: Any = 0) -> dict[str, float]:
        """评: loss and metrics, by name, on the samples that [evaluate] names."""
        part = data.part(self.settings.evaluate.data, self.origin)
        size = self.eval_batch_size
        return model.evaluate(*part, batch_size=size, return_dict=True, verbose=verbose)

    @property
    def eval_batch_size(self) -> int:
        """Samples per step of an evaluation."""
        return self.settings.evaluate.batch_size or self.settings.train.batch_size

    def further_metrics(self) -> list[Any]:
        """The metrics that [evaluate] names, over those of [compile]."""
        return [
            objects.make_metric(part, ("evaluate", "metrics", i), self.origin)
            for i, part in enumerate(self.settings.evaluate.metrics)
        ]

    def class_weight(self, classes: list[str] | None) -> dict[int, float] | None:
        """What [train] says that samples of each class count, by its number.

        Args:
            classes: their names.

        Raises:
            UnknownNameError: there is no such class.
        """
        given = self.settings.train.class_weight
        if not given:
            return None
        found = {}
        for name, weight in given.items():
            path: Path = ("train", "class_weight", name)
            if classes is not None and name in classes:
                found[classes.index(name)] = weight
            elif name.isdecimal():
                found[int(name)] = weight
            else:
                raise UnknownNameError(
                    "class", name, classes or [], where=self.origin.where(path)
                )
        return found

    def begin(self) -> None:
        """Runs the Python file of the recipe, and sets its seed."""
        if self.settings.python is not None:
            with self.origin.blamed(("python",)):
                run_file(self.folder / self.settings.python)
        set_random_seed(self.settings.train.seed)


def load(name: str | os.PathLike, overrides: Iterable[str] = ()) -> Recipe:
    """A recipe by its file, or one of Wubu's own by its name.

    Args:
        name: "mnist-lenet", "mine/net.toml".
        overrides: values to set over it, as `["train.epochs=3"]`.

    Raises:
        UnknownNameError: neither; suggests the nearest.
        ArgumentError, FileFormatError: a file that is no recipe.

    Example:
        >>> load("mnist-lenet", ["train.epochs=2"]).build().count_params()
        61610
    """
    text = str(name)
    if text in names():
        own = resources.files("wubu.recipes") / "builtin" / f"{text}.toml"
        return Recipe.from_text(own.read_text("utf-8"), str(own), overrides, ".")
    path = File(name)
    if path.suffix != ".toml" and not path.is_file():
        raise UnknownNameError("built-in recipe", text, names())
    if not path.is_file():
        raise ArgumentError("there is no such recipe", where=path)
    try:
        return Recipe.from_text(path.read_text("utf-8-sig"), path, overrides)
    except UnicodeDecodeError as error:
        raise FileFormatError(
            "this is no text in UTF-8", where=path, got=str(error)
        ) from error


def names() -> list[str]:
    """The names of Wubu's own recipes."""
    folder = resources.files("wubu.recipes") / "builtin"
    found = [entry.name for entry in folder.iterdir()]
    return sorted(n.removesuffix(".toml") for n in found if n.endswith(".toml"))


def _parsed(text: str, file: File) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(str(error), file) from error


def _no_toml(said: str, file: File) -> FileFormatError:
    """ "Invalid value (at line 3, column 5)" with the place where places stand."""
    found = re.search(r" \(at line (\d+), column (\d+)\)", said)
    where = f"{file}:{found[1]}:{found[2]}" if found else str(file)
    what = said[: found.start()] if found else said
    return FileFormatError("this is no TOML", where=where, got=what)
