"""Objects that are described by the arguments they were made with.

Layers, losses, metrics, optimizers, initialisers and the like are `Configurable`: their
constructor arguments are remembered, so that `get_config()` needs no code in each class
and a model file can hold a description instead of pickled objects. The same place gives
a wrong argument name an error with the nearest right one, and translates old spellings.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import numpy as np

from wubu.core import dtypes
from wubu.core.location import user_location
from wubu.core.old_spellings import Table, translated
from wubu.core.registry import (  # some of them for whoever looks for them here
    custom_objects,  # noqa: F401
    is_custom,  # noqa: F401
    register,  # noqa: F401
    register_own,
    registered,
    registered_name,
)
from wubu.errors import ArgumentError, FileFormatError, UnknownNameError

T = TypeVar("T")


class ConfigurableMeta(type):
    """Checks and remembers constructor arguments."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        names, accepts_any = argument_names(cls)
        if kwargs.keys() & cls.renamed_arguments.keys():  # type: ignore[attr-defined]
            table = cls.renamed_arguments  # type: ignore[attr-defined]
            kwargs = translated(cls.__name__, kwargs, table, names)
        unknown = [name for name in kwargs if name not in names]
        if unknown and not accepts_any:
            raise _unknown_argument(cls, unknown[0])
        try:
            instance = super().__call__(*args, **kwargs)
        except TypeError as error:
            # A class of the user's that takes any name has passed it on after all, or
            # misses one that was misspelt.
            text = str(error)
            refused = [n for n in unknown if f"keyword argument '{n}'" in text]
            refused += unknown if "__init__() missing" in text else []
            if refused:
                raise _unknown_argument(cls, refused[0]) from error
            raise
        # The outermost class wins: what the user wrote, not what super() was given.
        instance._arguments = _bound(cls, args, kwargs)
        return instance

    @property
    def __signature__(cls) -> inspect.Signature:
        """What `help()` and editors show: the constructor, not this metaclass."""
        signature = inspect.signature(cls.__init__)  # type: ignore[misc]
        return signature.replace(parameters=list(signature.parameters.values())[1:])


class Configurable(metaclass=ConfigurableMeta):
    """Base of everything that is saved by its constructor arguments.

    `renamed_arguments` maps old spellings to present ones, for instance `{"lr":
    "learning_rate"}`; they are accepted with a note: see `old_spellings.py`.
    """

    renamed_arguments: ClassVar[Table] = {}
    _takes_any_argument = False  # of a class of Wubu's: `**kwargs` are for others
    _arguments: dict[str, Any]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        parts = cls.__module__.split(".")
        if parts[0] == "wubu" and not cls.__name__.startswith("_"):
            register_own(f"{parts[1]}>{cls.__name__}", cls)

    def get_config(self) -> dict[str, Any]:
        """The constructor arguments, by name; defaults included."""
        return dict(self._arguments)

    @classmethod
    def from_config(cls: type[T], config: Mapping[str, Any]) -> T:
        """A new object made with these constructor arguments."""
        return cls(**config)


class Description(dict):
    """What `serialize` made of an object. Inside another object's config it stays as
    it is, so that a model's config shows its layers and can be saved."""


def serialize(value: Any) -> Any:
    """A description of a value in JSON's terms.

    Objects become `{"class": name, "config": arguments}`, functions `{"function":
    name}`, tuples `{"tuple": [...]}`.

    Raises:
        ArgumentError: something that is neither plain data nor registered.
    """
    if value is None or isinstance(value, bool | int | float | str | Description):
        return value
    if isinstance(value, list):
        return [serialize(item) for item in value]
    if isinstance(value, tuple):
        return {"tuple": [serialize(item) for item in value]}
    if isinstance(value, dict):
        return {"dict": [[serialize(k), serialize(v)] for k, v in value.items()]}
    if isinstance(value, Configurable):
        name = _name_or_raise(type(value))
        return Description({"class": name, "config": _config(value)})
    if isinstance(value, np.dtype) or _is_scalar_type(value):
        return np.dtype(value).name
    if hasattr(value, "item") and getattr(value, "ndim", None) == 0:
        return value.item()
    if hasattr(value, "tolist"):
        return {"array": value.tolist(), "dtype": str(value.dtype)}
    return {"function": _name_or_raise(value)}


