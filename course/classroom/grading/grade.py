"""Grading a whole class: each submission through nbgrader's converter, on after every fault, resumable when killed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException

from ...bundle.cells import task_of
from ...grade.journal import JournalError
from ...grade.verdict import MANUAL, Verdict
from ...wording import in_use, sentence
from .. import gradebook
from ..gradebook import Row, Scores
from ..home import Home, HomeError
from ..nbconfig import NbgraderFailed, run
from . import leftovers
from .judging import Judged, judge_all, judged, prepared
from .kept import autograded, sentences
from .plugin import terms

if TYPE_CHECKING:
    from ...grade.machines.cluster import Machines


_REFUSED = (
    *("database is locked", "disk is full", "readonly database", "disk I/O error", "unable to open database file"),
    *("No space left on device", "Disk quota exceeded", "File too large", "Read-only file system"),
)
"""What database and disk say when they cannot be written."""


@dataclass(frozen=True)
class Review:
    """What a person must look at: whose submission, and one sentence."""

    learner: str
    sentence: str


@dataclass(frozen=True)
class ClassGrades:
    """What came of grading a class: verdicts by learner, who was written to the gradebook now, and what to look at.

    ``held`` is what the gradebook holds for them, where a person may have changed a score; ``notes`` are for everybody.
    """

    verdicts: dict[str, Verdict]
    written: tuple[str, ...]
    review: tuple[Review, ...]
    held: dict[str, Scores] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def row(self, learner: str, task: str) -> Row | None:
        """The gradebook's row of a task, if there is one."""
        return self.held[learner].row(task) if learner in self.held else None

    @property
    def waiting(self) -> dict[str, list[str]]:
        """By task, the learners whose text nobody has read and graded yet."""
        found: dict[str, list[str]] = {}
        for learner, verdict in self.verdicts.items():
            for task in verdict.tasks:
                row = self.row(learner, task.name)
                if task.status == MANUAL and (row is None or row.score is None):
                    found.setdefault(task.name, []).append(learner)
        return found

    @property
    def undecided(self) -> list[str]:
        """Learners with a task that neither the grader nor a person has decided, but for texts to be read."""
        waits = {(learner, task) for task, learners in self.waiting.items() for learner in learners}
        return [
            learner
            for learner, scores in self.held.items()
            if any(row.score is None and (learner, task_of(row.cell)) not in waits for row in scores.rows.values())
        ]

    @property
    def needs_person(self) -> bool:
        """Whether anything must be looked at, or read."""
        return bool(self.review or self.waiting)


