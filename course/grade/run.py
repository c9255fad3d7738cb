"""Grades submissions: transplant, look into the journal, judge what is new, write it down."""

from __future__ import annotations

import hashlib
import itertools
import json
import platform
import queue
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from ..bundle.cells import CHECKED
from ..bundle.engine import installed
from ..bundle.freeze import Bundle, BundleError, latest, of_build
from ..bundle.reading import parse, read
from ..bundle.transplant import Transplanted, transplant
from .faults import Died
from .jail import tiers
from .journal import Journal
from .limits import LIMITS, Limits
from .process import STRIKES, JudgeError, JudgeProcess, Unstarted
from .verdict import EARLIER, FAULT, MANUAL, OTHER_ID, CheckVerdict, TaskVerdict, Verdict
from .written import in_order, read_by_person


@dataclass(frozen=True)
class Paper:
    """A submission to be graded: whose, of which assignment, and where the notebook is (or its bytes).

    ``bundle`` is the hash of what it is to be graded by, where that is not what counts.
    """

    learner: str
    assignment: str
    notebook: Path | bytes
    bundle: str = ""


@dataclass(frozen=True)
class Draft:
    """A verdict that was made to be looked at, beside the one that counts under the same key."""

    key: str
    counts: Verdict
    verdict: Verdict

    @property
    def steady(self) -> bool:
        """Whether both say the same, as they should; a fault of the grader says nothing."""
        return not self.verdict.decided or self.verdict.findings == self.counts.findings


