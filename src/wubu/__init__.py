"""Wubu (五步): deep learning in five steps: prepare, build, compile, train, evaluate."""

__version__ = "0.1.0"
