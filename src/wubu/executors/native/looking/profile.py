"""A profile: where the time of a program's step went, as numbers and as text."""

from __future__ import annotations

from typing import Any, NamedTuple

GROUPS = ("step", "phase", "blocks", "steps", "updates")


class Machine(NamedTuple):
    """How fast this machine is, with as many threads as a program uses.

    Attributes:
        peak: float32 operations a second that it reaches at best, in FLOP/s.
        bandwidth: bytes a second that it reads from memory.
    """

    peak: float
    bandwidth: float


class Record(NamedTuple):
    """A kernel, or what lies between kernels, in one step.

    Attributes:
        phase: "phase 1", "phase 2" ... , "updates".
        layer: the path of the layer, or the variable that is updated.
        where: the user's line, as in "train.py:12".
        operation: the primitive it is made for, if there is one.
        form: what kind of code it is: "contract", "outer", "map" ... ; "wait" is for
            other threads; groups as "blocks" have the time between their kernels.
        tile: sums kept in registers, rows times columns.
        computes: other operations computed in it.
        seconds: time, the mean of all threads.
        calls: how often it runs, on all threads together.
        flops: multiplications, additions and the like that it must do.
        bytes: of what it reads and writes, if each number is moved once.
    """

    phase: str
    layer: str
    where: str
    operation: str
    form: str
    tile: str
    computes: list[str]
    flops: int
    bytes: int
    seconds: float = 0.0
    calls: float = 0.0

    @property
    def is_kernel(self) -> bool:
        """Whether it is a loop of its own, and not what lies between kernels."""
        return self.form not in GROUPS and self.form != "wait"

    @property
    def speed(self) -> float:
        """FLOP/s."""
        return self.flops / self.seconds if self.seconds else 0.0

    @property
    def intensity(self) -> float:
        """Operations for each byte that is moved."""
        return self.flops / self.bytes if self.bytes else 0.0


class Profile(NamedTuple):
    """Where the time of a step went.

    Attributes:
        name: of the program.
        records: in the order of the program.
        threads: how many worked.
        steps: how many steps were timed.
        wall: seconds of a step as seen from outside, with the call itself.
        overhead: seconds of a step that were spent on measuring.
        machine: what is possible.

    Example:
        >>> import wubu
        >>> step = wubu.jit(lambda x: (x @ x.mT).sum())
        >>> found = step.profile(wubu.ones((64, 64)))
        >>> sum(r.flops for r in found.kernels) > 64**3
        True
    """

    name: str
    records: list[Record]
    threads: int
    steps: int
    wall: float
    overhead: float
    machine: Machine

    @property
    def kernels(self) -> list[Record]:
        """Without what lies between kernels."""
        return [record for record in self.records if record.is_kernel]

    @property
    def seconds(self) -> float:
        """Of one step, on the mean of all threads."""
        return sum(record.seconds for record in self.records)

    @property
    def flops(self) -> int:
        """Of one step."""
        return sum(record.flops for record in self.records)

    @property
    def disturbed(self) -> bool:
        """Whether a kernel was faster than the peak, which can only be if the peak was
        measured while something else was running."""
        fastest = max((kernel.speed for kernel in self.kernels), default=0.0)
        return fastest > 1.05 * self.machine.peak

    def by_time(self) -> Profile:
        """The same, in every phase with the longest kernels first."""
        phases = list(dict.fromkeys(r.phase for r in self.records))
        longest = sorted(
            self.records, key=lambda r: (phases.index(r.phase), -r.seconds)
        )
        return self._replace(records=longest)

    def as_data(self) -> dict[str, Any]:
        """As plain numbers and strings, for programs."""
        data = self._asdict() | {"machine": self.machine._asdict()}
        data["records"] = [
            r._asdict() | {"share_of_peak": r.speed / self.machine.peak}
            for r in self.records
        ]
        return data | {
            "seconds": self.seconds,
            "flops": self.flops,
            "disturbed": self.disturbed,
        }

    def text(self, width: int = 80, everything: bool = False) -> str:
        """A table, for people.

        Args:
            width: in columns.
            everything: whether kernels that take less than a thousandth of the time
                have lines of their own.
        """
        from wubu.executors.native.looking.profile_table import text

        return text(self, width, everything)

    def parts(self, width: int, everything: bool = False) -> list[Any]:
        """The same, to be printed in colours by rich."""
        from wubu.executors.native.looking.profile_table import parts

        return parts(self, width, everything)

    def picture(self, path: Any) -> None:
        """Writes a picture of the roofline; see `roofline.py`."""
        from wubu.executors.native.looking.roofline import draw

        draw(self, path)

    def __str__(self) -> str:
        return self.text()


def counted(number: int, what: str) -> str:
    """A number of things.

    Example:
        >>> counted(1, "thread"), counted(2, "thread")
        ('1 thread', '2 threads')
    """
    return f"{number} {what}{'s' * (number != 1)}"


def short_layers(records: list[Record]) -> dict[str, str]:
    """Paths of layers without the model's own name, if all begin with it."""
    layers = {r.layer for r in records if r.layer and not _is_variable(r)}
    first = {layer.split("/")[0] for layer in layers}
    if len(first) != 1 or any("/" not in layer for layer in layers):
        return {}
    return {layer: layer.split("/", 1)[1] for layer in layers}


def _is_variable(record: Record) -> bool:
    return record.phase == "updates"
