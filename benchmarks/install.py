"""Makes the environments of the peers: python benchmarks/install.py [NAME ...]

Each goes to .peers/NAME (or $WUBU_PEERS_HOME/NAME) and gets what peers/NAME.txt says.
One that is up to date is left alone; one that cannot be made is said and left out.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

SPECIFICATIONS = Path(__file__).parent / "peers"
HOME = Path(os.environ.get("WUBU_PEERS_HOME") or ".peers")


def main(names: list[str]) -> None:
    known = sorted(path.stem for path in SPECIFICATIONS.glob("*.txt"))
    for name in names or known:
        if name not in known:
            sys.exit(f"there is no peer {name}; known are {', '.join(known)}")
        try:
            install(name)
        except (OSError, subprocess.CalledProcessError) as error:
            output = getattr(error, "stderr", None) or str(error)
            last = output.strip().splitlines()[-1]
            print(f"{name} cannot be installed and is left out: {last}")


def install(name: str) -> None:
    """Brings the environment of a peer in line with its specification."""
    folder, specification = HOME / name, SPECIFICATIONS / f"{name}.txt"
    wanted, stamp = specification.read_text("utf-8"), folder / "installed.txt"
    if stamp.exists() and stamp.read_text("utf-8") == wanted:
        return
    print(f"Installing {name} into {folder} ...", flush=True)
    venv.create(folder, with_pip=True)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    command = [programs / "python", "-m", "pip", "install", "--quiet"]
    command += ["--disable-pip-version-check", "--requirement", specification]
    subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True)
    stamp.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
