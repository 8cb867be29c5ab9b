"""Every set that is fetched: small files of its form are read as Keras reads them."""

from __future__ import annotations

import dataclasses
import gzip
import hashlib
import inspect
import io
import json
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from reference.load import Case, cases
from wubu import datasets
from wubu.datasets.download import RemoteFile, RemoteSet
from wubu.errors import (
    ArgumentError,
    DownloadError,
    FileFormatError,
    UnknownNameError,
)

FETCHED = [name for name in datasets.__all__ if name != "digits"]
IDX = ["fashion_mnist", "kmnist"]


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("WUBU_DATA_HOME", str(tmp_path))
    return tmp_path


def put(
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    module: ModuleType,
    contents: list[bytes],
    attribute: str = "FILES",
    folder: str | None = None,
) -> None:
    """Puts small files where a set looks for its own, and says that they are right."""
    real: RemoteSet = getattr(module, attribute)
    place = home / (folder or module.__name__.rpartition(".")[2])
    place.mkdir(exist_ok=True)
    files = []
    for file, content in zip(real.files, contents, strict=True):
        (place / file.name).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        files.append(RemoteFile(file.name, len(content), digest, unpack=False))
    toy = dataclasses.replace(real, files=tuple(files))
    monkeypatch.setattr(module, attribute, toy)


def npz(**arrays: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def idx(array: np.ndarray) -> bytes:
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape)
    return gzip.compress(header + array.tobytes())


def tar(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()


def texts(arrays: dict[str, np.ndarray], name: str) -> list[list[int]]:
    cuts = np.cumsum(arrays[f"{name}_lengths"])[:-1]
    return [part.tolist() for part in np.split(arrays[name], cuts)]


def ragged(arrays: dict[str, np.ndarray], name: str) -> np.ndarray:
    found = texts(arrays, name)
    array = np.empty(len(found), dtype=object)
    for i, text in enumerate(found):
        array[i] = text
    return array


# --- What is fetched ------------------------------------------------------------------


@pytest.mark.parametrize("name", FETCHED)
def test_without_files_or_network_the_error_names_every_mirror(
    home, monkeypatch, name
) -> None:
    def fail(url: str, path: object) -> None:
        raise ConnectionError("no network")

    monkeypatch.setattr("wubu.datasets.download._download", fail)
    module = getattr(datasets, name)
    with pytest.raises(DownloadError) as caught:
        module.load_data()
    assert caught.value.where == f"looked in {home / name}"
    first = module.FILES.files[0].name
    for mirror in module.FILES.mirrors:
        assert f"{mirror}{first}" in str(caught.value.got)


@pytest.mark.parametrize("name", FETCHED)
def test_checksums_are_whole_and_places_are_urls(name) -> None:
    module = getattr(datasets, name)
    sets = [module.FILES, *([module.WORDS] if hasattr(module, "WORDS") else [])]
    for found in sets:
        assert all(mirror.endswith("/") for mirror in found.mirrors)
        assert all(mirror.startswith("http") for mirror in found.mirrors)
        for file in found.files:
            assert len(file.digest) in (32, 64) and int(file.digest, 16)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("cifar100", {"label_mode": "fine"}),
        ("boston_housing", {"path": ..., "test_split": 0.2, "seed": 113}),
        ("california_housing", {"version": "large", "path": ..., "test_split": 0.2}),
        ("imdb", {"path": ..., "num_words": None, "skip_top": 0, "maxlen": None}),
        ("reuters", {"path": ..., "num_words": None, "skip_top": 0, "maxlen": None}),
    ],
)
def test_arguments_are_those_of_keras_in_its_order(name, arguments) -> None:
    given = inspect.signature(getattr(datasets, name).load_data).parameters
    assert list(given)[: len(arguments)] == list(arguments)
    for argument, default in arguments.items():
        wanted = f"{name}.npz" if default is ... else default
        assert given[argument].default == wanted


# --- Pictures -------------------------------------------------------------------------


@pytest.mark.parametrize("name", IDX)
def test_idx_sets(home, monkeypatch, name) -> None:
    module = getattr(datasets, name)
    random = np.random.default_rng(0)
    arrays = [
        random.integers(0, 256, shape).astype(np.uint8)
        for shape in [(7, 28, 28), (7,), (3, 28, 28), (3,)]
    ]
    put(home, monkeypatch, module, [idx(array) for array in arrays])
    (x_train, y_train), (x_test, y_test) = module.load_data()
    for found, array in zip((x_train, y_train, x_test, y_test), arrays, strict=True):
        assert found.dtype == np.uint8
        np.testing.assert_array_equal(found, array)
    assert len(module.CLASS_NAMES) == 10


