"""What an executor must do: turn a verified graph into a program, and run it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wubu.core.graph import Graph
from wubu.errors import ExecutorError, WubuError


class Program(ABC):
    """A graph made ready to run.

    A run reads the graph's variables (`graph.reads`), computes, replaces the variables
    in `graph.updates`, and returns the outputs. Variables change all together, after
    everything has been computed: an error leaves them as they were.
    """

    @abstractmethod
    def run(self, arguments: Sequence[np.ndarray]) -> list[np.ndarray]:
        """The graph's outputs for these inputs. The arrays belong to the caller."""

    def run_steps(
        self,
        arguments: Sequence[np.ndarray],
        series: Mapping[int, np.ndarray],
        interrupt: np.ndarray,
    ) -> tuple[list[np.ndarray], int]:
        """Runs once per row of the arrays in `series`.

        Args:
            arguments: as for `run`; those at the places in `series` are replaced.
            series: place of an input -> `(num_steps, *shape of that input)`.
            interrupt: int32 `(1,)`; looked at after every step, stops when nonzero.

        Returns:
            The outputs of the last step, and how many steps were done. An error says so
            in `steps_done`.
        """
        num_steps = len(next(iter(series.values())))
        given = list(arguments)
        done = 0
        outputs: list[np.ndarray] = []
        while done < num_steps:
            for place, rows in series.items():
                given[place] = rows[done]
            try:
                outputs = self.run(given)
            except WubuError as error:
                error.steps_done = done
                raise
            done += 1
            if interrupt[0]:
                break
        return outputs, done

    # -- looking inside -----------------------------------------------------------

    def profile(
        self,
        arguments: Sequence[np.ndarray],
        series: Mapping[int, np.ndarray] | None = None,
        steps: int | None = None,
    ) -> Any:
        """Where the time of a run goes. Variables keep their values.

        Args:
            arguments, series: as for `run_steps`.
            steps: how many runs, if there are no series; by default as many as take a
                tenth of a second.

        Raises:
            ExecutorError: programs of this executor cannot be looked into.
        """
        raise _closed("profile")

    def text(self) -> str:
        """What it does, as readable pseudo-code."""
        raise _closed("text")

    def llvm(self) -> str:
        """The program in LLVM's intermediate representation."""
        raise _closed("LLVM code")

    def assembly(self) -> str:
        """The machine code as text."""
        raise _closed("machine code")


def _closed(what: str) -> ExecutorError:
    return ExecutorError(
        f"programs of this executor have no {what}",
        fix='compile for the "native" executor: wubu.jit(f, executor="native")',
    )


class Executor(ABC):
    """A way to run graphs. An executor module holds one instance named `executor`."""

    name: str

    @abstractmethod
    def compile(self, graph: Graph) -> Program:
        """The program of a verified graph.

        Raises:
            ExecutorError: the graph needs something this executor cannot do; names the
                operation and the user's line.
        """

    def check(self) -> None:  # noqa: B027 - most machines can run everything
        """Raises an ExecutorError if this machine cannot run programs."""

    def unsupported(self) -> dict[str, str]:
        """Primitives this executor cannot run, each with the reason."""
        return {}

    def unsupported_dtypes(self) -> dict[str, str]:
        """Dtypes this executor cannot compute with, each with the reason."""
        return {}
