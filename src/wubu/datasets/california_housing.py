"""California housing: 20,640 districts of 1990, 8 features, the median price of houses.

0.7 MB are fetched once. `download.py` says where they are kept.

Source: R. Pace, R. Barry, "Sparse spatial autoregressions", Statistics & Probability
    Letters 33, 1997; in the form that comes with Keras.
"""

from __future__ import annotations

from wubu.datasets.download import RemoteFile, RemoteSet
from wubu.datasets.housing import Arrays, load_table
from wubu.errors import UnknownNameError

FEATURES = (
    "MedInc",
    "HouseAge",
    "AveRooms",
    "AveBedrms",
    "Population",
    "AveOccup",
    "Latitude",
    "Longitude",
)

FILES = RemoteSet(
    title="California housing",
    mirrors=("https://storage.googleapis.com/tensorflow/tf-keras-datasets/",),
    files=(
        RemoteFile(
            "california_housing.npz",
            None,
            "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f",
            unpack=False,
        ),
    ),
)

_SAMPLES = {"small": 600, "large": None}


def load_data(
    version: str = "large",
    path: str = "california_housing.npz",
    test_split: float = 0.2,
    seed: int | None = 113,
) -> tuple[Arrays, Arrays]:
    """California housing as `(x_train, y_train), (x_test, y_test)`.

    Args:
        version: "large" for all 20,640 samples, "small" for the first 600.
        path: the folder below the data home that holds the file, without `.npz`.
        test_split: the fraction to test with.
        seed: of the order of the samples.

    Shapes:
        features (samples, 8), in the order of `FEATURES`; prices (samples,).

    Units:
        prices in dollars.

    Raises:
        UnknownNameError: another version.
        ArgumentError: `test_split` is no fraction.
        DownloadError: the file is neither in the folder nor on any mirror.

    Example:
        >>> (x_train, y_train), _ = load_data("small")  # doctest: +SKIP
        >>> x_train.shape  # doctest: +SKIP
        (480, 8)
    """
    if version not in _SAMPLES:
        raise UnknownNameError("version", version, _SAMPLES)
    folder = str(path).removesuffix(".npz")
    return load_table(FILES, folder, test_split, seed, _SAMPLES[version])
