"""Transposed, depthwise, separable convolutions, and resizing, against plain loops."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import wubu
from harness.gradients import check_gradients
from wubu import ops
from wubu.errors import ArgumentError, ShapeError, WubuError
from wubu.layers import Input


def transposed_by_loop(x, kernel, stride, dilation, before, length):
    """One spatial axis: every element of x adds its window to the output."""
    batch, n, _ = x.shape
    window, filters, _ = kernel.shape
    out = np.zeros((batch, length, filters))
    for i, m in itertools.product(range(n), range(window)):
        place = i * stride + m * dilation - before
        if 0 <= place < length:
            out[:, place] += x[:, i] @ kernel[m].T
    return out


@pytest.mark.parametrize(
    ("window", "stride", "dilation", "padding", "end", "before", "length"),
    [
        (3, 1, 1, "valid", None, 0, 7),
        (3, 2, 1, "valid", None, 0, 11),
        (2, 3, 1, "valid", None, 0, 15),  # a window below its stride leaves zeros
        (3, 2, 1, "valid", 1, 0, 12),
        (3, 1, 2, "valid", None, 0, 9),
        (3, 1, 1, "same", None, 1, 5),
        (3, 2, 1, "same", None, 0, 10),
        (4, 2, 1, "same", None, 1, 10),
        (5, 2, 1, "same", 1, 1, 10),
        (1, 3, 1, "same", None, 0, 15),
        (3, 1, 2, "same", None, 2, 5),
    ],
)
def test_a_transposed_convolution_equals_a_loop(
    window, stride, dilation, padding, end, before, length
):
    random = np.random.default_rng(0)
    x, kernel = (
        random.standard_normal((2, 5, 3)),
        random.standard_normal((window, 2, 3)),
    )
    wanted = transposed_by_loop(x, kernel, stride, dilation, before, length)

    def function(x, kernel):
        return ops.conv_transpose(
            x, kernel, stride, padding, end, dilation_rate=dilation
        )

    np.testing.assert_allclose(function(x, kernel).numpy(), wanted, 1e-12, 1e-12)
    check_gradients(function, [x, kernel], orders=1)


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_a_transposed_convolution_undoes_the_shape_of_a_convolution(padding):
    kernel = np.ones((3, 2, 4, 1))
    small = ops.conv(np.ones((1, 8, 6, 4)), kernel, 2, padding)
    assert ops.conv_transpose(small, kernel, 2, padding).shape[1:3] in [(8, 6), (7, 6)]


def test_a_depthwise_convolution_is_one_of_each_channel():
    random = np.random.default_rng(0)
    x, kernel = (
        random.standard_normal((2, 6, 5, 3)),
        random.standard_normal((2, 3, 3, 2)),
    )
    found = ops.depthwise_conv(x, kernel, (1, 2), "same")
    for c in range(3):
        alone = ops.conv(x[..., c : c + 1], kernel[:, :, c : c + 1], (1, 2), "same")
        np.testing.assert_allclose(found[..., 2 * c : 2 * c + 2], alone, 1e-12)


def test_a_separable_convolution_is_one_convolution_of_a_larger_kernel():
    random = np.random.default_rng(0)
    x = random.standard_normal((2, 3, 7))
    deep, point = random.standard_normal((2, 3, 2)), random.standard_normal((1, 6, 4))
    found = ops.separable_conv(
        x, deep, point, data_format="channels_first", dilation_rate=3
    )
    joined = np.einsum("mcj,cjf->mcf", deep, point.reshape(3, 2, 4))
    wanted = ops.conv(x, joined, data_format="channels_first", dilation_rate=3)
    np.testing.assert_allclose(found, wanted, 1e-12)


WEIGHTS = {
    "bilinear": (1, lambda d: 1 - d),
    "bicubic": (
        2,
        lambda d: (
            1.5 * d**3 - 2.5 * d**2 + 1
            if d <= 1
            else -0.5 * d**3 + 2.5 * d**2 - 4 * d + 2
        ),
    ),
    "lanczos3": (3, lambda d: np.sinc(d) * np.sinc(d / 3)),
    "lanczos5": (5, lambda d: np.sinc(d) * np.sinc(d / 5)),
}


def resized_row(row, length, interpolation, antialias):
    """A row of another length, one weighted mean after the other."""
    n, found = len(row), []
    radius, weigh = WEIGHTS[interpolation]
    spread = max(n / length, 1) if antialias else 1
    for i in range(length):
        centre = (i + 0.5) * n / length - 0.5
        total = weight = 0.0
        for j in range(n):
            distance = abs(j - centre) / spread
            if distance < radius:
                total += weigh(distance) * row[j]
                weight += weigh(distance)
        found.append(total / weight)
    return found


@pytest.mark.parametrize("interpolation", WEIGHTS)
@pytest.mark.parametrize("antialias", [False, True])
def test_resizing_equals_a_loop(interpolation, antialias):
    x = np.random.default_rng(0).standard_normal((7, 4, 1))
    for size in ((3, 9), (7, 2), (14, 4)):
        rows = [resized_row(r, size[1], interpolation, antialias) for r in x[..., 0]]
        columns = np.transpose(rows)
        wanted = [resized_row(c, size[0], interpolation, antialias) for c in columns]
        found = ops.image.resize(x, size, interpolation, antialias)
        np.testing.assert_allclose(
            found[..., 0], np.transpose(wanted), 1e-12, 1e-12, err_msg=str(size)
        )


def test_resizing_is_differentiable_and_compiles():
    x = np.random.default_rng(0).standard_normal((2, 5, 4, 2))

    def function(x):
        return ops.image.resize(x, (3, 6), "bicubic", antialias=True)

    check_gradients(function, [x], orders=1)
    np.testing.assert_allclose(wubu.jit(function)(x), function(x), 1e-12)


def test_the_nearest_element_is_the_one_below_the_middle():
    row = np.arange(5.0).reshape(1, 5, 1)
    for length in (1, 2, 3, 7, 10):
        wanted = [math.floor((i + 0.5) * 5 / length) for i in range(length)]
        found = ops.image.resize(row, (1, length), "nearest")
        assert found.numpy().ravel().tolist() == wanted


def test_integers_stay_integers_in_their_range():
    x = np.array([[0, 0, 255, 255]], "uint8").reshape(1, 4, 1)
    found = ops.image.resize(x, (1, 8), "bicubic")
    assert found.dtype == "uint8"
    assert found.numpy().ravel().tolist()[:2] == [0, 0]  # not what is below 0
    assert found.numpy().max() == 255
    assert ops.image.resize(x, (1, 2), "nearest").dtype == "uint8"
    large = np.full((1, 1, 1), 2**31 - 1, "int32")
    assert ops.image.resize(large, (2, 2)).numpy().min() > 2**31 - 1000


def test_images_are_cropped_or_padded_to_an_aspect_ratio():
    x = np.arange(1.0, 9.0).reshape(2, 4, 1)
    cut = ops.image.resize(x, (4, 4), "nearest", crop_to_aspect_ratio=True)
    assert cut[0, :, 0].tolist() == [2.0, 2.0, 3.0, 3.0]
    filled = ops.image.resize(
        x, (4, 4), "nearest", pad_to_aspect_ratio=True, fill_value=9
    )
    assert filled[:, 0, 0].tolist() == [9.0, 1.0, 5.0, 9.0]


def test_functions_of_images_take_symbols():
    images = Input((8, 6, 3))
    assert ops.image.resize(images, (4, 4)).shape == (None, 4, 4, 3)
    kernel = np.ones((2, 2, 3, 2), "float32")
    assert ops.depthwise_conv(images, kernel).shape == (None, 7, 5, 6)


@pytest.mark.parametrize(
    ("call", "kind", "text"),
    [
        (
            lambda x: ops.conv_transpose(x, np.ones((2, 2, 4)), 2),
            ShapeError,
            "as many channels",
        ),
        (
            lambda x: ops.conv_transpose(x, np.ones((2, 2, 3)), 2, "full"),
            ArgumentError,
            "unknown padding",
        ),
        (
            lambda x: ops.conv_transpose(x, np.ones((2, 2, 3)), 2, "same", 2),
            ArgumentError,
            "below the strides",
        ),
        (
            lambda x: ops.conv_transpose(x, np.ones((2, 2, 3)), 2, dilation_rate=2),
            ArgumentError,
            "not both",
        ),
        (
            lambda x: ops.conv_transpose(x[:, :1], np.ones((2, 2, 3)), 2, "same", 0),
            ShapeError,
            "is empty",
        ),
        (
            lambda x: ops.depthwise_conv(x, np.ones((2, 4, 1))),
            ShapeError,
            "3 channels",
        ),
        (lambda x: ops.image.resize(x, (2, 0)), ArgumentError, "height and width"),
        (lambda x: ops.image.resize(x[0], (2, 2)), ShapeError, "three axes"),
        (
            lambda x: ops.image.resize(x, (2, 2), "area"),
            ArgumentError,
            "unknown interpolation",
        ),
        (
            lambda x: ops.image.resize(x, (2, 2), fill_mode="reflect"),
            ArgumentError,
            "with a constant",
        ),
        (
            lambda x: ops.image.resize(
                x, (2, 2), crop_to_aspect_ratio=True, pad_to_aspect_ratio=True
            ),
            ArgumentError,
            "either cropped or padded",
        ),
    ],
)
def test_what_cannot_be_computed_is_refused_with_the_callers_line(call, kind, text):
    with pytest.raises(WubuError, match=text) as caught:
        call(np.ones((1, 5, 3)))
    assert isinstance(caught.value, kind)
    assert "test_spatial.py:" in caught.value.where
