"""What is saved comes back: the same predictions, the same training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import Model, Sequential, layers, losses, metrics, optimizers
from wubu.layers import Concatenate, Dense, Input
from wubu.saving import (
    get_custom_objects,
    load_model,
    load_weights,
    register,
    save_model,
    save_weights,
)


def numbers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def classes(count: int, classes: int = 3) -> np.ndarray:
    return np.arange(count) % classes


def reloaded(model: Any, folder: Path, **options: Any) -> Any:
    save_model(model, folder / "model.wubu")
    return load_model(folder / "model.wubu", **options)


def same_variables(a: Any, b: Any) -> None:
    assert [variable.path for variable in a] == [variable.path for variable in b]
    for one, other in zip(a, b, strict=True):
        assert one.trainable == other.trainable, one.path
        np.testing.assert_array_equal(one.numpy(), other.numpy(), strict=True)


def same_outputs(a: Any, b: Any, x: Any) -> None:
    first = wubu.core.tree.flatten(a.predict(x))
    second = wubu.core.tree.flatten(b.predict(x))
    assert first[1] == second[1]
    for one, other in zip(first[0], second[0], strict=True):
        np.testing.assert_array_equal(one, other, strict=True)


def trains_on_alike(model: Any, folder: Path, x: Any, y: Any) -> Any:
    """Trains, saves, and trains both on; returns the loaded one."""
    model.fit(x, y, epochs=2, verbose=0)
    loaded = reloaded(model, folder)
    same_outputs(model, loaded, x)
    same_variables(model.variables, loaded.variables)
    same_variables(model.optimizer.variables, loaded.optimizer.variables)
    for each in (model, loaded):
        each.fit(x, y, initial_epoch=2, epochs=4, verbose=0)
    assert loaded.history.history == model.history.history
    same_variables(model.variables, loaded.variables)
    same_variables(model.optimizer.variables, loaded.optimizer.variables)
    return loaded


# --- Architectures -------------------------------------------------------------------


def test_a_chain_trains_on_as_if_it_had_never_been_saved(tmp_path: Path) -> None:
    model = Sequential(
        [
            Input((4,)),
            Dense(8, activation="relu", kernel_regularizer="l2"),
            layers.Dropout(0.3),
            layers.BatchNormalization(),
            Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    loaded = trains_on_alike(model, tmp_path, numbers(48, 4), classes(48))
    assert [layer.name for layer in loaded.layers] == [
        layer.name for layer in model.layers
    ]
    assert loaded.name == model.name
    assert type(loaded) is Sequential


def test_images(tmp_path: Path) -> None:
    model = Sequential(
        [
            Input((8, 8, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            Dense(3),
        ]
    )
    loss = losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizers.SGD(0.1, momentum=0.9), loss, metrics=["accuracy"])
    loaded = trains_on_alike(model, tmp_path, numbers(12, 8, 8, 1), classes(12))
    assert loaded.optimizer.momentum == 0.9


def test_words_and_a_recurrence(tmp_path: Path) -> None:
    model = Sequential(
        [
            Input((6,), dtype="int32"),
            layers.Embedding(10, 4, mask_zero=True),
            layers.LSTM(5, dropout=0.2),
            Dense(3, activation="softmax"),
        ]
    )
    model.compile("rmsprop", "sparse_categorical_crossentropy")
    x = np.random.default_rng(0).integers(0, 10, (12, 6)).astype(np.int32)
    trains_on_alike(model, tmp_path, x, classes(12))


def test_the_state_of_a_stateful_layer(tmp_path: Path) -> None:
    model = Sequential(
        [Input(batch_shape=(2, 3, 4)), layers.LSTM(5, stateful=True, name="cell")]
    )
    model.predict(numbers(2, 3, 4), batch_size=2)
    loaded = reloaded(model, tmp_path)
    state = loaded.get_layer("cell").states[0].numpy()
    assert state.any()
    np.testing.assert_array_equal(state, model.get_layer("cell").states[0].numpy())
    same_outputs(model, loaded, numbers(2, 3, 4))


def test_a_chain_built_by_its_first_data(tmp_path: Path) -> None:
    model = Sequential([Dense(3)])
    model(numbers(2, 4))
    same_outputs(model, reloaded(model, tmp_path), numbers(5, 4))


def test_several_inputs_and_outputs(tmp_path: Path) -> None:
    a, b = Input((2,), name="a"), Input((3,), name="b")
    hidden = Dense(4, activation="tanh", name="hidden")(Concatenate()([a, b]))
    model = Model([a, b], [Dense(1, name="one")(hidden), Dense(2, name="two")(hidden)])
    model.compile(
        "adam",
        {"one": "mse", "two": losses.MeanAbsoluteError()},
        loss_weights={"one": 1.0, "two": 0.5},
        metrics={"one": ["mae"], "two": [metrics.MeanSquaredError()]},
    )
    x = [numbers(8, 2), numbers(8, 3)]
    loaded = trains_on_alike(model, tmp_path, x, [numbers(8, 1), numbers(8, 2)])
    assert loaded.output_names == ["one", "two"]


def test_inputs_and_outputs_by_name(tmp_path: Path) -> None:
    inputs = {"a": Input((2,), name="a"), "b": Input((2,), name="b")}
    outputs = {"sum": inputs["a"] * 2.0 + inputs["b"], "head": Dense(1)(inputs["a"])}
    model = Model(inputs, outputs)
    loaded = reloaded(model, tmp_path)
    x = {"b": numbers(3, 2), "a": numbers(3, 2, seed=1)}
    same_outputs(model, loaded, x)
    np.testing.assert_array_equal(loaded.predict(x)["sum"], x["a"] * 2 + x["b"])


def test_a_shared_layer_is_shared_again(tmp_path: Path) -> None:
    a, b = Input((2,)), Input((2,))
    shared = Dense(3, name="shared")
    model = Model([a, b], layers.Add()([shared(a), shared(b)]))
    loaded = reloaded(model, tmp_path)
    assert len(loaded.weights) == 2
    same_outputs(model, loaded, [numbers(4, 2), numbers(4, 2, seed=1)])


def test_models_in_models(tmp_path: Path) -> None:
    inner = Sequential([Input((4,)), Dense(3, name="a"), Dense(2, name="b")], name="in")
    x = Input((4,))
    middle = Model(x, inner(x) + 1.0, name="middle")
    model = Sequential([Input((4,)), middle, Dense(1, name="head")])
    model.compile("adam", "mse")
    loaded = trains_on_alike(model, tmp_path, numbers(8, 4), numbers(8, 1))
    assert "middle/in/a/kernel" in [variable.path for variable in loaded.weights]


# --- Classes of one's own ------------------------------------------------------------


@register("tests.saving")
class Block(layers.Layer):
    def __init__(self, units: int, scale: float = 1.0, **options: Any) -> None:
        super().__init__(**options)
        self.dense = Dense(units)
        self.scale = scale

    def build(self, input_shape: Any) -> None:
        self.shift = self.add_weight((), "ones", name="shift", trainable=False)

    def call(self, x: Any) -> Any:
        return self.dense(x) * self.scale + self.shift


@register("tests.saving")
class Tower(Model):
    """Layers in a list, in a dictionary and behind an underscore."""

    def __init__(self, blocks: list[int], **options: Any) -> None:
        super().__init__(**options)
        self.blocks = [Block(units, scale=0.5) for units in blocks]
        self.heads = {"a": Dense(2), "b": Dense(1)}
        self._drop = layers.Dropout(0.5)

    def call(self, x: Any, training: bool = False) -> Any:
        for block in self.blocks:
            x = block(x)
        x = self._drop(x, training=training)
        return {name: head(x) for name, head in self.heads.items()}


def test_a_model_of_ones_own(tmp_path: Path) -> None:
    model = Tower([4, 3])
    model.compile("adam", {"a": "mse", "b": "mae"})
    y = {"a": numbers(8, 2), "b": numbers(8, 1)}
    loaded = trains_on_alike(model, tmp_path, numbers(8, 5), y)
    assert type(loaded) is Tower
    assert "blocks/1/dense/kernel" in [v.path for v in loaded.weights]
    names = [layer.name for layer in model.all_layers()]
    assert [layer.name for layer in loaded.all_layers()] == names


@register("tests.saving")
class Words(Model):
    """Two inputs in a dictionary, one of integers."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.table = layers.Embedding(7, 3)

    def call(self, inputs: Any) -> Any:
        return self.table(inputs["word"]) + inputs["shift"]


