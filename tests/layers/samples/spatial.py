"""Layers over spatial axes: convolutions, pooling, and other sizes of images."""

from __future__ import annotations

from layers.samples.sample import IMAGE, SEQUENCE, sample

VOLUME = (2, 4, 3, 5, 2)  # (batch, depth, height, width, channels)
IMAGE_FIRST = (2, 3, 5, 4)  # (batch, channels, height, width)
FIRST = {"data_format": "channels_first"}

CONVOLUTIONS = [
    sample("Conv1D", SEQUENCE, filters=3, kernel_size=3, activation="tanh"),
    sample(
        "Conv1D",
        SEQUENCE,
        filters=4,
        kernel_size=3,
        padding="causal",
        dilation_rate=2,
        groups=2,
        label="causal",
    ),
    sample(
        "Conv1D",
        (3, 2, 6),
        filters=3,
        kernel_size=2,
        strides=2,
        padding="same",
        **FIRST,
        label="channels_first",
    ),
    sample("Conv3D", VOLUME, filters=3, kernel_size=(2, 3, 2), strides=(1, 2, 2)),
    sample("Conv3D", VOLUME, filters=2, kernel_size=2, padding="same", label="same"),
    sample("Conv1DTranspose", SEQUENCE, filters=2, kernel_size=3, strides=2),
    sample(
        "Conv1DTranspose",
        SEQUENCE,
        filters=3,
        kernel_size=2,
        strides=3,
        label="stride_above_kernel",
    ),
    sample(
        "Conv1DTranspose",
        SEQUENCE,
        filters=2,
        kernel_size=3,
        dilation_rate=2,
        padding="same",
        label="dilation",
    ),
    sample(
        "Conv2DTranspose",
        (2, 3, 4, 2),
        filters=3,
        kernel_size=(3, 4),
        strides=2,
        padding="same",
        activation="relu",
    ),
    sample(
        "Conv2DTranspose",
        IMAGE_FIRST,
        filters=2,
        kernel_size=3,
        strides=(2, 1),
        output_padding=(1, 0),
        **FIRST,
        label="channels_first",
    ),
    sample(
        "Conv3DTranspose", (2, 2, 3, 2, 2), filters=2, kernel_size=2, strides=(1, 2, 1)
    ),
    sample("DepthwiseConv1D", SEQUENCE, kernel_size=3, depth_multiplier=2),
    sample("DepthwiseConv2D", IMAGE, kernel_size=3, padding="same", activation="relu"),
    sample(
        "DepthwiseConv2D",
        IMAGE_FIRST,
        kernel_size=(2, 3),
        strides=2,
        depth_multiplier=2,
        padding="same",
        **FIRST,
        label="channels_first",
    ),
    sample("SeparableConv1D", SEQUENCE, filters=3, kernel_size=2, dilation_rate=2),
    sample(
        "SeparableConv2D",
        IMAGE,
        filters=3,
        kernel_size=3,
        strides=2,
        padding="same",
        depth_multiplier=2,
    ),
]

POOLING = [
    sample("MaxPooling1D", SEQUENCE, pool_size=3, strides=1),
    sample("MaxPooling3D", VOLUME, padding="same"),
    sample("AveragePooling1D", SEQUENCE, padding="same"),
    sample("AveragePooling3D", VOLUME, pool_size=(2, 3, 2), strides=1),
    sample("AdaptiveAveragePooling1D", SEQUENCE, output_size=3),
    sample("AdaptiveAveragePooling2D", IMAGE_FIRST, output_size=(2, 4), **FIRST),
    sample("AdaptiveAveragePooling3D", VOLUME, output_size=(2, 3, 2)),
    sample("AdaptiveMaxPooling1D", SEQUENCE, output_size=5),
    sample("AdaptiveMaxPooling2D", IMAGE, output_size=4),
    sample("AdaptiveMaxPooling3D", VOLUME, output_size=(2, 3, 2)),
    sample("GlobalMaxPooling1D", SEQUENCE),
    sample("GlobalMaxPooling2D", IMAGE_FIRST, **FIRST),
    sample("GlobalMaxPooling3D", VOLUME, keepdims=True),
    sample("GlobalAveragePooling1D", SEQUENCE, **FIRST, keepdims=True),
    sample("GlobalAveragePooling3D", VOLUME),
]

SIZES = [
    sample("ZeroPadding1D", SEQUENCE, padding=(2, 1)),
    sample("ZeroPadding2D", IMAGE, padding=((1, 0), (2, 3))),
    sample("ZeroPadding3D", VOLUME, padding=(1, 0, 2)),
    sample("Cropping1D", SEQUENCE),
    sample("Cropping2D", IMAGE_FIRST, cropping=((1, 2), 1), **FIRST),
    sample("Cropping3D", VOLUME, cropping=((0, 1), (1, 1), 2)),
    sample("UpSampling1D", SEQUENCE, size=3),
    sample("UpSampling2D", IMAGE, size=(2, 3)),
    sample("UpSampling2D", IMAGE, interpolation="bilinear", label="bilinear"),
    sample("UpSampling3D", VOLUME, size=(1, 2, 1)),
    sample("Resizing", IMAGE, height=4, width=9),
    sample(
        "Resizing",
        IMAGE_FIRST,
        height=3,
        width=3,
        interpolation="bicubic",
        antialias=True,
        pad_to_aspect_ratio=True,
        fill_value=0.5,
        **FIRST,
        label="padded",
    ),
    sample(
        "Resizing",
        IMAGE,
        height=6,
        width=4,
        interpolation="nearest",
        crop_to_aspect_ratio=True,
        label="cropped",
    ),
]

SAMPLES = [*CONVOLUTIONS, *POOLING, *SIZES]