@gradebook.held_open()
def grade_class(
    home: Home,
    slug: str,
    *,
    learners: Iterable[str] | None = None,
    force: bool = False,
    jobs: int = 1,
    machines: Machines | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> ClassGrades:
    """Grade every collected submission of ``slug`` (or of ``learners`` only) and write the gradebook.

    They are judged by ``jobs`` processes side by side, or on ``machines``; the gradebook is written here all the same.
    What is graded already and agrees with its verdict is left alone unless ``force``; a run that was killed is
    finished by the next. ``progress(learner, done, total)`` is called after each. A fault of the grader, or a
    submission that cannot be read, leaves its tasks ungraded and stands in ``review``; it is never a zero.
    """
    gradebook.enrol(home)
    if not gradebook.cells(home, slug):
        raise HomeError(f"{slug} was never released from this home; release it first")
    gradebook.apply_dates(home, slug)
    chosen, review = choose(home, slug, learners)
    notes = _notes(home, slug)
    verdicts: dict[str, Verdict] = {}
    written: list[str] = []
    faults: list[Review] = []
    outcomes = judge_all(home, slug, chosen, jobs=jobs, force=force, machines=machines)
    for done, (learner, outcome) in enumerate(outcomes, start=1):
        try:
            made = judged(home, slug, learner, outcome)
            written += [learner] * _write(home, slug, learner, made, force)
        except Exception as error:  # whatever it is, it is one learner's, and the class goes on
            if _everybodys(error):
                outcomes.close()
                raise
            faults.append(Review(learner, sentence(error)))
        else:
            verdicts[learner] = made.verdict
            faults += [Review(learner, text) for text in made.faults]
        if progress is not None:
            progress(learner, done, len(chosen))
    leftovers.remove(home, slug)
    held = {learner: scores for learner, scores in gradebook.class_scores(home, slug).items() if learner in verdicts}
    review += [*faults, *_open(verdicts, held)]
    review.sort(key=lambda item: item.learner)
    return ClassGrades(dict(sorted(verdicts.items())), tuple(sorted(written)), tuple(review), held, notes)


def _notes(home: Home, slug: str) -> tuple[str, ...]:
    """What everybody should know before anything is judged."""
    if (home.path / "journal.db").exists() or not any(home.path.glob(f"autograded/*/{slug}/{slug}.ipynb")):
        return ()
    return ("The journal of verdicts (journal.db) was missing; everything was judged again.",)


def _open(verdicts: dict[str, Verdict], held: dict[str, Scores]) -> Iterator[Review]:
    """What a person must still look at; a submission that a person has graded by hand to the end is settled."""
    for learner, verdict in verdicts.items():
        rows = held[learner].rows if learner in held else {}
        for row in rows.values():
            if row.manual is not None and row.needs_manual:
                task = task_of(row.cell)
                given = f"its score {row.manual:g} was given by hand before this verdict"
                yield Review(learner, f"{task} needs manual grade again: {given}; look at it in formgrader")
        settled = not verdict.decided and learner in held and held[learner].score is not None
        for text in () if settled else sentences(verdict):
            yield Review(learner, text)


def choose(home: Home, slug: str, learners: Iterable[str] | None) -> tuple[list[str], list[Review]]:
    """Who is graded, and a sentence for each who was asked for, or lies there, but cannot be."""
    there = {path.parent.name for path in home.submitted.glob(f"*/{slug}") if path.is_dir()}
    wanted, roster, review = there if learners is None else set(learners), home.roster, []
    for learner in sorted(wanted):
        if learner not in roster:
            review.append(Review(learner, f"{learner!r} is not on the roster; add them there and grade again"))
        elif learner not in there:
            review.append(Review(learner, f"{learner!r} has no collected submission of {slug}"))
    return sorted(wanted & there & set(roster)), review


def _write(home: Home, slug: str, learner: str, made: Judged, force: bool) -> bool:
    """Through nbgrader's own autograde converter, with our plug-in; `HomeError` when the effect is not there.

    False where gradebook and notebook hold this verdict already; ``force`` writes even then, unless it is kept only
    because of a fault.
    """
    if (made.faults or not force) and agrees(home, slug, learner, made):
        return False
    try:
        with prepared(home, slug, learner, made):
            run(home, Autograde, (NbGraderException,), slug, learner, force=True)
    except NbgraderFailed as error:
        raise HomeError(_said(learner, str(error))) from None
    if not agrees(home, slug, learner, made):
        raise HomeError(f"the gradebook does not hold the verdict on {learner!r}; grade {slug} again")
    return True


def _said(learner: str, text: str) -> str:
    """What nbgrader said when it could not grade; it tells of a locked gradebook as if that were out of date."""
    remedy = "; nothing is lost: mend that and run this again" if any(one in text for one in _REFUSED) else ""
    return in_use(text) or f"nbgrader could not grade {learner!r}: {text}{remedy}"


def _everybodys(error: Exception) -> bool:
    """Whether nothing can be written for anybody: no use in going on, and a sentence for each learner would drown why.

    What was done stands in journal and gradebook, and the next run goes on from there.
    """
    return isinstance(error, JournalError) or any(text in str(error) for text in _REFUSED)


def agrees(home: Home, slug: str, learner: str, judged: Judged) -> bool:
    """Whether notebook and gradebook hold exactly this verdict on exactly this file, and were finished."""
    _, have = autograded(home, slug, learner) or ({}, {})
    return (
        have.get("finished") is True
        and have.get("digest") == judged.digest
        and have.get("terms") == terms(home, slug, learner)
        and _rows_agree(home, slug, learner, judged.verdict)
    )


def _rows_agree(home: Home, slug: str, learner: str, verdict: Verdict) -> bool:
    have = gradebook.scores(home, slug, learner)
    want = {task.name: task.score for task in verdict.tasks}
    return have is not None and {task_of(name): row.auto for name, row in have.rows.items()} == want
