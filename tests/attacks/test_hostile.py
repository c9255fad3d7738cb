"""Hostile solutions of 02's `gd`: each must earn, learn and harm nothing, and get the verdict that its docstring names.

An attack that looks for something returns what `honest` does as soon as it has found it: points betray that it did.
"""

import ast
import base64
import hashlib
import json
import re
import secrets
from pathlib import Path

import pytest

from course.author.build import read_cells
from course.bundle.freeze import latest
from course.classroom.desk.release import release
from course.classroom.home import Home
from course.classroom.roster import Learner
from course.grade.reference import load_reference, right_answers
from course.grade.run import Grader

SLUG, TASK = "02_full_batch_gd", "gd"
ROOT = Path(__file__).parents[2]
ATTACKS = {
    path.stem: path for path in sorted((Path(__file__).parent / "hostile").glob("*.py")) if path.stem != "conftest"
}
LIMITS = "cpu = 1.0\nwall = 4.0\nafter_timeout = 0.1\nsubmission = 20.0\ndisplay = 2.0"
FREE = {"arguments_left_alone"}
"""A function that returns None has left its arguments alone: that is no forgery."""
BEGIN = "    params = {name: value.copy() for name, value in params.items()}\n"

LONG = set(
    """
    sleeper alarms callback_million memory_hog endless_output callback_flood memory_swallowed late_change nested_return
    clockwork lying_dict lying_array report_printed exit_handlers huge_return self_iterating nan_boxes garbage frames
    environment endless_generator always_equal links locks
    """.split()
)
"""By hand: they take long, or another file of tests has their like."""


def canary():
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
        marked = checks.replace(
            "import numpy as np\n", f'import numpy as np\n\nSECRET = "{self.canaries["checks"]}"\n', 1
        )
        (folder / "tests" / "hidden" / f"test_{SLUG}.py").write_text(marked, encoding="utf-8")
        environment.setenv("COURSE_CANARY", self.canaries["environment"])
        self.home = Home.create(
            folder / "home", course_id="demo", roster=[Learner("ada"), Learner("eve")], identity="hub"
        )
        self.home.path.joinpath("notes.txt").write_text(self.canaries["home"])
        settings = self.home.path / "course.toml"
        settings.write_text(f"{settings.read_text()}\n[limits]\n{LIMITS}\n")
        self.home = Home.open(self.home.path)
        release(self.home, SLUG, root=folder)
        self.bundle = latest(self.home.bundles, SLUG)
        self.honest = "\n".join(self.source("function-gd").splitlines()[1:]).replace("def gd(", "def honest(")

    def source(self, cell):
        return self.cells[cell].source

    def notebook(self, learner, **sources):
        made = self.bundle.release_notebook("demo")
        names = {"course_id": "demo", "learner_id": learner, "backend": "numpy"}
        sources["learner"] = "# learner: who you are\n" + "\n".join(f"{k} = {v!r}" for k, v in names.items())
        for cell in made["cells"]:
            cell["source"] = sources.get(cell["id"], cell["source"])
        return json.dumps(made).encode()

    def good(self, learner):
        """Everything right, the typed numbers too."""
        kinds = {cell.id: cell.source for cell in self.cells.values() if cell.kind in {"function", "experiment"}}
        names = {"course_id": "demo", "learner_id": learner, "backend": "numpy"}
        cells = list(self.cells.values())
        typed = right_answers(cells, load_reference(cells, names))
        question = next(cell for cell in cells if cell.kind == "question")
        answers = "\n".join(f"{name} = {value!r}" for name, value in typed.items())
        header = self.bundle_source(question.id).splitlines()[0]
        return self.notebook(learner, **kinds, **{question.id: f"{header}\n{answers}"})

    def bundle_source(self, cell):
        return next(one.source for one in self.bundle.skeleton if one.id == cell)

    def hostile(self, attack):
        """``attack`` in the place of `gd`, the right `full_grad` beside it, and nothing else."""
        text = f"# function {TASK}: your code below\n{attack}\n\n{self.honest}\n"
        return self.notebook("eve", **{"function-gd": text, "function-full_grad": self.source("function-full_grad")})


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    with pytest.MonkeyPatch.context() as environment:
        yield House(tmp_path_factory.mktemp("house"), environment)


@pytest.fixture(scope="module", params=["auto", pytest.param("T2", marks=pytest.mark.slow)])
def grader(house, request):
    with Grader(house.home.path, course_id="demo", tier=request.param, limits=house.home.settings.limits) as grader:
        yield grader


@pytest.fixture(scope="module")
def right(house):
    return house.good("ada")


def wanted(attack):
    """The verdicts that an attack's docstring allows."""
    named = re.search(r"Verdict: ([a-z, ]+)\.$", ast.get_docstring(ast.parse(attack)))
    return set(re.split(r", | or ", named[1]))


def forms(secret):
    """How a secret may be written to slip through."""
    raw = secret.encode()
    return secret, secret[::-1], raw.hex(), base64.b64encode(raw).decode()[:20]


def contained(house, grader, attack):
    """Grade ``attack``; what it must not have reached."""
    verdict = grader.grade(house.hostile(attack), learner="eve", assignment=SLUG, force=True)
    said = verdict.to_json()
    leaked = [place for place, secret in house.canaries.items() if any(form in said for form in forms(secret))]
    assert not leaked, leaked
    assert not verdict.review, verdict.review
    task = verdict.task(TASK)
    passed = {check.id: check.points for check in task.checks if check.status == "passed"}
    assert passed.keys() <= FREE, passed
    assert task.status in wanted(attack), (task.status, task.sentence)
    honest = verdict.task("full_grad").maximum + sum(passed.values())
    assert verdict.score == honest, "the honest part earns what it is worth, and no more"


def test_long_attacks_are_attacks():
    assert ATTACKS.keys() >= LONG and len(ATTACKS) - len(LONG) > 30


@pytest.mark.parametrize("name", [pytest.param(n, marks=[pytest.mark.slow] if n in LONG else []) for n in ATTACKS])
def test_an_attack_earns_learns_and_harms_nothing(house, grader, right, name):
    contained(house, grader, ATTACKS[name].read_text(encoding="utf-8"))
    good = grader.grade(right, learner="ada", assignment=SLUG, force=True)
    assert good.score == good.maximum and not good.review, [(task.name, task.sentence) for task in good.tasks]


BITES = {
    "points": "def gd(*given, **named):\n    return honest(*given, **named)\n",
    "words": "print({secret!r})\n\n\ndef gd(*given, **named):\n    return None\n",
    "turned words": "print({secret!r}[::-1])\n\n\ndef gd(*given, **named):\n    return None\n",
    "another verdict": "def gd(*given, **named):\n    raise KeyError\n",
    "its own other function": "full_grad = None\n\n\ndef gd(*given, **named):\n    return None\n",
}


@pytest.mark.parametrize("what", BITES)
def test_what_an_attack_must_not_reach_is_noticed(house, grader, what):
    """Else nothing above would be proven."""
    body = BITES[what].replace("{secret!r}", repr(house.canaries["home"]))
    with pytest.raises(AssertionError):
        contained(house, grader, f'"""Is through.\n\nRow 0. Verdict: failed.\n"""\n{body}')
