"""[prepare] as arrays: samples to train on, to validate on, to test on."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path as File
from typing import Any, NamedTuple

import numpy as np

from wubu import datasets
from wubu.data import ArrayDataset
from wubu.errors import DataError, ShapeError, UnknownNameError
from wubu.recipes import sources
from wubu.recipes.origin import Origin
from wubu.recipes.python_files import function
from wubu.recipes.schema import Prepare

Arrays = tuple[np.ndarray, np.ndarray]  # x, y


class Data(NamedTuple):
    """The samples of a recipe.

    Attributes:
        name: what they are called: "mnist", the path of a folder.
        train: `(x, y)` to learn from.
        test: `(x, y)` that were never trained on; None where there are none.
        validation: `(x, y)` to look at after each epoch, or None.
        classes: names of the classes, or None where targets are no class numbers.
    """

    name: str
    train: Arrays
    test: Arrays | None = None
    validation: Arrays | None = None
    classes: list[str] | None = None

    def counts(self) -> dict[str, int]:
        """How many samples each part has."""
        parts = {"train": self.train, "validation": self.validation, "test": self.test}
        return {n: 0 if part is None else len(part[0]) for n, part in parts.items()}

    def part(self, name: str, origin: Origin) -> Arrays:
        """The part to evaluate on.

        Raises:
            DataError: the recipe leaves no samples for it.
        """
        found = {"train": self.train, "validation": self.validation}.get(
            name, self.test
        )
        if found is None:
            key = "validation_split" if name == "validation" else "test_split"
            raise DataError(
                f"there are no samples for {name}",
                where=origin.where(("prepare",)),
                fix=f"{key} = 0.2 in [prepare] keeps a fifth apart",
            )
        return found


class Known(NamedTuple):
    """What a model was trained on: other samples are numbered as these were.

    Attributes:
        classes: their names, or None.
        settings: [prepare] of its recipe.
    """

    classes: list[str] | None
    settings: Prepare


def prepare(
    settings: Prepare,
    shape: Any,
    origin: Origin,
    folder: File,
    known: Known | None = None,
) -> Data:
    """Loads the samples.

    Args:
        settings: the section.
        shape: of one sample as the network takes it: pictures without channels get
            their one. None leaves samples as they are.
        origin: where the recipe stands, for errors.
        folder: where files are looked for.
        known: what the samples are to be numbered like.

    Raises:
        UnknownNameError: no dataset of this name.
        DataError: samples that cannot be used, or of classes that are not known.
        ShapeError: samples of another shape than the network takes.
    """
    with origin.blamed(("prepare",), settings.model_dump(exclude_unset=True)):
        found = _load(settings, folder, known)
        if known is not None:
            found = _numbered(found, settings, known.classes)
        (x, y), test = found.train, found.test
        x = _shaped(x, shape)
        if test is not None:
            test = _shaped(test[0], shape), _labels(test[1])
        train, validation = (x, _labels(y)), None
        if settings.validation_split:
            cut = ArrayDataset(*train).split(settings.validation_split)[0].num_samples
            validation = x[cut:], train[1][cut:]
            train = x[:cut], train[1][:cut]
        classes = _classes(settings.class_names or found.classes, train[1])
        if known is not None and known.classes and classes:
            named = settings.class_names or found.classes
            classes = _known_classes(classes, known.classes, named is not None)
    return Data(found.name, train, test, validation, classes)


def digest(samples: Arrays) -> str:
    """A number that says whether two sets of samples are the same."""
    total = hashlib.sha256()
    for array in map(np.ascontiguousarray, samples):
        total.update(f"{array.dtype.str}{array.shape}".encode())
        total.update(array.view(np.uint8).reshape(-1).data)
    return total.hexdigest()


def _numbered(data: Data, settings: Prepare, classes: list[str] | None) -> Data:
    """Samples whose class numbers are those of the same names in `classes`."""
    found = data.classes
    if settings.class_names or not found or not classes or found == classes:
        return data
    if data.train[1].ndim != 1 or not set(found) <= set(classes):
        raise _other_classes(found, classes)
    number = np.array([classes.index(name) for name in found])
    train, test = (
        part and (part[0], number[part[1]]) for part in (data.train, data.test)
    )
    assert train is not None
    return data._replace(train=train, test=test, classes=classes)


def _known_classes(found: list[str], classes: list[str], named: bool) -> list[str]:
    """`classes`, if all that were found are their first. Numbers alone, where nothing
    was named, may also be plain integers, of which there are more."""
    if found == classes[: len(found)]:
        return classes
    if named or len(found) <= len(classes):
        raise _other_classes(found, classes)
    return found


def _other_classes(found: list[str], classes: list[str]) -> DataError:
    new = [name for name in found if name not in classes]
    return DataError(
        "these samples are not of the classes that the network was trained on",
        expected=", ".join(classes)[:80],
        got=", ".join(new or found)[:80],
    )


def _load(settings: Prepare, folder: File, known: Known | None) -> Data:
    if settings.dataset is not None:
        return _dataset(settings)
    if settings.source is not None:
        return _own_files(settings, folder, known)
    train, test = function(settings.python, folder)(**settings.options)
    return Data(str(settings.python), _arrays(train), test and _arrays(test))


def _dataset(settings: Prepare) -> Data:
    name = str(settings.dataset)
    if name not in datasets.__all__:
        raise UnknownNameError("dataset", name, datasets.__all__)
    module = getattr(datasets, name)
    train, test = module.load_data(**settings.options)
    classes = getattr(module, "CLASS_NAMES", None)
    return Data(name, train, test, classes=None if classes is None else list(classes))


def _own_files(settings: Prepare, folder: File, known: Known | None) -> Data:
    path = folder / str(settings.path)
    if settings.source == "image_folder":
        assert settings.image_size is not None
        height, width = settings.image_size
        found = sources.image_folder(
            path, (height, width), settings.color_mode, settings.options
        )
    elif settings.source == "csv":
        test_path = None if settings.test_path is None else folder / settings.test_path
        like = None
        if known is not None and known.settings.source == "csv":
            like = folder / str(known.settings.path)
        found = sources.csv_file(
            path, test_path, str(settings.target), settings.options, like
        )
    else:
        found = sources.npz_file(path)
    random = np.random.default_rng(settings.split_seed)
    x, y = found.train
    order = random.permutation(len(x))
    test = found.test
    if test is None and settings.test_split:
        cut = len(x) - math.ceil(len(x) * settings.test_split)
        order, held = order[:cut], order[cut:]
        test = x[held], y[held]
    train = x[order], y[order]
    return Data(path.name, train, test, classes=found.classes)


def _arrays(pair: Any) -> Arrays:
    x, y = pair
    return np.asarray(x), np.asarray(y)


def _shaped(x: np.ndarray, shape: Any) -> np.ndarray:
    """Samples in the shape that the network takes, if they have as many numbers."""
    if shape is None or x.shape[1:] == tuple(shape):
        return x
    if math.prod(x.shape[1:]) != math.prod(shape):
        raise ShapeError(
            "the samples do not fit the input of the network",
            expected=f"input = {list(shape)}",
            got=f"samples of shape {x.shape[1:]}",
            fix=f"write input = {list(x.shape[1:])} in [build]",
        )
    return x.reshape(len(x), *shape)


def _labels(y: np.ndarray) -> np.ndarray:
    """Class numbers (samples, 1) as (samples,)."""
    return y[:, 0] if y.ndim == 2 and y.shape[1] == 1 and y.dtype.kind in "iu" else y


def _classes(names: list[str] | None, y: np.ndarray) -> list[str] | None:
    if y.ndim == 2 and y.shape[1] > 1:  # one-hot
        return names
    if y.dtype.kind not in "iub" or len(y) == 0:
        return None
    count = int(y.max()) + 1
    if names is None:
        return [str(number) for number in range(count)] if count <= 1000 else None
    if len(names) < count:
        raise DataError(
            "there are more classes than class_names",
            expected=f"{count} names",
            got=f"{len(names)}: {', '.join(names)}"[:80],
        )
    return names
