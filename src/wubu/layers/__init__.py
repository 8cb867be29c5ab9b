"""Layers: variables and computations that networks are built of. One family per file.

Names, arguments and numbers are those of Keras 3. Read `layer.py` first.
"""

from wubu.layers.layer import Layer
from wubu.layers.operation import Operation
from wubu.layers.symbol import Input, Symbol
