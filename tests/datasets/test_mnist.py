"""MNIST: a set of the same shape read from files, and the real one where it lies."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import struct

import numpy as np
import pytest

from wubu import datasets
from wubu.data import read_idx
from wubu.datasets import mnist
from wubu.datasets.download import RemoteFile
from wubu.errors import DownloadError

SMALL = [(7, 28, 28), (7,), (3, 28, 28), (3,)]
SHAPES = [(60_000, 28, 28), (60_000,), (10_000, 28, 28), (10_000,)]


def test_the_published_lengths_are_those_of_the_shapes() -> None:
    for file, shape in zip(mnist.FILES.files, SHAPES, strict=True):
        header = 4 + 4 * len(shape)
        assert file.size == header + int(np.prod(shape))
        assert f"idx{len(shape)}-ubyte.gz" in file.name


@pytest.mark.parametrize("path", ["mnist", "mnist.npz"])
def test_files_of_the_same_form_are_read_as_keras_returns_them(
    tmp_path, monkeypatch, path
) -> None:
    arrays, files = [], []
    (tmp_path / "mnist").mkdir()
    for number, (file, shape) in enumerate(
        zip(mnist.FILES.files, SMALL, strict=True), start=1
    ):
        array = (np.arange(np.prod(shape)) * number % 251).astype(np.uint8)
        header = struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape)
        content = header + array.tobytes()
        packed = gzip.compress(content, compresslevel=1)
        (tmp_path / "mnist" / file.name).write_bytes(packed)
        md5 = hashlib.md5(content).hexdigest()
        files.append(RemoteFile(file.name, len(content), md5))
        arrays.append(array.reshape(shape))
    toy = dataclasses.replace(mnist.FILES, files=tuple(files))
    monkeypatch.setattr(mnist, "FILES", toy)
    monkeypatch.setenv("WUBU_DATA_HOME", str(tmp_path))
    (x_train, y_train), (x_test, y_test) = mnist.load_data(path)
    for found, array in zip((x_train, y_train, x_test, y_test), arrays, strict=True):
        assert found.dtype == np.uint8 and found.flags.writeable
        np.testing.assert_array_equal(found, array)


def test_without_files_or_network_the_error_lists_all_four(
    tmp_path, monkeypatch
) -> None:
    def fail(url: str, path: object) -> None:
        raise ConnectionError("no network")

    monkeypatch.setattr("wubu.datasets.download._download", fail)
    monkeypatch.setenv("WUBU_DATA_HOME", str(tmp_path))
    with pytest.raises(DownloadError, match="MNIST is not on this machine") as caught:
        mnist.load_data()
    for file in mnist.FILES.files:
        assert file.name in str(caught.value.expected)
    for mirror in mnist.FILES.mirrors:
        assert mirror in str(caught.value.got)


def test_the_real_files(data_home) -> None:
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    found = (x_train, y_train, x_test, y_test)
    assert [array.shape for array in found] == SHAPES
    # As printed in F. Chollet, "Deep Learning with Python", section 2.1.
    assert [*y_train[:3], *y_train[-3:]] == [5, 0, 4, 5, 6, 8]
    assert [*y_test[:3], *y_test[-3:]] == [7, 2, 1, 4, 5, 6]
    # Mean and deviation by which PyTorch's example mnist/main.py normalises.
    assert round(float((x_train / 255).mean()), 4) == 0.1307
    assert round(float((x_train / 255).std()), 4) == 0.3081
    for array, file in zip(found, mnist.FILES.files, strict=True):
        np.testing.assert_array_equal(array, read_idx(data_home / "mnist" / file.name))


def test_datasets_are_loaded_when_named() -> None:
    assert datasets.mnist is mnist
    assert {"digits", "mnist"} <= set(dir(datasets))
    with pytest.raises(AttributeError, match='did you mean "mnist"'):
        _ = datasets.mnits
