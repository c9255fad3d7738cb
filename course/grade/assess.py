"""Runs the checks of one task on one submission and says what each of them came to."""

from __future__ import annotations

import hashlib
import json
import re
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Protocol

import pytest

from ..bundle.freeze import Bundle
from ..learn.recorder import sentence_of
from .desks import JailedDesk
from .faults import GraderFault, Missing, Outcome
from .naming import Known, Namer, Trace, cause
from .outputs import clean
from .proxy import CannotCross
from .sitting import CheckFailed, Sitting
from .verdict import CheckVerdict, TaskVerdict

UNWRITTEN = "NotImplementedError"
_NUMBERS = re.compile(r"\d+")
PATIENCE, NAMING, AT_LEAST = 60.0, 60.0, 2.0
"""Seconds of this process's own CPU time that all checks of a submission together may take over what was returned to
them; that may be spent on finding names for its mistakes; and what each check and each name has in any case."""


class Runnable(Protocol):
    """A visible or hidden check: what it says and is worth; `run` returns what it raised, or None."""

    id: str
    sentence: str
    points: float
    topic: str
    visible: bool

    def run(self) -> BaseException | None: ...


class Visible:
    """A check of the notebook's own check cell, bound to the submission."""

    visible, topic = True, ""

    def __init__(self, function: Callable, points: float, sitting: Sitting):
        self.function, self.points, self.sitting = function, points, sitting
        self.id, self.sentence = function.__name__, sentence_of(function)

    def run(self) -> BaseException | None:
        """Call the check; its soft failures count when it is through."""
        self.sitting.check.failures = []
        try:
            self.function()
            self.sitting.check.settle()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            return error
        return None


class Hidden:
    """A collected pytest item."""

    visible = False

    def __init__(self, item: pytest.Item, factor: float = 1.0):
        self.item = item
        mark = item.get_closest_marker("points")
        assert mark is not None
        self.points, self.topic = round(float(mark.args[0]) * factor, 6), str(mark.kwargs["topic"])
        self.id, self.sentence = item.name, sentence_of(getattr(item, "obj", None))

    def run(self) -> BaseException | None:
        """Run the item by pytest's own protocol: set-up, call, tear-down."""
        caught: list[BaseException] = []

        class Listener:
            @pytest.hookimpl(wrapper=True)
            def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo) -> Any:
                if call.excinfo is not None:
                    caught.append(call.excinfo.value)
                return (yield)

        manager, listener = self.item.config.pluginmanager, Listener()
        manager.register(listener)
        try:
            self.item.config.hook.pytest_runtest_protocol(item=self.item, nextitem=None)
        finally:
            manager.unregister(listener)
        return caught[0] if caught else None


