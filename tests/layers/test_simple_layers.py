"""What is particular to the simple layers: adapt, noise, functions, arguments."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import Sequential, layers
from wubu.core.masks import mask_of, set_mask
from wubu.errors import ArgumentError, DataError, ShapeError, WubuError
from wubu.layers import Input, Lambda, Layer, Normalization, TimeDistributed

RANDOM = np.random.default_rng(0)
DATA = RANDOM.normal(3.0, 2.0, (50, 4, 3))


# -- Normalization --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("axis", "over"), [(-1, (0, 1)), ((1, 2), (0,)), (None, (0, 1, 2))]
)
def test_adapt_finds_mean_and_variance(axis: Any, over: tuple[int, ...]) -> None:
    layer = Normalization(axis, dtype="float64")
    layer.adapt(DATA)
    np.testing.assert_allclose(layer.mean.numpy(), DATA.mean(over), 1e-12)
    np.testing.assert_allclose(layer.variance.numpy(), DATA.var(over), 1e-12)
    y = layer(DATA)
    np.testing.assert_allclose(y.numpy().std(over), 1.0, 1e-12)
    back = Normalization(axis, invert=True, dtype="float64")
    back.adapt(DATA)
    np.testing.assert_allclose(back(y).numpy(), DATA, 1e-12)


@pytest.mark.parametrize(
    "batches",
    [
        lambda: [DATA[:7], DATA[7:30], DATA[30:]],
        lambda: ((DATA[i : i + 10], None) for i in range(0, 50, 10)),
        lambda: wubu.tensor(DATA),
        lambda: DATA.tolist(),
    ],
    ids=["list", "pairs", "tensor", "numbers"],
)
def test_adapt_takes_batches(batches: Callable[[], Any]) -> None:
    layer = Normalization(dtype="float64")
    layer.adapt(batches())
    np.testing.assert_allclose(layer.mean.numpy(), DATA.mean((0, 1)), 1e-12)
    np.testing.assert_allclose(layer.variance.numpy(), DATA.var((0, 1)), 1e-12)


def test_what_adapt_found_is_saved_with_the_model(tmp_path: Path) -> None:
    layer = Normalization()
    layer.adapt(DATA)
    model = Sequential([Input((4, 3)), layer, layers.Flatten(), layers.Dense(1)])
    model.save(tmp_path / "model.wubu")
    again = wubu.load_model(tmp_path / "model.wubu")
    np.testing.assert_array_equal(
        again.predict(DATA, verbose=0), model.predict(DATA, verbose=0)
    )


def test_adapt_is_for_numbers_that_are_not_known() -> None:
    with pytest.raises(ArgumentError, match="were given"):
        Normalization(mean=0.0, variance=1.0).adapt(DATA)
    with pytest.raises(DataError, match="no sample"):
        Normalization().adapt([DATA[:0]])
    layer = Normalization()
    layer.adapt(DATA)
    with pytest.raises(ShapeError, match="another length"):
        layer.adapt(DATA[:, :, :2])


# -- noise ----------------------------------------------------------------------------

X = RANDOM.normal(size=(8, 2000)).astype("float32")
FACTOR = (0.25 / 0.75) ** 0.5


@pytest.mark.parametrize(
    ("layer", "noise", "mean", "deviation"),
    [
        (layers.GaussianNoise(0.5), lambda y: y - X, 0.0, 0.5),
        (layers.GaussianDropout(0.25), lambda y: y / X, 1.0, FACTOR),
        (layers.AlphaDropout(0.25), lambda y: y, 0.0, 1.0),
    ],
    ids=["GaussianNoise", "GaussianDropout", "AlphaDropout"],
)
def test_noise_has_its_mean_and_deviation(
    layer: Layer, noise: Any, mean: float, deviation: float
) -> None:
    found = noise(layer(X, training=True).numpy())
    np.testing.assert_allclose([found.mean(), found.std()], [mean, deviation], 0, 0.02)
    assert layer(X).numpy() is not None
    np.testing.assert_array_equal(layer(X).numpy(), X)


def test_alpha_dropout_leaves_out_the_share_it_says() -> None:
    y = layers.AlphaDropout(0.25)(np.zeros_like(X), training=True).numpy()
    values, counts = np.unique(y, return_counts=True)
    assert len(values) == 2
    assert abs(counts[0] / y.size - 0.25) < 0.02


@pytest.mark.parametrize(
    ("layer", "shape", "axes"),
    [
        (layers.SpatialDropout1D(0.5), (4, 5, 64), (1,)),
        (layers.SpatialDropout2D(0.5), (4, 3, 2, 64), (1, 2)),
        (layers.SpatialDropout3D(0.5, "channels_first"), (4, 64, 2, 2, 2), (2, 3, 4)),
    ],
)
def test_spatial_dropout_leaves_out_whole_channels(
    layer: Layer, shape: tuple[int, ...], axes: tuple[int, ...]
) -> None:
    y = layer(np.ones(shape, "float32"), training=True).numpy()
    np.testing.assert_array_equal(y.min(axes), y.max(axes))
    kept = y.max(axes)
    assert set(np.unique(kept)) == {0.0, 2.0}
    assert 0.3 < (kept > 0).mean() < 0.7


# -- Lambda ---------------------------------------------------------------------------


@wubu.saving.register("tests")
def spread(x: Any, factor: float = 2.0) -> Any:
    return x * factor


def test_a_registered_function_is_saved_by_name(tmp_path: Path) -> None:
    layer = Lambda(spread, arguments={"factor": 3.0})
    model = Sequential([Input((2,)), layer])
    model.save(tmp_path / "model.wubu")
    again = wubu.load_model(tmp_path / "model.wubu")
    assert again.predict(np.ones((1, 2)), verbose=0).tolist() == [[3.0, 3.0]]


def nobody_knows(x: Any) -> Any:
    return x + 1


@pytest.mark.parametrize(
    ("function", "got"),
    [(lambda x: x + 1, "a lambda"), (nobody_knows, "nobody_knows")],
    ids=["lambda", "def"],
)
def test_a_function_without_a_name_in_files_works_until_it_is_saved(
    function: Any, got: str, tmp_path: Path
) -> None:
    model = Sequential([Input((2,)), Lambda(function, name="shift")])
    assert model.predict(np.ones((1, 2)), verbose=0).tolist() == [[2.0, 2.0]]
    with pytest.raises(ArgumentError, match='Lambda layer "shift"') as caught:
        model.save(tmp_path / "model.wubu")
    assert caught.value.got == got
    assert "saving.register" in str(caught.value.fix)
    assert not list(tmp_path.iterdir())


def test_a_function_is_told_what_it_asks_for() -> None:
    def told(x: Any, mask: Any, training: bool = False) -> Any:
        seen.append((mask, training))
        return x

    seen: list[Any] = []
    x = wubu.ones((2, 3))
    mask = wubu.tensor([[True, False, True]] * 2)
    set_mask(x, mask)
    found = Lambda(told, mask=lambda inputs, mask: mask)(x, training=True)
    assert seen == [(mask, True)]
    assert mask_of(found) is mask
    assert mask_of(Lambda(lambda x: x * 2)(x)) is None


# -- TimeDistributed ------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: layers.Dense(3),
        lambda: layers.Conv1D(2, 3),
        lambda: Sequential([layers.Flatten(), layers.Dense(3)]),
        lambda: layers.LSTM(2, return_state=True),
        layers.BatchNormalization,
    ],
    ids=["Dense", "Conv1D", "Sequential", "LSTM", "BatchNormalization"],
)
@pytest.mark.parametrize("training", [False, True])
def test_every_time_goes_through_the_layer(make: Any, training: bool) -> None:
    x = RANDOM.normal(size=(2, 3, 5, 4)).astype("float32")
    layer = make()
    found = TimeDistributed(layer)(x, training=training)
    found = found if isinstance(found, tuple) else (found,)
    for t in range(3):
        wanted = layer(x[:, t], training=training)
        wanted = wanted if isinstance(wanted, tuple) else (wanted,)
        for a, b in zip(found, wanted, strict=True):
            a, b = a[:, t].detach().numpy(), b.detach().numpy()
            np.testing.assert_allclose(a, b, 1e-5, 1e-6)


def test_the_mask_of_times_stays_and_that_behind_goes_to_the_layer() -> None:
    words = np.array([[[1, 2, 0], [3, 0, 0]]])
    embedded = layers.Embedding(9, 2, mask_zero=True)(words)
    lstm = layers.LSTM(3)
    found = TimeDistributed(lstm)(embedded)
    wanted = lstm(embedded[:, 0, :2]).detach().numpy()
    np.testing.assert_allclose(found[:, 0].detach().numpy(), wanted, 1e-5)
    x = wubu.ones((1, 2, 3))
    kept = TimeDistributed(layers.Dense(2))(x, mask=np.array([[True, False]]))
    mask = mask_of(kept)
    assert mask is not None
    assert mask.tolist() == [[True, False]]


# -- what is refused ------------------------------------------------------------------

ONES = np.ones((2, 3, 4))


@pytest.mark.parametrize(
    ("action", "text"),
    [
        (lambda: layers.Permute((0, 1)), "which axis of a sample comes where"),
        (lambda: layers.Permute((1, 1)), "which axis of a sample comes where"),
        (lambda: layers.RepeatVector(0), "n is a positive integer"),
        (lambda: layers.LeakyReLU(-1.0), "at least 0"),
        (lambda: layers.GaussianNoise(2.0), "stddev lies in"),
        (lambda: layers.GaussianDropout(1.0), "rate is a share"),
        (lambda: layers.GroupNormalization(0), "groups is a positive integer"),
        (lambda: layers.GroupNormalization(3)(ONES), "does not divide"),
        (lambda: layers.PReLU(shared_axes=[3])(ONES), "are axes of a sample"),
        (lambda: Normalization(mean=1.0), "go together"),
        (lambda: Normalization(mean=[1.0, 2.0], variance=1.0), "different shapes"),
        (lambda: Normalization(mean=[1.0] * 3, variance=[1.0] * 3)(ONES), "not fit"),
        (lambda: layers.LocalResponseNormalization(-1), "depth_radius"),
        (lambda: layers.Subtract()([ONES, ONES, ONES]), "joins 2 inputs"),
        (lambda: layers.Dot(0), "over which axis"),
        (lambda: layers.Dot(2)([ONES, ONES[..., :2]]), "do not fit together"),
        (lambda: layers.Softmax()(ONES, mask=np.ones((2, 3), bool)), "does not fit"),
        (lambda: Lambda("relu"), "made of a function"),
        (lambda: TimeDistributed(layers.Dense), "put around a layer"),
        (lambda: layers.Attention()(ONES), "two inputs or three"),
        (lambda: layers.Attention(score_mode="sum"), "unknown score_mode"),
        (lambda: layers.Attention()([ONES, ONES], mask=ONES), "goes with each input"),
        (lambda: layers.MultiHeadAttention(0, 2), "num_heads is a positive integer"),
        (lambda: layers.MultiHeadAttention(2, 2)(ONES), "a query and a value"),
        (
            lambda: layers.MultiHeadAttention(2, 2)(ONES, ONES, ONES[:, :2]),
            "do not fit together",
        ),
        (lambda: layers.GroupQueryAttention(2, 3, 2), "evenly"),
        (lambda: layers.EinsumDense("ab->b", 3), "says what is summed"),
        (lambda: layers.EinsumDense("ab,bc->ac", 3)(ONES), "another number of axes"),
        (lambda: layers.EinsumDense("abc,cd->abd", (None, None))(ONES), "to be known"),
    ],
)
def test_what_cannot_be_is_refused(action: Callable[[], Any], text: str) -> None:
    with pytest.raises(WubuError) as caught:
        action()
    assert text in str(caught.value)


# -- small print ----------------------------------------------------------------------


def test_functions_of_merging_layers() -> None:
    a, b = np.array([[1.0, 5.0]]), np.array([[3.0, 2.0]])
    found = {
        name: getattr(layers, name)([a, b]).tolist()[0]
        for name in ("add", "subtract", "multiply", "average", "maximum", "minimum")
    }
    assert found == {
        "add": [4.0, 7.0],
        "subtract": [-2.0, 3.0],
        "multiply": [3.0, 10.0],
        "average": [2.0, 3.5],
        "maximum": [3.0, 5.0],
        "minimum": [1.0, 2.0],
    }
    assert layers.dot([a, b], axes=1).tolist() == [[13.0]]
    assert layers.concatenate([a, b]).shape == (1, 4)


def test_heads_begin_as_one_matrix_would() -> None:
    """Glorot's limit counts what a sum is over, not the shape of the kernel."""
    layer = layers.MultiHeadAttention(4, 8)
    layer(np.ones((1, 2, 16)), np.ones((1, 2, 16)))
    for variable in layer.weights[::2]:
        found = abs(variable.numpy()).max()
        limit = (6 / (16 + 32)) ** 0.5
        assert 0.9 * limit < found <= limit, variable.path


