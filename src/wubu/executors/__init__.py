"""What runs graphs. `base.py` says what an executor must do; each has its own folder.

Only `wubu.core.executors` loads executors, by name, on first use.
"""
