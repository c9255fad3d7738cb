"""Revealing a solution: not before everybody's deadline, whole, runnable, and where learners can fetch it."""

from __future__ import annotations

import json
import os
from datetime import datetime

import nbformat
import pytest
from nbclient import NotebookClient
from nbgrader.auth import Authenticator
from nbgrader.exchange.default import ExchangeFetchAssignment

from course.classroom.desk.reveal import reveal
from course.classroom.doors.exchange import collect
from course.classroom.home import Home, HomeError
from course.classroom.nbconfig import config, course_directory, quiet

from .conftest import LEARNERS, SLUG
from .test_export import course

AFTER = datetime(2026, 5, 1)


def dated(home: Home, due: str = "2026-03-01 12:00", more: str = "") -> Home:
    toml = home.path / "course.toml"
    toml.write_text(f'{toml.read_text()}\n[assignments.{SLUG}]\ndue = "{due}"\n{more}')
    return Home.open(home.path)


def nothing_revealed(home: Home) -> bool:
    return not (home.path / "revealed").exists() and os.listdir(home.exchange / "demo" / "outbound") == [SLUG]


def test_not_before_everybodys_deadline(home):
    home = dated(home, more='[extensions.bob]\n00 = "2026-03-05"\n[extensions.gone]\n00 = "2027-01-01"\n')
    for now, words in (
        (datetime(2026, 3, 1, 11), "for everybody until 2026-03-01 12:00 UTC, for bob until 2026-03-05 23:59 UTC"),
        (
            datetime(2026, 3, 1, 13),
            "handed in, for bob until 2026-03-05 23:59 UTC; reveal its solution after",
        ),
    ):
        for although in (False, True):
            with pytest.raises(HomeError, match=words):
                reveal(home, SLUG, now=now, although_open=although)
    assert nothing_revealed(home)
    assert reveal(home, SLUG, now=datetime(2026, 3, 6)).changed


def test_not_without_a_due_date(home):
    done = course(home, "reveal", "00")
    assert done.exit_code == 1 and "has no due date" in done.stderr and nothing_revealed(home)
    done = course(home, "reveal", "00", "--although-open")
    assert done.exit_code == 0 and "nbgrader fetch_assignment 00_double_solution" in done.stdout
    assert "nothing from ada, bob, cyd, dan was collected" in done.stderr


def test_the_solution_alone_and_neutral(home):
    done = reveal(dated(home), SLUG, now=AFTER)
    notebook = json.loads(done.notebook.read_text())
    text = done.notebook.read_text()
    for word in ("BEGIN SOLUTION", "END SOLUTION", "NotImplementedError", "nbgrader", "test_other_numbers", "rng"):
        assert word not in text, word
    cells = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"]}
    assert cells["function-double"].endswith('    """Twice x."""\n    return 2 * x  # SECRET')
    assert cells["question-limit"].endswith("\nlimit = 7")
    assert all(learner.id not in cells["learner"] for learner in LEARNERS)
    assert "*Doubling* as its authors solved it" in cells["solution-of"]
    assert all(cell["metadata"] == {} for cell in notebook["cells"])


def test_it_opens_and_runs(home, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    made = nbformat.read(reveal(dated(home), SLUG, now=AFTER).notebook, as_version=4)
    nbformat.validate(made)
    NotebookClient(made, timeout=60, resources={"metadata": {"path": str(tmp_path)}}).execute()
    shown = {cell.id: "".join(str(output) for output in cell.get("outputs", ())) for cell in made.cells}
    assert "6" in shown["draw-double"] and "passed" in shown["check-double"] and "failed" not in str(shown)


def test_learners_fetch_it_and_their_submissions_stay_apart(home, tmp_path, hand_in):
    done = reveal(dated(home), SLUG, now=AFTER)
    assert done.there is not None and done.there.stat().st_mode & 0o777 == 0o644
    assert done.there.parent.stat().st_mode & 0o777 == 0o755
    settings = config(home, assignment_id=done.name, student_id="ada")
    settings.Exchange.assignment_dir = str(tmp_path)
    with quiet() as (log, _):
        coursedir = course_directory(home, log, assignment_id=done.name, student_id="ada")
        keys = {"coursedir": coursedir, "authenticator": Authenticator(log=log), "config": settings, "log": log}
        ExchangeFetchAssignment(**keys).start()
    assert (tmp_path / done.name / f"{done.name}.ipynb").read_bytes() == done.notebook.read_bytes()
    (home.exchange / "demo" / "inbound" / f"ada+{done.name}+2026-03-01 10:00:00 UTC").mkdir()
    assert collect(home, SLUG).refused == () and home.assignments == [SLUG]


def test_twice_is_once_and_what_was_changed_is_put_right(home):
    home = dated(home)
    first = reveal(home, SLUG, now=AFTER)
    again = reveal(home, SLUG, now=AFTER)
    assert first.changed and not again.changed and again.there == first.there
    assert first.there is not None
    first.there.write_text("x")
    assert reveal(home, SLUG, now=AFTER).changed and first.there.read_bytes() == first.notebook.read_bytes()
    assert os.listdir(first.there.parent) == [first.there.name]
    assert sorted(os.listdir(first.there.parent.parent)) == [SLUG, first.name]


def test_without_an_exchange(home):
    home = dated(home)
    os.rename(home.exchange, home.path / "elsewhere")
    done = course(home, "reveal", "00")
    assert done.exit_code == 0 and "There is no exchange" in done.stdout
    assert (home.path / "revealed" / f"{SLUG}.ipynb").is_file()


def test_who_could_copy_it_is_said(home):
    put = home.notebook("submitted", SLUG, "ada")
    put.parent.mkdir(parents=True)
    put.write_text("{}")
    assert reveal(dated(home), SLUG, now=AFTER).note.startswith("nothing from bob, cyd, dan was collected")
    toml = home.path / "course.toml"
    toml.write_text(toml.read_text().replace("\ndays = 0", "\ndays = 3"))
    home = Home.open(home.path)
    assert "bob" in reveal(home, SLUG, now=datetime(2026, 3, 3)).note
    assert reveal(home, SLUG, now=AFTER).note == ""


def test_only_what_was_released(home):
    done = course(home, "reveal", "77")
    assert done.exit_code == 1 and "77 was not released" in done.stderr and nothing_revealed(home)
