"""Layers: outputs, gradients by inputs and weights, and moving statistics."""

import keras
import numpy as np

from .record import Record, array, draw, evaluate

IMAGE = (2, 7, 6, 2)  # (batch, height, width, channels); the height is odd
IMAGE_FIRST = (2, 2, 7, 6)  # (batch, channels, height, width)
GROUPED = (2, 7, 6, 4)  # channels for two groups
SERIES = (3, 5, 4)  # (batch, time, features)
TABLE = (4, 6)  # (batch, features)

FIRST = {"data_format": "channels_first"}
SAME = {"padding": "same"}


def conv(filters=3, kernel_size=3, **arguments):
    return {"filters": filters, "kernel_size": kernel_size, **arguments}


def pools(layer):
    """The cases that both kinds of pooling share."""
    return [
        (layer, "window_2", {"pool_size": 2}, IMAGE),
        (layer, "window_2_same", {"pool_size": 2, **SAME}, IMAGE),
        (layer, "window_3_stride_2", {"pool_size": 3, "strides": 2}, IMAGE),
        (
            layer,
            "window_3_stride_2_same",
            {"pool_size": 3, "strides": 2, **SAME},
            IMAGE,
        ),
        (
            layer,
            "window_3_stride_1_same",
            {"pool_size": 3, "strides": 1, **SAME},
            IMAGE,
        ),
        (layer, "asymmetric", {"pool_size": [3, 2], "strides": [1, 2]}, IMAGE),
        (layer, "channels_first", {"pool_size": 2, **FIRST}, IMAGE_FIRST),
        (
            layer,
            "channels_first_same",
            {"pool_size": 3, "strides": 2, **SAME, **FIRST},
            IMAGE_FIRST,
        ),
    ]


DENSE = [
    ("Dense", "default", {"units": 5}, TABLE),
    ("Dense", "no_bias", {"units": 5, "use_bias": False}, TABLE),
    ("Dense", "rank_3", {"units": 5}, SERIES),
    *[
        ("Dense", activation, {"units": 5, "activation": activation}, TABLE)
        for activation in ["relu", "tanh", "sigmoid", "softmax", "gelu", "elu", "silu"]
    ],
]

CONVOLUTION = [
    ("Conv2D", "kernel_3", conv(), IMAGE),
    ("Conv2D", "kernel_3_same", conv(**SAME), IMAGE),
    ("Conv2D", "kernel_1", conv(kernel_size=1), IMAGE),
    ("Conv2D", "kernel_5", conv(kernel_size=5), IMAGE),
    ("Conv2D", "kernel_5_same", conv(kernel_size=5, **SAME), IMAGE),
    ("Conv2D", "asymmetric_kernel", conv(kernel_size=[2, 3]), IMAGE),
    ("Conv2D", "asymmetric_kernel_same", conv(kernel_size=[1, 4], **SAME), IMAGE),
    ("Conv2D", "even_kernel_same", conv(kernel_size=2, **SAME), IMAGE),
    ("Conv2D", "stride_2", conv(strides=2), IMAGE),
    ("Conv2D", "stride_2_same", conv(strides=2, **SAME), IMAGE),
    ("Conv2D", "stride_2_1_same", conv(strides=[2, 1], **SAME), IMAGE),
    ("Conv2D", "stride_3_same", conv(strides=3, **SAME), IMAGE),
    (
        "Conv2D",
        "even_kernel_stride_2_same",
        conv(kernel_size=4, strides=2, **SAME),
        IMAGE,
    ),
    (
        "Conv2D",
        "stride_above_kernel_same",
        conv(kernel_size=1, strides=2, **SAME),
        IMAGE,
    ),
    ("Conv2D", "dilation_2", conv(dilation_rate=2), IMAGE),
    ("Conv2D", "dilation_2_same", conv(dilation_rate=2, **SAME), IMAGE),
    ("Conv2D", "groups_2", conv(filters=6, groups=2), GROUPED),
    ("Conv2D", "groups_2_same", conv(filters=4, groups=2, strides=2, **SAME), GROUPED),
    ("Conv2D", "no_bias", conv(use_bias=False), IMAGE),
    ("Conv2D", "relu", conv(activation="relu"), IMAGE),
    ("Conv2D", "tanh", conv(activation="tanh"), IMAGE),
    ("Conv2D", "channels_first", conv(**FIRST), IMAGE_FIRST),
    ("Conv2D", "channels_first_same", conv(strides=2, **SAME, **FIRST), IMAGE_FIRST),
    ("Conv2D", "one_channel", conv(), (2, 6, 5, 1)),
]

