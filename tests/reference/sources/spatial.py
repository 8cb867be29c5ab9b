"""Layers over one, two and three spatial axes, but those that `layers` has.

Only what Keras computes alike on all backends is here: on torch its "bicubic" is not
that of the others, and it has no "lanczos". `tests/ops/test_spatial.py` compares these
with their formulas.
"""

from .layers import FIRST, IMAGE, IMAGE_FIRST, SAME, SERIES, conv, layer_record

SERIES_FIRST = (2, 4, 7)  # (batch, channels, time)
VOLUME = (2, 4, 5, 3, 2)  # (batch, depth, height, width, channels)
VOLUME_FIRST = (2, 2, 4, 5, 3)
SMALL = (2, 3, 4, 2)  # an image to be made larger

CONVOLUTION = [
    ("Conv1D", "kernel_3", conv(), SERIES),
    ("Conv1D", "even_kernel_stride_2_same", conv(4, 4, strides=2, **SAME), SERIES),
    ("Conv1D", "causal", conv(padding="causal"), SERIES),
    (
        "Conv1D",
        "causal_dilation_2",
        conv(4, 3, padding="causal", dilation_rate=2, groups=2, activation="tanh"),
        SERIES,
    ),
    ("Conv1D", "causal_stride_2", conv(padding="causal", strides=2), SERIES),
    ("Conv1D", "channels_first", conv(4, 2, groups=4, **SAME, **FIRST), SERIES_FIRST),
    (
        "Conv1D",
        "channels_first_causal",
        conv(padding="causal", use_bias=False, **FIRST),
        SERIES_FIRST,
    ),
    ("Conv3D", "kernel_2", conv(kernel_size=2), VOLUME),
    ("Conv3D", "asymmetric", conv(4, [1, 3, 2], strides=[2, 1, 2], **SAME), VOLUME),
    ("Conv3D", "dilation_2", conv(2, [2, 3, 1], dilation_rate=2, groups=2), VOLUME),
    ("Conv3D", "channels_first", conv(kernel_size=2, **SAME, **FIRST), VOLUME_FIRST),
]

TRANSPOSED = [
    ("Conv1DTranspose", "stride_1", conv(), SERIES),
    ("Conv1DTranspose", "stride_2", conv(strides=2), SERIES),
    ("Conv1DTranspose", "stride_2_same", conv(strides=2, **SAME), SERIES),
    ("Conv1DTranspose", "stride_above_kernel", conv(3, 2, strides=3), SERIES),
    ("Conv1DTranspose", "dilation_2_same", conv(dilation_rate=2, **SAME), SERIES),
    ("Conv1DTranspose", "output_padding", conv(strides=3, output_padding=2), SERIES),
    ("Conv1DTranspose", "channels_first", conv(strides=2, **FIRST), SERIES_FIRST),
    ("Conv2DTranspose", "stride_2", conv(strides=2, activation="relu"), SMALL),
    ("Conv2DTranspose", "even_kernel_same", conv(3, 4, strides=2, **SAME), SMALL),
    ("Conv2DTranspose", "odd_kernel_same", conv(3, [3, 5], strides=2, **SAME), SMALL),
    (
        "Conv2DTranspose",
        "output_padding_same",
        conv(strides=[2, 3], output_padding=[0, 2], use_bias=False, **SAME),
        SMALL,
    ),
    ("Conv2DTranspose", "channels_first", conv(2, 2, **SAME, **FIRST), IMAGE_FIRST),
    ("Conv3DTranspose", "stride_2", conv(2, 2, strides=[1, 2, 2]), (2, 2, 3, 2, 2)),
    (
        "Conv3DTranspose",
        "channels_first_same",
        conv(2, 3, strides=[2, 1, 2], **SAME, **FIRST),
        (1, 2, 2, 3, 2),
    ),
]

BY_CHANNEL = [
    ("DepthwiseConv1D", "kernel_3", {"kernel_size": 3}, SERIES),
    (
        "DepthwiseConv1D",
        "multiplier_2",
        {"kernel_size": 2, "depth_multiplier": 2, "dilation_rate": 2, **SAME},
        SERIES,
    ),
    ("DepthwiseConv2D", "kernel_3", {"kernel_size": 3}, IMAGE),
    (
        "DepthwiseConv2D",
        "stride_2_same",
        {"kernel_size": [3, 2], "strides": 2, "activation": "relu", **SAME},
        IMAGE,
    ),
    (
        "DepthwiseConv2D",
        "channels_first",
        {"kernel_size": 2, "depth_multiplier": 3, "use_bias": False, **FIRST},
        IMAGE_FIRST,
    ),
    ("SeparableConv1D", "kernel_3", conv(), SERIES),
    (
        "SeparableConv1D",
        "channels_first",
        conv(depth_multiplier=2, dilation_rate=2, **SAME, **FIRST),
        SERIES_FIRST,
    ),
    ("SeparableConv2D", "kernel_3", conv(activation="tanh"), IMAGE),
    (
        "SeparableConv2D",
        "stride_2_same",
        conv(strides=2, depth_multiplier=2, use_bias=False, **SAME),
        IMAGE,
    ),
]


