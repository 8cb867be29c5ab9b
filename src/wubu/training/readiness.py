"""Before the first step: everything is built, labels and indices are looked at.

What can be wrong with arrays, model and loss together shows here or when the step is
traced, before a weight has changed. Batches of a stream are looked at as they come.
"""

from __future__ import annotations

from typing import Any

from wubu.core import tree
from wubu.core.tensor import as_tensor
from wubu.errors import DataError, WubuError
from wubu.training.feeds import Feed
from wubu.training.indices import IndexCheck
from wubu.training.overrides import is_custom


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
    outputs = _outputs_if_fed(model, x) if custom else _outputs(model, x)
    if outputs is not None:
        own_loss = custom or is_custom(model, "compute_loss")
        check_labels = _labels_check(objectives, y, outputs, own_loss)
        # A step of the user's own may shift the words before it looks them up.
        check_indices = None if custom else _index_check(model)

        def check(x: Any, y: Any) -> None:
            if check_labels is not None and y is not None:
                check_labels(y)
            if check_indices is not None:
                check_indices(x)

        feed.inspect(check)
    if kind == "train":
        model.optimizer.build(model.trainable_variables)


def _labels_check(objectives: Any, y: Any, outputs: Any, custom: bool) -> Any:
    """What looks at labels; None where a step or loss of the user's own uses them
    otherwise than the loss of `compile`."""
    if y is None:
        return None
    try:
        objectives.build(y, outputs)
    except WubuError as error:
        if not custom or isinstance(error, DataError):
            raise
        return None

    def check(y: Any) -> None:
        try:
            objectives.check_labels(y, outputs)
        except WubuError as error:
            if not custom or isinstance(error, DataError):
                raise

    return check


def _index_check(model: Any) -> IndexCheck:
    if IndexCheck not in model._ready:
        model._ready[IndexCheck] = IndexCheck(model)
    return model._ready[IndexCheck]


def _outputs_if_fed(model: Any, x: Any) -> Any:
    """`_outputs`, or None where the model cannot be called on x itself: a step of the
    user's own may feed it in its own way. Whatever went wrong then, also in the user's
    `call`, goes wrong in the step again if that does call the model on x."""
    try:
        return _outputs(model, x)
    except DataError:
        raise
    except Exception:
        return None


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
