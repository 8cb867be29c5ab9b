"""Code that becomes a function of its own, called from where it stands.

What it reads of the code around becomes its arguments, found by name when it is
complete: names are unique in a module. Code that does the same with other arguments
becomes one function, called several times.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from wubu.executors.native.code.ir import (
    Function,
    FunctionType,
    Module,
    Value,
    VoidType,
)

_FEW = 20  # instructions that are no function of their own
_NAME = re.compile(r"%[-\w.]+")


class Outline:
    """A function that is being written.

    Args:
        module: where it is.
        name: of the code.
        shared: whether there may be one already that does the same.
        around: runs a function, with the builder where this one will be called.
    """

    def __init__(
        self,
        module: Module,
        name: str,
        shared: bool,
        around: Callable[[Callable], Any],
    ) -> None:
        self.shared = shared
        name = module.fresh(f"{name}.")
        self.function = Function(module, FunctionType(VoidType(), []), name)
        self._around = around
        self._given: dict[str, Value] = {}
        self._outside: dict[Any, Any] = {}

    def given(self, number: Value, name: str) -> Value:
        """A number that the function is told, and so may differ from call to call."""
        found = self.function.module.value(number.type, f"{name}.")
        self._given[found.text] = number
        return found

    def outside(self, key: Any, compute: Callable[[], Any]) -> Any:
        """What is computed once, where the function is called."""
        if key not in self._outside:
            self._outside[key] = self._around(compute)
        return self._outside[key]

    def few(self) -> list[str] | None:
        """The instructions, if they are few, one after the other: no function then."""
        entry, body = self.function.blocks[0], self.function.blocks[-1]
        apart = len(self.function.blocks) > 2 or len(entry.lines) > 1 or self.shared
        *lines, _ = body.lines  # but for the return
        return None if apart or len(lines) > _FEW else lines

    def finish(self, known: dict[str, Function]) -> tuple[Function, list[Value]]:
        """The function, and what a call gives it.

        Args:
            known: functions by what they do; one that does the same takes the place of
                this one, which else is added.
        """
        function, module = self.function, self.function.module
        lines = [line for block in function.blocks for line in block.all_lines()]
        code = "\n".join(lines)
        own = {line.split(" = ", 1)[0].strip() for line in lines if " = " in line}
        own.update(block.text for block in function.blocks)
        free = [name for name in dict.fromkeys(_NAME.findall(code)) if name not in own]
        function.args = [module.values[name] for name in free]
        kinds = [argument.type for argument in function.args]
        function.signature = FunctionType(VoidType(), kinds)
        chosen = function
        if self.shared:
            code = f"{function.signature}\n{_with_plain_names(code)}"
            chosen = known.setdefault(code, function)
        if chosen is not function:
            del module.globals[function.name]
        return chosen, [self._given.get(x.text, x) for x in function.args]


def _with_plain_names(code: str) -> str:
    """Names that only tell in which order they are met."""
    plain: dict[str, str] = {}

    def renamed(match: re.Match[str]) -> str:
        return plain.setdefault(match[0], f"%{len(plain)}")

    return _NAME.sub(renamed, code)
