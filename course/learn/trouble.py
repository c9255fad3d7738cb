"""What went wrong in a learner's own code, in their own lines: exceptions, endless loops, cells that are no Python."""

from __future__ import annotations

import ast
import contextlib
import linecache
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from types import CodeType
from typing import Any

from ..bundle.cells import Cell, CellError
from ..bundle.loader import without_magics

_NOT_MINE = ("site-packages", "autograd_mini", "visible.py", "recorder.py", "tracing.py", "trouble.py")
_FRAMES = 4


class TimeLimit(BaseException):
    """A visible check used up its time; not an Exception, so that no `except Exception` in a loop swallows it."""


def too_long(error: TimeLimit, task: str, check: Callable, seconds: float) -> str:
    """Whose loop it was, and where: the innermost function of the learner's own that was running."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_mine(frame) and not _is_given(frame)]
    own = (frame for frame in reversed(frames) if frame.name.isidentifier() and frame.name != check.__name__)
    frame = next(own, None)
    where = f"\n{_line(frame)}" if frame and frame.line else ""
    name = frame.name if frame else task
    return (
        f"`{name}` did not finish within {seconds:g} s; does its loop end, or is it only slow? "
        f"(Kernel, Interrupt stops a cell that runs on.){where}"
    )


def _is_given(frame: traceback.FrameSummary) -> bool:
    """Whether the frame is of a cell that the course wrote, which a loop of the learner's may call."""
    try:
        return not Cell.from_source(linecache.getline(frame.filename, 1)).editable
    except CellError:  # a cell of their own, or no cell
        return False


def broken_cell(task: str, names: Mapping[str, Any]) -> str:
    """A sentence where the learner's cell of ``task``, as they ran it last, is no Python, so that nothing of it counts.

    Jupyter keeps what was run in ``In``; elsewhere there is nothing to look at.
    """
    heads = (f"# function {task}:", f"# experiment {task}:", f"# {task}:")
    runs = [run for run in names.get("In", ()) if isinstance(run, str) and run.lstrip().startswith(heads)]
    try:
        ast.parse(without_magics(runs[-1])[0] if runs else "")
    except SyntaxError as error:
        return (
            f"{type(error).__name__} in line {error.lineno} of your cell: {error.msg}. "
            f"Python took nothing from that cell, so `{task}` is still what it was before."
        )
    return ""


def _is_mine(frame: traceback.FrameSummary) -> bool:
    return not any(part in frame.filename for part in _NOT_MINE)


def explain(error: Exception, check: Callable) -> str:
    """The exception with the learner's own lines only, not those of the check, of the course or of libraries."""
    first, last = _lines_of(check)
    name, mine, inside = check.__code__.co_filename, [], False
    for frame in traceback.extract_tb(error.__traceback__):
        inside = frame.filename == name and first <= (frame.lineno or 0) <= last
        if not inside and _is_mine(frame):
            mine.append(frame)
    text = [f"{type(error).__name__}: {error}"]
    if isinstance(error, NameError) and inside:
        return f"There is no `{error.name}`: run its cell first, and see that it ends without an error."
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
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeLimit` after ``seconds`` of CPU, where the platform and the thread allow it."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(signum: int, frame: Any) -> None:
        raise TimeLimit(time.process_time())

    # Time in the kernel counts as well: a loop that piles up memory spends half of its time there.
    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
