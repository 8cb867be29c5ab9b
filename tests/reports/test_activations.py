"""What layers give, looked at one by one."""

from __future__ import annotations

import numpy as np
import pytest

from wubu import Model, Sequential, layers
from wubu.reports.activations import outputs_of_layers
from wubu.reports.facts import Facts
from wubu.runs import Run
from wubu.utils.plot_model import graph_of


def facts_of(model: Model, run: Run) -> Facts:
    """As if this model had been trained in the run."""
    facts = Facts(run.folder)
    facts.model, facts.graph = model, graph_of(model)
    return facts


def branched() -> Model:
    """Two ways to one end, a model inside, dropout, a sequence."""
    start = layers.Input((8, 8, 1))
    inner = Sequential(
        [
            layers.Input((8, 8, 1)),
            layers.Conv2D(2, 3, padding="same", activation="relu"),
            layers.Conv2D(1, 3, padding="same"),
        ],
        name="inner",
    )
    sum_ = layers.Add(name="sum")([inner(start), start])
    rows = layers.Reshape((8, 8), name="rows")(layers.Dropout(0.5)(sum_))
    means = layers.GlobalAveragePooling1D(name="means")(rows)
    joined = layers.Concatenate(name="joined")([means, layers.Flatten()(sum_)])
    return Model(start, layers.Dense(3, name="end")(joined))


@pytest.mark.parametrize("channels", [True, False])
def test_layers_give_what_they_give_in_the_model(digits: Run, channels: bool) -> None:
    x = np.random.default_rng(0).normal(size=(5, 8, 8, 1)).astype(np.float32)
    x = x if channels else x[..., 0]
    model = branched()
    found = outputs_of_layers(facts_of(model, digits), x, first=3)
    names = [output.layer.name for output in found]
    # dropout, the new shape and the flat one leave the numbers as they are
    assert names == ["inner", "sum", "means", "joined", "end"]
    shown, expected = found[-1].values[0], model.predict(x, verbose=0)[3]
    np.testing.assert_allclose(shown, expected, rtol=1e-5, atol=1e-6)


def test_the_shown_sample_comes_first(digits: Run) -> None:
    x = np.arange(12, dtype=np.float32).reshape(6, 2)
    model = Sequential([layers.Input((2,)), layers.Rescaling(2.0)])
    (output,) = outputs_of_layers(facts_of(model, digits), x, first=4)
    assert output.values[0].tolist() == (2 * x[4]).tolist()
    assert sorted(output.values[:, 0].tolist()) == (2 * x[:, 0]).tolist()


def test_few_samples_of_large_networks_are_looked_at(digits: Run) -> None:
    model = Sequential([layers.Input((2,)), layers.Dense(500_000, use_bias=False)])
    (output,) = outputs_of_layers(facts_of(model, digits), np.ones((64, 2)), first=0)
    assert len(output.values) == 32  # of 2 MB each
