"""Compute, with Keras 3 and PyTorch, the numbers that Wubu is compared with.

Wubu neither needs nor imports them, so this runs in an environment of its own, once
for each change of the tables in `sources/`:

    python -m venv /tmp/peers
    /tmp/peers/bin/pip install torch==2.13.0 keras==3.15.1 numpy==2.4.6
    /tmp/peers/bin/python tests/reference/generate.py

It writes beside itself `cases.json` and `cases.npz`, described in README.md, and
`signatures.json`. Keras runs on its torch backend in float64; every gradient is taken
by PyTorch. Running it again changes nothing.

Read next: `sources/record.py`, then `sources/layers.py` for a table of cases, and
`sources/corrections.py` for what of Keras' torch backend could not be used as it is.
"""

import json
import os
import platform
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import signatures
import torch
from sources import corrections, functions, initializers, layers, objectives, training

HERE = Path(__file__).parent


def prepare():
    """Double precision, and one thread, so that sums have one order."""
    corrections.apply()
    torch.set_num_threads(1)


def collect():
    """All records, their ids distinct."""
    parts = [layers, objectives, training, initializers, functions]
    records = [record for part in parts for record in part.records()]
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


def write_index(records):
    """`cases.json`: the versions, then one case to a line."""
    versions = {
        "keras": keras.__version__,
        "torch": torch.__version__.split("+")[0],
        "numpy": np.__version__,
        "python": platform.python_version(),
    }
    lines = ",\n".join(f"    {json.dumps(entry(record))}" for record in records)
    (HERE / "cases.json").write_text(
        f'{{\n  "versions": {json.dumps(versions)},\n  "cases": [\n{lines}\n  ]\n}}\n'
    )


def main():
    prepare()
    records = collect()
    write_index(records)
    np.savez_compressed(HERE / "cases.npz", allow_pickle=False, **flat(records))
    signatures.write()
    print(f"{len(records)} cases written")


if __name__ == "__main__":
    main()
