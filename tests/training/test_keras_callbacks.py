"""EarlyStopping and ModelCheckpoint decide as Keras' own, told of the same epochs."""

from __future__ import annotations

from typing import Any

import pytest

from reference.load import Case, cases
from wubu.training.callbacks import EarlyStopping, ModelCheckpoint


class Untrained:
    """As much of a model as they look at; its weights are the number of epochs."""

    def __init__(self) -> None:
        self.stop_training = False
        self.weights = 0
        self.saved: list[str] = []

    def get_weights(self) -> Any:
        return self.weights

    def set_weights(self, weights: Any) -> None:
        self.weights = weights

    def save(self, filepath: Any) -> None:
        self.saved.append(str(filepath))


@pytest.mark.parametrize("case", cases("callback", "EarlyStopping"), ids=str)
def test_where_training_stops_and_with_which_weights(case: Case) -> None:
    callback, model = EarlyStopping("val_loss", **case.arguments), Untrained()
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(case.inputs["val_loss"].tolist()):
        model.weights = epochs = epoch + 1
        callback.on_epoch_end(epoch, {"val_loss": value})
        if model.stop_training:
            break
    callback.on_train_end()
    assert epochs == case.outputs["epochs"]
    assert model.weights == case.outputs["weights"]


@pytest.mark.parametrize("case", cases("callback", "ModelCheckpoint"), ids=str)
def test_which_files_are_written(case: Case) -> None:
    """In epochs of three batches, of which one or two are told of at once."""
    callback, model = ModelCheckpoint(**case.arguments), Untrained()
    together = case.properties["together"]
    callback.set_model(model)
    callback.on_train_begin()
    for epoch, value in enumerate(case.inputs["val_loss"].tolist()):
        callback.on_epoch_begin(epoch)
        for batch in range(together - 1, 3 + together - 1, together):
            last = min(batch, 2)
            callback.on_train_batch_end(last, {"loss": value + last})
        callback.on_epoch_end(epoch, {"val_loss": value, "loss": value + 1})
    assert model.saved == case.properties["files"]
