"""`Layer`: variables and a computation, the building block of every network.

A subclass defines `build(input_shape)`, which makes its weights, and `call(inputs)`,
which computes. Variables and layers that are kept in attributes (also in lists and
dictionaries) belong to the layer. Read next: `dense.py` for an example.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from wubu import constraints, regularizers
from wubu.core import config, dtypes, tree
from wubu.core.configurable import ConfigurableMeta, argument_names
from wubu.core.location import scope, user_location
from wubu.core.masks import with_mask_of
from wubu.core.modes import active_trace, tracing
from wubu.core.tensor import Tensor, as_tensor
from wubu.core.variable import Variable
from wubu.errors import ArgumentError, StateError, WubuError
from wubu.layers import added_losses
from wubu.layers.arguments import weight_properties, weight_shape
from wubu.layers.connections import Connected
from wubu.layers.context import CallContext, call_context, current_context
from wubu.layers.first_values import enough_memory_for, first_value
from wubu.layers.input_checks import blame, check_shapes, check_value
from wubu.layers.masks import fill_masks, put_masks
from wubu.layers.naming import keep_name, snake_case, unique_name
from wubu.layers.old_spellings import note_input_shape
from wubu.layers.precision import Precision
from wubu.layers.symbol import Symbol, symbols_in
from wubu.layers.symbolic import as_shapes, map_shapes, output_symbols, record_call
from wubu.ops.prepare import cast_to

Shape = tuple[int | None, ...]

# What `Layer.__init__` sets and others lean on.
_FROM_INIT = frozenset(("name", "dtype", "built", "path", "_trainable", "_frozen"))


class LayerMeta(ConfigurableMeta):
    """Sees that a class of one's own has called `super().__init__()`."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        layer = super().__call__(*args, **kwargs)
        if "_losses" not in vars(layer):
            raise _not_begun(cls)
        return layer


def _not_begun(cls: type) -> StateError:
    return StateError(
        f"{cls.__name__}.__init__ does not call super().__init__()",
        where=user_location(),
        fix="make super().__init__() the first line of its __init__",
    )


