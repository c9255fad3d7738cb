"""Grading: the three doors write the same gradebook, nothing stops the class, and a killed run is finished."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.apps.api import NbGraderAPI

from course.classroom import gradebook
from course.classroom.doors.exchange import collect
from course.classroom.grading import judging
from course.classroom.grading.grade import grade_class
from course.classroom.home import Home, HomeError
from course.classroom.nbconfig import config, quiet

from .conftest import BOOM, GOOD, SLUG, WRONG

ROOT = Path(__file__).resolve().parents[2]
FAKE = f"""
import importlib.util
spec = importlib.util.spec_from_file_location("fake", {str(Path(__file__).with_name("fake.py"))!r})
fake = importlib.util.module_from_spec(spec)
spec.loader.exec_module(fake)
from course.classroom.grading import judging
judging.make = lambda home, machines=None: fake.FakeGrader(home.path)
"""
"""Puts the stand-in grader into another process."""


def environment() -> dict[str, str]:
    """Another process's environment: it finds the course, and no settings of this machine's user."""
    place = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": place, "JUPYTER_CONFIG_DIR": "/nonexistent", "JUPYTER_NO_CONFIG": "1"}


@pytest.fixture
def collected(home, hand_in):
    """Ada is right, Bob wrong, Cyd meets a fault of the grader, Dan's file breaks off."""
    hand_in(home, "ada", GOOD)
    hand_in(home, "bob", WRONG)
    hand_in(home, "cyd", BOOM)
    hand_in(home, "dan", raw=b'{"cells": [')
    collect(home, SLUG)
    return home


def scores(home: Home) -> dict:
    return {
        learner: [(row.auto, row.needs_manual) for row in item.rows.values()]
        for learner, item in gradebook.class_scores(home, SLUG).items()
    }


def everything(home: Home) -> tuple:
    """All that grading leaves: the gradebook's rows and the autograded notebooks."""
    notebooks = {
        str(path.relative_to(home.path)): path.read_bytes() for path in home.path.glob(f"autograded/*/{SLUG}/*")
    }
    return gradebook.class_scores(home, SLUG), notebooks


EXPECTED = {
    "ada": [(4.0, False), (2.0, False)],
    "bob": [(1.0, False), (2.0, False)],
    "cyd": [(None, True), (2.0, False)],
    "dan": [(None, True), (None, True)],
}


def by_class(home: Home) -> None:
    grade_class(home, SLUG)


def by_button(home: Home) -> None:
    with quiet():
        api = NbGraderAPI(config=config(home))
        for path in sorted(home.submitted.iterdir()):
            answer = api.autograde(SLUG, path.name)
            assert answer["success"], answer


def by_command(home: Home) -> None:
    done = nbgrader(home, "autograde", SLUG)
    assert done.returncode == 0, done.stderr


def nbgrader(home: Home, *words: str) -> subprocess.CompletedProcess:
    """The stock command, run in the course home as an instructor does."""
    settings = home.path / "nbgrader_config.py"
    if "FakeGrader" not in settings.read_text():
        settings.write_text(settings.read_text() + FAKE)
    command = [sys.executable, "-m", "nbgrader", *words]
    done = subprocess.run(command, cwd=home.path, env=environment(), capture_output=True, text=True, timeout=120)
    assert "Exception while loading config file" not in done.stderr, done.stderr
    return done


@pytest.mark.parametrize("door", [by_class, by_button])
def test_each_door_gives_every_learner_the_right_rows(collected, door):
    door(collected)
    assert scores(collected) == EXPECTED


def test_the_three_doors_leave_the_same_gradebook_and_notebooks(collected):
    left = []
    for door in (by_class, by_button, by_command):
        door(collected)
        left.append(everything(collected))
        for path in collected.path.glob("autograded/*"):
            shutil.rmtree(path)
        with quiet(), gradebook.gradebook(collected) as opened:
            for learner in EXPECTED:
                opened.remove_submission(SLUG, learner)
    assert {learner: len(item.rows) for learner, item in left[0][0].items()} == dict.fromkeys(EXPECTED, 2)
    assert left[0] == left[1] == left[2]


