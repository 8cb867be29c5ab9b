"""Where Keras on torch falls short of Keras elsewhere, and of double precision.

Each correction was found by computing the cases on Keras' JAX backend as well: with
them the two agree to 1e-13 in every value and gradient that both can compute.
"""

import keras
import torch
from keras.src.backend.common import dtypes
from keras.src.backend.torch import nn

torch_average_pool = nn.average_pool


def apply():
    """Make Keras compute in float64, with the functions of this module."""
    keras.config.set_floatx("float64")
    # Type promotion turns float64 into float32 in the middle of a computation,
    # whatever `floatx` says; this table holds what becomes what.
    dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
    nn.average_pool = average_pool
    nn.hard_sigmoid = hard_sigmoid


def hard_sigmoid(x):
    """relu6(x + 3) / 6. Torch's own derivative of it has 1/6 in single precision."""
    return torch.nn.functional.relu6(x + 3) / 6


def average_pool(
    inputs, pool_size, strides=None, padding="valid", data_format="channels_last"
):
    """The mean of the elements present in each window, as TensorFlow and JAX have it.

    Where more padding is due on one side than on the other, Keras on torch repeats the
    elements at the edge and counts them.
    """
    if padding == "valid":
        return torch_average_pool(inputs, pool_size, strides, padding, data_format)
    total, present = (
        torch_average_pool(
            pad_with_zeros(value, pool_size, strides, data_format),
            pool_size,
            strides,
            "valid",
            data_format,
        )
        for value in (inputs, torch.ones_like(inputs))
    )
    return total / present


def pad_with_zeros(inputs, pool_size, strides, data_format):
    """Add to the height and width what "same" padding asks for."""
    pool_size, strides = pair(pool_size), pair(strides or pool_size)
    first = 2 if data_format == "channels_first" else 1
    padding = [0, 0] * inputs.ndim  # torch counts axes from the last one
    for axis, (window, stride) in enumerate(
        zip(pool_size, strides, strict=True), first
    ):
        before_after = nn._compute_padding_length(inputs.shape[axis], window, stride)
        position = 2 * (inputs.ndim - 1 - axis)
        padding[position : position + 2] = before_after
    return torch.nn.functional.pad(inputs, padding)


def pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)
