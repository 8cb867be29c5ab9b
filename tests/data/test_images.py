"""Picture files: grey or RGB, resized, upright; anything else is refused by name."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from wubu.data import load_image
from wubu.errors import ArgumentError, DataError, FileFormatError


def save(folder, pixels: np.ndarray, name: str = "picture.png", **options) -> str:
    path = folder / name
    Image.fromarray(pixels).save(path, **options)
    return str(path)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", ["p.png", "p.bmp", "p.tiff", "p.gif"])
def test_a_grey_picture_of_the_right_size_is_read_exactly(
    tmp_path, channels, name
) -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4) * 20
    found = load_image(save(tmp_path, pixels, name), (3, 4, channels))
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, np.repeat(pixels[..., None], channels, -1))


def test_rgb_becomes_grey_by_luma(tmp_path) -> None:
    pixels = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], dtype=np.uint8)
    path = save(tmp_path, pixels)
    np.testing.assert_array_equal(load_image(path, (1, 3, 3)), pixels)
    # ITU-R 601: 0.299 R + 0.587 G + 0.114 B
    expected = np.array([0.299, 0.587, 0.114]) * 255
    assert np.abs(load_image(path, (1, 3, 1))[0, :, 0] - expected).max() <= 1


def test_shrinking_averages_over_the_merged_pixels(tmp_path) -> None:
    # A chessboard of single pixels is grey from afar, not black or white.
    board = (np.indices((64, 64)).sum(0) % 2 * 255).astype(np.uint8)
    small = load_image(save(tmp_path, board), (4, 4, 1)).astype(int)
    assert np.abs(small - 127.5).max() < 4


def test_a_picture_is_stretched_to_the_shape(tmp_path) -> None:
    left_black = np.tile(np.repeat([0, 255], 10), (5, 1)).astype(np.uint8)
    found = load_image(save(tmp_path, left_black), (8, 2, 1))
    assert found.shape == (8, 2, 1)
    assert (found[:, 0] < 64).all() and (found[:, 1] > 191).all()


@pytest.mark.parametrize(("invert", "expected"), [(None, 10), (False, 10), (True, 245)])
def test_invert(tmp_path, invert, expected) -> None:
    path = save(tmp_path, np.full((2, 2), 10, np.uint8))
    assert (load_image(path, (2, 2, 1), invert=invert) == expected).all()


def test_transparent_pixels_are_white_paper(tmp_path) -> None:
    pixels = np.array([[[0, 0, 0, 0], [0, 0, 0, 255]]], dtype=np.uint8)
    found = load_image(save(tmp_path, pixels), (1, 2, 1))
    assert found.ravel().tolist() == [255, 0]


def test_sixteen_bits_keep_their_upper_eight(tmp_path) -> None:
    pixels = np.array([[0, 256, 65535]], dtype=np.uint16)
    found = load_image(save(tmp_path, pixels), (1, 3, 1))
    assert found.ravel().tolist() == [0, 1, 255]


def test_a_photograph_is_turned_upright(tmp_path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise
    pixels = np.array([[0, 255]], dtype=np.uint8)
    found = load_image(save(tmp_path, pixels, exif=exif), (2, 1, 1))
    assert found.ravel().tolist() == [0, 255]


def test_a_missing_picture(tmp_path) -> None:
    with pytest.raises(DataError, match=r"there is no picture cat\.png") as caught:
        load_image(tmp_path / "cat.png", (2, 2, 1))
    assert caught.value.where == str(tmp_path / "cat.png")
    with pytest.raises(DataError) as caught:
        load_image(tmp_path, (2, 2, 1))
    assert caught.value.got == "a folder"


def test_a_file_that_is_no_picture(tmp_path) -> None:
    path = tmp_path / "notes.png"
    path.write_bytes(b"Dear diary")
    with pytest.raises(FileFormatError, match=r"notes\.png is not a picture") as caught:
        load_image(path, (2, 2, 1))
    assert caught.value.got == "first bytes 44 65 61 72 20 64 69 61"
    path.write_bytes(b"")
    with pytest.raises(FileFormatError, match="is not a picture") as caught:
        load_image(path, (2, 2, 1))
    assert "the file is empty" in str(caught.value.got)


@pytest.mark.parametrize("name", ["p.png", "p.jpg", "p.bmp"])
def test_a_truncated_picture_is_named(tmp_path, name) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (50, 50), dtype=np.uint8)
    path = save(tmp_path, noise, name)
    os.truncate(path, 1500)
    with pytest.raises(FileFormatError, match=f"{name} is damaged"):
        load_image(path, (2, 2, 1))


@pytest.mark.parametrize("factor", [1.5, 3])
def test_a_decompression_bomb_is_refused(tmp_path, monkeypatch, factor) -> None:
    path = save(tmp_path, np.zeros((60, 100), np.uint8))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", int(6000 / factor))
    with pytest.raises(FileFormatError, match="has too many pixels") as caught:
        load_image(path, (2, 2, 1))
    assert "6000" in str(caught.value.got)


@pytest.mark.parametrize("shape", [(28, 28), (28, 28, 2), (0, 1, 1), (2.5, 2, 1), 28])
def test_shapes_no_picture_can_have(tmp_path, shape) -> None:
    with pytest.raises(ArgumentError, match="cannot have this shape") as caught:
        load_image(tmp_path / "any.png", shape)
    assert caught.value.got == repr(shape)


def test_importing_the_room_loads_neither_pillow_nor_pooch() -> None:
    code = (
        "import sys, wubu.data, wubu.datasets, wubu.datasets.mnist; "
        "print(sorted({'PIL', 'pooch', 'requests'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
