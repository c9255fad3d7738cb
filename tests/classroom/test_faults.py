"""A fault of the grader takes no good verdict away, and what a person decided is what everybody sees."""

from __future__ import annotations

import json

import pytest
from nbgrader.apps.api import NbGraderAPI

from course.classroom import gradebook
from course.classroom.doors.exchange import collect
from course.classroom.grading import judging
from course.classroom.grading.grade import grade_class
from course.classroom.grading.tables import grades_table, summary, wide_console
from course.classroom.nbconfig import config, quiet
from course.classroom.pages.feedback import feedback_class
from course.grade.process import JudgeError, JudgeProcess

from . import tiny
from .conftest import BOOM, GOOD, SLUG, WRONG
from .test_doors import everything, scores

GIVEN = {"ada": [(4.0, False), (2.0, False)], "bob": [(1.0, False), (2.0, False)]}
STAYS = "double could not be decided: Our grader had a fault here; your instructor has been told, and nothing is lost"


@pytest.fixture
def graded(home, hand_in, grader):
    """Ada is right, Bob wrong, both graded with a page; then the grader breaks down on one task."""
    hand_in(home, "ada", GOOD)
    hand_in(home, "bob", WRONG)
    collect(home, SLUG)
    grade_class(home, SLUG)
    feedback_class(home, SLUG)
    assert scores(home) == GIVEN
    grader[home.path].broken.add("double")
    return home


def sentences(done) -> list[tuple[str, str]]:
    return [(item.learner, item.sentence) for item in done.review]


def by_hand(home, learner: str, score: float, task: str = "double") -> None:
    """What formgrader does when a person types a score."""
    with quiet(), gradebook.gradebook(home) as opened:
        grade = opened.find_grade(f"check-{task}", SLUG, SLUG, learner)
        grade.manual_score, grade.needs_manual_grade = score, False
        opened.db.commit()


def test_a_fault_leaves_gradebook_notebook_and_page_as_they_were(graded):
    before, pages = everything(graded), feedback_class(graded, SLUG).pages
    texts = {learner: page.read_text() for learner, page in pages.items()}
    done = grade_class(graded, SLUG, force=True)
    assert sentences(done) == [(name, f"{STAYS}; what was decided before stays") for name in ("ada", "bob")]
    assert done.written == () and everything(graded) == before and done.undecided == []
    assert [done.verdicts[name].score for name in GIVEN] == [6.0, 3.0]
    again = feedback_class(graded, SLUG)
    assert again.refused == () and {name: page.read_text() for name, page in again.pages.items()} == texts


def test_through_nbgraders_own_doors_too(graded, grader):
    with quiet():
        api = NbGraderAPI(config=config(graded))
        for learner in GIVEN:
            answer = api.autograde(SLUG, learner)  # removes the autograded notebook first
            assert answer["success"] and "what was decided before stays" in answer["log"]
    assert scores(graded) == GIVEN
    grader[graded.path].broken.clear()
    assert grade_class(graded, SLUG).review == () and scores(graded) == GIVEN


def test_what_else_was_judged_anew_counts(graded, grader):
    def changed(name, points, source):
        task = judge(name, points, source)
        return task if name != "limit" else judge(name, points, "wrong")

    judge = grader[graded.path]._task
    grader[graded.path]._task = changed
    done = grade_class(graded, SLUG, learners=["ada"], force=True)
    assert scores(graded)["ada"] == [(4.0, False), (1.0, False)] and done.verdicts["ada"].score == 5.0
    assert grade_class(graded, SLUG, learners=["ada"]).written == ()


def test_another_submission_is_not_given_the_score_of_the_one_before(graded, hand_in):
    page = graded.notebook("feedback", SLUG, "ada", ".html").read_text()
    hand_in(graded, "ada", GOOD | {"learner": "# learner: who you are\nlearner_id = 'ada'"})
    collect(graded, SLUG)
    done = grade_class(graded, SLUG, learners=["ada"])
    assert scores(graded)["ada"] == [(None, True), (2.0, False)] and done.undecided == ["ada"]
    assert sentences(done)[0][1].startswith(STAYS) and "stays" not in sentences(done)[0][1]
    assert summary(SLUG, done).endswith(
        "1 submission not decided (ada): an export leaves them empty until they are graded."
    )
    made = feedback_class(graded, SLUG, ["ada"])
    assert made.pages == {} and "double is not decided yet, so the page from before stays" in str(made.refused[0])
    assert graded.notebook("feedback", SLUG, "ada", ".html").read_text() == page


