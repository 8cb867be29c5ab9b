"""`Table`: columns as features and targets of samples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wubu.data.tables.columns import MISSING, Raw, Rule, learn, read
from wubu.errors import ArgumentError, DataError, UnknownNameError

MAX_ONE_HOT = 4096  # features that one column may become
MAX_NUMBER = float(np.finfo(np.float32).max)
MAX_WHOLE = 2.0**53  # up to here the numbers of a column, float64, are exact


@dataclass(frozen=True)
class Layout:
    """How a table becomes samples: learnt from one, used for others.

    Args:
        features: the rules of the columns of x.
        targets: the rules of the columns of y.
        as_dict: whether x is a dictionary of columns, or a matrix.
        several: whether y is a matrix.
        gaps: strings that mean that nothing is known.
    """

    features: tuple[Rule, ...]
    targets: tuple[Rule, ...]
    as_dict: bool
    several: bool
    gaps: tuple[str, ...]

    @property
    def feature_names(self) -> list[str]:
        """What the columns of x are; a category has one for each of its values."""
        names: list[str] = []
        for rule in self.features:
            one_hot = rule.kind == "category" and not self.as_dict
            values = [f"{rule.name}={value}" for value in rule.categories]
            names += values if one_hot else [rule.name]
        return names

    @property
    def class_names(self) -> list[str] | None:
        """What the labels stand for, where y is one category."""
        if self.several or not self.targets or self.targets[0].kind != "category":
            return None
        return list(self.targets[0].categories)


def learn_layout(
    raw: Raw,
    target: str | Sequence[str] | None,
    columns: Sequence[str] | None = None,
    kinds: Mapping[str, str] | None = None,
    missing: Any = "error",
    missing_values: Sequence[str] = MISSING,
    as_dict: bool = False,
) -> Layout:
    """Looks at all columns. Arguments are those of `Dataset.from_csv`.

    Raises:
        UnknownNameError: a column that is not there.
        DataError: no column is left for x.
        DataError, ArgumentError: see `columns.learn`.
    """
    several = target is not None and not isinstance(target, str)
    targets = [] if target is None else list(target) if several else [str(target)]
    wanted = columns or [name for name in raw.columns if name not in targets]
    if not wanted:
        raise DataError(
            "there is no column besides the target to learn from",
            expected="a column of features",
            got=", ".join(raw.columns),
        )
    policies = missing if isinstance(missing, Mapping) else {}
    usual = "error" if isinstance(missing, Mapping) else missing
    for name in [*wanted, *targets, *(kinds or {}), *policies]:
        if name not in raw.columns:
            raise UnknownNameError("column", name, raw.columns)

    def rule(name: str, usual: Any) -> Rule:
        kind, policy = (kinds or {}).get(name), policies.get(name, usual)
        return learn(name, raw, kind, policy, missing_values)

    rules = tuple(rule(name, usual) for name in wanted)
    for found in rules:
        if not as_dict and len(found.categories) > MAX_ONE_HOT:
            raise ArgumentError(
                f"column {found.name!r} has too many categories for one feature each",
                expected=f"at most {MAX_ONE_HOT:,}",
                got=f"{len(found.categories):,}, as {found.categories[0]!r}",
                fix="leave it out: columns=[...]; or as_dict=True for an Embedding",
            )
    # What is to be predicted is not made up.
    strict = "drop" if usual == "drop" else "error"
    wanted_targets = tuple(rule(name, strict) for name in targets)
    return Layout(rules, wanted_targets, as_dict, several, tuple(missing_values))


def samples(raw: Raw, layout: Layout) -> tuple[Any, Any]:
    """x and y of a table; y is None without targets.

    Shapes:
        x (rows, features) float32, or a dictionary of (rows,) arrays: float32 numbers,
        int64 categories; y (rows,) or (rows, targets): int64 where all are whole
        and below 2**53, float32 where not.

    Raises:
        UnknownNameError: a column is missing.
        DataError: a gap where none may be, a cell that cannot be read, a number
            beyond float32; names row and column. No rows are left.
    """
    rules = (*layout.features, *layout.targets)
    columns: dict[str, np.ndarray] = {}
    keep: Any = None
    for rule in rules:
        if rule.name not in raw.columns:
            raise UnknownNameError("column", rule.name, raw.columns)
        values = read(rule, raw, layout.gaps)
        known = ~np.isnan(values)
        _check_size(rule.name, values, raw)
        if rule.policy == "fill":
            values = np.where(known, values, np.float64(rule.fill or 0))
        elif rule.policy == "drop":
            keep = known if keep is None else keep & known
        elif not known.all():
            raise _gap(rule.name, raw.where(int(np.argmin(known))))
        columns[rule.name] = values
    if keep is not None:
        if not keep.any():
            raise DataError("no rows are left without gaps", expected="a row without")
        columns = {name: values[keep] for name, values in columns.items()}
    x: Any = {rule.name: _feature(columns[rule.name], rule) for rule in layout.features}
    if not layout.as_dict:
        x = np.concatenate(
            [_as_matrix(x[rule.name], rule) for rule in layout.features], axis=1
        )
    if not layout.targets:
        return x, None
    y = np.stack([columns[rule.name] for rule in layout.targets], axis=1)
    whole = (y == np.floor(y)).all() and (np.abs(y) < MAX_WHOLE).all()
    y = y.astype(np.int64 if whole else np.float32)
    return x, y if layout.several else y[:, 0]


def _feature(values: np.ndarray, rule: Rule) -> np.ndarray:
    return values.astype(np.int64 if rule.kind == "category" else np.float32)


def _as_matrix(values: np.ndarray, rule: Rule) -> np.ndarray:
    """One column, or one for each category."""
    if rule.kind != "category":
        return values[:, None]
    return np.eye(len(rule.categories), dtype=np.float32)[values]


def _check_size(name: str, values: np.ndarray, raw: Raw) -> None:
    beyond = np.abs(values) > MAX_NUMBER
    if beyond.any():
        row = int(np.argmax(beyond))
        raise DataError(
            f"column {name!r} holds a number too large to compute with",
            where=raw.where(row),
            expected=f"at most {MAX_NUMBER:.3g}, as float32 holds it",
            got=f"{values[row]}",
            fix="mend the cell, or name it in missing_values=[...]",
        )


def _gap(name: str, where: str) -> DataError:
    return DataError(
        f"column {name!r} has a gap",
        where=where,
        expected="a value in every row",
        fix='say what to do: missing="mean", "median", "drop" or a number; or for one '
        f'column, missing={{{name!r}: "mean"}}',
    )
