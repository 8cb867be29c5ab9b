"""The rest of `keras.ops`: angles, order, windows, sums with conditions."""

import keras
import numpy as np

from .functions import op_record
from .record import Record, evaluate

ANGLES = np.array([-20.0, -1.5, -1.0, -0.3, -1e-9, 1e-9, 0.2, 0.999, 1.0, 3.0, 1e6])
INSIDE = np.array([-0.999, -0.5, -1e-9, 1e-9, 0.3, 0.7, 0.999])
ODD = np.array([[1.0, np.nan, 3.0, -2.0], [np.nan, np.nan, 0.5, 4.0]])
ALL_ODD = np.array([[1.0, -2.0], [np.nan, np.nan]])
ENDS = np.array([np.nan, np.inf, -np.inf, 2.5, -1.0])
TIES = np.array([[3.0, 1.0, 3.0, 2.0, 1.0], [5.0, 5.0, -1.0, 0.0, 2.0]])
IDS = np.array([0, 2, 0, 1])
GRID = np.array([-2.5, -1.0, 0.0, 0.5, 1.7, 7.0])

ELEMENTWISE = [
    ("arctan", "default", {}, [ANGLES]),
    ("arctan2", "quadrants", {}, [ANGLES[:8], -ANGLES[3:]]),
    ("arcsin", "default", {}, [INSIDE]),
    ("arccos", "default", {}, [INSIDE]),
    ("arcsinh", "default", {}, [ANGLES]),
    ("arccosh", "default", {}, [np.array([1.1, 2.0, 30.0])]),
    ("arctanh", "default", {}, [INSIDE]),
    ("deg2rad", "default", {}, [ANGLES]),
    ("rad2deg", "default", {}, [ANGLES]),
    ("hypot", "default", {}, [np.array([3.0, 1e200]), np.array([-4.0, 1e200])]),
    ("sinc", "default", {}, [GRID]),
    ("trunc", "default", {}, [GRID]),
    ("exp2", "default", {}, [GRID]),
    ("cbrt", "default", {}, [np.array([-8.0, 0.5, 27.0])]),
    ("heaviside", "default", {}, [GRID, np.array(0.25)]),
    ("logaddexp2", "default", {}, [GRID, GRID[::-1].copy()]),
    ("fmod", "default", {}, [GRID, np.array(2.0)]),
    ("isposinf", "default", {}, [ENDS]),
    ("isneginf", "default", {}, [ENDS]),
    ("signbit", "default", {}, [np.array([-1.0, -0.0, 0.0, 2.0])]),
    ("nan_to_num", "default", {}, [ENDS]),
    ("nan_to_num", "set", {"nan": 7.0, "posinf": 8.0, "neginf": 9.0}, [ENDS]),
]

ORDER = [
    ("argsort", "ties", {}, [TIES]),
    ("argsort", "axis_0", {"axis": 0}, [(5, 3)]),
    ("sort", "default", {}, [(3, 7)]),
    ("sort", "axis_0", {"axis": 0}, [(6, 2)]),
    ("sort", "flat", {"axis": None}, [(3, 4)]),
    ("median", "all", {}, [(3, 4)]),
    ("median", "axis_keepdims", {"axis": 1, "keepdims": True}, [(3, 5)]),
    ("quantile", "several", {"q": [0.1, 0.5, 0.93]}, [(3, 7)]),
    ("quantile", "axis", {"q": 0.3, "axis": 1}, [(3, 7)]),
    ("quantile", "nearest", {"q": 0.3, "axis": 0, "method": "nearest"}, [(6, 2)]),
    ("searchsorted", "left", {}, [np.array([1.0, 3, 3, 7]), TIES]),
    ("searchsorted", "right", {"side": "right"}, [np.array([1.0, 3, 3, 7]), TIES]),
    ("digitize", "default", {}, [TIES, np.array([0.0, 1.0, 2.5])]),
    ("isin", "default", {}, [TIES, np.array([1.0, 2.0])]),
    ("isin", "invert", {"invert": True}, [TIES, np.array([1.0, 2.0])]),
    ("histogram", "default", {"bins": 4}, [TIES[0]]),
    ("unravel_index", "default", {"shape": [2, 3]}, [np.array([5, 2])]),
]

