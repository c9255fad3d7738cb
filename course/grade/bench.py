"""Judging processes for the code that an author wrote: references, stubs, alternatives, mistakes; never a learner's."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from ..bundle.cells import Cell, task_cell, with_source
from ..bundle.freeze import Assignment, freeze
from ..bundle.notebook import to_text
from ..bundle.transplant import transplant
from .jail import tiers
from .limits import LIMITS
from .process import JudgeError, JudgeProcess
from .reference import load_reference, right_answers, silent
from .rehearsal import NAMES
from .verdict import TaskVerdict

SECONDS = 1200.0
"""How long one job may take on a busy machine; the longest compares some hundred pairs of mistakes."""

T = TypeVar("T")
U = TypeVar("U")


class Bench:
    """One assignment on the bench: ``jobs`` judging processes side by side, whose BLAS has the first of ``threads``,
    and one more for each other number of threads, used where that number is asked for.

    The author's code runs at open desks, or, where ``jail`` is asked for and can be had, by the whole way of a
    submission: notebook, reading, transplant, jailed worker. A context manager. Processes start when first needed,
    and each begins with the reference, whose verdicts are kept.
    """

    def __init__(self, built: Assignment, *, jobs: int = 1, threads: Sequence[int] = (1,), jail: bool = False):
        self.built, self.jobs, self.threads = built, jobs, tuple(threads)
        self.jail, self.no_jail = _tier() if jail else ("", "")
        self._names: dict[str, Any] | None = None
        self._typed: dict[str, dict[str, Any]] = {}
        self._lock = threading.Lock()
        self._folder = tempfile.TemporaryDirectory()
        folder = Path(self._folder.name)
        self.bundle = freeze(folder, built)
        config = {"bundle": str(self.bundle.path), "limits": LIMITS.to_dict(), "secret": "a0" * 32, "open_desks": True}
        config.update(course_id=NAMES["course_id"], tier=self.jail or "auto", jail=bool(self.jail))
        settings = [*[self.threads[0]] * jobs, *self.threads[1:]]
        self._seats = [_Seat(config, folder, number, setting) for number, setting in enumerate(settings)]
        self._idle, self._change = list(self._seats), threading.Condition()

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the processes."""
        for seat in self._seats:
            seat.process.close()
        self._folder.cleanup()

    # -- what can be judged ----------------------------------------------------------------------------------------

    def source(self, task: str) -> str:
        """The reference's cell of ``task``."""
        return task_cell(self.built.reference, task).source

    def reference(self, threads: int | None = None) -> list[TaskVerdict]:
        """The verdicts on the reference itself."""
        with self._seat(threads) as seat:
            return seat.reference

    def whole(self, cells: Sequence[Cell], answers: Mapping[str, Any]) -> list[TaskVerdict]:
        """The verdicts on all tasks of a notebook of these cells, with what was typed into its questions."""
        with self._seat() as seat:
            return _verdicts(seat.ask(self._job(cells, answers)))

    def judge(
        self,
        task: str,
        source: str,
        *,
        name: bool = True,
        among: Sequence[str] | None = None,
        jailed: bool = False,
        threads: int | None = None,
        answers: Mapping[str, Any] | None = None,
    ) -> TaskVerdict:
        """The verdict on ``task`` when its cell holds ``source`` and all others the reference's.

        ``name``: whether its mistake is looked for, ``among`` these names only; ``answers``: what is typed in place of
        the right ones.
        """
        cells = self._with(task, source)
        typed = {**self.answers(cells), **(answers or {})}
        job = self._job(cells, typed)
        if jailed and self.jail:
            job = self._submitted(cells, typed)
        with self._seat(threads) as seat:
            return _verdicts(seat.ask({**job, "tasks": [task], "name": name, "among": among}))[0]

    def submitted(self, task: str, source: str, tasks: Sequence[str]) -> list[TaskVerdict]:
        """The verdicts on ``tasks`` when the cell of ``task`` holds ``source``, by the whole way of a submission;
        `JudgeError` where there is no jail."""
        if not self.jail:
            raise JudgeError(self.no_jail or "this bench was set up without a jail")
        cells = self._with(task, source)
        with self._seat() as seat:
            return _verdicts(seat.ask({**self._submitted(cells, self.answers(cells)), "tasks": list(tasks)}))

    def apart(self, task: str, sources: Sequence[str], alone: Sequence[bool], kills: Mapping[str, int]) -> list[dict]:
        """What `course.grade.apart` finds of many wrong answers to ``task``; those ``alone`` are like no other.

        ``kills`` says how many single mistakes each check catches.
        """
        candidates = [
            {"source": source, "alone": by_itself, "answers": self.answers(self._with(task, source))}
            for source, by_itself in zip(sources, alone, strict=True)
        ]
        job = self._job(self.built.reference, self.answers(self.built.reference))
        with self._seat() as seat:
            answer = seat.ask({**job, "tasks": [task], "candidates": candidates, "kills": dict(kills)})
        return answer["apart"]

    def answers(self, cells: Sequence[Cell]) -> dict[str, Any]:
        """What the question cells among ``cells`` compute, as plain numbers."""
        found: dict[str, Any] = {}
        for cell in cells:
            if cell.kind == "question":
                found.update(self._computed(cell))
        return found

    def _computed(self, cell: Cell) -> dict[str, Any]:
        """What one question cell computes: each text once, since some take as long as an experiment."""
        with self._lock:
            if self._names is None:
                self._names = load_reference(self.built.reference, {"print": silent, **NAMES})
            if cell.source not in self._typed:
                typed = right_answers([cell], self._names)
                self._typed[cell.source] = {n: v.item() if hasattr(v, "item") else v for n, v in typed.items()}
            return self._typed[cell.source]

    def map(self, function: Callable[[T], U], items: Sequence[T]) -> Iterator[U]:
        """``function`` of each item, as many at once as there are ``jobs``, in the order of the items."""
        with ThreadPoolExecutor(self.jobs) as pool:
            yield from pool.map(function, items)

    # -- jobs --------------------------------------------------------------------------------------------------------

    def _with(self, task: str, source: str) -> tuple[Cell, ...]:
        """The reference's cells with ``source`` in the place of that of ``task``, under the same first line."""
        own = task_cell(self.built.reference, task)
        head, _, body = source.partition("\n")
        first = own.source.partition("\n")[0]
        text = source if head == first else f"{first}\n{body if head.startswith('#') else source}"
        return with_source(self.built.reference, task, text)

    def _job(self, cells: Sequence[Cell], answers: Mapping[str, Any]) -> dict:
        job = {"cells": [cell.to_dict() for cell in cells], "learner": NAMES["learner_id"], "answers": dict(answers)}
        return {**job, "found": list(self.built.contract.points), "display": False}

    def _submitted(self, cells: Sequence[Cell], typed: Mapping[str, Any]) -> dict:
        """The job of a submitted notebook that holds ``cells``, in whose question cells the answers are typed."""
        paper = transplant(to_text(self.bundle.notebook_of(with_typed(cells, typed))).encode(), self.bundle.skeleton)
        return {**self._job(paper.cells, paper.answers), "found": sorted(paper.found), "jailed": True}

    @contextmanager
    def _seat(self, threads: int | None = None) -> Iterator[_Seat]:
        """An idle process with so many threads; waits for one."""
        wanted = threads or self.threads[0]
        with self._change:
            seat = self._change.wait_for(lambda: next((one for one in self._idle if one.threads == wanted), None))
            assert seat is not None
            self._idle.remove(seat)
        try:
            if not seat.reference:
                job = self._job(self.built.reference, self.answers(self.built.reference))
                seat.reference = _verdicts(seat.ask({**job, "here": True, "name": False}))
            yield seat
        finally:
            with self._change:
                self._idle.append(seat)
                self._change.notify_all()


