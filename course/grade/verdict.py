"""What grading a submission says: one record a check, a task and a submission, as plain data."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

MANUAL = "manual"
"""The status of what no check decides, since a person reads it: it has no score, and nothing went wrong."""

READ = "read-by-a-person"
"""The id of what stands in the place of a text's checks."""

STATUSES = ("passed", "failed", "error", "timeout", "memory", "crashed", "missing", MANUAL, "fault")
"""In the order of what a task is called by when its checks differ: the last of these that any of them has."""

OTHER_ID = "The notebook says learner_id"
FAULT = "The grader had a fault"
EARLIER = "The notebook is of an earlier release"
"""How sentences of a verdict's review list begin."""


@dataclass(frozen=True)
class CheckVerdict:
    """One check: its id, the sentence that learners read, its points, its status and what was seen."""

    id: str
    sentence: str
    points: float
    status: str
    detail: str = ""
    topic: str = ""
    visible: bool = False


@dataclass(frozen=True)
class TaskVerdict:
    """One function, experiment, question or text. ``score`` is None when a fault of the grader left it undecided, and
    where it waits for a person.

    ``mistakes`` are the ids of the known mistakes that behave exactly like this answer, ``cause`` what they say to
    the learner, ``hints`` the ladder of the first; all empty where nothing matches, or more than one thing does.
    ``trace`` names what its checks saw, the same for answers that go wrong in the same way (empty where all is well);
    ``clock`` says that a call was ended by the clock, not by the CPU time that it used.
    """

    name: str
    checks: tuple[CheckVerdict, ...]
    maximum: float
    note: str = ""
    mistakes: tuple[str, ...] = ()
    cause: str = ""
    hints: tuple[str, ...] = ()
    trace: str = ""
    clock: bool = False

    @classmethod
    def from_dict(cls, data: dict) -> TaskVerdict:
        """A task's verdict from plain data, as `dataclasses.asdict` makes it."""
        lists = {name: tuple(data.get(name, ())) for name in ("mistakes", "hints")}
        return cls(**{**data, **lists, "checks": tuple(CheckVerdict(**check) for check in data["checks"])})

    @property
    def score(self) -> float | None:
        """Points of the checks that passed; None as soon as one check is a fault of the grader, or a person's."""
        if any(check.status in {"fault", MANUAL} for check in self.checks):
            return None
        return round(sum(check.points for check in self.checks if check.status == "passed"), 6)

    @property
    def status(self) -> str:
        """The gravest status among the checks."""
        return max((check.status for check in self.checks), key=STATUSES.index, default="fault")

    @property
    def written(self) -> bool:
        """Whether it is a text, which a person reads, and no check looks at."""
        return any(check.id == READ for check in self.checks)

    @property
    def undecided(self) -> bool:
        """Whether a fault of the grader left it without a score; what waits for a person as it should is not that."""
        return self.score is None and self.status != MANUAL

    @property
    def sentence(self) -> str:
        """The one sentence for a table: the cause if it is known, else the first check that did not pass."""
        if self.cause:
            return self.cause
        for check in self.checks:
            if check.status == self.status != "passed":
                return check.detail or check.sentence
        return "All checks pass."


@dataclass(frozen=True)
class Verdict:
    """One submission. ``outputs`` maps a cell id to nbformat outputs (already sanitised) for display.

    ``alone`` says that it was judged once more, alone, since the clock had ended a call while others were graded beside
    it; ``again`` is what the learner reads where it was regraded.
    """

    learner: str
    assignment: str
    bundle: str
    tier: str
    tasks: tuple[TaskVerdict, ...]
    notes: tuple[str, ...] = ()
    review: tuple[str, ...] = ()
    outputs: dict[str, list[dict]] = field(default_factory=dict)
    alone: bool = False
    again: str = ""

    @property
    def findings(self) -> tuple:
        """What was found, to hold two verdicts on one file against each other: every check's status and words."""
        return tuple((task.name, [(c.id, c.status, c.points, c.detail) for c in task.checks]) for task in self.tasks)

    @property
    def score(self) -> float | None:
        """Sum over the tasks; None when any task is undecided, or waits for a person."""
        scores = [task.score for task in self.tasks]
        return None if None in scores or not scores else round(sum(s for s in scores if s is not None), 6)

    @property
    def decided(self) -> bool:
        """Whether the grader did all that it can: no task is undecided, though a person may still have to read some."""
        return bool(self.tasks) and not any(task.undecided for task in self.tasks)

    @property
    def maximum(self) -> float:
        """What the assignment is worth."""
        return round(sum(task.maximum for task in self.tasks), 6)

    def task(self, name: str) -> TaskVerdict:
        """The verdict of the task called ``name``."""
        return next(task for task in self.tasks if task.name == name)

    def to_json(self) -> str:
        """The journal's form."""
        return json.dumps(asdict(self), sort_keys=True)

    @classmethod
    def from_json(cls, text: str) -> Verdict:
        """The inverse of `to_json`."""
        data = json.loads(text)
        data["tasks"] = tuple(TaskVerdict.from_dict(task) for task in data["tasks"])
        data["notes"], data["review"] = tuple(data["notes"]), tuple(data["review"])
        return cls(**data)
