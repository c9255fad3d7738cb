"""Grades the same notebooks again and again: does any verdict differ, and how near did calls come to their limits?"""

from __future__ import annotations

import json
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from course.grade import process
from course.grade.limits import LIMITS, Limits
from course.grade.run import Paper
from course.grade.verdict import Verdict
from tests.benchmarks.grading_class import COURSE, Sheet
from tests.benchmarks.grading_runs import NoDisplay

from . import watched

Found = dict[str, Any]


@dataclass
class Seen:
    """What came of the verdicts: the first one of each learner, counts, and a sentence for each thing that is wrong."""

    first: dict[str, tuple] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    problems: Counter[str] = field(default_factory=Counter)

    def add(self, sheet: Sheet, outcome: Verdict | Exception) -> None:
        """Another outcome for ``sheet``, whose every check must pass, and as it did the first time."""
        self.counts["verdicts"] += 1
        if isinstance(outcome, Exception):
            self.counts["faults"] += 1
            self.problems[f"{sheet.plays}: {type(outcome).__name__}: {outcome}"] += 1
            return
        self.counts["late"] += outcome.alone
        self.counts["faults"] += not outcome.decided
        wrong = [(task.name, check) for task in outcome.tasks for check in task.checks if check.status != "passed"]
        self.counts["wrong"] += bool(wrong)
        for task, check in wrong:
            self.problems[f"{sheet.plays}: {task}, {check.id}: {check.status}; {check.detail}"] += 1
        for text in outcome.review:
            self.problems[f"{sheet.plays}: for review: {text}"] += 1
        if self.first.setdefault(sheet.learner, outcome.findings) != outcome.findings:
            self.counts["changed"] += 1
            self.problems[f"{sheet.plays}: the verdict differs from the first one on the same file"] += 1


def repeat(
    home: Path,
    slug: str,
    found: Sequence[Sheet],
    *,
    repeats: int,
    jobs: int = 2,
    limits: Limits = LIMITS,
    tier: str = "auto",
    course_id: str = COURSE,
    step: Callable[[], None] = lambda: None,
) -> Found:
    """Judge each of ``found`` so many times, ``jobs`` side by side, and say what came of it."""
    seen, sheets, calls = Seen(), {sheet.learner: sheet for sheet in found}, home / "calls.jsonl"
    papers = [Paper(sheet.learner, slug, sheet.data) for _ in range(repeats) for sheet in found]
    start = time.monotonic()
    with watching(calls), NoDisplay(home, course_id=course_id, jobs=jobs, limits=limits, tier=tier) as grader:
        for paper, outcome in grader.grade_all(papers, force=True):
            seen.add(sheets[paper.learner], outcome)
            step()
        used = grader.tier
    counts = {name: seen.counts[name] for name in ("verdicts", "wrong", "faults", "changed", "late")}
    problems = [f"{text} ({count} times)" for text, count in seen.problems.most_common()]
    problems += [f"{len(papers) - seen.counts['verdicts']} verdicts are missing"] * (
        len(papers) != seen.counts["verdicts"]
    )
    rest = {"tier": used, "seconds": round(time.monotonic() - start, 1), **head_room(calls, sheets, found[0].learner)}
    return {"assignment": slug, "notebooks": len(found), "repeats": repeats, **counts, **rest, "problems": problems}


def head_room(calls: Path, sheets: Mapping[str, Sheet], reference: str) -> Found:
    """The calls that came nearest to their limits, by CPU time and by the clock, and the reference's longest."""
    lines = [json.loads(line) for line in calls.read_text(encoding="utf-8").splitlines()]
    for line in lines:
        line["plays"] = sheets[line.pop("learner")].plays if line["learner"] != reference else "the reference"
        line["of cpu"], line["of clock"] = line["cpu"] / line["budget"], line["clock"] / line["wall"]
    whole = {
        "nearest by CPU": max(lines, key=lambda line: line["of cpu"]),
        "nearest by clock": max(lines, key=lambda line: line["of clock"]),
        "reference": max((one for one in lines if one["plays"] == "the reference"), key=lambda line: line["cpu"]),
    }
    return {"calls": len(lines), **{name: _rounded(line) for name, line in whole.items()}}


def _rounded(line: Mapping[str, Any]) -> Found:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in line.items()}


@contextmanager
def watching(calls: Path) -> Iterator[None]:
    """Judging processes that start in this block are `watched`, and write their calls to the file ``calls``."""

    def start(command: Sequence[str], *, env: Mapping[str, str], **options: Any) -> subprocess.Popen:
        assert list(command[1:]) == ["-P", "-m", "course.grade.judge"], command
        return subprocess.Popen([command[0], "-P", watched.__file__], env={**env, watched.FILE: str(calls)}, **options)

    instead = SimpleNamespace(Popen=start, PIPE=subprocess.PIPE)
    with mock.patch.object(process, "subprocess", instead):
        yield
