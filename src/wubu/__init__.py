"""Wubu (五步): deep learning in five steps, from data to evaluation."""

__version__ = "0.1.0"
