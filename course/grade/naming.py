"""Names the mistake in a wrong answer: the known one, or pair of them, that behaves exactly like it in every check; or
the one that is in it beside something unknown, since wherever it fails a check, the answer is the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from itertools import combinations
from typing import Any, NamedTuple, Protocol

import numpy as np

from ..bundle.cells import Cell, task_cell, with_source
from ..learn.compare import ATOL, RTOL, canonical, difference, same_bits
from .desks import OpenDesk
from .reference import right_answers
from .sitting import Sitting, Step

PAIRS = 300
"""How many pairs of mistakes are tried at most; beyond, an answer gets facts."""

Trace = tuple[tuple[Step, ...], tuple[str, ...]]
"""What a check saw: the calls that it made, and the facts that it recorded, by kind; none where it passed."""


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
    @property
    def source(self) -> str: ...

    def patch(self, source: str) -> str: ...


class Likeness(NamedTuple):
    """How far a mistake behaves like an answer: in every check; in which of the answer's failing checks, where that is
    all that the mistake fails; or does it fail a check that the answer passes?"""

    exact: bool = False
    explains: frozenset[int] = frozenset()
    clash: bool = False


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
        if all(fact.startswith("!") for _, facts in seen for fact in facts):
            return ()  # an exception says what it is, and anyone's may be of the same kind
        found = [(one, self._held_against(task, self._source(task, one), runs, seen)) for one in mine]
        exact = [one for one, likeness in found if likeness.exact]
        if exact:
            return tuple(exact) if len(exact) == 1 else ()
        pair = self._pair(task, [one for one, likeness in found if not likeness.clash], runs, seen)
        return pair or _partly([(one, likeness.explains) for one, likeness in found if likeness.explains])

    def _pair(self, task: str, mine: Sequence[Known], runs: Sequence, seen: Sequence[Trace]) -> tuple[Known, ...]:
        """The one pair of ``mine`` that behaves like the answer.

        Among so many pairs some behave alike by chance, unless there are numbers that tell them apart; and an
        experiment takes too long to run it for each.
        """
        cell = task_cell(self._cells, task)
        if cell.kind == "experiment" or not any(tells(trace) for trace in seen if trace[1]):
            return ()
        pairs = [(pair, combined(cell.source, pair)) for pair in combinations([m for m in mine if not m.source], 2)]
        fit = [(pair, source) for pair, source in pairs if source is not None][:PAIRS]
        found = [pair for pair, source in fit if self._behaves(task, source, runs, seen)]
        return found[0] if len(found) == 1 else ()

    def _held_against(self, task: str, source: str, runs: Sequence, seen: Sequence[Trace]) -> Likeness:
        """How far ``source`` behaves like the answer whose traces are ``seen``; given up as soon as it is nothing."""
        exact, partly, telling, explains = True, True, False, set()
        slow = task_cell(self._cells, task).kind == "experiment"
        with self._at(task, source):
            for place in _failing_first(seen):
                if not partly and seen[place][1]:
                    continue
                trace = runs[place]()
                alike = same(trace, seen[place])
                exact = exact and alike
                if trace[1] and not seen[place][1]:
                    return Likeness(clash=True)
                if trace[1] and not alike:
                    partly = False
                elif trace[1]:
                    explains.add(place)
                    telling |= tells(trace)
                if slow and not partly:
                    break
        return Likeness(exact and partly, frozenset(explains if partly and telling else ()))

    def _source(self, task: str, one: Known) -> str:
        return one.patch(task_cell(self._cells, task).source)

    def _typed(self, task: str, mine: Sequence[Known]) -> tuple[Known, ...]:
        """A question's mistake is the one whose answers are the ones that were typed."""
        cell = task_cell(self._cells, task)
        typed = self._sitting.submission.answers
        if all(value is None for value in typed.values()):
            return ()
        names = {**self._sitting.reference.everything()}
        if "experiment" in names:  # which each mistake's answers come from, and which takes long
            names["experiment"] = self._sitting.reference.experiment
        found = []
        for one in mine:
            answers = right_answers([replace(cell, source=one.patch(cell.source))], names)
            if all(same_bits(typed.get(name), value) for name, value in answers.items()):
                found.append(one)
        return (found[0],) if len(found) == 1 else ()

    def _behaves(self, task: str, source: str, runs: Sequence, seen: Sequence[Trace]) -> bool:
        with self._at(task, source):
            return all(same(runs[place](), seen[place]) for place in _failing_first(seen))

    def _at(self, task: str, source: str) -> AbstractContextManager:
        return self._sitting.at(OpenDesk(with_source(self._cells, task, source), self._names, task, {}))


def _failing_first(seen: Sequence[Trace]) -> list[int]:
    """The places of the checks, those first that fail: there a difference shows soonest."""
    return sorted(range(len(seen)), key=lambda place: not seen[place][1])


def _partly(found: Sequence[tuple[Known, frozenset[int]]]) -> tuple[Known, ...]:
    """The mistake that explains most, if it explains all that the others do."""
    ranked = sorted(found, key=lambda pair: -len(pair[1]))
    if not ranked or any(not other < ranked[0][1] for _, other in ranked[1:]):
        return ()
    return (ranked[0][0],)


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


def tells(trace: Trace) -> bool:
    """Whether there are numbers in a trace that make it unlike others; without them pairs of mistakes are not tried."""
    return any(telling_value(step.value) for step in trace[0])


def telling_value(value: Any) -> bool:
    """Whether ``value`` holds a number that nobody returns by chance: one that is finite and not whole."""
    value = canonical(value)
    if isinstance(value, np.ndarray):
        if value.dtype.kind != "f":
            return False
        return bool((np.isfinite(value) & (value != np.round(value))).any())
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return any(map(telling_value, parts))


def cause(mistakes: Sequence[Known]) -> str:
    """What a learner reads: the sentence of each."""
    return " ".join(mistake.says for mistake in mistakes)
