"""A model named on the command line: a saved file, or a built-in network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wubu import saving
from wubu.errors import ArgumentError
from wubu.models import zoo


def open_model(name: str) -> Any:
    """The model in a file, or a built-in network with new weights.

    Raises:
        UnknownNameError: neither; suggests the nearest network.
        ArgumentError: a `.wubu` file that does not exist.
        FileFormatError: a file that holds no model.
    """
    if name in zoo.NETWORKS:
        network = zoo.find(name)
        return network.build(network)
    if Path(name).suffix == ".wubu" or Path(name).exists():
        return open_file(Path(name))
    zoo.find(name)
    raise AssertionError("find() raises for unknown names")


def open_file(path: Path) -> Any:
    """The model in a file.

    Raises:
        ArgumentError: there is no such file.
        FileFormatError: it holds no model.
    """
    if not path.is_file():
        raise ArgumentError(
            "there is no such model file",
            where=path,
            fix="`wubu train NAME` makes one: runs/NAME.wubu",
        )
    return saving.load_model(path)
