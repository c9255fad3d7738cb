"""The words in which a hidden test file says what its checks are worth and which code keeps them honest."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Mistake:
    """A known wrong solution: ``was``, which stands in exactly one place of the task's cell, becomes ``now``."""

    task: str
    name: str
    was: str
    now: str
    says: str
    hints: tuple[str, ...] = ()
    seen: str = "guess"
    named: bool = True

    def patch(self, source: str) -> str:
        """``source`` with the mistake in it; `ValueError` when ``was`` fits no place, or more than one."""
        places = source.count(self.was)
        if places != 1:
            raise ValueError(f"mistake {self.task}/{self.name}: {self.was!r} stands in {places} places, not in one")
        return source.replace(self.was, self.now)


@dataclass(frozen=True)
class Alternative:
    """A right solution written differently; ``source`` takes the place of the task's cell."""

    task: str
    name: str
    source: str


def points(n: float, *, cell: str, topic: str) -> pytest.MarkDecorator:
    """A hidden check worth ``n`` points of the task ``cell``; learners are told its ``topic``, never its body."""
    return pytest.mark.points(n, cell=cell, topic=topic)


def mistake(
    task: str,
    name: str,
    *,
    was: str,
    now: str,
    says: str,
    hints: Sequence[str] = (),
    seen: str = "guess",
    named: bool = True,
) -> Mistake:
    """Declare a known wrong solution of ``task`` in the hidden test file that calls this.

    Not ``named`` is one of which no two runs are alike, such as numbers drawn from elsewhere: caught, never named.
    """
    made = Mistake(task, name, was, now, says, tuple(hints), seen, named)
    sys._getframe(1).f_globals.setdefault("MISTAKES", []).append(made)
    return made


def alternative(task: str) -> Callable[[Callable], Callable]:
    """Declare the decorated function, which may use the setup cell's names, a right solution of ``task``."""

    def declare(function: Callable) -> Callable:
        lines = textwrap.dedent(inspect.getsource(function)).splitlines()
        start = next(i for i, line in enumerate(lines) if line.startswith("def "))
        body = "\n".join(lines[start:]).replace(f"def {function.__name__}(", f"def {task}(", 1)
        source = f"# function {task}: an alternative\n{body}\n"
        made = Alternative(task, function.__name__, source)
        function.__globals__.setdefault("ALTERNATIVES", []).append(made)
        return function

    return declare


@dataclass(frozen=True)
class Marks:
    """What a hidden test file declares beside its checks."""

    mistakes: tuple[Mistake, ...]
    alternatives: tuple[Alternative, ...]


def read_marks(path: Path) -> Marks:
    """The marks of the hidden test file at ``path``."""
    spec = importlib.util.spec_from_file_location(f"hidden_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Marks(tuple(getattr(module, "MISTAKES", ())), tuple(getattr(module, "ALTERNATIVES", ())))
