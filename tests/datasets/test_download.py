"""Fetching: what lies there is used untouched, mirrors are tried, damage is named."""

from __future__ import annotations

import functools
import gzip
import hashlib
import http.server
import threading
from pathlib import Path

import pytest

from wubu.datasets import download
from wubu.datasets.download import RemoteFile, RemoteSet, data_home, read_set
from wubu.errors import DownloadError, FileFormatError

CONTENT = b"five steps " * 100
FILE = RemoteFile("a.gz", len(CONTENT), hashlib.md5(CONTENT).hexdigest())
PLAIN = RemoteFile("b.bin", len(CONTENT), FILE.digest, unpack=False)
MIRRORS = ("http://one.invalid/", "http://two.invalid/")
SET = RemoteSet("Toys", MIRRORS, (FILE, PLAIN))


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("WUBU_DATA_HOME", str(tmp_path))
    return tmp_path / "toys"


@pytest.fixture
def asked(monkeypatch) -> list[str]:
    """Mirrors that fail, and which URLs they were asked for."""
    urls: list[str] = []

    def fail(url: str, path: Path) -> None:
        urls.append(url)
        raise ConnectionError("no network")

    monkeypatch.setattr(download, "_download", fail)
    return urls


def put_all(folder: Path) -> None:
    folder.mkdir()
    (folder / FILE.name).write_bytes(gzip.compress(CONTENT))
    (folder / PLAIN.name).write_bytes(CONTENT)


def state(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {p.name: (p.read_bytes(), p.stat().st_mtime_ns) for p in folder.iterdir()}


def test_files_that_lie_there_are_used_and_nothing_is_written(home, asked) -> None:
    put_all(home)
    before = state(home)
    home.chmod(0o555)
    try:
        assert read_set(SET, "toys") == [CONTENT, CONTENT]
    finally:
        home.chmod(0o755)
    assert state(home) == before
    assert asked == []


@pytest.mark.parametrize("level", [1, 9])
def test_a_file_packed_anew_or_not_at_all_is_accepted(home, asked, level) -> None:
    put_all(home)
    (home / FILE.name).write_bytes(gzip.compress(CONTENT, level))
    assert read_set(SET, "toys")[0] == CONTENT
    (home / FILE.name).write_bytes(CONTENT)  # a server unpacked it on its way
    assert read_set(SET, "toys")[0] == CONTENT


def test_without_a_network_the_error_says_where_and_what_to_do(home, asked) -> None:
    with pytest.raises(DownloadError) as caught:
        read_set(SET, "toys")
    error = caught.value
    assert error.what == (
        "Toys is not on this machine and could not be fetched: a.gz is missing"
    )
    assert error.where == f"looked in {home}"
    assert error.expected == "a.gz, b.bin"
    for url in ("http://one.invalid/a.gz", "http://two.invalid/a.gz"):
        assert url in str(error.got)
    assert "ConnectionError: no network" in str(error.got)
    assert "WUBU_DATA_HOME" in str(error.fix) and str(home) in str(error.fix)
    assert asked == ["http://one.invalid/a.gz", "http://two.invalid/a.gz"]
    assert list(home.iterdir()) == [], "no partial files are left"


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (gzip.compress(CONTENT[:-1]), "1,099"),
        (gzip.compress(CONTENT + b"x"), "more"),
        (gzip.compress(CONTENT[::-1]), hashlib.md5(CONTENT[::-1]).hexdigest()),
        (gzip.compress(CONTENT)[:-9], "ended before"),
        (b"<html>not found</html>", "22"),
    ],
    ids=["shorter", "longer", "other", "cut", "page"],  # gzip writes down the time
)
def test_a_damaged_file_is_named_and_left_alone(home, asked, content, got) -> None:
    put_all(home)
    (home / FILE.name).write_bytes(content)
    with pytest.raises(FileFormatError, match=r"a\.gz is damaged") as caught:
        read_set(SET, "toys")
    assert caught.value.where == str(home / "a.gz")
    assert got in str(caught.value.got)
    assert (home / FILE.name).read_bytes() == content
    assert asked == []


def test_the_next_mirror_is_tried_after_a_damaged_answer(
    home, monkeypatch, capsys
) -> None:
    def serve(url: str, path: Path) -> None:
        whole = gzip.compress(CONTENT) if url.endswith(".gz") else CONTENT
        path.write_bytes(b"<html>" if "one." in url else whole)

    monkeypatch.setattr(download, "_download", serve)
    assert read_set(SET, "toys") == [CONTENT, CONTENT]
    assert sorted(path.name for path in home.iterdir()) == ["a.gz", "b.bin"]
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "Toys: fetching http://two.invalid/b.bin" in printed.err
    monkeypatch.setattr(download, "_download", None)
    assert read_set(SET, "toys") == [CONTENT, CONTENT], "now from the cache"


def test_a_folder_that_cannot_be_written(tmp_path, monkeypatch, asked) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("WUBU_DATA_HOME", str(tmp_path / "file"))
    with pytest.raises(DownloadError) as caught:
        read_set(SET, "toys")
    assert "cannot write there" in str(caught.value.got)
    assert asked == []


def test_a_real_server(home, tmp_path, monkeypatch) -> None:
    served = tmp_path / "served"
    put_all(served)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args: object) -> None:
            pass

    monkeypatch.setenv("NO_PROXY", "*")
    handler = functools.partial(Quiet, directory=str(served))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        root = f"http://127.0.0.1:{server.server_address[1]}/"
        mirrors = (root + "nowhere/", root)
        assert read_set(RemoteSet("Toys", mirrors, SET.files), "toys") == [CONTENT] * 2
        missing = RemoteSet("Toys", mirrors[:1], SET.files)
        with pytest.raises(DownloadError) as caught:
            read_set(missing, "elsewhere")
        server.shutdown()
    assert "HTTPError" in str(caught.value.got) and "404" in str(caught.value.got)
    assert (home / FILE.name).read_bytes() == (served / FILE.name).read_bytes()


def test_the_home_is_the_variable_or_the_cache_folder(monkeypatch) -> None:
    monkeypatch.setenv("WUBU_DATA_HOME", "~/data")
    assert data_home() == Path.home() / "data"
    monkeypatch.delenv("WUBU_DATA_HOME")
    assert data_home().name == "wubu"