def with_typed(cells: Sequence[Cell], typed: Mapping[str, Any]) -> tuple[Cell, ...]:
    """``cells`` with plain numbers typed into the question cells, as learners do."""
    text = "".join(f"{name} = {value!r}\n" for name, value in typed.items())
    return tuple(
        replace(cell, source=f"{cell.source.partition(chr(10))[0]}\n{text}") if cell.kind == "question" else cell
        for cell in cells
    )


class _Seat:
    """One judging process, and what it says of the reference."""

    def __init__(self, config: dict, folder: Path, number: int, threads: int):
        self.threads = threads
        self.process = JudgeProcess(config, folder / f"log-{number}", threads)
        self.reference: list[TaskVerdict] = []

    def ask(self, job: dict) -> dict:
        """The answer to ``job``; `JudgeError` if there is none, or if a check broke on it."""
        answer = self.process.judge({"id": 1, **job}, SECONDS)
        if answer["review"]:
            raise JudgeError(answer["review"][0])
        return answer


def _verdicts(answer: dict) -> list[TaskVerdict]:
    return [TaskVerdict.from_dict(task) for task in answer["tasks"]]


def _tier() -> tuple[str, str]:
    """The jail that can be had here, or why there is none."""
    try:
        return tiers.require(), ""
    except tiers.TierUnavailable as error:
        return "", str(error)
