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
from types import CodeType
from typing import Any

import numpy as np

from .compare import canonical
from .recorder import Failure, Recorder

TIME_LIMIT = 5.0
"""Seconds of CPU that one visible check may use; the same as a call has at grading."""


_NOT_MINE = ("site-packages", "autograd_mini", "visible.py", "recorder.py")
_FRAMES = 4


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
    plain = canonical(value)
    if isinstance(plain, np.ndarray) and plain.ndim == 0:
        value = plain.item()  # however the number is stored
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
            return Result(sentence, "error", _explain(error, function))
        if self.failures:
            return Result(sentence, "failed", self.failures[0].sentence, self.failures[0])
        return Result(sentence, "passed")


def _in_notebook() -> bool:
    module = sys.modules.get("IPython")
    return module is not None and module.get_ipython() is not None


def _explain(error: Exception, check: Callable) -> str:
    """The exception with the learner's own lines only, not those of the check, of the course or of libraries."""
    first, last = _lines_of(check)
    name, mine, inside = check.__code__.co_filename, [], False
    for frame in traceback.extract_tb(error.__traceback__):
        inside = frame.filename == name and first <= (frame.lineno or 0) <= last
        if not inside and not any(part in frame.filename for part in _NOT_MINE):
            mine.append(frame)
    text = [f"{type(error).__name__}: {error}"]
    if inside:  # the check itself stumbled over what it was given
        text.insert(0, "What your function returned is not of the form that its contract says.")
    shown = mine if len(mine) <= _FRAMES else [*mine[: _FRAMES - 1], None, mine[-1]]
    return "\n".join(text + [_line(frame) if frame else f"... {len(mine) - _FRAMES} more ..." for frame in shown])


def _lines_of(function: Callable) -> tuple[int, int]:
    """First and last line of a function's code, comprehensions in it included."""
    codes, last = [function.__code__], 0
    while codes:
        code = codes.pop()
        last = max([last, *(line for _, _, line in code.co_lines() if line)])
        codes += [one for one in code.co_consts if isinstance(one, CodeType)]
    return function.__code__.co_firstlineno, last


def _line(frame: traceback.FrameSummary) -> str:
    return f"    in {frame.name}, line {frame.lineno}: {frame.line}".rstrip(": ")


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
