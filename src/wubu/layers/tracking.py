"""`Tracked`: an object that owns the variables and layers kept in its attributes.

Nothing is registered when an attribute is set; owners are looked through when somebody
asks. So a layer may be put into a list later, replaced, or removed, as in plain Python.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wubu.core.configurable import Configurable
from wubu.core.modes import active_trace
from wubu.core.variable import Variable
from wubu.errors import ShapeError
from wubu.layers.old_spellings import OLD_SPELLINGS
from wubu.ops.random import SeedGenerator

# Attributes that refer to variables or layers without owning them.
NOT_OWNED = frozenset(
    ("_frozen", "_losses", "_arguments", "_connections", "inputs", "outputs")
)
HOLDERS = list, tuple, dict
# Most attributes are of these types, and own nothing.
PLAIN = frozenset((str, int, float, bool, type(None)))


class Tracked(Configurable):
    """Owner of variables and of other owners."""

    renamed_arguments = OLD_SPELLINGS

    name: str
    path: str
    built: bool
    _trainable: bool
    _frozen: list[Variable]

    def owned(self) -> list[tuple[str, Any]]:
        """The objects kept in attributes, also inside lists, tuples and dictionaries,
        each with a path: "dense", "blocks/0". Strings and numbers are left out."""
        found: list[tuple[str, Any]] = []
        for name, value in vars(self).items():
            if type(value) not in PLAIN and name not in NOT_OWNED:
                _add_objects(found, name.lstrip("_"), value)
        return found

    def parts(self) -> list[Any]:
        """The objects whose attributes are its own: itself, and perhaps one in it."""
        return [self]

    def _own(self) -> list[Variable]:
        return _unique(v for _, v in self.owned() if isinstance(v, Variable))

    def children(self) -> list[tuple[str, Tracked]]:
        """The layers directly inside this one, each with its part of the path: the
        first, where it is kept in several places."""
        found: dict[int, tuple[str, Tracked]] = {}
        for name, value in self.owned():
            if isinstance(value, Tracked):
                found.setdefault(id(value), (name, value))
        return list(found.values())

    @property
    def sublayers(self) -> list[Any]:
        """The layers directly inside this one."""
        return [layer for _, layer in self.children()]

    def assign_paths(self, path: str = "") -> None:
        """Gives every variable below its path: names of attributes, as in
        "encoder/dense/kernel". A saved model finds its weights again by it."""
        self.path = path
        prefix = f"{path}/" if path else ""
        for name, variable in self.owned():
            if isinstance(variable, Variable):
                variable.path = f"{prefix}{variable.name}"
            elif isinstance(variable, SeedGenerator):
                variable.state.path = f"{prefix}{name}/state"
        taken: set[str] = set()
        for variable in self._own():
            if variable.path in taken:  # two of one name: attributes tell them apart
                names = {id(v): n for n, v in self.owned()}
                variable.path = f"{prefix}{names[id(variable)]}"
            taken.add(variable.path)
        for name, layer in self.children():
            layer.assign_paths(f"{prefix}{name}")

    @property
    def weights(self) -> list[Variable]:
        """Every weight, those of inner layers included, in order of creation."""
        inner = [v for layer in self.sublayers for v in layer.weights]
        return _unique([*self._own(), *inner])

    @property
    def variables(self) -> list[Variable]:
        """The weights, and the state of random generators."""
        own = [v.state for _, v in self.owned() if isinstance(v, SeedGenerator)]
        inner = [v for layer in self.sublayers for v in layer.variables]
        return _unique([*self.weights, *own, *inner])

    @property
    def trainable_weights(self) -> list[Variable]:
        return [v for v in self.weights if v.trainable]

    @property
    def non_trainable_weights(self) -> list[Variable]:
        return [v for v in self.weights if not v.trainable]

    @property
    def trainable_variables(self) -> list[Variable]:
        return self.trainable_weights

    @property
    def non_trainable_variables(self) -> list[Variable]:
        return [v for v in self.variables if not v.trainable]

    @property
    def trainable(self) -> bool:
        """Whether training updates the weights. Setting it reaches inner layers."""
        trace = active_trace()
        if trace is not None:
            trace.depends_on(self, "_trainable")
        return self._trainable

    @trainable.setter
    def trainable(self, value: bool) -> None:
        self._trainable = bool(value)
        if value:
            for variable in self._frozen:
                variable.trainable = True
            self._frozen = []
        else:
            active = [v for v in self._own() if v.trainable]
            self._frozen += active
            for variable in active:
                variable.trainable = False
        for layer in self.sublayers:
            layer.trainable = value

    def count_params(self) -> int:
        """The number of elements of all weights."""
        return sum(v.size for v in self.weights)

    def get_weights(self) -> list[np.ndarray]:
        """Copies of the weights as arrays, in the order of `weights`."""
        return [np.array(v.numpy()) for v in self.weights]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Takes the values of `get_weights`; all fit, or nothing changes.

        Raises:
            ShapeError: another number of arrays, or arrays of other shapes.
        """
        own = self.weights
        if len(own) != len(weights):
            raise ShapeError(
                f'"{self.name}" has another number of weights',
                expected=f"{len(own)} arrays",
                got=len(weights),
                fix=None if self.built else "build the layer first, by calling it",
            )
        arrays = [np.asarray(w) for w in weights]
        for variable, array in zip(own, arrays, strict=True):
            if variable.shape != array.shape:
                raise ShapeError(
                    f'"{variable.path}" has another shape',
                    expected=variable.shape,
                    got=array.shape,
                )
        for variable, array in zip(own, arrays, strict=True):
            variable.assign(array)


def _add_objects(found: list[tuple[str, Any]], path: str, value: Any) -> None:
    """Adds a value, or those inside if it is a list, tuple or dictionary."""
    if not isinstance(value, HOLDERS):
        found.append((path, value))
        return
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in inner:
        if type(item) not in PLAIN:
            _add_objects(found, f"{path}/{name}", item)


def _unique(items: Any) -> list[Any]:
    return list({id(item): item for item in items}.values())
