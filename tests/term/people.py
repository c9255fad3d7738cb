"""Three hundred synthetic learners: who they are, by which door and when they hand in, and what stands in their cells.

Their answers are the reference's, the known mistakes and alternatives of the hidden tests, and the answers of the blind
sets. What each of them must get is not said here: see `expected`.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from course.audit import blind
from course.author.build import Built, without_marks
from course.author.marks import read_marks
from course.bundle.cells import TASKS, task_cell
from course.classroom.desk.demo_class import answered
from course.classroom.roster import Learner

ROOT = Path(__file__).resolve().parents[2]
DOORS = ("exchange", "hub", "lms")
COURSE = "term"
FIRST = ("Ana", "Bjørn", "Chloë", "Đorđe", "Esra", "Fátima", "Göran", "Hồng", "Iñaki", "Jörg", "Käthe", "Łukasz", "Zoë")
LAST = (
    "Okafor",
    "O'Brien",
    "Ng",
    "García, Jr.",
    "Müller-Lüdenscheidt",
    "van der Berg",
    "Šimić",
    "Ødegård",
    "Wu",
    "Das",
)


@dataclass(frozen=True)
class Work:
    """What a learner does for one assignment.

    ``plays`` says what befalls it: nothing, or "missing", "untouched", "late" (``days``), "extended", "twice" (a wrong
    one first), "broken" (no JSON), "forger", "loop", "copied" cell, "link" in place of the notebook. ``cells`` are the
    sources of the cells that differ from the exercise.
    """

    plays: str
    cells: dict[str, str] = field(default_factory=dict)
    own: tuple[str, ...] = ()
    days: float = 0.0
    altered: tuple[str, ...] = ()


@dataclass(frozen=True)
class Person:
    """A synthetic learner and the door by which they hand in; ``work`` by assignment."""

    learner: Learner
    door: str
    work: dict[str, Work]


PLAYS = {"late": 14, "extended": 8, "twice": 10, "missing": 6, "untouched": 4, "broken": 5, "forger": 5, "copied": 10}
"""Of a hundred learners at one door, how many play what; the others just hand in."""


def people(count: int, built: list[Built], seed: int = 1) -> list[Person]:
    """``count`` learners, a third by each door; two of them with an endless loop, each link where there are links."""
    rng = random.Random(seed)
    pools = {one.contract.slug: list(_answers(one, rng)) for one in built}
    made = []
    for number in range(count):
        learner = Learner(
            f"s{number + 1:03d}", f"{FIRST[number % len(FIRST)]} {_letters(number)}", LAST[number % len(LAST)]
        )
        door = DOORS[number % len(DOORS)]
        plays = _plays(rng, number)
        work = {one.contract.slug: _work(one, learner, door, plays, pools[one.contract.slug], rng) for one in built}
        made.append(Person(learner, door, work))
    return made


def _letters(number: int) -> str:
    """A second name that no two of the class share, so that an LMS's names can be matched."""
    return chr(ord("A") + number // 26 % 26) + chr(ord("a") + number % 26) + "a" * (number // 676)


def _plays(rng: random.Random, number: int) -> str:
    if number in (10, 20):
        return "loop"
    if number in (30, 31, 33):
        return "link"
    at = rng.uniform(0, 100)
    for plays, share in PLAYS.items():
        at -= share
        if at < 0:
            return plays
    return ""


def _work(
    built: Built, learner: Learner, door: str, plays: str, pool: list[tuple[str, str, str]], rng: random.Random
) -> Work:
    if plays in {"missing", "untouched", "forger"}:
        own = ((ROOT / "tests" / "attacks" / "cells" / "forger.py").read_text(),) if plays == "forger" else ()
        return Work(plays, own=own)
    cells = {cell.id: without_marks(cell.source) for cell in built.reference if cell.kind in TASKS}
    cells |= answered(built, learner.id, COURSE)
    altered = []
    for _ in range(rng.choice((0, 1, 1, 2))):
        task, kind, source = rng.choice(pool)
        cell = task_cell(built.reference, task)
        cells[cell.id] = source
        altered.append(f"{task}: {kind}")
    if plays == "loop":
        task = next(cell for cell in built.reference if cell.kind == "function")
        cells[task.id] = (
            f"# function {task.name}: your code below\ndef {task.name}(*a, **k):\n    while True:\n        pass"
        )
        altered = [f"{task.name}: loop"]
    days = round(rng.uniform(0.1, 4.9), 2) if plays == "late" and door == "exchange" else 0.0
    return Work(plays, cells, days=days, altered=tuple(altered))


def _answers(built: Built, rng: random.Random) -> Iterator[tuple[str, str, str]]:
    """Answers to single tasks: task, kind, the cell's source."""
    slug = built.contract.slug
    marks = read_marks(ROOT / "tests" / "hidden" / f"test_{slug}.py")
    functions = {cell.name for cell in built.reference if cell.kind in {"function", "experiment"}}
    for mistake in rng.sample(list(marks.mistakes), min(60, len(marks.mistakes))):
        if mistake.task in functions:
            source = mistake.source or mistake.patch(task_cell(built.reference, mistake.task).source)
            yield mistake.task, f"mistake {mistake.name}", _headed(built, mistake.task, without_marks(source))
    for number, one in enumerate(marks.alternatives):
        if one.task in functions:
            yield one.task, f"alternative {number}", _headed(built, one.task, one.source)
    for answer in blind.answers(slug, ROOT):
        if answer.task in functions:
            yield answer.task, f"blind {answer.name}", _headed(built, answer.task, answer.source)


def _headed(built: Built, task: str, source: str) -> str:
    """A cell's source with the first line that says what it is."""
    first = task_cell(built.skeleton, task).source.split("\n", 1)[0]
    return source if source.startswith("# ") and source.split("\n", 1)[0] == first else f"{first}\n{source}"


def notebook(release: dict, person: Person, slug: str, wrong: bool = False) -> dict:
    """The released notebook with this learner's work in it; ``wrong`` as they first handed it in by mistake."""
    work, made = person.work[slug], json.loads(json.dumps(release))
    cells = []
    for cell in made["cells"]:
        if not wrong:
            cell["source"] = work.cells.get(cell["id"], cell["source"])
        if cell["id"] == "learner":
            lines = "".join(cell["source"]).splitlines()
            me = f'learner_id = "{person.learner.id}"'
            cell["source"] = "\n".join(me if line.startswith("learner_id") else line for line in lines)
        cells.append(cell)
        if cell["id"] == "setup":
            cells += [_scratch(text, number) for number, text in enumerate(work.own)]
    made["cells"] = cells
    return made


def _scratch(text: str, number: int) -> dict:
    more = {"execution_count": None, "outputs": [], "metadata": {}}
    return {"cell_type": "code", "id": f"scratch-{number}", "source": text, **more}


def mangled(made: dict, person: Person, slug: str) -> bytes:
    """As it leaves the learner's machine: without metadata where an LMS's tools drop it, with a cell copied, broken."""
    if person.door == "lms":
        made = {**made, "nbformat_minor": 0, "metadata": {}}
        made["cells"] = [{**{k: v for k, v in cell.items() if k != "id"}, "metadata": {}} for cell in made["cells"]]
    if person.work[slug].plays == "copied":
        at = next(i for i, cell in enumerate(made["cells"]) if "".join(cell["source"]).startswith("# function"))
        made["cells"].insert(at + 1, dict(made["cells"][at]))
    data = json.dumps(made).encode()
    return data[: len(data) // 2] if person.work[slug].plays == "broken" else data
