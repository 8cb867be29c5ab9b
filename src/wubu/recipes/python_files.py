"""Python files that a recipe names: they are run once, as modules of their own."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

from wubu.errors import ArgumentError, UnknownNameError

_modules: dict[tuple[Path, int], ModuleType] = {}  # by file, and when it was changed


def run_file(path: Path) -> ModuleType:
    """The module that a Python file is. It runs again only after it was changed.

    Raises:
        ArgumentError: there is no such file.
    """
    path = path.resolve()
    if not path.is_file():
        raise ArgumentError("there is no such Python file", got=str(path))
    key = path, path.stat().st_mtime_ns
    if key not in _modules:
        name = f"wubu_recipe_{path.stem}_{len(_modules)}"
        spec = importlib.util.spec_from_file_location(name, path)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
        _modules[key] = module
    return _modules[key]


def function(named: Any, folder: Path) -> Callable[..., Any]:
    """The function that "net.py:make_model" names; a function stays what it is.

    Args:
        named: one or the other.
        folder: where the file is looked for.

    Raises:
        ArgumentError: there is no such file.
        UnknownNameError: there is no such function in it.
    """
    if callable(named):
        return named
    file, _, name = named.rpartition(":")
    module = run_file(folder / file)
    found = getattr(module, name, None)
    if not callable(found):
        own = [key for key, value in vars(module).items() if callable(value)]
        raise UnknownNameError(f"function in {file}", name, own)
    return found
