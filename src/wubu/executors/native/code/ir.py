"""LLVM IR as text: types, constants, functions, blocks. `instructions.py` fills them.

An instruction is written down when it is asked for, and never looked at again: that
takes a fifth of the time that a tree of objects takes which is printed in the end. This
module and `instructions.py` are the only ones that know how IR is spelt.

Example:
    >>> from wubu.executors.native.code.instructions import IRBuilder
    >>> module = Module("example")
    >>> i64 = IntType(64)
    >>> twice = Function(module, FunctionType(i64, [i64]), "twice", ["x"])
    >>> b = IRBuilder(twice.append_basic_block("body"))
    >>> b.ret(b.add(twice.args[0], twice.args[0], flags=("nsw",)))
    >>> print(module)
    ; example
    <BLANKLINE>
    define i64 @twice(i64 %x.1) {
    body.2:
      %v3 = add nsw i64 %x.1, %x.1
      ret i64 %v3
    }
    <BLANKLINE>
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Any

Undefined = object()  # a constant that may be anything


class Type:
    """A type. Equal ones have one spelling."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __str__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Type) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def number(self, value: Any) -> str:
        """How a constant of this type is spelt."""
        return str(value)


class IntType(Type):
    """Integers of so many bits."""

    __slots__ = ("width",)

    def __init__(self, width: int) -> None:
        super().__init__(f"i{width}")
        self.width = width

    def number(self, value: Any) -> str:
        return str(int(value))


class FloatType(Type):
    """float32."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("float")

    def number(self, value: Any) -> str:
        (rounded,) = struct.unpack("f", struct.pack("f", value))
        return _hexadecimal(rounded)


class DoubleType(Type):
    """float64."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("double")

    def number(self, value: Any) -> str:
        return _hexadecimal(value)


class VoidType(Type):
    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("void")


