"""Grades as files: nbgrader's own numbers, nobody missing, nothing undecided as 0, and names that mean harm."""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from course.classroom.desk.export import COLUMNS, export, gather, table
from course.classroom.doors import handed
from course.classroom.doors.inbound import Refusal
from course.classroom.gradebook import gradebook
from course.classroom.grading import judging
from course.classroom.grading.grade import grade_class
from course.classroom.grading.plugin import LONG_AGO
from course.classroom.home import Home, HomeError
from course.classroom.roster import Learner, write_roster
from course.classroom.show import number
from course.cli import Course
from course.verbs import records

from .conftest import BOOM, GOOD, LEARNERS, SLUG, WRONG
from .fake import FakeGrader

TIME = "2026-03-01 10:00:00.000000 UTC"


def course(home: Home, *words: str):
    """One of the verbs, as the command runs it."""
    group = Course(commands=[records.export, records.forget, records.reveal])
    done = CliRunner().invoke(group, [*words, "--home", str(home.path)])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def fake_grading(patch: pytest.MonkeyPatch) -> None:
    """As the fixture ``grader``, for fixtures that live longer."""
    patch.setattr(judging, "make", lambda home, machines=None: FakeGrader(home.path))
    patch.setattr(judging, "_graders", {})


def handed_in(home: Home, learner: str, edits: dict[str, str]) -> Path:
    """A submission as collecting leaves it."""
    from course.bundle.freeze import latest
    from course.bundle.notebook import to_text

    made = latest(home.bundles, SLUG).release_notebook("demo")
    for cell in made["cells"]:
        cell["source"] = edits.get(cell["id"], cell["source"])
    path = home.notebook("submitted", SLUG, learner)
    path.parent.mkdir(parents=True)
    path.write_text(to_text(made))
    (path.parent / "timestamp.txt").write_text(TIME)
    return path


def rows(data: bytes, encoding: str = "utf-8") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(encoding), newline="")))


def named(data: bytes) -> dict[str, dict[str, str]]:
    head, *body = rows(data, "utf-8-sig")
    return {row[0]: dict(zip(head, row, strict=True)) for row in body}


def touch(home: Home, learner: str, **values: float) -> None:
    """Change the gradebook as formgrader does; ``penalty`` is the submission's, other values the first grade's."""
    with gradebook(home) as opened:
        notebook = opened.find_submission_notebook(SLUG, SLUG, learner)
        notebook.late_submission_penalty = values.pop("penalty", None)
        grade = opened.find_grade("check-double", SLUG, SLUG, learner)
        for name, value in values.items():
            setattr(grade, name, value)
        opened.db.commit()


@pytest.fixture(scope="module")
def graded_once(tmp_path_factory: pytest.TempPathFactory, released: Path) -> Path:
    """ada has everything, bob a wrong function and a penalty, cyd a fault of the grader, dan handed in nothing."""
    home = Home.open(Path(shutil.copytree(released, tmp_path_factory.mktemp("graded") / "home")))
    for learner, edits in (("ada", GOOD), ("bob", WRONG), ("cyd", BOOM)):
        handed_in(home, learner, edits)
    with pytest.MonkeyPatch.context() as patch:
        fake_grading(patch)
        grade_class(home, SLUG)
    touch(home, "bob", penalty=0.5, manual_score=1.25, extra_credit=0.1, needs_manual_grade=False)
    return home.path


@pytest.fixture
def graded(tmp_path: Path, graded_once: Path) -> Home:
    """A copy of one's own."""
    return Home.open(Path(shutil.copytree(graded_once, tmp_path / "home")))


def test_every_learner_has_a_row_with_nbgraders_numbers(graded):
    found = named(table("csv", gather(graded, [SLUG])))
    assert list(found) == ["ada", "bob", "cyd", "dan"] and tuple(found["ada"]) == COLUMNS
    with gradebook(graded) as opened:
        for learner in ("ada", "bob"):
            item = opened.find_submission(SLUG, learner)
            assert float(found[learner]["score"]) == pytest.approx(item.score - item.late_submission_penalty)
            assert float(found[learner]["late_penalty"]) == item.late_submission_penalty
            assert float(found[learner]["maximum"]) == item.max_score == 6
    assert found["ada"]["score"] == "6" and found["bob"]["score"] == "2.85"  # 1.25 + 0.1 + 2 - 0.5
    assert found["ada"]["status"] == "graded" and found["ada"]["submitted"] == "2026-03-01T10:00:00Z"
    assert found["cyd"]["score"] == "" and found["cyd"]["status"] == "not graded"
    assert found["dan"]["score"] == "" and found["dan"]["status"] == "nothing handed in"
    assert found["dan"]["maximum"] == "6" and found["dan"]["late_penalty"] == found["dan"]["submitted"] == ""


