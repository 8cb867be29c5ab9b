"""Small things a Keras script expects under `utils`.

to_categorical.py   class numbers as one-hot rows
"""

from wubu.backend import clear_session
from wubu.core.determinism import (
    are_deterministic_algorithms_enabled,
    use_deterministic_algorithms,
)
from wubu.ops.random import set_random_seed
from wubu.training.batch import pack_x_y_sample_weight, unpack_x_y_sample_weight
from wubu.utils.to_categorical import to_categorical
