"""The class with the real grader: what the three doors write is what the jail and the hidden checks found."""

from __future__ import annotations

import shutil
import subprocess
import sys

import pytest
from nbgrader.apps.api import NbGraderAPI

from course.classroom import gradebook
from course.classroom.doors.exchange import collect
from course.classroom.grading import judging
from course.classroom.grading.grade import grade_class
from course.classroom.home import Home
from course.classroom.nbconfig import config, quiet
from course.classroom.pages.feedback import feedback_class
from course.grade.jail import tiers

from .conftest import GOOD, SLUG, WRONG
from .test_doors import environment, everything, scores

CRASH = GOOD | {"function-double": "# function double: your code below\nimport os\ndef double(x):\n    os._exit(0)"}
WARN = GOOD | {
    "function-double": "# function double: your code below\nimport sys\ndef double(x):\n"
    "    print('warning: x', file=sys.stderr)\n    return 2 * x"
}


@pytest.fixture
def real(tmp_path, released, hand_in):
    """A home whose submissions the real grader judges: right, wrong, crashing, and right with words on stderr."""
    if tiers.probe().best is None:
        pytest.skip("this machine has no jail for grades of record")
    home = Home.open(shutil.copytree(released, tmp_path / "home"))
    for learner, edits in {"ada": GOOD, "bob": WRONG, "cyd": CRASH, "dan": WARN}.items():
        who = {"learner": f'# learner: who you are\ncourse_id = "demo"\nlearner_id = "{learner}"\n'}
        hand_in(home, learner, edits | who)
    collect(home, SLUG)
    yield home
    judging.close()


def forget(home: Home) -> None:
    """Undo the grading, but for the journal."""
    for path in home.path.glob("autograded/*"):
        shutil.rmtree(path)
    with quiet(), gradebook.gradebook(home) as opened:
        for learner in home.roster:
            opened.remove_submission(SLUG, learner)


def test_three_doors_one_gradebook(real):
    done = grade_class(real, SLUG, jobs=2)
    assert done.review == () and done.written == ("ada", "bob", "cyd", "dan")
    assert scores(real) == {
        "ada": [(4.0, False), (2.0, False)],
        "bob": [(0.0, False), (2.0, False)],
        "cyd": [(0.0, False), (2.0, False)],
        "dan": [(4.0, False), (2.0, False)],
    }
    assert done.verdicts["cyd"].task("double").status == "crashed"
    first = everything(real)
    forget(real)
    with quiet():
        api = NbGraderAPI(config=config(real))
        for learner in real.roster:
            assert api.autograde(SLUG, learner)["success"]
    assert everything(real) == first
    forget(real)
    command = [sys.executable, "-m", "nbgrader", "autograde", SLUG]
    (real.path / "journal.db").rename(real.path / "journal.old")  # the command judges for itself
    result = subprocess.run(command, cwd=real.path, env=environment(), capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert everything(real) == first
    pages = feedback_class(real, SLUG)
    assert list(pages.pages) == ["ada", "bob", "cyd", "dan"] and pages.refused == ()
    assert "SECRET" not in "".join(path.read_text() for path in pages.pages.values())
