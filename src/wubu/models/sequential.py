"""`Sequential`: a chain of layers, each taking what the one before gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from wubu.core.configurable import deserialize, serialize
from wubu.core.location import user_location
from wubu.core.tensor import as_tensor
from wubu.errors import ArgumentError, DTypeError, ShapeError
from wubu.layers import Layer, Symbol
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
        for layer in layers or ():
            self._append(layer)
        self._build_early()

    @property
    def layers(self) -> list[Layer]:
        return list(self._layers)

    def children(self) -> list[tuple[str, Any]]:
        return [(layer.name, layer) for layer in self._layers]

    def add(self, layer: Any) -> None:
        """Appends a layer."""
        self._append(layer)
        self._changed()

    def pop(self) -> Layer:
        """Removes the last layer and returns it."""
        if not self._layers:
            raise ArgumentError("there is no layer left to remove")
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
        hint = layer.input_shape_hint
        if hint is not None and not self._layers and self._start is None:
            self._start = Symbol((None, *hint), "float32")
        self._layers.append(layer)

    def _changed(self) -> None:
        self.built = False
        self._steps = {}
        self._build_early()

    def _build_early(self) -> None:
        """Builds as soon as the input is known."""
        if self._start is not None and self._layers:
            self._input_spec = self._start
            self.build_for(self._start)

    def call(self, inputs: Any) -> Any:
        x = inputs
        if self._start is not None:
            self._check_start(as_tensor(x))
        for number, layer in enumerate(self._layers):
            try:
                x = layer(x)
            except ShapeError as error:
                if getattr(error, "layer_number", None) is None:
                    error.layer_number = number + 1  # type: ignore[attr-defined]
                    old = f'layer "{layer.name}"'
                    new = f'layer {number + 1} "{layer.name}"'
                    error.what = error.what.replace(old, new, 1)
                raise
        return x

    def _check_start(self, x: Any) -> None:
        assert self._start is not None
        wanted = self._start.shape
        if not _agree(x.shape[1:], wanted[1:]):
            raise ShapeError(
                f'the model "{self.name}" was built for another input',
                expected=str(wanted).replace("None", "any"),
                got=x.shape,
                fix=_fix_for(x.shape, wanted),
            )

    @property
    def inputs(self) -> Any:
        """The symbol of the input, where it is known."""
        return self._input_spec if self._start is None else self._start

    @property
    def input_shape(self) -> Any:
        return None if self.inputs is None else self.inputs.shape

    @property
    def output_shape(self) -> Any:
        self._require_built("output_shape")
        return self.compute_output_shape(self._input_spec.shape)

    def get_config(self) -> dict[str, Any]:
        start = self.inputs
        described = []
        for layer in self._layers:
            part = serialize(layer)
            part["config"]["name"] = layer.name
            described.append(part)
        return {
            "name": self.name,
            "trainable": self.trainable,
            "layers": described,
            "input": None
            if start is None
            else {"batch_shape": list(start.shape), "dtype": str(start.dtype)},
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Sequential:  # type: ignore[override]
        parts: list[Any] = [deserialize(part) for part in config["layers"]]
        start = config.get("input")
        if start is not None:
            parts.insert(0, Symbol(tuple(start["batch_shape"]), start["dtype"]))
        model = cls(parts, name=config["name"])
        if not config.get("trainable", True):
            model.trainable = False
        return model


def _fix_for(shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> str | None:
    """The usual reasons: the channel axis or the batch axis is missing."""
    if len(shape) + 1 != len(wanted):
        return None
    if wanted[-1] == 1 and _agree(shape[1:], wanted[1:-1]):
        return "add the channel axis: x[..., None]"
    if _agree(shape, wanted[1:]):
        return "add the batch axis: x[None]"
    return None


def _agree(shape: tuple[Any, ...], wanted: tuple[Any, ...]) -> bool:
    return len(shape) == len(wanted) and all(
        n is None or m == n for m, n in zip(shape, wanted, strict=True)
    )
