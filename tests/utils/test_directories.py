"""Folders of pictures and texts, on disk and in archives: files, order, labels and
numbers are those of Keras; and what goes wrong is named."""

from __future__ import annotations

import inspect
import io
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from reference.load import Case, cases, signatures
from wubu import utils
from wubu.data import Dataset
from wubu.data.directories import list_files, shuffled
from wubu.data.folders import open_folder
from wubu.data.resizing import INTERPOLATIONS, resize
from wubu.errors import (
    DataError,
    FileFormatError,
    UnknownNameError,
    WubuError,
)

NAMES = [
    "timeseries_dataset_from_array",
    "image_dataset_from_directory",
    "text_dataset_from_directory",
    "pad_sequences",
    "split_dataset",
    "get_file",
    "normalize",
    "to_categorical",
    "load_img",
    "img_to_array",
    "array_to_img",
    "save_img",
]


@pytest.mark.parametrize("name", NAMES)
def test_arguments_are_those_of_keras(name: str) -> None:
    found = [
        (p.name, p.default if p.default is not p.empty else ...)
        for p in inspect.signature(getattr(utils, name)).parameters.values()
    ]
    wanted = [(e["name"], e.get("default", ...)) for e in signatures()[f"utils.{name}"]]
    as_json = [(n, list(d) if isinstance(d, tuple) else d) for n, d in found]
    assert as_json == wanted


# --- Which files ----------------------------------------------------------------------


def put(folder: Path, files: list[str], content: bytes = b"") -> None:
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.mark.parametrize("case", cases("data", "index_directory"), ids=str)
def test_files_labels_and_split_are_those_of_keras(tmp_path, case: Case) -> None:
    put(tmp_path, case.call["files"])
    names = case.arguments.get("class_names")
    listing = list_files(open_folder(tmp_path), (".png",), "inferred", names)
    if case.arguments["shuffle"]:
        listing = shuffled(listing, case.arguments["seed"])
    assert listing.names == case.properties["paths"]
    assert listing.class_names == case.properties["class_names"]
    np.testing.assert_array_equal(listing.labels, case.outputs["labels"])
    for subset in ("training", "validation"):
        part = utils.image_dataset_from_directory(
            tmp_path,
            **{"seed": 5} | case.arguments,
            validation_split=0.3,
            subset=subset,
            verbose=False,
        )
        wanted = case.outputs[subset]
        count = len(wanted)
        slots = slice(0, count) if subset == "training" else slice(-count, None)
        assert part.file_paths == [
            f"{tmp_path}/{name}" for name in case.properties["paths"][slots]
        ]


# --- Pictures -------------------------------------------------------------------------

CASES = cases("data", "resize")


@pytest.mark.parametrize("case", CASES, ids=str)
def test_resizing_has_the_numbers_of_keras(case: Case) -> None:
    found = resize(case.inputs["x"], **case.call)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, case.outputs["0"], rtol=1e-5, atol=2e-4)


