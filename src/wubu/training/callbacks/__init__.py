"""Callbacks: told what training does. One per file; `callback.py` says of what."""

from wubu.training.callbacks.backup_and_restore import BackupAndRestore
from wubu.training.callbacks.callback import Callback, CallbackList
from wubu.training.callbacks.csv_logger import CSVLogger
from wubu.training.callbacks.early_stopping import EarlyStopping
from wubu.training.callbacks.gradient_accumulation import GradientAccumulation
from wubu.training.callbacks.history import History
from wubu.training.callbacks.lambda_callback import LambdaCallback
from wubu.training.callbacks.learning_rate_finder import LearningRateFinder
from wubu.training.callbacks.learning_rate_scheduler import LearningRateScheduler
from wubu.training.callbacks.model_checkpoint import ModelCheckpoint
from wubu.training.callbacks.progress import ProgressBar, ProgressLines
from wubu.training.callbacks.reduce_lr_on_plateau import ReduceLROnPlateau
from wubu.training.callbacks.swap_ema_weights import SwapEMAWeights
from wubu.training.callbacks.terminate_on_nan import TerminateOnNaN
from wubu.training.callbacks.timer import Timer
