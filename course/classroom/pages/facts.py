"""What is known of a class's work: who handed in and when, what it came to, which checks were hard, what went wrong.

Everything is read from the course home, and nothing is changed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from statistics import fmean, median
from typing import Any

from ...bundle.cells import grade_id
from ...bundle.freeze import Bundle, BundleError, latest
from ...grade.verdict import TaskVerdict, Verdict
from .. import gradebook
from ..doors import stamps
from ..gradebook import Scores
from ..grading import kept
from ..home import Home, HomeError
from ..roster import Learner
from .similar import OWN_CELLS

_MARKS = re.compile(r"(?m)^ *### (?:BEGIN|END) SOLUTION\n?")


@dataclass(frozen=True)
class Work:
    """What is known of one learner on the roster and one assignment.

    ``submitted`` and ``due`` are UTC, naive; ``current`` says that the verdict is on what was handed in last; ``codes``
    are the learner's cells by task, those of their own under `OWN_CELLS`.
    """

    learner: Learner
    handed_in: bool = False
    submitted: datetime | None = None
    due: datetime | None = None
    verdict: Verdict | None = None
    scores: Scores | None = None
    current: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)

    @property
    def late(self) -> bool:
        """Whether it came after the learner's own deadline."""
        return self.submitted is not None and self.due is not None and self.submitted > self.due

    @property
    def graded(self) -> bool:
        """Whether the gradebook has a decided score for it, which is on what was handed in last."""
        return self.current and self.score is not None

    @property
    def undecided(self) -> bool:
        """Whether it was judged, and something in it needs a person."""
        return self.current and self.score is None

    @property
    def score(self) -> float | None:
        """Points after the penalty; None where anything is undecided, or nothing graded."""
        return self.scores.score if self.scores is not None and self.scores.rows else None

    def points(self, task: str) -> float | None:
        """The points of one task, a person's before the grader's; None while undecided."""
        row = self.scores.row(task) if self.scores is not None else None
        return None if row is None else row.score


@dataclass(frozen=True)
class Facts:
    """One assignment and everybody's work on it, in the roster's order.

    ``points`` are the tasks' maxima; ``closed`` the last deadline of anybody; ``strangers`` handed in, but are not on
    the roster. ``given`` are the texts of all cells that everybody was given, ``reference`` the reference's by task.
    """

    slug: str
    title: str
    points: Mapping[str, float]
    works: tuple[Work, ...]
    due: datetime | None = None
    strangers: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    reference: Mapping[str, str] = field(default_factory=dict)

    @property
    def maximum(self) -> float:
        """What the assignment is worth."""
        return round(sum(self.points.values()), 6)

    @property
    def handed_in(self) -> list[Work]:
        """The work of those who handed in."""
        return [work for work in self.works if work.handed_in]

    @property
    def missing(self) -> list[Work]:
        """Those on the roster of whom nothing was collected."""
        return [work for work in self.works if not work.handed_in]

    @property
    def waiting(self) -> list[Work]:
        """Those whose last submission was collected and not judged yet."""
        return [work for work in self.handed_in if not work.current]

    @property
    def judged(self) -> list[tuple[Learner, Verdict]]:
        """Every learner with a verdict, and it."""
        return [(work.learner, work.verdict) for work in self.works if work.verdict is not None]

    @property
    def scores(self) -> list[float]:
        """The decided scores."""
        return [work.score for work in self.works if work.score is not None]

    @property
    def median(self) -> float | None:
        """The median of the decided scores."""
        return median(self.scores) if self.scores else None

    @property
    def mean(self) -> float | None:
        """The mean of the decided scores."""
        return fmean(self.scores) if self.scores else None


@dataclass(frozen=True)
class Passed:
    """How many of the learners for whom a check, or all of a topic, was decided passed it."""

    task: str
    sentence: str
    topic: str
    visible: bool
    passed: int
    of: int

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return self.passed / self.of if self.of else 0.0


@dataclass(frozen=True)
class Mistake:
    """Something that went wrong in a task, named (by the sentence of its cause) or not, and for whom."""

    task: str
    names: tuple[str, ...]
    cause: str
    learners: tuple[Learner, ...]


def gather(home: Home, slug: str) -> Facts:
    """Everything about one released assignment; `HomeError` where it was never released."""
    bundle = latest(home.bundles, slug)
    if bundle is None:
        raise HomeError(f"{slug} was never released from this home; release it first")
    roster = home.roster
    scores = gradebook.class_scores(home, slug)
    due, extended = gradebook.due_dates(home, slug)
    works = tuple(
        _work(home, slug, learner, scores.get(learner.id), extended.get(learner.id, due)) for learner in roster.values()
    )
    used = {work.verdict.bundle for work in works if work.verdict is not None} - {bundle.hash}
    bundles = [bundle, *_others(home.bundles / slug, used)]
    there = {path.parent.name for path in home.submitted.glob(f"*/{slug}") if path.is_dir()}
    return Facts(
        slug=slug,
        title=bundle.contract.title,
        points=dict(bundle.contract.points),
        works=works,
        due=due,
        strangers=tuple(sorted(there - set(roster))),
        given=tuple(cell.source for one in bundles for cell in one.skeleton if cell.kind not in {"prose", "written"}),
        reference={
            cell.name: _MARKS.sub("", cell.source)
            for cell in bundle.reference
            if cell.kind in {"function", "experiment"}
        },
    )


