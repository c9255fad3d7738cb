"""Grades submissions: transplant, look into the journal, judge what is new, write it down."""

from __future__ import annotations

import hashlib
import itertools
import json
import platform
import queue
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from ..bundle.freeze import Bundle, BundleError, latest
from ..bundle.reading import parse, read
from ..bundle.transplant import Transplanted, transplant
from .jail import tiers
from .journal import Journal
from .limits import LIMITS, Limits
from .process import JudgeError, JudgeProcess
from .verdict import CheckVerdict, TaskVerdict, Verdict


@dataclass(frozen=True)
class Paper:
    """A submission to be graded: whose, of which assignment, and where the notebook is (or its bytes)."""

    learner: str
    assignment: str
    notebook: Path | bytes


class Late(Exception):
    """A call ran out of time by the clock while others were graded beside it."""


class Grader:
    """Owns the judging processes and the journal of one course home; a context manager.

    ``home`` holds ``bundles/``, ``secret`` and ``journal.db``; ``floor`` is the weakest tier that grades of record may
    be made in; ``jobs`` how many judging processes run side by side.
    """

    def __init__(
        self,
        home: Path,
        *,
        course_id: str,
        jobs: int = 1,
        limits: Limits = LIMITS,
        floor: str = "T2",
        tier: str = "auto",
    ):
        self.home, self.course_id, self.jobs, self.limits = home, course_id, jobs, limits
        self.floor, self._wanted = floor, tier
        self.journal = Journal(home / "journal.db")
        self._idle: dict[str, queue.SimpleQueue[JudgeProcess]] = {}
        self._all: list[JudgeProcess] = []
        self._numbers = itertools.count(1)

    def __enter__(self) -> Grader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every judging process."""
        for process in self._all:
            process.close()
        self._all.clear()
        self._idle.clear()

    @cached_property
    def tier(self) -> str:
        """The tier in which this grader works; `tiers.TierUnavailable` when it is below the floor."""
        if self._wanted != "auto":
            return self._wanted
        return tiers.require(self.floor)

    def bundle(self, assignment: str, wanted: str = "") -> Bundle:
        """The bundle that a notebook names if it was released here, else the one that was released last."""
        folder = self.home / "bundles"
        named = folder / assignment / wanted
        if wanted and named.is_dir():
            return Bundle.open(named)
        bundle = latest(folder, assignment)
        if bundle is None:
            raise BundleError(f"{assignment} was never released in this course home; run `course release` first")
        return bundle

    def grade(
        self, notebook: Path | bytes, *, learner: str, assignment: str, force: bool = False, alone: bool = True
    ) -> Verdict:
        """The verdict on one submission: from the journal, else judged now. Raises `reading.Unreadable`.

        Not ``alone``, a call that ran out of time by the clock (not of CPU time) raises `Late` instead of counting.
        """
        data = read(notebook, self.limits.notebook_mb) if isinstance(notebook, Path) else notebook
        parsed = parse(data, self.limits.cells)
        bundle = self.bundle(assignment, parsed.bundle)
        paper = transplant(parsed, bundle.skeleton)
        key = self._key(bundle, paper, learner)
        found = self.journal.find(key)
        if found is not None and not force and found.score is not None:
            return found
        verdict = self._judge(bundle, paper, learner, alone)
        return self.journal.add(key, verdict, again=found is not None)

    def grade_all(self, papers: Iterable[Paper], *, force: bool = False) -> Iterator[tuple[Paper, Verdict | Exception]]:
        """Grade many, ``jobs`` side by side, in the order in which they finish; an exception concerns one paper.

        What ran out of time by the clock is judged once more at the end, alone, since load must not change a grade.
        """
        done: queue.SimpleQueue[tuple[Paper, Verdict | Exception]] = queue.SimpleQueue()
        late: list[Paper] = []

        def outcome(paper: Paper, alone: bool) -> Verdict | Exception:
            try:
                return self.grade(
                    paper.notebook, learner=paper.learner, assignment=paper.assignment, force=force, alone=alone
                )
            except Exception as error:
                return error
            except BaseException as error:  # an outcome that nobody caught must not leave the others waiting
                return RuntimeError(f"{type(error).__name__}: {error}")

        with ThreadPoolExecutor(max(1, self.jobs)) as pool:
            count = len([pool.submit(lambda one: done.put((one, outcome(one, self.jobs == 1))), p) for p in papers])
            for _ in range(count):
                paper, found = done.get()
                if isinstance(found, Late):
                    late.append(paper)
                else:
                    yield paper, found
        for paper in late:
            yield paper, outcome(paper, True)

    def _judge(self, bundle: Bundle, paper: Transplanted, learner: str, alone: bool) -> Verdict:
        job = {
            "cells": [cell.to_dict() for cell in paper.cells],
            "learner": learner,
            "found": sorted(paper.found),
            "answers": paper.answers,
            "display": True,
        }
        tier = self.tier
        answer, review = self._ask(bundle, job), list(paper.review)
        if answer.get("late") and not alone:
            raise Late
        notes = list(paper.notes)
        if not paper.learner_id:
            notes.append("The learner cell is empty: what you typed was graded for your own id all the same.")
        elif paper.learner_id != learner:
            review.append(f"The notebook says learner_id = {paper.learner_id[:40]!r}; it was submitted by {learner!r}.")
        if bundle.hash != self.bundle(bundle.slug).hash:
            review.append("The notebook is of an earlier release of this assignment, and was graded as that one.")
        tasks: tuple[TaskVerdict, ...]
        if "error" in answer:
            review.append(f"The grader had a fault: {answer['error']}")
            tasks = tuple(_undecided(task, points) for task, points in bundle.contract.points.items())
        else:
            review += answer["review"]
            tasks = tuple(TaskVerdict.from_dict(task) for task in answer["tasks"])
        if paper.review:  # no function cell at all: a person looks at it before it is a zero
            tasks = tuple(_undecided(task.name, task.maximum) for task in tasks)
        return Verdict(
            learner=learner,
            assignment=bundle.slug,
            bundle=bundle.hash,
            tier=tier,
            tasks=tasks,
            notes=tuple(notes),
            review=tuple(review),
            outputs=answer.get("outputs", {}),
        )

    def _ask(self, bundle: Bundle, job: dict) -> dict:
        """Judge ``job``; once more, alone in a fresh process, when the first one failed; then it is a fault of ours."""
        one_call = self.limits.cpu * self.limits.wall
        seconds = self.limits.submission + (self.limits.display + one_call) * self.limits.wall
        reason = ""
        for _ in range(2):
            process = self._take(bundle)
            try:
                return process.judge({**job, "id": next(self._numbers)}, seconds)
            except JudgeError as error:
                reason = str(error)
                process.close()
            finally:
                self._idle[bundle.hash].put(process)
        return {"error": reason}

    def _take(self, bundle: Bundle) -> JudgeProcess:
        idle = self._idle.setdefault(bundle.hash, queue.SimpleQueue())
        try:
            return idle.get_nowait()
        except queue.Empty:
            config = {
                "bundle": str(bundle.path),
                "limits": self.limits.to_dict(),
                "secret": (self.home / "secret").read_text().strip(),
                "course_id": self.course_id,
                "tier": self.tier,
            }
            process = JudgeProcess(config, self.home / "judge.log")
            self._all.append(process)
            return process

    def _key(self, bundle: Bundle, paper: Transplanted, learner: str) -> str:
        """The verdict key: everything that can change a verdict."""
        facts = {
            "bundle": bundle.hash,
            "cells": paper.digest,
            "found": sorted(paper.found),
            "learner": learner,
            "course": self.course_id,
            "limits": self.limits.to_dict(),
            "tier": self.tier,
            "versions": [platform.python_version(), np.__version__, machinery()],
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _undecided(task: str, points: float) -> TaskVerdict:
    check = CheckVerdict("judged", "This part has not been graded yet; your instructor looks at it.", points, "fault")
    return TaskVerdict(task, (check,), points)


@cache
def machinery() -> str:
    """A hash of the engine and of the code that loads, checks and judges."""
    import autograd_mini

    course = Path(__file__).resolve().parents[1]
    folders = [Path(autograd_mini.__file__).parent, *(course / room for room in ("bundle", "learn", "grade"))]
    digest = hashlib.sha256()
    for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]