def test_weights_of_heads_have_the_paths_of_keras() -> None:
    layer = layers.MultiHeadAttention(2, 3, name="heads")
    x = Input((5, 4))
    model = wubu.Model(x, layer(x, x, use_causal_mask=True))
    found = {v.path.removeprefix("heads/"): v.shape for v in model.weights}
    assert found == {
        "query/kernel": (4, 2, 3),
        "query/bias": (2, 3),
        "key/kernel": (4, 2, 3),
        "key/bias": (2, 3),
        "value/kernel": (4, 2, 3),
        "value/bias": (2, 3),
        "attention_output/kernel": (2, 3, 4),
        "attention_output/bias": (4,),
    }


def test_a_model_of_attention_learns_and_is_saved(tmp_path: Path) -> None:
    x = Input((5,), dtype="int64")
    y = layers.Embedding(9, 4, mask_zero=True)(x)
    y = layers.Add()([y, layers.MultiHeadAttention(2, 3, dropout=0.1)(y, y)])
    y = layers.Dense(1)(layers.LayerNormalization()(y))
    model = wubu.Model(x, y)
    model.compile("adam", "mse")
    words = RANDOM.integers(1, 9, (8, 5))
    words[:, 3:] = 0
    targets = RANDOM.normal(size=(8, 5, 1)).astype("float32")
    losses = model.fit(words, targets, epochs=3, verbose=0).history["loss"]
    assert losses[-1] < losses[0]
    model.save(tmp_path / "model.wubu")
    again = wubu.load_model(tmp_path / "model.wubu")
    np.testing.assert_array_equal(
        again.predict(words, verbose=0), model.predict(words, verbose=0)
    )
    # What padding is like changes nothing before it.
    table = model.layers[0].embeddings
    table.assign(np.where(np.arange(9)[:, None] == 0, 7.0, table.numpy()))
    np.testing.assert_allclose(
        again.predict(words, verbose=0)[:, :3],
        model.predict(words, verbose=0)[:, :3],
        1e-5,
        1e-6,
    )