def test_nobody_falls_below_nothing(graded):
    touch(graded, "bob", penalty=50.0)
    assert named(table("csv", gather(graded, [SLUG])))["bob"]["score"] == "0"


def test_what_is_not_graded_is_said_with_its_name(graded):
    done = course(graded, "export", "00", "--missing", "zero")
    assert done.exit_code == 1 and "cyd (Cyd Charisse)" in done.stderr and "dan" not in done.stderr
    assert "not graded, so an empty cell and never 0" in done.stderr
    path = graded.path / "exported" / "grades_csv.csv"
    assert str(path) in done.stdout and "4 learners, 1 assignment" in done.stdout
    found = named(path.read_bytes())
    assert found["cyd"]["score"] == "" and found["dan"]["score"] == "0"
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    assert os.listdir(path.parent) == [path.name]
    assert path.read_bytes().startswith(b"\xef\xbb\xbfid,")
    grade = {"manual_score": 1.0, "needs_manual_grade": False}
    touch(graded, "cyd", **grade)
    done = course(graded, "export")
    assert done.exit_code == 0 and done.stderr == "" and named(path.read_bytes())["cyd"]["score"] == "3"
    touch(graded, "cyd", **grade | {"needs_manual_grade": True})
    done = course(graded, "export")
    assert done.exit_code == 1 and "look again: cyd" in done.stderr


def test_a_result_of_another_submission_or_of_a_killed_run_is_no_grade(graded):
    stamp = graded.notebook("submitted", SLUG, "ada").parent / "timestamp.txt"
    stamp.write_text(TIME.replace("10:00", "11:00"))
    (graded.notebook("autograded", SLUG, "bob").parent / "timestamp.txt").write_text(LONG_AGO)
    found = named(table("csv", gather(graded, [SLUG])))
    assert [found[learner]["status"] for learner in ("ada", "bob")] == ["not graded"] * 2
    assert found["ada"]["score"] == found["bob"]["score"] == found["bob"]["late_penalty"] == ""
    stamp.write_text(TIME)
    graded.notebook("autograded", SLUG, "ada").unlink()
    assert named(table("csv", gather(graded, [SLUG])))["ada"]["status"] == "not graded"


def test_zero_is_for_those_alone_who_handed_in_nothing_in_their_time(graded):
    handed_in(graded, "dan", GOOD)  # collected, and not graded yet
    write_roster(graded.roster_file, [*LEARNERS, Learner("eli"), Learner("fay"), Learner("gus")])
    handed.refuse(graded, SLUG, "exchange", [Refusal("fay+x", "fay", "it is a link")])
    toml = graded.path / "course.toml"
    toml.write_text(
        toml.read_text() + f'\n[assignments.{SLUG}]\ndue = "2026-03-02"\n[extensions.gus]\n00 = "2026-04-02"\n'
    )
    home = Home.open(graded.path)
    grades = {one.learner.id: one for one in gather(home, [SLUG], zero=True, now=datetime(2026, 3, 10))}
    assert {name: one.score for name, one in grades.items()} == {
        **{"ada": 6.0, "bob": 2.85, "cyd": None, "dan": None},
        **{"eli": 0.0, "fay": None, "gus": None},
    }
    assert [grades[name].status for name in ("dan", "fay")] == ["not graded", "refused"]
    assert all(one.score is None for one in gather(home, [SLUG], zero=True, now=datetime(2026, 3, 1))[4:])
    assert gather(home, [SLUG], zero=True, now=datetime(2026, 4, 3))[6].score == 0.0
    done = course(home, "export", "--missing", "zero")
    assert done.exit_code == 1 and "refused, so an empty cell and never 0: fay; look at" in done.stderr


NAMES = [
    Learner("ada", "Zoë, Émilie", 'O"Neil', "a@b.org"),
    Learner("bob", "Two\nlines", "李", "+b@b.org"),
    Learner("cyd", "=HYPERLINK(1)", "-2+3", "=c@b.org"),
    Learner("dan", " @SUM(1)", 'x;=cmd|"/c"'),
]


def test_names_come_back_as_they_are_but_never_as_formulas(graded):
    write_roster(graded.roster_file, NAMES)
    found = named(table("csv", gather(graded, [SLUG])))
    assert found["ada"]["first_name"] == "Zoë, Émilie" and found["ada"]["last_name"] == 'O"Neil'
    assert found["bob"]["first_name"] == "Two\nlines" and found["bob"]["last_name"] == "李"
    assert found["bob"]["email"] == "'+b@b.org" and found["cyd"]["email"] == "'=c@b.org"
    assert (found["cyd"]["first_name"], found["cyd"]["last_name"]) == ("'=HYPERLINK(1)", "'-2+3")
    assert (found["dan"]["first_name"], found["dan"]["last_name"]) == ("'@SUM(1)", 'x;\'=cmd|"/c"')


