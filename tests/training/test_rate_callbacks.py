"""Callbacks that set learning rates, weights for evaluation, or clocks."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reference.load import Case, cases, signatures
from training.small import Line, bits, data, deep, labels, line
from wubu import optimizers
from wubu.errors import ArgumentError, NotFiniteError, StateError
from wubu.training import callbacks
from wubu.training.callbacks import (
    GradientAccumulation,
    LambdaCallback,
    LearningRateFinder,
    ReduceLROnPlateau,
    SwapEMAWeights,
    TerminateOnNaN,
    Timer,
    timer,
)

X, Y = data(12)
DEVIATIONS = {
    ("ReduceLROnPlateau", "kwargs"): "an unknown argument is an error",
}


@pytest.mark.parametrize(
    "name",
    [
        "BackupAndRestore",
        "CSVLogger",
        "LearningRateScheduler",
        "ReduceLROnPlateau",
        "SwapEMAWeights",
        "TerminateOnNaN",
    ],
)
def test_arguments_are_keras(name: str) -> None:
    empty = inspect.Parameter.empty
    wanted = [
        (p["name"], p.get("default", empty))
        for p in signatures()[f"callbacks.{name}"]
        if (name, p["name"]) not in DEVIATIONS
    ]
    found = inspect.signature(getattr(callbacks, name)).parameters.values()
    assert [(p.name, p.default) for p in found] == wanted


@pytest.mark.parametrize(
    "callback",
    [
        ReduceLROnPlateau(),
        SwapEMAWeights(),
        Timer(),
        GradientAccumulation(2),
        callbacks.BackupAndRestore("folder"),
    ],
    ids=lambda callback: type(callback).__name__,
)
def test_they_let_many_steps_run_in_one_go(callback: Any) -> None:
    assert not callback.wants_batches()


# -- ReduceLROnPlateau -----------------------------------------------------------------


class Untrained:
    """As much of a model as the callback looks at."""

    def __init__(self) -> None:
        self.optimizer = optimizers.SGD(0.1)


@pytest.mark.parametrize("case", cases("callback", "ReduceLROnPlateau"), ids=str)
def test_rates_are_those_of_keras(case: Case) -> None:
    callback = ReduceLROnPlateau("val_loss", **case.arguments)
    callback.set_model(Untrained())
    callback.on_train_begin()
    values = case.inputs["val_loss"].tolist()
    before = 0.1
    for epoch, wanted in enumerate(case.outputs["learning_rate"]):
        logs = {"val_loss": values[epoch]}
        callback.on_epoch_end(epoch, logs)
        found = callback.model.optimizer.learning_rate.item()
        assert found == pytest.approx(wanted, rel=1e-5)
        assert logs["learning_rate"] == pytest.approx(before, rel=1e-5)
        before = found


def test_a_rate_that_fell_is_used_by_compiled_steps(
    capsys: pytest.CaptureFixture,
) -> None:
    """From loss to loss: 0.1, 0.1, 0.05; then nothing but what it was told."""
    model = line(0.1)
    twin = Line(model, 0.1)
    callback = ReduceLROnPlateau("loss", 0.5, patience=1, min_delta=100.0, verbose=1)
    history = model.fit(
        X, Y, 4, epochs=4, shuffle=False, callbacks=callback, verbose=0
    ).history
    np.testing.assert_allclose(history["learning_rate"], [0.1, 0.1, 0.05, 0.025])
    for rate in history["learning_rate"]:
        twin.rate = rate
        twin.epoch(X, Y, 4)
    twin.assert_like(model)
    assert "learning rate 0.1 -> 0.05" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [{"factor": 1.0}, {"factor": 0.0}, {"patience": -1}, {"mode": "up"}],
)
def test_what_a_plateau_cannot_be(arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        ReduceLROnPlateau(**arguments)


def test_a_schedule_goes_its_own_way() -> None:
    model = line()
    model.compile(optimizers.SGD(optimizers.schedules.CosineDecay(0.1, 9)), "mse")
    callback = ReduceLROnPlateau("loss", patience=0, min_delta=100.0)
    with pytest.raises(StateError, match="schedule is chosen"):
        model.fit(X, Y, epochs=3, callbacks=callback, verbose=0)


def test_a_metric_of_many_numbers_is_not_watched() -> None:
    callback = ReduceLROnPlateau("f1")
    callback.set_model(Untrained())
    with pytest.warns(UserWarning, match="has 3 numbers"):
        callback.on_epoch_end(0, {"f1": [0.1, 0.2, 0.3]})  # type: ignore[dict-item]
    assert callback.best is None


# -- LearningRateFinder ----------------------------------------------------------------


def search(model: Any, finder: LearningRateFinder, **options: Any) -> None:
    model.fit(
        X, Y, 4, shuffle=False, callbacks=[finder], verbose=0,
        **({"steps_per_epoch": finder.num_steps} | options),
    )  # fmt: skip


def test_each_rate_is_tried_on_one_batch_and_all_is_as_before() -> None:
    model = line(0.123)
    model.compile(optimizers.SGD(0.123, momentum=0.5), "mse")
    model.fit(X, Y, 4, verbose=0)
    weights = bits(model)
    state = [a.tobytes() for a in model.optimizer.state_dict().values()]
    finder = LearningRateFinder(1e-3, 1e-1, num_steps=7, smoothing=0.5)
    twin = Line(model)
    velocity = [v.numpy().astype(float) for v in model.optimizer.variables[2:]]
    search(model, finder)
    assert bits(model) == weights
    assert [a.tobytes() for a in model.optimizer.state_dict().values()] == state
    np.testing.assert_allclose(finder.learning_rates, np.geomspace(1e-3, 1e-1, 7))
    average = 0.0
    for step, rate in enumerate(np.geomspace(1e-3, 1e-1, 7)):
        rows = slice(step % 3 * 4, step % 3 * 4 + 4)
        start = twin.w, twin.b
        twin.rate = float(rate)
        loss = twin.step(X[rows], Y[rows])
        # The same step with momentum: m <- m / 2 - r g; and w + m.
        velocity = [
            m / 2 + (after - before)
            for m, before, after in zip(velocity, start, (twin.w, twin.b), strict=True)
        ]
        twin.w, twin.b = (w + m for w, m in zip(start, velocity, strict=True))
        assert finder.losses[step] == pytest.approx(loss, rel=1e-4)
        average = average / 2 + loss / 2
        assert finder.smoothed[step] == pytest.approx(
            average / (1 - 0.5 ** (step + 1)), rel=1e-4
        )


def test_it_stops_when_the_loss_diverges_and_suggests_a_rate_before(
    tmp_path: Path,
) -> None:
    model = line()
    before = bits(model)
    finder = LearningRateFinder(1e-4, 1e4, num_steps=60, smoothing=0.0)
    search(model, finder)
    assert 5 < len(finder.losses) < 60
    assert finder.smoothed[-1] > 4 * min(finder.smoothed)
    assert max(finder.smoothed[:-1]) <= 4 * min(finder.smoothed)
    lowest = finder.learning_rates[int(np.argmin(finder.losses))]
    assert 1e-4 < finder.suggestion <= lowest
    assert bits(model) == before
    figure = finder.plot(tmp_path / "rates.png")
    (axes,) = figure.axes
    assert axes.get_xscale() == "log"
    np.testing.assert_array_equal(axes.lines[0].get_ydata(), finder.losses)
    assert (tmp_path / "rates.png").read_bytes().startswith(b"\x89PNG")


def test_it_ends_at_a_loss_that_is_no_number() -> None:
    model = line()
    before = bits(model)
    finder = LearningRateFinder(1e-3, 1e30, 20, threshold=1e38)
    with np.errstate(over="ignore", invalid="ignore"):
        search(model, finder)
    assert 0 < len(finder.losses) < 20
    assert bits(model) == before


@pytest.mark.parametrize("smoothing", [0.0, 0.75])
def test_the_suggestion_is_where_the_loss_falls(smoothing: float) -> None:
    """A loss that falls around the 21st of 41 rates; seen three steps later where it is
    smoothed."""
    finder = LearningRateFinder(1e-4, 1.0, 41, smoothing)
    finder.learning_rates = [finder.rate(step) for step in range(41)]
    losses = (2 - 1 / (1 + np.exp(20.0 - np.arange(41)))).tolist()
    finder.smoothed = losses[:1] * 3 + losses[:-3] if smoothing else losses
    assert finder.suggestion == pytest.approx(finder.rate(20))


def test_it_goes_on_over_epochs_and_can_be_used_again() -> None:
    model, finder = line(), LearningRateFinder(1e-4, 1e-2, num_steps=8)
    search(model, finder, steps_per_epoch=None, epochs=9)
    first = list(finder.losses)
    assert len(first) == 8
    search(model, finder)
    assert finder.losses == first


def test_a_search_without_steps_suggests_nothing() -> None:
    finder = LearningRateFinder()
    with pytest.raises(StateError, match="suggest no learning rate"):
        _ = finder.suggestion
    with pytest.raises(StateError, match="no losses to draw"):
        finder.plot()


@pytest.mark.parametrize(
    "arguments",
    [(1.0, 0.1), (0.0, 0.1), (1e-3, 1.0, 2), (1e-3, 1.0, 9, 1.0), (1e-3, 1, 9, 0, 1)],
)
def test_what_a_search_cannot_be(arguments: Any) -> None:
    with pytest.raises(ArgumentError):
        LearningRateFinder(*arguments)


# -- SwapEMAWeights --------------------------------------------------------------------


def averaging(momentum: float = 0.5) -> Any:
    model = line(0.1)
    model.compile(optimizers.SGD(0.1, use_ema=True, ema_momentum=momentum), "mse")
    return model


@pytest.mark.parametrize("on_epoch", [False, True])
def test_validation_is_that_of_the_averages(on_epoch: bool) -> None:
    model = averaging()
    twin = Line(model)
    seen: list[Any] = []
    look = LambdaCallback(on_epoch_end=lambda e, logs: seen.append(model.get_weights()))
    history = model.fit(
        X,
        Y,
        12,
        epochs=4,
        shuffle=False,
        validation_data=(X, Y),
        callbacks=[SwapEMAWeights(on_epoch), look],
        verbose=0,
    ).history
    average: Any = None
    for epoch in range(4):
        loss = twin.step(X, Y)
        assert history["loss"][epoch] == pytest.approx(loss, rel=1e-4)
        now = np.concatenate([twin.w.ravel(), twin.b])
        average = now if average is None else (average + now) / 2
        other = Line(model)
        other.w, other.b = average[:3, None], average[3:]
        wanted = other.losses(X, Y).mean()
        assert history["val_loss"][epoch] == pytest.approx(wanted, rel=1e-4)
        found = np.concatenate([w.ravel() for w in seen[epoch]])
        np.testing.assert_allclose(found, average if on_epoch else now, rtol=1e-4)
    found = np.concatenate([w.ravel() for w in model.get_weights()])
    np.testing.assert_allclose(found, average, rtol=1e-4)


def test_an_early_stop_keeps_the_averages() -> None:
    def fit(*callbacks: Any, epochs: int = 9) -> Any:
        model = averaging()
        options = {"shuffle": False, "verbose": 0, "epochs": epochs}
        model.fit(X, Y, 5, callbacks=[*callbacks], **options)
        return model

    def stop(epoch: int, logs: Any) -> None:
        swapped.model.stop_training = epoch == 1

    swapped = SwapEMAWeights(swap_on_epoch=True)
    stopped = fit(swapped, LambdaCallback(on_epoch_end=stop))
    assert bits(stopped) == bits(fit(epochs=2))


def test_evaluate_and_predict_with_averages() -> None:
    model = averaging()
    before = model.predict(X)
    assert (model.predict(X, callbacks=SwapEMAWeights()) == before).all()
    model.fit(X, Y, 4, epochs=2, verbose=0)  # ends with the averages in place
    model.set_weights([w + 1 for w in model.get_weights()])
    weights = bits(model)
    apart = model.predict(X, callbacks=SwapEMAWeights())
    assert np.abs(model.predict(X) - apart).max() > 0.1
    found = model.evaluate(X, Y, verbose=0, callbacks=SwapEMAWeights())
    assert found == pytest.approx(((apart - Y) ** 2).mean(), rel=1e-4)
    assert bits(model) == weights


def test_averages_are_asked_for_when_the_optimizer_is_made() -> None:
    with pytest.raises(StateError, match="keeps no averages") as error:
        line().fit(X, Y, callbacks=SwapEMAWeights(), verbose=0)
    assert error.value.fix == "compile with SGD(..., use_ema=True)"


# -- GradientAccumulation --------------------------------------------------------------


def test_batches_make_one_update_from_an_epoch_on() -> None:
    """Two batches of 3 are one of 6: the mean of means of as many."""
    model = line(0.1)
    twin = Line(model)
    callback = GradientAccumulation({1: 2})
    model.fit(X, Y, 3, epochs=3, shuffle=False, callbacks=callback, verbose=0)
    twin.epoch(X, Y, 3)
    twin.epoch(X, Y, 6)
    twin.epoch(X, Y, 6)
    twin.assert_like(model)
    assert model.optimizer.iterations.item() == 4 + 2 + 2
    assert model.optimizer.get_config()["gradient_accumulation_steps"] == 2


def test_a_number_counts_at_once_and_1_is_none() -> None:
    model, plain = line(0.1), line(0.1)
    twin = Line(model)
    model.fit(
        X, Y, 3, shuffle=False, callbacks=GradientAccumulation(4), verbose=0
    )  # fmt: skip
    twin.step(X, Y)
    twin.assert_like(model)
    model.fit(
        X, Y, 3, shuffle=False, callbacks=GradientAccumulation(1), verbose=0
    )  # fmt: skip
    twin.epoch(X, Y, 3)
    twin.assert_like(model)
    assert model.optimizer.gradient_accumulation_steps is None
    plain.fit(X, Y, 3, callbacks=GradientAccumulation(1), verbose=0)
    assert plain.optimizer.iterations.item() == 4


def test_moments_and_updates_stay_when_the_number_changes() -> None:
    x, y = data(12)[0], labels(12)
    model = deep()
    model.fit(x, y, 4, epochs=2, verbose=0)
    before = {k: v for k, v in model.optimizer.state_dict().items() if "hidden" in k}
    assert model.optimizer.accumulate(5) and not model.optimizer.accumulate(5)
    after = model.optimizer.state_dict()
    assert all((after[path] == value).all() for path, value in before.items())
    assert model.optimizer.iterations.item() == 6
    assert sum("gradient_accumulator" in path for path in after) == 6


@pytest.mark.parametrize("steps", [0, {}, {0: 0}, {-1: 2}, 1.5])
def test_what_cannot_be_accumulated(steps: Any) -> None:
    with pytest.raises(ArgumentError):
        GradientAccumulation(steps)


# -- Timer -----------------------------------------------------------------------------


class Clock:
    """Shows a second more every time one looks."""

    def __init__(self) -> None:
        self.now = 0

    def perf_counter(self) -> int:
        self.now += 1
        return self.now


@pytest.mark.parametrize("validation", [False, True])
def test_seconds_of_epochs_and_steps(
    validation: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An epoch takes a second from look to look: 1, or with validation 3, of which 1 is
    for validation; and has 3 steps."""
    monkeypatch.setattr(timer, "time", Clock())
    options = {"validation_data": (X, Y)} if validation else {}
    callback = Timer()
    history = line().fit(
        X, Y, 4, epochs=2, callbacks=callback, verbose=0, **options
    ).history  # fmt: skip
    whole, training = (3, 2 / 3) if validation else (1, 1 / 3)
    assert history["seconds"] == callback.seconds == [whole] * 2
    assert history["step_seconds"] == pytest.approx([training] * 2)
    assert callback.validation_seconds == [int(validation)] * 2


# -- TerminateOnNaN --------------------------------------------------------------------


def test_a_loss_that_is_no_number_may_be_an_error() -> None:
    bad = Y.copy()
    bad[7] = 1e30  # its square is infinite
    model = line()
    before = Line(model)
    options = {"shuffle": False, "verbose": 0}
    with pytest.raises(NotFiniteError, match="epoch 1, step 2"):
        model.fit(X, bad, 4, callbacks=TerminateOnNaN(raise_error=True), **options)
    before.step(X[:4], Y[:4])
    before.assert_like(model)
