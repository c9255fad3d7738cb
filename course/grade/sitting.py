"""One submission in front of the checks: the proxies that they call, the desk behind them, and what came of each."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..bundle.cells import Cell
from ..learn.recorder import Failure, Recorder
from .desks import Desk
from .faults import Outcome
from .reference import Namespace, copy_data
from .wire import Once

MakeDesk = Callable[[str, Mapping[str, Callable]], Desk]
"""Makes a desk for a task, with functions of the reference in the place of those it builds on."""


class CheckFailed(Exception):
    """A check went through to its end and recorded failures."""

    def __init__(self, failures: list[Failure]):
        super().__init__(failures[0].hidden_sentence)
        self.failures = failures


@dataclass(frozen=True)
class Step:
    """One call in a check's trace: how it ended, its value, the arguments that it changed.

    What came of a random generator is not kept: right answers draw different numbers, and wrong ones too.
    """

    name: str
    ended: str
    value: Any = None
    changed: tuple = ()


class Function:
    """A learner's function as checks see it: it can be called, and nothing else can be done with it."""

    __slots__ = ("_name", "_sitting", "changed")

    def __init__(self, sitting: Sitting, name: str):
        self._sitting, self._name = sitting, name
        self.changed: Mapping[Any, Any] = {}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        drawn = any(isinstance(value, np.random.Generator) for value in (*args, *kwargs.values()))
        try:
            reply = self._sitting.desk.call(self._name, args, kwargs)
        except Outcome as outcome:
            self._sitting.trace.append(Step(self._name, getattr(outcome, "type", "") or outcome.status))
            raise
        self.changed = reply.changed
        value = None if drawn else self._sitting.looked_at(self._name, copy_data(reply.value))
        changed = tuple(place for place, now in reply.changed.items() if not isinstance(now, np.random.Generator))
        self._sitting.trace.append(Step(self._name, "drew" if drawn else "value", value, changed))
        return reply.value

    def _refuse(self, *_: Any) -> Any:
        raise TypeError(f"`{self._name}` stands for a learner's function: call it, and give its value to check")

    __bool__ = __eq__ = __len__ = __float__ = __int__ = __iter__ = __array__ = _refuse
    __hash__ = None  # type: ignore[assignment]


class Submission:
    """``submission.gd(...)`` calls the learner's function; ``submission.answers`` holds what they typed."""

    def __init__(self, sitting: Sitting, answers: Mapping[str, Any]):
        self._sitting, self.answers = sitting, dict(answers)
        self._functions: dict[str, Function] = {}

    def __getattr__(self, name: str) -> Function:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._functions.setdefault(name, Function(self._sitting, name))

    def __bool__(self) -> bool:
        raise TypeError("a submission has no truth value; call its functions and give the values to check")


class GradingCheck(Recorder):
    """The ``check`` of a grading process: the same assertions; as a decorator it collects instead of running."""

    def __init__(self, sitting: Sitting | None = None) -> None:
        super().__init__()
        self._sitting = sitting
        self.collected: dict[str, list[Callable]] = {}

    def __call__(self, task: str) -> Callable[[Callable], Callable]:
        def collect(function: Callable) -> Callable:
            self.collected.setdefault(task, []).append(function)
            return function

        return collect

    def sees(self, value: Any) -> None:
        """The last call's value, for naming."""
        if self._sitting and self._sitting.trace:
            self._sitting.trace[-1] = replace(self._sitting.trace[-1], value=value)

    def once(self, items: Iterable[Any]) -> Any:
        """``items`` as a learner's function is to get them: an iterator, made anew wherever they arrive."""
        return Once(items)

    def asks(self, task: str) -> Callable[[Callable], Callable]:
        """A question on the learner's own code is between the learner and the notebook."""
        return lambda function: function

    def report(self, task: str, hidden: str = "") -> None:
        """Nothing to show here."""

    def settle(self) -> None:
        """Raise `CheckFailed` if anything was recorded since the last call."""
        failures, self.failures = self.failures, []
        if failures:
            raise CheckFailed(failures)


class Sitting:
    """A submission (cells and answers), the reference beside it, and the desk at which the current task works."""

    def __init__(
        self,
        *,
        make_desk: MakeDesk,
        reference: Mapping[str, Any],
        given: Mapping[str, Any],
        answers: Mapping[str, Any],
        key: bytes,
        opaque: Mapping[str, tuple[int, ...]] | None = None,
    ):
        self._make_desk, self._names, self._given, self._key = make_desk, reference, given, key
        self._opaque = opaque or {}
        self.reference = Namespace(reference)
        self.submission = Submission(self, answers)
        self.check = GradingCheck(self)
        self.trace: list[Step] = []
        self._desk: Desk | None = None

    @property
    def desk(self) -> Desk:
        """The current task's desk."""
        assert self._desk is not None, "a check called a learner's function outside of a task"
        return self._desk

    @contextmanager
    def task(self, name: str, served: tuple[str, ...] = ()) -> Iterator[Desk]:
        """Work on task ``name``, with the functions ``served`` taken from the reference as counted callbacks."""
        with self.at(self._make_desk(name, {one: self._names[one] for one in served})) as desk:
            yield desk

    @contextmanager
    def at(self, desk: Desk) -> Iterator[Desk]:
        """Work at ``desk`` for a while."""
        before, self._desk = self._desk, desk
        try:
            yield desk
        finally:
            desk.clear()
            self._desk = before

    def looked_at(self, task: str, value: Any) -> Any:
        """What ``task`` returned, without the entries that are the learner's own business (``opaque``)."""
        if task not in self._opaque or not isinstance(value, list | tuple):
            return value
        return [None if place in self._opaque[task] else part for place, part in enumerate(value)]

    def rng(self, check: str) -> np.random.Generator:
        """The generator of one check: the same at every resubmission, another one for every learner and check."""
        seed = hmac.new(self._key, check.encode(), hashlib.sha256).digest()
        return np.random.default_rng(int.from_bytes(seed, "big"))

    def visible(self, cell: Cell, tasks: list[str]) -> list[Callable]:
        """The checks of a check cell, bound to this submission: every task's name is a proxy or a typed answer."""
        names = dict(self._given)
        names.update({task: Function(self, task) for task in tasks})
        names.update(self.submission.answers)
        check = self.check
        check.collected.pop(cell.name, None)
        names["check"] = check
        exec(compile(cell.source, f"<{cell.id}>", "exec"), names)
        return check.collected.pop(cell.name, [])


def learner_key(secret: bytes, assignment: str, learner: str) -> bytes:
    """What seeds a learner's hidden inputs: HMAC-SHA-256 of the course secret over assignment and learner."""
    return hmac.new(secret, f"{assignment}|{learner}".encode(), hashlib.sha256).digest()
