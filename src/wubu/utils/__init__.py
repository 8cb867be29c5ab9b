"""Small things a Keras script expects under `utils`.

get_file.py          a file from the web, fetched once
image_dataset.py, text_dataset.py   folders of files; directory_datasets.py for both
normalize.py         arrays of length 1 along an axis
pad_sequences.py     sequences of differing lengths as one array
pictures.py          pictures as Pillow has them and as arrays, read and written
plot_model.py        the layers of a model as a picture
py_dataset.py        batches made by code of one's own
split_dataset.py     a dataset in two parts
timeseries_dataset.py   windows over a time series
to_categorical.py    class numbers as one-hot rows
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
from wubu.utils.get_file import get_file
from wubu.utils.image_dataset import image_dataset_from_directory
from wubu.utils.normalize import normalize
from wubu.utils.pad_sequences import pad_sequences
from wubu.utils.pictures import array_to_img, img_to_array, load_img, save_img
from wubu.utils.plot_model import model_to_dot, plot_model
from wubu.utils.py_dataset import PyDataset, Sequence
from wubu.utils.split_dataset import split_dataset
from wubu.utils.text_dataset import text_dataset_from_directory
from wubu.utils.timeseries_dataset import timeseries_dataset_from_array
from wubu.utils.to_categorical import to_categorical
