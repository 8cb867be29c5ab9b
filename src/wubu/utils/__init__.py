"""Small things a Keras script expects under `utils`.

plot_model.py       the layers of a model as a picture
to_categorical.py   class numbers as one-hot rows
"""

from wubu.backend import clear_session
from wubu.core.determinism import (
    are_deterministic_algorithms_enabled,
    use_deterministic_algorithms,
)
from wubu.models.cloning import clone_model
from wubu.ops.random import set_random_seed
from wubu.saving import (
    CustomObjectScope,
    custom_object_scope,
    deserialize_keras_object,
    get_custom_objects,
    get_registered_name,
    get_registered_object,
    register_keras_serializable,
    serialize_keras_object,
)
from wubu.training.batch import pack_x_y_sample_weight, unpack_x_y_sample_weight
from wubu.utils.plot_model import model_to_dot, plot_model
from wubu.utils.to_categorical import to_categorical
