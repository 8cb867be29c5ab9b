"""The house rules: imports point one way, modules stay small and say what they hold.

The table `LEVELS` is the one of docs/architecture.md: a room may import the rooms of
earlier levels and itself. The rule looks at every import statement, also inside
functions and under `if TYPE_CHECKING`, and at `import_module` and `__import__` calls.
"""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "src" / "wubu"
MAX_MODULE_LINES = 400
MAX_FUNCTION_LINES = 60  # from `def` to the last line, the docstring left out

LEVELS: list[list[str]] = [
    ["errors"],
    ["core"],
    ["config", "tree"],
    ["ops"],
    ["activations", "initializers", "regularizers", "constraints"],
    ["layers"],
    ["backend"],
    ["losses", "metrics", "optimizers"],
    ["data"],
    ["datasets"],
    ["checks"],
    ["training"],
    ["callbacks"],
    ["saving"],
    ["models"],
    ["utils"],
    ["preprocessing"],
    ["runs"],
    ["reports"],
    ["recipes"],
    ["serving", "studio"],
    ["bench"],
    ["cli"],
    ["__main__"],
]
RANK = {room: rank for rank, rooms in enumerate(LEVELS) for room in rooms}

# Executors stand beside the chain. Nobody imports them; core/executors loads them, by
# name.
EXECUTORS_MAY_IMPORT = ["errors", "core", "ops"]
LOADS_EXECUTORS = "wubu.core.executors"

# The folders of the native executor, in the same manner. Types, and what is loaded when
# somebody looks inside, are left out.
NATIVE = [
    "code",
    "machine",
    "planning",
    "kernels",
    "generation",
    "running",
    "looking",
]

# (importing module, imported module): the reason why the rule bends here.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("wubu.core.registry", "wubu"): (
        "a model file names classes by room; the room is imported when it is named"
    ),
}


class Import(NamedTuple):
    line: int
    target: str  # a dotted name; UNKNOWN where it is computed at run time
    by_name: bool = False  # through importlib or __import__


UNKNOWN = "a name known only at run time"


# --- Imports point one way -----------------------------------------------------------


def test_imports_point_one_way() -> None:
    broken = [
        f"{_place(path)}:{found.line} imports {found.target}: {rule}"
        for path, module, found, rule in _broken_imports()
        if _exception_for(module, found.target) is None
    ]
    assert not broken, "\n" + "\n".join(broken)


def test_every_exception_is_needed_and_has_a_reason() -> None:
    used = {_exception_for(module, i.target) for _, module, i, _ in _broken_imports()}
    assert set(EXCEPTIONS) <= used, "these exceptions are no longer needed"
    assert all(reason.strip() for reason in EXCEPTIONS.values())


def test_every_room_is_in_the_table() -> None:
    rooms = {p.stem for p in PACKAGE.glob("*.py")}
    rooms |= {p.name for p in PACKAGE.iterdir() if any(p.glob("**/*.py"))}
    unlisted = rooms - set(RANK) - {"__init__", "executors"}
    assert not unlisted, "give these a place in LEVELS and in docs/architecture.md"


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("wubu", "from wubu import cli, executors"),
        ("wubu.core.tensor", "import numpy, wubu.errors"),
        ("wubu.core.tensor", "from . import graph"),
        ("wubu.core.executors", "importlib.import_module(f'wubu.executors.{name}')"),
        ("wubu.core.executors", "importlib.import_module(name)"),
        ("wubu.layers.dense", "from .. import activations, ops"),
        ("wubu.layers.dense", "from ..ops.nn import softmax"),
        ("wubu.layers.dense", "importlib.import_module('.conv', __package__)"),
        ("wubu.executors.native.emit", "from ..base import Executor"),
        ("wubu.executors.native.emit", "from wubu.executors.native import lanes"),
        ("wubu.executors.native.emit", "from wubu.core import Graph"),
        ("wubu.saving.files", "from wubu import __version__"),
    ],
)
def test_rule_lets_pass(module: str, source: str) -> None:
    for found in _imports(ast.parse(source), module, is_package=False):
        assert _broken_rule(module, found) is None


