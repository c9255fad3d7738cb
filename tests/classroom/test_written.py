"""An instructor's own assignment with a text that a person grades: from its two files in the home to the export."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbconvert.filters import markdown2html

from course.author.places import repository
from course.bundle.freeze import Bundle, latest
from course.classroom import gradebook, sources
from course.classroom.desk.release import release
from course.classroom.desk.reveal import solution
from course.classroom.grading import kept, written
from course.classroom.grading.grade import grade_class
from course.classroom.grading.regrade import look, settle
from course.classroom.grading.review import review_class
from course.classroom.grading.tables import summary
from course.classroom.home import Home
from course.classroom.pages.facts import checks, gather, unnamed
from course.classroom.pages.feedback import feedback_class
from course.classroom.pages.report import section
from course.cli import main

from .conftest import HIDDEN, LEARNERS, SLUG, SOLUTION
from .test_exchange import NOW

OWN = "02_own_words"
FIRST = "**written reflection (3 points): your text below; a person reads it**"
SCRIPT = (
    SOLUTION.replace(SLUG, OWN).replace("# limit = 2\n", "# limit = 2\n# reflection = 3\n")
    + f"""
# %% [markdown]
# {FIRST}
#
# Why does twice two make four?
#
# ### BEGIN SOLUTION
# Since two and two are four. SECRET
# ### END SOLUTION
"""
)
RIGHT = {
    "function-double": "# function double: your code below\ndef double(x):\n    return x + x",
    "question-limit": "# question limit: your answer below\nlimit = 7",
}
HOSTILE = (
    "<script>alert(1)</script> *bold* [a](javascript:alert(2)) <img src=x onerror=alert(3)>\n\n</pre><b>out</b>\n"
    "```\n</code>\n```\n$$\\href{javascript:alert(4)}{x}$$\n\n<!-- x\n\n&lt;i&gt; \u2013 Größe\n    four spaces"
)


def course(home: Home, *words: str):
    done = CliRunner().invoke(main, [*words, "--home", str(home.path)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


@pytest.fixture(scope="module")
def own_released(tmp_path_factory) -> Path:
    """A home whose instructor wrote an assignment of number 02, released by the command."""
    home = Home.create(tmp_path_factory.mktemp("own") / "home", course_id="demo", roster=LEARNERS, identity="hub")
    folder = home.path / sources.FOLDER
    (folder / f"{OWN}.py").write_text(SCRIPT)
    (folder / f"test_{OWN}.py").write_text(HIDDEN)
    done = course(home, "release", "02")
    assert done.exit_code == 0 and f"{OWN} (9 points) released" in done.stdout, done.output
    return home.path


@pytest.fixture
def home(tmp_path, own_released, grader) -> Home:
    return Home.open(Path(shutil.copytree(own_released, tmp_path / "home")))


def submit(home: Home, learner: str, text: str | None, edits: dict[str, str] = RIGHT, drop: bool = False) -> None:
    """Put a notebook into the exchange, as submitting does; ``text`` stands under the first line."""
    made = json.loads((home.exchange / "demo" / "outbound" / OWN / f"{OWN}.ipynb").read_text())
    edits = dict(edits) if text is None else edits | {"written-reflection": f"{FIRST}\n\n{text}"}
    for cell in made["cells"]:
        cell["source"] = edits.get(cell["id"], cell["source"])
    if drop:
        made["cells"] = [cell for cell in made["cells"] if cell["id"] != "written-reflection"]
    folder = home.exchange / "demo" / "inbound"
    at = datetime(2026, 3, 1, 10, tzinfo=UTC) + timedelta(minutes=len(list(folder.iterdir())))
    time = f"{at:%Y-%m-%d %H:%M:%S}.000000 UTC"
    place = folder / f"{learner}+{OWN}+{time}+x"
    place.mkdir()
    (place / f"{OWN}.ipynb").write_text(json.dumps(made))
    (place / "timestamp.txt").write_text(time)
    (place / "submission_secret.txt").write_text("0" * 128)


def graded(home: Home, **texts: str | None):
    """Everybody's texts handed in, collected and graded by the commands; what the last one said."""
    for learner, text in texts.items():
        submit(home, learner, text)
    course(home, "collect", "02")
    return course(home, "grade", "02")