class Late(Exception):
    """A call ran out of time by the clock, which others on this machine can do to anyone."""


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
        self.drafts: dict[tuple[str, str], Draft] = {}
        """What was judged again to be looked at, by assignment and learner; nothing counts it."""
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

    def bundle(self, assignment: str, wanted: str = "", learner: str = "", build: str = "") -> Bundle:
        """What ``learner`` is graded by: the bundle that the notebook names, or whose ``build`` its setup cell names,
        if it was released here, else the one that was released last; or what a regrade put in its place."""
        folder = self.home / "bundles"
        named = folder / assignment / wanted
        bundle = Bundle.open(named) if wanted and named.is_dir() else None
        if bundle is None and build:
            bundle = of_build(folder, assignment, build)
        bundle = bundle or latest(folder, assignment)
        if bundle is None:
            raise BundleError(f"{assignment} was never released in this course home; run `course release` first")
        instead = self.journal.instead_of(bundle.hash, assignment, learner)
        return bundle if instead == bundle.hash else Bundle.open(folder / assignment / instead)

    def grade(self, notebook: Path | bytes, *, learner: str, assignment: str, force: bool = False) -> Verdict:
        """The verdict on one submission: from the journal, else judged now. Raises `reading.Unreadable`.

        A call that ran out of time by the clock (not of CPU time) is judged once more before it counts.
        """
        sheet = Paper(learner, assignment, notebook)
        try:
            return self._grade(sheet, force=force)
        except Late:
            return self._grade(sheet, force=force, last=True)

    def _grade(self, sheet: Paper, *, force: bool = False, last: bool = False, draft: bool = False) -> Verdict:
        """``last``: whatever ran out of time by the clock counts, and else it raises `Late`."""
        data = read(sheet.notebook, self.limits.notebook_mb) if isinstance(sheet.notebook, Path) else sheet.notebook
        parsed = parse(data, self.limits.cells)
        counts = self.bundle(sheet.assignment, parsed.bundle, sheet.learner, parsed.build)
        other = sheet.bundle and sheet.bundle != counts.hash
        bundle = Bundle.open(self.home / "bundles" / sheet.assignment / sheet.bundle) if other else counts
        paper = transplant(parsed, bundle.skeleton)
        key = self._key(bundle, paper, sheet.learner)
        found = self.journal.find(key)
        look = draft and not other
        if found is not None and found.decided and not _struck(found) and not force and not look:
            return found
        verdict = self._judge(bundle, paper, sheet.learner, last)
        verdict = replace(verdict, alone=last, review=(*verdict.review, *self._earlier(bundle, sheet)))
        if found is not None and found.decided and look:
            self.drafts[sheet.assignment, sheet.learner] = Draft(key, found, verdict)
            return verdict
        return self.journal.add(key, verdict, again=found is not None)

    def _earlier(self, bundle: Bundle, sheet: Paper) -> Iterator[str]:
        if not sheet.bundle and bundle.hash != self.bundle(sheet.assignment, learner=sheet.learner).hash:
            yield f"{EARLIER} of this assignment, and was graded as that one."

    def grade_all(
        self, papers: Iterable[Paper], *, force: bool = False, draft: bool = False
    ) -> Iterator[tuple[Paper, Verdict | Exception]]:
        """Grade many, ``jobs`` side by side, in the order in which they finish; an exception concerns one paper.

        What ran out of time by the clock is judged once more at the end, alone, since load must not change a grade.
        A ``draft`` is judged to be looked at: what counts is judged again too, and stays; see `drafts`.
        """
        self.drafts.clear()
        done: queue.SimpleQueue[tuple[Paper, Verdict | Exception]] = queue.SimpleQueue()
        late: list[Paper] = []

        def outcome(paper: Paper, last: bool = False) -> Verdict | Exception:
            try:
                return self._grade(paper, force=force, last=last, draft=draft)
            except Exception as error:
                return error
            except BaseException as error:  # an outcome that nobody caught must not leave the others waiting
                return RuntimeError(f"{type(error).__name__}: {error}")

        with ThreadPoolExecutor(max(1, self.jobs)) as pool:
            count = len([pool.submit(lambda one: done.put((one, outcome(one))), p) for p in papers])
            try:
                for _ in range(count):
                    paper, found = done.get()
                    if isinstance(found, Late):
                        late.append(paper)
                    else:
                        yield paper, found
            except BaseException:  # nobody waits for the rest any more
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        for paper in late:
            yield paper, outcome(paper, last=True)

    def _judge(self, bundle: Bundle, paper: Transplanted, learner: str, last: bool) -> Verdict:
        job = {
            "cells": [cell.to_dict() for cell in paper.cells],
            "learner": learner,
            "found": sorted(paper.found),
            "answers": paper.answers,
            "display": True,
        }
        tier = self.tier
        answer = self._ask(bundle, job)
        if answer.get("late") and not last:
            raise Late
        notes, review = self._remarks(paper, learner)
        tasks: tuple[TaskVerdict, ...]
        if "error" in answer:
            review.append(f"{FAULT}: {answer['error']}")
            checked = (cell.name for cell in bundle.skeleton if cell.kind in CHECKED)
            tasks = tuple(_undecided(task, bundle.contract.points[task]) for task in checked)
        else:
            review += answer["review"]
            tasks = tuple(TaskVerdict.from_dict(task) for task in answer["tasks"])
        tasks = in_order((*tasks, *read_by_person(bundle, paper)), bundle)
        if paper.review:  # no function cell at all: a person looks at it before it is a zero
            tasks = tuple(one if one.status == MANUAL else _undecided(one.name, one.maximum) for one in tasks)
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

    def _remarks(self, paper: Transplanted, learner: str) -> tuple[list[str], list[str]]:
        """What the learner is told, and what a person should know, of how it was read and whose it says it is."""
        notes, review = list(paper.notes), list(paper.review)
        if not paper.learner_id:
            notes.append("The learner cell is empty: what you typed was graded for your own id all the same.")
        elif paper.learner_id != learner:
            review.append(f"{OTHER_ID} = {paper.learner_id[:40]!r}; it was submitted by {learner!r}.")
        if paper.answers and paper.course_id not in ("", self.course_id):
            said = f"course_id = {paper.course_id[:64]!r}, and this course is {self.course_id!r}"
            notes.append(f"Your learner cell says {said}: what you typed was graded for this course's data.")
            review.append(f"The notebook says {said}: the typed answers may be right for other data.")
        return notes, review

    @property
    def seconds(self) -> float:
        """The longest that judging a submission can take, by the clock."""
        one_call = self.limits.cpu * self.limits.wall
        return self.limits.submission + (self.limits.display + one_call) * self.limits.wall

    def _ask(self, bundle: Bundle, job: dict) -> dict:
        """Judge ``job``; again where that died, in the end in a fresh process; the third strike is a fault of ours."""
        answer: dict = {}
        for strike in range(1, STRIKES + 1):
            process = self._take(bundle)
            try:
                return process.judge({**job, "id": next(self._numbers)}, self.seconds)
            except JudgeError as error:
                answer = error.answer or {"error": str(error)}
                if strike > 1:
                    process.close()
                if isinstance(error, Unstarted):
                    break
            finally:
                self._idle[bundle.hash].put(process)
        return answer

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
            "versions": [platform.python_version(), np.__version__, machinery(not bundle.engine)],
        }
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _struck(verdict: Verdict) -> bool:
    """Whether something is missing in it, were it only the pictures, since a process died: the next run tries again."""
    return any(text.startswith(Died.SAID) for text in verdict.review)


def _undecided(task: str, points: float) -> TaskVerdict:
    check = CheckVerdict("judged", "This part has not been graded yet; your instructor looks at it.", points, "fault")
    return TaskVerdict(task, (check,), points)


@cache
def machinery(engine: bool) -> str:
    """A hash of the code that loads, checks and judges, and of the installed ``engine`` where a bundle has none."""
    course = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for path in sorted(path for room in ("bundle", "learn", "grade") for path in (course / room).rglob("*.py")):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for text in installed().values() if engine else ():
        digest.update(hashlib.sha256(text.encode()).digest())
    return digest.hexdigest()[:16]