class PointerType(Type):
    """Addresses of anything."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__("ptr")


class VectorType(Type):
    """So many elements in one register."""

    __slots__ = ("count", "element")

    def __init__(self, element: Type, count: int) -> None:
        super().__init__(f"<{count} x {element.text}>")
        self.element = element
        self.count = count

    def number(self, value: Any) -> str:
        return f"<{_listed(self.element, value)}>"


class ArrayType(Type):
    """So many elements in memory."""

    __slots__ = ("count", "element")

    def __init__(self, element: Type, count: int) -> None:
        super().__init__(f"[{count} x {element.text}]")
        self.element = element
        self.count = count

    def number(self, value: Any) -> str:
        return f"[{_listed(self.element, value)}]"


class StructType(Type):
    """Values of several types."""

    __slots__ = ("elements",)

    def __init__(self, elements: Sequence[Type]) -> None:
        super().__init__(f"{{{', '.join(map(str, elements))}}}")
        self.elements = tuple(elements)


class FunctionType(Type):
    """What a function gives and takes."""

    __slots__ = ("arguments", "result")

    def __init__(self, result: Type, arguments: Sequence[Type]) -> None:
        super().__init__(f"{result} ({', '.join(map(str, arguments))})")
        self.result = result
        self.arguments = tuple(arguments)


def _hexadecimal(number: float) -> str:
    """A float as LLVM reads every float: the bits of the double."""
    return f"0x{struct.unpack('<Q', struct.pack('<d', number))[0]:016x}"


def _listed(element: Type, values: Sequence[Any]) -> str:
    return ", ".join(
        v.typed if isinstance(v, Value) else f"{element.text} {element.number(v)}"
        for v in values
    )


class Value:
    """What an instruction may take: a constant, an argument, another's result.

    Attributes:
        type: its type.
        text: how it is called.
        typed: the same, with its type.
    """

    __slots__ = ("text", "type", "typed")

    def __init__(self, kind: Any, text: str) -> None:
        self.type = kind
        self.text = text
        self.typed = f"{kind.text} {text}"

    def __repr__(self) -> str:
        return self.typed


class Constant(Value):
    """A number, or several; None is zero, or zeros."""

    __slots__ = ()

    def __init__(self, kind: Type, value: Any) -> None:
        if value is None:
            text = "zeroinitializer"
        elif value is Undefined:
            text = "undef"
        else:
            text = kind.number(value)
        super().__init__(kind, text)


class Phi(Value):
    """A value that depends on the block from which its own was reached."""

    __slots__ = ("_incoming",)

    def __init__(self, kind: Type, text: str) -> None:
        super().__init__(kind, text)
        self._incoming: list[str] = []

    def add_incoming(self, value: Value, block: Block) -> None:
        self._incoming.append(f"[{value.text}, {block.text}]")

    def line(self) -> str:
        return f"  {self.text} = phi {self.type.text} {', '.join(self._incoming)}"


class Block:
    """Instructions without jumps, but for the last one.

    Attributes:
        effects: how many instructions write to memory, or call something.
    """

    __slots__ = ("effects", "function", "is_terminated", "lines", "name", "phis")

    def __init__(self, function: Function, name: str) -> None:
        self.function = function
        self.name = name
        self.phis: list[Phi] = []
        self.lines: list[str] = []
        self.effects = 0
        self.is_terminated = False

    @property
    def text(self) -> str:
        return f"%{self.name}"

    def all_lines(self) -> list[str]:
        """Its name, with the sign of names, and its instructions."""
        return [self.text, *(phi.line() for phi in self.phis), *self.lines]

    def __str__(self) -> str:
        _, *lines = self.all_lines()
        return "\n".join([f"{self.name}:", *lines])


class Function(Value):
    """A function of a module; only declared as long as it has no blocks.

    Args:
        labels: names of its arguments, where a body follows.
    """

    __slots__ = ("args", "blocks", "module", "name", "signature")

    def __init__(
        self,
        module: Module,
        signature: FunctionType,
        name: str,
        labels: Sequence[str] = (),
    ) -> None:
        super().__init__(PointerType(), f"@{name}")
        self.module = module
        self.name = name
        self.signature = signature
        self.blocks: list[Block] = []
        self.args: list[Value] = []
        if labels:
            self.name_arguments(labels)
        module.globals[name] = self

    def name_arguments(self, labels: Sequence[str]) -> None:
        """What its body calls its arguments."""
        pairs = zip(self.signature.arguments, labels, strict=True)
        self.args = [self.module.value(kind, f"{name}.") for kind, name in pairs]

    def append_basic_block(self, name: str) -> Block:
        block = Block(self, self.module.fresh(f"{name}."))
        self.blocks.append(block)
        return block

    def __str__(self) -> str:
        if not self.blocks:
            return self.declaration()
        result = f"{self.signature.result} {self.text}"
        arguments = ", ".join(argument.typed for argument in self.args)
        blocks = "\n".join(map(str, self.blocks))
        return f"define {result}({arguments}) {{\n{blocks}\n}}\n"

    def declaration(self) -> str:
        """What other parts of a program must know of it."""
        kinds = ", ".join(map(str, self.signature.arguments))
        return f"declare {self.signature.result} {self.text}({kinds})\n"


class Table(Value):
    """Constant numbers in memory; its value is their address."""

    __slots__ = ("_numbers",)

    def __init__(self, module: Module, numbers: Constant, name: str) -> None:
        super().__init__(PointerType(), f"@{name}")
        self._numbers = numbers
        module.globals[name] = self

    def __str__(self) -> str:
        return f"{self.text} = private constant {self._numbers.typed}\n"


class Module:
    """Everything that is compiled together."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.globals: dict[str, Any] = {}  # functions and tables, by name
        self.values: dict[str, Value] = {}  # of all functions, by what they are called
        self._names = 0

    def fresh(self, name: str) -> str:
        """A name that nothing else has, in any function."""
        self._names += 1
        return f"{name}{self._names}"

    def value(self, kind: Type, name: str) -> Value:
        """A value with a new name."""
        found = Value(kind, f"%{self.fresh(name)}")
        self.values[found.text] = found
        return found

    def __str__(self) -> str:
        return "\n".join([f"; {self.name}\n", *map(str, self.globals.values())])

    def parts(self, most: int, least: int) -> list[str]:
        """The same in up to so many modules of about one size, which are compiled each
        by itself and linked. They are no smaller than `least` characters."""
        bodies = {
            one.name: str(one)
            for one in self.globals.values()
            if isinstance(one, Function) and one.blocks
        }
        size = sum(map(len, bodies.values()))
        most = max(1, min(most, size // least))
        shares: list[list[str]] = [[] for _ in range(most)]
        sizes = [0] * most
        for name in sorted(bodies, key=lambda name: -len(bodies[name])):
            smallest = sizes.index(min(sizes))
            shares[smallest].append(name)
            sizes[smallest] += len(bodies[name])
        return [self._part(bodies, share) for share in shares]

    def _part(self, bodies: dict[str, str], share: list[str]) -> str:
        """Some functions; the others are declared."""
        others = [
            one.declaration() if name in bodies else str(one)
            for name, one in self.globals.items()
            if name not in share
        ]
        return "\n".join([*others, *(bodies[name] for name in share)])