def row(home: Home, learner: str) -> gradebook.Row:
    found = gradebook.scores(home, OWN, learner)
    assert found is not None
    return found.rows["written-reflection"]


def by_hand(home: Home, learner: str, points: float, comment: str = "") -> None:
    """Grade a text as formgrader does."""
    with gradebook.gradebook(home) as opened:
        grade = opened.find_grade("written-reflection", OWN, OWN, learner)
        grade.manual_score, grade.needs_manual_grade = points, False
        opened.find_comment("written-reflection", OWN, OWN, learner).manual_comment = comment
        opened.db.commit()


def said_by_nbgrader(home: Home, learner: str) -> str | None:
    with gradebook.gradebook(home) as opened:
        return opened.find_comment("written-reflection", OWN, OWN, learner).auto_comment


def autograded(home: Home, learner: str) -> dict:
    made = json.loads(home.notebook("autograded", OWN, learner).read_text())
    return next(cell for cell in made["cells"] if cell["id"] == "written-reflection")


def page(home: Home, learner: str) -> str:
    feedback_class(home, OWN, [learner])
    return home.notebook("feedback", OWN, learner, ".html").read_text()


def test_own_assignments_are_found_first(home):
    root = repository()
    assert sources.known(home, root)[2] == OWN and not any("full_batch" in slug for slug in sources.known(home, root))
    assert sources.slug_of(home, "02", root) == OWN and sources.slug_of(home, "3", root) == "03_sgd_noise"
    assert sources.built(home, OWN, root).contract.title == "Doubling"
    assert home.assignments == [OWN] and home.slug("2") == OWN


def test_the_gradebook_has_the_text_with_its_points_and_learners_have_no_answer(home):
    assert gradebook.cells(home, OWN) == {"check-double": 4.0, "check-limit": 2.0, "written-reflection": 3.0}
    there = (home.exchange / "demo" / "outbound" / OWN / f"{OWN}.ipynb").read_text()
    assert "written reflection (3 points)" in there and "SECRET" not in there
    done = course(home, "release", "02")
    assert done.exit_code == 0 and "was released already, unchanged" in done.stdout


def test_revealed_the_solution_keeps_its_text(home):
    shown = solution(latest(home.bundles, OWN), "demo")
    text = next("".join(cell["source"]) for cell in shown["cells"] if cell["id"] == "written-reflection")
    assert text.startswith(FIRST) and "Since two and two are four. SECRET" in text and "###" not in text


def test_a_text_waits_for_a_person_and_an_untouched_stub_is_nothing(home):
    done = graded(home, ada="Two and two.", bob=None, cyd="Four.")
    assert done.exit_code == 1
    assert (
        "3 graded, 3 of them new, 0 to review. reflection of 2 learners waits for a person (formgrader)." in done.stdout
    )
    assert "not decided" not in done.stdout and "review:" not in done.stdout
    ada, bob = row(home, "ada"), row(home, "bob")
    assert (ada.auto, ada.score, ada.needs_manual) == (None, None, True)
    assert (bob.auto, bob.score, bob.needs_manual) == (0.0, 0.0, False)
    assert gradebook.scores(home, OWN, "ada").score is None and gradebook.scores(home, OWN, "bob").score == 6.0
    assert (said_by_nbgrader(home, "ada"), said_by_nbgrader(home, "bob")) == (None, "No response.")
    again = course(home, "grade", "02")  # nothing is judged or written again for what only a person can do
    assert again.exit_code == 1 and "3 graded, 0 of them new, 0 to review. reflection of 2 learners" in again.stdout


def test_review_and_report_know_that_a_person_reads(home):
    graded(home, ada="Two and two.", bob=None)
    found = review_class(home, OWN)
    assert {name: items for name, items in found.groups.items() if items} == {
        "read": (("ada", "reflection: A person reads this."),)
    }
    assert found.needs_person and found.clusters == ()
    known = gather(home, OWN)
    assert [work.learner.id for work in known.works if work.undecided] == ["ada"]
    assert {one.task for one in checks(known)} == {"double", "limit"} and unnamed(known) == []
    assert known.works[1].points("reflection") == 0.0
    texts = {one.learner.id: [cell.text for cell in one.cells] for one in section(known).rows}
    assert texts["ada"] == ["4", "2", "?", "?"] and texts["bob"] == ["4", "2", "0", "6"]
    by_hand(home, "ada", 2)
    assert not review_class(home, OWN).needs_person


