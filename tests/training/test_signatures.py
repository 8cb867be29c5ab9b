"""Methods of models take Keras' arguments, in Keras' order, with Keras' defaults."""

from __future__ import annotations

import inspect
from typing import Any

import pytest

import wubu
from reference.load import signatures
from wubu.training import callbacks

# (method, argument): why it is not as in Keras.
DEVIATIONS = {
    ("predict", "verbose"): "silent by default: predict is called in loops",
    ("evaluate", "kwargs"): "an unknown argument is an error",
    ("save", "zipped"): "a model file is always one file",
    ("save", "kwargs"): "an unknown argument is an error",
}
NAMES = {
    "Model.fit": wubu.Model.fit,
    "Model.evaluate": wubu.Model.evaluate,
    "Model.predict": wubu.Model.predict,
    "Model.compile": wubu.Model.compile,
    "Model.train_on_batch": wubu.Model.train_on_batch,
    "Model.summary": wubu.Model.summary,
    "Model.save": wubu.Model.save,
    "callbacks.EarlyStopping": callbacks.EarlyStopping.__init__,
    "callbacks.ModelCheckpoint": callbacks.ModelCheckpoint.__init__,
    "callbacks.LambdaCallback": callbacks.LambdaCallback.__init__,
    "callbacks.History": callbacks.History.__init__,
}


@pytest.mark.parametrize("name", NAMES)
def test_signature(name: str) -> None:
    method = name.rpartition(".")[2]
    wanted = [
        (p["name"], p.get("default", inspect.Parameter.empty))
        for p in signatures()[name]
        if (method, p["name"]) not in DEVIATIONS and p["kind"] != "var_keyword"
    ]
    found: list[tuple[str, Any]] = [
        (p.name, p.default)
        for p in list(inspect.signature(NAMES[name]).parameters.values())[1:]
        if (method, p.name) not in DEVIATIONS and p.kind is not p.VAR_KEYWORD
    ]
    assert found == wanted


# Not among the reference signatures; as documented for Keras 3.
@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("test_on_batch", ["x", "y", "sample_weight", "return_dict"]),
        ("predict_on_batch", ["x"]),
        ("get_layer", ["name", "index"]),
        ("compute_loss", ["x", "y", "y_pred", "sample_weight", "training"]),
        ("compute_metrics", ["x", "y", "y_pred", "sample_weight"]),
        ("train_step", ["data"]),
        ("test_step", ["data"]),
        ("predict_step", ["data"]),
    ],
)
def test_names_of_arguments(method: str, arguments: list[str]) -> None:
    found = inspect.signature(getattr(wubu.Model, method)).parameters
    assert list(found)[1:] == arguments
