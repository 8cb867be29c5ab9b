"""What older Keras scripts look for here; it lives in `wubu.utils`.

sequence.py   pad_sequences
image.py      pictures as Pillow has them and as arrays
"""

from wubu.preprocessing import image, sequence
from wubu.utils.image_dataset import image_dataset_from_directory
from wubu.utils.text_dataset import text_dataset_from_directory
from wubu.utils.timeseries_dataset import timeseries_dataset_from_array
