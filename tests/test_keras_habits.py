"""What scripts written for Keras do by habit, and what Wubu makes of it."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import wubu as keras
from wubu import layers, ops
from wubu.errors import ArgumentError


def test_zeros_and_ones_take_shape_and_dtype_as_in_keras() -> None:
    assert ops.ones(shape=(2, 3)).shape == (2, 3)
    assert ops.zeros((2,), "int32").dtype == "int32"
    assert ops.zeros(2, 3).shape == (2, 3)


def test_linspace_has_the_arguments_of_keras() -> None:
    numbers, step = ops.linspace(0, 1, 4, endpoint=False, retstep=True)
    assert numbers.tolist() == [0.0, 0.25, 0.5, 0.75]
    assert step == 0.25


def test_compute_mask_may_be_asked_with_the_inputs_alone() -> None:
    mask = layers.Embedding(5, 2, mask_zero=True).compute_mask(keras.tensor([[1, 0]]))
    np.testing.assert_array_equal(mask, [[True, False]])
    assert layers.Dense(2).compute_mask(np.ones((1, 2))) is None


def dense(*units: int) -> keras.Model:
    return keras.Sequential([layers.Dense(n, name=f"d{n}") for n in units])


def test_summary_of_a_model_that_is_not_built_shows_what_is_known(capsys) -> None:
    dense(3, 2).summary()
    text = capsys.readouterr().out
    assert "not built" in text
    assert "d3 (Dense)" in text


def test_a_batch_size_beside_batches_is_not_used() -> None:
    class Batches(keras.utils.PyDataset):
        def __len__(self) -> int:
            return 2

        def __getitem__(self, index: int) -> tuple:
            return np.ones((3, 2)), np.ones((3, 1))

    model = dense(1)
    model.compile("sgd", "mse")
    with pytest.warns(UserWarning, match="batch_size is not used"):
        history = model.fit(Batches(), batch_size=64, verbose=0)
    assert history.params["steps"] == 2


def test_weights_that_do_not_fit_are_skipped_if_asked(tmp_path) -> None:
    path = tmp_path / "model.weights.h5"
    old, new = (
        keras.Sequential([keras.Input((4,)), layers.Dense(3, name="a"), last])
        for last in (layers.Dense(2, name="b"), layers.Dense(5, name="b"))
    )
    old.save_weights(path)
    before = new.get_layer("b").get_weights()
    with pytest.warns(UserWarning, match="left as they are"):
        new.load_weights(path, skip_mismatch=True)
    kernels = [model.get_layer("a").get_weights()[0] for model in (old, new)]
    np.testing.assert_array_equal(*kernels)
    np.testing.assert_array_equal(new.get_layer("b").get_weights()[0], before[0])


def test_a_model_is_made_from_a_description_with_classes_of_ones_own() -> None:
    @keras.saving.register_keras_serializable("habits")
    class Twice(layers.Layer):
        def call(self, inputs):
            return inputs * 2

    inputs = keras.Input((2,))
    model = keras.Model(inputs, Twice()(inputs))
    made = keras.Model.from_config(model.get_config(), custom_objects={"Twice": Twice})
    assert made(np.ones((1, 2))).tolist() == [[2.0, 2.0]]


def test_outputs_without_a_loss_need_no_targets() -> None:
    inputs = keras.Input((2,))
    hidden = layers.Dense(3)(inputs)
    model = keras.Model(inputs, [layers.Dense(1)(hidden), hidden])
    model.compile("sgd", ["mse", None])
    history = model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
    assert np.isfinite(history.history["loss"][0])


class GradientsOfValues(keras.Model):
    """A step as Keras' guide writes it for PyTorch."""

    def train_step(self, data):
        x, y = data
        self.zero_grad()
        y_pred = self(x, training=True)
        loss = self.compute_loss(y=y, y_pred=y_pred)
        loss.backward()
        weights = list(self.trainable_weights)
        gradients = [v.value.grad for v in weights]
        with keras.no_grad():
            self.optimizer.apply(gradients, weights)
        for metric in self.metrics:
            if metric.name == "loss":
                metric.update_state(loss)
            else:
                metric.update_state(y, y_pred)
        return {m.name: m.result() for m in self.metrics}


