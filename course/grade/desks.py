"""Where a submission's functions run: jailed for a grade, or in this process for code that the author wrote."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ..bundle.cells import Cell
from ..bundle.loader import load
from .faults import Crashed, GraderFault, Missing, Outcome, OutOfMemory, Raised, TimedOut
from .limits import Limits
from .reference import copy_data
from .workers import ForkServer, LoadReport, Worker

ELEMENTS = 1_000_000
"""Numbers that a learner's code may hand to a callable of ours in one call."""


@dataclass(frozen=True)
class Reply:
    """A call's value, and the arguments that it changed, by position or name."""

    value: Any
    changed: Mapping[Any, Any] = field(default_factory=dict)


class Desk(Protocol):
    """One task's place of work: calls by name, until it is cleared."""

    timed_out: bool
    late: bool  # by the clock, not by CPU time: a busy machine can do that to anyone

    def call(self, name: str, args: tuple, kwargs: dict) -> Reply: ...
    def clear(self) -> None: ...


class JailedDesk:
    """Runs one task's calls in a jailed worker of its own, started at the first call and replaced after a death.

    ``until`` is when the time of the whole submission is over, by `time.monotonic`.
    """

    def __init__(
        self,
        server: ForkServer,
        cells: Sequence[Cell],
        names: Mapping[str, Any],
        target: str,
        stubs: Mapping[str, Callable],
        limits: Limits,
        until: float,
    ):
        self._server, self._cells, self._names, self._limits = server, cells, names, limits
        self._target = target
        self._stubs = {name: self._timed(stub) for name, stub in stubs.items()}
        self._worker: Worker | None = None
        self._report: LoadReport | None = None
        self._until = until
        self.timed_out = self.late = False

    def call(self, name: str, args: tuple, kwargs: dict) -> Reply:
        """Call ``name`` in the worker; raises the `Outcome` that it ended with instead of a value."""
        worker = self._ready()
        if name not in self._report.defined:  # type: ignore[union-attr]
            raise self._why_missing(name)
        mine = [self._timed(value) for value in args]
        named = {key: self._timed(value) for key, value in kwargs.items()}
        try:
            answer = worker.call(name, mine, named, cpu=self._budget())
        except (TimedOut, OutOfMemory, Crashed, GraderFault) as outcome:
            self._note(outcome)
            raise
        return Reply(answer.value, answer.changed)

    def _note(self, outcome: Outcome) -> None:
        if isinstance(outcome, TimedOut):
            self.timed_out = True
            self.late |= outcome.wall
        self.clear()

    def clear(self) -> None:
        """Kill the worker; the next call starts a fresh one."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _budget(self) -> float:
        """A task that has timed out once gets little more; one that used up the submission's time gets nothing."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimedOut(self._target, self._limits.submission, wall=True)
        return self._limits.after_timeout if self.timed_out else self._limits.cpu

    def _timed(self, value: Any) -> Any:
        """A callable that ends in `TimedOut` where a learner's arguments make it run on; other values as they are.

        It runs in this process, and for its time the worker's clock stands still.
        """
        if not callable(value):
            return value
        seconds = self._limits.cpu * self._limits.wall

        def stop(*_: Any) -> None:
            raise TimedOut(self._target, seconds, wall=True)

        def call(*args: Any, **kwargs: Any) -> Any:
            if elements((args, kwargs)) > ELEMENTS:  # what runs in LAPACK hears no alarm
                raise MemoryError
            before = signal.signal(signal.SIGALRM, stop)
            signal.setitimer(signal.ITIMER_REAL, seconds)
            try:
                return value(*args, **kwargs)
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, before)

        return call

    def _ready(self) -> Worker:
        if self._worker is None:
            budget = self._budget()
            self._worker = self._server.worker()
            try:
                self._report = self._worker.load(
                    self._cells, names=dict(self._names), target=self._target, stubs=dict(self._stubs), cpu=budget
                )
            except Outcome as outcome:
                self._note(outcome)
                raise
        return self._worker

    def _why_missing(self, name: str) -> Outcome:
        for error in self._report.errors:  # type: ignore[union-attr]
            if error.cell in (f"function-{name}", name):
                return Raised(name, error.type, (error.type,), error.line, error.cell)
        return Missing(name)


class OpenDesk:
    """Runs calls in this very process: for the author's own code (mistakes, alternatives), never for a learner's."""

    def __init__(self, cells: Sequence[Cell], names: Mapping[str, Any], target: str, stubs: Mapping[str, Callable]):
        self._loaded = load(cells, dict(names), target=target, stubs=stubs)
        self.timed_out = self.late = False

    def call(self, name: str, args: tuple, kwargs: dict) -> Reply:
        """Call ``name`` on copies of the arguments."""
        if not callable(self._loaded.namespace.get(name)):
            raise Missing(name)
        mine, named = copy_data(args), copy_data(kwargs)
        try:
            value = copy_data(self._loaded.namespace[name](*mine, **named))
        except Exception as error:
            bases = tuple(base.__name__ for base in type(error).__mro__)
            raise Raised(name, bases[0], bases) from error
        return Reply(value, _changes(args, mine) | _changes(kwargs, named))

    def clear(self) -> None:
        """Nothing to kill."""


def elements(value: Any) -> int:
    """How many numbers plain data holds."""
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, dict):
        return sum(map(elements, value.values()))
    return sum(map(elements, value)) if isinstance(value, list | tuple) else 1


def _changes(before: Any, after: Any) -> dict:
    from ..learn.compare import same_bits

    pairs = (
        zip(before, before.values(), after.values(), strict=True)
        if isinstance(before, dict)
        else ((place, one, other) for place, (one, other) in enumerate(zip(before, after, strict=True)))
    )
    return {key: other for key, one, other in pairs if not callable(one) and not same_bits(other, one)}