@pytest.mark.parametrize(
    ("module", "source", "rule"),
    [
        ("wubu.core.tensor", "import wubu.ops", "core may import"),
        ("wubu.core.tensor", "def f():\n    from wubu.ops import add", "core may"),
        ("wubu.core.tensor", "if TYPE_CHECKING:\n    from ..ops import add", "core"),
        ("wubu.core.tensor", "from wubu import layers", "core may import"),
        ("wubu.core.tensor", "import wubu", "`wubu` itself"),
        ("wubu.core.tensor", "from wubu import Tensor", "`wubu` itself"),
        ("wubu.core.tensor", "from wubu.nowhere import f", "no room"),
        ("wubu.core.tensor", "import_module('wubu.ops.math')", "core may import"),
        ("wubu.core.tensor", "importlib.import_module(name)", "cannot be checked"),
        ("wubu.core.tensor", "__import__(f'wubu.{name}')", "`wubu` itself"),
        ("wubu.core.tensor", "import_module('wubu.executors.xla')", "by name"),
        ("wubu.core.executors", "from wubu.executors import native", "by name"),
        (
            "wubu.core.executors",
            "importlib.import_module('wubu.ops')",
            "core may import",
        ),
        ("wubu.losses", "from wubu import metrics", "losses may import"),
        ("wubu.data.csv", "from ..datasets import mnist", "data may import"),
        ("wubu.executors.xla.table", "from wubu.executors.native import x", "never"),
        ("wubu.executors.xla.table", "from wubu.layers import Dense", "executors may"),
        ("wubu.executors.base", "from .numpy import run", "never each other"),
    ],
)
def test_rule_refuses(module: str, source: str, rule: str) -> None:
    (found,) = _imports(ast.parse(source), module, is_package=False)
    assert rule in str(_broken_rule(module, found))


def test_folders_of_the_native_executor_stand_in_order() -> None:
    native = "wubu.executors.native."
    broken = [
        f"{_place(path)}:{node.lineno} imports {found.target}"
        for path, folder in _in_native()
        for node in _tree(path).body
        if isinstance(node, ast.ImportFrom)
        for found in _imports(ast.Module([node], []), _module_name(path), False)
        if (target := found.target.removeprefix(native)) != found.target
        and NATIVE.index(target.split(".")[0]) > NATIVE.index(folder)
    ]
    assert not broken, "\n" + "\n".join(broken)


def _in_native() -> Iterator[tuple[Path, str]]:
    """The modules in its folders, each with the folder's name."""
    root = PACKAGE / "executors" / "native"
    for path in sorted(root.glob("*/**/*.py")):
        yield path, path.relative_to(root).parts[0]


# --- Modules stay small and say what they hold ---------------------------------------


def test_modules_are_short() -> None:
    long = [
        f"{_place(path)}: {lines} lines, at most {MAX_MODULE_LINES}"
        for path in _files()
        if (lines := len(path.read_text("utf-8").splitlines())) > MAX_MODULE_LINES
    ]
    assert not long, "look for the second concept in\n" + "\n".join(long)


