"""A class that is to be graded, everything that grading it leaves behind, and how two such ends differ."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from course.grade.faults import Died
from tests.benchmarks.grading_class import FIVE, SHARE, hand_in, hostile, make_room, name_of, sheets

SLUG = FIVE
LIMITS = "\n[limits]\ncpu = 0.3\nwall = 20.0\nafter_timeout = 0.1\n"
"""Loops end soon; the clock has room, since a busy machine is not what is tried here."""

KINDS = ("leaves", "aborts", "hoards", "raises", "forges", "signals", "loops")

ROWS = """
SELECT sa.student_id, base_cell.name, grade.auto_score, grade.manual_score, grade.extra_credit,
       grade.needs_manual_grade, grade_cells.max_score, sn.late_submission_penalty
FROM submitted_assignment sa LEFT JOIN submitted_notebook sn ON sn.assignment_id = sa.id
LEFT JOIN grade ON grade.notebook_id = sn.id LEFT JOIN base_cell ON base_cell.id = grade.cell_id
LEFT JOIN grade_cells ON grade_cells.id = base_cell.id ORDER BY 1, 2
"""
BY_THE_CLOCK = ("alone", "again")
"""Entries of a verdict that tell of the hour, not of the submission."""


@dataclass
class End:
    """What a class looks like when it is graded: everything that a kill must not change."""

    verdicts: dict[str, dict] = field(default_factory=dict)
    attempts: dict[str, list[tuple[str, int, bool]]] = field(default_factory=dict)
    rows: list[tuple] = field(default_factory=list)
    notebooks: dict[str, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    review: list[str] = field(default_factory=list)
    status: int = 0


def make(folder: Path, learners: int, seed: int) -> Path:
    """A course home in ``folder`` with a class that has handed in, 15 % of it hostile."""
    room, rng = make_room(folder, SLUG, learners), random.Random(seed)
    found = sheets(room, learners, seed)
    for place, number in enumerate(rng.sample(range(learners), round(SHARE * learners))):
        found[number] = hostile(room, name_of(number), KINDS[place % len(KINDS)])
    hand_in(room.home.path, room.slug, found)
    with (room.home.path / "course.toml").open("a", encoding="utf-8") as file:
        file.write(LIMITS)
    return room.home.path


def copy(home: Path, to: Path) -> Path:
    """A fresh copy of a home that nothing was graded in."""
    return Path(shutil.copytree(home, to, symlinks=True))


def command(home: Path, scratch: Path, jobs: int = 2) -> subprocess.Popen:
    """``course grade``, as a person would run it; what it says goes into ``scratch``, its temporary files too."""
    (scratch / "tmp").mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "COURSE_HOME": str(home), "TMPDIR": str(scratch / "tmp"), "COLUMNS": "200"}
    words = [sys.executable, "-c", "from course.cli import main; main(prog_name='course')", "grade", SLUG[:2]]
    with (scratch / "out").open("wb") as out, (scratch / "err").open("wb") as err:
        return subprocess.Popen(
            [*words, "--jobs", str(jobs)],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,
        )


def uninterrupted(home: Path, scratch: Path) -> End:
    """The end of a run that nothing disturbs; an error if it says anything but that all is well."""
    status = command(home, scratch).wait()
    if status or (scratch / "err").read_text():
        raise RuntimeError(f"undisturbed, the command ended with {status}: {(scratch / 'err').read_text()}")
    return end(home, scratch, status)


def end(home: Path, scratch: Path, status: int) -> End:
    """Everything that is to be compared."""
    found = End(status=status, rows=_all(home / "gradebook.db", ROWS))
    for key, attempt, learner, text in _all(
        home / "journal.db", "SELECT key, attempt, learner, verdict FROM verdict ORDER BY learner, attempt"
    ):
        verdict = json.loads(text)
        faulty = any(check["status"] == "fault" for task in verdict["tasks"] for check in task["checks"])
        faulty |= any(text.startswith(Died.SAID) for text in verdict["review"])
        found.attempts.setdefault(learner, []).append((key, attempt, faulty))
        found.verdicts[learner] = without_the_clock(verdict)
    for path in sorted(home.glob(f"autograded/*/{SLUG}/{SLUG}.ipynb")):
        found.notebooks[path.parts[-3]] = notebook(home, path)
    found.files = {str(path.relative_to(home)) for path in home.rglob("*")}
    found.review = [line for line in (scratch / "out").read_text().splitlines() if line.startswith("review:")]
    return found


def _all(path: Path, query: str) -> list[tuple]:
    with closing(sqlite3.connect(path)) as database:
        if database.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
            raise RuntimeError(f"{path} is damaged")
        return database.execute(query).fetchall()


def without_the_clock(verdict: dict) -> dict:
    """A verdict, but for what depends on how busy the machine was."""
    kept = {name: value for name, value in verdict.items() if name not in BY_THE_CLOCK}
    tasks = [{name: value for name, value in task.items() if name != "clock"} for task in kept["tasks"]]
    return {**kept, "tasks": tasks}


def notebook(home: Path, path: Path) -> str:
    """An autograded notebook, with what was kept of it and its time, as text that can be compared."""
    made = json.loads(path.read_bytes())
    course, learner = made["metadata"]["course"], path.parts[-3]
    saved = home / "kept" / SLUG / f"{learner}.json"
    kept = json.loads(saved.read_bytes()) if saved.is_file() else dict.fromkeys(("digest", "verdict", "submission"))
    facts: dict[str, Any] = {
        "same digest": course.pop("digest") == kept.pop("digest"),
        "same verdict": course["verdict"] == kept["verdict"],
        "same time": (path.parent / "timestamp.txt").read_bytes()
        == (home / "submitted" / learner / SLUG / "timestamp.txt").read_bytes(),
        "submission": kept["submission"],
    }
    course["verdict"] = without_the_clock(json.loads(course["verdict"]))
    return hashlib.sha256(json.dumps([made, facts], sort_keys=True).encode()).hexdigest()


def differences(truth: End, now: End) -> Iterator[str]:
    """A sentence for each thing that is not as it is without kills."""
    for learner in sorted(truth.verdicts.keys() | now.verdicts.keys()):
        yield from _of_learner(learner, truth, now)
    for one in sorted(set(map(str, truth.rows)) ^ set(map(str, now.rows))):
        yield f"gradebook: {one} is only {'there' if one in map(str, now.rows) else 'in the truth'}"
    if len(now.rows) != len(truth.rows):
        yield f"gradebook: {len(now.rows)} rows, not {len(truth.rows)}"
    for name in sorted(now.files - truth.files):
        yield f"left behind: {name}"
    for name in sorted(truth.files - now.files):
        yield f"missing: {name}"
    if Counter(now.review) != Counter(truth.review):
        yield f"review list: {now.review}, not {truth.review}"
    if now.status != truth.status:
        yield f"the command ended with {now.status}, not with {truth.status}"


def _of_learner(learner: str, truth: End, now: End) -> Iterator[str]:
    if learner not in now.verdicts or learner not in truth.verdicts:
        yield f"{learner}: the verdict is {'lost' if learner not in now.verdicts else 'of nobody'}"
        return
    for name, value in truth.verdicts[learner].items():
        if now.verdicts[learner].get(name) != value:
            yield f"{learner}: {name} of the verdict is {now.verdicts[learner].get(name)!r:.300}, not {value!r:.300}"
    key, numbers = truth.attempts[learner][0][0], [number for _, number, _ in now.attempts[learner]]
    if any(one != key for one, _, _ in now.attempts[learner]):
        yield f"{learner}: a verdict stands under another key than without kills"
    if numbers != list(range(1, len(numbers) + 1)) or [faulty for _, _, faulty in now.attempts[learner]][:-1].count(
        False
    ):
        yield f"{learner}: judged more than once, attempts {now.attempts[learner]}"
    if now.attempts[learner][-1][2]:
        yield f"{learner}: the verdict that counts is a fault of the grader"
    if now.notebooks.get(learner) != truth.notebooks.get(learner):
        yield f"{learner}: the autograded notebook is another one"