def test_resizing_by_other_kernels() -> None:
    x = np.arange(48.0).reshape(4, 6, 2)
    blocks = x.reshape(2, 2, 3, 2, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(resize(x, (2, 3), "area"), blocks, rtol=1e-6)
    for method in INTERPOLATIONS:
        flat = resize(np.full((3, 5, 1), 7), (7, 4), method)
        np.testing.assert_allclose(flat, 7, rtol=1e-6)
    # Twice as wide: weights at distances ¼, ¾ and 1¼ of a pixel.
    near = np.exp(-2 * np.array([0.75, 0.25, 1.25]) ** 2)
    line = np.array([[[0], [0], [1], [0], [0]]])
    found = resize(line, (1, 10), "gaussian")[0, 4, 0]
    assert found == pytest.approx(near[1] / near.sum(), rel=1e-6)


@pytest.fixture
def pictures(tmp_path) -> Path:
    """Two classes of three pictures, of differing sizes and forms."""
    random = np.random.default_rng(0)
    root = tmp_path / "pictures"
    for name in ["cat", "dog"]:
        (root / name).mkdir(parents=True)
        for i, mode in enumerate(["RGB", "L", "RGBA"]):
            shape = (6 + i, 8) if mode == "L" else (6 + i, 8, len(mode))
            pixels = random.integers(0, 256, shape).astype(np.uint8)
            Image.fromarray(pixels).save(root / name / f"{i}.png")
    return root


def read(path: str, mode: str = "RGB") -> np.ndarray:
    pixels = np.asarray(Image.open(path).convert(mode), np.float32)
    return pixels if pixels.ndim == 3 else pixels[:, :, None]


def test_pictures_and_labels(pictures, capsys) -> None:
    dataset = utils.image_dataset_from_directory(
        pictures, image_size=(4, 5), shuffle=False, batch_size=4
    )
    assert capsys.readouterr().out == "Found 6 files belonging to 2 classes.\n"
    assert dataset.class_names == ["cat", "dog"]
    batches = list(dataset)
    assert [x.shape for x, _ in batches] == [(4, 4, 5, 3), (2, 4, 5, 3)]
    assert batches[0][0].dtype == np.float32 and batches[0][1].dtype == np.int32
    assert np.concatenate([y for _, y in batches]).tolist() == [0, 0, 0, 1, 1, 1]
    wanted = [resize(read(path), (4, 5)) for path in dataset.file_paths]
    np.testing.assert_array_equal(np.concatenate([x for x, _ in batches]), wanted)


@pytest.mark.parametrize(
    ("mode", "wanted"),
    [
        ("int", [0, 1, 0, 1, 0, 1]),
        ("categorical", [[1, 0], [0, 1]] * 3),
        ("binary", [[0], [1]] * 3),
        (None, None),
    ],
)
def test_label_modes(pictures, mode, wanted) -> None:
    # Files are in the order of their classes; the labels given are those of no folder.
    given = "inferred" if mode is None else [0, 1, 0, 1, 0, 1]
    dataset = utils.image_dataset_from_directory(
        pictures, given, mode, image_size=4, shuffle=False, batch_size=6, verbose=False
    )
    found = dataset[0]
    if wanted is None:
        assert isinstance(found, np.ndarray) and found.shape == (6, 4, 4, 3)
        return
    assert found[1].tolist() == wanted


def test_forms_of_pictures(pictures) -> None:
    def first(**options: Any) -> np.ndarray:
        dataset = utils.image_dataset_from_directory(
            pictures,
            labels=None,
            image_size=(6, 8),
            shuffle=False,
            batch_size=None,
            verbose=False,
            **options,
        )
        return dataset[0]

    path = f"{pictures}/cat/0.png"
    np.testing.assert_array_equal(first(), read(path))
    np.testing.assert_array_equal(first(color_mode="rgba"), read(path, "RGBA"))
    np.testing.assert_array_equal(first(color_mode="grayscale"), read(path, "L"))
    turned = first(data_format="channels_first")
    np.testing.assert_array_equal(turned, read(path).transpose(2, 0, 1))


def test_both_parts_of_a_split(pictures, capsys) -> None:
    train, held = utils.image_dataset_from_directory(
        pictures, image_size=4, seed=3, validation_split=0.4, subset="both"
    )
    assert "Using 4 files for training.\nUsing 2 files for validation." in (
        capsys.readouterr().out
    )
    assert (len(train.file_paths), len(held.file_paths)) == (4, 2)
    assert not set(train.file_paths) & set(held.file_paths)
    assert [y.tolist() for _, y in held.elements(0)] == [
        y.tolist() for _, y in held.elements(1)
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"labels": "guessed"}, "labels are not known"),
        ({"labels": [1, 2]}, "one label for each file"),
        ({"class_names": ["cat", "dgo"]}, 'did you mean "dog"'),
        ({"class_names": ["cat"], "labels": [0] * 6}, "only be given where"),
        ({"label_mode": "binary", "class_names": ["cat"]}, "two classes"),
        ({"label_mode": "onehot"}, "label mode"),
        ({"color_mode": "bgr"}, "color mode"),
        ({"image_size": (4,)}, "no size"),
        ({"interpolation": "cubic"}, "bicubic"),
        ({"validation_split": 0.2}, "belong together"),
        ({"validation_split": 0.2, "subset": "training"}, "without a seed"),
        ({"validation_split": 2, "subset": "training", "seed": 1}, "fraction"),
        ({"validation_split": 0.01, "subset": "validation", "seed": 1}, "no files"),
        ({"crop_to_aspect_ratio": True, "pad_to_aspect_ratio": True}, "both cropped"),
        ({"data_format": "channels"}, "data format"),
    ],
)
def test_arguments_that_do_not_fit(pictures, options, words) -> None:
    with pytest.raises(WubuError) as caught:
        utils.image_dataset_from_directory(pictures, verbose=False, **options)
    assert words in str(caught.value)


