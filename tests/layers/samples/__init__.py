"""A sample of every layer (or several), that one test can drive all of them.

Every module but `sample.py` is a table, `SAMPLES`, of one family of layers.
"""

from __future__ import annotations

import importlib
import pkgutil

from layers.samples.sample import Sample, sample

TABLES = sorted({module.name for module in pkgutil.iter_modules(__path__)} - {"sample"})
SAMPLES: list[Sample] = [
    row
    for name in TABLES
    for row in importlib.import_module(f"layers.samples.{name}").SAMPLES
]

__all__ = ["SAMPLES", "Sample", "sample"]
