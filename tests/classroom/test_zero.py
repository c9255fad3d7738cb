"""An assignment that is worth nothing goes the whole way: nbgrader releases, grades and returns cells of no points."""

from __future__ import annotations

import subprocess
import sys

import pytest
from nbgrader.apps.api import NbGraderAPI

from course.classroom.desk.release import release
from course.classroom.doors.exchange import collect
from course.classroom.grading import judging
from course.classroom.grading.grade import grade_class
from course.classroom.home import Home
from course.classroom.nbconfig import config, quiet
from course.classroom.pages.feedback import feedback_class
from course.grade.jail import tiers

from .conftest import GOOD, HIDDEN, LEARNERS, SLUG, SOLUTION, WRONG
from .test_doors import environment, scores
from .test_real import forget


@pytest.fixture
def worthless(tmp_path, hand_in):
    """A home whose one assignment has no points, and two submissions of it, a right and a wrong one."""
    if tiers.probe().best is None:
        pytest.skip("this machine has no jail for grades of record")
    solution = SOLUTION.replace("# double = 4", "# double = 0").replace("# limit = 2", "# limit = 0")
    for name, text in (
        ("solutions/00_double.py", solution.replace("(1 point)", "(0 points)")),
        ("tests/hidden/test_00_double.py", HIDDEN.replace("@points(3", "@points(0").replace("@points(1", "@points(0")),
    ):
        (tmp_path / "root" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "root" / name).write_text(text)
    home = Home.create(tmp_path / "home", course_id="demo", roster=LEARNERS[:2], identity="hub")
    release(home, SLUG, root=tmp_path / "root")
    for learner, edits in {"ada": GOOD, "bob": WRONG}.items():
        who = {"learner": f'# learner: who you are\ncourse_id = "demo"\nlearner_id = "{learner}"\n'}
        hand_in(home, learner, edits | who)
    collect(home, SLUG)
    yield home
    judging.close()


def test_an_assignment_of_no_points_is_graded_at_every_door(worthless):
    nothing = {"ada": [(0.0, False), (0.0, False)], "bob": [(0.0, False), (0.0, False)]}
    done = grade_class(worthless, SLUG, jobs=2)
    assert done.review == () and done.written == ("ada", "bob")
    assert scores(worthless) == nothing
    assert done.verdicts["ada"].task("double").status == "passed"
    assert done.verdicts["bob"].task("double").status == "failed"
    forget(worthless)
    with quiet():
        api = NbGraderAPI(config=config(worthless))
        for learner in ("ada", "bob"):
            assert api.autograde(SLUG, learner)["success"]
        assert api.get_assignment(SLUG)["max_score"] == 0
        assert [one["score"] for one in api.get_submissions(SLUG) if one["autograded"]] == [0.0, 0.0]
        assert api.get_students()
    assert scores(worthless) == nothing
    forget(worthless)
    command = [sys.executable, "-m", "nbgrader", "autograde", SLUG]
    result = subprocess.run(command, cwd=worthless.path, env=environment(), capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    assert scores(worthless) == nothing
    pages = feedback_class(worthless, SLUG)
    assert list(pages.pages) == ["ada", "bob"] and pages.refused == ()
    command = [sys.executable, "-m", "nbgrader", "export"]
    result = subprocess.run(command, cwd=worthless.path, env=environment(), capture_output=True, text=True, timeout=120)
    assert result.returncode == 0 and (worthless.path / "grades.csv").is_file(), result.stderr
    assert "0 of 0 points" in pages.pages["ada"].read_text()
