"""Before the first step: everything is built, and labels are looked at.

All that can be wrong with data, model and loss together shows here or when the step is
traced, in any case before a weight has changed.
"""

from __future__ import annotations

from typing import Any

from wubu.core import tree
from wubu.core.tensor import as_tensor
from wubu.errors import DataError
from wubu.training.feeds import Feed


def make_ready(model: Any, feed: Feed, kind: str) -> None:
    """Builds the model, loss, metrics and optimizer for data like these.

    Args:
        model: a compiled model.
        feed: the data.
        kind: "train" or "test".

    Raises:
        WubuError: data, model and loss do not fit together.
    """
    x, y, _ = feed.example()
    objectives = model._compiled()
    custom = is_custom(model, f"{kind}_step")
    try:
        outputs = _outputs(model, x)
        if outputs is not None and y is not None:
            objectives.build(y, outputs)
            feed.inspect(lambda labels: objectives.check_labels(labels, outputs))
    except Exception as error:
        # A step of the user's own may feed the model in its own way. If it does not, it
        # fails in the same way itself.
        if not custom or isinstance(error, DataError):
            raise
    if kind == "train":
        model.optimizer.build(model.trainable_variables)


def is_custom(model: Any, name: str) -> bool:
    """Whether the user has overridden a method of `Learner`."""
    return not getattr(type(model), name).__module__.startswith("wubu.training.")


def _outputs(model: Any, x: Any) -> Any:
    """Symbols of the outputs for inputs like x, found once; None if the model has no
    `call`, only steps."""
    if not model.has_call:
        return None
    leaves, structure = tree.flatten(x)
    tensors = [as_tensor(leaf) for leaf in leaves]
    key = (structure, tuple((t.shape[1:], t.dtype) for t in tensors))
    if key not in model._ready:
        model._ready[key] = model.outputs_for(x)
        model.assign_paths()
    return model._ready[key]
