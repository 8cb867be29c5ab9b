"""Models: networks as a chain, as a graph of layers, or as a class of your own.

Files in reading order: `model.py`, `sequential.py`, `layer_graph.py` (what a model does
that is drawn up with symbols), `functional.py`, `summary.py`. Networks that come with
Wubu are recipes: `wubu.recipes`.
"""

from wubu.models.cloning import clone_model
from wubu.models.functional import Functional
from wubu.models.model import Model
from wubu.models.sequential import Sequential
from wubu.saving import load_model, model_from_json, save_model