def test_a_model_of_ones_own_is_built_for_the_inputs_it_had(tmp_path: Path) -> None:
    x = {"word": np.array([1, 2, 6]), "shift": numbers(3, 3)}
    model = Words()
    model(x)
    loaded = reloaded(model, tmp_path)
    spec = loaded.input_spec
    assert spec["word"].dtype == np.int64
    assert spec["shift"].shape == (None, 3)
    same_outputs(model, loaded, x)


class Unregistered(layers.Layer):
    def call(self, x: Any) -> Any:
        return x * 2.0


def test_a_layer_that_is_not_registered_cannot_be_saved(tmp_path: Path) -> None:
    model = Sequential([Input((2,)), Unregistered()])
    with pytest.raises(wubu.errors.ArgumentError, match="Unregistered") as caught:
        save_model(model, tmp_path / "model.wubu")
    assert "@wubu.saving.register" in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_classes_can_be_given_for_one_load(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = Sequential([Input((2,)), register("elsewhere")(Unregistered)()])
    save_model(model, tmp_path / "model.wubu")
    monkeypatch.delitem(get_custom_objects(), "elsewhere>Unregistered")
    with pytest.raises(wubu.errors.FileFormatError) as caught:
        load_model(tmp_path / "model.wubu")
    text = str(caught.value)
    assert '"elsewhere>Unregistered"' in text
    assert '@wubu.saving.register("elsewhere")' in text
    for name in ("Unregistered", "elsewhere>Unregistered"):
        given = {name: Unregistered}
        loaded = load_model(tmp_path / "model.wubu", custom_objects=given)
        same_outputs(model, loaded, numbers(2, 2))
    with pytest.raises(wubu.errors.FileFormatError):
        load_model(tmp_path / "model.wubu")


class TwoArguments(Model):
    def call(self, a: Any, b: Any) -> Any:
        return a + b


def test_a_call_of_several_arguments_is_refused_when_saving(tmp_path: Path) -> None:
    model = TwoArguments()
    model(numbers(2, 2), numbers(2, 2))
    with pytest.raises(wubu.errors.ArgumentError, match="one list or dictionary"):
        save_model(model, tmp_path / "model.wubu")


# --- What is frozen, what is not finite, what was trained ----------------------------


def test_what_was_frozen_stays_so_and_thaws_as_before(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), Dense(3, name="a"), Dense(2, name="b")])
    model.add(layers.BatchNormalization(name="c"))
    model.compile("adam", "mse")
    model.fit(numbers(8, 4), numbers(8, 2), verbose=0)
    model.get_layer("a").trainable = False
    model.get_layer("b").kernel.trainable = False
    loaded = reloaded(model, tmp_path)
    same_variables(model.variables, loaded.variables)
    for each in (model, loaded):
        assert not each.get_layer("a").trainable
        assert each.get_layer("b").trainable
        each.trainable = True
    same_variables(model.variables, loaded.variables)
    assert not loaded.get_layer("c").moving_mean.trainable


