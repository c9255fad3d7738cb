"""Releasing: what nbgrader gets to see, and what it must not."""

from __future__ import annotations

import json
import shutil

import pytest

from course.bundle.freeze import latest
from course.classroom import gradebook
from course.classroom.desk.release import release
from course.classroom.doors.exchange import collect
from course.classroom.grading.grade import grade_class
from course.classroom.home import HomeError

from .conftest import GOOD, SLUG


def test_the_exercise_is_in_every_folder_and_the_gradebook_knows_its_points(home):
    there = home.exchange / "demo" / "outbound" / SLUG
    assert [path.name for path in there.iterdir()] == [f"{SLUG}.ipynb"]
    notebook = json.loads((there / f"{SLUG}.ipynb").read_text())
    cells = {cell["id"]: cell for cell in notebook["cells"]}
    assert 'raise NotImplementedError("double is yours to write")' in "".join(cells["function-double"]["source"])
    assert notebook["metadata"]["course"]["bundle"] == latest(home.bundles, SLUG).hash
    assert cells["check-double"]["metadata"]["editable"] is False
    assert cells["function-double"]["metadata"]["nbgrader"]["solution"] is True
    assert gradebook.cells(home, SLUG) == {"check-double": 4.0, "check-limit": 2.0}


def test_no_solution_enters_nbgraders_folders_or_its_database(home):
    for path in home.path.rglob("*"):
        if path.is_file() and home.bundles not in path.parents:
            assert b"SECRET" not in path.read_bytes(), path
    assert "SECRET" in (latest(home.bundles, SLUG).path / "reference.ipynb").read_text()


def test_releasing_again_changes_nothing(home, sources):
    there = home.notebook("exchange/demo/outbound", SLUG)
    before = there.stat().st_mtime_ns, gradebook.all_cells(home, SLUG)
    done = release(home, SLUG, root=sources)
    assert not done.changed and done.points == 6.0 and done.notebook == there
    assert (there.stat().st_mtime_ns, gradebook.all_cells(home, SLUG)) == before


def test_files_beside_the_source_notebook_are_not_released(home, sources):
    (home.path / "source" / SLUG / "answers.txt").write_text("7")
    with pytest.raises(HomeError, match=r"answers\.txt"):
        release(home, SLUG, root=sources)


def test_cells_stay_as_they_are_once_there_are_grades(home, sources, tmp_path, hand_in):
    other = tmp_path / "other"
    shutil.copytree(sources, other)
    script = other / "solutions" / f"{SLUG}.py"
    script.write_text(script.read_text().replace("# double = 4", "# double = 5"))
    hidden = other / "tests" / "hidden" / f"test_{SLUG}.py"
    hidden.write_text(hidden.read_text().replace('points(3, cell="double"', 'points(4, cell="double"'))
    hand_in(home, "ada", GOOD)
    collect(home, SLUG)
    grade_class(home, SLUG)
    bundle = latest(home.bundles, SLUG).hash
    with pytest.raises(HomeError, match=r"1 graded submissions.*check-double"):
        release(home, SLUG, root=other)
    assert latest(home.bundles, SLUG).hash == bundle
    assert gradebook.cells(home, SLUG) == {"check-double": 4.0, "check-limit": 2.0}


def test_the_roster_is_in_the_gradebook(home):
    with gradebook.gradebook(home) as opened:
        names = {student.id: (student.first_name, student.last_name) for student in opened.students}
    assert names["ada"] == ("Ada", "Lovelace") and names["dan"] == (None, None)
    assert gradebook.enrol(home) == 0
