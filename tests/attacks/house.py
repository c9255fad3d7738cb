"""Where hostile submissions of 02's `gd` are graded: a home with canaries, and what no attack may reach in it."""

import ast
import base64
import hashlib
import json
import os
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from course.author.build import read_cells
from course.bundle.freeze import latest
from course.classroom.desk.release import release
from course.classroom.home import Home
from course.classroom.roster import Learner
from course.grade.limits import LIMITS
from course.grade.reference import load_reference, right_answers, silent
from course.grade.run import Grader

from . import papers

SLUG, TASK, BESIDE = "02_full_batch_gd", "gd", "full_grad"
ROOT = Path(__file__).parents[2]
REAL = os.environ.get("COURSE_ATTACKS") == "real"
"""By hand: the limits of a real course, every task, and the notebook run for display; minutes for each that loops."""

SHORT = {"cpu": 0.5, "wall": 8.0, "after_timeout": 0.1, "submission": 80.0, "display": 1.0}
FREE = {"arguments_left_alone"}
"""A function that returns None has left its arguments alone: that is no forgery."""

MARKER = "zqxj"
"""A word in the texts of attacks, by which their way out would be seen."""

SHOWN = {"stream": {"name", "text"}, "error": {"ename", "evalue", "traceback"}, "display_data": {"data", "metadata"}}
BEGIN = "    params = {name: value.copy() for name, value in params.items()}\n"
_SAYS = re.compile(
    r"Row (?P<rows>[\d, ]+|own: [^.]+)\. Verdict: (?P<verdict>[a-z, ]+)\."
    r"(?P<shown> Shown\.)?(?P<long> Long\.)?(?P<changes> Changes\.)?$"
)


@dataclass(frozen=True)
class Attack:
    """One hostile submission, and what its docstring says of it.

    ``rows`` are those of the design's table of attacks, none for one of our own making, which is aimed at ``aim``.
    ``shown``: it is aimed at what is shown of it, so that the notebook is run for that. ``long``: it takes long, and is
    run by hand. ``changes``: it changes its arguments, and must not be believed that it did not.
    """

    name: str
    text: str
    rows: tuple[int, ...]
    aim: str
    verdicts: frozenset[str]
    shown: bool
    long: bool
    changes: bool
    paper: Callable[[dict], bytes] | None = None


def attack_of(name: str, says: str, text: str = "", paper: Callable[[dict], bytes] | None = None) -> Attack:
    """The attack that ``says`` what it is in its docstring."""
    found = _SAYS.search(" ".join(says.split()))
    assert found, f"{name} does not end in 'Row N. Verdict: STATUS.': {says!r}"
    rows = [] if found["rows"].startswith("own") else [int(row) for row in found["rows"].split(", ")]
    return Attack(
        name,
        text,
        tuple(rows),
        "" if rows else found["rows"].removeprefix("own: "),
        frozenset(re.split(r", | or ", found["verdict"])),
        shown=bool(found["shown"]),
        long=bool(found["long"]),
        changes=bool(found["changes"]),
        paper=paper,
    )


def of_text(name: str, text: str) -> Attack:
    """The attack whose cell is ``text``."""
    return attack_of(name, ast.get_docstring(ast.parse(text)) or "", text)


def _all() -> dict[str, Attack]:
    paths = sorted(path for path in (Path(__file__).parent / "hostile").glob("*.py") if path.stem != "conftest")
    cells = [of_text(path.stem, path.read_text(encoding="utf-8")) for path in paths]
    made = [attack_of(name, one.__doc__ or "", paper=one) for name, one in papers.PAPERS.items()]
    return {one.name: one for one in (*cells, *made)}


ATTACKS = _all()


def canary() -> str:
    """A word that nobody writes by chance."""
    nonce = secrets.token_hex(6)
    return f"cnry{nonce}{hashlib.sha256(nonce.encode()).hexdigest()[:8]}"


