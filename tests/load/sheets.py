"""The notebooks: the reference, and the declared alternatives, as many of them at once as there are tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from course.author.build import without_marks
from course.author.marks import Alternative, read_marks
from course.bundle.cells import task_cell
from course.classroom.desk.demo_class import answered
from tests.benchmarks.grading_class import COURSE, Room, Sheet, make_room, name_of, notebook, right

LEARNERS = 50
"""On the roster, which is made before anybody knows how many alternatives there are."""


def room_of(folder: Path, assignment: str) -> tuple[Room, list[Sheet]]:
    """``assignment`` released in a course home in ``folder``, and its notebooks: `sheets`."""
    room = make_room(folder, assignment, LEARNERS)
    return room, sheets(room)


def sheets(room: Room) -> list[Sheet]:
    """The reference, then one notebook after the other: the k-th takes the k-th alternative of every task.

    A task with fewer begins again, so that every alternative is in at least one notebook, and there are as many
    notebooks as the task with the most has. Each is another learner's: other data, other hidden inputs.
    """
    by_task = alternatives(room)
    found: list[Sheet] = []
    for number in range(1 + max(map(len, by_task.values()), default=0)):
        chosen = [mine[(number - 1) % len(mine)] for mine in by_task.values()] if number else []
        learner = name_of(number)
        cells = right(room) | answered(room.built, learner, COURSE) | dict(_cell(room, one) for one in chosen)
        plays = ", ".join(f"{one.task}/{one.name}" for one in chosen) or "the reference"
        found.append(Sheet(learner, plays, notebook(room, learner, cells)))
    return found


def alternatives(room: Room) -> Mapping[str, Sequence[Alternative]]:
    """The declared alternatives by task."""
    by_task: dict[str, list[Alternative]] = {}
    for one in read_marks(room.root / "tests" / "hidden" / f"test_{room.slug}.py").alternatives:
        by_task.setdefault(one.task, []).append(one)
    return by_task


def _cell(room: Room, one: Alternative) -> tuple[str, str]:
    own = task_cell(room.built.reference, one.task)
    first, source = own.source.partition("\n")[0], without_marks(one.source)
    return own.id, source if source.startswith(first) else f"{first}\n{source}"
