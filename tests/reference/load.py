"""Read the reference cases: NumPy only.

Example:

    for case in cases("layer"):
        layer = getattr(wubu.layers, case.name)(**case.arguments)
        ...
        assert_close(output, case.outputs["0"])
"""

import json
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent


@dataclass(frozen=True, eq=False)
class Case:
    """One case; README.md says what each section holds. Absent sections are empty.

    Sections map names to arrays, in the order in which Keras has them.
    """

    kind: str
    name: str
    label: str
    arguments: dict = field(default_factory=dict)
    call: dict = field(default_factory=dict)
    properties: dict = field(default_factory=dict)
    inputs: dict = field(default_factory=dict)
    weights: dict = field(default_factory=dict)
    outputs: dict = field(default_factory=dict)
    cotangents: dict = field(default_factory=dict)
    input_gradients: dict = field(default_factory=dict)
    weight_gradients: dict = field(default_factory=dict)
    updated: dict = field(default_factory=dict)
    masks: dict = field(default_factory=dict)

    @property
    def id(self) -> str:
        return f"{self.kind}/{self.name}/{self.label}"

    def __str__(self) -> str:
        return self.id


def cases(kind: str | None = None, name: str | None = None) -> list[Case]:
    """The cases of a kind (layer, loss ...; all by default), or of one name in it."""
    return [
        case
        for case in all_cases()
        if kind in (None, case.kind) and name in (None, case.name)
    ]


def signatures() -> dict[str, list[dict]]:
    """{"layers.Dense": [{"name", "kind", "default"?}, ...]} as Keras 3 has them."""
    return json.loads((HERE / "signatures.json").read_text())["signatures"]


@cache
def all_cases() -> tuple[Case, ...]:
    """Of every table, in the order of their names; no two have the same id."""
    found: dict[str, Case] = {}
    for index in sorted((HERE / "cases").glob("*.json")):
        sections = read_sections(index.with_suffix(".npz"))
        for entry in json.loads(index.read_text())["cases"]:
            case = Case(
                *entry["id"].split("/"),
                arguments=entry.get("arguments", {}),
                call=entry.get("call", {}),
                properties=entry.get("properties", {}),
                **sections.get(entry["id"], {}),
            )
            assert case.id not in found, f"{case.id} stands in two tables"
            found[case.id] = case
    return tuple(found.values())


def read_sections(path: Path) -> dict[str, dict[str, dict[str, np.ndarray]]]:
    """{case id: {section: {name: array}}}, from keys `id/section/name`."""
    found: dict = defaultdict(lambda: defaultdict(dict))
    with np.load(path, allow_pickle=False) as archive:
        for key, value in archive.items():
            kind, name, label, section, part = key.split("/", 4)
            value.flags.writeable = False
            found[f"{kind}/{name}/{label}"][section][part] = value
    return {case: dict(parts) for case, parts in found.items()}
