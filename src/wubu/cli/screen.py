"""Where text goes: results to standard output, remarks to standard error.

With `--json` standard output holds one JSON object and nothing else.
"""

from __future__ import annotations

import json
import math
import sys
from typing import Any

from rich.console import Console


def out() -> Console:
    """The console for results."""
    return Console(file=sys.stdout, highlight=False, soft_wrap=True)


def err() -> Console:
    """The console for remarks, progress and errors."""
    return Console(file=sys.stderr, highlight=False, soft_wrap=True)


def print_json(data: dict[str, Any]) -> None:
    """Prints one JSON object. JSON has no NaN and no infinities: these become null."""
    print(json.dumps(_plain(data), indent=2, ensure_ascii=False, allow_nan=False))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if hasattr(value, "tolist"):  # NumPy's arrays and numbers
        return _plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value
