"""Sequences, under the name of older Keras scripts."""

from wubu.utils.pad_sequences import pad_sequences

__all__ = ["pad_sequences"]
