"""Feedback from the gradebook to the learner's folder, through nbgrader's converter and exchange."""

from __future__ import annotations

import json
import os
import re
import stat
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbgrader.apps.api import NbGraderAPI
from nbgrader.exchange.default import ExchangeFetchFeedback

from course.classroom import gradebook
from course.classroom.doors import handed
from course.classroom.doors.delivery import Delivery
from course.classroom.doors.exchange import collect, release_feedback
from course.classroom.grading.grade import grade_class
from course.classroom.home import Home, HomeError
from course.classroom.nbconfig import config, course_directory, quiet
from course.classroom.pages.feedback import feedback_class
from course.classroom.pages.handback import lms_name, pack
from course.cli import main

from .conftest import GOOD, SLUG, WRONG

LONG_AGO = datetime(2026, 3, 1, 9, 0)


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


def deliver(home, learner, edits, door="lms", name="", time=LONG_AGO, in_time=None, note=""):
    """Hand in by another door than the exchange."""
    made = json.loads(home.notebook("release", SLUG).read_text())
    for cell in made["cells"]:
        cell["source"] = edits.get(cell["id"], cell["source"])
    content = json.dumps(made).encode()
    delivery = Delivery(learner, door, name or learner, time, lambda: content, in_time, note)
    assert handed.take(home, SLUG, delivery, home.due(SLUG, learner))


def dated(home, text):
    """The home with more in its `course.toml`."""
    path = home.path / "course.toml"
    path.write_text(f"{path.read_text()}\n{text}\n")
    return Home.open(home.path)


def test_what_collecting_had_to_say_and_how_it_came_reach_the_page(home):
    home = dated(home, f'[assignments.00]\ndue = "2026-03-01 08:00"\n[extensions.bob]\n{SLUG} = "2026-03-02"')
    home = Home.open(Path(home.path))
    (home.path / "course.toml").write_text(
        (home.path / "course.toml").read_text().replace("per_day = 0.0", "per_day = 0.25")
    )
    home = Home.open(home.path)
    deliver(home, "ada", WRONG, "hub", note=f"its notebook is called 'x.ipynb' instead of {SLUG}.ipynb")
    deliver(home, "bob", GOOD, "lms", in_time=False)
    deliver(home, "cyd", GOOD, "exchange")
    grade_class(home, SLUG)
    pages = {learner: path.read_text() for learner, path in feedback_class(home, SLUG).pages.items()}
    assert "handed in 1 March 2026, 09:00 UTC from your folder on the hub" in pages["ada"]
    assert "due on 1 March 2026, 08:00 UTC; it came 1 hour late, and 0.75 points came off." in pages["ada"]
    assert f"Your notebook is called &#39;x.ipynb&#39; instead of {SLUG}.ipynb." in pages["ada"]
    assert "due on 2 March 2026, 23:59 UTC, which" in pages["bob"] and "handed in through the LMS<" in pages["bob"]
    assert "which is your extension; the LMS says that" in pages["bob"]
    assert "What we repaired" not in pages["cyd"] and "1.5 points came off." in pages["cyd"]
    before, page = home.notebook("submitted", SLUG, "ada").read_bytes(), pages["ada"]
    deliver(home, "ada", GOOD, "exchange", time=LONG_AGO + timedelta(minutes=5))
    made = feedback_class(home, SLUG, ["ada"]).pages["ada"].read_text()
    assert home.notebook("submitted", SLUG, "ada").read_bytes() != before, "a newer file, not graded yet"
    assert "on the hub" in page and "on the hub" not in made and "x.ipynb" not in made and "09:00 UTC<" in made


def test_a_regrade_is_said_above_the_repairs(graded):
    home, _ = graded
    path = home.notebook("autograded", SLUG, "bob")
    made = json.loads(path.read_text())
    verdict = json.loads(made["metadata"]["course"]["verdict"])
    made["metadata"]["course"]["verdict"] = json.dumps(
        verdict | {"again": "Graded again on 2 May 2026: <b> was wrong."}
    )
    path.unlink()
    path.write_text(json.dumps(made))
    page = feedback_class(home, SLUG, ["bob"]).pages["bob"].read_text()
    assert "Graded again on 2 May 2026: &lt;b&gt; was wrong." in page


