"""`SpatialDropout1D`, `2D`, `3D`: leave out whole channels during training."""

from __future__ import annotations

from typing import Any

from wubu.core.tensor import Tensor
from wubu.layers.arguments import fraction, image_format
from wubu.layers.training_noise import TrainingNoise
from wubu.ops import random


class _SpatialDropout(TrainingNoise):
    """Dropout whose draw is the same at all times, or at all places of an image."""

    data_format = "channels_last"

    def __init__(self, rate: float, seed: int | None, **options: Any) -> None:
        self.rate = fraction("rate", rate)
        super().__init__(rate, seed, **options)

    def disturb(self, inputs: Tensor) -> Tensor:
        channels = 1 if self.data_format == "channels_first" else inputs.ndim - 1
        own = (0, channels)
        shape = tuple(n if a in own else 1 for a, n in enumerate(inputs.shape))
        return random.dropout(inputs, self.rate, shape, self.seed_generator)


class SpatialDropout1D(_SpatialDropout):
    """Dropout that sets whole features of a sequence to 0, at all times.

    Neighbouring times say much the same, so that leaving out single ones takes little
    away; see `Dropout` for the formula.

    Args:
        rate: the share of features that is left out, in [0, 1).
        seed: an integer, for masks that do not depend on `set_random_seed`.
        name: of the layer.
        dtype: of its computation.
        options: trainable of every layer.

    Shapes:
        (batch, time, features) -> the same.

    Raises:
        ArgumentError: `rate` is not in [0, 1).

    Source:
        Tompson, Goroshin, Jain, LeCun and Bregler, "Efficient object localization using
        convolutional networks", 2015, section 3.2.

    Example:
        >>> import wubu
        >>> y = SpatialDropout1D(0.5, seed=1)(wubu.ones((1, 3, 9)), training=True)
        >>> bool((y[:, 0] == y[:, 2]).all())
        True
    """

    input_ndim = 3

    def __init__(
        self,
        rate: float,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(rate, seed, name=name, dtype=dtype, **options)


class SpatialDropout2D(_SpatialDropout):
    """Dropout that sets whole channels of an image to 0; see `SpatialDropout1D`.

    Args:
        rate: the share of channels that is left out, in [0, 1).
        data_format: "channels_last" (default) or "channels_first".
        seed: an integer, for masks that do not depend on `set_random_seed`.
        name: of the layer.
        dtype: of its computation.
        options: trainable of every layer.

    Shapes:
        (batch, height, width, channels), or channels first -> the same.

    Raises:
        ArgumentError: `rate` is not in [0, 1).

    Source:
        Tompson et al., 2015, as `SpatialDropout1D`.

    Example:
        >>> import wubu
        >>> y = SpatialDropout2D(0.5, seed=1)(wubu.ones((1, 2, 2, 9)), training=True)
        >>> bool((y[:, 0, 0] == y[:, 1, 1]).all())
        True
    """

    input_ndim = 4

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(rate, seed, name=name, dtype=dtype, **options)
        self.data_format = image_format(data_format)


class SpatialDropout3D(_SpatialDropout):
    """Dropout that sets whole channels of a volume to 0; see `SpatialDropout1D`.

    Args:
        rate: the share of channels that is left out, in [0, 1).
        data_format: "channels_last" (default) or "channels_first".
        seed: an integer, for masks that do not depend on `set_random_seed`.
        name: of the layer.
        dtype: of its computation.
        options: trainable of every layer.

    Shapes:
        (batch, depth, height, width, channels), or channels first -> the same.

    Raises:
        ArgumentError: `rate` is not in [0, 1).

    Source:
        Tompson et al., 2015, as `SpatialDropout1D`.

    Example:
        >>> import wubu
        >>> y = SpatialDropout3D(0.5, seed=1)(wubu.ones((1, 2, 2, 2, 9)), training=True)
        >>> bool((y[:, 0, 0, 0] == y[:, 1, 1, 1]).all())
        True
    """

    input_ndim = 5

    def __init__(
        self,
        rate: float,
        data_format: str | None = None,
        seed: int | None = None,
        name: str | None = None,
        dtype: Any = None,
        **options: Any,
    ) -> None:
        super().__init__(rate, seed, name=name, dtype=dtype, **options)
        self.data_format = image_format(data_format)