def test_a_layer_frozen_after_training_keeps_its_momenta(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), Dense(3, name="a"), Dense(2, name="b")])
    model.compile("adam", "mse")
    x, y = numbers(8, 4), numbers(8, 2)
    model.fit(x, y, verbose=0)
    model.get_layer("a").trainable = False
    loaded = reloaded(model, tmp_path)
    same_variables(model.optimizer.variables, loaded.optimizer.variables)
    for each in (model, loaded):
        each.trainable = True
        each.fit(x, y, verbose=0)
    same_variables(model.variables, loaded.variables)


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: optimizers.SGD(0.1),
        lambda: optimizers.Adam(0.01, amsgrad=True, clipnorm=1.0),
        lambda: optimizers.AdamW(0.01, weight_decay=0.1),
        lambda: optimizers.SGD(0.1, use_ema=True, gradient_accumulation_steps=2),
        lambda: optimizers.Adam(optimizers.schedules.ExponentialDecay(0.1, 3, 0.5)),
    ],
)
def test_optimizers_go_on_where_they_were(tmp_path: Path, optimizer: Any) -> None:
    model = Sequential([Input((4,)), Dense(3, activation="tanh"), Dense(1)])
    model.compile(optimizer(), "mse")
    x, y = numbers(24, 4), numbers(24, 1)
    loaded = trains_on_alike(model, tmp_path, x, y)
    assert int(loaded.optimizer.iterations) == int(model.optimizer.iterations) > 1


