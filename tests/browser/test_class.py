"""A class seen through JupyterLab: what a learner and an instructor press, from fetching to reading the feedback."""

from __future__ import annotations

from course.classroom import gradebook
from tests.classroom.conftest import GOOD, SLUG, WRONG

from .pages import Assignments, Formgrader, Notebook, i_am

DOUBLE, LIMIT = "# function double", "# question limit"
NEARLY = "# question limit: your answer below\nlimit = 8"
"""Passes the visible check, which asks for a whole number, and not the hidden one."""


def scores(room):
    """What the gradebook holds for the learner: each cell's score by the grader and by hand, and the total."""
    found = gradebook.class_scores(room.home, SLUG)[room.learner]
    return {name: (row.auto, row.manual) for name, row in found.rows.items()}, found.score, found.maximum


def test_learners_are_offered_what_is_theirs_and_instructors_everything(doors):
    for role, offered in (
        ("learner", ["Assignment List"]),
        ("instructor", ["Assignment List", "Course List", "Formgrader", "Create assignment"]),
    ):
        doors(role).lab()
        assert doors(role).menu() == offered


def test_a_learner_fetches_solves_checks_validates_and_submits(doors, room):
    door = doors("learner")
    Assignments(door).fetch()
    door.save_picture("1-assignment-list")
    notebook = Notebook(door)
    notebook.run("# setup")
    notebook.write("# learner", i_am(room.learner))
    notebook.run(DOUBLE)
    assert "NotImplementedError: double is yours to write" in notebook.run("# check double")
    notebook.write(DOUBLE, WRONG["function-double"])
    notebook.run(DOUBLE)
    report = notebook.run("# check double")
    assert "The result is 2, where 4 is asked for." in report and "0 of 1 visible checks pass" in report
    door.save_picture("2-notebook-wrong")
    notebook.write(DOUBLE, GOOD["function-double"])
    notebook.run(DOUBLE)
    assert "double: 1 of 1 visible checks pass; hidden checks at grading look at: signs." in notebook.run(
        "# check double"
    )
    notebook.write(LIMIT, NEARLY)
    notebook.run(LIMIT)
    assert "limit: 1 of 1 visible checks pass" in notebook.run("# check limit")
    notebook.save()
    assert "Success! Your notebook passes all the tests." in notebook.validate()
    door.save_picture("3-notebook-right")
    listed = Assignments(door)
    listed.submit()
    assert listed.submissions() == 1
    door.save_picture("4-submitted")
    (sent,) = room.inbound
    assert sent.read_bytes() == door.file.read_bytes()


def test_formgrader_collects_and_grades_as_the_command_does(doors, room):
    door = doors("instructor")
    formgrader = Formgrader(door, panel=True)
    assert "Successfully collected" in formgrader.collect()
    row = formgrader.submission(room.learner)
    assert "Successfully autograded" in formgrader.press(row, "autograde")
    door.save_picture("5-formgrader")
    by_button = scores(room)
    assert by_button == ({"check-double": (4.0, None), "check-limit": (1.0, None)}, 5.0, 6.0)
    assert row.locator("td.score").inner_text() == "5 / 6"
    room.course("grade", SLUG, "--again")
    assert scores(room) == by_button
    assert Formgrader(door).submission(room.learner).locator("td.score").inner_text() == "5 / 6"


def test_a_score_that_a_person_gives_in_formgrader_stays(doors, room):
    door = doors("instructor")
    Formgrader(door).give(room.learner, "check-limit", 1.5)
    door.save_picture("6-by-hand")
    rows, total, _ = scores(room)
    assert rows["check-limit"] == (1.0, 1.5) and total == 5.5
    room.course("grade", SLUG)
    assert scores(room) == (rows, 5.5, 6.0)


def test_the_learner_reads_the_page_that_formgrader_returned(doors, room):
    formgrader = Formgrader(doors("instructor"))
    row = formgrader.submission(room.learner)
    total = f"{scores(room)[1]:g}"
    assert row.locator("td.score").inner_text() == f"{total} / 6"
    assert "Successfully generated feedback" in formgrader.press(row, "generate-feedback")
    assert "Successfully released feedback" in formgrader.press(row, "release-feedback")
    door = doors("learner")
    listed = Assignments(door)
    listed.fetch_feedback()
    (page,) = door.work.glob(f"{SLUG}/feedback/*/{SLUG}.html")
    assert page.read_bytes() == room.home.notebook("feedback", SLUG, room.learner, ".html").read_bytes()
    shown = listed.read_feedback()
    assert (
        "Ada Lovelace" in shown and f"{total} of 6 points" in " ".join(shown.split()) and "The limit is right." in shown
    )
    door.save_picture("7-feedback")
    door.save_picture("7-feedback-whole", page)