class House:
    """A course home with a canary in the reference, the checks, the environment and a file of the home."""

    def __init__(self, folder, environment):
        self.canaries = {place: canary() for place in ("reference", "checks", "environment", "home")}
        script = (ROOT / "solutions" / f"{SLUG}.py").read_text(encoding="utf-8")
        checks = (ROOT / "tests" / "hidden" / f"test_{SLUG}.py").read_text(encoding="utf-8")
        self.cells = {cell.id: cell for cell in read_cells(script)}
        marked = script.replace(BEGIN, f'    SECRET = "{self.canaries["reference"]}"\n{BEGIN}', 1)
        assert marked != script
        (folder / "solutions").mkdir()
        (folder / "tests" / "hidden").mkdir(parents=True)
        (folder / "solutions" / f"{SLUG}.py").write_text(marked, encoding="utf-8")
        numpy = "import numpy as np\n"
        marked = checks.replace(numpy, f'{numpy}\nSECRET = "{self.canaries["checks"]}"\n', 1)
        (folder / "tests" / "hidden" / f"test_{SLUG}.py").write_text(marked, encoding="utf-8")
        environment.setenv("COURSE_CANARY", self.canaries["environment"])
        people = [Learner("ada"), Learner("eve")]
        self.home = Home.create(folder / "home", course_id="demo", roster=people, identity="hub")
        self.home.path.joinpath("notes.txt").write_text(self.canaries["home"])
        release(self.home, SLUG, root=folder)
        self.bundle = latest(self.home.bundles, SLUG)
        self.honest = "\n".join(self.source("function-gd").splitlines()[1:]).replace("def gd(", "def honest(")
        self.right = self.good("ada")

    def source(self, cell):
        return self.cells[cell].source

    def made(self, learner, **sources):
        """A notebook with some cells' sources replaced, as nbformat has it."""
        made = self.bundle.release_notebook("demo")
        names = {"course_id": "demo", "learner_id": learner, "backend": "numpy"}
        sources["learner"] = "# learner: who you are\n" + "\n".join(f"{k} = {v!r}" for k, v in names.items())
        for cell in made["cells"]:
            cell["source"] = sources.get(cell["id"], "".join(cell["source"]))
        return made

    def good(self, learner):
        """Everything right, the typed numbers too."""
        kinds = {cell.id: cell.source for cell in self.cells.values() if cell.kind in {"function", "experiment"}}
        names = {"course_id": "demo", "learner_id": learner, "backend": "numpy"}
        cells = list(self.cells.values())
        typed = right_answers(cells, load_reference(cells, {"print": silent, **names}))
        question = next(cell for cell in cells if cell.kind == "question")
        answers = "\n".join(f"{name} = {value!r}" for name, value in typed.items())
        header = next(one.source for one in self.bundle.skeleton if one.id == question.id).splitlines()[0]
        return json.dumps(self.made(learner, **kinds, **{question.id: f"{header}\n{answers}"})).encode()

    def hostile(self, attack):
        """The attack in the place of `gd`, the right `full_grad` beside it, and nothing else."""
        beside = {f"function-{BESIDE}": self.source(f"function-{BESIDE}")}
        if attack.paper is not None:
            return attack.paper(self.made("eve", **beside))
        text = f"# function {TASK}: your code below\n{attack.text}\n\n{self.honest}\n"
        return json.dumps(self.made("eve", **beside, **{f"function-{TASK}": text})).encode()


class QuickGrader(Grader):
    """Judges the hostile function and the honest one beside it; ``shows``: and runs the notebook for display;
    ``names``: and looks for the names of mistakes, which takes as long as all the rest, whatever the tier."""

    shows, names = False, True

    def _ask(self, bundle, job):
        quick = {"display": self.shows, "tasks": [BESIDE, TASK], "name": self.names}
        return super()._ask(bundle, job if REAL else {**job, **quick})


def grader(house, tier):
    """A grader of that tier, with short limits, or by hand the real ones."""
    return QuickGrader(
        house.home.path, course_id="demo", tier=tier, limits=LIMITS if REAL else replace(LIMITS, **SHORT)
    )


def forms(secret):
    """How a secret may be written to slip through."""
    raw = secret.encode()
    return secret, secret[::-1], raw.hex(), base64.b64encode(raw).decode()[:20]


def contained(house, grader, attack):
    """Grade ``attack``; what it must not have reached."""
    grader.shows = attack.shown
    try:
        verdict = grader.grade(house.hostile(attack), learner="eve", assignment=SLUG, force=True)
    finally:
        grader.shows = False
    said = verdict.to_json()
    leaked = [place for place, secret in house.canaries.items() if any(form in said for form in forms(secret))]
    assert not leaked, leaked
    assert not verdict.review, verdict.review
    task = verdict.task(TASK)
    passed = {check.id: check.points for check in task.checks if check.status == "passed"}
    assert passed.keys() <= (set() if attack.changes else FREE), passed
    assert task.status in attack.verdicts, (task.status, task.sentence)
    for check in task.checks:
        assert len(check.detail) < 3_000 and (check.visible or MARKER not in check.detail), check
    honest = verdict.task(BESIDE).maximum + sum(passed.values())
    assert verdict.score == honest, "the honest part earns what it is worth, and no more"
    harmless(verdict.outputs)
    assert bool(verdict.outputs) == (attack.shown or REAL)
    return verdict


def harmless(outputs):
    """What is shown of a notebook is text without control characters and figures, and not too much of them."""
    assert len(json.dumps(outputs)) < 8_000_000
    for item in (item for items in outputs.values() for item in items):
        assert item.keys() == SHOWN[item["output_type"]] | {"output_type"}, item.keys()
        data = item.get("data", {})
        assert data.keys() <= {"text/plain", "image/png"} and not item.get("metadata")
        assert base64.b64decode(data.get("image/png", "iVBO"))[:3] == b"\x89PN"
        texts = [item.get("text", ""), data.get("text/plain", ""), *item.get("traceback", ())]
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", "".join(texts))


def good_is_full(house, grader):
    """Right work still gets full marks."""
    verdict = grader.grade(house.right, learner="ada", assignment=SLUG, force=True)
    assert verdict.score == verdict.maximum and not verdict.review, [
        (task.name, task.sentence) for task in verdict.tasks
    ]
