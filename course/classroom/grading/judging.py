"""One grader per process, whichever door a submission came through, and a verdict even where nothing can be read."""

from __future__ import annotations

import atexit
import hashlib
import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ...bundle.freeze import Bundle, latest
from ...bundle.reading import Unreadable, read
from ...bundle.transplant import transplant
from ...grade.verdict import CheckVerdict, TaskVerdict, Verdict
from ..home import Home, HomeError
from ..opening import check
from ..settings import Settings
from . import kept, written

if TYPE_CHECKING:
    from ...grade.machines.cluster import Machines
    from ...grade.run import Grader


@dataclass(frozen=True)
class Judged:
    """A submission's verdict, the notebook to show for it (nbformat JSON), a hash of its bytes, and if it was read.

    ``faults`` say what could not be judged though it was judged before, so that the verdict from then stays; ``same``
    is its digest then.
    """

    verdict: Verdict
    notebook: dict
    submission: str
    readable: bool = True
    faults: tuple[str, ...] = ()
    same: str = ""

    @property
    def digest(self) -> str:
        """Names exactly this verdict, pictures included, on exactly this file."""
        return self.same or hashlib.sha256(f"{self.submission}\n{self.verdict.to_json()}".encode()).hexdigest()


_graders: dict[tuple[int, str, Settings, Machines | None], Grader] = {}
_prepared: dict[tuple[str, str, str], Judged] = {}


def make(home: Home, machines: Machines | None = None) -> Grader:
    """A new grader for ``home``; `HomeError` when its secret is damaged or it is not of one course."""
    from ...grade.run import Grader

    check(home)
    settings = home.settings
    if machines is None:
        return Grader(home.path, course_id=settings.course_id, limits=settings.limits, floor=settings.floor)
    from ...grade.machines.cluster import Cluster

    return Cluster(home.path, machines, course_id=settings.course_id, limits=settings.limits, floor=settings.floor)


def grader(home: Home, jobs: int | None = None, machines: Machines | None = None) -> Grader:
    """This process's grader for ``home``, made when it is first needed and closed when the process ends."""
    key = (os.getpid(), str(home.path), home.settings, machines)
    if key not in _graders:
        if not _graders:
            atexit.register(close)
        _graders[key] = make(home, machines)
    if jobs is not None:
        _graders[key].jobs = jobs
    return _graders[key]


def close() -> None:
    """End the graders of this process; the next submission makes a new one."""
    for key in [key for key in _graders if key[0] == os.getpid()]:  # a fork inherits the others' handles
        _graders.pop(key).close()


def judge(home: Home, slug: str, learner: str) -> Judged:
    """The verdict on a collected submission, and the notebook to show for it.

    What cannot be read gets a verdict that leaves every task undecided and stands on the review list: never zero.
    `HomeError` when the assignment was never released.
    """
    if (made := _prepared.get((str(home.path), slug, learner))) is not None:
        return made
    outcome: Verdict | Exception
    try:
        path = home.notebook("submitted", slug, learner)
        outcome = grader(home).grade(path, learner=learner, assignment=slug)
    except Unreadable as error:
        outcome = error
    return judged(home, slug, learner, outcome)


def judge_all(
    home: Home,
    slug: str,
    learners: Iterable[str],
    *,
    jobs: int,
    force: bool,
    bundle: str = "",
    draft: bool = False,
    machines: Machines | None = None,
) -> Generator[tuple[str, Verdict | Exception], None, None]:
    """The outcome for each learner, as it comes, ``jobs`` side by side, or on ``machines``; a ``draft`` by ``bundle``
    is for a look."""
    from ...grade.run import Paper

    papers = [Paper(learner, slug, home.notebook("submitted", slug, learner), bundle) for learner in learners]
    for paper, outcome in grader(home, jobs, machines).grade_all(papers, force=force, draft=draft):
        yield paper.learner, outcome


@contextmanager
def prepared(home: Home, slug: str, learner: str, made: Judged) -> Iterator[None]:
    """While this lasts, `judge` of this submission, which the plug-in calls, is ``made``; it is not judged twice."""
    key = (str(home.path), slug, learner)
    _prepared[key] = made
    try:
        yield
    finally:
        _prepared.pop(key, None)


def judged(home: Home, slug: str, learner: str, outcome: Verdict | Exception) -> Judged:
    """What to show for an outcome; raises any exception but that the submission cannot be read.

    Where a fault left a task undecided that was decided before, for the same file, what was decided stays.
    """
    try:
        if isinstance(outcome, Exception):
            raise outcome
        limits = home.settings.limits
        data = read(home.notebook("submitted", slug, learner), limits.notebook_mb)
        bundle = Bundle.open(home.bundles / slug / outcome.bundle)
        paper = transplant(data, bundle.skeleton, limits.cells)
    except Unreadable as error:
        return _unread(home, slug, learner, str(error))
    submission = hashlib.sha256(data).hexdigest()
    found = kept.restore(home, submission, outcome)
    notebook = bundle.notebook_of(paper.cells)
    written.literal(notebook, bundle.skeleton)
    verdict = replace(found.verdict, again=kept.told(home, slug, learner, submission))
    return Judged(verdict, notebook, submission, faults=found.faults, same=found.digest)


def _unread(home: Home, slug: str, learner: str, sentence: str) -> Judged:
    bundle = latest(home.bundles, slug)
    if bundle is None:
        raise HomeError(f"{slug} was never released from this home, so nothing says how to grade it; release it first")
    verdict = Verdict(
        learner=learner,
        assignment=slug,
        bundle=bundle.hash,
        tier="",
        tasks=tuple(_undecided(task, points, sentence) for task, points in bundle.contract.points.items()),
        review=(sentence,),
    )
    return Judged(verdict, bundle.release_notebook(home.settings.course_id), "", readable=False)


def _undecided(task: str, points: float, sentence: str) -> TaskVerdict:
    check = CheckVerdict(
        id="unread",
        sentence="The notebook could not be read.",
        points=points,
        status="fault",
        detail=sentence,
        visible=True,
    )
    return TaskVerdict(name=task, checks=(check,), maximum=points)
