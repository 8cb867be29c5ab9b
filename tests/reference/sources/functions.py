"""Activations, ops and regularizers: plain functions, by value and derivative."""

import keras
import numpy as np

from .record import Record, array, draw, evaluate, tensor

# Ordinary values, the kinks of the piecewise functions (0, 1, 3, 6, 0.5), values at
# which a careless formula overflows.
MAGNITUDES = [1e-6, 1e-3, 0.1, 0.3, 0.5, 1, 1.7, 2.5, 3, 4.2, 6, 10, 20, 50, 1000]
GRID = np.array([-m for m in reversed(MAGNITUDES)] + [0] + MAGNITUDES)
ROWS = np.array(
    [
        [0.5, -1.25, 2.0, 0.25],
        [50.0, -50.0, 49.0, 0.0],
        [1000.0, -1000.0, 999.0, 0.0],
        [0.0, 0.0, 0.0, 0.0],
    ]
)
SPREAD = np.array(
    [[0.5, -1.25, 2.0, 0.25], [0.3, 0.1, 0.2, -0.1], [900, -900, 899.5, 0]]
)

ELEMENTWISE = [
    "celu",
    "elu",
    "exponential",
    "gelu",
    "hard_shrink",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "linear",
    "log_sigmoid",
    "mish",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "soft_shrink",
    "softplus",
    "softsign",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
    "swish",
    "tanh",
    "tanh_shrink",
]

ACTIVATIONS = [
    *[(name, "default", {}, GRID) for name in ELEMENTWISE],
    ("celu", "alpha", {"alpha": 0.5}, GRID),
    ("elu", "alpha", {"alpha": 0.5}, GRID),
    ("gelu", "approximate", {"approximate": True}, GRID),
    ("leaky_relu", "negative_slope", {"negative_slope": 0.01}, GRID),
    ("relu", "negative_slope", {"negative_slope": 0.1}, GRID),
    ("relu", "max_value", {"max_value": 4.0}, GRID),
    ("relu", "threshold", {"threshold": 0.7}, GRID),
    (
        "relu",
        "all",
        {"negative_slope": 0.1, "max_value": 4.0, "threshold": 0.7},
        GRID,
    ),
    ("threshold", "default", {"threshold": 0.7, "default_value": -3.0}, GRID),
    ("softmax", "default", {}, ROWS),
    ("softmax", "axis_0", {"axis": 0}, ROWS),
    ("log_softmax", "default", {}, ROWS),
    ("log_softmax", "axis_0", {"axis": 0}, ROWS),
    ("glu", "default", {}, ROWS),
    ("sparsemax", "default", {}, SPREAD),
]


# Where a function has a kink at which Keras' backends have different derivatives.
KINKS = {
    "hard_tanh/default": [-1, 1],
    "leaky_relu/default": [0],
    "leaky_relu/negative_slope": [0],
    "relu/negative_slope": [0],
    "sparse_sigmoid/default": [-1, 1],
}


def activation_record(name, label, arguments, x):
    """Elementwise ones have a cotangent of ones: their gradient is the derivative.

    It is 0 at the kinks above, so that any derivative there agrees.
    """
    function = getattr(keras.activations, name)
    record = Record("activation", name, label, arguments)
    kinks = KINKS.get(f"{name}/{label}", [])
    ones = np.where(np.isin(x, kinks), 0.0, 1.0)
    cotangent = (lambda shape: ones) if x is GRID else None
    return evaluate(
        record, lambda x: function(x, **arguments), {"x": x}, None, cotangent
    )


INDICES = np.array([2, 0, 2])
LABELS = np.array([[1, 0], [2, 1]])

# (name, label, arguments, inputs): a tuple among the inputs is the shape of an array to
# draw; an array is itself.
REDUCTIONS = [
    (name, label, arguments, [(3, 4, 2)])
    for name in ["mean", "var", "std", "sum", "max", "min", "logsumexp"]
    for label, arguments in [
        ("all", {}),
        ("axis", {"axis": 1}),
        ("axes_keepdims", {"axis": [0, 2], "keepdims": True}),
    ]
]