class Assessment:
    """Goes through a submission's tasks; remembers which of them timed out."""

    def __init__(self, sitting: Sitting, bundle: Bundle, found: frozenset[str], namer: Namer | None = None):
        self.sitting, self.bundle, self.found, self.namer = sitting, bundle, found, namer
        self.traces: dict[str, Trace] = {}
        self.slow: set[str] = set()
        self.by_clock: set[str] = set()
        self.faults: list[str] = []
        self.late = False
        self._left = {"checks": PATIENCE, "names": NAMING}
        self._jailed = False

    def task(self, name: str, checks: Sequence[Runnable]) -> TaskVerdict:
        """Judge one task: with the learner's own functions, then, where checks failed and the task builds on
        functions of the same notebook, with the reference's in their place; either pass counts."""
        maximum = self.bundle.contract.points[name]
        if name not in self.found:
            missing = Missing(name, "is not in your notebook")
            return TaskVerdict(name, tuple(_verdict(check, missing, False) for check in checks), maximum)
        uses = tuple(self.bundle.contract.uses.get(name, ()))
        # A function that did not finish would only cost the same time again: begin with the reference in its place.
        first = uses if self.slow & set(uses) else ()
        verdicts = self._pass(name, checks, first)
        note = ""
        if uses and not first and any(_may_improve(verdict) for verdict in verdicts):
            verdicts, note = self._again(name, checks, uses, verdicts)
        elif first:
            note = _served(first)
        named = self._name(name, checks, verdicts)
        ids, hints = tuple(one.name for one in named), named[0].hints if named else ()
        trace, clock = self._seen(verdicts), name in self.by_clock
        return TaskVerdict(name, tuple(verdicts), maximum, note, ids, cause(named), hints, trace, clock)

    def _seen(self, verdicts: Sequence[CheckVerdict]) -> str:
        """Names how a wrong answer behaves: what each check came to, and the kinds of the facts that it recorded.

        No number of a learner's own data is in it, so that all who made the same mistake have the same name.
        """
        if all(verdict.status == "passed" for verdict in verdicts):
            return ""
        facts = []
        for one in verdicts:
            kinds, ended = sorted(set(self.traces[one.id][1])), _NUMBERS.sub("#", _ended(one))
            facts.append((one.id, one.status, kinds, ended))
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:16]

    def _name(self, name: str, checks: Sequence[Runnable], verdicts: Sequence[CheckVerdict]) -> tuple[Known, ...]:
        """The known mistakes that behave like this answer; none where it is right, not written, or did not end."""
        statuses = {verdict.status for verdict in verdicts}
        unwritten = any(verdict.detail.endswith("is not written yet.") for verdict in verdicts)
        if self.namer is None or statuses == {"passed"} or unwritten or not statuses <= {"passed", "failed", "error"}:
            return ()
        runs, seen = [partial(self._traced, check) for check in checks], [self.traces[check.id] for check in checks]
        if not self._jailed:  # at the author's desk what breaks there, and how long it takes, is to be known
            return self.namer.name(name, runs, seen)
        try:
            with self._patience(name, "names"):
                return self.namer.name(name, runs, seen)
        except (Exception, TooMuch):  # values of any kind are compared there, and a name decides nothing
            traceback.print_exc(file=sys.stderr)
            return ()

    def _traced(self, check: Runnable) -> Trace:
        """Run ``check``; the calls that it made and the kinds of the facts that it recorded."""
        self.sitting.trace = []
        return self._trace(check.run())

    def _trace(self, outcome: BaseException | None) -> Trace:
        facts: tuple[str, ...] = (f"!{getattr(outcome, 'status', 'error')}",) if outcome is not None else ()
        if isinstance(outcome, CheckFailed):
            facts = tuple(one.mark for one in outcome.failures)
        return tuple(self.sitting.trace), facts

    def _pass(self, name: str, checks: Sequence[Runnable], served: tuple[str, ...]) -> list[CheckVerdict]:
        with self.sitting.task(name, served) as desk:
            self._jailed = isinstance(desk, JailedDesk)  # at others the author's code runs in this very process
            verdicts = [self.run(check, name, told=check.visible and not served) for check in checks]
            self.late |= desk.late
            if desk.late:
                self.by_clock.add(name)
            if desk.timed_out:
                self.slow.add(name)
        return verdicts

    def _again(
        self, name: str, checks: Sequence[Runnable], uses: tuple[str, ...], before: list[CheckVerdict]
    ) -> tuple[list[CheckVerdict], str]:
        retry = [check for check, verdict in zip(checks, before, strict=True) if _may_improve(verdict)]
        after = {verdict.id: verdict for verdict in self._pass(name, retry, uses)}
        verdicts = [after[old.id] if old.id in after and after[old.id].status == "passed" else old for old in before]
        return verdicts, _served(uses) if verdicts != before else ""

    def run(self, check: Runnable, name: str, told: bool) -> CheckVerdict:
        """The verdict of one check; what it saw is in ``traces`` then."""
        self.sitting.trace = []
        outcome = self._patiently(check, name)
        self.traces[check.id] = self._trace(outcome)
        if isinstance(outcome, CannotCross) or not isinstance(outcome, CheckFailed | Outcome | AssertionError | None):
            outcome = self._whose_fault(check, name, outcome)
        if isinstance(outcome, GraderFault):
            self.faults.append(outcome.why)
        return _verdict(check, outcome, told)

    def _patiently(self, check: Runnable, name: str) -> BaseException | None:
        """What ``check`` raised, or None. A loop over millions of returned numbers would be ours, under no limit."""
        if not self._jailed:
            return check.run()
        try:
            with self._patience(name, "checks"):
                return check.run()
        except TooMuch as error:  # it came between the check's end and here
            return error

    @contextmanager
    def _patience(self, name: str, purse: str) -> Iterator[None]:
        began = time.process_time()
        try:
            with patience(name, max(self._left[purse], AT_LEAST)):
                yield
        finally:
            self._left[purse] -= time.process_time() - began

    def _whose_fault(self, check: Runnable, name: str, error: BaseException) -> BaseException:
        """The check itself broke. If it passes on the reference, the learner's value broke it; else it is ours."""
        if isinstance(error, MemoryError):  # the reference's values fit
            return Unusable(name)
        with self.sitting.at(ReferenceDesk(self.sitting)):
            again = check.run()
        if again is None and not isinstance(error, pytest.skip.Exception):
            return Unusable(name)
        return GraderFault(f"{check.id}: {type(error).__name__}: {error}")


