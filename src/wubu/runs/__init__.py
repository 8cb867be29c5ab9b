"""Runs: a folder for each training, with all that it was told and all that came of it.

    folders.py   where runs lie: a new one, one by its name, all of them
    run.py       `Run`: what a folder holds, read
    record.py    what a folder holds, written
    lock.py      that two processes do not write into one at the same time
    comparison.py, mcnemar.py    two runs side by side, and whether they really differ

A run folder, `runs/digits-lenet-1`, holds

    recipe.toml       the recipe as it was trained: overrides are written into it
    run.json          what was known at its start and its end (below)
    history.jsonl     one line for each epoch, appended as it ends: {"epoch": 1,
                      "seconds": 0.4, "loss": 1.2, "accuracy": 0.6, "val_loss": ...}.
                      Epochs count from 1; seconds are those of this epoch; null
                      stands for NaN and the infinities
    checkpoints/      where training can go on from after it was cut off
    model.wubu        the trained model
    evaluation.json   how good it is on data it never saw (below)
    predictions.npz   what it said of each test sample (below)
    samples.npz       some of the test samples (below)
    report.html       a page about all this
    .lock             the number of the process that trains, while it does

`run.json`:

    name          of the folder: "digits-lenet-1"
    recipe        name of the recipe: "digits-lenet"
    title         one line for people
    wubu          the version
    python, numpy    theirs
    executor      "native", "numpy"
    threads       how many threads the executor used
    machine       processor and system
    seed          an integer
    epochs        how many were wanted
    batch_size    samples a step
    parameters    of the model
    samples       {"train": 1442, "validation": 0, "test": 355}
    classes       their names, ["0", "1", ...]; null where there are none
    started       date and time, ISO 8601, UTC
    ended         the same; null while it runs, or after it was cut off
    stopped       whether Ctrl-C, or a callback, ended it before its last epoch
    seconds       that training took, all resumptions together; null as `ended`

`evaluation.json`:

    task          "classes": one of several; "binary": one output, yes or no; "values"
                  for anything else
    data          {"name": "digits", "samples": 355, "digest": "sha256 of x and y"}
    metrics       {"loss": 0.05, "accuracy": 0.98}, on the test set
    classes       for each class {"name": "0", "samples": 36, "predicted": 37,
                  "right": 36}; null if the task is "values"
    confusion     samples by class (rows) and by predicted class (columns); or null
    seconds       that the evaluation took

`predictions.npz`, in the order of the test set:

    y_true          class numbers (samples,) int64; of task "values" the targets
    y_pred          the classes predicted; of task "values" the outputs
    probabilities   (samples, classes) float32, only of tasks with classes; binary ones
                    have two columns. Outputs that are no probabilities (logits) have
                    passed softmax or sigmoid
    losses          the loss of each sample, (samples,) float32

`samples.npz`, at most 200: the mistakes with the largest loss, then samples that it
got right (of task "values" those with the largest loss alone):

    index           into predictions.npz, (n,) int64
    x               the inputs as the network takes them, (n, ...), uint8 for pictures

Any of these may be missing: a run that is cut off has no evaluation yet.
"""

from wubu.runs.comparison import compare
from wubu.runs.folders import all_runs, find_run, new_run
from wubu.runs.run import Run

__all__ = ["Run", "all_runs", "compare", "find_run", "new_run"]
