"""Visible checks in a notebook: run at once, one line each, the first failure in full."""

from __future__ import annotations

import contextlib
import html
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from .recorder import Failure, Recorder

TIME_LIMIT = 5.0
"""Seconds of CPU that one visible check may use; the same as a call has at grading."""


class TimeLimit(BaseException):
    """A visible check used up its time; not an Exception, so that no `except Exception` in a loop swallows it."""


@dataclass(frozen=True)
class Result:
    """One visible check that has run: its sentence, ``passed``/``failed``/``error``/``timeout``, and the reason."""

    sentence: str
    status: str
    reason: str = ""
    failure: Failure | None = None


@dataclass(frozen=True)
class Report:
    """The visible checks of one task; shows itself in a notebook, a terminal and plain Python alike."""

    task: str
    results: tuple[Result, ...]
    hidden: str = ""

    @property
    def passed(self) -> int:
        """How many checks passed."""
        return sum(result.status == "passed" for result in self.results)

    def lines(self) -> list[str]:
        """The report as plain lines: one a check, then the first failure in full, then what comes at grading."""
        shown = [f"{result.status:>8}  {result.sentence}" for result in self.results]
        first = next((result for result in self.results if result.status != "passed"), None)
        if first is not None:
            shown += ["", f"First to look at: {first.sentence}", *_details(first)]
        count = f"{self.task}: {self.passed} of {len(self.results)} visible checks pass."
        hidden = f" Hidden checks at grading look at: {self.hidden}." if self.hidden else ""
        return [*shown, "", count + hidden]

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        colours = {"passed": "#00694c", "failed": "#a13d00", "error": "#a13d00", "timeout": "#a13d00"}
        body = []
        for line in self.lines():
            word = line.strip().split(" ", 1)[0]
            style = f"color:{colours[word]};font-weight:600" if word in colours else ""
            body.append(f'<span style="{style}">{html.escape(line)}</span>' if style else html.escape(line))
        style = "font-family:monospace;white-space:pre-wrap;word-break:normal;line-height:1.35"
        return f'<div style="{style}">' + "\n".join(body) + "</div>"


def _details(result: Result) -> list[str]:
    if result.failure is None:
        return [f"    {line}" for line in result.reason.splitlines()]
    found = [f"    {result.failure.sentence}"]
    if result.failure.want is not None:
        found += [f"    returned {_short(result.failure.got)}", f"    expected {_short(result.failure.want)}"]
    return found


def _short(value: Any) -> str:
    with np.printoptions(precision=6, threshold=12, edgeitems=3):
        text = " ".join(repr(value).split())
    return text if len(text) <= 200 else text[:197] + "..."


class Check(Recorder):
    """The ``check`` of a notebook: ``@check("gd")`` runs a check at once, ``check.report("gd")`` shows them all."""

    def __init__(self) -> None:
        super().__init__()
        self.results: dict[str, list[Result]] = {}

    def __call__(self, task: str) -> Callable[[Callable], Callable]:
        """Register the decorated function, whose docstring is the sentence, as a visible check of ``task``."""

        def run(function: Callable) -> Callable:
            self.results.setdefault(task, []).append(self._run(function))
            return function

        return run

    def report(self, task: str, hidden: str = "") -> Report:
        """What the checks of ``task`` found since the last report; ``hidden`` names what grading looks at."""
        report = Report(task, tuple(self.results.pop(task, ())), hidden)
        if not _in_notebook():
            print(report)
        return report

    def _run(self, function: Callable) -> Result:
        sentence = " ".join((function.__doc__ or function.__name__).split())
        self.failures = []
        try:
            with _time_limit(TIME_LIMIT):
                function()
        except NotImplementedError as error:
            return Result(sentence, "error", f"NotImplementedError: {error}")
        except TimeLimit:
            return Result(sentence, "timeout", f"It did not finish within {TIME_LIMIT:g} s; does the loop end?")
        except Exception as error:
            return Result(sentence, "error", _own_frames(error))
        if self.failures:
            return Result(sentence, "failed", self.failures[0].sentence, self.failures[0])
        return Result(sentence, "passed")


def _in_notebook() -> bool:
    module = sys.modules.get("IPython")
    return module is not None and module.get_ipython() is not None


def _own_frames(error: Exception) -> str:
    """The exception with the learner's own lines only, not those of the course or of libraries."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "site-packages" not in f.filename]
    own = [f for f in frames if not f.filename.endswith(("visible.py", "recorder.py"))][1:]
    lines = [f"line {frame.lineno} of your cell, in {frame.name}: {frame.line}" for frame in own]
    return "\n".join([f"{type(error).__name__}: {error}", *lines])


@contextlib.contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeLimit` after ``seconds`` of CPU, where the platform and the thread allow it."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: Any) -> None:
        raise TimeLimit(time.process_time())

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


check = Check()
"""The one object that notebooks import."""
