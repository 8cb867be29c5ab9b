"""What a description may not say, seen before anything is made of it.

Only registered classes are ever made, and each checks its own arguments. What is left
to see here is what all together would cost: a few lines of JSON can ask for a model
inside a model inside a model, each called twice, or for arrays of any size.
"""

from __future__ import annotations

import inspect
import math
from collections import Counter
from collections.abc import Iterator
from typing import Any

from wubu import ops
from wubu.core.configurable import Configurable, is_custom, registered
from wubu.errors import FileFormatError

# How a function that is not registered is named in what `compile` was told.
UNREGISTERED = "unregistered>"

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


def vet(config: Any, compiled: bool = True) -> None:
    """Sees whether a description is one that `load_model` may follow.

    Args:
        config: the content of config.json.
        compiled: whether what is said about `compile` counts.

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
    if not _is_object(config["model"]):
        raise FileFormatError("this describes no model", got=str(config["model"])[:60])
    if compiled:
        _require_named(config["compile"])
    for described in _classes([config["model"], config["compile"] if compiled else 0]):
        _vet_class(described["class"])
    _refuse_above(MAX_CALLS, _cost(config["model"])[1], "calls of layers")
    _refuse_above(MAX_ELEMENTS, _elements(config["model"]), "elements in constants")


def _refuse_above(limit: int, found: float, what: str) -> None:
    if found > limit:
        raise FileFormatError(
            "the model is too large to be real",
            expected=f"at most {limit:,} {what}",
            got=f"{found:,.0f}" if found < 10**12 else "more than can be counted",
        )


def _classes(data: Any) -> Iterator[dict[str, Any]]:
    """Every description of an object, at any depth."""
    stack = [data]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            if _is_object(item):
                yield item
            stack += item.values()
        elif isinstance(item, list):
            stack += item


def _require_named(data: Any) -> None:
    """Sees that what was saved by its name alone has been given."""
    stack = [data]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack += item.values()
        elif isinstance(item, list):
            stack += item
        elif isinstance(item, str) and item.startswith(UNREGISTERED):
            name = item.removeprefix(UNREGISTERED)
            if not is_custom(name):
                raise FileFormatError(
                    f'the model was compiled with "{name:.60}", of which the file '
                    "holds no more than the name",
                    fix=f"load_model(path, custom_objects={{{name!r:.60}: ...}}), or "
                    "compile=False and compile it again",
                )


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


def _cost(described: dict[str, Any]) -> tuple[int, int]:
    """How many calls of layers one run of the described layer makes, and how many are
    made in building it: one run of each layer inside, then one of its own. At most."""
    inner = described["config"]
    if not isinstance(inner, dict):
        return 1, 1
    drawn = "calls" in inner  # a graph of layers says how often it calls each
    times = _called_layers(inner.get("calls"))
    run, build = 1, 0
    for key, part in inner.items():
        for names, layer in _outermost_objects(part, frozenset()):
            inner_run, inner_build = _cost(layer)
            # A layer of a chain is called once; what is wrapped perhaps twice.
            number = 1 if key == "layers" else 2
            if drawn:
                number = max((times[name] for name in names), default=number)
            run += inner_run * number
            build += inner_build
    return run, run + build


def _is_object(data: Any) -> bool:
    return isinstance(data, dict) and set(data) == {"class", "config"}


def _outermost_objects(
    data: Any, names: frozenset[str]
) -> Iterator[tuple[frozenset[str], dict[str, Any]]]:
    """Descriptions of objects that are in no other, with the names they may have."""
    if _is_object(data):
        inner = data["config"]
        own = inner.get("name") if isinstance(inner, dict) else None
        yield names | {str(own)}, data
    elif isinstance(data, dict | list):
        items = list(data.values()) if isinstance(data, dict) else data
        pairs = [item for item in items if isinstance(item, list) and len(item) == 2]
        beside = frozenset(str(pair[1]) for pair in pairs if pair[0] == "name")
        for item in items:
            yield from _outermost_objects(item, names | beside)


def _called_layers(calls: Any) -> Counter[str]:
    """How often each name is called: pairs ["layer", name], wherever they stand."""
    found: Counter[str] = Counter()
    stack = [calls]
    while stack:
        item = stack.pop()
        if isinstance(item, list) and item[:1] == ["layer"] and len(item) == 2:
            found[str(item[1])] += 1
        if isinstance(item, dict | list):
            stack += item.values() if isinstance(item, dict) else item
    return found


def _elements(data: Any) -> float:
    """How many elements operations might make of their constants alone, at most."""
    total = 0.0
    for described in _classes(data):
        inner = described["config"]
        if described["class"] != "layers>Operation" or not isinstance(inner, dict):
            continue
        name = str(inner.get("function")).removeprefix("ops>")
        function = inspect.unwrap(getattr(ops, name, vet))
        if getattr(function, "__module__", None) not in _ELEMENTWISE:
            given = [inner.get("constants"), inner.get("keywords")]
            numbers = (min(abs(n), 1e18) for n in _numbers(given))
            total += math.prod(n for n in numbers if n > 1)
    return total


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