class Layer(Connected, Precision, metaclass=LayerMeta):
    """Variables and a computation.

    Args:
        name: unique within a model; made from the class's name by default.
        trainable: whether its weights are updated by training.
        dtype: of its weights and computation; `config.floatx()` by default: float32.
        activity_regularizer: a regularizer of its output.
        input_shape: of one sample, on the first layer of a Sequential. The present way
            to write this is `Input(shape)` in front.

    Example:
        >>> import wubu
        >>> class Scale(Layer):
        ...     def build(self, input_shape):
        ...         self.factor = self.add_weight((), "ones", name="factor")
        ...     def call(self, x):
        ...         return x * self.factor
        >>> Scale()(wubu.ones(2))
        Tensor([1. 1.], shape=(2,), dtype=float32, requires_grad=True)
    """

    # How many axes an input has: a number, or (at least, None). None accepts all.
    input_ndim: int | tuple[int, None] | None = None

    # Axes whose length the weights depend on, {axis: length}; set by `build`.
    input_axes: Mapping[int, int] | None = None

    # Whether the output has a mask: that which `compute_mask` says.
    supports_masking = False

    # Whether what comes out for one sample depends on others of its batch.
    samples_touch = False

    # Whether places along more axes behind the batch are computed as samples are.
    takes_more_axes = False

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "compute_mask" in vars(cls):
            cls.supports_masking = vars(cls).get("supports_masking", True)
        if "build" in vars(cls):
            cls.build = _once_built(cls.build)  # type: ignore[method-assign]
        if cls.__module__.startswith("wubu."):
            for name, found in weight_properties(argument_names(cls)[0]).items():
                setattr(cls, name, found)

    def __init__(
        self,
        *,
        name: str | None = None,
        trainable: bool = True,
        dtype: Any = None,
        activity_regularizer: Any = None,
        input_shape: Shape | None = None,
        input_dim: int | None = None,
    ) -> None:
        if input_dim is not None:
            input_shape = (input_dim,)
        if input_shape is not None:
            note_input_shape(type(self).__name__, input_shape)
        if name is not None and (not isinstance(name, str) or "/" in name or not name):
            raise ArgumentError('a name is a string without "/"', got=repr(name))
        made_up = None if name else unique_name(snake_case(type(self).__name__))
        self.name = made_up or keep_name(str(name))
        self._made_up_name = made_up
        self.dtype = dtypes.as_dtype(dtype or config.floatx())
        self.activity_regularizer = regularizers.get(activity_regularizer)
        self.input_shape_hint = None if input_shape is None else tuple(input_shape)
        self.created_at = user_location()
        self.built = False
        self.path = self.name
        if not isinstance(trainable, bool | np.bool_ | int):
            raise ArgumentError("trainable is True or False", got=repr(trainable)[:60])
        self._trainable = bool(trainable)
        self._frozen: list[Variable] = []
        self._losses: list[Tensor] = []

    def __getattr__(self, name: str) -> Any:
        if name in _FROM_INIT and "_losses" not in vars(self):
            raise _not_begun(type(self))
        raise AttributeError(
            f"{type(self).__name__!r} object has no attribute {name!r}"
        )

    @property
    def has_made_up_name(self) -> bool:
        """Whether nobody gave it the name it has."""
        return self.name == self._made_up_name

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments, by name; defaults, present name and what the
        defaults of the process were included."""
        present = {
            "name": self.name,
            "trainable": self.trainable,
            "dtype": self.dtype.name,
            "data_format": getattr(self, "data_format", None),
        }
        accepted, _ = argument_names(type(self))
        return super().get_config() | {k: present[k] for k in accepted if k in present}

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Any:
        """A new layer made with these constructor arguments."""
        layer = cls(**config)
        if config.get("trainable") is False:  # what it made itself is frozen too
            layer.trainable = False
        return layer

    # -- to be defined by subclasses ----------------------------------------------

    def build(self, input_shape: Any) -> None:
        """Makes the weights, for inputs of this shape (None where any length goes).
        Called once, before the first call."""

    def call(self, *args: Any, **kwargs: Any) -> Any:
        """Computes the outputs. A parameter named `training` is told whether the
        network is training, one named `mask` gets the mask of the first input."""
        raise NotImplementedError(f"{type(self).__name__} defines no call()")

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        """The mask of the output, of the mask of the input: the same, in a layer that
        supports masking. A list of inputs has a list of masks, None where one has none;
        a layer of several outputs may give a list."""
        return mask if isinstance(mask, Tensor) else None

    # -- weights ------------------------------------------------------------------

    def add_weight(
        self,
        shape: Sequence[int] = (),
        initializer: Any = "glorot_uniform",
        dtype: Any = None,
        trainable: bool = True,
        regularizer: Any = None,
        constraint: Any = None,
        name: str | None = None,
    ) -> Variable:
        """A new variable of the layer; keep it in an attribute.

        Args:
            shape: of the variable.
            initializer: a name, an initializer, or a function of (shape, dtype).
            dtype: the layer's by default.
            trainable: whether training updates it.
            regularizer: a penalty on its value.
            constraint: applied to its value after every update.
            name: the last part of its path.
        """
        dtype = dtypes.as_dtype(dtype or self.dtype)
        with enough_memory_for(shape := weight_shape(shape), dtype, name, self):
            value = first_value(initializer, shape, dtype)
            variable = Variable(value, dtype, trainable=trainable, name=name)
        variable.path = f"{self.path}/{variable.name}"
        variable.regularizer = regularizers.get(regularizer)
        variable.constraint = constraints.get(constraint)
        if variable.trainable and not self._trainable:
            variable.trainable = False
            self._frozen.append(variable)
        return variable

    # -- losses -------------------------------------------------------------------

    def add_loss(self, loss: Any) -> None:
        """Adds to the loss of the model this layer is called in.

        Args:
            loss: a scalar, or a list of them. Of more than a scalar the sum counts.

        Raises:
            StateError: not inside `call()` or a step.
        """
        if current_context() is None and active_trace() is None:
            raise StateError("add_loss is for the inside of call()")
        for part in tree.flatten(loss)[0]:
            added_losses.add(self, as_tensor(part))

    @property
    def losses(self) -> list[Tensor]:
        """What this layer and those inside added to the loss in the last call, and the
        penalties on weights."""
        penalties = [
            v.regularizer(v)
            for v in self.trainable_weights
            if v.regularizer is not None
        ]
        return added_losses.added(self) + penalties

    # -- calling ------------------------------------------------------------------

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if symbols_in((args, kwargs)):
            return record_call(self, args, kwargs)
        training = kwargs.get("training")
        if current_context() is None:
            added_losses.clear(self)
        try:
            with call_context(training) as context:
                return self._run(context, args, kwargs)
        except WubuError as error:
            blame(error, self)
            raise

    def _run(
        self, context: CallContext, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        own = type(self).__module__.startswith("wubu.")
        with scope(self.name, self.created_at if own else None):
            args = tree.map_structure(self._as_input, _numbers_joined(args))
            kwargs = {k: _as_keyword(v) for k, v in kwargs.items()}
            accepted = _call_signature(type(self)).parameters
            if "training" in accepted:
                kwargs["training"] = context.is_training(accepted["training"].default)
            else:
                kwargs.pop("training", None)
            mask = fill_masks(accepted, args, kwargs)
            self._check_arguments(args, kwargs)
            self.ensure_built(tree.map_structure(_shape_of, args))
            with context.recorded(self, args) as record:
                result = self.call(*args, **kwargs)
                record.outputs = [_shape_of(t) for t in tree.flatten(result)[0]]
            if self.activity_regularizer is not None:
                for output in tree.flatten(result)[0]:
                    penalty = self.activity_regularizer(output)
                    self.add_loss(added_losses.per_sample(penalty, output))
        return put_masks(self, accepted, args, mask, result)

    def _as_input(self, value: Any) -> Any:
        """Arrays and numbers as tensors; floats in the layer's dtype."""
        if value is None or isinstance(value, str):
            return value
        tensor = as_tensor(value)
        if not dtypes.is_float(tensor.dtype):
            return tensor
        return with_mask_of(cast_to(tensor, self.dtype), tensor)

    def _check_arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        check_value(self, args)
        signature = _call_signature(type(self))
        try:
            signature.bind(self, *args, **kwargs)
        except TypeError as error:
            names = [
                name
                for name, found in signature.parameters.items()
                if name not in ("self", "training") and found.kind < found.KEYWORD_ONLY
            ]
            raise ArgumentError(
                "it is called with other arguments than its call() takes",
                expected=", ".join(names),
                got=str(error),
                fix="put several inputs into a list: layer([a, b])"
                if len(args) > len(names)
                else None,
            ) from None

    def ensure_built(self, shapes: tuple[Any, ...]) -> None:
        """Builds the layer for inputs of these shapes, unless it is built.

        Raises:
            ShapeError: the layer does not take inputs of these shapes.
        """
        try:
            check_shapes(self, shapes)
            if self.built:
                return
            shape = shapes[0] if len(shapes) == 1 else list(shapes)
            with tracing(None):
                self.build(_without_batch(shape))
        except WubuError as error:
            blame(error, self)
            raise
        self.built = True

    # -- shapes, without values -----------------------------------------------------

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The shape of the output for an input of this shape; None stays None.

        Example:
            >>> from wubu.layers import Dense
            >>> Dense(10).compute_output_shape((None, 5))
            (None, 10)
        """
        shapes = as_shapes(input_shape)
        symbols = map_shapes(lambda shape: Symbol(shape, self.dtype), shapes)
        specs, structure = tree.flatten(output_symbols(self, (symbols,), {}))
        return tree.unflatten(structure, [symbol.shape for symbol in specs])

    def __repr__(self) -> str:
        return f'<{type(self).__name__} name="{self.name}">'


def _once_built(build: Callable[..., Any]) -> Callable[..., Any]:
    """A `build` after which the layer is built, so that a call does not build it
    again, with other weights."""

    @functools.wraps(build)
    def public(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = build(self, *args, **kwargs)
        if type(self).build is public:  # not where a subclass has more to build
            self.built = True
        return result

    return public


@functools.cache
def _call_signature(cls: type[Layer]) -> inspect.Signature:
    return inspect.signature(cls.call)


def _numbers_joined(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments in which nested lists of numbers are arrays, not lists of inputs."""
    return tuple(
        np.array(arg)
        if isinstance(arg, list)
        and all(isinstance(leaf, bool | int | float) for leaf in tree.flatten(arg)[0])
        else arg
        for arg in args
    )


def _shape_of(value: Any) -> Any:
    return getattr(value, "shape", None)


def _as_keyword(value: Any) -> Any:
    return as_tensor(value) if isinstance(value, np.ndarray) else value


def _without_batch(shapes: Any) -> Any:
    """Shapes as `build` gets them: the batch is None."""
    if shapes is None:
        return None
    return map_shapes(lambda shape: (None, *shape[1:]) if shape else shape, shapes)
