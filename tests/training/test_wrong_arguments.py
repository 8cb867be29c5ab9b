"""Arguments that mean nothing are refused, and callbacks are told nothing private."""

from __future__ import annotations

from typing import Any

import pytest

from training.small import bits, data, line
from wubu import Model, layers
from wubu.errors import ArgumentError, DTypeError, ShapeError
from wubu.training.callbacks import Callback, EarlyStopping

X, Y = data(10)


@pytest.mark.parametrize("verbose", [7, -1, "yes", 0.5, [1]])
@pytest.mark.parametrize("method", ["fit", "evaluate", "predict"])
def test_verbose_is_one_of_four(method: str, verbose: Any) -> None:
    arguments = (X,) if method == "predict" else (X, Y)
    with pytest.raises(ArgumentError, match="verbose says how much to show"):
        getattr(line(), method)(*arguments, verbose=verbose)


@pytest.mark.parametrize("verbose", [0, 1, 2, "auto", True, False])
def test_what_verbose_may_be(verbose: Any) -> None:
    line().fit(X, Y, verbose=verbose)


@pytest.mark.parametrize(
    "options", [{"patience": -1}, {"patience": 1.5}, {"start_from_epoch": -1}]
)
def test_early_stopping_waits_for_whole_epochs(options: dict[str, Any]) -> None:
    (name,) = options
    with pytest.raises(ArgumentError, match=f"{name} is a whole number of at least 0"):
        EarlyStopping(**options)


@pytest.mark.parametrize("x", ["mnist.npz", b"abc", 5, 0.5])
@pytest.mark.parametrize("method", ["fit", "evaluate", "predict", "train_on_batch"])
def test_a_single_value_holds_no_samples(method: str, x: Any) -> None:
    arguments = (x,) if method == "predict" else (x, Y)
    with pytest.raises(DTypeError, match="x holds no samples") as caught:
        getattr(line(), method)(*arguments)
    assert repr(x) in str(caught.value)
    assert ("np.load" in str(caught.value)) == isinstance(x, str | bytes)


class Params(Callback):
    def on_test_begin(self, logs: Any = None) -> None:
        self.seen = dict(self.params)


def test_callbacks_are_told_epochs_steps_and_verbose() -> None:
    model, callback = line(), Params()
    model.fit(X, Y, validation_data=(X, Y), verbose=0, callbacks=callback)
    assert callback.seen == {"epochs": 1, "steps": 1, "verbose": 0}
    model.evaluate(X, Y, verbose=0, callbacks=callback)
    assert callback.seen == {"steps": 1, "verbose": 0}


@pytest.mark.parametrize("stream", [False, True])
def test_eager_validation_is_tried_before_training(stream: bool) -> None:
    model = line(run_eagerly=True)
    before = bits(model)
    bad = (X, Y[:, [0, 0]])
    with pytest.raises(ShapeError):
        model.fit(X, Y, validation_data=iter([bad]) if stream else bad, verbose=0)
    assert bits(model) == before


class Looking(Model):
    """Its step for validation looks at values, as eager code may."""

    def __init__(self) -> None:
        super().__init__()
        self.head = layers.Dense(1)
        self.seen: list[float] = []

    def call(self, x: Any) -> Any:
        return self.head(x)

    def test_step(self, data: Any) -> Any:
        logs = super().test_step(data)
        self.seen.append(logs["loss"].item())
        return logs


def test_eager_steps_of_ones_own_are_run_on_values_only() -> None:
    model = Looking()
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(X, Y, epochs=2, validation_data=(X, Y), verbose=0)
    assert len(model.seen) == 2