def test_undecided_from_the_start_has_a_page_that_says_so_and_is_replaced(home, hand_in, grader):
    hand_in(home, "cyd", BOOM)
    collect(home, SLUG)
    grade_class(home, SLUG)
    for _ in range(2):
        made = feedback_class(home, SLUG)
        assert made.refused == () and "not decided" in made.pages["cyd"].read_text()
    hand_in(home, "cyd", GOOD)
    collect(home, SLUG)
    assert grade_class(home, SLUG).review == ()
    assert "not decided" not in feedback_class(home, SLUG).pages["cyd"].read_text()


def test_a_judge_that_dies_takes_nothing_away(tmp_path, monkeypatch):
    home = tiny.make_home(tmp_path, ["ada"])
    tiny.hand_in(home, "ada", tiny.notebook(home, "ada"))
    assert grade_class(home, tiny.SLUG).verdicts["ada"].score == 6.0
    before = home.notebook("autograded", tiny.SLUG, "ada").read_bytes()

    def dies(self, job, seconds):
        raise JudgeError("the judging process ended")

    with monkeypatch.context() as patch:
        patch.setattr(JudgeProcess, "judge", dies)
        done = grade_class(home, tiny.SLUG, force=True)
    assert "The grader had a fault: the judging process ended; what was decided before stays" in done.review[0].sentence
    assert gradebook.scores(home, tiny.SLUG, "ada").score == 6.0 and done.verdicts["ada"].score == 6.0
    assert home.notebook("autograded", tiny.SLUG, "ada").read_bytes() == before
    done = grade_class(home, tiny.SLUG)
    assert done.review == () and gradebook.scores(home, tiny.SLUG, "ada").score == 6.0
    bundle = next(path for path in (home.bundles / tiny.SLUG).iterdir() if path.is_dir())
    bundle.rename(tmp_path / "away")
    done = grade_class(home, tiny.SLUG, force=True)
    judging.close()
    assert len(done.review) == 1 and gradebook.scores(home, tiny.SLUG, "ada").score == 6.0


def shown(done) -> str:
    console = wide_console()
    with console.capture() as captured:
        console.print(grades_table(SLUG, done))
    return captured.get()


def test_the_table_shows_what_the_gradebook_holds(graded, grader):
    grader[graded.path].broken.clear()
    by_hand(graded, "bob", 2.5)
    done = grade_class(graded, SLUG)
    assert done.review == () and "manual" in shown(done) and "4.5 / 6" in shown(done) and "6 / 6" in shown(done)
    assert gradebook.scores(graded, SLUG, "bob").score == 4.5


def test_a_manual_score_of_an_earlier_submission_is_for_a_person(graded, grader, hand_in):
    grader[graded.path].broken.clear()
    by_hand(graded, "bob", 2.5)
    hand_in(graded, "bob", GOOD)
    collect(graded, SLUG)
    for _ in range(2):
        done = grade_class(graded, SLUG)
        assert sentences(done) == [
            (
                "bob",
                "double needs manual grade again: its score 2.5 was given by hand before this verdict; look at it in "
                "formgrader",
            )
        ]
        assert "4.5 / 6" in shown(done)
    by_hand(graded, "bob", 4.0)
    assert grade_class(graded, SLUG).review == ()


def test_what_a_person_graded_to_the_end_is_settled(home, hand_in):
    hand_in(home, "cyd", BOOM)
    collect(home, SLUG)
    assert len(grade_class(home, SLUG).review) == 1
    by_hand(home, "cyd", 3.0)
    done = grade_class(home, SLUG)
    assert done.review == () and done.undecided == [] and "5 / 6" in shown(done)


def test_a_lost_journal_is_said(graded, grader):
    grader[graded.path].broken.clear()
    done = grade_class(graded, SLUG)
    assert done.notes == ("The journal of verdicts (journal.db) was missing; everything was judged again.",)
    (graded.path / "journal.db").touch()
    assert grade_class(graded, SLUG).notes == ()
    notebook = json.loads(graded.notebook("autograded", SLUG, "ada").read_text())
    assert notebook["metadata"]["course"]["finished"] is True
