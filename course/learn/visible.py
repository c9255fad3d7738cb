"""Visible checks in a notebook: run at once, one line each, the first failure in full."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from ..bundle.notebook import from_notebook
from . import progress
from .exercises import exercises, optional
from .hints import Note, next_hint
from .known import Known, Seen, known
from .questions import hold
from .recorder import Failure, Recorder, sentence_of
from .report import Report, Result
from .saved import unsaved
from .tracing import Traced, fingerprint
from .trouble import TimeLimit, broken_cell, explain, time_limit, too_long

TIME_LIMIT = 5.0
"""Seconds of CPU that one visible check may use; the same as a call has at grading."""


class ChecksFail(AssertionError):
    """Says to nbgrader's Validate, for which a cell without an error passes, that a check did not; its text is ours."""

    def _render_traceback_(self) -> list[str]:
        return str(self).splitlines()


class Check(Recorder):
    """The ``check`` of a notebook: ``@check("gd")`` runs a check at once, ``check.report("gd")`` shows them all."""

    def __init__(self) -> None:
        super().__init__()
        self.results: dict[str, list[Result]] = {}
        self.seen: dict[str, dict[str, Seen]] = {}
        self.slug = self.build = ""
        self._questions: dict[str, Callable] = {}
        self._endless: set[str] = set()
        self._traced: Traced | None = None

    def begin(self, slug: str, build: str = "") -> None:
        """Say which notebook this is, and which build of it: only the known mistakes of that build are named."""
        self.slug, self.build = slug, build

    def __call__(self, task: str) -> Callable[[Callable], Callable]:
        """Register the decorated function, whose docstring is the sentence, as a visible check of ``task``."""

        def run(function: Callable) -> Callable:
            result = self._run(task, function)
            self.results.setdefault(task, []).append(result)
            marks = [failure.mark for failure in self.failures]
            calls = self._traced.calls if self._traced else []
            self.seen.setdefault(task, {})[function.__name__] = Seen.of(result.status, marks, calls)
            self._traced = None
            return function

        return run

    def asks(self, task: str) -> Callable[[Callable], Callable]:
        """Register the decorated function as a question on the learner's own code, asked when ``task`` passes.

        Its docstring is the question; what it returns, by running the learner's code, is the answer.
        """

        def keep(function: Callable) -> Callable:
            self._questions[task] = function
            return function

        return keep

    def report(self, task: str, hidden: str = "") -> Report:
        """What the checks of ``task`` found since the last report; ``hidden`` names what grading looks at."""
        report = self._report(task, hidden)
        if report.first is not None and os.environ.get("NBGRADER_VALIDATING") and not self._optional(task):
            raise ChecksFail(str(report))
        if not in_notebook():
            print(report)
        return report

    def _optional(self, task: str) -> bool:
        path = exercises().get(self.slug)
        return path is not None and optional(from_notebook(json.loads(path.read_text(encoding="utf-8"))), task)

    def _report(self, task: str, hidden: str) -> Report:
        report = Report(task, tuple(self.results.pop(task, ())), hidden)
        self._endless.discard(task)
        seen, ours = self.seen.pop(task, {}), known(self.slug)
        if report.first is None:
            report = replace(report, note=unsaved(self.slug, task, _history()))
        question = self._questions.get(task)
        if question is not None:
            report = replace(report, question=sentence_of(question))
        if not self.slug:
            return report
        note = report.note
        if ours is not None and ours.build != self.build:
            note = _OTHER_BUILD if report.first is not None else note
            ours = None
        named = ours.name(task, seen) if ours is not None and report.first is not None else None
        return replace(report, named=named, note=note, standing=self._standing(report, named, ours))

    def _standing(self, report: Report, named: Any, ours: Known | None) -> progress.Standing:
        hints = named.hints if named else ours.hints(report.task) if ours else ()
        failure = "" if report.first is None else named.name if named else _failure(report.first)
        counts = (report.passed, len(report.results))
        return progress.checked(self.slug, report.task, *counts, failure, hints, general=named is None)

    def hint(self, task: str) -> Note:
        """The next hint for the failure that the checks of ``task`` found last."""
        return Note(next_hint(self.slug, task))

    def answer(self, task: str, guess: Any) -> Note:
        """Hold ``guess`` against what the learner's own code answers to the question on ``task``."""
        task = getattr(task, "__name__", task)
        question = self._questions.get(task)
        if question is None:
            return Note(f"There is no question on `{task}`; run its check cell first, if it has one.")
        try:
            with time_limit(TIME_LIMIT):
                right = question()
        except (Exception, TimeLimit) as error:
            return Note(f"Your code does not answer: {type(error).__name__}: {error}")
        return Note(hold(right, guess))

    def record(self, failure: Failure) -> None:
        """Keep ``failure`` together with the call that it came from."""
        super().record(replace(failure, call=self._last_call()))

    def sees(self, value: Any) -> None:
        """The last call's value, for naming."""
        if self._traced and self._traced.calls:
            calls = self._traced.calls
            calls[-1] = replace(calls[-1], value=fingerprint(value))

    def _last_call(self) -> str:
        calls = self._traced.calls if self._traced else []
        if not calls:
            return ""
        return calls[-1].text + (f"   (the last of {len(calls)} calls)" if len(calls) > 1 else "")

    def _run(self, task: str, function: Callable) -> Result:
        sentence, names = sentence_of(function), function.__globals__
        self.failures = []
        broken = broken_cell(task, names)
        if broken:
            return Result(sentence, "error", broken)
        if task in self._endless:
            return Result(sentence, "timeout", f"Not run: `{task}` did not finish in the check before.")
        try:
            with self._tracing(task, names), time_limit(TIME_LIMIT):
                function()
        except NotImplementedError as error:
            return Result(sentence, "error", f"NotImplementedError: {error}")
        except TimeLimit as error:
            self._endless.add(task)
            return Result(sentence, "timeout", too_long(error, task, function, TIME_LIMIT), call=self._last_call())
        except Exception as error:
            return Result(sentence, "error", explain(error, function), call=self._last_call())
        if self.failures:
            first = self.failures[0]
            return Result(sentence, "failed", first.sentence, first, first.call)
        return Result(sentence, "passed")

    @contextlib.contextmanager
    def _tracing(self, task: str, names: dict[str, Any]) -> Iterator[None]:
        """While a check runs, the function that it is about notes how it is called."""
        mine = names.get(task)
        if not callable(mine):
            yield
            return
        self._traced = names[task] = Traced(task, mine)
        try:
            yield
        finally:
            names[task] = mine


_OTHER_BUILD = (
    "This notebook and the installed package are of different builds, so that mistakes are not named; "
    "install the package that came with the notebook."
)


def _failure(first: Result) -> str:
    if first.reason.startswith("NotImplementedError"):
        return progress.UNWRITTEN
    return f"{first.sentence}|{first.status}|{first.failure.mark if first.failure else ''}"


def in_notebook() -> bool:
    """Whether a notebook or IPython shows what the last line of a cell returns."""
    module = sys.modules.get("IPython")
    return module is not None and module.get_ipython() is not None


def _history() -> list[str]:
    """What was run in this notebook, as it was typed; nothing elsewhere."""
    shell = sys.modules["IPython"].get_ipython() if in_notebook() else None
    return list(shell.history_manager.input_hist_raw) if shell is not None else []


check = Check()
"""The one object that notebooks import."""
