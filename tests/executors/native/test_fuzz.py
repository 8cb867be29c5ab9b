"""Machine code gives the numbers of NumPy for graphs at random, thousands of them in
`make test-full`, and covers every primitive that way."""

from __future__ import annotations

import random

import numpy as np
import pytest

import wubu
from executors.native.compare import LANES, compare
from executors.native.random_graphs import Case
from wubu.core.primitive import primitives
from wubu.executors.native.planning.mixing import all_nodes

FEW, MANY, PART = 100, 6000, 250

# Left out by graphs; of losses alone; of second derivatives alone; of loops whose body
# says where derivatives end (tests/ops/test_scan_bodies.py).
ELSEWHERE = {"identity", "check_finite", "max_pick", "stop_gradient"}


def check(seed: int) -> Case:
    """Compares one graph, on a machine that its number chooses."""
    case = Case(seed)
    chosen = random.Random(seed)
    machine = (chosen.choice(LANES), chosen.choice([1, 1, 2, 3]))
    steps = chosen.choice([1, 1, 2])
    try:
        compare(
            case.function, *case.arrays, machines=[machine], tolerance=0.02, steps=steps
        )
    except Exception as error:
        raise AssertionError(f"{case}, {machine}, {steps} steps") from error
    return case


@pytest.mark.parametrize("seed", range(FEW))
def test_graphs_at_random(seed: int) -> None:
    with np.errstate(all="ignore"):
        check(seed)


@pytest.mark.full
@pytest.mark.parametrize("first", range(FEW, MANY, PART))
def test_many_graphs_at_random(first: int) -> None:
    wrong = []
    for seed in range(first, min(first + PART, MANY)):
        try:
            check(seed)
        except AssertionError as error:
            wrong.append(f"{error}: {str(error.__cause__)[:500]}")
    assert not wrong, "\n".join(wrong)


def test_the_graphs_have_every_primitive() -> None:
    found = set()
    for seed in range(300):
        case = Case(seed)
        graph = wubu.trace(case.function, *case.arrays)
        found |= {node.primitive.name for node in all_nodes(graph)}
    assert found | ELSEWHERE == set(primitives())
