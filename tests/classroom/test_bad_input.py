"""Bad input gets one clear sentence and loses nothing; what can be repaired is."""

import os
import signal
import subprocess
import sys
import time

import pytest

from course.classroom import gradebook
from course.classroom.grading.grade import grade_class

from .tiny import SLUG, hand_in, make_home, notebook

FULL = 6.0


def without(made, cell_id):
    return {**made, "cells": [cell for cell in made["cells"] if cell["id"] != cell_id]}


def doubled(made, cell_id):
    return {**made, "cells": [*made["cells"], next(cell for cell in made["cells"] if cell["id"] == cell_id)]}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    learners = ["ada", "picture", "broken", "huge", "copied", "deleted", "lost", "other", "odd", "link"]
    home = make_home(tmp_path_factory.mktemp("class"), learners)
    hand_in(home, "ada", notebook(home, "ada"))
    hand_in(home, "picture", b"\x89PNG\r\n\x1a\n" + bytes(100))
    hand_in(home, "broken", b'{"cells": [{"cell_type": "code", "source": "x = ')
    with open(hand_in(home, "huge", b""), "wb") as file:
        file.truncate(100_000_000)
    hand_in(home, "copied", doubled(notebook(home, "copied"), "check-double"))
    hand_in(home, "deleted", without(notebook(home, "deleted"), "check-double"))
    hand_in(home, "lost", without(notebook(home, "lost"), "function-twice"))
    hand_in(home, "other", {"cells": [{"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": []}]})
    hand_in(home, "odd", {**notebook(home, "odd"), "nbformat": 99, "metadata": {"celltoolbar": 7}})
    path = hand_in(home, "link", b"")
    path.unlink()
    path.symlink_to("/etc/passwd")
    return home, grade_class(home, SLUG)


def review_of(grades, learner):
    return [review.sentence for review in grades.review if review.learner == learner]


@pytest.mark.parametrize(
    ("learner", "says"),
    [
        ("picture", "not a notebook"),
        ("broken", "breaks off or is damaged"),
        ("huge", "100 MB, more than the 20 MB allowed"),
        ("link", "cannot be opened"),
        ("other", "No function cell was found"),
    ],
)
def test_what_cannot_be_read_is_for_a_person_and_never_zero(graded, learner, says):
    home, grades = graded
    sentences = review_of(grades, learner)
    assert says in sentences[0] and "\n" not in sentences[0]
    row = gradebook.scores(home, SLUG, learner)
    assert row is not None and row.score is None, "it must be in the gradebook, ungraded"


@pytest.mark.parametrize("learner", ["ada", "copied", "deleted", "odd"])
def test_repaired_notebooks_get_full_marks(graded, learner):
    home, grades = graded
    assert grades.verdicts[learner].score == gradebook.scores(home, SLUG, learner).score == FULL
    assert not review_of(grades, learner)


def test_a_deleted_function_cell_loses_its_function(graded):
    home, grades = graded
    verdict = grades.verdicts["lost"]
    assert {task.name: task.status for task in verdict.tasks if task.status != "passed"} == {"twice": "missing"}
    assert gradebook.scores(home, SLUG, "lost").score == FULL - 2


def test_nobody_is_missing(graded):
    home, _ = graded
    assert set(gradebook.class_scores(home, SLUG)) == set(home.roster)


def test_an_unknown_learner_gets_a_sentence(graded):
    home, _ = graded
    grades = grade_class(home, SLUG, learners=["zoe"])
    assert not grades.verdicts and "'zoe' is not on the roster" in grades.review[0].sentence


def course(*words, home, before=""):
    code = f"import sys\n{before}\nfrom course.cli import main\nmain({list(words)!r})"
    command = [sys.executable, "-c", code]
    return subprocess.Popen(
        command,
        env={**os.environ, "COURSE_HOME": str(home.path)},
        stdout=-1,
        stderr=-1,
        text=True,
        start_new_session=True,
    )


def test_without_libseccomp_nothing_is_graded_and_one_sentence_says_why(graded):
    home, _ = graded
    process = course("grade", SLUG, "--again", home=home, before="sys.modules['pyseccomp'] = None")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1 and "Traceback" not in err
    assert "libseccomp was not found" in out + err and "apt-get install libseccomp2" in out + err


def test_killed_midway_and_run_again(tmp_path):
    learners = [f"l{number}" for number in range(6)]
    home = make_home(tmp_path, learners)
    slow = "# function double: your code below\nimport time\ndef double(x):\n    time.sleep(0.3)\n    return x + x\n"
    for learner in learners:
        changes = {"function-double": slow} if learner != "l3" else {"function-double": "def double(x): return 0 * x"}
        hand_in(home, learner, notebook(home, learner, **changes))
    for _ in range(2):
        process = course("grade", SLUG, "--jobs", "2", home=home)
        time.sleep(4)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
    grades = grade_class(home, SLUG)
    assert not grades.review
    scores = {learner: row.score for learner, row in gradebook.class_scores(home, SLUG).items()}
    assert scores == {learner: FULL if learner != "l3" else scores["l3"] for learner in learners}
    assert scores["l3"] < FULL
    again = grade_class(home, SLUG)
    assert not again.written and {n: v.score for n, v in again.verdicts.items()} == scores
