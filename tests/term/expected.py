"""What every synthetic learner must get, computed without the classroom: no exchange, no gradebook, no nbgrader.

Each learner's notebook, as it was before any door mangled it, is graded by another grader in another home, which shares
the course's secret and bundles and nothing else; lateness is reckoned here, from the rules as README says them.
"""

from __future__ import annotations

import json
import math
import shutil
from collections.abc import Callable
from pathlib import Path

from course.bundle.freeze import latest
from course.classroom.home import Home
from course.grade.run import Grader, Paper

from .people import COURSE, Person, notebook

PER_DAY = 0.1
NOTHING = {"missing", "link"}
UNDECIDED = {"broken"}


def scores(
    home: Home, slug: str, people: list[Person], scratch: Path, step: Callable[[], None], jobs: int = 2
) -> dict[str, float | None]:
    """The points of each learner, lateness included; None is "not graded", and who handed in nothing is not there."""
    scratch.mkdir()
    shutil.copytree(home.bundles, scratch / "bundles")
    shutil.copy(home.path / "secret", scratch / "secret")
    released = latest(home.bundles, slug)
    assert released is not None
    release = released.release_notebook(COURSE)
    frozen = [path for path in (home.bundles / slug).iterdir() if path.is_dir()]
    newest = max(frozen, key=lambda path: path.stat().st_mtime_ns).name  # the one that a regrade made, if there was any
    found: dict[str, float | None] = {}
    papers = []
    for person in people:
        plays = person.work[slug].plays
        if plays in UNDECIDED:
            found[person.learner.id] = None
        elif plays not in NOTHING:
            data = json.dumps(notebook(release, person, slug)).encode()
            papers.append(Paper(person.learner.id, slug, data, newest))
    by_id = {person.learner.id: person for person in people}
    with Grader(scratch, course_id=COURSE, jobs=jobs) as grader:
        for paper, verdict in grader.grade_all(papers):
            assert not isinstance(verdict, Exception), verdict
            points = [task.score for task in verdict.tasks]
            assert None not in points, verdict
            found[paper.learner] = kept(sum(p for p in points if p is not None), by_id[paper.learner], slug)
            step()
    return found


def kept(points: float, person: Person, slug: str) -> float:
    """What lateness leaves of ``points``: each day begun takes a tenth."""
    work = person.work[slug]
    if work.plays != "late":
        return round(points, 6)
    begun = math.ceil(work.days) if person.door == "exchange" else 1  # minutes, by the file system and by Canvas
    return round(points - round(points * min(1.0, PER_DAY * begun), 2), 6)
