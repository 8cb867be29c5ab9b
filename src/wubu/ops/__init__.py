"""Operations on tensors: the primitives, and functions composed of them.

Names and arguments are those of `keras.ops`. One family per file: arithmetic,
comparison, functions (of one variable), reduction, movement, joining, selection (by
index), contraction, convolution, pooling, random, scan; composed of these: nn
(activations), normalization, crossentropy, indexing, creation, ranking.
"""

from wubu.core import diversion
from wubu.core.tensor import as_tensor
from wubu.ops import image, methods, random
from wubu.ops.adaptive_pooling import adaptive_average_pool, adaptive_max_pool
from wubu.ops.arithmetic import (
    add,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    divide,
    floor_divide,
    identity,
    left_shift,
    maximum,
    minimum,
    mod,
    multiply,
    negative,
    power,
    right_shift,
    subtract,
)
from wubu.ops.comparison import (
    cast,
    equal,
    greater,
    greater_equal,
    isfinite,
    isinf,
    isnan,
    less,
    less_equal,
    logical_and,
    logical_not,
    logical_or,
    logical_xor,
    not_equal,
    where,
)
from wubu.ops.contraction import dot, dot_general, einsum, matmul, outer, tensordot
from wubu.ops.convolution import conv
from wubu.ops.creation import (
    arange,
    convert_to_numpy,
    convert_to_tensor,
    eye,
    full,
    full_like,
    linspace,
    ones,
    ones_like,
    tril,
    triu,
    zeros,
    zeros_like,
)
from wubu.ops.crossentropy import (
    binary_crossentropy,
    categorical_crossentropy,
    sparse_categorical_crossentropy,
)
from wubu.ops.finite import check_finite
from wubu.ops.functions import (
    absolute,
    ceil,
    clip,
    cos,
    cosh,
    erf,
    erfinv,
    exp,
    expm1,
    floor,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    reciprocal,
    round,
    rsqrt,
    sigmoid,
    sign,
    sin,
    sinh,
    sqrt,
    square,
    tan,
    tanh,
)
from wubu.ops.indexing import getitem
from wubu.ops.joining import (
    concatenate,
    repeat,
    roll,
    stack,
    tile,
)
from wubu.ops.keras import (
    array,
    average,
    copy,
    diag,
    divide_no_nan,
    hstack,
    isclose,
    ndim,
    shape,
    size,
    stop_gradient,
    vstack,
)
from wubu.ops.movement import (
    broadcast_to,
    expand_dims,
    flip,
    moveaxis,
    pad,
    reshape,
    split,
    squeeze,
    swapaxes,
    transpose,
    unstack,
)
from wubu.ops.nn import (
    celu,
    elu,
    gelu,
    hard_sigmoid,
    hard_silu,
    hard_swish,
    hard_tanh,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    mish,
    normalize,
    relu,
    relu6,
    selu,
    silu,
    softmax,
    softplus,
    softsign,
    swish,
    tanh_shrink,
)
from wubu.ops.normalization import (
    batch_normalization,
    layer_normalization,
    local_response_normalization,
    rms_normalization,
)
from wubu.ops.pooling import average_pool, max_pool
from wubu.ops.ranking import in_top_k, top_k
from wubu.ops.reduction import (
    all,
    any,
    argmax,
    argmin,
    count_nonzero,
    cumsum,
    logsumexp,
    max,
    mean,
    min,
    moments,
    norm,
    prod,
    std,
    sum,
    var,
)
from wubu.ops.scan import map, scan
from wubu.ops.selection import one_hot, scatter_update, take, take_along_axis
from wubu.ops.separable_convolution import depthwise_conv, separable_conv
from wubu.ops.transposed_convolution import conv_transpose

abs = absolute
amax = max
amin = min
true_divide = divide

diversion.divert_all(globals(), "ops")  # symbols of models are recorded
