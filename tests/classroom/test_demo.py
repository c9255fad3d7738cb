"""The whole way, for real: ten learners through nbgrader's exchange, a jail, pytest and the gradebook."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import markupsafe
import pytest

from course.classroom import gradebook
from course.classroom.doors.handed import record_of
from course.classroom.home import Home

SLUGS = ("02_full_batch_gd", "04_minibatch_loader")
SLUG = SLUGS[0]
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
    listed = json.loads((folder / "demo.json").read_text())
    records = {(record["assignment"], record["learner"]): record for record in listed}
    assert len(records) == len(listed) == 20
    return Home.open(folder / "class" / "home"), records, done.stdout


def lost(record):
    """The tasks of a learner that did not get all their points."""
    return {name for name, task in record["tasks"].items() if task["score"] != task["maximum"]}


def test_nobody_is_missing(demo):
    home, records, _ = demo
    assert {learner for _, learner in records} == set(home.roster) and len(home.roster) == 10
    assert {record["maximum"] for record in records.values()} == {25}


@pytest.mark.parametrize("slug", SLUGS)
def test_right_is_right_by_every_door(demo, slug):
    """Unusual, with warnings, extended, without metadata, with a copied cell: full marks; late costs a tenth."""
    _, records, _ = demo
    for learner in ("ada", "ben", "hana", "ivo", "joy"):
        assert (records[slug, learner]["score"], records[slug, learner]["penalty"]) == (25, 0), learner
    assert (records[slug, "gus"]["score"], records[slug, "gus"]["penalty"]) == (22.5, 2.5)


@pytest.mark.parametrize("slug", SLUGS)
def test_stub_and_forger_get_nothing(demo, slug):
    _, records, _ = demo
    assert records[slug, "dan"]["score"] == records[slug, "fox"]["score"] == 0
    assert {task["status"] for task in records[slug, "dan"]["tasks"].values()} <= {"error", "failed"}


@pytest.mark.parametrize(
    ("slug", "learner", "task", "status"),
    [
        (SLUGS[0], "cleo", "max_stable_lr", "failed"),
        (SLUGS[0], "eve", "quadratic_gd", "timeout"),
        (SLUGS[1], "cleo", "iterations_per_epoch", "failed"),
    ],
)
def test_a_mistake_and_a_loop_cost_exactly_their_function(demo, slug, learner, task, status):
    _, records, _ = demo
    assert lost(records[slug, learner]) == {task}
    assert records[slug, learner]["tasks"][task]["status"] == status


def test_the_table_says_what_learners_read(demo):
    home, _, out = demo
    assert "did not finish within" in out and "not written yet: full_grad, gd" in out
    assert str(home.path) in out.replace("\n", "")


def test_doors_are_known_and_repairs_told(demo):
    home, _, _ = demo
    doors = {learner: record_of(home, SLUG, learner).door for learner in home.roster}
    assert {learner: door for learner, door in doors.items() if door != "exchange"} == {"ivo": "lms", "joy": "hub"}
    page = home.notebook("feedback", SLUG, "joy", ".html").read_text()
    assert "What we repaired" in page and "several cells of" in page


def test_report_and_export_hold_everybody(demo):
    home, records, _ = demo
    page = (home.path / "report.html").read_text()
    assert all(str(markupsafe.escape(learner.last_name)) in page for learner in home.roster.values())
    table = next((home.path / "exported").glob("*.csv")).read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(table.splitlines()))
    have = {(row["assignment"], row["id"]): float(row["score"]) for row in rows}
    assert have == {key: record["score"] for key, record in records.items()}


def test_feedback_came_back_through_the_exchange(demo):
    """At once where the deadline has passed; hana's page waits for hers, files go to those of other doors."""
    home, _, _ = demo
    for learner in set(home.roster) - {"hana", "ivo", "joy"}:
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
    assert {learner: row.score for learner, row in after.items()} == {
        name: record["score"] for (slug, name), record in records.items() if slug == SLUG
    }


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
