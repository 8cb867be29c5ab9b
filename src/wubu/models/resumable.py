"""`Resumable`: the state of training in a file, and back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wubu import saving


class Resumable:
    """What a model needs so that its training can go on in another process."""

    def save_state(self, filepath: str | Path, extra: Any = None) -> None:
        """Writes weights, optimizer, metrics and random generators into one file.

        Unlike `save`, it does not describe the model, and takes any: for the same
        script, started again. `callbacks.BackupAndRestore` does that by itself.

        Args:
            filepath: of the file; it is written whole or not at all.
            extra: what to keep with it: lists and dictionaries of numbers, strings,
                None and arrays.
        """
        self._require_built("save_state()")  # type: ignore[attr-defined]
        saving.save_state(self, filepath, extra)

    def load_state(self, filepath: str | Path) -> Any:
        """Takes up the state in a file of `save_state`; returns its `extra`.

        Raises:
            FileFormatError: damaged or foreign; the state of another model or of one
                that is compiled in another way.

        Example:
            >>> import tempfile
            >>> import numpy as np
            >>> from wubu import Sequential, layers
            >>> model = Sequential([layers.Input((2,)), layers.Dense(1)])
            >>> model.compile("adam", "mse")
            >>> with tempfile.TemporaryDirectory() as folder:
            ...     model.save_state(f"{folder}/state", {"epoch": 3})
            ...     model.load_state(f"{folder}/state")
            {'epoch': 3}
        """
        self._require_built("load_state()")  # type: ignore[attr-defined]
        return saving.load_state(self, filepath)
