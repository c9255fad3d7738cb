"""Grading a whole class: each submission through nbgrader's converter, on after every fault, resumable when killed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException

from ..bundle.cells import grade_id
from ..grade.verdict import Verdict
from . import gradebook
from .exchange import course_directory
from .home import Home, HomeError
from .judging import Judged, judge_all, judged, prepared
from .nbconfig import config, quiet


@dataclass(frozen=True)
class Review:
    """What a person must look at: whose submission, and one sentence."""

    learner: str
    sentence: str


@dataclass(frozen=True)
class ClassGrades:
    """What came of grading a class: verdicts by learner, who was written to the gradebook now, and what to look at."""

    verdicts: dict[str, Verdict]
    written: tuple[str, ...]
    review: tuple[Review, ...]


def grade_class(
    home: Home,
    slug: str,
    *,
    learners: Iterable[str] | None = None,
    force: bool = False,
    jobs: int = 1,
    progress: Callable[[str, int, int], None] | None = None,
) -> ClassGrades:
    """Grade every collected submission of ``slug`` (or of ``learners`` only) and write the gradebook.

    What is graded already and agrees with its verdict is left alone unless ``force``; a run that was killed is
    finished by the next. ``progress(learner, done, total)`` is called after each. A fault of the grader, or a
    submission that cannot be read, leaves its tasks ungraded and stands in ``review``; it is never a zero.
    """
    gradebook.enrol(home)
    if not gradebook.cells(home, slug):
        raise HomeError(f"{slug} was never released from this home; release it first")
    chosen, review = _choose(home, slug, learners)
    verdicts: dict[str, Verdict] = {}
    written: list[str] = []
    outcomes = judge_all(home, slug, chosen, jobs=jobs, force=force)
    for done, (learner, outcome) in enumerate(outcomes, start=1):
        try:
            made = judged(home, slug, learner, outcome)
            wrote = force or not agrees(home, slug, learner, made)
            if wrote:
                _write(home, slug, learner, made)
        except Exception as error:  # whatever it is, it is one learner's, and the class goes on
            review.append(Review(learner, str(error) or type(error).__name__))
        else:
            verdicts[learner] = made.verdict
            written += [learner] * wrote
            review += [Review(learner, sentence) for sentence in sentences(made.verdict)]
        if progress is not None:
            progress(learner, done, len(chosen))
    review.sort(key=lambda item: item.learner)
    return ClassGrades(dict(sorted(verdicts.items())), tuple(sorted(written)), tuple(review))


def _choose(home: Home, slug: str, learners: Iterable[str] | None) -> tuple[list[str], list[Review]]:
    """Who is graded, and a sentence for each who was asked for, or lies there, but cannot be."""
    there = {path.parent.name for path in home.submitted.glob(f"*/{slug}") if path.is_dir()}
    wanted, roster, review = there if learners is None else set(learners), home.roster, []
    for learner in sorted(wanted):
        if learner not in roster:
            review.append(Review(learner, f"{learner!r} is not on the roster; add them there and grade again"))
        elif learner not in there:
            review.append(Review(learner, f"{learner!r} has no collected submission of {slug}"))
    return sorted(wanted & there & set(roster)), review


def sentences(verdict: Verdict) -> list[str]:
    """What a person must know of a verdict: its review list, and each task that a fault left undecided."""
    undecided = [task for task in verdict.tasks if task.score is None]
    found = list(verdict.review)
    if undecided and not found:
        found = [f"{', '.join(task.name for task in undecided)} could not be decided: {undecided[0].sentence}"]
    return found


def _write(home: Home, slug: str, learner: str, made: Judged) -> None:
    """Through nbgrader's own autograde converter, with our plug-in; `HomeError` when the effect is not there."""
    with quiet() as (log, heard), prepared(home, slug, learner, made):
        coursedir = course_directory(home, log, assignment_id=slug, student_id=learner)
        converter = Autograde(coursedir=coursedir, config=config(home), log=log)
        converter.force = True
        try:
            converter.start()
        except NbGraderException as error:
            raise HomeError(f"nbgrader could not grade {learner!r}: {heard.last or error}") from None
    if not agrees(home, slug, learner, made):
        raise HomeError(f"the gradebook does not hold the verdict on {learner!r}; grade {slug} again")


def agrees(home: Home, slug: str, learner: str, judged: Judged) -> bool:
    """Whether notebook and gradebook hold exactly this verdict on exactly this file, and were finished."""
    have = _stamp(home, slug, learner)
    return (
        have.get("finished") is True
        and have.get("digest") == judged.digest
        and _rows_agree(home, slug, learner, judged.verdict)
    )


def _stamp(home: Home, slug: str, learner: str) -> dict[str, Any]:
    """What the plug-in left in an autograded notebook; empty where the notebook is missing or broken off."""
    try:
        notebook = json.loads(home.notebook("autograded", slug, learner).read_bytes())
        return dict(notebook["metadata"]["course"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _rows_agree(home: Home, slug: str, learner: str, verdict: Verdict) -> bool:
    have = gradebook.scores(home, slug, learner)
    want = {grade_id("check", task.name): task.score for task in verdict.tasks}
    return have is not None and {name: row.auto for name, row in have.rows.items()} == want