def test_the_class_goes_on_and_says_what_a_person_must_look_at(collected):
    seen = []
    done = grade_class(collected, SLUG, progress=lambda *args: seen.append(args))
    assert seen == [("ada", 1, 4), ("bob", 2, 4), ("cyd", 3, 4), ("dan", 4, 4)]
    assert [item.learner for item in done.review] == ["cyd", "dan"]
    assert done.review[0].sentence.startswith("double could not be decided: Our grader had a fault")
    assert done.review[1].sentence.startswith("The file is not a notebook: its JSON breaks off")
    assert done.verdicts["bob"].score == 3.0 and done.verdicts["dan"].score is None
    assert gradebook.scores(collected, SLUG, "cyd").score is None


def test_only_what_is_new_is_graded_again(collected, hand_in):
    assert grade_class(collected, SLUG).written == ("ada", "bob", "cyd", "dan")
    before = everything(collected)
    assert grade_class(collected, SLUG).written == () and everything(collected) == before
    hand_in(collected, "bob", GOOD)
    collect(collected, SLUG)
    assert grade_class(collected, SLUG).written == ("bob",)
    assert scores(collected)["bob"] == EXPECTED["ada"]
    assert grade_class(collected, SLUG, learners=["ada"], force=True).written == ("ada",)


def test_outputs_say_what_happened_and_warnings_cost_nothing(collected):
    grade_class(collected, SLUG)
    notebook = json.loads(collected.notebook("autograded", SLUG, "bob").read_text())
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    shown, score = cells["check-double"]["outputs"]
    text = "".join(shown["data"]["text/plain"])
    assert "passed (1)  A first number is right." in text
    assert "failed (3)  Other numbers are right. It returned 3 where 6 was expected." in text
    assert "".join(score["data"]["text/plain"]) == "1.0" and score["output_type"] == "execute_result"
    assert [output["output_type"] for output in cells["draw-double"]["outputs"]][:2] == ["stream", "display_data"]
    assert any(output.get("name") == "stderr" for output in cells["draw-double"]["outputs"])
    undecided = json.loads(collected.notebook("autograded", SLUG, "cyd").read_text())
    outputs = next(cell for cell in undecided["cells"] if cell["id"] == "check-double")["outputs"]
    assert [output["output_type"] for output in outputs] == ["display_data"]


def test_a_stub_is_noted_as_no_response(home, hand_in):
    hand_in(home, "ada", {"question-limit": GOOD["question-limit"]})
    collect(home, SLUG)
    grade_class(home, SLUG)
    with gradebook.gradebook(home) as opened:
        notebook = opened.find_submission_notebook(SLUG, SLUG, "ada")
        comments = {comment.name: comment.auto_comment for comment in notebook.comments}
    assert comments == {"learner": None, "function-double": "No response.", "question-limit": None}


@pytest.mark.parametrize("harm", ["copied", "schema", "deleted", "metadata", "version3"])
def test_a_damaged_notebook_is_repaired_and_harms_nobody(home, hand_in, harm):
    place = hand_in(home, "ada", GOOD)
    notebook = json.loads((place / SLUG / f"{SLUG}.ipynb").read_text())
    cells = notebook["cells"]
    check = next(cell for cell in cells if cell["id"] == "check-double")
    if harm == "copied":
        cells.append(check)
    elif harm == "schema":
        check["metadata"]["nbgrader"]["schema_version"] = 99
    elif harm == "deleted":
        cells.remove(check)
    elif harm == "metadata":
        for cell in cells:
            cell["metadata"] = {"nbgrader": "nonsense"}
        notebook["metadata"] = {"kernelspec": {"name": "evil", "argv": ["/bin/false"]}}
    else:
        notebook = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells}]}
    hand_in(home, "ada", raw=json.dumps(notebook).encode())
    hand_in(home, "bob", GOOD)
    collect(home, SLUG)
    assert grade_class(home, SLUG).review == ()
    assert scores(home) == {"ada": EXPECTED["ada"], "bob": EXPECTED["ada"]}


