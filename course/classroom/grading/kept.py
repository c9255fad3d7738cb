"""The last verdict that counts on each submission, so that a later fault of the grader takes nothing away.

nbgrader removes the autograded notebook before it grades again, whichever door it is started by; this copy stays.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from ...grade.journal import Journal
from ...grade.verdict import Verdict
from ..home import Home, write_text


@dataclass(frozen=True)
class Restored:
    """The verdict that counts; why anything in it is from before; and its digest, where all of it is."""

    verdict: Verdict
    faults: tuple[str, ...] = ()
    digest: str = ""


def save(home: Home, slug: str, learner: str, course: Mapping[str, Any]) -> None:
    """Keep what an autograded notebook's metadata says of its verdict, if anything in it is decided."""
    if any(not task.undecided for task in Verdict.from_json(course["verdict"]).tasks):
        facts = {name: course[name] for name in ("submission", "digest", "verdict")}
        write_text(_path(home, slug, learner), json.dumps(facts))


def restore(home: Home, submission: str, verdict: Verdict) -> Restored:
    """``verdict``, but a task that a fault left undecided is as it was when the same file was judged before."""
    have = _read(home, verdict.assignment, verdict.learner)
    if verdict.decided or have.get("submission") != submission:
        return Restored(verdict)
    old = Verdict.from_json(have["verdict"])
    if [(task.name, task.maximum) for task in old.tasks] != [(task.name, task.maximum) for task in verdict.tasks]:
        return Restored(verdict)
    pairs = zip(old.tasks, verdict.tasks, strict=True)
    tasks = tuple(was if new.undecided and not was.undecided else new for was, new in pairs)
    if old.bundle != verdict.bundle and old.decided:
        tasks = old.tasks  # points of two versions do not mix
    if tasks == verdict.tasks or (old.bundle != verdict.bundle and tasks != old.tasks):
        return Restored(verdict)
    faults = tuple(f"{text.rstrip('.')}; what was decided before stays" for text in sentences(verdict))
    if tasks == old.tasks:
        return Restored(replace(old, outputs=verdict.outputs), faults, have["digest"])
    review = verdict.review if any(task.undecided for task in tasks) else old.review
    return Restored(replace(verdict, tasks=tasks, review=review), faults)


def autograded(home: Home, slug: str, learner: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """An autograded notebook, and what the plug-in says in it, finished or not; None where it is missing or broken."""
    try:
        notebook = json.loads(home.notebook("autograded", slug, learner).read_bytes())
        return notebook, dict(notebook["metadata"]["course"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def graded(home: Home, slug: str, learner: str) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """As `autograded`, and None too where it was not finished."""
    have = autograded(home, slug, learner)
    return have if have is not None and have[1].get("finished") is True else None


def counted(home: Home, slug: str) -> dict[str, Verdict]:
    """The verdicts that count, by learner on the roster: those that stand in the finished notebooks."""
    found = {learner: graded(home, slug, learner) for learner in home.roster}
    return {learner: Verdict.from_json(have[1]["verdict"]) for learner, have in found.items() if have is not None}


def before(home: Home, slug: str, learner: str) -> Verdict | None:
    """The verdict that was written last and counts, whichever file it is on."""
    have = _read(home, slug, learner)
    return Verdict.from_json(have["verdict"]) if have else None


def told(home: Home, slug: str, learner: str, submission: str) -> str:
    """What the learner reads if the result of exactly this file was changed by a regrade; else nothing."""
    if not (home.path / "journal.db").exists():
        return ""
    for one in Journal(home.path / "journal.db").regrades(slug, learner):
        if one.submission == submission and one.learner == learner:
            made = datetime.fromisoformat(one.made)
            return f"Graded again on {made.day} {made:%B %Y}: {one.reason}"
    return ""


def sentences(verdict: Verdict) -> list[str]:
    """What a person must know of a verdict: its review list, and each task that a fault left undecided."""
    undecided = [task for task in verdict.tasks if task.undecided]
    found = list(verdict.review)
    if undecided and not found:
        found = [f"{', '.join(task.name for task in undecided)} could not be decided: {undecided[0].sentence}"]
    return found


def _path(home: Home, slug: str, learner: str) -> Path:
    return home.path / "kept" / slug / f"{learner}.json"


def _read(home: Home, slug: str, learner: str) -> dict[str, Any]:
    try:
        return dict(json.loads(_path(home, slug, learner).read_bytes()))
    except (OSError, ValueError, TypeError):
        return {}
