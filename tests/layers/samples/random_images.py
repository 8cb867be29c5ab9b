"""Layers that change pictures at random."""

from __future__ import annotations

from layers.samples.sample import IMAGE, sample

FIRST = {"data_format": "channels_first"}
SMALL = (2, 3, 4, 1)  # neighbours far apart would make much of a position's last bit

SAMPLES = [
    sample("RandomFlip", IMAGE, seed=1),
    sample("RandomFlip", (2, 2, 4, 5), mode="vertical", seed=1, label="first", **FIRST),
    sample("RandomCrop", IMAGE, height=3, width=4, seed=1),
    sample("RandomCrop", IMAGE, height=8, width=3, label="resized"),
    sample("RandomTranslation", SMALL, height_factor=0.4, width_factor=0.3, seed=1),
    sample("RandomZoom", SMALL, height_factor=0.5, fill_mode="constant", seed=1),
    sample("RandomRotation", SMALL, factor=0.4, seed=1),
    sample("RandomContrast", IMAGE, factor=0.5, value_range=(-9, 9), seed=1),
    sample("RandomBrightness", IMAGE, factor=0.5, value_range=(-9, 9), seed=1),
]
