"""A course home with a small assignment, learners who hand in through the exchange, and the stand-in grader."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course.classroom.desk.release import release
from course.classroom.grading import judging
from course.classroom.home import Home
from course.classroom.nbconfig import config, course_directory, quiet
from course.classroom.roster import Learner

from .fake import FakeGrader

SLUG = "00_double"

SOLUTION = '''# /// contract
# slug = "00_double"
# title = "Doubling"
# hours = 0.1
# prerequisites = []
# [points]
# double = 4
# limit = 2
# ///

# %% [markdown]
# # Doubling

# %%
# setup: run this first, do not edit
from course.learn import check

# %%
# learner: who you are
course_id = "demo"
learner_id = "somebody"

# %%
# function double: your code below
def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x  # SECRET
    ### END SOLUTION

# %%
# check double (1 point): run, do not edit
@check("double")
def first():
    """A first number is right."""
    check.close(double(2), 4)


check.report("double")

# %%
# draw double: run, do not edit
print(double(3))

# %%
# question limit: your answer below
### BEGIN SOLUTION
limit = 7
### END SOLUTION

# %%
# check limit (1 point): run, do not edit
@check("limit")
def whole():
    """The limit is a whole number."""
    check.that("it is a whole number", isinstance(limit, int))


check.report("limit")
'''
HIDDEN = '''"""Hidden checks of the small assignment."""

from course.author import points


@points(3, cell="double", topic="signs")
def test_other_numbers(submission, reference, check, rng):
    """Other numbers are right."""
    x = float(rng.normal())
    check.close(submission.double(x), reference.double(x))


@points(1, cell="limit", topic="the number")
def test_limit(submission, reference, check, rng):
    """The limit is right."""
    check.close(submission.answers.get("limit"), 7)
'''
LEARNERS = [
    Learner("ada", "Ada", "Lovelace", "ada@example.org"),
    Learner("bob", "Bob", "Ross"),
    Learner("cyd", "Cyd", "Charisse"),
    Learner("dan"),
]


@pytest.fixture(scope="session")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the one small assignment."""
    root = tmp_path_factory.mktemp("repository")
    for name, text in (("solutions/00_double.py", SOLUTION), ("tests/hidden/test_00_double.py", HIDDEN)):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


@pytest.fixture
def grader(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[Path, FakeGrader]]:
    """Every grader that was made, by home; the real one is never started."""
    made: dict[Path, FakeGrader] = {}

    def make(home: Home, machines: object = None) -> FakeGrader:
        return made.setdefault(home.path, FakeGrader(home.path))

    monkeypatch.setattr(judging, "make", make)
    monkeypatch.setattr(judging, "_graders", {})
    yield made


@pytest.fixture(scope="session")
def released(tmp_path_factory: pytest.TempPathFactory, sources: Path) -> Path:
    """A home with the small assignment released, to be copied."""
    home = Home.create(tmp_path_factory.mktemp("class") / "home", course_id="demo", roster=LEARNERS, identity="hub")
    release(home, SLUG, root=sources)
    return home.path


@pytest.fixture
def home(tmp_path: Path, released: Path, grader: dict) -> Home:
    """A home of one's own, with the small assignment released."""
    return Home.open(Path(shutil.copytree(released, tmp_path / "home")))


@pytest.fixture
def hand_in(tmp_path: Path) -> Callable[..., Path]:
    """Fetch and submit as a learner does, with nbgrader's own classes; edits cells by id."""

    def submit(home: Home, learner: str, edits: dict[str, str] | None = None, raw: bytes | None = None) -> Path:
        from nbgrader.auth import Authenticator
        from nbgrader.exchange.default import ExchangeFetchAssignment, ExchangeSubmit

        place = tmp_path / "learners" / learner
        place.mkdir(parents=True, exist_ok=True)
        settings = config(home, assignment_id=SLUG, student_id=learner)
        settings.Exchange.cache = str(place / "cache")
        settings.Exchange.assignment_dir = str(place)
        with quiet() as (log, _):
            keys = {"coursedir": course_directory(home, log, assignment_id=SLUG, student_id=learner)}
            keys |= {"authenticator": Authenticator(log=log), "config": settings, "log": log}
            before, notebook = os.getcwd(), place / SLUG / f"{SLUG}.ipynb"
            os.chdir(place)
            try:
                if not notebook.exists():
                    ExchangeFetchAssignment(**keys).start()
                data = json.loads(notebook.read_text())
                for cell in data["cells"]:
                    cell["source"] = (edits or {}).get(cell["id"], cell["source"])
                notebook.write_bytes(raw if raw is not None else json.dumps(data).encode())
                ExchangeSubmit(**keys).start()
            finally:
                os.chdir(before)
        return place

    return submit


GOOD = {
    "function-double": "# function double: your code below\ndef double(x):\n    return x + x",
    "question-limit": "# question limit: your answer below\nlimit = 7",
}
WRONG = GOOD | {"function-double": "# function double: your code below\ndef double(x):\n    return x  # wrong"}
BOOM = GOOD | {"function-double": "# function double: your code below\ndef double(x):\n    return 'boom'"}
