"""Windows over a time series."""

from __future__ import annotations

from typing import Any

import numpy as np

from wubu.data import Dataset
from wubu.data.convert import as_array
from wubu.data.pipeline.sources import Windows
from wubu.errors import ArgumentError, DataError
from wubu.utils.directory_datasets import check_format, seed_or_current


def timeseries_dataset_from_array(
    data: Any,
    targets: Any,
    sequence_length: int,
    sequence_stride: int = 1,
    sampling_rate: int = 1,
    batch_size: int | None = 128,
    shuffle: bool = False,
    seed: int | None = None,
    start_index: int | None = None,
    end_index: int | None = None,
    format: str = "tf",
) -> Dataset:
    """Windows of `sequence_length` steps, each with its target. Arguments are those of
    Keras.

    Window k begins at step s = start_index + k · sequence_stride and consists of the
    steps s, s + sampling_rate, s + 2 · sampling_rate ...; its target is `targets[s]`.
    They are cut out when their batch is made; `data` may be a memory map.

    Args:
        data: (time, ...).
        targets: (time, ...), `targets[i]` for the window that begins at step i; None
            for windows without targets.
        sequence_length: steps of a window.
        sequence_stride: steps from the beginning of a window to that of the next one.
        sampling_rate: steps from one element of a window to the next one.
        batch_size: windows of a batch; None for single windows.
        shuffle: another order of the windows in every epoch.
        seed: of these orders.
        start_index: the first step to use.
        end_index: the step after the last one to use.
        format: of no effect here; Keras has it to choose a library.

    Returns:
        A dataset of `(windows, targets)`, or of windows.

    Shapes:
        windows (batch, sequence_length, ...), targets (batch, ...).

    Raises:
        ArgumentError: steps outside the data.
        DataError: no whole window.

    Example:
        >>> x = np.arange(10)
        >>> dataset = timeseries_dataset_from_array(x[:-3], x[3:], 3, batch_size=4)
        >>> windows, targets = dataset[0]
        >>> windows[1].tolist(), int(targets[1])
        ([1, 2, 3], 4)
    """
    check_format(format)
    series = as_array(data, "data")
    size = len(series)
    start = _place(start_index, 0, size - 1, "start_index", 0)
    end = _place(end_index, start + 1, size - 1, "end_index", size)
    _place(sampling_rate, 1, size - 1, "sampling_rate", 1)
    _place(sequence_stride, 1, size - 1, "sequence_stride", 1)
    _place(sequence_length, 1, size, "sequence_length", 1)
    wanted = None if targets is None else as_array(targets, "targets")
    count = end - start - (sequence_length - 1) * sampling_rate
    if wanted is not None:
        count = min(count, len(wanted) - start)
    if count < 1:
        raise DataError(
            "the series is too short for a single window",
            expected=f"{(sequence_length - 1) * sampling_rate + 1} steps and a target",
            got=f"{end - start} steps",
        )
    begins = start + np.arange(0, count, sequence_stride)
    steps = np.arange(sequence_length) * sampling_rate

    def gather(rows: np.ndarray) -> Any:
        first = begins[rows]
        windows = series[first[:, None] + steps]
        return windows if wanted is None else (windows, wanted[first])

    dataset = Dataset(Windows(gather, len(begins)))
    if shuffle:
        dataset = dataset.shuffle(seed=seed_or_current(seed))
    return dataset if batch_size is None else dataset.batch(batch_size)


def _place(value: int | None, low: int, high: int, name: str, default: int) -> int:
    if value is None:
        return default
    if not low <= value <= high:
        raise ArgumentError(
            f"{name} is out of range", expected=f"from {low} to {high}", got=value
        )
    return value