def test_a_step_may_take_gradients_from_the_values_of_variables() -> None:
    x = np.random.default_rng(0).normal(size=(32, 3))
    histories = []
    for kind in (GradientsOfValues, keras.Model):
        keras.utils.set_random_seed(0)
        inputs = keras.Input((3,))
        model = kind(inputs, layers.Dense(1)(inputs))
        model.compile("sgd", "mse", metrics=["mae"])
        history = model.fit(x, x[:, :1], epochs=2, verbose=0)
        histories.append(history.history["loss"])
    np.testing.assert_allclose(histories[0], histories[1], rtol=1e-6)


def test_a_value_that_requires_a_gradient_has_one_of_its_own() -> None:
    variable = keras.Variable([1.0, 2.0])
    (variable * variable).sum().backward()
    value = variable.value
    assert value.grad is variable.grad
    value.requires_grad_()
    (value * 3).sum().backward()
    np.testing.assert_array_equal(value.grad, [3.0, 3.0])
    np.testing.assert_array_equal(variable.grad, [2.0, 4.0])
    assert type(copy.deepcopy(value)) is keras.Tensor


def test_functions_of_pytorch_are_the_methods_of_tensors() -> None:
    x = keras.tensor([[1.0, 5.0], [7.0, 2.0]])
    assert keras.argmax(x, dim=1).tolist() == [1, 0]
    assert keras.sum(x, dim=0, keepdim=True).tolist() == [[8.0, 7.0]]
    assert keras.matmul(np.eye(2, dtype="float32"), x).tolist() == x.tolist()
    assert keras.cat([x, x], dim=1).shape == (2, 4)
    assert keras.stack([x, x], dim=2).shape == (2, 2, 2)
    assert keras.from_numpy(np.arange(3)).tolist() == [0, 1, 2]


def test_structures_under_the_names_of_keras() -> None:
    tree = keras.tree
    nested = {"a": [1, 2], "b": (3,)}
    assert tree.flatten(nested) == [1, 2, 3]
    assert tree.pack_sequence_as(nested, [4, 5, 6]) == {"a": [4, 5], "b": (6,)}
    assert tree.lists_to_tuples(nested) == {"a": (1, 2), "b": (3,)}
    with pytest.raises(ArgumentError, match="two structures differ"):
        tree.map_structure(max, [1, 2], [1])
    with pytest.raises(ArgumentError, match="not as many leaves"):
        tree.pack_sequence_as(nested, [1])


def test_names_at_the_top() -> None:
    assert keras.version() == keras.__version__
    assert isinstance(keras.Input((2,)), keras.KerasTensor)


def test_a_variable_of_a_shape_gets_its_value_from_an_initializer() -> None:
    assert keras.Variable(shape=(2,), initializer="ones").tolist() == [1.0, 1.0]
    assert keras.Variable(initializer=np.arange(3), dtype="float32").shape == (3,)
    drawn = keras.Variable(shape=(2, 3), initializer=keras.initializers.HeNormal())
    assert drawn.trainable
    with pytest.raises(ArgumentError, match="needs a shape"):
        keras.Variable(initializer="zeros")
    with pytest.raises(ArgumentError, match="has an initial value"):
        keras.Variable()


def test_a_layer_says_in_what_it_computes() -> None:
    layer = layers.Dense(2, dtype="float64")
    assert layer.compute_dtype == layer.variable_dtype == "float64"


def test_a_table_of_places_may_be_shorter_than_any_length(capsys) -> None:
    class Places(layers.Layer):
        def __init__(self) -> None:
            super().__init__()
            self.table = layers.Embedding(20, 4)

        def call(self, inputs):
            length = ops.shape(inputs)[1]
            return inputs + self.table(ops.arange(0, length, 1))

    inputs = keras.Input((None, 4))
    outputs = Places()(inputs)
    assert outputs.shape == (None, None, 4)
    model = keras.Model(inputs, outputs)
    assert model(np.ones((2, 20, 4))).shape == (2, 20, 4)
    model.summary()
    assert "(None, None, 4)" in capsys.readouterr().out