def _is_scalar_type(value: Any) -> bool:
    return isinstance(value, type) and issubclass(value, np.generic)


def _config(value: Configurable) -> dict[str, Any]:
    return {name: serialize(part) for name, part in value.get_config().items()}


def _name_or_raise(item: Any) -> str:
    name = registered_name(item)
    if name is None:
        shown = getattr(item, "__name__", repr(item))
        raise ArgumentError(
            f"{shown} cannot be written into a file: it is not registered",
            expected="plain data, or a registered class or function",
            got=shown,
            fix='decorate it with @wubu.saving.register("mine")',
        )
    return name


def deserialize(data: Any) -> Any:
    """The value described by `serialize`'s result. Makes registered things only.

    Raises:
        FileFormatError: an unknown name, or a description of no known form.
    """
    if isinstance(data, list):
        return [deserialize(item) for item in data]
    if not isinstance(data, dict):
        return data
    if set(data) == {"class", "config"}:
        return _construct(data)
    if set(data) == {"function"}:
        return registered(data["function"])
    if set(data) == {"tuple"}:
        return tuple(deserialize(item) for item in data["tuple"])
    if set(data) == {"dict"}:
        return {deserialize(k): deserialize(v) for k, v in data["dict"]}
    if set(data) == {"array", "dtype"}:
        # Only dtypes of numbers: "O" would hold anything, "S1000000000" ask for much.
        return np.array(data["array"], dtypes.as_dtype(data["dtype"]))
    raise FileFormatError("a description of no known form", got=f"keys {sorted(data)}")


def _construct(data: dict[str, Any]) -> Any:
    kind = registered(data["class"])
    if not (isinstance(kind, type) and issubclass(kind, Configurable)):
        raise FileFormatError(f"{data['class']} is no class that can be made")
    config = {name: deserialize(part) for name, part in data["config"].items()}
    try:
        return kind.from_config(config)
    except TypeError as error:
        raise FileFormatError(
            f"{data['class']} cannot be made from its description", got=str(error)
        ) from error


def find(kind: str, name: str, known: Mapping[str, T]) -> T:
    """What a name stands for, however it is written: "Adam", "adam", "he_normal".

    Raises:
        UnknownNameError: nothing has this name; suggests the nearest.
    """
    plain = {_plain(key): value for key, value in known.items()}
    if _plain(name) not in plain:
        raise UnknownNameError(kind, name, known, where=user_location())
    return plain[_plain(name)]


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


def _unknown_argument(cls: type, name: str) -> UnknownNameError:
    names = argument_names(cls)[0]
    kind = f"argument of {cls.__name__}"
    return UnknownNameError(kind, name, names, where=user_location())


_NAMELESS = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.POSITIONAL_ONLY)


@functools.cache
def argument_names(cls: type) -> tuple[list[str], bool]:
    """Every argument a class takes, those it passes on to its bases included, and
    whether it may take any name at all.

    Wubu's own classes take `**kwargs` only to pass them on, but for those that say so
    with `_takes_any_argument`. What a class of the user's does with them is its own
    affair.
    """
    names: dict[str, None] = {}
    accepts_any = False
    for base in cls.__mro__:
        init = base.__dict__.get("__init__")
        if init is None or base is object:
            continue
        passes_on = False
        for parameter in list(inspect.signature(init).parameters.values())[1:]:
            if parameter.kind is inspect.Parameter.VAR_KEYWORD:
                passes_on = True
            elif parameter.kind not in _NAMELESS:
                names[parameter.name] = None
        if not passes_on:
            break
        accepts_any |= base.__module__.partition(".")[0] != "wubu"
        accepts_any |= base.__dict__.get("_takes_any_argument", False)
    return list(names), accepts_any


def _bound(cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments by name, defaults included, as they were given."""
    signature = inspect.signature(cls.__init__)  # type: ignore[misc]
    bound = signature.bind(None, *args, **kwargs)
    bound.apply_defaults()
    found: dict[str, Any] = {}
    for index, (name, parameter) in enumerate(signature.parameters.items()):
        if index == 0:
            continue
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            found.update(bound.arguments[name])
        elif parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            if bound.arguments[name]:
                found[name] = bound.arguments[name]
        else:
            found[name] = bound.arguments[name]
    return found
