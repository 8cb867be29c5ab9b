"""Arguments of layers are those of Keras 3: names, order and defaults."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import wubu
from reference.load import signatures

KERAS = {
    name.removeprefix("layers."): parameters
    for name, parameters in signatures().items()
    if name.startswith("layers.")
    and inspect.isclass(getattr(wubu.layers, name.removeprefix("layers."), None))
    and name not in ("layers.Layer", "layers.InputLayer")  # they are not built alike
}

# Arguments of Keras that Wubu does not have, and why.
ABSENT = {
    "Dense": {"lora_rank", "lora_alpha", "quantization_config"},  # for language models
    "Embedding": {"lora_rank", "lora_alpha", "quantization_config"},
    "EinsumDense": {
        "lora_rank",
        "lora_alpha",
        "gptq_unpacked_column_size",
        "quantization_config",
    },
    "BatchNormalization": {"renorm", "renorm_clipping", "renorm_momentum"},
    "Input": {"sparse", "ragged", "tensor", "optional"},  # tensors of other kinds
}


@pytest.mark.parametrize("name", KERAS)
def test_arguments_are_those_of_keras(name: str) -> None:
    own = {p.name: p for p in _parameters(name)}
    keras = {p["name"]: p for p in KERAS[name] if p["kind"] != "var_keyword"}
    wanted = [n for n in keras if n not in ABSENT.get(name, set())]
    assert set(ABSENT.get(name, set())) <= set(keras)
    assert [n for n in own if n in keras] == wanted
    for argument in wanted:
        if "default" in keras[argument]:
            assert _same(own[argument].default, keras[argument]["default"]), argument


def _parameters(name: str) -> list[inspect.Parameter]:
    item = getattr(wubu.layers, name)
    if not inspect.isclass(item):
        return list(inspect.signature(item).parameters.values())
    return list(inspect.signature(item.__init__).parameters.values())[1:]


def _same(own: Any, keras: Any) -> bool:
    """A number may stand for the same number along every spatial axis."""
    if isinstance(keras, list) and isinstance(own, int):
        return keras == [own] * len(keras)
    return own == _as_tuples(keras)


def _as_tuples(value: Any) -> Any:
    return tuple(map(_as_tuples, value)) if isinstance(value, list) else value


@pytest.mark.parametrize("name", KERAS)
def test_arguments_without_default_come_first(name: str) -> None:
    required = [
        p.name
        for p in _parameters(name)
        if p.default is p.empty and p.kind is not p.VAR_KEYWORD
    ]
    keras = [
        p["name"]
        for p in KERAS[name]
        if "default" not in p and p["kind"] != "var_keyword"
    ]
    # Average pooling takes Keras' default window for the maximum, 2, as well.
    assert required == ([] if name.startswith(("AveragePooling", "AvgPool")) else keras)
