"""`History`: how tensors came to be. Read next: `tensor.py`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from wubu.core.location import Location
from wubu.core.writes import moment

if TYPE_CHECKING:
    from wubu.core.primitive import Primitive
    from wubu.core.tensor import Tensor
    from wubu.core.trace import Trace

Shape = tuple[int, ...]


class Output(NamedTuple):
    """One output of a history. The array is None in a trace."""

    shape: Shape
    dtype: np.dtype
    array: np.ndarray | None
    version: list[int]
    version_then: int


class History:
    """How tensors came to be: `outputs = primitive(*inputs, **params)`.

    `versions` are those of the inputs at the time, `moment` is that time on the clock
    of `writes.py`, so that a later change in place is noticed. A history without a
    primitive is an input of a trace.
    """

    __slots__ = (
        "inputs",
        "location",
        "moment",
        "outputs",
        "params",
        "primitive",
        "scope",
        "trace",
        "versions",
    )

    def __init__(
        self,
        primitive: Primitive | None,
        inputs: tuple[Tensor, ...],
        params: dict[str, Any],
        outputs: list[Output],
        location: Location | None,
        scope: str,
        trace: Trace | None,
    ) -> None:
        self.primitive = primitive
        self.inputs = inputs
        self.params = params
        self.outputs = outputs
        self.versions = tuple([tensor._version[0] for tensor in inputs])
        self.moment = moment()
        self.location = location
        self.scope = scope
        self.trace = trace
