"""Tables of houses, shuffled and cut: what the two housing sets have in common."""

from __future__ import annotations

import io

import numpy as np

from wubu.datasets.download import RemoteSet, read_set
from wubu.errors import ArgumentError, FileFormatError

Arrays = tuple[np.ndarray, np.ndarray]


def load_table(
    dataset: RemoteSet,
    folder: str,
    test_split: float,
    seed: int | None,
    num_samples: int | None = None,
) -> tuple[Arrays, Arrays]:
    """`(x_train, y_train), (x_test, y_test)` of an `.npz` file with arrays x and y.

    Args:
        dataset: of that one file.
        folder: where it lies below the data home, or an absolute path.
        test_split: the fraction to test with: the last samples after shuffling.
        seed: of the order, as Keras shuffles.
        num_samples: take only the first ones, before shuffling.

    Raises:
        ArgumentError: `test_split` is no fraction.
        FileFormatError: the file holds something else.
    """
    if not 0 <= test_split < 1:
        raise ArgumentError(
            "test_split is not a fraction",
            expected="from 0 to 1, 1 excluded",
            got=test_split,
        )
    (content,) = read_set(dataset, folder)
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            x, y = file["x"][:num_samples], file["y"][:num_samples]
    except (KeyError, ValueError, OSError) as error:
        raise FileFormatError(
            f"{dataset.files[0].name} does not hold the arrays x and y", got=str(error)
        ) from error
    order = np.arange(len(x))
    np.random.RandomState(seed).shuffle(order)
    x, y = x[order], y[order]
    cut = int(len(x) * (1 - test_split))
    return (x[:cut], y[:cut]), (x[cut:], y[cut:])
