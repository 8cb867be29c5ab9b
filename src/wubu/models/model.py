"""`Model`: a layer that can be trained, saved and looked at.

Three ways to build one: `Sequential([...])`, a chain of layers; `Model(inputs,
outputs)`, a graph of layers drawn up with symbols (`functional.py`); or a subclass with
layers in attributes and a `call` of its own.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from wubu import saving
from wubu.core import tree
from wubu.core.graph import Graph
from wubu.core.jit import trace
from wubu.errors import ArgumentError, FileFormatError, StateError, UnknownNameError
from wubu.layers import Layer, Symbol
from wubu.layers.contents import by_contents, contents_of
from wubu.layers.layer import LayerMeta
from wubu.layers.masks import masked
from wubu.layers.naming import keys_of
from wubu.layers.symbol import symbols_in
from wubu.layers.symbolic import as_shapes, map_shapes, output_symbols
from wubu.models import summary as summary_text
from wubu.models.drawn import Drawn
from wubu.models.graph_config import known_trainable, symbols_from
from wubu.models.layer_graph import LayerGraph
from wubu.models.resumable import Resumable
from wubu.models.specs import as_symbol, batch_of, one_sample, unwrapped
from wubu.training import Trainer


class _ModelMeta(LayerMeta):
    """Lets `Model(inputs, outputs)` make a functional model, as in Keras."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        if cls is Model and (args or "inputs" in kwargs or "outputs" in kwargs):
            from wubu.models.functional import Functional

            return Functional(*args, **kwargs)
        return super().__call__(*args, **kwargs)


