"""Synthetic learners for the benchmark of grading: their notebooks, honest and hostile, and their course home."""

from __future__ import annotations

import json
import random
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from course.author.build import Built, build, without_marks
from course.author.marks import read_marks
from course.author.places import slugs
from course.bundle.cells import TASKS, task_cell
from course.classroom.desk.demo_class import answered
from course.classroom.desk.release import release
from course.classroom.home import Home
from course.classroom.roster import Learner

ROOT = Path(__file__).resolve().parents[2]
COURSE = "bench"
FIVE = "90_five"
SHARE = 0.15
"""Hostile submissions of all, where there are any."""

SCRIPT = '''\
# /// contract
# slug = "90_five"
# title = "Five calls"
# hours = 0.1
# [points]
# shift = 5
# ///

# %% [markdown]
# # Five calls

# %%
# learner: who you are
course_id = "demo"
learner_id = ""
backend = "numpy"

# %%
# setup: run this first, do not edit
import numpy as np
from course.learn import check, figures

# %%
# function shift: your code below
def shift(x, c):
    """x (n,) with c added to each number; x is left alone."""
    ### BEGIN SOLUTION
    return x + c
    ### END SOLUTION

# %%
# check shift (1 point): run, do not edit
@check("shift")
def by_two():
    """1, 2, 3 and two more are 3, 4, 5."""
    check.close(shift(np.array([1.0, 2.0, 3.0]), 2.0), np.array([3.0, 4.0, 5.0]))

check.report("shift")

# %%
# draw shift: run, do not edit
numbers = np.arange(5.0)
figures.lines({"shifted": (numbers, shift(numbers, 1.0))}, xlabel="x", ylabel="y", title="Shifted", alt="A line.")
'''

CHECKS = '''\
import numpy as np
from course.author import alternative, mistake, points


@points(1, cell="shift", topic="other numbers")
def test_numbers(submission, reference, check, rng):
    """Any numbers are shifted."""
    x = rng.normal(size=8)
    check.close(submission.shift(x, 0.5), reference.shift(x, 0.5))


@points(1, cell="shift", topic="negative shifts")
def test_negative(submission, reference, check, rng):
    """Shifts may be negative."""
    x = rng.normal(size=1000)
    check.close(submission.shift(x, -3.0), reference.shift(x, -3.0))


@points(1, cell="shift", topic="inputs left alone")
def test_alone(submission, check, rng):
    """What is passed in stays as it was."""
    x = rng.normal(size=4)
    check.close(check.unchanged(submission.shift, x, 1.0), x + 1.0)


@points(1, cell="shift", topic="dtype")
def test_dtype(submission, check):
    """The dtype stays."""
    check.dtype(submission.shift(np.ones(3, np.float32), 1.0), np.float32)


mistake("shift", "minus", was="x + c", now="x - c", says="The number is subtracted.")
mistake("shift", "in_place", was="return x + c", now="x += c; return x", says="The argument is changed.")


@alternative("shift")
def turned(x, c):
    return c + x
'''

HOSTILE = {
    "leaves": "import os\n    os._exit(0)",
    "aborts": "import os\n    os.abort()",
    "recurs": "import sys\n    sys.setrecursionlimit(10**9)\n    f = lambda: f()\n    return f()",
    "hoards": "hoard = []\n    while True:\n        hoard.append(bytearray(50_000_000))",
    "raises": "raise SystemExit(0)",
    "forges": "class Equal(float):\n        __eq__ = lambda *_: True\n    return Equal()",
    "signals": "import os\n    os.kill(-1, 9)",
    "loops": "while True:\n        pass",
}
"""Bodies of a function that does harm."""

ENDLESS = ("recurs", "loops")
"""Those of them that end at a limit of time: Python's own calls need no C stack, so that deep recursion runs on."""


@dataclass(frozen=True)
class Sheet:
    """A learner's notebook, as bytes, and what they play: "right", "mistake …", "alternative …", "untouched", …"""

    learner: str
    plays: str
    data: bytes


@dataclass(frozen=True)
class Room:
    """An assignment that was released in a course home."""

    home: Home
    slug: str
    built: Built
    root: Path


