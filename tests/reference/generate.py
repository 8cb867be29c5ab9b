"""Compute, with Keras 3 and PyTorch, the numbers that Wubu is compared with.

Wubu neither needs nor imports them, so this runs in an environment of its own, once
for each change of the tables in `sources/`:

    python -m venv /tmp/peers
    /tmp/peers/bin/pip install torch==2.13.0 keras==3.15.1 numpy==2.4.6
    /tmp/peers/bin/python tests/reference/generate.py            # all of it
    /tmp/peers/bin/python tests/reference/generate.py layers     # one table

A table is a module of `sources/` with a function `records`. For each it writes
`cases/NAME.json` and `cases/NAME.npz`, described in README.md; and `signatures.json`.
Keras runs on its torch backend in float64; every gradient is taken by PyTorch. Running
it again changes nothing.

Read next: `sources/record.py`, then `sources/layers.py` for a table of cases, and
`sources/corrections.py` for what of Keras' torch backend could not be used as it is.
"""

import importlib
import json
import os
import pkgutil
import platform
import sys
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import signatures
import sources
import torch
from sources import corrections

HERE = Path(__file__).parent
CASES = HERE / "cases"
HELPERS = {"corrections", "record"}  # modules of `sources` that are no tables


def prepare():
    """Double precision, and one thread, so that sums have one order."""
    corrections.apply()
    torch.set_num_threads(1)


def tables():
    """The names of all tables."""
    found = {module.name for module in pkgutil.iter_modules(sources.__path__)}
    return sorted(name for name in found - HELPERS if not name.startswith("_"))


def collect(name):
    """All records of a table, their ids distinct."""
    records = list(importlib.import_module(f"sources.{name}").records())
    ids = [record.id for record in records]
    repeated = {name for name in ids if ids.count(name) > 1}
    assert not repeated, f"ids used more than once: {sorted(repeated)}"
    return records


def flat(records):
    """{"layer/Dense/default/outputs/0": array} for every array of every record."""
    return {
        f"{record.id}/{section}/{name}": np.asarray(value)
        for record in records
        for section, arrays in record.arrays.items()
        for name, value in arrays.items()
    }


def entry(record):
    """A record's line in the index; what is empty is left out."""
    fields = {
        "id": record.id,
        "arguments": record.arguments,
        "call": record.call,
        "properties": record.properties,
    }
    return {key: value for key, value in fields.items() if value}


def write(name):
    """`cases/NAME.json`: the versions, then one case to a line; and the arrays."""
    records = collect(name)
    versions = {
        "keras": keras.__version__,
        "torch": torch.__version__.split("+")[0],
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    lines = ",\n".join(f"    {json.dumps(entry(record))}" for record in records)
    CASES.mkdir(exist_ok=True)
    (CASES / f"{name}.json").write_text(
        f'{{\n  "versions": {json.dumps(versions)},\n  "cases": [\n{lines}\n  ]\n}}\n'
    )
    np.savez_compressed(CASES / f"{name}.npz", allow_pickle=False, **flat(records))
    print(f"{name}: {len(records)} cases written")


def main():
    prepare()
    for name in sys.argv[1:] or tables():
        write(name)
    signatures.write()


if __name__ == "__main__":
    main()