def test_a_learning_rate_that_was_changed_stays_changed(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), Dense(1)])
    model.compile(optimizers.Adam(0.1), "mse")
    model.optimizer.learning_rate = 0.3
    loaded = reloaded(model, tmp_path)
    assert loaded.optimizer.learning_rate.item() == np.float32(0.3)


def test_what_weight_decay_leaves_out(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), Dense(3), Dense(1)])
    optimizer = optimizers.AdamW(0.01, weight_decay=0.5)
    optimizer.exclude_from_weight_decay(var_names=["bias"])
    model.compile(optimizer, "mse")
    loaded = trains_on_alike(model, tmp_path, numbers(8, 4), numbers(8, 1))
    assert not loaded.optimizer.decays(loaded.layers[0].bias)
    assert loaded.optimizer.decays(loaded.layers[0].kernel)


def test_a_layer_renamed_after_training(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), Dense(1, name="before")])
    model.compile("adam", "mse")
    model.fit(numbers(8, 4), numbers(8, 1), verbose=0)
    model.layers[0].name = "after"
    loaded = reloaded(model, tmp_path)
    assert loaded.get_layer("after").kernel.path == "after/kernel"
    for old, new in zip(
        model.optimizer.variables, loaded.optimizer.variables, strict=True
    ):
        np.testing.assert_array_equal(old.numpy(), new.numpy())


def test_a_layer_named_optimizer(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), Dense(1, name="optimizer")])
    model.compile("adam", "mse")
    trains_on_alike(model, tmp_path, numbers(8, 4), numbers(8, 1))
    load_weights(model, tmp_path / "model.wubu")


def test_without_compiling(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), Dense(1)])
    assert reloaded(model, tmp_path).optimizer is None
    model.compile("adam", "mse")
    assert reloaded(model, tmp_path, compile=False).optimizer is None


def test_how_steps_run_is_kept(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), Dense(1)])
    model.compile("adam", "mse", run_eagerly=True, steps_per_execution=3)
    loaded = reloaded(model, tmp_path)
    assert loaded.run_eagerly is True
    assert loaded.steps_per_execution == 3


def test_values_that_are_not_finite(tmp_path: Path) -> None:
    model = Sequential([Input((2,)), Dense(2, name="head")])
    model.get_layer("head").bias.assign([np.nan, -np.inf])
    x = Input((2,))
    capped = Model(x, x * float("inf"))
    same_outputs(model, reloaded(model, tmp_path), numbers(1, 2))
    same_outputs(capped, reloaded(capped, tmp_path), numbers(1, 2))


@pytest.mark.parametrize("dtype", ["float64", np.float64, np.dtype("float16")])
def test_dtypes(tmp_path: Path, dtype: Any) -> None:
    model = Sequential([Input((2,)), Dense(2, dtype=dtype)])
    loaded = reloaded(model, tmp_path)
    assert loaded.layers[0].kernel.dtype == np.dtype(dtype)
    same_variables(model.variables, loaded.variables)


# --- Losses and metrics of one's own -------------------------------------------------


def own_loss(y_true: Any, y_pred: Any) -> Any:
    return (y_true - y_pred) ** 2


class OwnLoss(losses.Loss):
    def __init__(self, power: int = 2, **options: Any) -> None:
        super().__init__(**options)
        self.power = power

    def call(self, y_true: Any, y_pred: Any) -> Any:
        return (y_true - y_pred) ** self.power