EINSUM = [
    ("einsum", label, {"subscripts": subscripts}, shapes)
    for label, subscripts, shapes in [
        ("matmul", "ij,jk->ik", [(3, 4), (4, 2)]),
        ("batched", "bij,bjk->bik", [(2, 3, 4), (2, 4, 2)]),
        ("attention", "bthd,bshd->bhts", [(2, 3, 2, 4), (2, 5, 2, 4)]),
        ("outer", "i,j->ij", [(3,), (4,)]),
        ("transpose", "ijk->kij", [(2, 3, 4)]),
        ("sum", "ijk->j", [(2, 3, 4)]),
        ("dot", "i,i->", [(4,), (4,)]),
        ("bilinear", "bi,ijk,bj->bk", [(2, 3), (3, 4, 5), (2, 4)]),
        ("ellipsis", "...i,ij->...j", [(2, 3, 4), (4, 2)]),
        ("implicit", "ij,jk", [(3, 4), (4, 2)]),
    ]
]

WINDOWS = [
    ("conv", "default", {}, [(2, 5, 6, 3), (3, 3, 3, 4)]),
    (
        "conv",
        "stride_2_same",
        {"strides": 2, "padding": "same"},
        [(2, 5, 6, 3), (3, 2, 3, 4)],
    ),
    ("conv", "dilation_2", {"dilation_rate": 2}, [(2, 7, 6, 2), (3, 2, 2, 3)]),
    ("max_pool", "default", {"pool_size": 2}, [(2, 5, 6, 3)]),
    (
        "max_pool",
        "same",
        {"pool_size": 3, "strides": 2, "padding": "same"},
        [(2, 5, 6, 3)],
    ),
    ("average_pool", "default", {"pool_size": 2}, [(2, 5, 6, 3)]),
    (
        "average_pool",
        "same",
        {"pool_size": 3, "strides": 2, "padding": "same"},
        [(2, 5, 6, 3)],
    ),
]

INDEXING = [
    ("one_hot", "default", {"num_classes": 4}, [LABELS]),
    ("one_hot", "axis_0", {"num_classes": 4, "axis": 0}, [LABELS]),
    ("one_hot", "minus_one", {"num_classes": 3}, [np.array([0, 2, -1])]),
    ("take", "flat", {}, [(3, 4), INDICES]),
    ("take", "axis_0", {"axis": 0}, [(3, 4), INDICES]),
    ("take", "axis_1", {"axis": 1}, [(3, 4), LABELS]),
    ("take", "negative", {"axis": 0}, [(3, 4), np.array([-1, 0])]),
    ("take_along_axis", "axis_1", {"axis": 1}, [(2, 4), LABELS]),
    ("take_along_axis", "axis_0", {"axis": 0}, [(3, 2), LABELS]),
    ("argmax", "flat", {}, [(3, 4)]),
    ("argmax", "axis_1", {"axis": 1}, [(3, 4)]),
    ("argmax", "ties", {"axis": 1}, [np.array([[1.0, 3, 3], [2, 2, 1]])]),
    ("argmin", "axis_0", {"axis": 0}, [(3, 4)]),
]

