"""Training: from `compile` to a history.

Files in reading order:

    batch.py        what a step is given
    learner.py      compile, train_step, test_step, predict_step
    trainer.py      fit, evaluate, predict
    arguments.py    what fit and compile were given, checked
    objectives.py   loss and metrics, matched with outputs
    labels.py       labels that a loss could not make sense of
    indices.py      indices that a table has no row for
    readiness.py    everything built and checked before the first step
    steps.py        a step, compiled
    changes.py      what was changed since, so that steps are compiled anew
    feeds.py        where steps come from: arrays or streams
    weights.py      class weights, made into sample weights
    loop.py         epochs, steps, validation
    short_epochs.py many epochs in one go
    logs.py         what steps report, as numbers
    pace.py         how many steps to do before looking up
    interrupt.py    Ctrl-C
    callbacks/      what is told about it

The one invariant: nothing here knows which executor runs.
"""

from wubu.training.batch import pack_x_y_sample_weight, unpack_x_y_sample_weight
from wubu.training.trainer import Trainer