POOLING = [
    ("MaxPooling2D", "default", {}, IMAGE),  # AveragePooling2D has no default window
    *pools("MaxPooling2D"),
    *pools("AveragePooling2D"),
    ("GlobalAveragePooling2D", "default", {}, IMAGE),
    ("GlobalAveragePooling2D", "keepdims", {"keepdims": True}, IMAGE),
    ("GlobalAveragePooling2D", "channels_first", FIRST, IMAGE_FIRST),
    (
        "GlobalAveragePooling2D",
        "channels_first_keepdims",
        {"keepdims": True, **FIRST},
        IMAGE_FIRST,
    ),
]

NORMALIZATION = [
    *[
        (
            "BatchNormalization",
            f"{label}_{mode}",
            arguments,
            shape,
            {"training": training},
        )
        for label, arguments, shape in [
            ("default", {}, TABLE),
            ("image", {}, IMAGE),
            ("no_center", {"center": False}, TABLE),
            ("no_scale", {"scale": False}, TABLE),
            ("plain", {"center": False, "scale": False}, TABLE),
            ("axis_1", {"axis": 1}, IMAGE_FIRST),
            ("momentum", {"momentum": 0.8, "epsilon": 0.01}, TABLE),
        ]
        for mode, training in [("training", True), ("inference", False)]
    ],
    ("LayerNormalization", "default", {}, TABLE),
    ("LayerNormalization", "rank_3", {}, SERIES),
    ("LayerNormalization", "axes_1_2", {"axis": [1, 2]}, SERIES),
    ("LayerNormalization", "axes_all", {"axis": [1, 2, 3]}, IMAGE),
    ("LayerNormalization", "epsilon", {"epsilon": 0.1}, TABLE),
    ("LayerNormalization", "no_center", {"center": False}, TABLE),
    ("LayerNormalization", "no_scale", {"scale": False}, TABLE),
    ("LayerNormalization", "plain", {"center": False, "scale": False}, TABLE),
]

RECURRENT = [
    ("LSTM", "default", {"units": 3}, SERIES),
    *[
        ("LSTM", label, {"units": 3, **arguments}, SERIES)
        for label, arguments in [
            ("return_sequences", {"return_sequences": True}),
            ("return_state", {"return_state": True}),
            ("both", {"return_sequences": True, "return_state": True}),
            ("go_backwards", {"go_backwards": True}),
            (
                "go_backwards_sequences",
                {"go_backwards": True, "return_sequences": True},
            ),
            ("no_unit_forget_bias", {"unit_forget_bias": False}),
            ("activation", {"activation": "relu", "recurrent_activation": "tanh"}),
            ("hard_sigmoid", {"recurrent_activation": "hard_sigmoid"}),
            ("no_bias", {"use_bias": False}),
        ]
    ],
    ("LSTM", "initial_state", {"units": 3, "return_state": True}, SERIES),
]

