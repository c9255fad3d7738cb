"""Judging a class again: the difference is shown first, nothing counts before it is confirmed, both verdicts stay."""

from __future__ import annotations

import getpass
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from ...author.build import weighted
from ...bundle.cells import task_of
from ...bundle.freeze import Bundle, freeze, latest
from ...bundle.notebook import to_notebook
from ...grade.journal import Journal, Regrade
from ...grade.proof import prove
from ...grade.verdict import MANUAL, TaskVerdict, Verdict
from ...wording import sentence
from .. import gradebook, sources
from ..home import Home, HomeError
from ..show import number, one_line
from . import kept
from .grade import ClassGrades, Review, choose, grade_class
from .judging import Judged, grader, judge_all, judged

_PART = re.compile(r"[0-9a-f]{6,32}")
LONGEST = 500
"""Characters of a reason, which stands on learners' pages."""


@dataclass(frozen=True)
class Change:
    """A task whose result is another one now; ``manual`` is what a person gave it, which stays."""

    learner: str
    task: str
    before: str
    now: str
    manual: float | None = None


@dataclass(frozen=True)
class Look:
    """What regrading would do. Nothing of it counts yet.

    ``reworded`` learners have the same result in other words, ``moved`` ones go over to another bundle, and of
    ``unstable`` ones two judgements of the same file by the same bundle differ; ``review`` is what could not be judged.
    """

    slug: str
    bundle: Bundle | None
    everybody: bool
    now: dict[str, Judged]
    changes: tuple[Change, ...]
    reworded: tuple[str, ...]
    moved: tuple[str, ...]
    unstable: tuple[str, ...]
    review: tuple[Review, ...]

    @property
    def changed(self) -> tuple[str, ...]:
        """Learners with another result."""
        return tuple(dict.fromkeys(change.learner for change in self.changes))

    @property
    def idle(self) -> bool:
        """Whether there is nothing to be written down."""
        return not (self.changes or self.reworded or self.moved)


def target(home: Home, slug: str, wanted: str, root: Path) -> Bundle | None:
    """The bundle that ``wanted`` means: "current" (built now from ``root``), "released", or a hash or its beginning.

    None for "": each submission is judged by the bundle that counts for it. `HomeError` where its tasks or their
    points are not those of the gradebook.
    """
    if not wanted:
        return None
    bundle = _current(home, slug, root) if wanted == "current" else _frozen(home, slug, wanted)
    notebook = to_notebook(bundle.skeleton, dict(bundle.contract.points), {})
    marks = [cell["metadata"]["nbgrader"] for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]
    want = {mark["grade_id"]: mark.get("points", 0.0) for mark in marks}
    have, _ = gradebook.all_cells(home, slug)
    if want != have:
        changed = ", ".join(sorted({name for name, _ in have.items() ^ want.items()}))
        raise HomeError(
            f"the cells of {slug}, or their points, are others in this bundle ({changed}); scores of two such versions "
            "do not mix: give the new version another number, or leave them as they were"
        )
    return bundle


def _current(home: Home, slug: str, root: Path) -> Bundle:
    built = sources.built(home, slug, root)
    if problems := prove(built):
        raise HomeError(f"{slug} is not fit to be graded by, so nothing was changed: {'; '.join(problems[:3])}")
    return freeze(home.bundles, weighted(built, sources.factor(home, slug)), released=False)


def _frozen(home: Home, slug: str, wanted: str) -> Bundle:
    if wanted == "released":
        bundle = latest(home.bundles, slug)
        if bundle is None:
            raise HomeError(f"{slug} was never released from this home; release it first")
        return bundle
    there = _bundles(home, slug)
    found = [name for name in there if name.startswith(wanted)] if _PART.fullmatch(wanted) else []
    if len(found) != 1:
        raise HomeError(
            f"{one_line(wanted)!r} names {len(found) or 'none'} of the bundles of {slug} ({', '.join(there)}); say "
            "current, released, or the first letters of a bundle's name"
        )
    return Bundle.open(home.bundles / slug / found[0])


def _bundles(home: Home, slug: str) -> list[str]:
    return sorted(path.name for path in (home.bundles / slug).iterdir() if re.fullmatch(r"[0-9a-f]{32}", path.name))