def make_room(folder: Path, assignment: str, learners: int) -> Room:
    """A home in ``folder`` with ``assignment`` (a number, or `FIVE`) released and so many learners on the roster."""
    root, slug = ROOT, next((slug for slug in slugs(ROOT) if slug.startswith(assignment)), "")
    if not slug:
        if not FIVE.startswith(assignment):
            raise SystemExit(f"There is no assignment {assignment!r}.")
        root, slug = _own_root(folder / "root"), FIVE
    roster = [Learner(name_of(number), f"Learner {number}", "Bench") for number in range(learners)]
    home = Home.create(folder / "home", course_id=COURSE, roster=roster, identity="hub")
    release(home, slug, root=root)
    return Room(home, slug, build(slug, root), root)


def _own_root(root: Path) -> Path:
    for name, text in ((f"solutions/{FIVE}.py", SCRIPT), (f"tests/hidden/test_{FIVE}.py", CHECKS)):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def name_of(number: int) -> str:
    """A learner's id."""
    return f"s{number:05d}"


def sheets(room: Room, count: int, seed: int = 1) -> list[Sheet]:
    """``count`` honest learners: three of ten right, one untouched, the others with a mistake or another right way."""
    rng, pool = random.Random(seed), list(_answers(room))
    found = []
    for number in range(count):
        learner = name_of(number)
        if number % 10 == 9:
            found.append(Sheet(learner, "untouched", notebook(room, learner, {})))
            continue
        cells = right(room) | answered(room.built, learner, COURSE)
        plays = "right"
        if number % 3:
            plays, cell, source = rng.choice(pool)
            cells[cell] = source
        found.append(Sheet(learner, plays, notebook(room, learner, cells)))
    return found


def right(room: Room) -> dict[str, str]:
    """The reference's cells, but for typed answers, which are each learner's own."""
    return {cell.id: without_marks(cell.source) for cell in room.built.reference if cell.kind in TASKS}


def _answers(room: Room) -> Iterator[tuple[str, str, str]]:
    """Answers to single functions: what they are, the cell, its source."""
    marks = read_marks(room.root / "tests" / "hidden" / f"test_{room.slug}.py")
    functions = {cell.name for cell in room.built.reference if cell.kind == "function"}
    found = [
        (one.task, f"mistake {one.task}/{one.name}", one.patch(task_cell(room.built.reference, one.task).source))
        for one in marks.mistakes
        if one.task in functions
    ]
    found += [(one.task, f"alternative {one.task}/{one.name}", one.source) for one in marks.alternatives]
    for task, plays, text in found:
        own = task_cell(room.built.reference, task)
        first, source = own.source.partition("\n")[0], without_marks(text)
        yield plays, own.id, source if source.startswith(first) else f"{first}\n{source}"


def hostile(room: Room, learner: str, kind: str) -> Sheet:
    """Right but for the first function, which does harm."""
    cell = next(cell for cell in room.built.reference if cell.kind == "function")
    first = cell.source.partition("\n")[0]
    cells = right(room) | {cell.id: f"{first}\ndef {cell.name}(*args, **kwargs):\n    {HOSTILE[kind]}\n"}
    return Sheet(learner, f"hostile {kind}", notebook(room, learner, cells))


def notebook(room: Room, learner: str, cells: dict[str, str]) -> bytes:
    """The released notebook with this learner's id and ``cells`` in it."""
    made = json.loads(room.home.notebook("release", room.slug).read_text(encoding="utf-8"))
    for cell in made["cells"]:
        cell["source"] = cells.get(cell["id"], cell["source"])
        if cell["id"] == "learner":
            lines = "".join(cell["source"]).splitlines()
            me = f'learner_id = "{learner}"'
            cell["source"] = "\n".join(me if line.startswith("learner_id") else line for line in lines)
    return json.dumps(made).encode()


def hand_in(folder: Path, slug: str, found: Sequence[Sheet]) -> None:
    """Put each notebook, its time and the secret by which its page comes back, where nbgrader's collecting does."""
    now = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S.%f} UTC"
    for sheet in found:
        path = folder / "submitted" / sheet.learner / slug / f"{slug}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sheet.data)
        path.with_name("submission_secret.txt").write_text(secrets.token_hex(64))
        path.with_name("timestamp.txt").write_text(now)
