"""What goes wrong in JupyterLab with stock nbgrader: a copied cell, unsaved work, an endless loop."""

from __future__ import annotations

import html
import json
import re
import time

import pytest

from course.classroom import gradebook
from course.classroom.grading.plugin import verdict_of
from tests.classroom.conftest import GOOD, SLUG, WRONG

from .pages import Assignments, Notebook, i_am

DOUBLE = "# function double"
ENDLESS = "# function double: your code below\ndef double(x):\n    while x:\n        pass\n"


@pytest.fixture
def notebook(doors, room):
    """``notebook(edits)``: the learner's notebook, fetched and saved with ``edits``, by cell id, open in JupyterLab."""
    door = doors("learner")

    def opened(edits):
        if not door.file.exists():
            Assignments(door).fetch()
            door.released = door.file.read_bytes()
        data, edits = json.loads(door.released), edits | {"learner": i_am(room.learner)}
        for cell in data["cells"]:
            cell["source"] = edits.get(cell["id"], cell["source"])
        door.file.write_text(json.dumps(data))
        return Notebook(door)

    yield opened
    door.leave()


def graded(room):
    """Collect and grade as the instructor: the scores by cell, the verdict, and the feedback page."""
    for verb in ("collect", "grade", "feedback"):
        room.course(verb, SLUG)
    rows = gradebook.class_scores(room.home, SLUG)[room.learner].rows
    marked = json.loads(room.home.notebook("autograded", SLUG, room.learner).read_bytes())
    page = room.home.notebook("feedback", SLUG, room.learner, ".html").read_text()
    return {name: row.auto for name, row in rows.items()}, verdict_of(marked), page


def test_validate_says_what_our_checks_say(notebook):
    said = notebook(WRONG).validate()
    assert "Success" not in said and "The result is 2, where 4 is asked for." in said


def test_a_report_says_that_what_passes_is_not_saved(notebook):
    page = notebook(WRONG)
    page.write(DOUBLE, GOOD["function-double"])
    page.run("# setup")
    page.run(DOUBLE)
    assert "Not saved yet: 00_double.ipynb, saved at" in page.run("# check double")
    page.save()
    assert "Not saved" not in page.run("# check double")


def test_copied_cells_can_be_validated_submitted_and_graded(notebook, doors, room):
    page = notebook(GOOD)
    page.duplicate("# check double")
    page.duplicate(DOUBLE)
    page.save()
    assert "Success! Your notebook passes all the tests." in page.validate()
    Assignments(doors("learner")).submit()
    scores, verdict, feedback = graded(room)
    assert scores == {"check-double": 4.0, "check-limit": 2.0}
    doors("learner").save_picture("8-copied-feedback", room.home.notebook("feedback", SLUG, room.learner, ".html"))
    said = [note.replace("`", "") for note in verdict.notes if "double" in note]
    shown = html.unescape(re.sub("<[^>]+>", "", feedback))
    assert said and all(note in shown for note in said)


def test_unsaved_work_does_not_go_in_and_the_page_shows_what_did(notebook, doors, room):
    door, page = doors("learner"), notebook(WRONG)
    page.write(DOUBLE, GOOD["function-double"])
    page.dirty.wait_for()
    door.save_picture("9-unsaved")
    Assignments(door, anew=False).submit()
    assert sorted(room.inbound)[-1].read_bytes() == door.file.read_bytes()
    scores, _, feedback = graded(room)
    assert scores == {"check-double": 0.0, "check-limit": 2.0}
    assert "return x  # wrong" in feedback and "return x + x" not in feedback


def test_an_endless_loop_is_named_within_seconds_and_graded(notebook, doors, room):
    page = notebook(GOOD | {"function-double": ENDLESS})
    page.run("# setup")
    page.run(DOUBLE)
    start = time.monotonic()
    report = page.run("# check double")
    assert time.monotonic() - start < 30
    assert "double did not finish within 5 s; does its loop end" in report.replace("`", "")
    doors("learner").save_picture("10-endless")
    page.save()
    Assignments(doors("learner")).submit()
    start = time.monotonic()
    scores, verdict, feedback = graded(room)
    assert time.monotonic() - start < 90
    assert scores == {"check-double": 0.0, "check-limit": 2.0} and verdict.task("double").status == "timeout"
    assert "did not finish" in feedback
