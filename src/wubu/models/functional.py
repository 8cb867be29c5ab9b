"""`Functional`: a model drawn up by calling layers on symbols.

What such a model does stands in `layer_graph.py` and `model.py`; a subclass of `Model`
with methods of its own can be drawn up in the same way.
"""

from __future__ import annotations

from wubu.models.model import Model


class Functional(Model):
    """A graph of layers from inputs to outputs; what `Model(inputs, outputs)` makes.

    Layers may be shared, inputs and outputs may be several and named.

    Args:
        inputs: a symbol from `Input`, or a list or dictionary of them.
        outputs: a symbol computed from them, or a list or dictionary.
        options: name, trainable, dtype.

    Raises:
        ArgumentError: an output does not come from the inputs, or two layers have the
            same name.

    Example:
        >>> from wubu.layers import Concatenate, Dense, Input
        >>> a, b = Input((2,)), Input((3,))
        >>> model = Model([a, b], Dense(1)(Concatenate()([a, b])))
        >>> model.compute_output_shape([(None, 2), (None, 3)])
        (None, 1)
    """
