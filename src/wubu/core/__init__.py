"""Tensors, derivatives, traces, graphs and `jit`.

In reading order: `tensor.py` (a value with a history), `primitive.py` (what can be
applied to it), `autodiff.py` (the history walked backwards), `variable.py`, `trace.py`
(recording instead of computing), `graph.py` (what was recorded), `jit.py`.
"""