PLAIN = [
    ("softmax", "default", {}, [(3, 4)]),
    ("softmax", "axes", {"axis": [1, 2]}, [(2, 3, 4)]),
    ("log_softmax", "default", {}, [(3, 4)]),
    ("logsumexp", "large", {"axis": 1}, [ROWS]),
    ("norm", "default", {}, [(3, 4)]),
    ("norm", "order_1", {"ord": 1, "axis": 1}, [(3, 4)]),
    ("norm", "order_2", {"ord": 2, "axis": 1, "keepdims": True}, [(3, 4)]),
    ("normalize", "default", {}, [(3, 4)]),
    ("normalize", "axis_0", {"axis": 0}, [(3, 4)]),
    ("normalize", "order_1", {"order": 1}, [(3, 4)]),
    ("normalize", "zeros", {}, [np.zeros((2, 3))]),
    ("moments", "axis_0", {"axes": [0]}, [(3, 4)]),
    ("moments", "axes_keepdims", {"axes": [0, 1], "keepdims": True}, [(3, 4, 2)]),
    ("cumsum", "flat", {}, [(3, 4)]),
    ("cumsum", "axis_1", {"axis": 1}, [(3, 4)]),
    ("clip", "default", {"x_min": -0.5, "x_max": 1.0}, [(3, 4)]),
    ("where", "default", {}, [np.eye(3, dtype=bool), (3, 3), (3, 3)]),
    ("where", "broadcast", {}, [np.eye(3, dtype=bool), (3, 1), (3,)]),
    ("logaddexp", "default", {}, [(3, 4), (3, 4)]),
    ("logaddexp", "large", {}, [ROWS, ROWS[::-1].copy()]),
    ("erf", "default", {}, [(3, 4)]),
    ("expm1", "default", {}, [(3, 4)]),
    ("expm1", "small", {}, [np.array([1e-12, -1e-12, 1e-6])]),
    ("log1p", "default", {}, [np.array([1e-12, -1e-12, 0.5, 30.0])]),
    ("tril", "default", {}, [(4, 4)]),
    ("tril", "k_1", {"k": 1}, [(2, 3, 4)]),
    ("triu", "default", {}, [(4, 4)]),
    ("triu", "k_minus_1", {"k": -1}, [(2, 3, 4)]),
    ("maximum", "default", {}, [(3, 4), (4,)]),
    ("matmul", "batched", {}, [(2, 3, 4), (4, 2)]),
    ("prod", "axis_1", {"axis": 1}, [(3, 4)]),
]

OPS = [*REDUCTIONS, *EINSUM, *WINDOWS, *INDEXING, *PLAIN]


def op_function(name, arguments):
    """The op with its arguments bound; einsum's subscripts go before its inputs.

    Some ops want axes as a tuple, and JSON has only lists.
    """
    function = getattr(keras.ops, name)
    if name == "einsum":
        return lambda *inputs: function(arguments["subscripts"], *inputs)
    bound = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in arguments.items()
    }
    return lambda *inputs: function(*inputs, **bound)


def op_record(name, label, arguments, inputs):
    """The op's positional arguments are `inputs`: "0", "1" ..."""
    record = Record("op", name, label, arguments)
    random = record.random
    arrays = [draw(random, *x) if isinstance(x, tuple) else x for x in inputs]
    named = {str(index): value for index, value in enumerate(arrays)}
    return evaluate(record, op_function(name, arguments), named)


REGULARIZERS = [
    ("L1", "default", {}),
    ("L1", "set", {"l1": 0.3}),
    ("L2", "default", {}),
    ("L2", "set", {"l2": 0.3}),
    ("L1L2", "default", {}),
    ("L1L2", "set", {"l1": 0.2, "l2": 0.3}),
]


def regularizer_record(name, label, arguments):
    """The penalty of a matrix. The default L1L2 is the constant 0: no gradient."""
    record = Record("regularizer", name, label, arguments)
    regularizer = getattr(keras.regularizers, name)(**arguments)
    x = draw(record.random, 3, 4)
    if (name, label) != ("L1L2", "default"):
        return evaluate(record, regularizer, {"x": x}, None, np.ones)
    penalty = array(regularizer(tensor(x)))
    record.arrays = {"inputs": {"x": x}, "outputs": {"0": penalty}}
    return record


def records():
    for row in ACTIVATIONS:
        yield activation_record(*row)
    for row in OPS:
        yield op_record(*row)
    for row in REGULARIZERS:
        yield regularizer_record(*row)
