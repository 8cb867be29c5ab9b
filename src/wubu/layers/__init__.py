"""Layers: variables and computations that networks are built of. One family per file.

Names, arguments and numbers are those of Keras 3. Read `layer.py` first, then
`dense.py`, the simplest with weights.
"""

from wubu.layers.activation import Activation
from wubu.layers.batch_normalization import BatchNormalization
from wubu.layers.convolution import Conv2D
from wubu.layers.dense import Dense
from wubu.layers.dropout import Dropout
from wubu.layers.embedding import Embedding
from wubu.layers.global_pooling import GlobalAveragePooling2D, GlobalAvgPool2D
from wubu.layers.layer import Layer
from wubu.layers.layer_normalization import LayerNormalization
from wubu.layers.lstm import LSTM
from wubu.layers.merging import Add, Concatenate, add, concatenate
from wubu.layers.operation import Operation
from wubu.layers.pooling import AveragePooling2D, AvgPool2D, MaxPool2D, MaxPooling2D
from wubu.layers.relu import ReLU
from wubu.layers.rescaling import Rescaling
from wubu.layers.serialization import deserialize, serialize
from wubu.layers.shaping import Flatten, Reshape
from wubu.layers.softmax import Softmax
from wubu.layers.symbol import Input, InputLayer, Symbol
