"""Callbacks under the name Keras users know, `from wubu.callbacks import History`.

They live in `wubu/training/callbacks/`.
"""

from wubu.training.callbacks import (
    BackupAndRestore,
    Callback,
    CallbackList,
    CSVLogger,
    EarlyStopping,
    GradientAccumulation,
    History,
    LambdaCallback,
    LearningRateFinder,
    LearningRateScheduler,
    ModelCheckpoint,
    ProgressBar,
    ProgressLines,
    ReduceLROnPlateau,
    SwapEMAWeights,
    TerminateOnNaN,
    Timer,
)

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "CallbackList",
    "EarlyStopping",
    "GradientAccumulation",
    "History",
    "LambdaCallback",
    "LearningRateFinder",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ProgressBar",
    "ProgressLines",
    "ReduceLROnPlateau",
    "SwapEMAWeights",
    "TerminateOnNaN",
    "Timer",
]