SHAPES = [
    ("append", "flat", {}, [(2, 3), (2,)]),
    ("append", "axis", {"axis": 1}, [(2, 3), (2, 1)]),
    ("ravel", "default", {}, [(2, 3)]),
    ("fliplr", "default", {}, [(2, 3)]),
    ("flipud", "default", {}, [(2, 3)]),
    *[("rot90", f"k_{k}", {"k": k}, [(2, 3)]) for k in (-1, 0, 1, 2, 3)],
    ("rot90", "axes", {"axes": [2, 0]}, [(2, 3, 4)]),
    ("array_split", "default", {"indices_or_sections": 3}, [(7, 2)]),
    ("hsplit", "default", {"indices_or_sections": 2}, [(3, 4)]),
    ("meshgrid", "xy", {}, [(2,), (3,)]),
    ("meshgrid", "ij", {"indexing": "ij"}, [(2,), (3,), (2,)]),
    ("vander", "default", {}, [np.array([2.0, -1.0, 0.5])]),
    ("vander", "increasing", {"N": 4, "increasing": True}, [np.array([2.0, -1.0])]),
    ("diff", "twice", {"n": 2, "axis": 0}, [(5, 2)]),
    ("trapezoid", "dx", {"dx": 0.5}, [(2, 5)]),
    ("trapezoid", "axis", {"axis": 0}, [(4, 2)]),
    ("diagonal", "default", {"offset": 1}, [(3, 4)]),
    ("diagonal", "axes", {"offset": -1, "axis1": 0, "axis2": 2}, [(3, 2, 4)]),
    ("trace", "default", {}, [(3, 3)]),
    ("diagflat", "default", {"k": 1}, [(2, 2)]),
    ("cross", "default", {}, [(2, 3), (2, 3)]),
    ("cross", "axis", {"axis": 0}, [(3, 2), (3, 2)]),
    ("inner", "default", {}, [(2, 3), (4, 3)]),
    ("vdot", "default", {}, [(3,), (3,)]),
    ("kron", "default", {}, [(2, 3), (2, 2)]),
    ("slice", "default", {"shape": [2, 2]}, [(3, 4), np.array([1, 2])]),
    ("slice_update", "default", {}, [(3, 4), np.array([1, 2]), (2, 2)]),
    ("scatter", "default", {"shape": [4, 2]}, [np.array([[0], [3], [0]]), (3, 2)]),
    ("scatter_update", "coordinates", {}, [(3, 2), np.array([[0, 1], [2, 0]]), (2,)]),
    ("multi_hot", "default", {"num_classes": 4}, [np.array([[0, 2], [3, 3]])]),
    ("space_to_depth", "default", {"block_size": 2}, [(2, 4, 6, 3)]),
    ("depth_to_space", "default", {"block_size": 2}, [(2, 2, 3, 8)]),
]

SUMS = [
    ("cumprod", "flat", {}, [(2, 3)]),
    ("cumprod", "axis", {"axis": 1}, [(2, 3)]),
    ("ptp", "axis", {"axis": 1}, [(2, 3)]),
    *[
        (name, label, arguments, [x])
        for name in ("nansum", "nanmean", "nanvar", "nanstd", "nanmax", "nanmin")
        for label, arguments, x in [
            ("all", {}, ODD),
            ("axis_keepdims", {"axis": 1, "keepdims": True}, ODD),
        ]
    ],
    ("nanmean", "nothing", {"axis": 1}, [ALL_ODD]),
    ("nanmax", "nothing", {"axis": 1}, [ALL_ODD]),
    ("nanprod", "default", {"axis": 1}, [ODD]),
    ("nanargmax", "default", {"axis": 1}, [ODD]),
    ("nanargmin", "default", {"axis": 1}, [ODD]),
    ("nancumsum", "default", {"axis": 1}, [ODD]),
    ("nancumprod", "default", {"axis": 1}, [ODD]),
    ("segment_sum", "default", {"num_segments": 3}, [(4, 2), IDS]),
    ("segment_max", "default", {"num_segments": 3}, [(4, 2), IDS]),
    ("segment_min", "default", {"num_segments": 3}, [(4, 2), IDS]),
    ("bincount", "default", {}, [np.array([1, 3, 1])]),
    (
        "bincount",
        "weights",
        {"minlength": 6},
        [np.array([1, 3, 1]), np.array([0.5, 2.0, 3.0])],
    ),
]

HEADS = [(2, 3, 4, 5), (2, 6, 4, 5), (2, 6, 4, 5)]
ATTENTION = [
    ("dot_product_attention", "default", {}, HEADS),
    ("dot_product_attention", "scale", {"scale": 0.3}, HEADS),
    ("dot_product_attention", "causal", {"is_causal": True}, [(2, 3, 4, 5)] * 3),
]

OPS = [*ELEMENTWISE, *ORDER, *SHAPES, *SUMS, *ATTENTION]

PICTURE = np.linspace(0.02, 0.98, 24).reshape(2, 2, 2, 3)[..., [2, 0, 1]] ** [1, 2, 1]

IMAGES = [
    ("image.rgb_to_grayscale", "default", {}),
    ("image.rgb_to_hsv", "default", {}),
    ("image.hsv_to_rgb", "default", {}),
    ("image.extract_patches", "default", {"size": 2}),
    ("image.extract_patches", "same", {"size": 2, "strides": 1, "padding": "same"}),
]


def image_record(name, label, arguments):
    function = getattr(keras.ops.image, name.removeprefix("image."))
    record = Record("op", name, label, arguments)
    return evaluate(record, lambda x: function(x, **arguments), {"0": PICTURE})


# PyTorch has no derivative of these.
VALUES_ONLY = {"bincount", "heaviside", "histogram", "vander"}


def value_record(name, label, arguments, inputs):
    """The values alone."""
    function = getattr(keras.ops, name)
    arrays = {str(index): value for index, value in enumerate(inputs)}
    record = Record("op", name, label, arguments)

    def detached(*inputs):
        found = function(*(x.detach() for x in inputs), **arguments)
        return list(found) if isinstance(found, tuple) else found

    return evaluate(record, detached, arrays)


def records():
    for case in OPS:
        yield value_record(*case) if case[0] in VALUES_ONLY else op_record(*case)
    for case in IMAGES:
        yield image_record(*case)