def _others(folder: Path, hashes: set[str]) -> list[Bundle]:
    """Older bundles that verdicts were made from, as far as they are still there."""
    found = []
    for name in sorted(hashes & {path.name for path in folder.iterdir()}):
        try:
            found.append(Bundle.open(folder / name))
        except BundleError:
            continue  # it was of use for comparing only
    return found


def _work(home: Home, slug: str, learner: Learner, scores: Scores | None, due: datetime | None) -> Work:
    if not home.notebook("submitted", slug, learner.id).parent.is_dir():
        return Work(learner, due=due, scores=scores)
    came, graded = (home.stamp(step, slug, learner.id) for step in ("submitted", "autograded"))
    verdict, finished, codes = _read(home, slug, learner.id)
    return Work(
        learner=learner,
        handed_in=True,
        submitted=stamps.time_of(came),
        due=due,
        verdict=verdict,
        scores=scores,
        current=finished and scores is not None and came == graded,
        codes=codes,
    )


def _read(home: Home, slug: str, learner: str) -> tuple[Verdict | None, bool, dict[str, str]]:
    """An autograded notebook's verdict, whether the gradebook has it, and the learner's cells by task."""
    notebook, course = kept.autograded(home, slug, learner) or ({}, {})
    try:
        verdict = Verdict.from_json(course["verdict"])
        cells = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"}
    except (ValueError, KeyError, TypeError):
        return None, False, {}
    names = {
        task.name: grade_id(kind, task.name)
        for task in verdict.tasks
        for kind in ("function", "experiment")
        if grade_id(kind, task.name) in cells
    }  # an answer is a number: it says nothing about who wrote it
    codes = {task: cells[name] for task, name in names.items()}
    if own := "\n".join(text for name, text in cells.items() if name.startswith("own-")):
        codes[OWN_CELLS] = own
    return verdict, course.get("finished") is True, codes


def checks(facts: Facts) -> list[Passed]:
    """Every check with how many passed it, the hardest first; a check that a fault left undecided does not count."""
    passed, of = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    about = {}
    for _, verdict in facts.judged:
        for task in verdict.tasks:
            for check in task.checks:
                if check.status != "fault" and not task.written:
                    key = (task.name, check.id)
                    about[key] = check
                    of[key] += 1
                    passed[key] += check.status == "passed"
    found = [
        Passed(task, check.sentence, check.topic, check.visible, passed[task, name], of[task, name])
        for (task, name), check in about.items()
    ]
    return sorted(found, key=lambda one: one.share)


def topics(facts: Facts) -> list[Passed]:
    """The hidden checks' topics, over all tasks, with how often their checks were passed, the hardest first."""
    found: dict[str, Passed] = {}
    for one in checks(facts):
        if one.topic and not one.visible:
            have = found.get(one.topic, Passed("", "", one.topic, False, 0, 0))
            tasks = sorted({*have.task.split(", "), one.task} - {""}, key=list(facts.points).index)
            found[one.topic] = Passed(
                ", ".join(tasks), "", one.topic, False, have.passed + one.passed, have.of + one.of
            )
    return sorted(found.values(), key=lambda one: one.share)


def mistakes(facts: Facts) -> list[Mistake]:
    """The mistakes that have a name, the commonest first."""
    return _grouped(facts, lambda task: (task.mistakes, task.cause) if task.cause else None)


def unnamed(facts: Facts) -> list[Mistake]:
    """What went wrong without a known name, by how it ended, the commonest first."""

    def ending(task: TaskVerdict) -> tuple[tuple[str, ...], str] | None:
        known = task.cause or task.written or task.status in {"passed", "fault"}
        return None if known else ((task.status,), "")

    return _grouped(facts, ending)


def _grouped(facts: Facts, key: Any) -> list[Mistake]:
    found: dict[tuple, list[Learner]] = {}
    for learner, verdict in facts.judged:
        for task in verdict.tasks:
            if (said := key(task)) is not None:
                found.setdefault((task.name, *said), []).append(learner)
    made = [Mistake(task, names, cause, tuple(who)) for (task, names, cause), who in found.items()]
    return sorted(made, key=lambda one: (-len(one.learners), one.task, one.names))