class Model(Trainer, Resumable, Drawn, metaclass=_ModelMeta):
    """A network. `Model(inputs, outputs)`, or a subclass with a `call`.

    Args:
        inputs: symbols from `Input`, for a model drawn up with symbols.
        outputs: what layers gave for them.
        name: of the model.
        trainable: whether training updates its weights.
        dtype: of its computation.

    Example:
        >>> import numpy as np
        >>> from wubu import layers
        >>> class Classifier(Model):
        ...     def __init__(self, classes, **options):
        ...         super().__init__(**options)
        ...         self.hidden = layers.Dense(16, activation="relu")
        ...         self.head = layers.Dense(classes)
        ...     def call(self, x):
        ...         return self.head(self.hidden(x))
        >>> Classifier(10)(np.ones((2, 4), "float32")).shape
        (2, 10)
    """

    _under_construction = False

    def __init__(
        self,
        inputs: Any = None,
        outputs: Any = None,
        name: str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(name=name, **options)
        self._input_spec: Any = None  # symbols like the inputs it was built for
        self._graph: LayerGraph | None = None
        if inputs is not None or outputs is not None:
            self._graph = LayerGraph(unwrapped(inputs), unwrapped(outputs))
            self._input_spec = self._graph.inputs
            self.built = True
            self.assign_paths()

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """The outputs; to be defined by subclasses that are not drawn up with
        symbols. `mask` is that of the inputs, for the layers inside."""
        if self._graph is None:
            raise NotImplementedError(f"{type(self).__name__} defines no call()")
        return self._graph.run(masked(inputs, mask))

    def compute_mask(self, inputs: Any, mask: Any = None) -> None:
        """None: outputs have the masks that the layers inside gave them."""

    @property
    def has_call(self) -> bool:
        """Whether it computes outputs, or only has steps of training of its own."""
        return self._graph is not None or type(self).call is not Model.call

    # -- what it is made of -------------------------------------------------------

    @property
    def layers(self) -> list[Layer]:
        """The layers directly inside this model."""
        return self.sublayers

    def all_layers(self) -> list[Any]:
        """This model and every layer inside it, at any depth."""
        return list(contents_of(self).layers)

    @property
    @by_contents
    def weights(self) -> list[Any]:
        return super().weights

    @property
    @by_contents
    def variables(self) -> list[Any]:
        return super().variables

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """A layer by name or by place.

        Raises:
            UnknownNameError: no layer has this name.
            ArgumentError: neither or both are given, or there is no such place.
        """
        if (name is None) == (index is None):
            raise ArgumentError("get_layer takes a name or an index")
        layers = self.layers
        if index is not None:
            if not -len(layers) <= index < len(layers):
                raise ArgumentError(
                    "there is no such layer",
                    expected=f"0 to {len(layers) - 1}",
                    got=index,
                )
            return layers[index]
        for layer in layers:
            if layer.name == name:
                return layer
        raise UnknownNameError("layer", name, [layer.name for layer in layers])

    def children(self) -> list[tuple[str, Any]]:
        own = super().children()
        if self._graph is None:
            return own
        drawn = list(self._graph.layers.values())
        ids = {id(layer) for layer in drawn}
        others = [(name, part) for name, part in own if id(part) not in ids]
        keys = keys_of(drawn, taken=[name for name, _ in others])
        return [*zip(keys, drawn, strict=True), *others]

    @property
    def output_names(self) -> list[str] | None:
        """The names of the outputs of a model drawn up with symbols."""
        return None if self._graph is None else self._graph.output_names

    # -- building -----------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.built:
            return super().__call__(*args, **kwargs)
        spec = args[0] if len(args) == 1 else list(args)
        with self._building(tree.map_structure(as_symbol, spec)):
            outputs = super().__call__(*args, **kwargs)
        self.assign_paths()
        return outputs

    def ensure_built(self, shapes: tuple[Any, ...]) -> None:
        if type(self).build is not Model.build:
            super().ensure_built(shapes)
        self.built = True  # layers inside are built when they are called

    @contextlib.contextmanager
    def _building(self, spec: Any) -> Iterator[None]:
        """Notes what inputs the model is built for. If the block fails, the model and
        the layers inside are as little built as before."""
        unbuilt = [layer for layer in self.all_layers() if not layer.built]
        before = [(layer, dict(vars(layer))) for layer in unbuilt]
        self._under_construction = True
        if self._input_spec is None or not self.built:
            self._input_spec = spec
        try:
            yield
        except BaseException:
            for layer, attributes in before:
                vars(layer).clear()
                vars(layer).update(attributes)
            raise
        finally:
            self._under_construction = False

    def outputs_for(self, x: Any) -> Any:
        """Symbols of the outputs for inputs like these; builds the model on the way.

        Args:
            x: a structure of arrays, tensors or symbols.
        """
        batch = batch_of(self._input_spec)
        symbols = tree.map_structure(lambda leaf: as_symbol(leaf, batch), x)
        with self._building(symbols):
            return output_symbols(self, (symbols,), {})

    @property
    def input_spec(self) -> Any:
        """Symbols of the inputs the model was built for; None before.

        A symbol has the shape (with None for the batch) and the dtype of an input.
        """
        return self._input_spec

    @property
    def input_shape(self) -> Any:
        """The shape of the input, or a structure of shapes, with None for the batch."""
        self._require_built("input_shape")
        return tree.map_structure(lambda symbol: symbol.shape, self._input_spec)

    @property
    def output_shape(self) -> Any:
        """The shape of the output, or a structure of shapes."""
        self._require_built("output_shape")
        outputs = self.outputs_for(self._input_spec)
        return tree.map_structure(lambda symbol: symbol.shape, outputs)

    def build(self, input_shape: Any) -> None:
        """Builds every layer inside for inputs of this shape, None for the batch, by
        running the model on symbols."""
        if not self._under_construction:
            self.build_for(input_shape)

    def build_for(self, spec: Any) -> None:
        """Builds the model, all layers included, for inputs like `spec`: symbols, or
        shapes with None for the batch."""
        if not symbols_in(spec):
            spec = as_shapes(spec)
            spec = map_shapes(lambda shape: Symbol(shape, self.dtype), spec)
        self._build_on(spec)
        self.assign_paths()

    def _build_on(self, symbols: Any) -> None:
        self.outputs_for(symbols)

    def graph(self, *inputs: Any, training: bool = False) -> Graph:
        """The graph of a call, for inputs like these (or as built, for one sample).

        Example:
            >>> from wubu import Sequential, layers
            >>> model = Sequential([layers.Input((4,)), layers.Dense(2)])
            >>> [node.primitive.name for node in model.graph().nodes][0]
            'dot_general'
        """
        if not inputs:
            self._require_built("graph()")
            inputs = (tree.map_structure(one_sample, self._input_spec),)

        def call(*inputs: Any) -> Any:
            return self(*inputs, training=training)

        call.__name__ = self.name
        return trace(call, *inputs)

    def _require_built(self, action: str) -> None:
        if not self.built or self._input_spec is None:
            raise StateError(
                f"{action} needs a model that is built, and "
                f'"{self.name}" does not know its input yet',
                fix="put Input(shape) in front, call the model on data, or use "
                "model.build_for((None, ...))",
            )

    # -- as plain data, and copies --------------------------------------------------

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments; for a model that was given symbols its layers and
        their calls."""
        if not self._was_given_symbols():
            return super().get_config()
        assert self._graph is not None
        return {
            "name": self.name,
            "trainable": self.trainable,
            **self._graph.describe(),
        }

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Any:
        with saving.custom_objects(custom_objects):
            return cls._from_config(config)

    @classmethod
    def _from_config(cls, config: Mapping[str, Any]) -> Any:
        if "calls" not in config:
            return super().from_config(config)
        try:
            inputs, outputs = symbols_from(config)
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise FileFormatError(
                "the description of a functional model does not hold together",
                got=f"{type(error).__name__}: {error}",
            ) from error
        model = cls(inputs, outputs, name=config["name"])
        model._trainable = known_trainable(config.get("trainable", True))
        return model

    def __getstate__(self) -> dict[str, Any]:
        """For `copy` and `pickle`: without compiled steps, and without symbols."""
        state = super().__getstate__()
        state.pop("_connections", None)
        if self._was_given_symbols():
            state["_arguments"] = {}
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        if self._graph is not None and not self._arguments:
            self._arguments = {"inputs": self.input, "outputs": self.output}

    def _was_given_symbols(self) -> bool:
        """Whether it was made as `Model(inputs, outputs)`, not by a constructor of its
        own that makes the symbols."""
        given = list(self._arguments.values())
        return self._graph is not None and bool(symbols_in(given))

    # -- looking and saving -------------------------------------------------------

    def summary(
        self,
        line_length: int | None = None,
        positions: Any = None,
        print_fn: Callable[[str], Any] | None = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Any = None,
    ) -> None:
        """Prints the layers with input shape, output shape and parameters, and the
        memory that inputs, one pass and parameters take.

        Args:
            line_length: columns to use; the terminal's width by default.
            positions: accepted for Keras' sake; columns take the room they need.
            print_fn: called with the text instead of printing it.
            expand_nested: show the layers of inner models too.
            show_trainable: show which layers are trained.
            layer_range: names of the first and the last layer to show.
        """
        summary_text.show(
            self, line_length, print_fn, expand_nested, show_trainable, layer_range
        )

    def save(self, filepath: str | Path, overwrite: bool = True) -> None:
        """Writes architecture, weights and optimizer state into one `.wubu` file.

        Raises:
            ArgumentError: a class of yours inside is not registered; see
                `wubu.saving.register`.
            FileExistsError: the file exists and `overwrite` is False.
        """
        self._require_built("save()")
        saving.save_model(self, filepath, overwrite=overwrite)

    def to_json(self, **kwargs: Any) -> str:
        """The architecture as JSON, without weights; `models.model_from_json` reads it.

        Args:
            kwargs: of `json.dumps`, such as `indent`.
        """
        self._require_built("to_json()")
        return saving.model_to_json(self, **kwargs)

    def save_weights(self, filepath: str | Path, overwrite: bool = True) -> None:
        """Writes the weights alone, by path, as a safetensors file."""
        self._require_built("save_weights()")
        saving.save_weights(self, filepath, overwrite=overwrite)

    def load_weights(self, filepath: str | Path, skip_mismatch: bool = False) -> None:
        """Takes weights from a file of `save_weights` or `save`; all fit, or nothing
        changes. With `skip_mismatch`, those that fit are taken.

        Raises:
            FileFormatError: damaged or foreign; weights missing, left over, or of
                other shapes.
        """
        self._require_built("load_weights()")
        saving.load_weights(self, filepath, skip_mismatch)
