"""Tables: columns of numbers, categories and dates, made samples. In reading order:

    csv_file.py   a CSV file as columns of strings, each with its line
    frames.py     DataFrames, pyarrow tables and dictionaries as columns
    dates.py      strings as days since 1970
    columns.py    what a column holds, found by looking; gaps filled
    table.py      columns as features and targets

The one invariant: what was learnt of one table (kinds, categories, means) can be used
for another, so that a test set is read as the training set was.
"""
