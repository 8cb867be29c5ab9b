"""Operations on tensors: the primitives, and functions composed of them.

Names and arguments are those of `keras.ops`. One family per file: arithmetic,
comparison, functions (of one variable), reduction, movement, joining, selection (by
index), contraction, convolution, pooling, random, scan; composed of these: nn
(activations), normalization, crossentropy, indexing, creation, ranking.
"""

from wubu.core import diversion
from wubu.core.tensor import Tensor, as_tensor
from wubu.ops import distributions, image, methods, nn, random
from wubu.ops.adaptive_pooling import adaptive_average_pool, adaptive_max_pool
from wubu.ops.arithmetic import (
    add,
    bitwise_and,
    bitwise_not,
    bitwise_or,
    bitwise_xor,
    divide,
    floor_divide,
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
from wubu.ops.attention import dot_product_attention
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
from wubu.ops.control import (
    cond,
    dtype,
    fori_loop,
    is_tensor,
    switch,
    vectorized_map,
    while_loop,
)
from wubu.ops.convolution import conv
from wubu.ops.creation import (
    arange,
    convert_to_numpy,
    convert_to_tensor,
    eye,
    full,
    full_like,
    geomspace,
    linspace,
    logspace,
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
    allclose,
    array,
    average,
    copy,
    diag,
    divide_no_nan,
    empty,
    empty_like,
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
from wubu.ops.ordering import (
    argpartition,
    argsort,
    digitize,
    histogram,
    isin,
    median,
    percentile,
    quantile,
    searchsorted,
    sort,
    unravel_index,
)
from wubu.ops.patches import depth_to_space, space_to_depth
from wubu.ops.pooling import average_pool, max_pool
from wubu.ops.ranking import in_top_k, top_k
from wubu.ops.rearranging import (
    append,
    array_split,
    cross,
    diagflat,
    diagonal,
    diff,
    dsplit,
    dstack,
    fliplr,
    flipud,
    hsplit,
    identity,
    inner,
    kron,
    meshgrid,
    ravel,
    rot90,
    trace,
    trapezoid,
    tri,
    vander,
    vdot,
    vsplit,
)
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
from wubu.ops.rounding import (
    cbrt,
    exp2,
    fabs,
    fmax,
    fmin,
    fmod,
    heaviside,
    isneginf,
    isposinf,
    ldexp,
    logaddexp2,
    nan_to_num,
    saturate_cast,
    select,
    signbit,
    trunc,
)
from wubu.ops.scan import map, scan
from wubu.ops.selection import one_hot, scatter_update, take, take_along_axis
from wubu.ops.separable_convolution import depthwise_conv, separable_conv
from wubu.ops.slices import (
    get_item,
    multi_hot,
    nonzero,
    scatter,
    slice,
    slice_update,
    unique,
)
from wubu.ops.sums import (
    bincount,
    cumprod,
    nanargmax,
    nanargmin,
    nancumprod,
    nancumsum,
    nanmax,
    nanmean,
    nanmin,
    nanprod,
    nanstd,
    nansum,
    nanvar,
    ptp,
    segment_max,
    segment_min,
    segment_sum,
)
from wubu.ops.transposed_convolution import conv_transpose
from wubu.ops.trigonometry import (
    arccos,
    arccosh,
    arcsin,
    arcsinh,
    arctan,
    arctan2,
    arctanh,
    deg2rad,
    hypot,
    rad2deg,
    sinc,
)

abs = absolute
amax = max
amin = min
true_divide = divide
bitwise_invert = bitwise_not
bitwise_left_shift = left_shift
bitwise_right_shift = right_shift

diversion.divert_all(globals(), "ops")  # symbols of models are recorded

# `keras.ops.nn` has these names too, and its own are recorded as well.
for _name in [
    "adaptive_average_pool",
    "adaptive_max_pool",
    "average_pool",
    "batch_normalization",
    "binary_crossentropy",
    "categorical_crossentropy",
    "conv",
    "conv_transpose",
    "depth_to_space",
    "depthwise_conv",
    "dot_product_attention",
    "layer_normalization",
    "max_pool",
    "moments",
    "multi_hot",
    "one_hot",
    "rms_normalization",
    "separable_conv",
    "space_to_depth",
    "sparse_categorical_crossentropy",
    "celu",
    "elu",
    "gelu",
    "hard_sigmoid",
    "hard_silu",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "log_sigmoid",
    "log_softmax",
    "mish",
    "normalize",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "softsign",
    "swish",
    "tanh",
    "tanh_shrink",
]:
    setattr(nn, _name, globals()[_name])
for _name in ["beta", "binomial", "categorical", "gamma", "shuffle"]:
    setattr(random, _name, getattr(distributions, _name))
