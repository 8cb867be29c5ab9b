"""Layers: variables and computations that networks are built of. One family per file.

Names, arguments and numbers are those of Keras 3. Read `layer.py` first, then
`dense.py`, the simplest with weights.
"""

from wubu.layers.activation import Activation
from wubu.layers.activity_regularization import ActivityRegularization
from wubu.layers.adaptive_pooling import (
    AdaptiveAveragePooling1D,
    AdaptiveAveragePooling2D,
    AdaptiveAveragePooling3D,
    AdaptiveMaxPooling1D,
    AdaptiveMaxPooling2D,
    AdaptiveMaxPooling3D,
)
from wubu.layers.attention import AdditiveAttention, Attention
from wubu.layers.batch_normalization import BatchNormalization
from wubu.layers.bidirectional import Bidirectional
from wubu.layers.category_encoding import CategoryEncoding
from wubu.layers.concatenation import Concatenate, concatenate
from wubu.layers.convolution import (
    Conv1D,
    Conv2D,
    Conv3D,
    Convolution1D,
    Convolution2D,
    Convolution3D,
)
from wubu.layers.cropping import Cropping1D, Cropping2D, Cropping3D
from wubu.layers.dense import Dense
from wubu.layers.depthwise_convolution import DepthwiseConv1D, DepthwiseConv2D
from wubu.layers.discretization import Discretization
from wubu.layers.dot import Dot, dot
from wubu.layers.dropout import Dropout
from wubu.layers.einsum_dense import EinsumDense
from wubu.layers.embedding import Embedding
from wubu.layers.global_pooling import (
    GlobalAveragePooling1D,
    GlobalAveragePooling2D,
    GlobalAveragePooling3D,
    GlobalAvgPool1D,
    GlobalAvgPool2D,
    GlobalAvgPool3D,
    GlobalMaxPool1D,
    GlobalMaxPool2D,
    GlobalMaxPool3D,
    GlobalMaxPooling1D,
    GlobalMaxPooling2D,
    GlobalMaxPooling3D,
)
from wubu.layers.group_normalization import GroupNormalization
from wubu.layers.gru import GRU, GRUCell
from wubu.layers.hashing import HashedCrossing, Hashing
from wubu.layers.identity import Identity
from wubu.layers.integer_lookup import IntegerLookup
from wubu.layers.lambda_layer import Lambda
from wubu.layers.layer import Layer
from wubu.layers.layer_normalization import LayerNormalization
from wubu.layers.leaky_relu import ELU, LeakyReLU
from wubu.layers.local_response_normalization import LocalResponseNormalization
from wubu.layers.lstm import LSTM, LSTMCell
from wubu.layers.masking import Masking
from wubu.layers.merging import (
    Add,
    Average,
    Maximum,
    Minimum,
    Multiply,
    Subtract,
    add,
    average,
    maximum,
    minimum,
    multiply,
    subtract,
)
from wubu.layers.multi_head_attention import GroupQueryAttention, MultiHeadAttention
from wubu.layers.noise import AlphaDropout, GaussianDropout, GaussianNoise
from wubu.layers.normalization import Normalization
from wubu.layers.operation import Operation
from wubu.layers.permutation import Permute, RepeatVector
from wubu.layers.pooling import (
    AveragePooling1D,
    AveragePooling2D,
    AveragePooling3D,
    AvgPool1D,
    AvgPool2D,
    AvgPool3D,
    MaxPool1D,
    MaxPool2D,
    MaxPool3D,
    MaxPooling1D,
    MaxPooling2D,
    MaxPooling3D,
)
from wubu.layers.prelu import PReLU
from wubu.layers.random_affine import RandomRotation, RandomTranslation, RandomZoom
from wubu.layers.random_color import RandomBrightness, RandomContrast
from wubu.layers.random_crop import RandomCrop
from wubu.layers.random_flip import RandomFlip
from wubu.layers.relu import ReLU
from wubu.layers.rescaling import Rescaling
from wubu.layers.resizing import Resizing
from wubu.layers.rnn import RNN
from wubu.layers.separable_convolution import (
    SeparableConv1D,
    SeparableConv2D,
    SeparableConvolution1D,
    SeparableConvolution2D,
)
from wubu.layers.serialization import deserialize, serialize
from wubu.layers.shaping import Flatten, Reshape
from wubu.layers.simple_rnn import SimpleRNN, SimpleRNNCell
from wubu.layers.softmax import Softmax
from wubu.layers.spatial_dropout import (
    SpatialDropout1D,
    SpatialDropout2D,
    SpatialDropout3D,
)
from wubu.layers.stacked_cells import StackedRNNCells
from wubu.layers.string_lookup import StringLookup
from wubu.layers.symbol import Input, InputLayer, Symbol
from wubu.layers.text_vectorization import TextVectorization
from wubu.layers.time_distributed import TimeDistributed
from wubu.layers.transposed_convolution import (
    Conv1DTranspose,
    Conv2DTranspose,
    Conv3DTranspose,
    Convolution1DTranspose,
    Convolution2DTranspose,
    Convolution3DTranspose,
)
from wubu.layers.unit_normalization import RMSNormalization, UnitNormalization
from wubu.layers.up_sampling import UpSampling1D, UpSampling2D, UpSampling3D
from wubu.layers.wrapper import Wrapper
from wubu.layers.zero_padding import ZeroPadding1D, ZeroPadding2D, ZeroPadding3D
