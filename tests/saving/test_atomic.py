"""Files are written whole or not at all."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from wubu import Sequential, layers
from wubu.saving import load_model, save_model, save_weights
from wubu.saving.atomic import replacing


def small_model() -> Sequential:
    return Sequential([layers.Input((2,)), layers.Dense(3)])


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    with replacing(tmp_path / "a") as file:
        file.write(b"half")
        assert not (tmp_path / "a").exists()
    assert (tmp_path / "a").read_bytes() == b"half"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_an_existing_file_survives_a_failure_half_way(
    tmp_path: Path, error: BaseException
) -> None:
    (tmp_path / "a").write_bytes(b"before")
    with pytest.raises(type(error)), replacing(tmp_path / "a") as file:
        file.write(b"half")
        raise error
    assert (tmp_path / "a").read_bytes() == b"before"
    assert len(list(tmp_path.iterdir())) == 1


def test_an_existing_model_survives_a_disk_that_is_full(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = small_model()
    path = tmp_path / "model.wubu"
    save_model(model, path)
    before = path.read_bytes()
    written = zipfile.ZipFile.writestr
    names = []

    def fail_at_the_third(self, info, content):
        names.append(info.filename)
        if len(names) == 3:
            raise OSError("no space left on device")
        return written(self, info, content)

    monkeypatch.setattr(zipfile.ZipFile, "writestr", fail_at_the_third)
    model.set_weights([np.ones((2, 3)), np.ones(3)])
    with pytest.raises(OSError, match="no space left"):
        save_model(model, path)
    assert path.read_bytes() == before
    assert [found.name for found in tmp_path.iterdir()] == ["model.wubu"]


@pytest.mark.parametrize("save", [save_model, save_weights])
def test_an_existing_file_is_kept_if_asked(tmp_path: Path, save) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"precious")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        save(small_model(), path, overwrite=False)
    assert path.read_bytes() == b"precious"
    save(small_model(), tmp_path / "new", overwrite=False)


def test_a_file_that_appears_meanwhile_is_kept_too(tmp_path: Path) -> None:
    path = tmp_path / "file"
    with pytest.raises(FileExistsError), replacing(path, overwrite=False) as file:
        file.write(b"mine")
        path.write_bytes(b"another's")
    assert path.read_bytes() == b"another's"


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*nowhere"):
        save_model(small_model(), tmp_path / "nowhere" / "model.wubu")


def test_a_folder_is_not_replaced(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError, match="is a folder"):
        save_model(small_model(), tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="needs symbolic links")
def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"before")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    save_model(small_model(), tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert load_model(tmp_path / "real").count_params() == 9


@pytest.mark.skipif(sys.platform == "win32", reason="needs permissions")
def test_others_may_read_what_is_saved_as_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_bytes(b"")
    save_model(small_model(), tmp_path / "model")
    mode = (tmp_path / "model").stat().st_mode
    assert mode == (tmp_path / "plain").stat().st_mode
