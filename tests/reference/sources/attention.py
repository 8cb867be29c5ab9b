"""Attention, weighted sums over any axes, and layers whose inputs have masks.

Masks lie on the tensors, as layers before would have put them there.
"""

import keras
import numpy as np
from keras.src import backend

from .layers import SERIES, TABLE, layer_record, set_weights
from .record import Record, array, draw, evaluate

ASKED, TIMES = (3, 2, 4), (3, 5, 4)
SMALL, OTHER = (2, 3, 2), (2, 3, 3)

ATTENTION = [
    ("Attention", "two", {}, [ASKED, TIMES]),
    ("Attention", "three", {"use_scale": True}, [ASKED, TIMES, TIMES]),
    ("Attention", "concat", {"score_mode": "concat"}, [ASKED, TIMES]),
    (
        "Attention",
        "concat_scale",
        {"score_mode": "concat", "use_scale": True},
        [ASKED, TIMES, TIMES],
    ),
    ("Attention", "causal", {}, [TIMES, TIMES], {"use_causal_mask": True}),
    ("Attention", "weights", {}, [ASKED, TIMES], {"return_attention_scores": True}),
    ("AdditiveAttention", "default", {}, [ASKED, TIMES]),
    ("AdditiveAttention", "plain", {"use_scale": False}, [ASKED, TIMES, TIMES]),
    (
        "EinsumDense",
        "dense",
        {"equation": "...x,xy->...y", "output_shape": 3, "bias_axes": "y"},
        SERIES,
    ),
    (
        "EinsumDense",
        "heads",
        {"equation": "abc,cde->abde", "output_shape": [None, 2, 3], "bias_axes": "e"},
        SERIES,
    ),
    (
        "EinsumDense",
        "over_time",
        {
            "equation": "abc,bd->adc",
            "output_shape": [2, None],
            "bias_axes": "d",
            "activation": "tanh",
        },
        SERIES,
    ),
    ("EinsumDense", "no_bias", {"equation": "ab,bc->ac", "output_shape": 5}, TABLE),
]

TWO_HEADS = {"num_heads": 2, "key_dim": 3}
GROUPS = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}
SCORES = {"return_attention_scores": True}

# Name, label, arguments, shapes, whether each input has a mask, arguments of the call.
MASKED = [
    ("Softmax", "mask", {}, [TABLE], [TABLE], {}),
    ("Masking", "default", {"mask_value": 0.5}, [SERIES], [None], {}),
    ("BatchNormalization", "mask", {}, [SERIES], [(3, 5)], {"training": True}),
    *[
        row
        for name in ("Add", "Multiply", "Average", "Maximum", "Minimum")
        for row in [
            (name, "all", {}, [SERIES] * 3, [(3, 5)] * 3, {}),
            (name, "some", {}, [SERIES] * 3, [(3, 5), None, (3, 5)], {}),
        ]
    ],
    ("Concatenate", "all", {}, [SERIES] * 2, [(3, 5)] * 2, {}),
    ("Concatenate", "time", {"axis": 1}, [SERIES] * 2, [(3, 5), None], {}),
    ("Attention", "masks", {}, [ASKED, TIMES], [(3, 2), (3, 5)], SCORES),
    (
        "Attention",
        "causal_mask",
        {},
        [TIMES, TIMES],
        [None, (3, 5)],
        {"use_causal_mask": True},
    ),
    ("AdditiveAttention", "masks", {}, [ASKED, TIMES], [(3, 2), (3, 5)], {}),
    ("MultiHeadAttention", "default", TWO_HEADS, [ASKED, TIMES], [None, None], {}),
    (
        "MultiHeadAttention",
        "three",
        {**TWO_HEADS, "value_dim": 2, "use_bias": False, "output_shape": 5},
        [SMALL, OTHER, (2, 3, 4)],
        [None] * 3,
        SCORES,
    ),
    (
        "MultiHeadAttention",
        "causal",
        {**TWO_HEADS, "use_gate": True, "sliding_window": 2},
        [TIMES, TIMES],
        [None, None],
        {"use_causal_mask": True},
    ),
    ("MultiHeadAttention", "values", TWO_HEADS, [ASKED, TIMES], [None, (3, 5)], {}),
    (
        "MultiHeadAttention",
        "masks",
        TWO_HEADS,
        [ASKED, TIMES],
        [(3, 2), (3, 5)],
        SCORES,
    ),
    ("GroupQueryAttention", "default", GROUPS, [ASKED, TIMES], [None, None], {}),
    (
        "GroupQueryAttention",
        "causal",
        {**GROUPS, "use_gate": True, "sliding_window": 3},
        [TIMES, TIMES],
        [None, (3, 5)],
        {**SCORES, "use_causal_mask": True},
    ),
    (
        "MultiHeadAttention",
        "axes",
        {**TWO_HEADS, "attention_axes": [2]},
        [(2, 2, 3, 2), (2, 2, 3, 2)],
        [None, None],
        SCORES,
    ),
    (
        "MultiHeadAttention",
        "two_axes",
        {**TWO_HEADS, "attention_axes": [1, 2]},
        [(2, 2, 3, 2), (2, 2, 3, 2)],
        [None, None],
        SCORES,
    ),
]


