"""Saving: models and weights in files that hold no code.

    model.save("digits.wubu")
    model = wubu.saving.load_model("digits.wubu")

A model file is a zip of three members, none of them compressed:

    metadata.json         format version, versions, date, counts, checksums
    config.json           architecture, by registered names; compile's arguments
    weights.safetensors   every variable by its path, the optimizer's under optimizer/

Files in reading order: `model_file.py` (save and load), `architecture.py` and
`learning.py` (what `config.json` says), `vetting.py` (what it may not say),
`weights.py`; below them `archive.py`, `json_text.py`, `tensors.py` and `atomic.py`, one
for each layer of the format. `training_state.py` writes what a run needs to go on.
"""

from wubu.core.registry import (
    custom_objects,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register,
)
from wubu.saving.json_model import model_from_json, model_to_json
from wubu.saving.model_file import load_model, save_model
from wubu.saving.objects import deserialize_keras_object, serialize_keras_object
from wubu.saving.training_state import load_state, save_state
from wubu.saving.weights import load_weights, save_weights

register_keras_serializable = register
custom_object_scope = CustomObjectScope = custom_objects