class ReferenceDesk:
    """Serves the reference's functions in the place of the learner's."""

    timed_out = late = False

    def __init__(self, sitting: Sitting):
        self._reference = sitting.reference

    def call(self, name: str, args: tuple, kwargs: dict) -> Any:
        """The reference's value."""
        from .desks import Reply

        return Reply(getattr(self._reference, name)(*args, **kwargs))

    def clear(self) -> None:
        """Nothing to clear."""


class Unusable(Outcome):
    """The learner's value had a form on which the check could not go on."""

    status = "failed"

    def __init__(self, name: str):
        super().__init__(name)
        self.name = name

    def sentence(self) -> str:
        return f"`{self.name}` returned something of another form than its contract says."


class TooMuch(Outcome):
    """The learner's value is so large that the check, which is ours, did not come to an end with it."""

    status = "failed"

    def __init__(self, name: str):
        super().__init__(name)
        self.name = name

    def sentence(self) -> str:
        return f"`{self.name}` returned more than its checks can look at."


@contextmanager
def patience(name: str, seconds: float) -> Iterator[None]:
    """`TooMuch` after ``seconds`` of this process's own CPU time, which jailed workers do not use."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(*_: Any) -> None:
        raise TooMuch(name)

    handler = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, handler)


def _ended(verdict: CheckVerdict) -> str:
    """What a call ended with instead of a value; of a value, the facts say all."""
    return "" if verdict.status in {"passed", "failed"} else verdict.detail


def _may_improve(verdict: CheckVerdict) -> bool:
    return verdict.status not in ("passed", "fault")


def _served(uses: tuple[str, ...]) -> str:
    return "Judged again with our own " + ", ".join(f"`{name}`" for name in uses) + " in place of yours."


def _verdict(check: Runnable, outcome: BaseException | None, told: bool) -> CheckVerdict:
    """``told``: facts may hold the learner's own numbers. Not where code of ours was served, which they might carry."""
    status, detail = "passed", ""
    if isinstance(outcome, CheckFailed):
        first = outcome.failures[0]
        # A visible check's facts may hold the learner's own text: a dict's keys, the words of a list.
        status, detail = "failed", clean(first.sentence if told else first.hidden_sentence)
    elif isinstance(outcome, Outcome):
        status, detail = outcome.status, outcome.sentence()
        if getattr(outcome, "type", "") == UNWRITTEN:
            detail = f"`{outcome.name}` is not written yet."  # type: ignore[attr-defined]
    elif outcome is not None:
        status = "failed"
    return CheckVerdict(check.id, check.sentence, check.points, status, detail, check.topic, check.visible)