def test_canvas(graded):
    hostile = Learner("dan", "Points Possible", "=1")
    write_roster(graded.roster_file, [*NAMES[:3], hostile])
    data = table("canvas", gather(graded, [SLUG], zero=True))
    head, points, *body = rows(data)
    assert head == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", SLUG]
    assert points == ["    Points Possible", "", "", "", "", "6"]
    assert body == [
        ['O"Neil, Zoë, Émilie', "", "", "ada", "", "6"],
        ["李, Two lines", "", "", "bob", "", "2.85"],
        ["'-2+3, =HYPERLINK(1)", "", "", "cyd", "", ""],
        ["dan", "", "", "dan", "", "0"],
    ]


def test_canvas_finds_its_own_number(graded):
    graded.roster_file.write_text("id,lms\nada,4711\nbob,Ross Bob\ncyd,\ndan,٣\n")
    body = rows(table("canvas", gather(graded, [SLUG])))[2:]
    assert [row[:2] for row in body] == [["ada", "4711"], ["bob", ""], ["cyd", ""], ["dan", ""]]


def test_moodle(graded):
    write_roster(graded.roster_file, NAMES)
    path = graded.path / "exported" / "grades_moodle.csv"
    done = course(graded, "export", "--to", "moodle")
    assert done.exit_code == 1 and "bob, cyd for a formula" in done.stderr and 'so "-" and never 0: cyd' in done.stderr
    head, *body = rows(path.read_bytes())
    assert head == ["First name", "Last name", "ID number", "Email address", SLUG]
    assert body[1] == ["Two lines", "李", "bob", "+b@b.org", "2.85"]
    assert [row[-1] for row in body] == ["6", "2.85", "-", "-"]


def test_numbers_have_two_decimals_at_most():
    shown = [number(value) for value in (0.0, -0.0, -0.001, 12.345, 10.0, 1 / 3, 1e-9, 100.0, 2.5)]
    assert shown == ["0", "0", "0", "12.35", "10", "0.33", "0", "100", "2.5"]


def test_places_where_it_must_not_lie(graded, tmp_path):
    grades = gather(graded, [SLUG])
    before = graded.roster_file.read_bytes()
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "link.csv").symlink_to(graded.roster_file)
    for place, words in (
        (graded.exchange / "grades.csv", "lies in the exchange"),
        (graded.exchange / "demo" / "outbound" / "grades.csv", "lies in the exchange"),
        (graded.roster_file, "the course home uses itself"),
        (tmp_path / "link.csv", "the course home uses itself"),
        (graded.path / "gradebook.db", "the course home uses itself"),
        (graded.submitted / "grades.csv", "the course home uses itself"),
        (tmp_path / "none" / "grades.csv", "there is no folder"),
        (tmp_path, "is a folder"),
        (tmp_path / "open" / "grades.csv", "anybody can replace files"),
    ):
        with pytest.raises(HomeError, match=words):
            export(graded, "csv", grades, place)
    assert graded.roster_file.read_bytes() == before
    out = export(graded, "csv", grades, tmp_path / "grades.csv")
    assert out.stat().st_mode & 0o777 == 0o600 and export(graded, "csv", grades, out) == out


def test_a_file_is_whole_or_not_there(graded, tmp_path, monkeypatch):
    grades = gather(graded, [SLUG])
    out = export(graded, "csv", grades, tmp_path / "grades.csv")
    before = out.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space"):
        export(graded, "canvas", grades, out)
    assert out.read_bytes() == before and [path.name for path in tmp_path.glob("*grades*")] == ["grades.csv"]


def test_whoever_left_the_roster_is_said(graded):
    write_roster(graded.roster_file, [learner for learner in LEARNERS if learner.id != "cyd"])
    done = course(graded, "export")
    assert done.exit_code == 0 and "not on the roster, so not in the file: cyd" in done.stderr


def test_nbgraders_own_command_writes_the_same_file(graded, tmp_path):
    command = [sys.executable, "-m", "nbgrader", "export", "--exporter=course.classroom.desk.export.CourseExporter"]
    words = ["--to", str(tmp_path / "a.csv"), "--student", "['ada', 'cyd']", "--assignment", f"['{SLUG}']"]
    done = subprocess.run([*command, *words], cwd=graded.path, capture_output=True, text=True)
    assert done.returncode == 1 and "cyd (Cyd Charisse)" in done.stderr, done.stderr
    wanted = [one for one in gather(graded, [SLUG]) if one.learner.id in ("ada", "cyd")]
    assert (tmp_path / "a.csv").read_bytes() == table("csv", wanted)
    assert "not on the roster" not in done.stderr
