"""Recipes: a training described in TOML, the five steps without code.

    recipe = wubu.recipes.load("mnist-lenet", ["train.epochs=3"])
    data = recipe.prepare()             # 备
    model = recipe.build()              # 搭
    recipe.compile(model)               # 译
    recipe.train(model, data)           # 训
    recipe.evaluate(model, data)        # 评

or all five, with a run folder that keeps what came of them:

    run = wubu.recipes.Session.begin(recipe).go()

What TOML says, Python says the same way: `Recipe(...)`. Files in reading order:

    builtin/*.toml                    Wubu's own recipes; read `mnist-lenet.toml`
    schema.py                         what each section may say
    recipe.py                         `Recipe`, and `load`
    objects.py, network.py            tables as layers, optimizers, ...; models of them
    samples.py, sources.py            samples, from datasets or one's own files
    python_files.py                   Python files that a recipe names
    origin.py, places.py              which line of the file an error is about
    edit.py                           `--set`, in the text
    writing.py                        a recipe made in Python as TOML
    session.py                        a recipe run in a folder; a run goes on
    judging.py, answers.py            what the model said of the test samples
"""

from wubu.recipes.recipe import Recipe, load, names
from wubu.recipes.samples import Data
from wubu.recipes.session import Session, recall

__all__ = ["Data", "Recipe", "Session", "load", "names", "recall"]
