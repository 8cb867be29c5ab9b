"""Recipes: what they say, in TOML and in Python, and where they say it wrong."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recipes import made
from wubu import Model, callbacks, layers, losses, metrics, optimizers, recipes
from wubu.errors import ArgumentError, DTypeError, FileFormatError, WubuError
from wubu.recipes import Recipe
from wubu.recipes.schema import Settings


@pytest.mark.parametrize("name", recipes.names())
def test_wubus_own_recipes_make_what_they_say(name: str) -> None:
    recipe = recipes.load(name)
    assert recipe.name == name
    assert recipe.title
    model = recipe.build()
    recipe.compile(model)
    assert recipe.input_shape is not None
    assert model.input_shape == (None, *recipe.input_shape)


def test_lenet_has_the_published_number_of_parameters() -> None:
    assert recipes.load("mnist-lenet").build().count_params() == 61_610
    assert recipes.load("mnist-mlp").build().count_params() == 784 * 512 + 512 * 11 + 10


def test_a_name_nobody_knows() -> None:
    with pytest.raises(WubuError, match='no built-in recipe named "mnist-lnet"') as e:
        recipes.load("mnist-lnet")
    assert e.value.fix == 'did you mean "mnist-lenet"?'
    with pytest.raises(ArgumentError, match="there is no such recipe"):
        recipes.load("nowhere.toml")


def test_a_recipe_from_a_file(tmp_path: Path) -> None:
    recipe = recipes.load(made.write(tmp_path), ["train.epochs=1"])
    assert recipe.settings.train.epochs == 1
    assert recipe.text == made.TEXT.replace("epochs = 4", "epochs = 1")
    (tmp_path / "latin.toml").write_bytes(b"# \xe9")
    with pytest.raises(FileFormatError, match="no text in UTF-8"):
        recipes.load(tmp_path / "latin.toml")


def test_the_same_weights_from_the_same_seed(tmp_path: Path) -> None:
    first, again, other = (
        made.recipe(tmp_path, f"train.seed={seed}").build().get_weights()
        for seed in (3, 3, 4)
    )
    assert all(map(np.array_equal, first, again))
    assert not np.array_equal(first[0], other[0])


# --- Errors point to the line ---------------------------------------------------------

WRONG = [
    # what is written, what instead, place, words, fix
    ("epochs = 4", "epoch = 4", "22:1", "no key in [train]", 'mean "epochs"'),
    ("[train]", "[trian]", "21:1", "no section or key", 'mean "train"'),
    ("epochs = 4", "epochs = '4'", "22:1", "train.epochs cannot be this", None),
    ("epochs = 4", "epochs = 0", "22:1", "train.epochs cannot be this", None),
    ("epochs = 4", "epochs = ", "22:10", "this is no TOML", None),
    ('name = "small"', "", "1:1", "name is missing", None),
    ("units=8", "unit=8", "11:18", "no argument of Dense", 'mean "units"'),
    ("units=8, ", "", "11:3", "Dense needs units", None),
    ("units=8", "units='a'", "11:18", "units", None),
    ('"Dropout"', '"Dropuot"', "12:4", "no layer named", 'mean "Dropout"'),
    ('"relu"', '"rleu"', "11:27", "no activation", 'mean "relu"'),
    ('{type="Dropout", rate=0.25}', "7", "12:3", "a name, or a table", None),
    ('{type="Dropout", rate=0.25}', "{rate=1}", "12:3", "says what it is", None),
    ('{type="Dropout", rate=0.25}', '{type="Dense", units=3, inputs=["hiden"]}',
     "12:27", "no layer before this one", 'mean "hidden"'),
    ('{type="Dropout", rate=0.25}', '{type="mine>Twice"}', "12:4", "registered", "put"),
    ('{type="Dropout", rate=0.25}', '{type="Conv2D", filters=1, kernel_size=2}',
     "12:3", "cannot take this input", None),
    ("learning_rate=0.05", "rate=0.05", "17:27", "no argument of Adam", None),
    ("learning_rate=0.05", "learning_rate='fast'", "17:27", "a learning rate", None),
    ("learning_rate=0.05", 'learning_rate={type="CosineDeca"}', "17:42", "no schedule",
     'mean "CosineDecay"'),
    ('"Adam"', '"Adm"', "17:14", "no optimizer", 'mean "Adam"'),
    ('"sparse_cat', '"sparze_cat', "18:1", "no loss", "Sparse"),
    ('["accuracy"]', '["acuracy"]', "19:12", "no metric", 'mean "accuracy"'),
    ('["accuracy"]', '"accuracy"', "19:1", "compile.metrics cannot be this", None),
    ('source = "arrays"', "", "3:1", "one of dataset, source, python", None),
    ('source = "arrays"', 'source = "array"', "4:1", "cannot be this", None),
    ('source = "arrays"', 'source = "arrays"\nimage_size = [2, 2]', "3:1",
     '"image_size" is not for arrays, but for image_folder', None),
    ('source = "arrays"', 'source = "image_folder"', "3:1", "needs image_size", None),
    ('path = "samples.npz"', "", "3:1", '"path" says where', None),
    ("input = [4]", "", "8:1", '"input" says what shape', None),
    ("[build]", '[build]\npython = "a.py:b"', "8:1", "layers and python", None),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "place", "words", "fix"), WRONG)
def test_what_is_wrong_is_pointed_at(
    old: str, new: str, place: str, words: str, fix: str | None
) -> None:
    text = made.TEXT.replace(old, new, 1)
    assert text != made.TEXT
    with pytest.raises(WubuError) as caught:
        recipe = Recipe.from_text(text, "small.toml")
        recipe.compile(recipe.build())
    assert words in caught.value.what
    assert caught.value.where == f"small.toml:{place}"
    assert fix is None or fix in str(caught.value.fix)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("callbacks=[{type='EarlyStopping', patienc=3}]", 'named "patienc"'),
        ("callbacks=[{type='EarlyStoping'}]", 'named "EarlyStoping"'),
        ("class_weight.seven=2.0", 'no class named "seven"'),
    ],
)
def test_what_is_wrong_on_the_command_line(
    tmp_path: Path, given: str, words: str
) -> None:
    recipe = made.recipe(tmp_path, f"train.{given}")
    model = recipe.build()
    recipe.compile(model)
    with pytest.raises(WubuError) as caught:
        recipe.train(model, recipe.prepare(), verbose=0)
    assert words in caught.value.what
    assert caught.value.where == f"--set train.{given}"


# --- In Python ------------------------------------------------------------------------


def _in_python(folder: Path, **sections: Any) -> Recipe:
    said: dict[str, Any] = {
        "prepare": {"source": "arrays", "path": "samples.npz", "test_split": 0.25},
        "build": {
            "input": (4,),
            "layers": [
                layers.Dense(8, activation="relu", name="hidden"),
                {"type": "Dropout", "rate": 0.25},
                layers.Dense(3, activation="softmax"),
            ],
        },
        "compile": {
            "optimizer": optimizers.Adam(learning_rate=0.05),
            "loss": "sparse_categorical_crossentropy",
            "metrics": ["accuracy"],
        },
        "train": {"epochs": 4, "batch_size": 8, "executor": "numpy"},
    }
    return Recipe("small", folder=folder, **(said | sections))


def test_python_says_the_same_as_toml(tmp_path: Path) -> None:
    written, said = made.recipe(tmp_path), _in_python(tmp_path)

    def learned(recipe: Recipe) -> tuple[Any, Any]:
        model = recipe.build()
        recipe.compile(model)
        data = recipe.prepare()
        history = recipe.train(model, data, verbose=0).history
        return history, recipe.evaluate(model, data)

    assert learned(written) == learned(said)
    assert learned(said) == learned(said)  # objects that were given stay as new
    assert tomllib.loads(said.text) == tomllib.loads(made.TEXT)
    again = Recipe.from_text(said.text, tmp_path / "again.toml")
    assert learned(again) == learned(said)


def test_objects_of_all_kinds_are_written(tmp_path: Path) -> None:
    recipe = _in_python(
        tmp_path,
        compile={
            "optimizer": optimizers.SGD(optimizers.schedules.CosineDecay(0.1, 100)),
            "loss": losses.SparseCategoricalCrossentropy(from_logits=True),
            "metrics": [metrics.SparseCategoricalAccuracy(name="right")],
        },
        train={"callbacks": [callbacks.TerminateOnNaN()]},
        title='quotes " and 五步',
    )
    said = tomllib.loads(recipe.text)
    assert said["title"] == 'quotes " and 五步'
    assert said["compile"]["optimizer"] == {
        "type": "SGD",
        "learning_rate": {
            "type": "CosineDecay",
            "initial_learning_rate": 0.1,
            "decay_steps": 100,
        },
    }
    assert said["compile"]["loss"]["from_logits"] is True
    assert said["compile"]["metrics"][0]["name"] == "right"
    assert said["train"]["callbacks"] == [{"type": "TerminateOnNaN"}]
    Settings.model_validate(said)


def test_what_toml_cannot_name_is_an_error(tmp_path: Path) -> None:
    recipe = _in_python(tmp_path, build={"python": lambda: None})
    with pytest.raises(ArgumentError, match=r"build\.python cannot be written"):
        _ = recipe.text
    stopping = callbacks.EarlyStopping(min_delta=0.1)
    with pytest.raises(ArgumentError, match="does not say what it was made with"):
        _ = _in_python(tmp_path, train={"callbacks": [stopping]}).text


def test_mistakes_in_python_are_named(tmp_path: Path) -> None:
    with pytest.raises(WubuError, match=r"no key in \[train\]") as caught:
        _in_python(tmp_path, train={"epoch": 3})
    assert caught.value.where == "train.epoch"


# --- Networks of other forms ----------------------------------------------------------

GRAPH = """
input = [4]
layers = [
  {type="Dense", units=4, name="a"},
  {type="Dense", units=4, name="b", inputs="input"},
  {type="Add", inputs=["a", "b"]},
  {type="Dense", units=3, activation="softmax"},
]
"""


def test_a_graph_of_layers(tmp_path: Path) -> None:
    head, _, tail = made.TEXT.partition("[build]")
    text = f"{head}[build]{GRAPH}[compile]{tail.partition('[compile]')[2]}"
    model = made.recipe(tmp_path, text=text).build()
    x = made.samples()[0]
    a, b, last = (model.layers[i].get_weights() for i in (0, 1, 3))
    both = x @ a[0] + a[1] + x @ b[0] + b[1]
    powers = np.exp(both @ last[0] + last[1])
    expected = powers / powers.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(model.predict(x), expected, rtol=1e-5)


OWN = """
import wubu