def test_a_persons_score_counts_and_stays(home, grader):
    graded(home, ada="Two and two.")
    by_hand(home, "ada", 2.5, "Nearly.")
    done = course(home, "grade", "02")
    assert done.exit_code == 0 and "waits" not in done.stdout
    done = course(home, "grade", "02", "--again")
    assert done.exit_code == 0 and "1 graded, 1 of them new, 0 to review." in done.stdout, done.stdout
    have = row(home, "ada")
    assert (have.auto, have.manual, have.score, have.needs_manual) == (None, 2.5, 2.5, False)
    assert gradebook.scores(home, OWN, "ada").score == 8.5
    grader[home.path].broken = {"double"}  # nothing is taken away by a fault of the grader either
    grade_class(home, OWN, force=True)
    assert row(home, "ada").score == 2.5 and gradebook.scores(home, OWN, "ada").score == 8.5


def test_another_text_is_to_be_read_again(home):
    graded(home, ada="Two and two.")
    by_hand(home, "ada", 2.5)
    done = graded(home, ada="Two and two make four.")
    assert done.exit_code == 1 and "reflection needs manual grade again: its score 2.5 was given by hand" in done.stdout
    assert row(home, "ada").score == 2.5 and row(home, "ada").needs_manual
    course(home, "grade", "02", "--again")
    assert row(home, "ada").needs_manual  # the same text once more is still one that nobody has read
    by_hand(home, "ada", 3)
    assert course(home, "grade", "02").exit_code == 0


def test_a_regrade_keeps_what_a_person_gave(home):
    graded(home, ada="Two and two.", bob="Four.")
    by_hand(home, "ada", 1)
    seen = look(home, OWN)
    assert seen.idle and seen.review == ()
    done = settle(home, seen, "checks were mended")
    assert (
        row(home, "ada").score == 1.0 and not row(home, "ada").needs_manual and done.waiting == {"reflection": ["bob"]}
    )


def test_a_cell_that_is_gone_is_no_zero(home):
    submit(home, "ada", None, drop=True)
    done = graded(home)
    assert "reflection of 1 learner waits for a person" in done.stdout and row(home, "ada").score is None
    assert "a person looks whether its text is elsewhere in it" in page(home, "ada")


def test_a_file_that_cannot_be_read_is_no_zero_for_the_text(home):
    folder = home.exchange / "demo" / "inbound" / f"ada+{OWN}+{NOW}+x"
    folder.mkdir()
    (folder / f"{OWN}.ipynb").write_text("no notebook")
    (folder / "timestamp.txt").write_text(NOW)
    done = graded(home)
    assert row(home, "ada").score is None and row(home, "ada").needs_manual
    assert "waits for a person" not in done.stdout and "1 submission not decided (ada)" in done.stdout


def test_what_the_grader_leaves_open_is_no_zero_though_the_cell_is_untouched(home, grader, monkeypatch):
    """As where no function is in the file at all: whether it is the right one, a person must say."""
    graded(home)
    real = grader[home.path].grade

    def undecided(*args, **named):
        verdict = real(*args, **named)
        fault = replace(verdict.tasks[0].checks[0], status="fault")
        return replace(verdict, tasks=tuple(replace(one, checks=(fault,)) for one in verdict.tasks), review=("Look.",))

    monkeypatch.setattr(grader[home.path], "grade", undecided)
    done = graded(home, ada=None)
    assert "review: ada: Look." in done.stdout and "ada: the gradebook" not in done.stdout
    assert row(home, "ada").score is None and row(home, "ada").needs_manual


