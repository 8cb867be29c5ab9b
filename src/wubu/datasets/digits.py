"""Handwritten digits of 8 × 8 pixels: small enough to come with Wubu, no download.

1,797 digits written by 13 people: the test part of "Optical Recognition of Handwritten
Digits" of the UCI Machine Learning Repository, in the order in which scikit-learn ships
it. Forms were scanned as 32 × 32 bits; each pixel here counts the inked ones among
4 × 4 of them, so that values run from 0 (paper) to 16 (ink).

Source: E. Alpaydin, C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine
    Learning Repository, 1998. doi:10.24432/C50P49. Licence: CC BY 4.0. The images were
    repacked as `digits.npz` (uint8 arrays `images` and `labels`), nothing else changed.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

PATH = Path(__file__).with_name("digits.npz")
SHA256 = "b2dab7b501728c22e9119ad76740b2e17c77a231e42d1e592380d90886f1a05e"

Arrays = tuple[np.ndarray, np.ndarray]


def load_data() -> tuple[Arrays, Arrays]:
    """The digits as `(x_train, y_train), (x_test, y_test)`, always split alike.

    Within each class, counted in the order of the set, every fifth image (the 5th,
    10th, 15th ...) is for testing: 1,442 to train and 355 to test, each class in
    proportion. The same 13 people wrote both parts, so the test says nothing about a
    14th hand.

    Shapes:
        images (samples, 8, 8), uint8 from 0 to 16;
        labels (samples,), uint8 from 0 to 9.

    Example:
        >>> (x_train, y_train), (x_test, y_test) = load_data()
        >>> x_train.shape, x_test.shape, y_train[:5].tolist()
        ((1442, 8, 8), (355, 8, 8), [0, 1, 2, 3, 4])
    """
    with np.load(PATH, allow_pickle=False) as file:
        images, labels = file["images"], file["labels"]
    test = np.zeros(len(labels), dtype=bool)
    for digit in range(10):
        test[np.flatnonzero(labels == digit)[4::5]] = True
    return (images[~test], labels[~test]), (images[test], labels[test])
