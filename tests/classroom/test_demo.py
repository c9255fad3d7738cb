"""The whole way, for real: six learners through nbgrader's exchange, a jail, pytest and the gradebook."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from course.classroom import gradebook
from course.classroom.home import Home

SLUG = "02_full_batch_gd"
BIN = Path(sys.executable).parent


def run(*command, folder, **environment):
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        timeout=300,
    )
    return done


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    done = run("course", "demo", "--keep", str(folder / "class"), "--json", str(folder / "demo.json"), folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    records = {record["learner"]: record for record in json.loads((folder / "demo.json").read_text())}
    return Home.open(folder / "class" / "home"), records, done.stdout


def lost(record):
    """The tasks of a learner that did not get all their points."""
    return {name for name, task in record["tasks"].items() if task["score"] != task["maximum"]}


def test_nobody_is_missing(demo):
    home, records, _ = demo
    assert set(records) == set(home.roster) == {"ada", "ben", "cleo", "dan", "eve", "fox"}
    assert {record["maximum"] for record in records.values()} == {25}


def test_right_and_unusual_get_full_marks(demo):
    _, records, _ = demo
    assert records["ada"]["score"] == records["ben"]["score"] == 25


def test_stub_and_forger_get_nothing(demo):
    _, records, _ = demo
    assert records["dan"]["score"] == records["fox"]["score"] == 0
    assert {task["status"] for task in records["dan"]["tasks"].values()} <= {"error", "failed"}


@pytest.mark.parametrize(
    ("learner", "task", "status"), [("cleo", "max_stable_lr", "failed"), ("eve", "quadratic_gd", "timeout")]
)
def test_a_mistake_and_a_loop_cost_exactly_their_function(demo, learner, task, status):
    _, records, _ = demo
    assert lost(records[learner]) == {task}
    assert records[learner]["tasks"][task]["status"] == status


def test_the_table_says_what_learners_read(demo):
    home, _, out = demo
    assert "did not finish within" in out and "is not written yet" in out
    assert str(home.path) in out.replace("\n", "")


def test_feedback_came_back_through_the_exchange(demo):
    home, _, _ = demo
    for learner in home.roster:
        page = home.notebook("feedback", SLUG, learner, ".html")
        desk = home.path.parent / "learners" / learner / SLUG / "feedback"
        assert [path.read_bytes() for path in desk.glob(f"*/{SLUG}.html")] == [page.read_bytes()]


def test_nbgrader_autograde_writes_the_same_gradebook(demo):
    home, records, _ = demo
    before = gradebook.class_scores(home, SLUG)
    (home.path / "journal.db").rename(home.path / "journal.aside")  # it must judge by itself, not read what is known
    # Eve's endless loop costs a quarter of a minute for each time that it is judged.
    done = run("nbgrader", "autograde", SLUG, "--force", "--CourseDirectory.student_id_exclude=eve", folder=home.path)
    assert done.returncode == 0, done.stdout + done.stderr
    (home.path / "journal.aside").replace(home.path / "journal.db")
    after = gradebook.class_scores(home, SLUG)
    assert after == before
    assert {learner: row.score for learner, row in after.items()} == {name: r["score"] for name, r in records.items()}


def test_formgraders_button_writes_the_same_gradebook(demo):
    home, _, _ = demo
    before = gradebook.class_scores(home, SLUG)
    code = (
        "from nbgrader.apps import NbGraderApp; from nbgrader.apps.api import NbGraderAPI;"
        "from nbgrader.coursedir import CourseDirectory;"
        "app = NbGraderApp(); app.initialize([]); course = CourseDirectory(parent=app);"
        f"print(NbGraderAPI(course, parent=app).autograde('{SLUG}', 'cleo', force=True)['success'])"
    )
    done = run(sys.executable, "-c", code, folder=home.path)
    assert done.stdout.strip().endswith("True"), done.stdout + done.stderr
    assert gradebook.class_scores(home, SLUG) == before


def test_running_every_verb_again_changes_nothing(demo):
    home, _, _ = demo
    before = gradebook.class_scores(home, SLUG)
    for verb in ("release", "collect", "grade", "feedback"):
        done = run("course", verb, "02", "--home", str(home.path), folder=home.path)
        assert done.returncode == 0, done.stdout + done.stderr
        assert verb != "grade" or "0 of them new" in done.stdout
    assert gradebook.class_scores(home, SLUG) == before
