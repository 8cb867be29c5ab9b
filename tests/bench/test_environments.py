"""Where the Python of a peer is looked for."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from wubu.bench.environments import PEERS, SCRIPTS, WUBU, Peer, find_peers, find_python
from wubu.errors import UnknownNameError

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
NOWHERE = Peer("nowhere", "Nowhere", SCRIPTS / "x.py", ("no_such_package",), {})


def make(home: Path, name: str) -> Path:
    python = home / name / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    return python


def test_the_folder_that_the_environment_names_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    beside = make(tmp_path / ".peers", "nowhere")
    named = make(tmp_path / "home", "nowhere")
    settings = {"WUBU_PEERS_HOME": str(tmp_path / "home")}
    assert find_python(NOWHERE, settings) == (named, "")
    assert find_python(NOWHERE, {}) == (beside, "")


def test_this_python_where_it_has_the_framework(tmp_path: Path) -> None:
    settings = {"WUBU_PEERS_HOME": str(tmp_path)}
    here = NOWHERE._replace(packages=("json", "numpy"))
    assert find_python(here, settings) == (Path(sys.executable), "")
    assert find_python(WUBU, settings) == (Path(sys.executable), "")
    partly = NOWHERE._replace(packages=("json", "no_such_package"))
    assert find_python(partly, settings)[0] is None


def test_a_missing_peer_says_how_to_get_it(tmp_path: Path) -> None:
    python, reason = find_python(NOWHERE, {"WUBU_PEERS_HOME": str(tmp_path)})
    assert python is None
    assert reason == "not installed: make peers PEERS=nowhere"


def test_unknown_peer_suggests_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as error:
        find_peers(["torhc"])
    assert error.value.fix == 'did you mean "torch"?'


@pytest.mark.parametrize("peer", [WUBU, *PEERS.values()], ids=lambda peer: peer.name)
def test_every_peer_has_a_script_that_stands_alone(peer: Peer) -> None:
    """Of Wubu only Wubu's own script imports anything."""
    tree = ast.parse(peer.script.read_text("utf-8"))
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else [alias.name for alias in node.names]
        )
    }
    assert "protocol" in imported
    assert ("wubu" in imported) == (peer is WUBU)
    assert set(peer.packages) <= imported


@pytest.mark.parametrize("name", PEERS)
def test_every_peer_can_be_installed_in_a_pinned_version(name: str) -> None:
    text = (BENCHMARKS / "peers" / f"{name}.txt").read_text("utf-8")
    assert "==" in text
    assert "://" not in text