def look(
    home: Home,
    slug: str,
    *,
    learners: Iterable[str] | None = None,
    bundle: Bundle | None = None,
    jobs: int = 1,
    progress: Callable[[str, int, int], None] | None = None,
) -> Look:
    """Judge the submissions of ``slug``, or of ``learners``, again, and compare with what counts; nothing is changed.

    What has not been graded yet is left to `course grade`.
    """
    chosen, review = choose(home, slug, learners)
    before = {learner: verdict for learner, verdict in kept.counted(home, slug).items() if learner in chosen}
    new = [learner for learner in chosen if learner not in before]
    review += [Review(one, f"is not graded yet; run: course grade {slug} --learner {one}") for one in new]
    now: dict[str, Judged] = {}
    outcomes = judge_all(home, slug, before, jobs=jobs, force=False, bundle=bundle.hash if bundle else "", draft=True)
    for done, (learner, outcome) in enumerate(outcomes, start=1):
        try:
            now[learner] = judged(home, slug, learner, outcome)
            review += [Review(learner, text) for text in now[learner].faults]
        except Exception as error:  # whatever it is, it is one learner's
            review.append(Review(learner, sentence(error)))
        if progress is not None:
            progress(learner, done, len(before))
    return _compared(home, slug, bundle, learners is None, before, dict(sorted(now.items())), review)


def _compared(
    home: Home,
    slug: str,
    bundle: Bundle | None,
    everybody: bool,
    before: dict[str, Verdict],
    now: dict[str, Judged],
    review: list[Review],
) -> Look:
    held = gradebook.class_scores(home, slug)
    manual = {
        (learner, task_of(cell)): row.manual for learner, scores in held.items() for cell, row in scores.rows.items()
    }
    changes, reworded = [], []
    for learner, have in now.items():
        rows = zip(_results(before[learner]), _results(have.verdict), have.verdict.tasks, strict=False)
        mine = [Change(learner, task.name, a, b, manual.get((learner, task.name))) for a, b, task in rows if a != b]
        changes += mine
        if not mine and before[learner].findings != have.verdict.findings:
            reworded.append(learner)
    drafts = grader(home).drafts
    unstable = [one for one in now if (slug, one) in drafts and not drafts[slug, one].steady]
    moved = [one for one, have in now.items() if have.verdict.bundle != before[one].bundle]
    lists = (tuple(changes), tuple(reworded), tuple(moved), tuple(unstable), tuple(review))
    return Look(slug, bundle, everybody, now, *lists)


def _results(verdict: Verdict) -> list[str]:
    return [_result(task) for task in verdict.tasks]


def _result(task: TaskVerdict) -> str:
    if task.status == MANUAL:
        return "waits for a person"
    return f"{'not decided' if task.score is None else task.status} {number(task.score)}"


def settle(home: Home, seen: Look, reason: str, *, jobs: int = 1) -> ClassGrades:
    """Let what was ``seen`` count: write it down, then bring gradebook and notebooks to it by the normal way.

    Killed in between, the next `grade_class`, or the same regrade, finishes. Scores that a person gave stay.
    """
    reason = one_line(reason).strip()[:LONGEST]
    if not reason:
        raise HomeError("regrading needs a reason, which learners read: --reason TEXT")
    made = [one for (slug, learner), one in grader(home).drafts.items() if slug == seen.slug and learner in seen.now]
    count = [(one.key, one.verdict) for one in made if not one.steady]
    Journal(home.path / "journal.db").regrade(_records(home, seen, reason), count)
    return grade_class(home, seen.slug, learners=list(seen.now), jobs=jobs)


def _records(home: Home, seen: Look, reason: str) -> list[Regrade]:
    """One for everybody if all were judged again, and one for each whose result changed, or who was named."""
    who, mine = getpass.getuser(), seen.bundle.hash if seen.bundle else ""
    others = tuple(_bundles(home, seen.slug)) if seen.bundle else ()
    records = [Regrade(seen.slug, "", who, reason, mine, others)] if seen.everybody else []
    if seen.everybody:
        mine, others = "", ()
    for learner, have in seen.now.items():
        changes = tuple(f"{one.task}: {one.before} -> {one.now}" for one in seen.changes if one.learner == learner)
        file = have.submission if changes else ""
        if changes or not seen.everybody:
            records.append(Regrade(seen.slug, learner, who, reason, mine, others, file, changes))
    return records
