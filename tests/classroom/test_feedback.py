"""Feedback from the gradebook to the learner's folder, through nbgrader's converter and exchange."""

from __future__ import annotations

import os

import pytest
from nbgrader.apps.api import NbGraderAPI
from nbgrader.exchange.default import ExchangeFetchFeedback

from course.classroom import gradebook
from course.classroom.exchange import collect, course_directory, release_feedback
from course.classroom.feedback import feedback_class
from course.classroom.grade import grade_class
from course.classroom.nbconfig import config, quiet

from .conftest import GOOD, SLUG, WRONG


@pytest.fixture
def graded(home, hand_in):
    """Ada and Bob graded; Dan's file is no notebook."""
    places = {"ada": hand_in(home, "ada", GOOD), "bob": hand_in(home, "bob", WRONG)}
    places["dan"] = hand_in(home, "dan", raw=b"not a notebook")
    collect(home, SLUG)
    grade_class(home, SLUG)
    return home, places


def fetch(home, learner, place):
    """`nbgrader fetch_feedback` as the learner."""
    settings = config(home)
    settings.Exchange.cache, settings.Exchange.assignment_dir = str(place / "cache"), str(place)
    with quiet() as (log, _):
        coursedir = course_directory(home, log, assignment_id=SLUG, student_id=learner)
        before = os.getcwd()
        os.chdir(place)
        try:
            ExchangeFetchFeedback(coursedir=coursedir, config=settings, log=log).start()
        finally:
            os.chdir(before)
    return [path.read_text() for path in sorted(place.glob(f"{SLUG}/feedback/*/{SLUG}.html"))]


def test_each_learner_fetches_their_own_page(graded):
    home, places = graded
    made = feedback_class(home, SLUG)
    assert list(made.pages) == ["ada", "bob", "dan"] and made.refused == () and len(made) == 3
    assert release_feedback(home, SLUG).learners == ("ada", "bob", "dan")
    for learner, place in places.items():
        assert fetch(home, learner, place) == [made.pages[learner].read_text()]
    bob = made.pages["bob"].read_text()
    assert "<strong>3</strong>" in bob and "Bob Ross" in bob and "It returned 3 where 6 was expected." in bob
    assert "return x  # wrong" in bob and "data:image/png;base64," in bob and "<script" not in bob
    assert "hello" not in bob and "SECRET" not in bob and "RuntimeWarning" not in bob
    dan = made.pages["dan"].read_text()
    assert "not decided" in dan and "The file is not a notebook" in dan


def test_making_and_returning_again_changes_nothing(graded):
    home, _ = graded
    first = {learner: path.read_bytes() for learner, path in feedback_class(home, SLUG).pages.items()}
    release_feedback(home, SLUG)
    folder = home.exchange / "demo" / "feedback"
    names = sorted(os.listdir(folder))
    assert {learner: path.read_bytes() for learner, path in feedback_class(home, SLUG).pages.items()} == first
    assert release_feedback(home, SLUG, learners=["ada"]).learners == ("ada",)
    assert sorted(os.listdir(folder)) == names and len(names) == 3


def test_formgraders_button_makes_the_same_page(graded):
    home, _ = graded
    page = feedback_class(home, SLUG).pages["bob"]
    ours = page.read_bytes()
    page.unlink()
    with quiet():
        answer = NbGraderAPI(config=config(home)).generate_feedback(SLUG, "bob")
    assert answer["success"], answer
    assert page.read_bytes() == ours and [path.name for path in page.parent.glob("*.html")] == [page.name]


def test_a_manual_score_and_a_comment_reach_the_page(graded):
    home, _ = graded
    with quiet(), gradebook.gradebook(home) as opened:
        grade = opened.find_grade("check-double", SLUG, SLUG, "bob")
        grade.manual_score, grade.needs_manual_grade = 3.5, False
        opened.find_comment("function-double", SLUG, SLUG, "bob").manual_comment = "Nearly <b>there</b>."
        opened.db.commit()
    page = feedback_class(home, SLUG, ["bob"]).pages["bob"].read_text()
    assert "<strong>5.5</strong>" in page and "Nearly &lt;b&gt;there&lt;/b&gt;." in page


def test_who_has_no_page_is_said(graded):
    home, _ = graded
    made = feedback_class(home, SLUG, ["ada", "cyd"])
    assert list(made.pages) == ["ada"] and "'cyd' has no graded submission" in str(made.refused[0])
    (home.notebook("feedback", SLUG, "ada").parent / "submission_secret.txt").unlink()
    returned = release_feedback(home, SLUG)
    assert returned.learners == () and "send the page yourself" in returned.refused[0].sentence


def test_an_unfinished_grade_gets_no_page(graded):
    home, _ = graded
    path = home.notebook("autograded", SLUG, "ada")
    text = path.read_text()
    path.unlink()
    path.write_text(text.replace('"finished": true', '"finished": false'))
    made = feedback_class(home, SLUG)
    assert list(made.pages) == ["bob", "dan"] and "not graded to the end" in made.refused[0].sentence