SHAPES_AND_MERGES = [
    ("Flatten", "default", {}, IMAGE),
    ("Flatten", "rank_2", {}, TABLE),
    ("Flatten", "channels_first", FIRST, IMAGE_FIRST),
    ("Reshape", "default", {"target_shape": [4, 5]}, SERIES),
    ("Reshape", "unknown_first", {"target_shape": [-1, 2]}, SERIES),
    ("Reshape", "unknown_last", {"target_shape": [2, 5, -1]}, SERIES),
    ("Rescaling", "scale", {"scale": 1 / 255}, TABLE),
    ("Rescaling", "scale_offset", {"scale": 1 / 127.5, "offset": -1}, IMAGE),
    ("Activation", "relu", {"activation": "relu"}, TABLE),
    ("Activation", "softmax", {"activation": "softmax"}, TABLE),
    ("Dropout", "inference", {"rate": 0.5}, TABLE, {"training": False}),
    ("Add", "two", {}, [TABLE, TABLE]),
    ("Add", "three", {}, [SERIES, SERIES, SERIES]),
    ("Add", "broadcast", {}, [SERIES, (3, 1, 4)]),
    ("Concatenate", "default", {}, [(4, 6), (4, 2), (4, 1)]),
    ("Concatenate", "axis_1", {"axis": 1}, [SERIES, (3, 2, 4)]),
    ("Concatenate", "channels", {"axis": -1}, [IMAGE, (2, 7, 6, 1)]),
]

EMBEDDING = {"input_dim": 7, "output_dim": 3}
INDICES = np.array([[0, 6, 2, 2], [5, 1, 0, 6]])


def layer_inputs(record, shapes):
    """{name: array}: `inputs`, or `inputs_0` ... where a layer takes several."""
    random = record.random
    if isinstance(shapes, tuple):
        inputs = {"inputs": draw(random, *shapes)}
    else:
        inputs = {f"inputs_{i}": draw(random, *s) for i, s in enumerate(shapes)}
    if record.label == "initial_state":
        state = (shapes[0], record.arguments["units"])
        inputs["initial_state_h"] = draw(random, *state)
        inputs["initial_state_c"] = draw(random, *state)
    return inputs


def caller(layer, record, names):
    """A function of the input tensors that calls the layer as its kind wants it."""

    def call(*tensors):
        if record.label == "initial_state":
            return layer(tensors[0], initial_state=list(tensors[1:]))
        several = "inputs" not in names
        return layer(list(tensors) if several else tensors[0], **record.call)

    return call


def set_weights(layer, random):
    """Give every weight distinct values; variances and scales positive ones."""
    for weight in layer.weights:
        positive = weight.name in ("gamma", "moving_variance")
        values = draw(random, *weight.shape, low=0.0 if positive else -1.0, high=1.0)
        weight.assign(values + 0.5 if positive else values)


def weight_arrays(layer):
    """{last part of the weight's path: array}, in the order of `layer.weights`."""
    return {weight.name: array(weight) for weight in layer.weights}


def layer_record(name, label, arguments, shapes, call=None, inputs=None):
    """Build a layer, give it weights, call it once, differentiate."""
    record = Record("layer", name, label, arguments, call or {})
    inputs = inputs or layer_inputs(record, shapes)
    layer = getattr(keras.layers, name)(**arguments)
    function = caller(layer, record, inputs)
    layer.build(
        shapes[:] if isinstance(shapes, tuple) else [tuple(shape) for shape in shapes]
    )
    set_weights(layer, record.random)
    before = weight_arrays(layer)
    trainable = {weight.name: weight.value for weight in layer.trainable_weights}
    evaluate(record, function, inputs, trainable)
    record.arrays["weights"] = before
    record.arrays["updated"] = {
        weight.name: array(weight)
        for weight in layer.non_trainable_weights
        if weight.name in before and record.call.get("training")
    }
    return record


def records():
    table = [*DENSE, *CONVOLUTION, *POOLING, *NORMALIZATION, *RECURRENT]
    for row in [*table, *SHAPES_AND_MERGES]:
        yield layer_record(*row)
    for label, indices in [("table", INDICES), ("vector", INDICES[0])]:
        yield layer_record(
            "Embedding", label, EMBEDDING, indices.shape, inputs={"inputs": indices}
        )
