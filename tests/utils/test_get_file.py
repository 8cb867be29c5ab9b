"""`get_file`: fetched once, checked, unpacked inside its folder."""

from __future__ import annotations

import hashlib
import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from wubu.errors import ArgumentError, DownloadError, FileFormatError
from wubu.utils import get_file

CONTENT = b"five steps"


@pytest.fixture
def origin(tmp_path, monkeypatch) -> str:
    monkeypatch.setenv("WUBU_DATA_HOME", str(tmp_path / "home"))
    (tmp_path / "a.txt").write_bytes(CONTENT)
    return (tmp_path / "a.txt").as_uri()


def test_a_file_is_fetched_once(origin, tmp_path) -> None:
    path = Path(get_file(origin=origin))
    assert path == tmp_path / "home" / "datasets" / "a.txt"
    assert path.read_bytes() == CONTENT
    (tmp_path / "a.txt").unlink()
    assert get_file(origin=origin) == str(path)
    with pytest.raises(DownloadError):
        get_file(origin=origin, force_download=True)
    assert path.read_bytes() == CONTENT, "what was there stays"
    assert [p.name for p in path.parent.iterdir()] == ["a.txt"], "no partial files"


@pytest.mark.parametrize("kind", ["md5", "sha256"])
def test_checksums(origin, tmp_path, kind) -> None:
    digest = hashlib.new(kind, CONTENT).hexdigest()
    path = Path(get_file("b.txt", origin, file_hash=digest, cache_subdir="x"))
    assert path == tmp_path / "home" / "x" / "b.txt"
    path.write_bytes(b"damaged")
    get_file("b.txt", origin, file_hash=digest, cache_subdir="x")
    assert path.read_bytes() == CONTENT, "fetched anew"
    with pytest.raises(DownloadError, match="not the file that was meant"):
        get_file("c.txt", origin, file_hash="0" * len(digest))
    assert not (tmp_path / "home" / "datasets" / "c.txt").exists()


def test_names(origin, tmp_path) -> None:
    place = get_file("b", origin, cache_dir=tmp_path, cache_subdir="y")
    assert place == str(tmp_path / "y" / "b")
    for name in ["../b", "a/b", ".."]:
        with pytest.raises(ArgumentError, match="no name of a file"):
            get_file(name, origin)
    with pytest.raises(ArgumentError, match="needs an origin"):
        get_file("b")


@pytest.mark.parametrize("ending", ["zip", "tar.gz"])
def test_archives_are_unpacked(origin, tmp_path, ending) -> None:
    path = tmp_path / f"set.{ending}"
    if ending == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("train/a.txt", CONTENT)
    else:
        with tarfile.open(path, "w:gz") as archive:
            info = tarfile.TarInfo("train/a.txt")
            info.size = len(CONTENT)
            archive.addfile(info, io.BytesIO(CONTENT))
    datasets = tmp_path / "home" / "datasets"
    for name, folder in [(None, path.name), ("set", "set"), ("b.x", "b_extracted")]:
        found = get_file(name, path.as_uri(), extract=True)
        assert found == str(datasets / folder)
        assert Path(found, "train/a.txt").read_bytes() == CONTENT


@pytest.mark.parametrize("name", ["../evil.txt", "/tmp/wubu-evil.txt"])
def test_archives_stay_inside_their_folder(origin, tmp_path, name) -> None:
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("good.txt", CONTENT)
        archive.writestr(name, CONTENT)
    with pytest.raises(FileFormatError, match="outside its folder"):
        get_file(origin=path.as_uri(), extract=True)
    assert (
        not list(tmp_path.rglob("evil.txt")) and not Path("/tmp/wubu-evil.txt").exists()
    )
    assert not list(tmp_path.rglob("good.txt"))


def test_a_failed_unpacking_is_tried_again(origin, tmp_path) -> None:
    path, datasets = tmp_path / "set.zip", tmp_path / "home" / "datasets"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", CONTENT)
        archive.writestr("b.txt", CONTENT)
    whole = path.read_bytes()
    path.write_bytes(whole[::-1].replace(CONTENT[::-1], b"?" * 10, 1)[::-1])
    for _ in range(2):
        with pytest.raises(FileFormatError, match="damaged"):
            get_file("set", path.as_uri(), extract=True)
        assert list(datasets.iterdir()) == [], "neither files nor parts of them"
    path.write_bytes(whole)
    found = Path(get_file("set", path.as_uri(), extract=True))
    assert sorted(p.name for p in found.iterdir()) == ["a.txt", "b.txt"]
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.txt", b"six steps")
    get_file("set", path.as_uri(), extract=True, force_download=True)
    assert (found / "a.txt").read_bytes() == b"six steps"
    assert len(list(datasets.iterdir())) == 2
