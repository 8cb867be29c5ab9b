"""All exceptions of Wubu. Every one says what, where, expected, got and fix.

    WubuError
    ├── ShapeError       (ValueError)    shapes that do not fit together
    ├── DTypeError       (TypeError)     a dtype or a Python type that does not fit
    ├── ArgumentError    (ValueError)    an argument outside what is allowed
    │   ├── UnknownNameError              a name nobody knows; suggests the nearest
    │   └── IndexOutOfRangeError (IndexError)  an index outside its axis
    ├── StaleValueError  (RuntimeError)  a value backward() needs was changed
    ├── DerivativeError  (RuntimeError)  a derivative that cannot be taken
    ├── TraceError       (RuntimeError)  Python that cannot be compiled by `jit`
    ├── GraphError       (RuntimeError)  a graph that breaks its own rules (our bug)
    ├── StateError       (RuntimeError)  a call in the wrong order: fit before compile
    ├── ExecutorError    (RuntimeError)  an executor that cannot run a graph
    ├── NotFiniteError   (FloatingPointError)  a number that is NaN or infinite
    ├── OutOfMemoryError (MemoryError)   more memory asked for than there is
    ├── DataError        (ValueError)    samples or labels that cannot be trained on
    │   └── DownloadError                a dataset that could not be fetched
    └── FileFormatError  (ValueError)    a damaged, foreign or hostile file

The fields are kept on the exception, so that tools can show them in their own way.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class WubuError(Exception):
    """The root of every exception Wubu raises on purpose.

    Args:
        what: one sentence, what went wrong.
        where: `file:line` of the user's code, or the path of a layer or file.
        expected: what would have been accepted.
        got: what came instead.
        fix: what to write to mend it.

    Attributes:
        steps_done: where many steps run in one call: those before the one that failed.

    Example:
        >>> print(ShapeError("cannot add", expected="(2, 3)", got="(2, 4)"))
        cannot add
          expected  (2, 3)
          got       (2, 4)
    """

    def __init__(
        self,
        what: str,
        *,
        where: object = None,
        expected: object = None,
        got: object = None,
        fix: str | None = None,
    ) -> None:
        self.what = what
        self.where = None if where is None else str(where)
        self.expected = None if expected is None else str(expected)
        self.got = None if got is None else str(got)
        self.fix = fix
        self.steps_done = 0
        super().__init__(what)

    def __str__(self) -> str:
        rows = [
            ("where", self.where),
            ("expected", self.expected),
            ("got", self.got),
            ("fix", self.fix),
        ]
        lines = [self.what]
        lines += [f"  {label:<8}  {text}" for label, text in rows if text is not None]
        return "\n".join(lines)

    def __reduce__(self) -> tuple:
        # Exceptions cross process borders by pickle; keyword fields need help there.
        return (_rebuild, (type(self), self.what, self._fields()))

    def _fields(self) -> dict[str, str | None]:
        names = ("where", "expected", "got", "fix")
        return {name: getattr(self, name) for name in names}


def _rebuild(kind: type[WubuError], what: str, fields: dict) -> WubuError:
    error = kind.__new__(kind)
    WubuError.__init__(error, what, **fields)
    return error


class ShapeError(WubuError, ValueError):
    """Shapes that do not fit together."""


class DTypeError(WubuError, TypeError):
    """A dtype, or the type of a Python object, that does not fit."""


class ArgumentError(WubuError, ValueError):
    """An argument outside what is allowed."""


class UnknownNameError(ArgumentError):
    """A name nobody knows. Suggests the nearest known one.

    Args:
        kind: what the name should have named, for instance `"activation"`.
        name: the name that was given.
        known: the names that exist.

    Example:
        >>> print(UnknownNameError("activation", "rleu", ["relu", "tanh"]).fix)
        did you mean "relu"?
        >>> print(UnknownNameError("optimizer", "adan", ["Adam", "Nadam"]).fix)
        did you mean "Adam"?
    """

    def __init__(
        self,
        kind: str,
        name: object,
        known: Iterable[str],
        *,
        where: object = None,
    ) -> None:
        known = sorted(known)
        # Names are found however they are written, so they are compared so too.
        plain = {_plain(each): each for each in reversed(known)}
        near = difflib.get_close_matches(_plain(str(name)), plain, n=1, cutoff=0.5)
        super().__init__(
            f'there is no {kind} named "{name}"',
            where=where,
            expected=", ".join(known),
            got=repr(name),
            fix=f'did you mean "{plain[near[0]]}"?' if near else None,
        )


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


class IndexOutOfRangeError(ArgumentError, IndexError):
    """An index outside the axis it picks from. Also an IndexError, by which Python's
    own protocols recognise the end of an iteration."""


class StaleValueError(WubuError, RuntimeError):
    """A value that a pending `backward()` needs was changed in place."""


class DerivativeError(WubuError, RuntimeError):
    """A derivative that cannot be taken: no path, not a scalar, not a float."""


class TraceError(WubuError, RuntimeError):
    """Python code that `jit` cannot compile: it depends on values, or leaks them."""


class GraphError(WubuError, RuntimeError):
    """A graph that breaks its own rules. Seeing one is a bug in Wubu."""


class StateError(WubuError, RuntimeError):
    """A call in the wrong order, such as `fit` before `compile`."""


class ExecutorError(WubuError, RuntimeError):
    """An executor that is missing, or that cannot run a graph."""


class NotFiniteError(WubuError, FloatingPointError):
    """A number that is NaN or infinite where it must not be.

    Attributes:
        number: that number, if it is known.
    """

    number: float | None = None


class OutOfMemoryError(WubuError, MemoryError):
    """More memory asked for than there is; says how much, and what for."""


class DataError(WubuError, ValueError):
    """Samples or labels that cannot be trained on."""


class DownloadError(DataError):
    """A dataset that could not be fetched."""


class FileFormatError(WubuError, ValueError):
    """A damaged, truncated, foreign or hostile file."""
