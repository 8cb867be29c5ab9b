"""`Sequential`: a chain of layers, each taking what the one before gives."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

from wubu.core import tree
from wubu.core.location import user_location
from wubu.core.tensor import as_tensor
from wubu.errors import ArgumentError, DTypeError, ShapeError, WubuError
from wubu.layers import Layer, Symbol
from wubu.layers.masks import masked
from wubu.layers.naming import keys_of
from wubu.models.graph_config import describe_layer, known_trainable, layer_from
from wubu.models.input_shapes import agree, fix_for, shape_in_words
from wubu.models.model import Model


class Sequential(Model):
    """A chain of layers.

    Args:
        layers: the layers in order; `Input(shape)` in front builds them at once.
        trainable: whether training updates the weights.
        name: of the model.

    Raises:
        DTypeError: something that is no layer.
        ArgumentError: two layers with the same name.

    Example:
        >>> from wubu.layers import Dense, Input
        >>> model = Sequential([Input((4,)), Dense(8, activation="relu"), Dense(3)])
        >>> model.count_params()
        67
    """

    def __init__(
        self,
        layers: Sequence[Any] | None = None,
        trainable: bool = True,
        name: str | None = None,
    ) -> None:
        super().__init__(name=name, trainable=trainable)
        self._layers: list[Layer] = []
        self._start: Symbol | None = None
        self._chain: list[Any] = []  # symbols: the input, and what each layer gives
        if isinstance(layers, Layer | Symbol | str):
            raise ArgumentError(
                "the layers of a Sequential are a list",
                where=user_location(),
                got=repr(layers)[:60],
                fix="write Sequential([...])",
            )
        for layer in layers or ():
            self._append(layer)
        self._changed()

    @property
    def layers(self) -> list[Layer]:
        if self.built and not self._chain:  # built by data, or a copy
            with contextlib.suppress(WubuError):
                self._draw_chain(self.input_spec)
        return list(self._layers)

    def children(self) -> list[tuple[str, Any]]:
        return list(zip(keys_of(self._layers), self._layers, strict=True))

    @property
    def sublayers(self) -> list[Any]:
        return list(self._layers)  # the same, without names

    def add(self, layer: Any) -> None:
        """Appends a layer. One that does not fit leaves the model as it was."""
        layers, start = list(self._layers), self._start
        try:
            self._append(layer)
            self._changed()
        except Exception:
            self._layers, self._start = layers, start
            self._changed()
            raise

    def pop(self) -> Layer:
        """Removes the last layer and returns it."""
        if not self._layers:
            raise ArgumentError("there is no layer left to remove")
        self._forget_chain(len(self._layers) - 1)
        layer = self._layers.pop()
        self._changed()
        return layer

    def _append(self, layer: Any) -> None:
        if isinstance(layer, Symbol) and layer.call is None:
            if self._layers or self._start is not None:
                raise ArgumentError("Input comes first", got=repr(layer))
            self._start = layer
            return
        if not isinstance(layer, Layer):
            raise DTypeError(
                "a Sequential is made of layers",
                where=user_location(),
                expected="layer objects, such as Dense(10)",
                got=repr(layer)[:60],
                fix="write it with brackets, as in Flatten()"
                if isinstance(layer, type)
                else None,
            )
        if any(layer.name == other.name for other in self._layers):
            raise ArgumentError(
                f'two layers are named "{layer.name}"',
                where=user_location(),
                fix="give one of them another name; to use a layer twice, draw the "
                "model up with Model(inputs, outputs)",
            )
        if not self._layers and self._start is None:
            self._start = _input_of(layer)
        self._layers.append(layer)

    def _changed(self) -> None:
        """Builds as soon as the input is known."""
        self.built = False
        self._input_spec = None
        self._forget_steps()
        if self._start is not None and self._layers:
            self.build_for(self._start)

    def call(self, inputs: Any, mask: Any = None) -> Any:
        x = masked(inputs, mask)
        if self._start is not None:
            x = _single(self.name, x)
            self._check_start(x)
        for number, layer in enumerate(self._layers):
            x = _numbered(number + 1, layer, x)
        return x

    def _build_on(self, symbols: Any) -> None:
        if type(self).call is not Sequential.call:
            super()._build_on(symbols)
            return
        with self._building(symbols):
            self._draw_chain(symbols)
            self.built = True

    def _draw_chain(self, start: Any) -> None:
        """Calls each layer on symbols, once; those of the layers that were there
        before are kept."""
        if not self._chain or self._chain[0] is not start:
            self._forget_chain(0)
            self._chain = [start]
        for place in range(len(self._chain), len(self._layers) + 1):
            x = _numbered(place, self._layers[place - 1], self._chain[-1])
            self._chain.append(x)

    def _forget_chain(self, length: int) -> None:
        """Forgets the symbols after the first `length` layers."""
        for layer, outputs in zip(self._layers, self._chain[1:], strict=False):
            if all(outputs is not kept for kept in self._chain[: length + 1]):
                layer.disconnect(outputs)
        del self._chain[length + 1 if length else 0 :]

    def _drawn(self, wanted: str) -> tuple[Any, Any]:
        if self.input_spec is None or type(self).call is not Sequential.call:
            return super()._drawn(wanted)
        self._draw_chain(self.input_spec)
        return self._chain[0], self._chain[-1]

    def _check_start(self, x: Any) -> None:
        assert self._start is not None
        wanted = self._start.shape
        if not agree(x.shape[1:], wanted[1:]) or not x.shape:
            raise ShapeError(
                "it was built for inputs of another shape",
                expected=shape_in_words(wanted),
                got=shape_in_words(x.shape),
                fix=fix_for(x.shape, wanted),
            )

    @property
    def output_names(self) -> list[str]:
        """The name of the last layer."""
        return [self._layers[-1].name] if self._layers else []

    def get_config(self) -> dict[str, Any]:
        start = self._input_spec if self._start is None else self._start
        return {
            "name": self.name,
            "trainable": self.trainable,
            "layers": [describe_layer(layer) for layer in self._layers],
            "input": None
            if start is None
            else {
                "batch_shape": list(start.shape),
                "dtype": str(start.dtype),
                "name": start.name,
            },
        }

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_chain": []}

    @classmethod
    def _from_config(cls, config: Mapping[str, Any]) -> Sequential:
        parts: list[Any] = [layer_from(part) for part in config["layers"]]
        start = config.get("input")
        if start is not None:
            shape = tuple(start["batch_shape"])
            parts.insert(0, Symbol(shape, start["dtype"], start["name"]))
        model = cls(parts, name=config["name"])
        model._trainable = known_trainable(config.get("trainable", True))
        return model


def _numbered(number: int, layer: Layer, x: Any) -> Any:
    """What a layer gives for x; an error says where in the chain it stands."""
    try:
        return layer(x)
    except ShapeError as error:
        if getattr(error, "layer_number", None) is None:
            error.layer_number = number  # type: ignore[attr-defined]
            old = f'layer "{layer.name}"'
            new = f'layer {number} "{layer.name}"'
            error.what = error.what.replace(old, new, 1)
        raise


def _single(name: str, inputs: Any) -> Any:
    """The one input of a model that takes one."""
    found = tree.flatten(inputs)[0]
    if len(found) != 1:
        raise ArgumentError(
            f'the model "{name}" has one input',
            expected="one array",
            got=f"{len(found)} arrays",
            fix="if they are the samples, np.stack(list) makes one array of them",
        )
    return as_tensor(found[0])


def _input_of(layer: Layer) -> Symbol | None:
    """The input of a first layer that says what it takes: by `input_shape=`, or because
    it is a model that knows its input."""
    if layer.input_shape_hint is not None:
        return Symbol((None, *layer.input_shape_hint), layer.dtype)
    spec = layer.input_spec if isinstance(layer, Model) else None
    return spec if isinstance(spec, Symbol) else None
