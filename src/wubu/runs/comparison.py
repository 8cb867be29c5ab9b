"""Two runs side by side: what was set differently, and what came of it."""

from __future__ import annotations

import difflib
from typing import Any, NamedTuple

import numpy as np

from wubu.errors import ArgumentError
from wubu.runs.mcnemar import McNemar, mcnemar
from wubu.runs.run import Run


class Difference(NamedTuple):
    """A setting that is not the same in both; None where one lacks it."""

    key: str  # "train.epochs"; "build.layers" for a layer
    first: str | None
    second: str | None


class Comparison(NamedTuple):
    """What `compare` found.

    Attributes:
        first: a run.
        second: another.
        settings: where the recipes differ, in the order of the recipes.
        metrics: (name, of the first, of the second); None where one lacks it.
        test: McNemar's test, where both answered the same questions.
        why_no_test: the reason where there is no test.
    """

    first: Run
    second: Run
    settings: list[Difference]
    metrics: list[tuple[str, float | None, float | None]]
    test: McNemar | None
    why_no_test: str | None


def compare(first: Run, second: Run) -> Comparison:
    """Puts two runs side by side.

    Raises:
        ArgumentError: one has not been evaluated.
    """
    evaluations = [_evaluated(run) for run in (first, second)]
    one, other = (e["metrics"] for e in evaluations)
    names = list(dict.fromkeys([*one, *other]))
    why_not = _why_no_test(*evaluations)
    test = None
    if why_not is None:
        test = mcnemar(*(_right(run) for run in (first, second)))
    return Comparison(
        first,
        second,
        differences(first.settings, second.settings),
        [(name, one.get(name), other.get(name)) for name in names],
        test,
        why_not,
    )


def differences(first: dict[str, Any], second: dict[str, Any]) -> list[Difference]:
    """Where two recipes differ.

    Layers are matched by what they are, so that one more does not make all that follow
    it different.

    Example:
        >>> differences({"train": {"epochs": 1}}, {"train": {"epochs": 2, "seed": 3}})
        ... # doctest: +NORMALIZE_WHITESPACE
        [Difference(key='train.epochs', first='1', second='2'),
         Difference(key='train.seed', first=None, second='3')]
    """
    return list(_differences("", first, second))


def in_words(value: Any) -> str:
    """A setting in one line: `Conv2D(filters=6, kernel_size=3)` for a table.

    Example:
        >>> in_words({"type": "Conv2D", "filters": 6, "strides": [2, 2]})
        'Conv2D(filters=6, strides=[2, 2])'
    """
    if isinstance(value, dict):
        rest = {key: part for key, part in value.items() if key != "type"}
        inner = ", ".join(f"{key}={in_words(part)}" for key, part in rest.items())
        return f"{value['type']}({inner})" if "type" in value else f"{{{inner}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(in_words, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _differences(key: str, first: Any, second: Any) -> Any:
    if first == second:
        return
    if isinstance(first, dict) and isinstance(second, dict) and "type" not in first:
        for name in dict.fromkeys([*first, *second]):
            below = f"{key}.{name}" if key else name
            yield from _differences(below, first.get(name), second.get(name))
    elif _is_tables(first) and _is_tables(second):
        yield from _matched(
            key, list(map(in_words, first)), list(map(in_words, second))
        )
    elif first is None and isinstance(second, dict) and "type" not in second:
        yield from _differences(key, {}, second)
    elif second is None and isinstance(first, dict) and "type" not in first:
        yield from _differences(key, first, {})
    else:
        words = [None if v is None else in_words(v) for v in (first, second)]
        yield Difference(key, *words)


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(part, dict) for part in value)


def _matched(key: str, first: list[str], second: list[str]) -> Any:
    matcher = difflib.SequenceMatcher(None, first, second, autojunk=False)
    for tag, a, a_end, b, b_end in matcher.get_opcodes():
        if tag == "equal":
            continue
        for i in range(max(a_end - a, b_end - b)):
            yield Difference(
                key,
                first[a + i] if a + i < a_end else None,
                second[b + i] if b + i < b_end else None,
            )


def _evaluated(run: Run) -> dict[str, Any]:
    found = run.evaluation
    if found is None:
        raise ArgumentError(
            f"the run {run.name} has not been evaluated",
            where=run.folder,
            fix=f"`wubu train --resume {run.folder}` brings it to its end",
        )
    return found


def _why_no_test(first: dict[str, Any], second: dict[str, Any]) -> str | None:
    if "values" in (first["task"], second["task"]):
        return "a run that does not sort into classes has no right and wrong answers"
    if first["data"]["digest"] != second["data"]["digest"]:
        return "they were not tested on the same samples"
    return None


def _right(run: Run) -> np.ndarray:
    found = run.predictions
    if found is None:
        raise ArgumentError(
            f"the run {run.name} has no predictions",
            where=run.folder,
            fix=f"`wubu evaluate {run.folder}` makes them",
        )
    return found["y_true"] == found["y_pred"]