@pytest.mark.parametrize("loss", [own_loss, OwnLoss(power=4)])
def test_a_loss_that_is_not_registered_has_to_be_given(
    tmp_path: Path, loss: Any
) -> None:
    model = Sequential([Input((4,)), Dense(1)])
    model.compile("adam", loss, metrics=[own_loss])
    x, y = numbers(8, 4), numbers(8, 1)
    model.fit(x, y, verbose=0)
    save_model(model, tmp_path / "model.wubu")
    with pytest.raises(
        wubu.errors.FileFormatError, match=r"own_loss|OwnLoss"
    ) as caught:
        load_model(tmp_path / "model.wubu")
    assert "custom_objects={'" in str(caught.value)
    assert "compile=False" in str(caught.value)
    load_model(tmp_path / "model.wubu", compile=False)
    given = {"own_loss": own_loss, "OwnLoss": OwnLoss}
    loaded = load_model(tmp_path / "model.wubu", custom_objects=given)
    for each in (model, loaded):
        each.fit(x, y, verbose=0)
    same_variables(model.variables, loaded.variables)


def test_a_registered_loss_needs_nothing(tmp_path: Path) -> None:
    @register("tests.saving")
    def named(y_true: Any, y_pred: Any) -> Any:
        return abs(y_true - y_pred)

    model = Sequential([Input((4,)), Dense(1)])
    model.compile("adam", named)
    assert reloaded(model, tmp_path).loss is named


def test_a_lambda_cannot_be_saved_and_the_error_says_what_to_do(tmp_path: Path) -> None:
    model = Sequential([Input((4,)), Dense(1)])
    model.compile("adam", lambda y_true, y_pred: y_true - y_pred)
    with pytest.raises(wubu.errors.ArgumentError, match="without a name") as caught:
        save_model(model, tmp_path / "model.wubu")
    assert "compile(loss=...)" in str(caught.value)
    assert "with def" in str(caught.value)


# --- Weights alone -------------------------------------------------------------------


@pytest.mark.parametrize("save", [save_weights, save_model])
def test_weights_are_taken_from_either_kind_of_file(tmp_path: Path, save: Any) -> None:
    def made() -> Any:
        return Sequential([Input((4,)), Dense(3, name="a"), Dense(1, name="b")])

    model, other = made(), made()
    model.compile("adam", "mse")
    model.fit(numbers(8, 4), numbers(8, 1), verbose=0)
    save(model, tmp_path / "file")
    load_weights(other, tmp_path / "file")
    same_variables(model.variables, other.variables)


@pytest.mark.parametrize("save", [save_weights, save_model])
@pytest.mark.parametrize(
    ("other", "words"),
    [
        ([Dense(3, name="a"), Dense(2, name="b")], ["b/kernel", "(3, 2)", "(3, 1)"]),
        ([Dense(3, name="a")], ["not in the model", '"b/kernel"', '"b/bias"']),
        (
            [Dense(3, name="a"), Dense(1, name="c")],
            ['not in the file: "c/kernel", "c/bias"'],
        ),
        ([Dense(3, name="a"), Dense(1, name="b", dtype="float64")], ["float64"]),
    ],
)
def test_weights_that_do_not_fit_change_nothing(
    tmp_path: Path, save: Any, other: list[Any], words: list[str]
) -> None:
    model = Sequential([Input((4,)), Dense(3, name="a"), Dense(1, name="b")])
    save(model, tmp_path / "file")
    wrong = Sequential([Input((4,)), *other])
    before = wrong.get_weights()
    with pytest.raises(wubu.errors.FileFormatError) as caught:
        load_weights(wrong, tmp_path / "file")
    for word in words:
        assert word in str(caught.value)
    for old, new in zip(before, wrong.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_a_loaded_model_can_be_saved_again(tmp_path: Path) -> None:
    model = Tower([4])
    model(numbers(2, 3))
    loaded = reloaded(model, tmp_path)
    same_outputs(model, reloaded(loaded, tmp_path), numbers(4, 3))