@pytest.fixture
def class_of_twelve(home):
    """Twelve learners, graded: nine right, two wrong, one undecided."""
    names = [f"learner{place:02d}" for place in range(12)]
    home.roster_file.write_text("id,first_name,last_name\n" + "".join(f"{name},Zed,{name}\n" for name in names))
    for place, learner in enumerate(names):
        boom = GOOD | {"function-double": GOOD["function-double"] + "  # boom"}
        deliver(home, learner, boom if place == 11 else WRONG if place > 8 else GOOD)
    grade_class(home, SLUG)
    return home, names


def test_the_class_is_read_once_and_every_door_makes_the_same_page(class_of_twelve, monkeypatch):
    home, names = class_of_twelve
    calls, read = [], gradebook.class_scores
    monkeypatch.setattr(gradebook, "class_scores", lambda *of: calls.append(of) or read(*of))
    ours = {learner: path.read_text() for learner, path in feedback_class(home, SLUG).pages.items()}
    assert sorted(ours) == names and len(calls) == 1, "once for the class, not once a learner"
    assert all("11 submissions were graded" in page for page in ours.values())
    for learner, page in ours.items():
        assert {name for name in names if name in page} == {learner}, "nobody else is named"
    assert re.search(r'line own"><span class="n">2 to 4<', ours["learner10"]) and "82 %" in ours["learner10"]
    page = home.notebook("feedback", SLUG, "learner10", ".html")
    page.unlink()
    with quiet():
        assert NbGraderAPI(config=config(home)).generate_feedback(SLUG, "learner10")["success"]
    assert page.read_text() == ours["learner10"]
    with quiet(), gradebook.gradebook(home) as opened:
        for name in names[:2]:
            opened.find_grade("check-double", SLUG, SLUG, name).auto_score = None
        opened.db.commit()
    assert "is shown from 10 submissions on" in feedback_class(home, SLUG, ["learner10"]).pages["learner10"].read_text()


CANVAS, MOODLE = "lovelaceada_LATE_77_901_my_work-1.ipynb", "Bob Ross_31_assignsubmission_file/sub/my work.ipynb"


@pytest.fixture
def by_lms(home):
    """Ada by Canvas and Bob by Moodle, Cyd and Dan by other doors, with pages."""
    for learner, door, name in (
        ("ada", "lms", CANVAS),
        ("bob", "lms", MOODLE),
        ("cyd", "hub", MOODLE[1:]),
        ("dan", "", ""),
    ):
        deliver(home, learner, GOOD, door, name)
    grade_class(home, SLUG)
    feedback_class(home, SLUG)
    return home


def test_a_zip_gives_every_page_the_name_by_which_its_lms_finds_the_learner(by_lms, tmp_path):
    file = tmp_path / "pages.zip"
    packed = pack(by_lms, SLUG, file)
    assert packed.names == {
        "ada": f"lovelaceada_LATE_77_901_{SLUG}.html",
        "bob": f"Bob Ross_31_assignsubmission_file/{SLUG}.html",
        "cyd": f"cyd/{SLUG}.html",
        "dan": f"dan/{SLUG}.html",
    }
    assert packed.by_lms == ("ada", "bob") and stat.S_IMODE(file.stat().st_mode) == 0o600
    with zipfile.ZipFile(file) as made:
        assert made.testzip() is None and sorted(made.namelist()) == sorted(packed.names.values())
        for learner, name in packed.names.items():
            assert made.read(name) == by_lms.notebook("feedback", SLUG, learner, ".html").read_bytes()
    assert pack(by_lms, SLUG, file).names == packed.names, "safe to run again"


def test_two_pages_never_have_one_name(by_lms, tmp_path):
    deliver(by_lms, "cyd", WRONG, "lms", CANVAS.swapcase().replace("late", "LATE"), LONG_AGO + timedelta(days=1))
    names = pack(by_lms, SLUG, tmp_path / "pages.zip").names
    assert names["ada"].startswith("lovelaceada") and names["cyd"] == f"cyd/{SLUG}.html"


def test_pages_wait_in_a_zip_too_and_a_zip_from_before_stays(by_lms, tmp_path):
    file = tmp_path / "pages.zip"
    later = dated(by_lms, f'[assignments.00]\ndue = "2026-03-05"\n[extensions.bob]\n{SLUG} = "2999-01-01"')
    packed = pack(later, SLUG, file)
    assert packed.waiting == ("bob",) and sorted(packed.names) == ["ada", "cyd", "dan"]
    before = file.read_bytes()
    text = (later.path / "course.toml").read_text().replace("2026-03-05", "2999-01-01")
    (later.path / "course.toml").write_text(text)
    packed = pack(Home.open(later.path), SLUG, file)
    assert not packed.names and len(packed.waiting) == 4 and file.read_bytes() == before
    (later.path / "course.toml").write_text(text.replace('feedback = "deadline"', 'feedback = "at_once"'))
    assert len(pack(Home.open(later.path), SLUG, file).names) == 4
    by_lms.roster_file.write_text("id\nada\n")
    assert list(pack(by_lms, SLUG, file).names) == ["ada"], "who left the course is nobody's to upload"


