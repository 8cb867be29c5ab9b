"""Kernels: what is not elementwise. Each takes the generator and a node, and makes the
node's value: loops that read lazy operands and give elements to `g.produce`.

`RULES` is the lowering table. Read `making.py` and `products.py` first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wubu.core.graph import Node
from wubu.executors.native.kernels.convolution import conv, conv_input, conv_kernel
from wubu.executors.native.kernels.joining import concatenate, pad
from wubu.executors.native.kernels.picking import scatter_add
from wubu.executors.native.kernels.products import dot_general
from wubu.executors.native.kernels.random import random_bits
from wubu.executors.native.kernels.reductions import (
    argmax,
    cumsum,
    reduce_max,
    reduce_sum,
)
from wubu.executors.native.kernels.scan import scan
from wubu.executors.native.kernels.windows import (
    max_pick,
    max_pool,
    max_unpool,
    sum_pool,
    sum_unpool,
)

RULES: dict[str, Callable[[Any, Node], None]] = {
    "dot_general": dot_general,
    "conv": conv,
    "conv_input": conv_input,
    "conv_kernel": conv_kernel,
    "sum": reduce_sum,
    "max": reduce_max,
    "argmax": argmax,
    "cumsum": cumsum,
    "max_pool": max_pool,
    "max_unpool": max_unpool,
    "max_pick": max_pick,
    "sum_pool": sum_pool,
    "sum_unpool": sum_unpool,
    "concatenate": concatenate,
    "pad": pad,
    "scatter_add": scatter_add,
    "random_bits": random_bits,
    "scan": scan,
}
