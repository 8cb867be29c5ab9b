"""What a recipe may say: the five sections, their keys and what these may hold.

Pydantic checks keys and kinds of values here; whether a layer takes an argument is
found by making the layer (`objects.py`).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PositiveInt,
    model_validator,
)
from pydantic_core import PydanticCustomError


def _as_list(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _check_object(value: Any) -> Any:
    """A name, a table with a type, or in Python the object itself."""
    if isinstance(value, dict) and not isinstance(value.get("type"), str):
        raise PydanticCustomError(
            "no_type", 'a table says what it is, as in {type = "Adam"}'
        )
    if isinstance(value, bool | int | float | list):
        raise PydanticCustomError("no_object", "a name, or a table with a type")
    return value


def _check_function(value: Any) -> Any:
    if value is not None and not callable(value) and ":" not in str(value):
        raise PydanticCustomError("no_function", 'a file and a function: "net.py:make"')
    return value


# Something that is made: "adam", {type = "Adam", learning_rate = 0.01}, or an object.
Object = Annotated[Any, BeforeValidator(_check_object)]
Objects = Annotated[list[Object], BeforeValidator(_as_list)]
# A file and a function in it, "net.py:make_model"; in Python also the function.
Function = Annotated[Any, BeforeValidator(_check_function)]
Shape = Annotated[list[PositiveInt], BeforeValidator(_as_list), Field(min_length=1)]
Share = Annotated[float, Field(ge=0, lt=1)]


class Section(BaseModel):
    """Unknown keys are errors; 3 is no "3"."""

    model_config = ConfigDict(
        extra="forbid",
        strict=True,
        arbitrary_types_allowed=True,
        validate_assignment=True,
        protected_namespaces=(),
    )


# What each kind of samples is described by, besides what all of them take.
_SPLIT = {"test_split", "split_seed"}
SOURCES = {
    "dataset": {"options"},
    "python": {"options"},
    "image_folder": {"path", "image_size", "color_mode", "options", *_SPLIT},
    "csv": {"path", "test_path", "target", "options", *_SPLIT},
    "arrays": {"path", *_SPLIT},
}


class Prepare(Section):
    """备: where samples come from. One of `dataset`, `source` or `python`.

    Attributes:
        dataset: a name in `wubu.datasets`.
        options: arguments of its `load_data`, of the function of `python`, of
            `Dataset.from_folder` or `Dataset.from_csv`.
        source: files of your own: "image_folder", "csv" or "arrays".
        path: the folder or file, beside the recipe unless it is absolute.
        image_size: (height, width) of all pictures.
        color_mode: of all pictures.
        test_path: a CSV file with the samples for testing.
        target: the column of a CSV file to predict.
        test_split: this share of the samples is for testing, where the source has no
            part for that.
        split_seed: decides which; independent of the seed of training, so that runs
            can be compared.
        python: "file.py:function"; it returns `(x_train, y_train), (x_test, y_test)`.
        validation_split: this share of what is left for training, its end, is for
            validation.
        class_names: in the order of the class numbers.
    """

    dataset: str | None = None
    options: dict[str, Any] = {}
    source: Literal["image_folder", "csv", "arrays"] | None = None
    path: str | None = None
    image_size: Annotated[Shape, Field(max_length=2, min_length=2)] | None = None
    color_mode: Literal["rgb", "grayscale"] = "rgb"
    test_path: str | None = None
    target: str | None = None
    test_split: Share = 0.0
    split_seed: int = 0
    python: Function = None
    validation_split: Share = 0.0
    class_names: Annotated[list[str], BeforeValidator(_as_list)] | None = None

    @property
    def kind(self) -> str:
        """The key in SOURCES."""
        return self.source or ("dataset" if self.dataset is not None else "python")

    @model_validator(mode="after")
    def _one_source(self) -> Prepare:
        _exactly_one(self, "dataset", "source", "python")
        if self.source is not None and self.path is None:
            raise PydanticCustomError(
                "no_path", '"path" says where the files of the source are'
            )
        if self.source == "image_folder" and self.image_size is None:
            raise PydanticCustomError(
                "no_size", "an image folder needs image_size = [height, width]"
            )
        if self.source == "csv" and self.target is None:
            raise PydanticCustomError(
                "no_target", '"target" says which column to predict'
            )
        own = set().union(*SOURCES.values()) - SOURCES[self.kind]
        for key in sorted(own & self.model_fields_set):
            kinds = [kind for kind, keys in SOURCES.items() if key in keys]
            raise PydanticCustomError(
                "foreign_key",
                '"{key}" is not for {kind}, but for {kinds}',
                {"key": key, "kind": self.kind, "kinds": " and ".join(kinds)},
            )
        return self


class Build(Section):
    """搭: the network. Either `input` and `layers`, or `python`.

    Attributes:
        name: of the model.
        input: the shape of one sample.
        layers: in order, `{type = "Dense", units = 10}`. Each takes what the one before
            gives; with `inputs = ["a", "b"]` it takes what the layers of these names
            give. The sample itself is called "input".
        python: "file.py:function"; it returns a model.
    """

    name: str | None = None
    input: Shape | None = None
    layers: Objects = []
    python: Function = None

    @model_validator(mode="after")
    def _one_way(self) -> Build:
        _exactly_one(self, "layers", "python")
        if self.layers and self.input is None:
            raise PydanticCustomError(
                "no_input", '"input" says what shape a sample has: input = [28, 28, 1]'
            )
        return self


class Compile(Section):
    """译: how it learns. Names, or tables: `{type = "Adam", learning_rate = 0.01}`.

    Attributes:
        optimizer: what changes the weights.
        loss: what is to become small.
        metrics: what is reported.
    """

    optimizer: Object = "rmsprop"
    loss: Object
    metrics: Objects = []


class Train(Section):
    """训: what is fed, and how often.

    Attributes:
        epochs: passes over the samples.
        batch_size: samples per step.
        seed: decides first weights, order of samples and dropout.
        executor: what runs the steps; the default of this machine if it is not given.
        shuffle: another order of samples in every epoch.
        class_weight: how much samples of a class count, by its name or number.
        callbacks: `{type = "EarlyStopping", patience = 3}`.
    """

    epochs: PositiveInt = 1
    batch_size: PositiveInt = 32
    seed: Annotated[int, Field(ge=0)] = 0
    executor: str | None = None
    shuffle: bool = True
    class_weight: dict[str, float] = {}
    callbacks: Objects = []


class Evaluate(Section):
    """评: how good it is.

    Attributes:
        data: the samples: "test", "validation" or "train".
        batch_size: samples per step; that of training by default.
        metrics: more of them, computed once, from all predictions.
    """

    data: Literal["test", "validation", "train"] = "test"
    batch_size: PositiveInt | None = None
    metrics: Objects = []


class Settings(Section):
    """All that a recipe says.

    Attributes:
        name: of the recipe; run folders are called after it.
        title: one line for people.
        python: a file with classes of your own, registered with
            `@wubu.saving.register("mine")`; it is run before anything else.
    """

    name: Annotated[str, Field(min_length=1)]
    title: str = ""
    python: str | None = None
    prepare: Prepare
    build: Build
    compile: Compile
    train: Train = Field(default_factory=Train)
    evaluate: Evaluate = Field(default_factory=Evaluate)


def _exactly_one(section: Section, *keys: str) -> None:
    given = [key for key in keys if getattr(section, key)]
    if len(given) != 1:
        raise PydanticCustomError(
            "not_one",
            "one of {keys} is needed, here {given}",
            {
                "keys": ", ".join(keys),
                "given": " and ".join(given) if given else "there is none",
            },
        )
