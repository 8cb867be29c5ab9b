"""What runs graphs. `base.py` says what an executor must do; each has its own folder.

Only `wubu.core.jit` loads executors, by name, on first use.
"""