def test_a_manual_score_outlives_grading_again(collected):
    grade_class(collected, SLUG)
    with quiet(), gradebook.gradebook(collected) as opened:
        grade = opened.find_grade("check-double", SLUG, SLUG, "bob")
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        opened.db.commit()
    grade_class(collected, SLUG, force=True)
    found = gradebook.scores(collected, SLUG, "bob")
    assert (found.rows["check-double"].auto, found.rows["check-double"].manual, found.score) == (1.0, 2.5, 4.5)


def test_a_lateness_penalty_stays_nbgraders(collected):
    from datetime import datetime

    with quiet(), gradebook.gradebook(collected) as opened:
        opened.update_or_create_assignment(SLUG, duedate=datetime(2020, 1, 1))
    settings = config(collected, assignment_id=SLUG)
    settings.LateSubmissionPlugin.penalty_method = "zero"
    with quiet():
        assert NbGraderAPI(config=settings).autograde(SLUG, "bob")["success"]
    found = gradebook.scores(collected, SLUG, "bob")
    assert found.late > 0 and found.penalty == 3.0 and found.score == 0.0


KILLED = (
    FAKE
    + """
import os, signal, sys
from pathlib import Path
from course.classroom.grading import plugin
from course.classroom.grading.grade import grade_class
from course.classroom.home import Home
step = getattr(plugin, sys.argv[2])
run = step.preprocess_cell if sys.argv[2] == "SaveVerdicts" else step.preprocess
def die(self, nb, resources, *rest):
    done = run(self, nb, resources, *rest)
    if resources["nbgrader"]["student"] == "bob":
        os.kill(os.getpid(), signal.SIGKILL)
    return done
setattr(step, run.__name__, die)
grade_class(Home.open(Path(sys.argv[1])), "00_double")
"""
)


def kill_at(home: Home, step: str) -> None:
    """Grade in another process that is killed while it handles Bob, after this step of the plug-in."""
    command = [sys.executable, "-W", "ignore", "-c", KILLED, str(home.path), step]
    assert subprocess.run(command, env=environment(), timeout=120).returncode == -signal.SIGKILL


@pytest.mark.parametrize("step", ["Transplant", "JudgedOutputs", "SaveVerdicts", "MarkFinished"])
def test_a_killed_run_is_finished_by_the_next(collected, step):
    kill_at(collected, step)
    assert scores(collected).get("bob") != EXPECTED["bob"] or step == "MarkFinished"
    assert grade_class(collected, SLUG).written == ("bob", "cyd", "dan")
    assert scores(collected) == EXPECTED


def test_the_stock_command_does_not_skip_what_was_killed(collected):
    kill_at(collected, "SaveVerdicts")
    by_command(collected)
    assert scores(collected) == EXPECTED


def test_who_cannot_be_graded_is_said(collected):
    stranger = collected.submitted / "eve" / SLUG
    stranger.mkdir(parents=True)
    (stranger / f"{SLUG}.ipynb").write_text("{}")
    done = grade_class(collected, SLUG, learners=["ada", "eve", "zoe"])
    assert list(done.verdicts) == ["ada"]
    assert [item.sentence.split(";")[0] for item in done.review] == [
        "'eve' is not on the roster",
        "'zoe' is not on the roster",
    ]


def test_a_grader_that_breaks_down_costs_nobody_a_grade(collected, monkeypatch):
    def broken(*args, **kwargs):
        raise RuntimeError("the judging process could not be started")

    monkeypatch.setattr(judging.grader(collected), "grade", broken)
    done = grade_class(collected, SLUG)
    assert done.verdicts == {} and scores(collected) == {}
    assert {item.sentence for item in done.review} == {"the judging process could not be started"}


def test_grading_before_release_says_so(tmp_path, grader):
    home = Home.create(tmp_path / "home", course_id="demo")
    with pytest.raises(HomeError, match="was never released"):
        grade_class(home, SLUG)
