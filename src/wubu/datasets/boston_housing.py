"""Boston housing: 506 districts of the 1970s, 13 features, the price of a house.

One of its features counts people by the colour of their skin and assumes that this
moves prices, which is why others dropped the set; it is here because old books use it.
`california_housing` is the better one to learn with. 57 kB are fetched once.

Source: D. Harrison, D. Rubinfeld, "Hedonic housing prices and the demand for clean
    air", J. Environ. Economics & Management 5, 1978.
"""

from __future__ import annotations

from wubu.datasets.download import RemoteFile, RemoteSet
from wubu.datasets.housing import Arrays, load_table

FILES = RemoteSet(
    title="Boston housing",
    mirrors=(
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
        "https://s3.amazonaws.com/keras-datasets/",
    ),
    files=(
        RemoteFile(
            "boston_housing.npz",
            None,
            "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5",
            unpack=False,
        ),
    ),
)


def load_data(
    path: str = "boston_housing.npz", test_split: float = 0.2, seed: int | None = 113
) -> tuple[Arrays, Arrays]:
    """Boston housing as `(x_train, y_train), (x_test, y_test)`.

    Args:
        path: the folder below the data home that holds the file, without `.npz`.
        test_split: the fraction to test with.
        seed: of the order of the samples.

    Shapes:
        features (samples, 13), float64; prices (samples,), float64; 506 samples.

    Units:
        prices in thousands of dollars.

    Raises:
        ArgumentError: `test_split` is no fraction.
        DownloadError: the file is neither in the folder nor on any mirror.

    Example:
        >>> (x_train, y_train), _ = load_data()  # doctest: +SKIP
        >>> x_train.shape  # doctest: +SKIP
        (404, 13)
    """
    return load_table(FILES, str(path).removesuffix(".npz"), test_split, seed)
