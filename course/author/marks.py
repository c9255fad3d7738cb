"""The words in which a hidden test file says what its checks are worth and which code keeps them honest."""

from __future__ import annotations

import importlib.util
import inspect
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import pytest

from ..bundle.cells import CHECKED, Cell


class MarkError(ValueError):
    """A mistake, an alternative or an equivalence cannot be as it was declared; the sentence says what to change."""


@dataclass(frozen=True)
class Mistake:
    """A known wrong solution: ``was``, which stands in exactly one place of the task's cell, becomes ``now``.

    Where no small patch fits, ``source`` is the whole cell instead; such a mistake is in no pair.
    """

    task: str
    name: str
    was: str
    now: str
    says: str
    hints: tuple[str, ...] = ()
    seen: str = "guess"
    named: bool = True
    source: str = ""

    def patch(self, source: str) -> str:
        """``source`` with the mistake in it; `ValueError` when ``was`` fits no place, or more than one."""
        if self.source:
            return self.source
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


@dataclass(frozen=True)
class Equivalent:
    """Two mistakes of a task that together are a right solution, and why."""

    task: str
    names: frozenset[str]
    why: str


def points(n: float, *, cell: str, topic: str) -> pytest.MarkDecorator:
    """A hidden check worth ``n`` points of the task ``cell``; learners are told its ``topic``, never its body."""
    return pytest.mark.points(n, cell=cell, topic=topic)


@overload
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
) -> Mistake: ...


@overload
def mistake(
    task: str, name: str, *, says: str, hints: Sequence[str] = (), seen: str = "guess", named: bool = True
) -> Callable[[Callable], Callable]: ...


def mistake(
    task: str,
    name: str,
    *,
    was: str | None = None,
    now: str | None = None,
    says: str,
    hints: Sequence[str] = (),
    seen: str = "guess",
    named: bool = True,
) -> Any:
    """Declare a known wrong solution of ``task`` in the hidden test file that calls this.

    With ``was`` and ``now`` it is a patch of the reference; without them this decorates a function, which takes the
    place of the reference's. Not ``named`` is one of which no two runs are alike, such as numbers drawn from
    elsewhere: caught, never named.
    """
    names = sys._getframe(1).f_globals
    words = (task, name, says, tuple(hints), seen, named)
    if was is None and now is None:

        def declare(function: Callable) -> Callable:
            _keep_mistake(names, *words, source=_source(task, function))
            return function

        return declare
    if not was or now is None:
        raise MarkError(f"{_where(names)}: the mistake {name!r} of {task} needs was= and now=, both or neither")
    if was == now:
        raise MarkError(f"{_where(names)}: the mistake {name!r} of {task} changes nothing; now= must differ from was=")
    return _keep_mistake(names, *words, was=was, now=now)


def alternative(task: str) -> Callable[[Callable], Callable]:
    """Declare the decorated function, which may use the setup cell's names, a right solution of ``task``."""

    def declare(function: Callable) -> Callable:
        made = Alternative(task, function.__name__, _source(task, function))
        _keep(function.__globals__, "ALTERNATIVES", made)
        return function

    return declare


def equivalent(task: str, one: str, other: str, *, why: str) -> Equivalent:
    """Declare that the mistakes ``one`` and ``other`` of ``task`` undo each other, so that both together are right."""
    names = sys._getframe(1).f_globals
    if not why.strip() or one == other:
        raise MarkError(f"{_where(names)}: equivalent({task!r}, {one!r}, {other!r}) needs two mistakes and a why=")
    made = Equivalent(task, frozenset({one, other}), why)
    names.setdefault("EQUIVALENT", []).append(made)
    return made


def _keep_mistake(
    names: dict,
    task: str,
    name: str,
    says: str,
    hints: tuple,
    seen: str,
    named: bool,
    *,
    was: str = "",
    now: str = "",
    source: str = "",
) -> Mistake:
    if not says.strip():
        raise MarkError(f"{_where(names)}: the mistake {name!r} of {task} says nothing; give the cause in one sentence")
    made = Mistake(task, name, was, now, says, hints, seen, named, source)
    _keep(names, "MISTAKES", made)
    return made


def _keep(names: dict, kind: str, made: Any) -> None:
    kept = names.setdefault(kind, [])
    if any((one.task, one.name) == (made.task, made.name) for one in kept):
        what = "mistakes" if kind == "MISTAKES" else "alternatives"
        raise MarkError(f"{_where(names)}: two {what} of {made.task} are called {made.name!r}; rename one")
    kept.append(made)


def _where(names: dict) -> str:
    return Path(str(names.get("__file__", "the hidden checks"))).name


def _source(task: str, function: Callable) -> str:
    """The text of ``function`` without its decorators and under the task's name, as a cell."""
    lines = textwrap.dedent(inspect.getsource(function)).splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("def "))
    body = "\n".join(lines[start:]).replace(f"def {function.__name__}(", f"def {task}(", 1)
    return f"# function {task}: your code below\n{body}\n"


@dataclass(frozen=True)
class Marks:
    """What a hidden test file declares beside its checks; ``file`` is its name."""

    mistakes: tuple[Mistake, ...]
    alternatives: tuple[Alternative, ...]
    equivalent: tuple[Equivalent, ...] = ()
    file: str = ""

    def fitting(self, cells: Iterable[Cell]) -> Marks:
        """Those that belong to a task among ``cells``, and whose patches fit."""
        sources = _tasks(cells)
        mistakes = tuple(one for one in self.mistakes if not _misfit(one, sources))
        alternatives = tuple(one for one in self.alternatives if one.task in sources)
        return Marks(mistakes, alternatives, self.equivalent, self.file)

    def problems(self, cells: Iterable[Cell]) -> Iterator[str]:
        """A sentence for each mark that does not fit the reference's ``cells``, naming file, mark and repair."""
        sources = _tasks(cells)
        tasks = ", ".join(sources)
        for one in self.mistakes:
            if said := _misfit(one, sources):
                yield f"{self.file}: the mistake {one.name!r} of {one.task} {said}"
        for other in self.alternatives:
            if other.task not in sources:
                yield f"{self.file}: the alternative {other.name!r} is of {other.task!r}, which is no task; use {tasks}"
        known = {(one.task, one.name) for one in self.mistakes}
        for pair in self.equivalent:
            for name in sorted(name for name in pair.names if (pair.task, name) not in known):
                yield f"{self.file}: equivalent names {name!r}, which is no mistake of {pair.task}; correct the name"


def _tasks(cells: Iterable[Cell]) -> dict[str, str]:
    return {cell.name: cell.source for cell in cells if cell.kind in CHECKED}


def _misfit(one: Mistake, sources: dict[str, str]) -> str:
    if one.task not in sources:
        return f"belongs to no task; use one of {', '.join(sources)}"
    if one.source:
        whole = f"def {one.task}(" in sources[one.task]
        return "" if whole else "has no was= and now=, which only a function can do without"
    places = sources[one.task].count(one.was)
    if places == 1:
        return ""
    longer = "take a longer text" if places else "copy it from the solution as it stands now"
    return f"fits {places or 'no'} place{'s' * (places > 1)}: was={one.was[:60]!r}; {longer}"


def read_marks(path: Path) -> Marks:
    """The marks of the hidden test file at ``path``."""
    spec = importlib.util.spec_from_file_location(f"hidden_{path.stem}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    kept = (tuple(getattr(module, kind, ())) for kind in ("MISTAKES", "ALTERNATIVES", "EQUIVALENT"))
    mistakes, alternatives, equivalences = kept
    return Marks(mistakes, alternatives, equivalences, path.name)