def test_the_page_shows_the_text_and_what_a_person_gave(home):
    graded(home, ada=HOSTILE)
    before = page(home, "ada")
    assert "A person reads this." in before and "a person still reads" in before and "not decided" not in before
    by_hand(home, "ada", 2.5, "Nearly <b>so</b>.")
    shown = page(home, "ada")
    assert "A person has read this." in shown and "2.5 of 3 points, set by your instructor" in shown
    assert "Nearly &lt;b&gt;so&lt;/b&gt;." in shown and ">8.5<" in shown
    for text in (before, shown):
        assert "&lt;script&gt;alert(1)&lt;/script&gt; *bold* [a](javascript:alert(2))" in text
        assert text.count('class="badge manual"') == 2  # in the table and at the task: no check is named
        assert "<script" not in text and "<img src=x" not in text and "</pre><b>" not in text
        assert "&amp;lt;i&amp;gt; \u2013 Größe\n    four spaces" in text and "written reflection (3" not in text
    assert course(home, "feedback", "02").exit_code == 0
    assert list((home.exchange / "demo" / "feedback").iterdir())


def test_the_page_says_that_nothing_was_written(home):
    graded(home, bob=None)
    shown = page(home, "bob")
    assert "`reflection` is not written yet." not in shown and "<code>reflection</code> is not written yet." in shown
    assert "Your text" not in shown


def test_pages_from_before_give_way_where_only_a_person_is_waited_for(home, grader):
    graded(home, ada=None)
    assert "is not written yet" in page(home, "ada") and "a person still reads" not in page(home, "ada")
    graded(home, ada="Two and two.")
    assert "a person still reads" in page(home, "ada") and "is not written yet" not in page(home, "ada")
    assert said_by_nbgrader(home, "ada") is None


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, list]] = []
        self.text = ""

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, attrs))

    def handle_data(self, data):
        self.text += data


def test_formgrader_shows_a_text_letter_by_letter_and_runs_nothing_of_it(home):
    graded(home, ada=HOSTILE)
    cell = autograded(home, "ada")
    tags = Tags()
    tags.feed(markdown2html("".join(cell["source"])))  # as formgrader does, which lets HTML through
    assert {tag for tag, _ in tags.seen} == {"p", "strong", "pre"}
    assert all(name == "style" for _, attrs in tags.seen for name, _ in attrs)
    assert HOSTILE in tags.text and FIRST.strip("*") in tags.text
    assert written.text_of(cell) == HOSTILE


def test_export_waits_for_the_person_and_has_the_score_then(home):
    graded(home, ada="Two and two.", bob=None)
    done = course(home, "export")
    assert done.exit_code == 1 and "a person reads it, so an empty cell and never 0: ada (Ada Lovelace)" in done.stderr
    rows = {one["id"]: one for one in csv.DictReader(io.StringIO(exported(home)))}
    assert (rows["ada"]["score"], rows["ada"]["status"], rows["ada"]["maximum"]) == ("", "a person reads it", "9")
    assert (rows["bob"]["score"], rows["bob"]["status"]) == ("6", "graded")
    by_hand(home, "ada", 2.5)
    assert course(home, "export").exit_code == 0
    rows = {one["id"]: one for one in csv.DictReader(io.StringIO(exported(home)))}
    assert (rows["ada"]["score"], rows["ada"]["status"]) == ("8.5", "graded")


def exported(home: Home) -> str:
    return (home.path / "exported" / "grades_csv.csv").read_text(encoding="utf-8-sig")


def test_what_was_kept_of_a_text_is_its_verdict(home):
    graded(home, ada="Two and two.")
    have = kept.before(home, OWN, "ada")
    assert have is not None and have.task("reflection").status == "manual" and kept.sentences(have) == []


def test_a_changed_wording_can_be_released_again_but_no_other_points(home):
    graded(home, ada="Two and two.")
    script = home.path / sources.FOLDER / f"{OWN}.py"
    script.write_text(SCRIPT.replace("make four?", "make four, do you think?"))
    before = latest(home.bundles, OWN).hash
    assert release(home, OWN, root=repository()).changed and latest(home.bundles, OWN).hash != before
    script.write_text(SCRIPT.replace("# reflection = 3", "# reflection = 2").replace("(3 points)", "(2 points)"))
    done = course(home, "release", "02")
    assert done.exit_code == 1 and "written-reflection" in done.stderr
    assert Bundle.open(home.bundles / OWN / before).contract.points["reflection"] == 3.0


def test_a_large_class_is_told_once_a_task(home):
    graded(home, ada="Two and two.")
    grades = grade_class(home, OWN)
    assert summary(OWN, grades).endswith("reflection of 1 learner waits for a person (formgrader).")
    assert grades.undecided == [] and grades.needs_person and grades.review == ()