@wubu.saving.register("mine")
class Twice(wubu.layers.Layer):
    def call(self, x):
        return 2 * x


def make_model():
    return wubu.Sequential([wubu.Input((4,)), Twice(), wubu.layers.Dense(3)])


def load(count):
    import numpy as np
    x = np.zeros((count, 4), "float32")
    return (x, np.arange(count) % 3), None


def wrong():
    return 3
"""


def test_classes_of_your_own(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN, "utf-8")
    text = 'python = "own.py"\n' + made.TEXT.replace(
        '{type="Dropout", rate=0.25}', '{type="mine>Twice"}'
    )
    model = made.recipe(tmp_path, text=text).build()
    assert type(model.layers[1]).__name__ == "Twice"
    recipe = made.recipe(tmp_path, 'python="nowhere.py"')
    with pytest.raises(ArgumentError, match="no such Python file") as caught:
        recipe.build()
    assert caught.value.where == '--set python="nowhere.py"'


def test_functions_of_your_own(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(OWN, "utf-8")
    head, _, tail = made.TEXT.partition("[prepare]")
    parts = '[prepare]\npython = "own.py:load"\noptions = {count = 6}\n'
    parts += (
        f'[build]\npython = "own.py:NAME"\n[compile]{tail.partition("[compile]")[2]}'
    )

    def written(name: str) -> Recipe:
        return made.recipe(tmp_path, text=head + parts.replace("NAME", name))

    recipe = written("make_model")
    assert recipe.prepare().counts() == {"train": 6, "validation": 0, "test": 0}
    model = recipe.build()
    assert isinstance(model, Model) and model.count_params() == 15
    with pytest.raises(WubuError, match="no function in own") as caught:
        written("make_modle").build()
    assert caught.value.fix == 'did you mean "make_model"?'
    with pytest.raises(DTypeError, match="wrong makes no model"):
        written("wrong").build()


def test_validation_class_weights_and_callbacks(tmp_path: Path) -> None:
    recipe = made.recipe(
        tmp_path,
        "prepare.validation_split=0.25",
        "train.class_weight.1=3.0",
        'train.callbacks=[{type="CSVLogger", filename="log.csv"}]',
    )
    model = recipe.build()
    recipe.compile(model)
    data = recipe.prepare()
    assert data.counts() == {"train": 27, "validation": 9, "test": 12}
    (logger,) = recipe.callbacks(tmp_path / "run")
    assert logger.filename == str(tmp_path / "run" / "log.csv")
    history = recipe.train(model, data, callbacks=[], verbose=0).history
    assert set(history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    plain = made.recipe(tmp_path, "prepare.validation_split=0.25")
    other = plain.build()
    plain.compile(other)
    assert plain.train(other, data, verbose=0).history["loss"] != history["loss"]
