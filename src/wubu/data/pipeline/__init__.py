"""The inside of `Dataset`: a chain of nodes. Files in reading order:

    node.py       what every node can: its elements by number, or one by one
    sources.py    where elements come from
    steps.py      map, batch, take, skip, repeat, prefetch
    shuffled.py   another order in every epoch
    cached.py     elements kept after they were made
    splitting.py  parts of a dataset, stratified

The one invariant: of an indexed pipeline, element i of epoch e is a function of e and
i, whatever was read before.
"""
