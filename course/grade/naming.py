"""Names the mistake in a wrong answer: the known one, or pair of them, that behaves exactly like it in every check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, Protocol

from ..bundle.cells import Cell, task_cell
from ..learn.compare import difference, same_bits
from .desks import OpenDesk
from .reference import right_answers
from .sitting import Sitting, Step

RTOL, ATOL = 1e-6, 1e-9
"""Within which two values are the same behaviour; wrong answers are further apart than rounding."""

Trace = tuple[tuple[Step, ...], tuple[str, ...]]
"""What a check saw: the calls that it made, and the facts that it recorded, by kind."""


class Known(Protocol):
    """A mistake as the hidden checks declare it (`course.author.marks.Mistake`)."""

    @property
    def task(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def says(self) -> str: ...
    @property
    def hints(self) -> tuple[str, ...]: ...
    @property
    def named(self) -> bool: ...

    def patch(self, source: str) -> str: ...


class Namer:
    """Compares a learner's traces with those of the author's known mistakes, run beside the reference."""

    def __init__(self, sitting: Sitting, cells: Sequence[Cell], names: Mapping[str, Any], known: Sequence[Known]):
        self._sitting, self._cells, self._names, self._known = sitting, cells, names, known

    def name(self, task: str, runs: Sequence[Callable[[], Trace]], seen: Sequence[Trace]) -> tuple[Known, ...]:
        """The mistake, or the pair of them, whose traces equal ``seen``; empty for none, and for more than one.

        ``runs`` run the checks that ``seen`` came from, in the same order, at whatever desk the sitting is.
        """
        mine = [one for one in self._known if one.task == task and one.named]
        if task_cell(self._cells, task).kind == "question":
            return self._typed(task, mine)
        for candidates in ([(one,) for one in mine], list(combinations(mine, 2))):
            found = list(self._matching(task, candidates, runs, seen))
            if found:
                return found[0] if len(found) == 1 else ()
        return ()

    def _typed(self, task: str, mine: Sequence[Known]) -> tuple[Known, ...]:
        """A question's mistake is the one whose answers are the ones that were typed."""
        cell = task_cell(self._cells, task)
        names = self._sitting.reference.everything()
        found = []
        for one in mine:
            answers = right_answers([replace(cell, source=one.patch(cell.source))], names)
            if all(same_bits(self._sitting.submission.answers.get(name), value) for name, value in answers.items()):
                found.append(one)
        return (found[0],) if len(found) == 1 else ()

    def _matching(
        self, task: str, candidates: Sequence[tuple[Known, ...]], runs: Sequence, seen: Sequence[Trace]
    ) -> Iterator[tuple[Known, ...]]:
        for candidate in candidates:
            source = combined(task_cell(self._cells, task).source, candidate)
            if source is not None and self._behaves(task, source, runs, seen):
                yield candidate

    def _behaves(self, task: str, source: str, runs: Sequence, seen: Sequence[Trace]) -> bool:
        cells = [replace(c, source=source) if c.name == task and c.kind in _WORKED else c for c in self._cells]
        with self._sitting.at(OpenDesk(cells, self._names, task, {})):
            return all(same(run(), trace) for run, trace in zip(runs, seen, strict=True))


_WORKED = frozenset({"function", "experiment"})


def combined(source: str, mistakes: Sequence[Known]) -> str | None:
    """``source`` with all ``mistakes`` in it; None where they are in each other's way."""
    for mistake in mistakes:
        try:
            source = mistake.patch(source)
        except ValueError:
            return None
    return source


def same(one: Trace, other: Trace) -> bool:
    """Whether two traces are the same behaviour; what did not run to its end equals nothing."""
    (calls, facts), (others, other_facts) = one, other
    if len(calls) != len(others) or facts != other_facts:
        return False
    return all(_same_step(*pair) for pair in zip(calls, others, strict=True))


def _same_step(one: Step, other: Step) -> bool:
    if (one.name, one.ended, one.changed) != (other.name, other.ended, other.changed):
        return False
    if one.ended in {"timeout", "memory", "crashed", "fault"}:
        return False
    return difference(one.value, other.value, RTOL, ATOL) is None


def cause(mistakes: Sequence[Known]) -> str:
    """What a learner reads: the sentence of each."""
    return " ".join(mistake.says for mistake in mistakes)