def test_functions_are_short() -> None:
    long = [
        f"{_place(path)}:{node.lineno} {node.name}: {lines} lines, "
        f"at most {MAX_FUNCTION_LINES}"
        for path in _files()
        for node in ast.walk(_tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (lines := _function_lines(node)) > MAX_FUNCTION_LINES
    ]
    assert not long, "\n" + "\n".join(long)


def test_public_modules_have_docstrings() -> None:
    silent = [
        _place(path)
        for path in _files()
        if (path.stem == "__init__" or not path.stem.startswith("_"))
        and not ast.get_docstring(_tree(path))
    ]
    assert not silent, "\n" + "\n".join(silent)


def test_docstrings_do_not_count_as_function_lines() -> None:
    source = '''
        @decorated
        def f(x):
            """One.

            Three.
            """
            return x
    '''
    (node,) = ast.parse(textwrap.dedent(source)).body
    assert isinstance(node, ast.FunctionDef)
    assert _function_lines(node) == 2


# --- Reading the sources -------------------------------------------------------------


def _files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def _place(path: Path) -> str:
    return path.relative_to(PACKAGE.parent.parent).as_posix()


def _module_name(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _function_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    assert node.end_lineno is not None
    lines = node.end_lineno - node.lineno + 1
    if ast.get_docstring(node) is not None:
        docstring = node.body[0]
        assert docstring.end_lineno is not None
        lines -= docstring.end_lineno - docstring.lineno + 1
    return lines


def _broken_imports() -> Iterator[tuple[Path, str, Import, str]]:
    """Every import of the package that breaks a rule, exceptions included."""
    for path in _files():
        module = _module_name(path)
        for found in _imports(_tree(path), module, path.stem == "__init__"):
            rule = _broken_rule(module, found)
            if rule is not None:
                yield path, module, found, rule


def _imports(tree: ast.Module, module: str, is_package: bool) -> Iterator[Import]:
    """Everything `module` imports, wherever in its text it does so."""
    package = module if is_package else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute("." * node.level + (node.module or ""), package)
            for alias in node.names:
                yield Import(node.lineno, f"{base}.{alias.name}")
        elif isinstance(node, ast.Call) and _is_import_call(node):
            name = _literal_start(node)
            target = UNKNOWN if name is None else _absolute(name, package)
            yield Import(node.lineno, target, by_name=True)


def _absolute(name: str, package: str) -> str:
    """`..b` in the package `wubu.a` is `wubu.b`."""
    dots = len(name) - len(name.lstrip("."))
    if dots == 0:
        return name
    parents = package.split(".")
    base = parents[: len(parents) - dots + 1]
    return ".".join([*base, name[dots:]]).rstrip(".")


def _is_import_call(call: ast.Call) -> bool:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else None
    if isinstance(function, ast.Name):
        name = function.id
    return name in ("import_module", "__import__")


def _literal_start(call: ast.Call) -> str | None:
    """The name an import call asks for, or the part of it that stands in the text."""
    node = call.args[0] if call.args else None
    if isinstance(node, ast.JoinedStr) and node.values:
        node = node.values[0]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value.rstrip(".") if node.value.strip(".") else node.value
    return None


# --- Judging an import ---------------------------------------------------------------


def _broken_rule(module: str, found: Import) -> str | None:
    """The rule that `found` breaks when it stands in `module`, or None."""
    by_name = found.by_name and module == LOADS_EXECUTORS
    if module == "wubu" or (by_name and found.target == UNKNOWN):
        return None
    if found.target == UNKNOWN:
        return "an import that cannot be checked; if it must be, give an exception"
    if found.target.split(".")[0] != "wubu" or found.target == "wubu.__version__":
        return None
    room, other = _room(module), _room(found.target)
    if other is None or _names_the_roof(found.target):
        return "`wubu` itself may import everything; import the room that holds it"
    if other == "executors" and room != "executors":
        reason = "executors are only loaded by core/executors, by name"
        return None if by_name else reason
    if room == "executors":
        return _broken_executor_rule(module, found.target)
    if other not in RANK:
        return f"there is no room {other}"
    if room == other or RANK[other] < RANK.get(room or "", len(LEVELS)):
        return None
    return f"{room} may import itself and " + _left_of(room or "")


def _broken_executor_rule(module: str, target: str) -> str | None:
    room, own, other = _room(target), _executor(module), _executor(target)
    if room == "executors":
        if other == "base" or (own is not None and other == own):
            return None
        return "executors import executors/base and themselves, never each other"
    if room in EXECUTORS_MAY_IMPORT:
        return None
    return f"executors may import {', '.join(EXECUTORS_MAY_IMPORT)} only"


def _names_the_roof(target: str) -> bool:
    """Whether `from wubu import X` asks for something that is not a room."""
    parts = target.split(".")
    return len(parts) == 2 and parts[1] not in RANK and parts[1] != "executors"


def _room(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else None


def _executor(module: str) -> str | None:
    parts = module.split(".")
    return parts[2] if len(parts) > 2 else None


def _left_of(room: str) -> str:
    earlier = [name for names in LEVELS[: RANK[room]] for name in names]
    return ", ".join(earlier) or "nothing else"


def _exception_for(module: str, target: str) -> tuple[str, str] | None:
    """The key in EXCEPTIONS that covers `module` importing `target`."""
    for importer, imported in EXCEPTIONS:
        if module == importer and f"{target}.".startswith(f"{imported}."):
            return importer, imported
    return None