def records(count: int, num_labels: int, start: int) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(start)
    labels = random.integers(0, 10, (count, num_labels)).astype(np.uint8)
    planes = random.integers(0, 256, (count, 3, 32, 32)).astype(np.uint8)
    rows = np.concatenate([labels, planes.reshape(count, -1)], axis=1)
    return labels, planes.transpose(0, 2, 3, 1), rows.tobytes()


def test_cifar10_joins_its_batches(home, monkeypatch) -> None:
    made = [records(2, 1, i) for i in range(6)]
    names = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]
    members = {
        f"cifar-10-batches-bin/{name}": content
        for name, (_, _, content) in zip(names, made, strict=True)
    }
    put(home, monkeypatch, datasets.cifar10, [tar(members)])
    (x_train, y_train), (x_test, y_test) = datasets.cifar10.load_data()
    assert x_train.dtype == y_train.dtype == np.uint8
    assert x_train.flags.c_contiguous
    np.testing.assert_array_equal(x_train, np.concatenate([m[1] for m in made[:5]]))
    np.testing.assert_array_equal(y_train, np.concatenate([m[0] for m in made[:5]]))
    np.testing.assert_array_equal(x_test, made[5][1])
    np.testing.assert_array_equal(y_test, made[5][0])


@pytest.mark.parametrize(("mode", "place"), [("coarse", 0), ("fine", 1)])
def test_cifar100_has_two_labels(home, monkeypatch, mode, place) -> None:
    train, test = records(3, 2, 0), records(2, 2, 1)
    members = {"cifar-100-binary/train.bin": train[2]}
    members["cifar-100-binary/test.bin"] = test[2]
    put(home, monkeypatch, datasets.cifar100, [tar(members)])
    (x_train, y_train), (_, y_test) = datasets.cifar100.load_data(mode)
    np.testing.assert_array_equal(x_train, train[1])
    np.testing.assert_array_equal(y_train, train[0][:, place : place + 1])
    np.testing.assert_array_equal(y_test, test[0][:, place : place + 1])
    with pytest.raises(UnknownNameError, match="label mode"):
        datasets.cifar100.load_data("corse")


def test_a_cifar_archive_without_whole_records(home, monkeypatch) -> None:
    put(home, monkeypatch, datasets.cifar100, [tar({"cifar-100-binary/x": b"1"})])
    with pytest.raises(FileFormatError) as caught:
        datasets.cifar100.load_data()
    assert "no such file in it" in str(caught.value.got)
    members = {"cifar-100-binary/train.bin": b"\0" * 3075}
    put(home, monkeypatch, datasets.cifar100, [tar(members)])
    with pytest.raises(FileFormatError) as caught:
        datasets.cifar100.load_data()
    assert caught.value.got == "3,075 bytes"


# --- Words ----------------------------------------------------------------------------


@pytest.mark.parametrize("case", [*cases("data", "imdb"), *cases("data", "reuters")])
def test_texts_are_numbered_as_by_keras(home, monkeypatch, case: Case) -> None:
    module = getattr(datasets, case.name)
    held = {
        name: ragged(case.inputs, name) if name.startswith("x") else array
        for name, array in case.inputs.items()
        if not name.endswith("_lengths")
    }
    put(home, monkeypatch, module, [npz(**held)])
    (x_train, y_train), (x_test, y_test) = module.load_data(**case.arguments)
    assert x_train.tolist() == texts(case.outputs, "x_train")
    assert x_test.tolist() == texts(case.outputs, "x_test")
    assert x_train.ndim == 1 and x_train.dtype == object
    np.testing.assert_array_equal(y_train, case.outputs["y_train"])
    np.testing.assert_array_equal(y_test, case.outputs["y_test"])


def test_no_text_is_short_enough(home, monkeypatch) -> None:
    held = {"x": ragged({"a": np.arange(4), "a_lengths": np.array([4])}, "a")}
    content = npz(**held, y=np.zeros(1, np.int64))
    put(home, monkeypatch, datasets.reuters, [content])
    with pytest.raises(ArgumentError) as caught:
        datasets.reuters.load_data(maxlen=5)
    assert caught.value.expected == "more than 5"  # 4 words and the mark before them


