"""A notebook of another course: its typed numbers are of other data, and everybody is told so."""

import json

import pytest

from course.classroom.grading.grade import grade_class
from course.grade.jail import tiers
from tests.classroom.tiny import hand_in, make_home, notebook

pytestmark = pytest.mark.skipif(tiers.probe().best is None, reason="this machine has no jail for grades of record")


def test_typed_answers_of_another_course_are_told_and_looked_at(tmp_path):
    home = make_home(tmp_path, ["ada", "bob"])
    hand_in(home, "ada", notebook(home, "ada"))
    other = json.dumps(notebook(home, "bob")).replace('course_id = \\"demo\\"', 'course_id = \\"other\\"')
    hand_in(home, "bob", other.encode())
    grades = grade_class(home, "90_tiny")
    assert [
        (one.learner, "course_id = 'other', and this course is 'demo'" in one.sentence) for one in grades.review
    ] == [("bob", True)]
    assert any("what you typed was graded for this course's data" in note for note in grades.verdicts["bob"].notes)
    assert not any("course_id" in note for note in grades.verdicts["ada"].notes)
