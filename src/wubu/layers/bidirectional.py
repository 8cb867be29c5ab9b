"""`Bidirectional`: a recurrent layer forwards, its twin backwards."""

from __future__ import annotations

import inspect
from typing import Any

from wubu import ops
from wubu.core.configurable import Configurable
from wubu.core.tensor import Tensor
from wubu.errors import ArgumentError
from wubu.layers.arguments import one_of
from wubu.layers.layer import Layer

_ATTRIBUTES = ("go_backwards", "return_sequences", "return_state", "stateful")


class Bidirectional(Layer):
    """Reads a sequence in both directions and joins what the two layers give.

        y[t] = merge(forward(x)[t], backward(x)[t])

    so that the output at every time may depend on all times.

    Args:
        layer: a recurrent layer: LSTM, GRU, SimpleRNN or RNN, or a layer of your own
            with `go_backwards`, `return_sequences`, `return_state` and `stateful`. It
            serves as a description: both directions are new layers made like it, which
            are called "forward_" and "backward_" and its name.
        merge_mode: "concat", "sum", "mul" or "ave" (the mean); None returns both.
        weights: values to begin with, as `get_weights()` gives them.
        backward_layer: the layer of the other direction, where it is not like `layer`.
        options: name, trainable, dtype of every layer.

    Shapes:
        (batch, time, features) -> (batch, 2 * units) with "concat", (batch, units)
        otherwise, both with time in between for `return_sequences`. With `return_state`
        the forward states follow, then the backward ones, and `initial_state` takes
        them in this order. With a mask, sequences are 0 where it is False.

    Raises:
        ArgumentError: a layer that is not recurrent, two that do not fit together, or
            an unknown `merge_mode`.

    Source:
        Schuster and Paliwal, "Bidirectional recurrent neural networks", 1997.

    Example:
        >>> import wubu
        >>> from wubu.layers import LSTM
        >>> layer = Bidirectional(LSTM(4, return_sequences=True))
        >>> layer(wubu.ones((2, 10, 3))).shape
        (2, 10, 8)
    """

    def __init__(
        self,
        layer: Any,
        merge_mode: str | None = "concat",
        weights: Any = None,
        backward_layer: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        _refuse_others("layer", layer)
        if merge_mode is not None:
            modes = ("concat", "sum", "mul", "ave")
            merge_mode = one_of("merge_mode", merge_mode, modes)
        self.merge_mode = merge_mode
        base = layer.name
        forward = {"name": f"forward_{base.removeprefix('forward_')}"}
        backward = {"name": f"backward_{base.removeprefix('backward_')}"}
        self.forward_layer = _made_like(layer, forward)
        if backward_layer is None:
            backward_layer = _made_like(layer, {**backward, "go_backwards": True})
        _refuse_others("backward_layer", backward_layer)
        self.backward_layer = backward_layer
        _refuse_unlike(self.forward_layer, self.backward_layer)
        for part in (self.forward_layer, self.backward_layer):
            if hasattr(part, "zero_output_for_mask"):
                # A repeated output would be that of another time, turned around.
                part.zero_output_for_mask = part.return_sequences
        self.input_ndim = self.forward_layer.input_ndim
        self._first_weights = weights
        if not self.trainable:
            self.trainable = False  # and so are the two inside

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments as they are now, without `weights`, which are saved
        as such."""
        config = {**super().get_config(), "weights": None, "layer": self.forward_layer}
        if self.backward_layer.trainable != self.forward_layer.trainable:
            config["backward_layer"] = self.backward_layer
        return config

    # -- what both have in common ---------------------------------------------------

    @property
    def return_sequences(self) -> bool:
        return self.forward_layer.return_sequences

    @property
    def return_state(self) -> bool:
        return self.forward_layer.return_state

    @property
    def stateful(self) -> bool:
        return self.forward_layer.stateful

    @property
    def states(self) -> tuple[Any, ...]:
        """The states kept by a stateful layer: forward, then backward."""
        return (*self.forward_layer.states, *self.backward_layer.states)

    def reset_state(self) -> None:
        """Both directions of a stateful layer forget."""
        self.forward_layer.reset_state()
        self.backward_layer.reset_state()

    reset_states = reset_state

    # -- computation --------------------------------------------------------------

    def build(self, input_shape: Any) -> None:
        shape = input_shape[0] if isinstance(input_shape, list) else input_shape
        for part in (self.forward_layer, self.backward_layer):
            if not part.built:
                part.build(shape)
        self.input_axes = self.forward_layer.input_axes
        if self._first_weights is not None:
            self.set_weights(self._first_weights)
            self._first_weights = None

    def ensure_built(self, shapes: tuple[Any, ...]) -> None:
        super().ensure_built(shapes)
        self.forward_layer.ensure_built(shapes[:1])
        self.backward_layer.ensure_built(shapes[:1])

    def call(
        self, sequences: Tensor, initial_state: Any = None, mask: Any = None
    ) -> Any:
        half = 0 if initial_state is None else len(initial_state) // 2
        found = []
        for i, part in enumerate((self.forward_layer, self.backward_layer)):
            given = {"mask": mask} if _takes(part, "mask") else {}
            if initial_state is not None:
                given["initial_state"] = initial_state[
                    i * half : (i + 1) * half or None
                ]
            result = part(sequences, **given)
            found.append(result if self.return_state else (result,))
        (y, *states), (turned, *others) = found
        if self.return_sequences:
            turned = ops.flip(turned, 1)
        joined = self._merge(y, turned)
        outputs = (*joined, *states, *others)
        return outputs if len(outputs) > 1 else outputs[0]

    def _merge(self, y: Tensor, z: Tensor) -> tuple[Tensor, ...]:
        if self.merge_mode == "concat":
            return (ops.concatenate([y, z], axis=-1),)
        if self.merge_mode == "sum":
            return (y + z,)
        if self.merge_mode == "mul":
            return (y * z,)
        return (y, z) if self.merge_mode is None else ((y + z) / 2,)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """Of sequences that are returned; a single output has none."""
        if not self.return_sequences or not isinstance(mask, Tensor):
            return None
        return [mask, mask] if self.merge_mode is None else mask


def _made_like(value: Any, changes: dict[str, Any]) -> Any:
    """A new layer with the arguments of another, but for `changes`; layers among the
    arguments are made anew too."""
    if isinstance(value, Configurable):
        config = {k: _made_like(part, {}) for k, part in value.get_config().items()}
        return type(value).from_config({**config, **changes})
    if isinstance(value, list | tuple):
        return type(value)(_made_like(part, {}) for part in value)
    return value


def _takes(layer: Layer, name: str) -> bool:
    return name in inspect.signature(layer.call).parameters


def _refuse_others(name: str, layer: Any) -> None:
    missing = [a for a in _ATTRIBUTES if not hasattr(layer, a)]
    if not isinstance(layer, Layer) or missing:
        raise ArgumentError(
            f"{name} is a recurrent layer",
            expected="LSTM, GRU, SimpleRNN or RNN, or a layer with "
            + ", ".join(_ATTRIBUTES),
            got=f"{layer!r:.60}",
            fix=f"make one: {layer.__name__}(...)" if isinstance(layer, type) else None,
        )


def _refuse_unlike(forward: Any, backward: Any) -> None:
    if forward.go_backwards == backward.go_backwards:
        raise ArgumentError(
            "the two layers go in different directions",
            expected="go_backwards=False in layer, True in backward_layer",
            got=f"go_backwards={forward.go_backwards} in both",
        )
    for name in _ATTRIBUTES[1:]:
        values = getattr(forward, name), getattr(backward, name)
        if values[0] != values[1]:
            raise ArgumentError(
                f"layer and backward_layer differ in {name}",
                expected=f"{name}={values[0]} in both",
                got=f"{name}={values[1]} in backward_layer",
            )
