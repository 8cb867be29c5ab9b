"""[build] as a model: a chain of layers, or a graph of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path as File
from typing import Any

from wubu.errors import ArgumentError, DTypeError, UnknownNameError, WubuError
from wubu.layers import Input
from wubu.models import Model, Sequential
from wubu.recipes.objects import make_layer
from wubu.recipes.origin import Origin
from wubu.recipes.places import Path
from wubu.recipes.python_files import function
from wubu.recipes.schema import Build

INPUT = "input"  # what the sample is called among the names of layers


def make_model(build: Build, origin: Origin, folder: File) -> Any:
    """The model that the section describes, with new weights, not compiled."""
    if build.python is not None:
        return _from_python(build, origin, folder)
    paths: list[Path] = [("build", "layers", i) for i in range(len(build.layers))]
    made = [
        make_layer(table, path, origin)
        for table, path in zip(build.layers, paths, strict=True)
    ]
    assert build.input is not None
    start = Input(tuple(build.input))
    if not any(_inputs(table) for table in build.layers):
        with _blamed_layer(made, paths, origin):
            return Sequential([start, *made], name=build.name)
    known: dict[str, Any] = {INPUT: start}
    last = start
    for layer, table, path in zip(made, build.layers, paths, strict=True):
        with origin.blamed(path, table):
            last = layer(_taken(table, known, last))
        if not layer.has_made_up_name:
            known[layer.name] = last
    with origin.blamed(("build",)):
        return Model(start, last, name=build.name)


@contextlib.contextmanager
def _blamed_layer(made: list[Any], paths: list[Path], origin: Origin) -> Iterator[None]:
    """Errors inside point to the layer that they name, else to [build]."""
    try:
        yield
    except WubuError as error:
        where, said = error.where or "", f"{error.where} {error.what}"
        for layer, path in zip(made, paths, strict=True):
            if layer.name in said and where.endswith(str(layer.created_at)):
                error.where = origin.where(path)
                raise
        error.where = origin.where(("build",))
        raise


def _from_python(build: Build, origin: Origin, folder: File) -> Any:
    path: Path = ("build", "python")
    with origin.blamed(path):
        make = function(build.python, folder)
    model = make()
    if not isinstance(model, Model):
        raise DTypeError(
            f"{getattr(make, '__name__', 'the function')} makes no model",
            where=origin.where(path),
            expected="a wubu.Model",
            got=type(model).__name__,
        )
    if build.name is not None:
        model.name = build.name
    return model


def _inputs(table: Any) -> Any:
    return table.get("inputs") if isinstance(table, dict) else None


def _taken(table: Any, known: dict[str, Any], last: Any) -> Any:
    """What a layer is called on: what it names, or what the one before gives."""
    names = _inputs(table)
    if names is None:
        return last
    wanted = [names] if isinstance(names, str) else names
    if not isinstance(wanted, list) or not wanted:
        raise ArgumentError(
            "inputs names layers", expected='inputs = ["a", "b"]', got=repr(names)
        )
    for name in wanted:
        if name not in known:
            raise UnknownNameError("layer before this one", name, known)
    found = [known[name] for name in wanted]
    return found[0] if isinstance(names, str) or len(found) == 1 else found
