"""What is set for a whole process and changes how functions are compiled.

It is part of what a compiled program is found by (`jit.py`), so all of it is one value,
made anew when something is set: a call of a compiled function looks once. See
`determinism.py` and `threads.py`.
"""

from __future__ import annotations

import os
from typing import Any, NamedTuple


class Settings(NamedTuple):
    """Attributes:
    deterministic: whether results must not depend on the number of threads.
    threads: how many threads were asked for; None: nobody has asked.
    """

    deterministic: bool = False
    threads: int | None = None


_settings = Settings(os.environ.get("WUBU_DETERMINISTIC", "") not in ("", "0"))


def settings() -> Settings:
    """The present ones."""
    return _settings


def change(**values: Any) -> None:
    """Sets some of them."""
    global _settings
    _settings = _settings._replace(**values)
