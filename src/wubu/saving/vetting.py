"""What a description may not say, seen before anything is made of it.

Only registered classes are ever made, and each checks its own arguments. What is left
to see here is what all together would cost: a few lines of JSON can ask for a model
inside a model inside a model, each called twice, or for arrays of any size.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from wubu import ops
from wubu.core.configurable import Configurable, registered
from wubu.errors import FileFormatError

MAX_CALLS = 20_000  # of layers, in one run of the model
MAX_ELEMENTS = 2**26  # of arrays that operations make of numbers alone

_ROOMS = frozenset(
    [
        "constraints",
        "initializers",
        "layers",
        "losses",
        "metrics",
        "models",
        "optimizers",
        "regularizers",
    ]
)
# Operations that never make more elements than they are given, or fewer.
_ELEMENTWISE = frozenset(
    ["wubu.ops.arithmetic", "wubu.ops.comparison", "wubu.ops.functions"]
)


def vet(config: Any, arrays: Mapping[str, np.ndarray]) -> None:
    """Sees whether a description is one that `load_model` may follow.

    Args:
        config: the content of config.json.
        arrays: the weights beside it.

    Raises:
        FileFormatError: it is not.
    """
    expected = {"model", "input", "layers", "fixed", "compile"}
    if not isinstance(config, dict) or set(config) != expected:
        raise FileFormatError(
            "this describes no model",
            expected=f"an object with {', '.join(sorted(expected))}",
            got=f"keys {sorted(config)}"[:80] if isinstance(config, dict) else "none",
        )
    for described in _classes(config):
        _vet_class(described["class"])
    calls = _calls(config["model"])
    if calls > MAX_CALLS:
        raise FileFormatError(
            "the model is too large to be real",
            expected=f"at most {MAX_CALLS:,} calls of layers",
            got=f"{calls:,}" if calls < 10**12 else "more than can be counted",
        )
    _vet_sizes(config, arrays)


def _classes(data: Any) -> Iterator[dict[str, Any]]:
    """Every description of an object, at any depth."""
    stack = [data]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if set(item) == {"class", "config"}:
                yield item
            stack += item.values()
        elif isinstance(item, list):
            stack += item


def _vet_class(name: Any) -> None:
    if not isinstance(name, str):
        raise FileFormatError("a class is given by its name", got=repr(name)[:60])
    kind = registered(name)
    module = getattr(kind, "__module__", "").split(".")
    allowed = isinstance(kind, type) and issubclass(kind, Configurable)
    if not allowed or (module[0] == "wubu" and module[1] not in _ROOMS):
        raise FileFormatError(
            f'"{name:.60}" is nothing a model can be made of',
            expected="a layer, initializer, loss, metric, optimizer ...",
            got=repr(kind)[:80],
        )


def _calls(described: Any) -> int:
    """How many calls of layers one run of the described layer makes, at most."""
    inner = _config(described)
    if inner is None:
        return 1
    kind = described["class"]
    if kind in ("models>Functional", "models>Sequential"):
        layers = [part for part in inner.get("layers", ()) if _config(part) is not None]
        times: Counter[Any] = Counter()
        if kind == "models>Functional":
            times.update(_called_layers(inner.get("calls", ())))
        else:
            times.update(str(_config(part).get("name")) for part in layers)  # type: ignore[union-attr]
        cost = {str(_config(part).get("name")): _calls(part) for part in layers}  # type: ignore[union-attr]
        return 1 + sum(cost.get(name, 1) * n for name, n in times.items())
    # A wrapper may call what it wraps twice, as Bidirectional does.
    parts = list(_outermost_classes(inner))
    return 1 + 2 * sum(map(_calls, parts))


def _config(described: Any) -> dict[str, Any] | None:
    if isinstance(described, dict) and set(described) == {"class", "config"}:
        found = described["config"]
        return found if isinstance(found, dict) else None
    return None


def _outermost_classes(data: Any) -> Iterator[Any]:
    for item in data.values() if isinstance(data, dict) else data:
        if _config(item) is not None:
            yield item
        elif isinstance(item, dict | list):
            yield from _outermost_classes(item)


def _called_layers(calls: Any) -> Iterator[str]:
    for call in calls:
        pairs = call.get("dict", ()) if isinstance(call, dict) else ()
        yield from (str(value) for key, value in pairs if key == "layer")


def _vet_sizes(config: Any, arrays: Mapping[str, np.ndarray]) -> None:
    """Sees that nobody asks for huge arrays by their lengths alone."""
    total = 0
    for described in _classes(config):
        inner = _config(described) or {}
        if described["class"] == "layers>Operation":
            total += _elements(inner)
    if total > MAX_ELEMENTS:
        raise FileFormatError(
            "operations in the model make arrays that are too large",
            expected=f"at most {MAX_ELEMENTS:,} elements",
            got=f"{total:,}" if total < 10**12 else "more than can be counted",
        )


def _elements(inner: dict[str, Any]) -> int:
    """How many elements an operation might make of its constants alone."""
    function = getattr(ops, str(inner.get("function")), None)
    if getattr(function, "__module__", None) in _ELEMENTWISE:
        return 0
    lengths = [abs(n) for n in _numbers(inner.get("constants")) if abs(n) > 1]
    return int(min(math.prod(map(int, lengths)), 10**18))


def _numbers(data: Any) -> Iterator[float]:
    stack = [data]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack += item.values()
        elif isinstance(item, list):
            stack += item
        elif isinstance(item, int | float) and math.isfinite(item):
            yield item
