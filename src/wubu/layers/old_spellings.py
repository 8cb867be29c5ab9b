"""Arguments of layers as Keras 1 and 2 spelt them."""

from __future__ import annotations

import sys
from typing import Any

from wubu.core.old_spellings import Now, Table

_ORDERINGS = {"tf": "channels_last", "th": "channels_first"}


def _format(value: Any, arguments: dict[str, Any]) -> Any:
    return _ORDERINGS.get(value, value)


def _of_one_sample(value: Any, arguments: dict[str, Any]) -> Any:
    return tuple(value)[1:]


OLD_SPELLINGS: Table = {
    "W_constraint": ("kernel_constraint", "embeddings_constraint"),
    "W_regularizer": ("kernel_regularizer", "embeddings_regularizer"),
    "U_regularizer": "recurrent_regularizer",
    "atrous_rate": "dilation_rate",
    "b_constraint": "bias_constraint",
    "b_regularizer": "bias_regularizer",
    "batch_input_shape": Now("input_shape", _of_one_sample),
    "beta_init": "beta_initializer",
    "bias": "use_bias",
    "border_mode": "padding",
    "dim_ordering": Now("data_format", _format),
    "dropout_U": "recurrent_dropout",
    "dropout_W": "dropout",
    "filter_length": "kernel_size",
    "gamma_init": "gamma_initializer",
    "init": ("kernel_initializer", "embeddings_initializer"),
    "inner_activation": "recurrent_activation",
    "inner_init": "recurrent_initializer",
    "nb_filter": "filters",
    "output_dim": "units",
    "p": "rate",
    "pool_length": "pool_size",
    "sigma": "stddev",
    "stride": "strides",
    "subsample": "strides",
    "subsample_length": "strides",
}


def note_input_shape(owner: str, shape: Any) -> None:
    """Says how the shape of the input is given now."""
    print(
        f"note: {owner}(input_shape=...) is now written as Input({tuple(shape)}) in "
        "front of the layer",
        file=sys.stderr,
    )
