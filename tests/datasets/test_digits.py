"""The embedded digits: the published set, in the documented split."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest

from wubu.datasets import digits

# How many of each digit 0 to 9 are in the test part, says UCI's optdigits.names.
PER_CLASS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_file_is_the_one_that_was_checked() -> None:
    assert hashlib.sha256(digits.PATH.read_bytes()).hexdigest() == digits.SHA256
    assert digits.PATH.stat().st_size < 50_000


def test_every_fifth_image_of_each_class_is_for_testing() -> None:
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    test = [n // 5 for n in PER_CLASS]
    train = [n - n // 5 for n in PER_CLASS]
    assert np.bincount(y_test).tolist() == test
    assert np.bincount(y_train).tolist() == train
    assert x_train.shape == (1442, 8, 8) and x_test.shape == (355, 8, 8)


def test_types_and_range() -> None:
    for x, y in digits.load_data():
        assert x.dtype == y.dtype == np.uint8
        assert x.min() == 0 and x.max() == 16
        assert x.flags.writeable


def test_both_parts_together_are_the_set_of_scikit_learn() -> None:
    sklearn = pytest.importorskip("sklearn.datasets")
    theirs = sklearn.load_digits()
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    ours = {(x.tobytes(), int(y)) for x, y in zip(x_train, y_train, strict=True)}
    ours |= {(x.tobytes(), int(y)) for x, y in zip(x_test, y_test, strict=True)}
    images = theirs.images.astype(np.uint8)
    pairs = zip(images, theirs.target, strict=True)
    assert ours == {(image.tobytes(), int(label)) for image, label in pairs}


def test_the_digits_can_be_told_apart_by_their_neighbours() -> None:
    # With UCI's training part the nearest neighbour is right for 98.00 % of these
    # digits (optdigits.names); mislabelled ones would not come near.
    (x_train, y_train), (x_test, y_test) = digits.load_data()
    a = x_test.reshape(len(x_test), 64).astype(int)
    b = x_train.reshape(len(x_train), 64).astype(int)
    distance = (a**2).sum(1)[:, None] - 2 * a @ b.T + (b**2).sum(1)
    assert (y_train[distance.argmin(1)] == y_test).mean() > 0.97