def test_a_zip_is_written_whole_or_not_at_all_and_not_where_learners_read(by_lms, tmp_path, monkeypatch):
    file = tmp_path / "out" / "pages.zip"
    for path, why in (
        (file, "no folder"),
        (tmp_path, "is a folder"),
        (by_lms.exchange / "p.zip", "lies in the exchange"),
    ):
        with pytest.raises(HomeError, match=why):
            pack(by_lms, SLUG, path)
    file.parent.mkdir()
    file.write_bytes(b"before")
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError("no space")))
    with pytest.raises(OSError, match="no space"):
        pack(by_lms, SLUG, file)
    assert file.read_bytes() == b"before" and os.listdir(file.parent) == ["pages.zip"]


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("lovelaceada_77_901_my-12_34_work.ipynb", "lovelaceada_77_901_S.html"),
        ("lovelaceada_12_99999_x_77_88_w.zip", ""),  # by whom of two
        ("x_12_345_.ipynb in evilmal_77_88_my.zip", ""),
        ("Ada Lovelace_7_assignsubmission_file_x.ipynb in Mal Evil_8_assignsubmission_file_my.zip", ""),
        ("wrapped/lovelaceada_77_901_x.ipynb", "lovelaceada_77_901_S.html"),
        ("anon_A1b2C_901_x.ipynb", "anon_A1b2C_901_S.html"),
        ("Ada Lovelace_31_assignsubmission_file_x.ipynb", "Ada Lovelace_31_assignsubmission_file_S.html"),
        ("Ada Lovelace_31_assignsubmission_file_/x.ipynb", "Ada Lovelace_31_assignsubmission_file_/S.html"),
        ("zip/Müller, Änne_31_assignsubmission_file/a/b.zip", "Müller, Änne_31_assignsubmission_file/S.html"),
        ("ada_12_b_77_901_x.ipynb", ""),  # Canvas would read another user
        ("../../etc/x_77_901_x.ipynb", ""),
        ("/lovelaceada_77_901_x.ipynb", "lovelaceada_77_901_S.html"),
        ("a/../lovelaceada_77_901_x.ipynb", ""),
        ("..\\evil_77_901_x.ipynb", ""),
        ("C:evil_77_901_x.ipynb", ""),
        ("evil\n_77_901_x.ipynb", ""),
        ("\u202eevil_77_901_x.ipynb", ""),
        ("._evil_77_901_x.ipynb", ""),
        (".._31_assignsubmission_file/x.ipynb", ""),
        ("~a_31_assignsubmission_file/x.ipynb", ""),
        ("a" * 300 + "_77_901_x.ipynb", ""),
        ("x.ipynb", ""),
        ("", ""),
    ],
)
def test_names_from_an_lms_lead_nowhere_else(name, made):
    assert lms_name(name, "S") == made


def test_the_command_writes_the_zip_and_says_what_to_do_with_it(by_lms, tmp_path):
    def feedback(*words):
        return CliRunner().invoke(main, ["feedback", "00", *words, "--home", str(by_lms.path)])

    done = feedback()
    assert "to be given as files (--zip FILE)" in done.stdout
    done = feedback("--zip", str(tmp_path / "pages.zip"))
    assert f"{tmp_path / 'pages.zip'} holds 4 pages" in done.stdout and "Upload multiple feedback files" in done.stdout
    assert len(zipfile.ZipFile(tmp_path / "pages.zip").namelist()) == 4
    for page in by_lms.path.glob("feedback/*/*/*.html"):
        page.unlink()
    done = feedback("--zip", str(tmp_path))
    assert done.exit_code == 1 and "is a folder" in done.stderr
    assert not list(by_lms.path.glob("feedback/*/*/*.html")), "wrong use is said before anything is done"
    dated(by_lms, '[assignments.00]\ndue = "2999-03-05"')
    done = feedback("--zip", str(tmp_path / "other.zip"))
    assert "No page may go out yet" in done.stdout and not (tmp_path / "other.zip").exists()
