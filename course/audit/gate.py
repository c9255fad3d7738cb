"""Runs an assignment's reference, alternatives, mistakes and pairs of mistakes through its own checks."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path
from types import TracebackType

from ..author.build import Built
from ..author.marks import Marks, Mistake
from ..bundle.cells import Cell, task_cell
from ..bundle.freeze import freeze
from ..grade.limits import LIMITS
from ..grade.naming import combined
from ..grade.process import JudgeProcess
from ..grade.reference import load_reference, right_answers
from ..grade.rehearsal import NAMES
from ..grade.verdict import TaskVerdict


@dataclass
class Findings:
    """What the gate found: ``problems`` are sentences that name the repair; the rest is counted and printed.

    ``kills`` maps a check to the mistakes that it catches; ``unclear`` are pairs whose name is another's or none, which
    learners meet as facts instead.
    """

    slug: str
    problems: list[str] = field(default_factory=list)
    kills: dict[str, list[str]] = field(default_factory=dict)
    mistakes: int = 0
    alternatives: int = 0
    pairs: int = 0
    unclear: list[str] = field(default_factory=list)
    guesses: int = 0


class Bench:
    """A judging process for the author's code of one assignment; a context manager."""

    def __init__(self, built: Built):
        self.built = built
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        config = {"bundle": str(freeze(folder, built).path), "limits": LIMITS.to_dict(), "secret": "a0" * 32}
        self._process = JudgeProcess(
            {**config, "course_id": "demo", "tier": "auto", "open_desks": True}, folder / "log"
        )
        self._names = load_reference(built.reference, NAMES)

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.close()
        self._folder.cleanup()

    def judge(self, task: str, source: str, *, name: bool = True) -> TaskVerdict:
        """The verdict on ``task`` when its cell holds ``source`` and all others the reference's."""
        own = task_cell(self.built.reference, task)
        cells = [replace(cell, source=source) if cell is own else cell for cell in self.built.reference]
        job = {"id": 1, "cells": [cell.to_dict() for cell in cells], "learner": NAMES["learner_id"], "tasks": [task]}
        job.update(found=list(self.built.contract.points), display=False, name=name, answers=self._answers(cells))
        answer = self._process.judge(job, 300)
        if answer["review"]:
            raise RuntimeError(answer["review"][0])
        return TaskVerdict.from_dict(answer["tasks"][0])

    def _answers(self, cells: list[Cell]) -> dict:
        return right_answers(cells, self._names)

    def source(self, task: str) -> str:
        """The reference's cell of ``task``."""
        return task_cell(self.built.reference, task).source


def run(bench: Bench, marks: Marks, step: Callable[[str], None] = lambda name: None) -> Findings:
    """All points of the gate that need the checks to run; ``step`` is told what is done."""
    found = Findings(bench.built.contract.slug)
    found.problems += _references(bench)
    found.problems += _alternatives(bench, marks, found, step)
    found.problems += _mistakes(bench, marks, found, step)
    found.problems += _idle_checks(bench, found)
    found.problems += _pairs(bench, marks, found, step)
    return found


def _references(bench: Bench) -> Iterator[str]:
    for task in bench.built.contract.points:
        for check in bench.judge(task, bench.source(task)).checks:
            if check.status != "passed":
                yield f"the reference of {task} fails {check.id!r} ({check.detail}); mend the solution or the check"


def _alternatives(bench: Bench, marks: Marks, found: Findings, step: Callable[[str], None]) -> Iterator[str]:
    functions = {cell.name for cell in bench.built.reference if cell.kind == "function"}
    for task in sorted(functions - {one.task for one in marks.alternatives}):
        yield f"the function {task} has no alternative; write one that is right in another way"
    for one in marks.alternatives:
        found.alternatives += 1
        for check in bench.judge(one.task, one.source).checks:
            if check.status != "passed":
                yield f"the alternative {one.name} of {one.task} fails {check.id!r} ({check.detail}); widen it"
        step(f"{one.task}: {one.name}")


def _mistakes(bench: Bench, marks: Marks, found: Findings, step: Callable[[str], None]) -> Iterator[str]:
    for one in marks.mistakes:
        found.mistakes += 1
        found.guesses += one.seen == "guess"
        verdict = bench.judge(one.task, one.patch(bench.source(one.task)))
        caught = [check for check in verdict.checks if check.status != "passed"]
        for check in caught:
            found.kills.setdefault(check.id, []).append(f"{one.task}/{one.name}")
        if not any(not check.visible for check in caught):
            yield f"the mistake {one.name} of {one.task} survives the hidden checks; add a probe that it fails"
        elif verdict.mistakes != ((one.name,) if one.named else ()):
            named = ", ".join(verdict.mistakes) or "nothing"
            yield f"the mistake {one.name} of {one.task} is named {named}; add a probe on which they differ"
        elif one.named and verdict.cause != one.says:
            yield f"the mistake {one.name} of {one.task} does not bring its own message"
        step(f"{one.task}: {one.name}")


def _idle_checks(bench: Bench, found: Findings) -> Iterator[str]:
    for task in bench.built.contract.points:
        for check in bench.judge(task, bench.source(task)).checks:
            if not check.visible and check.points and check.id not in found.kills:
                yield f"the hidden check {check.id!r} of {task} catches no mistake; declare one that it catches"


def _pairs(bench: Bench, marks: Marks, found: Findings, step: Callable[[str], None]) -> Iterator[str]:
    """Pairs must fail; which of them cannot be told from something else is reported, and no problem."""
    for one, other in combinations(marks.mistakes, 2):
        source = combined(bench.source(one.task), (one, other)) if one.task == other.task else None
        if source is None:
            continue
        found.pairs += 1
        verdict = bench.judge(one.task, source, name=False)
        if all(check.status == "passed" for check in verdict.checks if not check.visible):
            yield f"the mistakes {one.name} and {other.name} of {one.task} together pass; add a probe, or leave one out"
        step(f"{one.task}: {one.name} + {other.name}")


def size(built: Built, marks: Marks) -> int:
    """How many steps `run` takes."""
    sources = {
        cell.name: cell.source for cell in built.reference if cell.kind in {"function", "experiment", "question"}
    }
    pairs = [pair for pair in combinations(marks.mistakes, 2) if pair[0].task == pair[1].task]
    return len(marks.alternatives) + len(marks.mistakes) + sum(_fit(sources, pair) for pair in pairs)


def _fit(sources: dict[str, str], pair: tuple[Mistake, Mistake]) -> bool:
    return combined(sources[pair[0].task], pair) is not None
