"""Where a submission's functions run: jailed for a grade, or in this process for code that the author wrote."""

from __future__ import annotations

import builtins
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ..bundle.cells import Cell
from ..bundle.loader import LoadError, load
from . import pack, wire
from .faults import Crashed, GraderFault, Missing, NotData, Outcome, OutOfMemory, Raised, TimedOut, TooManyCalls
from .limits import LIMITS, Limits
from .values import KINDS, hand_over
from .wire import WireError
from .worker import Hands, as_raised, outgoing
from .workers import ForkServer, LoadReport, Worker

_LEAST = 0.1
ELEMENTS = 1_000_000
"""Numbers that a learner's code may hand to a callable of ours in one call."""


@dataclass(frozen=True)
class Reply:
    """A call's value, and the arguments that it changed, by position or name."""

    value: Any
    changed: Mapping[Any, Any] = field(default_factory=dict)


class Desk(Protocol):
    """One task's place of work: calls by name, until it is cleared."""

    @property
    def timed_out(self) -> bool: ...

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
        self._spent: list[Outcome] = []  # calls that used up their time or memory
        self.late = False

    @property
    def timed_out(self) -> bool:
        """Whether a call did not end."""
        return any(isinstance(one, TimedOut) for one in self._spent)

    def call(self, name: str, args: tuple, kwargs: dict) -> Reply:
        """Call ``name`` in the worker; raises the `Outcome` that it ended with instead of a value."""
        worker = self._ready()
        if name not in self._report.defined:  # type: ignore[union-attr]
            raise _why_missing(name, self._report.errors)  # type: ignore[union-attr]
        mine = [self._timed(value) for value in args]
        named = {key: self._timed(value) for key, value in kwargs.items()}
        try:
            answer = worker.call(name, mine, named, cpu=self._budget())
        except (TimedOut, OutOfMemory, Crashed, GraderFault) as outcome:
            raise self._noted(outcome) from None
        return Reply(answer.value, answer.changed)

    def _noted(self, outcome: Outcome) -> Outcome:
        """What is to be raised for ``outcome``: too little time to fill the memory again is no other outcome."""
        if isinstance(outcome, TimedOut | OutOfMemory):
            self._spent.append(outcome)
        if isinstance(outcome, TimedOut):
            self.late |= outcome.wall
        self.clear()
        filled = isinstance(outcome, TimedOut) and isinstance(self._spent[0], OutOfMemory)
        return self._spent[0] if filled else outcome

    def clear(self) -> None:
        """Kill the worker; the next call starts a fresh one."""
        if self._worker is not None:
            self._worker.close()
            self._worker = None

    def _budget(self) -> float:
        """A task that used up its time or memory gets little more, and each time less; one that used up the
        submission's time gets nothing."""
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimedOut(self._target, self._limits.submission, wall=True)
        if not self._spent:
            return self._limits.cpu
        return max(min(_LEAST, self._limits.after_timeout), self._limits.after_timeout / 2 ** (len(self._spent) - 1))

    def _timed(self, value: Any) -> Any:
        """A callable that ends in `TimedOut` where a learner's arguments make it run on; other values as they are.

        It runs in this process, and for its time the worker's clock stands still.
        """
        if not callable(value):
            return value
        seconds = self._limits.cpu * self._limits.wall

        def call(*args: Any, **kwargs: Any) -> Any:
            if elements((args, kwargs)) > ELEMENTS:  # what runs in LAPACK hears no alarm
                raise MemoryError
            with ringing(self._target, seconds):
                return value(*args, **kwargs)

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
                raise self._noted(outcome) from None
        return self._worker