def pools(kind):
    """Windows of one and of three axes; `layers` has those of two."""
    return [
        (f"{kind}1D", "window_2", {"pool_size": 2}, SERIES),
        (
            f"{kind}1D",
            "window_3_stride_2_same",
            {"pool_size": 3, "strides": 2, **SAME},
            SERIES,
        ),
        (
            f"{kind}1D",
            "channels_first_same",
            {"pool_size": 2, "strides": 1, **SAME, **FIRST},
            SERIES_FIRST,
        ),
        (f"{kind}3D", "window_2", {"pool_size": 2}, VOLUME),
        (
            f"{kind}3D",
            "asymmetric_same",
            {"pool_size": [3, 2, 2], "strides": [1, 2, 2], **SAME},
            VOLUME,
        ),
        (f"{kind}3D", "channels_first", {"pool_size": 2, **FIRST}, VOLUME_FIRST),
    ]


def global_pools(kind):
    """All that is not in `layers`."""
    dimensions = [("1D", SERIES, SERIES_FIRST), ("3D", VOLUME, VOLUME_FIRST)]
    if "Max" in kind:
        dimensions.append(("2D", IMAGE, IMAGE_FIRST))
    for suffix, last, first in dimensions:
        yield kind + suffix, "default", {}, last
        yield kind + suffix, "channels_first", {"keepdims": True, **FIRST}, first


def adaptive_pools(kind):
    """Windows as long as each other, and such that overlap."""
    return [
        (f"{kind}1D", "overlapping", {"output_size": 3}, SERIES),
        (f"{kind}1D", "longer", {"output_size": 9, **FIRST}, SERIES_FIRST),
        (f"{kind}2D", "even", {"output_size": [7, 2]}, IMAGE),
        (f"{kind}2D", "overlapping", {"output_size": 4}, IMAGE),
        (f"{kind}3D", "overlapping", {"output_size": [2, 3, 2], **FIRST}, VOLUME_FIRST),
    ]


POOLING = [
    *pools("MaxPooling"),
    *pools("AveragePooling"),
    *adaptive_pools("AdaptiveMaxPooling"),
    *adaptive_pools("AdaptiveAveragePooling"),
    *global_pools("GlobalMaxPooling"),
    *global_pools("GlobalAveragePooling"),
]

SIZES = [
    ("ZeroPadding1D", "default", {}, SERIES),
    ("ZeroPadding1D", "asymmetric", {"padding": [2, 0], **FIRST}, SERIES_FIRST),
    ("ZeroPadding2D", "default", {}, IMAGE),
    ("ZeroPadding2D", "by_axis", {"padding": [1, 2]}, IMAGE),
    ("ZeroPadding2D", "asymmetric", {"padding": [[1, 0], [0, 2]]}, IMAGE),
    ("ZeroPadding3D", "default", {}, VOLUME),
    (
        "ZeroPadding3D",
        "channels_first",
        {"padding": [[1, 0], [0, 2], [1, 1]], **FIRST},
        VOLUME_FIRST,
    ),
    ("Cropping1D", "default", {}, SERIES),
    ("Cropping1D", "end", {"cropping": [0, 2]}, SERIES),
    ("Cropping2D", "default", {}, IMAGE),
    ("Cropping2D", "by_axis", {"cropping": [1, 2]}, IMAGE),
    (
        "Cropping2D",
        "channels_first",
        {"cropping": [[1, 2], [0, 1]], **FIRST},
        IMAGE_FIRST,
    ),
    ("Cropping3D", "default", {}, VOLUME),
    ("Cropping3D", "by_axis", {"cropping": [1, [2, 0], 0]}, VOLUME),
    ("UpSampling1D", "default", {}, SERIES),
    ("UpSampling1D", "three", {"size": 3}, SERIES),
    ("UpSampling2D", "default", {}, SMALL),
    ("UpSampling2D", "asymmetric", {"size": [1, 3], **FIRST}, (2, 2, 3, 4)),
    ("UpSampling2D", "bilinear", {"interpolation": "bilinear"}, SMALL),
    (
        "UpSampling2D",
        "bilinear_channels_first",
        {"size": [2, 3], "interpolation": "bilinear", **FIRST},
        (2, 2, 3, 4),
    ),
    ("UpSampling3D", "default", {}, (1, 2, 3, 2, 2)),
    ("UpSampling3D", "channels_first", {"size": [1, 2, 3], **FIRST}, (1, 2, 3, 2, 2)),
]


def resizing(height, width, **arguments):
    return {"height": height, "width": width, **arguments}


NEAREST = {"interpolation": "nearest"}
CROP = {"crop_to_aspect_ratio": True}
PAD = {"pad_to_aspect_ratio": True}

RESIZING = [
    ("Resizing", "larger", resizing(9, 10), IMAGE),
    ("Resizing", "smaller", resizing(4, 3), IMAGE),
    ("Resizing", "smaller_antialias", resizing(4, 2, antialias=True), IMAGE),
    ("Resizing", "nearest", resizing(5, 13, **NEAREST), IMAGE),
    ("Resizing", "one_image", resizing(5, 4), (7, 6, 2)),
    ("Resizing", "channels_first", resizing(3, 8, **FIRST), IMAGE_FIRST),
    ("Resizing", "crop_rows", resizing(3, 6, **CROP), IMAGE),
    ("Resizing", "crop_columns", resizing(9, 4, **NEAREST, **CROP), IMAGE),
    ("Resizing", "pad_columns", resizing(4, 7, fill_value=0.5, **PAD), IMAGE),
    ("Resizing", "pad_rows", resizing(9, 4, **NEAREST, **PAD), IMAGE),
]


def records():
    table = [*CONVOLUTION, *TRANSPOSED, *BY_CHANNEL, *POOLING, *SIZES, *RESIZING]
    for row in table:
        yield layer_record(*row)
