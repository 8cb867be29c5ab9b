"""Data on its way into a network: arrays, batches, streams, image files.

Everything here is NumPy only, and checks the user's data before training touches a
weight. Files in reading order:

    structure.py   several inputs: lists and dictionaries of arrays, and their names
    convert.py     what the user holds (lists, tensors, tables) as NumPy arrays
    validate.py    checks that name the first sample that cannot be trained on
    batching.py    the order of samples in an epoch, and how a batch is taken
    arrays.py      `ArrayDataset`, the three together: what `fit(x, y)` stands on
    dataset.py     `Dataset`: samples from anywhere, shuffled, batched, mapped, cached
    pipeline/      the inside of it
    from_files.py  its constructors for folders and tables
    stream.py      `Stream`: batches of datasets and generators on their way into `fit`
    read_ahead.py  work done in threads before its results are asked for
    folders.py     a folder on disk or in an archive; directories.py, which files in it
    images.py      one picture file as an array (loads Pillow on first use)
    resizing.py    pictures of another size, with the numbers of TensorFlow
    idx.py         the IDX file format of MNIST
    tables/        CSV, DataFrames and Parquet as numbers, categories and dates

The one invariant: whatever leaves this room for training has passed `validate.py`.
"""

from wubu.data.arrays import ArrayDataset
from wubu.data.batching import Batch, Batches, take
from wubu.data.dataset import AUTOTUNE, Dataset
from wubu.data.idx import parse_idx, read_idx
from wubu.data.images import load_image
from wubu.data.stream import Stream

__all__ = [
    "AUTOTUNE",
    "ArrayDataset",
    "Batch",
    "Batches",
    "Dataset",
    "Stream",
    "load_image",
    "parse_idx",
    "read_idx",
    "take",
]
