"""Training: from `compile` to a history.

Files in reading order:

    learner.py      compile, train_step, test_step, predict_step
    trainer.py      fit, evaluate, predict
    objectives.py   loss and metrics, matched with outputs
    steps.py        a step, compiled
    feeds.py        where steps come from: arrays or streams
    loop.py         epochs, steps, validation
    callbacks/      what is told about it

The one invariant: nothing here knows which executor runs.
"""

from wubu.training.learner import unpack_x_y_sample_weight
from wubu.training.trainer import Trainer