def draw_mask(random, shape):
    """Bools; the first of each row is True, so that something is left."""
    mask = random.integers(0, 2, shape).astype(bool)
    mask[:, 0] = True
    return mask


def masked_record(name, label, arguments, shapes, mask_shapes, call):
    """A call on tensors that carry masks; also which mask the first output has."""
    record = Record("masked", name, label, arguments, call)
    random = record.random
    inputs = {str(i): draw(random, *shape) for i, shape in enumerate(shapes)}
    if name == "Masking":
        inputs["0"][:, 2] = arguments["mask_value"]
        inputs["0"][0, 1, :2] = arguments["mask_value"]
    masks = {
        str(i): draw_mask(random, shape)
        for i, shape in enumerate(mask_shapes)
        if shape is not None
    }
    layer = getattr(keras.layers, name)(**arguments)
    apart = name in ("MultiHeadAttention", "GroupQueryAttention")

    def function(*tensors):
        tensors = [tensor + 0 for tensor in tensors]  # masks stay with this call
        for place, mask in masks.items():
            backend.set_keras_mask(tensors[int(place)], backend.convert_to_tensor(mask))
        if apart:
            outputs = layer(*tensors, **call)
        else:
            outputs = layer(tensors if len(tensors) > 1 else tensors[0], **call)
        first = outputs[0] if isinstance(outputs, tuple) else outputs
        found = backend.get_keras_mask(first)
        if found is not None:
            masks["output"] = array(found)
        return outputs

    layer.build(*shapes) if apart or len(shapes) == 1 else layer.build(shapes)
    set_weights(layer, random)
    named = {f"{i}_{w.name}": w for i, w in enumerate(layer.weights)}
    before = {key: array(weight) for key, weight in named.items()}
    trainable = {key: w.value for key, w in named.items() if w.trainable}
    evaluate(record, function, inputs, trainable)
    record.arrays["weights"] = before
    record.arrays["masks"] = {key: np.asarray(mask) for key, mask in masks.items()}
    return record


WORDS = np.array([[3, 4, 0, 0], [5, 0, 1, 2], [1, 2, 3, 4]])


def model_record(label, loss, metrics, targets):
    """Three epochs of a model whose output has the mask of its words."""
    record = Record("masked_model", "LSTM", label, {"loss": loss, "metrics": metrics})
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input((4,), dtype="int64"),
            layers.Embedding(9, 3, mask_zero=True),
            layers.LSTM(3, return_sequences=True),
            layers.Dense(2, activation="softmax"),
        ]
    )
    set_weights(model, record.random)
    weights = {str(i): w for i, w in enumerate(model.get_weights())}
    model.compile("sgd", loss, metrics=metrics)
    history = model.fit(
        WORDS, targets, batch_size=2, epochs=3, shuffle=False, verbose=0
    ).history
    record.arrays["inputs"] = {"x": WORDS, "y": targets}
    record.arrays["weights"] = weights
    record.arrays["outputs"] = {key: np.array(row) for key, row in history.items()}
    return record


def records():
    for row in ATTENTION:
        yield layer_record(*row)
    for row in MASKED:
        yield masked_record(*row)
    random = np.random.default_rng(0)
    yield model_record("numbers", "mse", ["mae"], draw(random, 3, 4, 2))
    classes = random.integers(0, 2, (3, 4))
    entropy = "sparse_categorical_crossentropy"
    yield model_record("classes", entropy, ["accuracy"], classes)
