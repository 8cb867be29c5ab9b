"""What is special about layers over spatial axes; the rest is in the tables of samples
and of Keras' numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import wubu
from wubu import config, layers
from wubu.errors import ArgumentError, ShapeError
from wubu.layers import Input

ALIASES = {
    "Conv1D": "Convolution1D",
    "Conv2D": "Convolution2D",
    "Conv3D": "Convolution3D",
    "Conv1DTranspose": "Convolution1DTranspose",
    "Conv2DTranspose": "Convolution2DTranspose",
    "Conv3DTranspose": "Convolution3DTranspose",
    "SeparableConv1D": "SeparableConvolution1D",
    "SeparableConv2D": "SeparableConvolution2D",
    "MaxPooling1D": "MaxPool1D",
    "MaxPooling2D": "MaxPool2D",
    "MaxPooling3D": "MaxPool3D",
    "AveragePooling1D": "AvgPool1D",
    "AveragePooling2D": "AvgPool2D",
    "AveragePooling3D": "AvgPool3D",
    "GlobalMaxPooling1D": "GlobalMaxPool1D",
    "GlobalMaxPooling2D": "GlobalMaxPool2D",
    "GlobalMaxPooling3D": "GlobalMaxPool3D",
    "GlobalAveragePooling1D": "GlobalAvgPool1D",
    "GlobalAveragePooling2D": "GlobalAvgPool2D",
    "GlobalAveragePooling3D": "GlobalAvgPool3D",
}


def test_second_names_mean_the_same_layers() -> None:
    for name, alias in ALIASES.items():
        assert getattr(layers, alias) is getattr(layers, name)


def test_a_causal_convolution_sees_nothing_that_comes_later() -> None:
    layer = layers.Conv1D(2, 3, padding="causal", dilation_rate=2)
    x = np.random.default_rng(0).standard_normal((1, 8, 3)).astype("float32")
    before = layer(x).numpy()
    x[:, 5:] += 1
    after = layer(x).numpy()
    np.testing.assert_array_equal(after[:, :5], before[:, :5])
    assert not (after[:, 5:] == before[:, 5:]).any()


def test_a_depthwise_convolution_computes_no_products_with_zero() -> None:
    layer = layers.DepthwiseConv2D(3, padding="same")
    layer.build((None, 8, 8, 6))

    def step(x: Any) -> Any:
        (layer(x) ** 2).sum().backward()
        return layer.kernel.grad

    graph = wubu.trace(step, np.ones((2, 8, 8, 6), "float32"))
    convolutions = [n for n in graph.nodes if n.primitive.name.startswith("conv")]
    assert [n.params["groups"] for n in convolutions] == [6] * len(convolutions)
    assert {n.primitive.name for n in convolutions} >= {"conv", "conv_kernel"}


@pytest.mark.parametrize("keepdims", [False, True])
def test_an_average_over_time_leaves_out_what_is_masked(keepdims: bool) -> None:
    x = np.random.default_rng(0).standard_normal((2, 4, 3)).astype("float32")
    mask = np.array([[True, True, False, True], [False, False, True, False]])
    wanted = np.stack([x[0][mask[0]].mean(0), x[1][mask[1]].mean(0)])
    layer = layers.GlobalAveragePooling1D(keepdims=keepdims)
    found = layer(x, mask=mask).numpy()
    assert found.shape == ((2, 1, 3) if keepdims else (2, 3))
    np.testing.assert_allclose(found.reshape(2, 3), wanted, 1e-6)
    first = layers.GlobalAveragePooling1D("channels_first", keepdims)
    found = first(np.swapaxes(x, 1, 2), mask=mask).numpy()
    np.testing.assert_allclose(found.reshape(2, 3), wanted, 1e-6)


def test_the_mask_of_an_embedding_reaches_the_average() -> None:
    words = layers.Embedding(5, 3, mask_zero=True)
    model = wubu.Sequential([words, layers.GlobalAveragePooling1D()])
    table = np.arange(15.0).reshape(5, 3)
    words.build((None, 4))
    words.set_weights([table])
    found = model(np.array([[1, 4, 0, 0], [2, 0, 0, 0]])).numpy()
    np.testing.assert_allclose(found, [(table[1] + table[4]) / 2, table[2]])


def test_one_argument_for_each_end() -> None:
    assert layers.ZeroPadding1D(2).padding == ((2, 2),)
    assert layers.ZeroPadding2D((1, 2)).padding == ((1, 1), (2, 2))
    assert layers.ZeroPadding2D([[1, 0], [0, 2]]).padding == ((1, 0), (0, 2))
    assert layers.Cropping3D((0, (1, 2), 0)).cropping == ((0, 0), (1, 2), (0, 0))


def test_layers_without_a_format_in_keras_have_channels_last() -> None:
    config.set_image_data_format("channels_first")
    try:
        made = [layers.Cropping1D(), layers.UpSampling1D(), layers.MaxPooling1D()]
    finally:
        config.set_image_data_format("channels_last")
    assert [layer.data_format for layer in made] == [
        "channels_last",
        "channels_last",
        "channels_first",
    ]


def test_options_of_both_kernels_are_attributes() -> None:
    layer: Any = layers.SeparableConv1D(2, 3, pointwise_constraint="non_neg")
    layer.build((None, 5, 2))
    assert layer.pointwise_kernel.constraint is layer.pointwise_constraint
    layer.depthwise_regularizer = "l1"
    assert layer.depthwise_kernel.regularizer is layer.depthwise_regularizer
    alone: Any = layers.DepthwiseConv1D(3)
    alone.build((None, 5, 2))
    alone.depthwise_regularizer = "l2"
    assert alone.kernel.regularizer is alone.depthwise_regularizer


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_resizing_is_part_of_a_compiled_step(dtype: str) -> None:
    x = np.random.default_rng(0).integers(0, 255, (3, 6, 5, 2)).astype(dtype)
    layer = layers.Resizing(4, 7)
    eager = layer(x)
    assert eager.dtype == dtype
    compiled = wubu.jit(lambda x: layer(x))(x)
    # A number in the middle of two may go either way.
    np.testing.assert_allclose(
        compiled.numpy().astype("float64"),
        eager.numpy().astype("float64"),
        rtol=1e-5,
        atol=1.0 if dtype == "uint8" else 0,
    )
    np.testing.assert_allclose(eager[0], layer(x[0]), 1e-6)


def autoencoder() -> Any:
    """One layer of every kind of this room."""
    return wubu.Sequential(
        [
            Input((9, 10, 2)),
            layers.Resizing(8, 8),
            layers.ZeroPadding2D(((1, 0), (0, 1))),
            layers.SeparableConv2D(4, 3, strides=2, padding="same", activation="relu"),
            layers.DepthwiseConv2D(3, padding="same", activation="relu"),
            layers.MaxPooling2D(),
            layers.UpSampling2D(interpolation="bilinear"),
            layers.Conv2DTranspose(2, 3, strides=2, padding="same"),
            layers.Cropping2D(1),
            layers.GlobalMaxPooling2D(),
        ]
    )


def test_a_model_of_these_layers_learns_and_is_saved(tmp_path: Path) -> None:
    wubu.set_random_seed(0)
    model = autoencoder()
    model.compile("adam", "mse")
    x = np.random.default_rng(0).standard_normal((12, 9, 10, 2)).astype("float32")
    y = x.max((1, 2))
    history = model.fit(x, y, batch_size=6, epochs=4, verbose=0)
    assert history.history["loss"][-1] < history.history["loss"][0]
    model.save(tmp_path / "model.wubu")
    loaded = wubu.load_model(tmp_path / "model.wubu")
    np.testing.assert_array_equal(loaded.predict(x), model.predict(x))


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: layers.Conv1D(2, 3, padding="full"), "causal"),
        (lambda: layers.Conv2D(2, 3, padding="causal"), "valid"),
        (lambda: layers.DepthwiseConv1D(3, padding="causal"), "valid"),
        (lambda: layers.Conv3D(2, (3, 3)), "kernel_size"),
        (lambda: layers.Conv2DTranspose(2, 3, 2, output_padding=2), "below the strid"),
        (lambda: layers.Conv2DTranspose(2, 3, 2, dilation_rate=2), "not both"),
        (lambda: layers.DepthwiseConv2D(3, depth_multiplier=0), "depth_multiplier"),
        (lambda: layers.ZeroPadding2D((1, 2, 3)), "2 numbers, or 2 pairs"),
        (lambda: layers.ZeroPadding1D(-1), "at least 0"),
        (lambda: layers.Cropping2D((1, 2, 3)), "cropping is a number of elements"),
        (lambda: layers.UpSampling2D(0), "size is a positive"),
        (lambda: layers.UpSampling2D(interpolation="area"), "lanczos3"),
        (lambda: layers.Resizing(4, 4, fill_mode="reflect"), "constant"),
        (lambda: layers.Resizing(4, 0), "width is a positive"),
    ],
)
def test_arguments_that_mean_nothing_are_refused(make: Any, text: str) -> None:
    with pytest.raises(ArgumentError, match=text):
        make()


@pytest.mark.parametrize(
    ("layer", "shape", "text"),
    [
        (layers.Cropping1D(3), (2, 6, 1), "nothing of its input is left"),
        (layers.MaxPooling3D(4), (2, 3, 5, 5, 1), "window is larger"),
        (layers.Conv1D(4, 2, groups=2), (2, 6, 3), "groups divide the channels"),
        (layers.Resizing(2, 2), (1, 2, 3, 4, 5), "images have three axes"),
        (layers.GlobalMaxPooling1D(), (2, 3, 4, 5), "another number of axes"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(layer: Any, shape: Any, text: str) -> None:
    kind = ArgumentError if "groups" in text else ShapeError
    with pytest.raises(kind, match=text) as caught:
        layer(np.ones(shape, "float32"))
    assert f'layer "{layer.name}"' in caught.value.what
