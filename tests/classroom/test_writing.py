"""How the gradebook is written: opened once for a class, and a verdict as a whole or not at all."""

import sqlite3

import nbgrader.api
import pytest
from nbgrader.api import Gradebook

from course.classroom import gradebook
from course.classroom.grading.grade import grade_class
from course.classroom.grading.plugin import SaveVerdicts

from .tiny import SLUG, hand_in, make_home, notebook


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = make_home(tmp_path_factory.mktemp("writing"), ["ada", "ben"])
    for learner in ("ada", "ben"):
        hand_in(home, learner, notebook(home, learner))
    return home


def rows(home):
    with sqlite3.connect(home.path / "gradebook.db") as database:
        return database.execute("SELECT auto_score FROM grade ORDER BY rowid").fetchall()


def test_openings_share_an_engine_and_see_what_others_wrote(home, monkeypatch):
    made = []
    create = nbgrader.api.create_engine
    monkeypatch.setattr(nbgrader.api, "create_engine", lambda *a, **k: made.append(create(*a, **k)) or made[-1])
    url = f"sqlite:///{home.path / 'gradebook.db'}"
    plain = Gradebook.__init__, Gradebook.close
    with gradebook.held_open():
        with gradebook.gradebook(home) as one, Gradebook(url) as other:
            assert one.engine is other.engine and one.db is not other.db
            assert (one.course_id, other.course_id) == ("demo", "default_course")
            assert other.find_student("ada").first_name is None
        with sqlite3.connect(home.path / "gradebook.db") as outside:
            outside.execute("UPDATE student SET first_name = 'Ada' WHERE id = 'ada'")
        with gradebook.gradebook(home) as again:
            assert again.find_student("ada").first_name == "Ada"
        assert len(made) == 1
    assert (Gradebook.__init__, Gradebook.close) == plain and made[0].pool.checkedin() == 0
    with gradebook.gradebook(home):
        assert len(made) == 2


def test_a_verdict_is_written_as_a_whole_or_not_at_all(home, monkeypatch):
    write, seen = SaveVerdicts.preprocess_cell, []

    def dies(self, cell, resources, index):
        done = write(self, cell, resources, index)
        if resources["nbgrader"]["student"] == "ben" and any(score is not None for (score,) in self._scores()):
            seen.append(rows(home))  # another connection sees nothing of it yet
            raise RuntimeError("out of breath")
        return done

    def scores(self):
        found = self.gradebook.find_submission_notebook(SLUG, SLUG, "ben")
        return [(grade.auto_score,) for grade in found.grades]

    monkeypatch.setattr(SaveVerdicts, "_scores", scores, raising=False)
    monkeypatch.setattr(SaveVerdicts, "preprocess_cell", dies)
    grades = grade_class(home, SLUG)
    assert grades.written == ("ada",) and [item.learner for item in grades.review] == ["ben"]
    assert seen and all(score is None for (score,) in seen[0][len(seen[0]) // 2 :])
    assert gradebook.scores(home, SLUG, "ada").score == gradebook.scores(home, SLUG, "ada").maximum
    held = gradebook.scores(home, SLUG, "ben")
    assert held is None or all(row.auto is None for row in held.rows.values())
    monkeypatch.setattr(SaveVerdicts, "preprocess_cell", write)
    assert grade_class(home, SLUG).written == ("ben",)
    assert gradebook.scores(home, SLUG, "ben").score == gradebook.scores(home, SLUG, "ben").maximum
