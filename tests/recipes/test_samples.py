"""[prepare]: datasets, folders of pictures, tables, archives; how they are split."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from recipes import made
from wubu import recipes
from wubu.datasets import digits
from wubu.errors import DataError, FileFormatError, ShapeError, WubuError
from wubu.recipes import Data, Recipe, sources
from wubu.recipes.origin import Origin
from wubu.recipes.samples import Known, digest, prepare
from wubu.recipes.schema import Prepare


def _prepared(folder: Path, **prepare: Any) -> Data:
    build = {"input": prepare.pop("input", [4]), "layers": ["flatten"]}
    recipe = Recipe(
        "r", folder=folder, prepare=prepare, build=build, compile={"loss": "mse"}
    )
    return recipe.prepare()


def test_digits_get_their_channel() -> None:
    data = recipes.load("digits-lenet").prepare()
    (x, y), _ = digits.load_data()
    np.testing.assert_array_equal(data.train[0][..., 0], x)
    np.testing.assert_array_equal(data.train[1], y)
    assert data.counts() == {"train": 1442, "validation": 0, "test": 355}
    assert data.classes == [str(digit) for digit in range(10)]


def test_samples_take_the_shape_of_the_input(tmp_path: Path) -> None:
    data = _prepared(tmp_path, dataset="digits", input=[64])
    assert data.train[0].shape == (1442, 64)
    with pytest.raises(ShapeError, match="do not fit the input") as caught:
        _prepared(tmp_path, dataset="digits", input=[7, 7])
    assert caught.value.fix == "write input = [8, 8] in [build]"
    assert caught.value.where == "prepare"


def test_an_unknown_dataset() -> None:
    with pytest.raises(WubuError, match='no dataset named "digit"') as caught:
        recipes.load("digits-lenet", ['prepare.dataset="digit"']).prepare()
    assert caught.value.where == '--set prepare.dataset="digit"'


def test_splits_are_disjoint_and_do_not_depend_on_the_seed(tmp_path: Path) -> None:
    x, y = made.samples()
    parts = ["prepare.validation_split=0.25", "prepare.test_split=0.25"]
    first = made.recipe(tmp_path, *parts, "train.seed=1").prepare()
    again = made.recipe(tmp_path, *parts, "train.seed=2").prepare()
    other = made.recipe(tmp_path, *parts, "prepare.split_seed=1").prepare()
    assert first.counts() == {"train": 27, "validation": 9, "test": 12}
    assert first.test is not None and first.validation is not None
    assert again.test is not None and other.test is not None
    np.testing.assert_array_equal(first.test[0], again.test[0])
    assert digest(first.test) == digest(again.test) != digest(other.test)
    joined = np.concatenate([first.train[0], first.validation[0], first.test[0]])
    np.testing.assert_array_equal(np.sort(joined, axis=0), np.sort(x, axis=0))
    place = {row.tobytes(): label for row, label in zip(x, y, strict=True)}
    for samples, labels in (first.train, first.validation, first.test):
        assert [place[row.tobytes()] for row in samples] == labels.tolist()


def test_a_part_without_samples_says_what_to_write(tmp_path: Path) -> None:
    recipe = made.recipe(tmp_path, "prepare.test_split=0.0")
    with pytest.raises(DataError, match="no samples for test") as caught:
        recipe.prepare().part("test", recipe.origin)
    assert "test_split = 0.2" in str(caught.value.fix)


def test_a_digest_sees_values_types_and_shapes() -> None:
    x, y = np.zeros((2, 3), np.float32), np.zeros(2, int)
    others = [(x.T, y), (x.astype("i4"), y), (x + 1, y), (x, y + 1), (x[::-1] + 1, y)]
    assert all(digest(other) != digest((x, y)) for other in others)
    assert digest((x[::-1], y)) == digest((x.copy(), y))


# --- Pictures -------------------------------------------------------------------------


def _pictures(folder: Path, **classes: list[int]) -> Path:
    """Grey pictures of these levels, in a folder for each class."""
    for name, levels in classes.items():
        (folder / name).mkdir(parents=True)
        for number, level in enumerate(levels):
            picture = Image.new("L", (6, 4), level)
            picture.save(folder / name / f"{number}.png")
    return folder


def test_a_folder_for_each_class(tmp_path: Path) -> None:
    _pictures(tmp_path / "all", cat=[10, 20], dog=[30])
    (tmp_path / "all" / "cat" / "notes.txt").write_text("no picture")
    found = sources.image_folder(tmp_path / "all", (4, 6))
    assert found.classes == ["cat", "dog"] and found.test is None
    assert found.train[0].shape == (3, 4, 6, 3)
    assert found.train[0][:, 0, 0, 0].tolist() == [10, 20, 30]
    assert found.train[1].tolist() == [0, 0, 1]


def test_folders_to_train_and_to_test(tmp_path: Path) -> None:
    _pictures(tmp_path / "train", a=[1, 2], b=[3])
    _pictures(tmp_path / "test", a=[4], b=[5])
    data = _prepared(
        tmp_path,
        source="image_folder",
        path=str(tmp_path),
        image_size=[2, 2],
        color_mode="grayscale",
        input=[2, 2, 1],
    )
    assert data.counts() == {"train": 3, "validation": 0, "test": 2}
    assert data.classes == ["a", "b"]
    assert sorted(data.train[0][:, 0, 0, 0].tolist()) == [1, 2, 3]
    (tmp_path / "test" / "b").rename(tmp_path / "test" / "c")
    with pytest.raises(DataError, match="different classes"):
        sources.image_folder(tmp_path, (2, 2), "grayscale")


def test_other_folders_are_numbered_as_those_trained_on(tmp_path: Path) -> None:
    _pictures(tmp_path / "other", c=[1], b=[3, 4])
    said = Prepare(source="image_folder", path="other", image_size=(2, 2))
    data = prepare(said, None, Origin(), tmp_path, Known(["a", "b", "c"], said))
    assert data.classes == ["a", "b", "c"]
    pixels = data.train[0][:, 0, 0, 0].tolist()
    assert dict(zip(pixels, data.train[1].tolist(), strict=True)) == {1: 2, 3: 1, 4: 1}
    with pytest.raises(DataError, match="not of the classes"):
        prepare(said, None, Origin(), tmp_path, Known(["a", "b"], said))


def test_folders_without_pictures(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(DataError):
            sources.image_folder(folder, (2, 2))


def test_pictures_in_an_archive(tmp_path: Path) -> None:
    _pictures(tmp_path / "all" / "train", a=[1, 2], b=[3])
    _pictures(tmp_path / "all" / "test", a=[4], b=[5])
    shutil.make_archive(str(tmp_path / "all"), "xztar", tmp_path / "all")
    packed = sources.image_folder(tmp_path / "all.tar.xz", (4, 6))
    plain = sources.image_folder(tmp_path / "all", (4, 6))
    assert packed.test is not None and plain.test is not None
    np.testing.assert_array_equal(packed.train[0], plain.train[0])
    np.testing.assert_array_equal(packed.test[1], plain.test[1])


# --- Tables and archives --------------------------------------------------------------


def test_a_table_of_classes(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("kind,a,b\nsetosa,1,2.5\nalba,-3,4e1\nsetosa,0,0\n")
    (tmp_path / "more.csv").write_text("kind,a,b\nsetosa,7,8\n")
    said = {"source": "csv", "path": "t.csv", "target": "kind", "input": [2]}
    data = _prepared(tmp_path, **said)
    assert data.classes == ["alba", "setosa"] and data.test is None
    assert sorted(data.train[0].tolist()) == [[-3, 40], [0, 0], [1, 2.5]]
    assert data.train[1].tolist() == [int(row[0] >= 0) for row in data.train[0]]
    (tmp_path / "bare.csv").write_text("setosa,7,8\n")
    bare = {"names": ["kind", "a", "b"], "header": False}
    found = sources.csv_file(
        tmp_path / "bare.csv",
        tmp_path / "bare.csv",
        "kind",
        bare,
        tmp_path / "bare.csv",
    )
    assert found.test is not None and found.test[0].tolist() == [[7, 8]]
    data = _prepared(tmp_path, **said, test_path="more.csv")
    assert data.test is not None
    assert data.test[0].tolist() == [[7, 8]] and data.test[1].tolist() == [1]


def test_a_table_of_values(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,y\n1,,0.5\n2,3,1.5\n")
    said = {"source": "csv", "path": "t.csv", "target": "y", "input": [2]}
    with pytest.raises(DataError) as caught:
        _prepared(tmp_path, **said)
    assert "b" in caught.value.what
    assert "t.csv" in str(caught.value.where)
    data = _prepared(tmp_path, **said, options={"missing": "mean"})
    assert sorted(data.train[0].tolist()) == [[1, 3], [2, 3]]
    assert data.classes is None and sorted(data.train[1].tolist()) == [0.5, 1.5]
    with pytest.raises(WubuError, match='"target" says which column'):
        _prepared(tmp_path, source="csv", path="t.csv")


def test_archives(tmp_path: Path) -> None:
    x, y = made.samples(6)
    path = tmp_path / "a.npz"
    np.savez(path, x_train=x[:4], y_train=y[:4], x_test=x[4:], y_test=y[4:])
    found = sources.npz_file(path)
    assert found.test is not None and found.test[1].tolist() == y[4:].tolist()
    np.savez(path, z=x)
    with pytest.raises(DataError, match="does not hold samples"):
        sources.npz_file(path)
    np.save(tmp_path / "one.npy", x)
    for name, kind in (("one.npy", FileFormatError), ("none.npz", DataError)):
        with pytest.raises(kind):
            sources.npz_file(tmp_path / name)


def test_archives_at_fault(tmp_path: Path) -> None:
    x, y = made.samples(6)
    path = tmp_path / "a.npz"
    for arrays in (
        {"x": x, "y": y[:5]},
        {"x": x, "y": y[0]},
        {"x_train": x, "y_train": y, "x_test": x[:2], "y_test": y[:3]},
    ):
        np.savez(path, **arrays)
        with pytest.raises(DataError, match="do not have the same samples"):
            sources.npz_file(path)
    np.savez_compressed(path, x=x, y=y)
    content = path.read_bytes()
    damaged = content[:60] + b"\xff" * 16 + content[76:]
    for bad in (b"PK\x03\x04 no zip", content[:200], damaged):
        path.write_bytes(bad)
        with pytest.raises(FileFormatError, match="no NumPy archive"):
            sources.npz_file(path)


def test_class_names(tmp_path: Path) -> None:
    names = ["red", "green", "blue"]
    made.write(tmp_path)
    said = {"source": "arrays", "path": "samples.npz"}
    assert _prepared(tmp_path, **said, class_names=names).classes == names
    with pytest.raises(DataError, match="more classes than class_names"):
        _prepared(tmp_path, **said, class_names=names[:2])


def test_targets_that_are_no_classes(tmp_path: Path) -> None:
    x, y = made.samples()
    np.savez(tmp_path / "v.npz", x=x, y=y.astype("float32"))
    assert _prepared(tmp_path, source="arrays", path="v.npz").classes is None
    np.savez(tmp_path / "c.npz", x=x, y=y[:, None])
    data = _prepared(tmp_path, source="arrays", path="c.npz")
    assert data.classes == ["0", "1", "2"] and data.train[1].shape == (48,)