class Evil:
    """What a file must not be able to do."""

    ran = False

    def __reduce__(self) -> tuple:
        return (exec, ("raise SystemExit('executed')",))


def test_a_file_that_wants_to_execute_code_is_refused(home, monkeypatch) -> None:
    evil = np.empty(1, dtype=object)
    evil[0] = Evil()
    put(home, monkeypatch, datasets.reuters, [npz(x=evil, y=np.zeros(1))])
    with pytest.raises(FileFormatError, match="wants to execute code") as caught:
        datasets.reuters.load_data()
    assert "builtins.exec" in str(caught.value.got)


@pytest.mark.parametrize("inner", [{"a": 1}, [1.5], ["word"], [[1]], None])
def test_what_is_no_list_of_numbers_is_refused(home, monkeypatch, inner) -> None:
    array = np.empty(1, dtype=object)
    array[0] = inner
    put(home, monkeypatch, datasets.reuters, [npz(x=array, y=np.zeros(1))])
    with pytest.raises(FileFormatError, match="lists of whole numbers"):
        datasets.reuters.load_data()


def test_a_pickle_that_stands_alone_is_refused(home, monkeypatch) -> None:
    put(home, monkeypatch, datasets.imdb, [pickle.dumps([1, 2])])
    with pytest.raises(FileFormatError, match="does not hold arrays"):
        datasets.imdb.load_data()


@pytest.mark.parametrize(
    "pickled",
    [
        b"\x80\x04h\x07.",  # takes what was never kept
        b"\x80\x04)R.",  # calls what is not there
        b"\x80\x04cnumpy\ndtype\n)b.",
        b"\x80\x04\x8c\x02\xff\xff.",  # no UTF-8
        b"\x80\x04K\x01)b.",  # gives a state to a number
        b"",
    ],
)
def test_a_malformed_pickle_is_refused(home, monkeypatch, pickled) -> None:
    empty = np.empty(0, dtype=object)
    file = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        file, np.lib.format.header_data_from_array_1_0(empty)
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("x.npy", file.getvalue() + pickled)
    put(home, monkeypatch, datasets.imdb, [packed.getvalue()])
    with pytest.raises(FileFormatError, match="does not hold"):
        datasets.imdb.load_data()


@pytest.mark.parametrize("name", ["imdb", "reuters"])
def test_the_index_of_words(home, monkeypatch, name) -> None:
    module = getattr(datasets, name)
    index = {"the": 1, "and": 2}
    content = [json.dumps(index).encode()]
    put(home, monkeypatch, module, content, "WORDS", folder=name)
    assert module.get_word_index() == index
    put(home, monkeypatch, module, [b"[1, 2]"], "WORDS", folder=name)
    with pytest.raises(FileFormatError, match="no list of words"):
        module.get_word_index()


def test_topics_of_reuters() -> None:
    topics = datasets.reuters.get_label_names()
    assert len(set(topics)) == 46
    assert (topics[3], topics[4], topics[-1]) == ("earn", "acq", "lead")


# --- Tables ---------------------------------------------------------------------------

HOUSING = [*cases("data", "boston_housing"), *cases("data", "california_housing")]


@pytest.mark.parametrize("case", HOUSING)
def test_houses_are_shuffled_and_cut_as_by_keras(home, monkeypatch, case: Case) -> None:
    module = getattr(datasets, case.name)
    put(home, monkeypatch, module, [npz(**case.inputs)])
    (x_train, y_train), (x_test, y_test) = module.load_data(**case.arguments)
    found = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
    for name, array in case.outputs.items():
        np.testing.assert_array_equal(found[name], array)


def test_the_small_version_of_california(home, monkeypatch) -> None:
    x, y = np.arange(700.0)[:, None], np.arange(700.0)
    put(home, monkeypatch, datasets.california_housing, [npz(x=x, y=y)])
    (x_train, _), (x_test, _) = datasets.california_housing.load_data("small")
    assert (len(x_train), len(x_test)) == (480, 120)
    assert max(x_train.max(), x_test.max()) == 599
    with pytest.raises(UnknownNameError, match="version"):
        datasets.california_housing.load_data("tiny")
    with pytest.raises(ArgumentError, match="test_split"):
        datasets.california_housing.load_data(test_split=1.0)


def test_a_table_without_x(home, monkeypatch) -> None:
    put(home, monkeypatch, datasets.boston_housing, [npz(y=np.zeros(3))])
    with pytest.raises(FileFormatError, match="arrays x and y"):
        datasets.boston_housing.load_data()
