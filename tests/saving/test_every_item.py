"""Every layer, loss and metric goes into a model file and comes back the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wubu
from layers.harness import fixed_weights, shapes_of
from layers.samples import SAMPLES, Sample
from losses.test_losses import CLASSES as LOSSES
from metrics.samples import SAMPLES as METRICS
from wubu import losses
from wubu.core import tree
from wubu.layers import Dense, Input
from wubu.models import Functional
from wubu.saving import learning, load_model


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_a_layer(sample: Sample, tmp_path: Path) -> None:
    """Drawn with symbols of full shapes, as a stateful layer needs them."""
    layer = sample.make()
    layer.ensure_built(shapes_of(sample.inputs()))
    fixed_weights(layer)
    starts = sample.symbols(sample.shapes)
    model = Functional(starts, layer(starts))
    model.save(tmp_path / "model.wubu")
    twin = load_model(tmp_path / "model.wubu")
    assert [v.path for v in twin.variables] == [v.path for v in model.variables]
    for one, other in zip(model.variables, twin.variables, strict=True):
        assert one.trainable == other.trainable
        np.testing.assert_array_equal(one.numpy(), other.numpy(), strict=True)
    for training in (False, True):  # and the same random numbers
        found = outputs(twin, sample, training)
        wanted = outputs(model, sample, training)
        for one, other in zip(wanted, found, strict=True):
            np.testing.assert_array_equal(one, other, strict=True)


def outputs(model: Any, sample: Sample, training: bool) -> list[np.ndarray]:
    found = model(sample.inputs("float32"), training=training)
    return [y.detach().numpy() for y in tree.flatten(found)[0]]


def compiled(loss: Any, metrics: list[Any]) -> Any:
    model = wubu.Sequential([Input((3,)), Dense(4, activation="softmax")])
    model.compile("sgd", loss, metrics=metrics)
    return model


def comes_back(model: Any, folder: Path) -> None:
    model.save(folder / "model.wubu")
    twin = load_model(folder / "model.wubu")
    assert learning.describe(twin) == learning.describe(model)


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss(name: str, tmp_path: Path) -> None:
    comes_back(compiled(getattr(losses, name)(reduction="sum"), []), tmp_path)


@pytest.mark.parametrize("sample", METRICS, ids=str)
def test_a_metric(sample: Any, tmp_path: Path) -> None:
    comes_back(compiled("mse", [sample.make()]), tmp_path)