class OpenDesk:
    """Runs calls in this very process: for the author's own code (mistakes, alternatives), never for a learner's.

    Values cross as they do to a jail and back, by the same code: copied, drained, stripped of what is no data. So a
    mistake leaves the same trace at either desk.
    """

    def __init__(self, cells: Sequence[Cell], names: Mapping[str, Any], target: str, stubs: Mapping[str, Callable]):
        self._target, self._calls = target, 0
        self._inside = Hands(None)  # type: ignore[arg-type]
        loaded = load(cells, dict(names), target=target, stubs={name: self._stub(f) for name, f in stubs.items()})
        self._inside.namespace, self._errors = loaded.namespace, loaded.errors
        self.timed_out = self.late = False

    def call(self, name: str, args: tuple, kwargs: dict) -> Reply:
        """Call ``name``; raises the `Outcome` that it ended with instead of a value."""
        if name not in self._inside.namespace:
            raise _why_missing(name, self._errors)
        self._calls = 0
        try:
            message = self._across({"args": list(args), "kwargs": dict(kwargs)})
        except WireError as error:
            raise GraderFault(f"`{name}` was to be given {KINDS.get(error.kind, error.kind)}") from error
        with ringing(self._target, LIMITS.wall * (LIMITS.after_timeout if self.timed_out else LIMITS.cpu)):
            answer = self._answer(name, message)
        if answer["status"] == "missing":
            raise Missing(name, "cannot be called like that")
        return Reply(answer["value"], answer["changed"])

    def _answer(self, name: str, message: dict) -> dict:
        try:
            answer = pack.dumps(self._inside.call(name, **message), limits=LIMITS, convert=outgoing)
        except WireError as error:
            raise NotData(name, KINDS[error.kind]) from error
        except MemoryError:
            raise OutOfMemory(name, LIMITS.memory_mb) from None
        except TimedOut:
            self.timed_out = True
            raise
        except (Outcome, KeyboardInterrupt):
            raise
        except BaseException as error:
            kind = as_raised(error)["type"]
            bases = tuple(base.__name__ for base in getattr(builtins, kind).__mro__[1:-1])
            raise Raised(name, kind, bases) from error
        return wire.loads(bytearray(answer), limits=LIMITS)

    def _across(self, value: Any) -> Any:
        """``value`` as it comes out on the other side."""
        functions: list[Callable] = []

        def number(function: Callable) -> int:
            functions.append(function)
            return len(functions) - 1

        frame = bytearray(pack.dumps(value, limits=LIMITS, convert=hand_over, callback=number))
        return wire.loads(frame, limits=LIMITS, callback=lambda place: self._stub(functions[place]))

    def _stub(self, function: Callable) -> Callable:
        """``function`` of ours as the code at this desk sees it."""

        def stub(*args: Any, **kwargs: Any) -> Any:
            self._calls += 1
            if self._calls > LIMITS.callbacks:
                raise TooManyCalls(self._target, LIMITS.callbacks)
            try:
                args, kwargs = wire.loads(bytearray(pack.dumps((args, kwargs), limits=LIMITS, convert=outgoing)))
            except WireError as error:
                raise TypeError("this function takes arrays, numbers and collections of them") from error
            try:
                value = function(*args, **kwargs)
            except Exception as error:
                raise getattr(builtins, as_raised(error)["type"])(
                    "raised by the function that was passed in"
                ) from error
            return self._across(value)

        return stub

    def clear(self) -> None:
        """Nothing to kill."""


@contextmanager
def ringing(name: str, seconds: float) -> Iterator[None]:
    """`TimedOut` after ``seconds`` by the clock, where alarms can be heard: in the main thread, and not in LAPACK."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: Any) -> None:
        raise TimedOut(name, seconds, wall=True)

    handler = signal.signal(signal.SIGALRM, stop)
    before = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *before)
        signal.signal(signal.SIGALRM, handler)


def _why_missing(name: str, errors: Sequence[LoadError]) -> Outcome:
    for error in errors:
        if error.cell in (f"function-{name}", name):
            return Raised(name, error.type, (error.type,), error.line, error.cell)
    return Missing(name)


def elements(value: Any) -> int:
    """How many numbers plain data holds."""
    if isinstance(value, np.ndarray):
        return value.size
    if isinstance(value, dict):
        return sum(map(elements, value.values()))
    return sum(map(elements, value)) if isinstance(value, list | tuple) else 1
