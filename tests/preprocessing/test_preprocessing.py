"""`wubu.preprocessing`: the names of older Keras scripts."""

from __future__ import annotations

import wubu
from wubu import utils


def test_names_of_older_scripts() -> None:
    rooms = wubu.preprocessing
    assert rooms.sequence.pad_sequences is utils.pad_sequences
    for name in ["load_img", "save_img", "img_to_array", "array_to_img"]:
        assert getattr(rooms.image, name) is getattr(utils, name)
    for kind in ["image", "text"]:
        name = f"{kind}_dataset_from_directory"
        assert getattr(rooms, name) is getattr(utils, name)
    name = "timeseries_dataset_from_array"
    assert getattr(rooms, name) is getattr(utils, name)