def test_a_damaged_picture_is_named(pictures) -> None:
    (pictures / "dog" / "1.png").write_bytes(b"no picture")
    dataset = utils.image_dataset_from_directory(
        pictures, image_size=4, shuffle=False, verbose=False
    )
    with pytest.raises(FileFormatError) as caught:
        list(dataset)
    assert caught.value.where == f"{pictures}/dog/1.png"


def test_folders_without_pictures(tmp_path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        utils.image_dataset_from_directory(tmp_path / "nowhere")
    put(tmp_path, ["cat/a.txt"])
    with pytest.raises(DataError, match="no such files"):
        utils.image_dataset_from_directory(tmp_path)


# --- Archives -------------------------------------------------------------------------


def archived(folder: Path, path: Path) -> Path:
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(folder.rglob("*.*")):
                archive.write(file, f"inner/{file.relative_to(folder).as_posix()}")
        return path
    mode = {"xz": "w:xz", "gz": "w:gz", "bz2": "w:bz2"}.get(path.suffix[1:], "w")
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        archive.add(folder, "inner")
    return path


@pytest.mark.parametrize(
    "name", ["a.zip", "a.tar", "a.tar.gz", "a.tar.xz", "a.tar.bz2"]
)
def test_archives_are_folders(pictures, tmp_path, name) -> None:
    options = {"image_size": 4, "seed": 2, "verbose": False}
    path = archived(pictures, tmp_path / name)
    packed = utils.image_dataset_from_directory(f"{path}/inner", **options)
    plain = utils.image_dataset_from_directory(pictures, **options)
    assert packed.class_names == plain.class_names
    for (x, y), (x_plain, y_plain) in zip(packed, plain, strict=True):
        np.testing.assert_array_equal(x, x_plain)
        np.testing.assert_array_equal(y, y_plain)
    assert packed.file_paths[0].startswith(f"{path}/inner/")
    whole = utils.image_dataset_from_directory(path, image_size=4, verbose=False)
    assert whole.class_names == ["inner"]


def test_what_is_no_archive(tmp_path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK no zip")
    with pytest.raises(FileFormatError, match=r"a\.zip is no archive"):
        open_folder(tmp_path / "a.zip")
    (tmp_path / "a.tar.gz").write_bytes(b"\x1f\x8b no gzip")
    with pytest.raises(FileFormatError, match=r"a\.tar\.gz is no archive"):
        open_folder(tmp_path / "a.tar.gz" / "train")


def broken(content: bytes, start: int = 0) -> bytes:
    """The same bytes, some of them changed."""
    place = start or len(content) // 2
    return content[:place] + b"\xff" * 16 + content[place + 16 :]


@pytest.mark.parametrize("ending", ["tar.gz", "tar.bz2", "tar.xz", "tar", "short.gz"])
def test_damaged_tar_archives(tmp_path, ending) -> None:
    noise = np.random.default_rng(0).bytes(3000)
    (tmp_path / "a.bin").write_bytes(noise)
    path = tmp_path / f"a.{ending}"
    mode = {"gz": "w:gz", "bz2": "w:bz2", "xz": "w:xz"}.get(ending.split(".")[-1], "w")
    with tarfile.open(path, mode) as archive:
        archive.add(tmp_path / "a.bin", "a.bin")
    whole = path.read_bytes()
    cut = ending in ("tar", "short.gz")
    path.write_bytes(whole[:1500] if cut else broken(whole))
    with pytest.raises(FileFormatError, match=r"no archive|is damaged"):
        open_folder(path).read("a.bin")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_damaged_zip_archives(tmp_path, method) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("a.bin", b"five steps" * 1000)
    path.write_bytes(broken(path.read_bytes(), start=45))
    with pytest.raises(FileFormatError, match="is damaged") as caught:
        open_folder(path).read("a.bin")
    assert caught.value.where == f"{path}/a.bin"


# --- Dataset.from_folder --------------------------------------------------------------


def test_from_folder_gives_bytes_upright_and_averaged(pictures) -> None:
    from wubu.data import load_image

    dataset = Dataset.from_folder(pictures, image_size=(4, 5))
    assert dataset.class_names == ["cat", "dog"] and len(dataset) == 6
    x, y = dataset.batch(6)[0]
    assert x.dtype == np.uint8 and y.tolist() == [0, 0, 0, 1, 1, 1]
    wanted = [load_image(path, (4, 5, 3)) for path in dataset.file_paths or []]
    np.testing.assert_array_equal(x, wanted)
    train, held = dataset.split(0.67, stratify=True, seed=1)
    assert sorted(int(y) for _, y in held) == [0, 1]
    assert train.class_names == ["cat", "dog"]
    with pytest.raises(DataError, match="image_size="):
        Dataset.from_folder(pictures).batch(6)[0]
    arrays, _ = dataset.cache().shuffle(seed=1).batch(2).as_batches() or (None, None)
    assert arrays is not None and arrays.x.dtype == np.uint8


# --- Texts ----------------------------------------------------------------------------


def test_texts(tmp_path) -> None:
    for name, text in [("neg/a.txt", "bad, très"), ("pos/b.txt", "good\nfilm")]:
        put(tmp_path, [name], text.encode())
    dataset = utils.text_dataset_from_directory(tmp_path, shuffle=False, verbose=False)
    x, y = dataset[0]
    assert x.dtype == object and x.tolist() == ["bad, très", "good\nfilm"]
    assert y.tolist() == [0, 1] and dataset.class_names == ["neg", "pos"]
    short = utils.text_dataset_from_directory(
        tmp_path, labels=None, max_length=4, shuffle=False, verbose=False
    )
    assert short[0].tolist() == ["bad,", "good"]
    same = Dataset.from_text_folder(tmp_path).batch(2)[0]
    assert same[0].tolist() == x.tolist() and same[1].tolist() == [0, 1]
    put(tmp_path, ["pos/c.txt"], b"caf\xe9")
    with pytest.raises(FileFormatError) as caught:
        list(utils.text_dataset_from_directory(tmp_path, verbose=False))
    assert caught.value.where == f"{tmp_path}/pos/c.txt"
    assert caught.value.got == "byte e9 at place 3"


# --- Single pictures ------------------------------------------------------------------


def test_load_img(pictures) -> None:
    path = pictures / "cat" / "2.png"
    picture = Image.open(path)
    assert utils.load_img(path).mode == "RGB"
    same = utils.load_img(io.BytesIO(path.read_bytes()), color_mode="rgba")
    np.testing.assert_array_equal(np.asarray(same), np.asarray(picture))
    small = utils.load_img(str(path), "rgba", (3, 5), interpolation="bilinear")
    wanted = picture.resize((5, 3), Image.Resampling.BILINEAR)
    np.testing.assert_array_equal(np.asarray(small), np.asarray(wanted))
    square = utils.load_img(path, "rgba", (4, 4), keep_aspect_ratio=True)
    wanted = picture.resize((4, 4), Image.Resampling.NEAREST, box=(0, 0, 8, 8))
    np.testing.assert_array_equal(np.asarray(square), np.asarray(wanted))
    with pytest.raises(DataError, match="no such picture"):
        utils.load_img(pictures / "none.png")
    with pytest.raises(UnknownNameError, match="interpolation"):
        utils.load_img(path, interpolation="cubic")


def test_arrays_and_pictures(tmp_path) -> None:
    x = np.array([[[-1.0, 0.0, 1.0], [3.0, 1.0, 0.0]]])
    wanted = ((x + 1) / 4 * 255).astype(np.uint8)
    picture = utils.array_to_img(x)
    np.testing.assert_array_equal(np.asarray(picture), wanted)
    first = utils.array_to_img(x.transpose(2, 0, 1), data_format="channels_first")
    assert first.tobytes() == picture.tobytes()
    plain = utils.array_to_img(np.full((2, 2, 1), 9.0), scale=False)
    assert plain.mode == "L" and plain.getpixel((0, 0)) == 9
    assert utils.array_to_img(np.full((2, 2, 1), 999.0), scale=False).mode == "I"
    back = utils.img_to_array(picture)
    assert back.dtype == np.float32 and back.tolist() == wanted.tolist()
    assert utils.img_to_array(plain, "channels_first").shape == (1, 2, 2)
    utils.save_img(tmp_path / "a.png", x)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "a.png")), wanted)
    with pytest.warns(UserWarning, match="saved as RGB"):
        utils.save_img(tmp_path / "a.jpg", np.zeros((2, 2, 4)))
    with pytest.raises(WubuError, match="no picture"):
        utils.array_to_img(np.zeros((2, 2, 2)))
