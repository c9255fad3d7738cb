"""Forgetting a learner: nothing of them is left in the home or its exchange, the others' is untouched."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from course.classroom.desk import forget
from course.classroom.desk.export import export, gather
from course.classroom.doors import exchange, handed
from course.classroom.doors.inbound import Refusal
from course.classroom.gradebook import gradebook
from course.classroom.grading.grade import grade_class
from course.classroom.home import Home, HomeError
from course.classroom.nbconfig import quiet
from course.classroom.pages.feedback import feedback_class
from course.grade.journal import Journal

from .conftest import GOOD, SLUG, WRONG
from .test_export import course, fake_grading, handed_in

ZOE = "zoe77"
ROSTER = (
    "\ufeffid;group;first_name;last_name;email\r\n"
    'yan;"a;b";Yan;Tiersen;yan@example.org\r\n'
    f'{ZOE};"two\r\nlines";Zoë;Quillfeather;zq@example.org\r\n'
    "xia;;Xia;Li;xia@example.org\r\n"
)
EXTENSIONS = f"""\
[extensions.{ZOE}]  # ill
{SLUG} = "2026-02-01"

[extensions.yan]
00 = "2026-02-02"
[assignments.{SLUG}]
due = "2026-01-01"
"""
WORDS = (ZOE, "Quillfeather", "zq@example", "Zoë", "Zo\\u00eb", "Zo&euml;")


def submit(home: Home, learner: str, hour: int, edits: dict[str, str]) -> None:
    """What nbgrader's submitting leaves in the exchange, with a secret of its own."""
    path = handed_in(home, learner, edits)
    folder = home.exchange / "demo" / "inbound" / f"{learner}+{SLUG}+2029-03-01 {hour}:00:00 UTC+x"
    os.rename(path.parent, folder)
    (folder / "submission_secret.txt").write_text(hashlib.sha512(folder.name.encode()).hexdigest())


@pytest.fixture(scope="module")
def full_once(tmp_path_factory: pytest.TempPathFactory, released: Path) -> Path:
    """A home in which three learners have left every trace there is."""
    path = Path(shutil.copytree(released, tmp_path_factory.mktemp("full") / "home"))
    Home.open(path).roster_file.write_bytes(ROSTER.encode())
    toml = path / "course.toml"
    toml.write_text(f"{toml.read_text()}\n{EXTENSIONS}")
    home = Home.open(path)
    for hour, (learner, edits) in enumerate(((ZOE, WRONG), ("yan", GOOD), ("xia", WRONG), (ZOE, GOOD)), start=10):
        submit(home, learner, hour, edits)
    assert len(exchange.collect(home, SLUG).collected) == 3
    with pytest.MonkeyPatch.context() as patch:
        fake_grading(patch)
        grades = grade_class(home, SLUG)
    journal = Journal(home.path / "journal.db")
    for number, verdict in enumerate(grades.verdicts.values()):
        journal.add(str(number), verdict)
    feedback_class(home, SLUG)
    assert len(exchange.release_feedback(home, SLUG).learners) == 3
    _more(home)
    return home.path


def _more(home: Home) -> None:
    """What other verbs and people leave."""
    handed.refuse(home, SLUG, "exchange", [Refusal(f"{ZOE}+x", ZOE, "it is a link"), Refusal("yan+x", "yan", "so")])
    with quiet(), gradebook(home) as opened:  # nbgrader's removal goes through a list that it shortens
        for slug in ("98_more", "99_most"):
            opened.add_assignment(slug)
            opened.add_submission(slug, ZOE)
    for form in ("csv", "canvas"):
        export(home, form, gather(home, [SLUG]))
    export(home, "moodle", gather(home, [SLUG]), home.path / "moodle.csv")
    (home.path / "report.html").write_text(f"<p>{ZOE}</p>")


@pytest.fixture
def full(tmp_path: Path, full_once: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy of one's own."""
    fake_grading(monkeypatch)
    return Home.open(Path(shutil.copytree(full_once, tmp_path / "home")))


def tree(home: Home) -> dict[str, bytes]:
    return {
        str(path.relative_to(home.path)): path.read_bytes() if path.is_file() else b""
        for path in sorted(home.path.rglob("*"))
    }


def traces(home: Home) -> Iterator[str]:
    for name, data in tree(home).items():
        for word in WORDS:
            if word in name or word.encode() in data:
                yield f"{word} in {name}"


def test_nothing_is_left(full):
    assert len(list(traces(full))) > 20
    others = {
        name: data
        for name, data in tree(full).items()
        if name.split(os.sep)[0] in ("submitted", "autograded", "feedback", "kept", "bundles", "source", "release")
        and ZOE not in name
    }
    pages = len(list((full.exchange / "demo" / "feedback").iterdir()))
    done = course(full, "forget", ZOE, "--yes")
    assert done.exit_code == 0 and done.stderr == "", done.output
    assert list(traces(full)) == []
    assert len(list((full.exchange / "demo" / "feedback").iterdir())) == pages - 1
    now = tree(full)
    assert {name: now.get(name) for name in others} == others
    assert sorted(Home.open(full.path).settings.extensions) == ["yan"]
    assert list(Home.open(full.path).roster) == ["yan", "xia"]
    assert [item["learner"] for item in handed.refused(full, SLUG)] == ["yan"]


def test_the_others_are_as_they_were(full):
    before = gather(full, [SLUG])
    forget.forget(full, ZOE)
    after = gather(full, [SLUG])
    assert [(one.learner.id, one.score, one.status) for one in after] == [
        (one.learner.id, one.score, one.status) for one in before if one.learner.id != ZOE
    ]
    assert [one.score for one in after] != [None, None]
    assert exchange.collect(full, SLUG).collected == () and grade_class(full, SLUG).written == ()
    with closing(sqlite3.connect(full.path / "journal.db")) as database:
        assert {row[0] for row in database.execute("SELECT learner FROM verdict")} == {"yan", "xia"}


def test_the_roster_keeps_its_other_columns_and_every_byte(full):
    full.roster_file.chmod(0o640)
    forget.forget(full, ZOE)
    kept = full.roster_file.read_bytes()
    assert kept == ROSTER.replace(f'{ZOE};"two\r\nlines";Zoë;Quillfeather;zq@example.org\r\n', "").encode()
    assert full.roster_file.stat().st_mode & 0o777 == 0o640
    rows = list(csv.reader(kept.decode("utf-8-sig").splitlines(), delimiter=";"))
    assert rows[1] == ["yan", "a;b", "Yan", "Tiersen", "yan@example.org"]


def test_it_lists_and_asks_first(full):
    before = tree(full)
    done = course(full, "forget", ZOE)  # nobody answers
    assert done.exit_code == 1 and "Remove it?" in done.stdout
    assert tree(full).keys() == before.keys() and list(traces(full))
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    for line in (
        "1 feedback pages in the exchange",
        "2 submissions in the exchange",
        "3 folders of submissions, grades and feedback",
        "2 notes on verdicts and on what was handed in",
        "1 refused submissions on the list for review",
        "1 rows in the journal of verdicts",
        "4 entries in the gradebook",
        "4 exports, reports and figures, made again by their commands",
        "1 extensions in course.toml",
        "1 rows of the roster",
    ):
        assert line in lines, (line, lines)


@pytest.mark.parametrize("place", range(10))
def test_killed_midway_the_next_run_finishes(full, monkeypatch, place):
    class Killed(BaseException):
        pass

    real = forget.plan

    def plan(home: Home, learner: str) -> list[forget.Step]:
        steps = real(home, learner)

        def die() -> None:
            raise Killed

        steps[place] = forget.Step(steps[place].what, steps[place].count, die)
        return steps

    with monkeypatch.context() as patch:
        patch.setattr(forget, "plan", plan)
        with pytest.raises(Killed):
            forget.forget(full, ZOE)
    assert course(full, "forget", ZOE, "--yes").exit_code == 0
    assert list(traces(full)) == []


@pytest.mark.parametrize("name", ["journal.db", "gradebook.db"])
def test_what_a_database_has_only_marked_as_deleted_is_gone_too(full, name):
    with closing(sqlite3.connect(full.path / name, isolation_level=None)) as database:
        database.execute("PRAGMA secure_delete = OFF")
        database.execute("CREATE TABLE other (value TEXT)")
        database.executemany("INSERT INTO other VALUES (?)", [("Quillfeather" * 100,)] * 100)
        database.execute("DROP TABLE other")
    assert b"Quillfeather" * 9 in (full.path / name).read_bytes()
    forget.forget(full, ZOE)
    assert list(traces(full)) == []


def test_a_journal_in_use_is_said_and_nothing_is_lost(full, monkeypatch):
    monkeypatch.setattr(forget, "_WAIT", 0.2)
    with closing(sqlite3.connect(full.path / "journal.db", isolation_level=None)) as database:
        database.execute("BEGIN")
        database.execute("SELECT COUNT(*) FROM verdict").fetchone()
        done = course(full, "forget", ZOE, "--yes")
        assert done.exit_code == 1 and ("in use" in done.stderr or "locked" in done.stderr), done.stderr
        assert ZOE in full.roster
    assert course(full, "forget", ZOE, "--yes").exit_code == 0 and list(traces(full)) == []


@pytest.mark.parametrize("name", ["nobody", "zoe7", "", ".", "..", "*", "../submitted", "a/b", "zoe77+x", "-x"])
def test_somebody_unknown(full, name):
    before = tree(full)
    done = course(full, "forget", "--yes", name)
    assert done.exit_code in (1, 2)
    assert tree(full).keys() == before.keys() and len(list(traces(full))) > 20


def test_who_left_the_roster_is_forgotten_too_and_twice_is_said(full):
    full.roster_file.write_text("id\nyan\nxia\n")
    assert course(full, "forget", ZOE, "--yes").exit_code == 0 and list(traces(full)) == []
    done = course(full, "forget", ZOE, "--yes")
    assert done.exit_code == 1 and "'zoe77' is not on the roster, and nothing of theirs is here" in done.stderr


def test_links_are_removed_and_never_followed(full, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    inbound = full.exchange / "demo" / "inbound"
    (inbound / f"{ZOE}+{SLUG}+link").symlink_to(precious)
    folder = inbound / f"{ZOE}+{SLUG}+fifo"
    folder.mkdir()
    os.mkfifo(folder / "submission_secret.txt")
    shutil.copytree(full.submitted / "yan", full.submitted / "yan" / ZOE)
    forget.forget(full, ZOE)
    assert (precious / "file").read_text() == "x" and not any(ZOE in name for name in os.listdir(inbound))
    assert (full.submitted / "yan" / ZOE).is_dir()  # what yan handed in is yan's


def test_what_it_cannot_mend_it_says(full):
    (full.path / "notes.txt").write_text("Quillfeather, Zoë: was ill")
    (full.path / "lists").mkdir()
    (full.path / "lists" / "teams.csv").write_text(f"yan,{ZOE}\n")
    (full.path / "mine.csv").write_text(f"{ZOE}\n")
    (full.path / "harmless.txt").write_text(f"x{ZOE} {ZOE}8")
    done = course(full, "forget", ZOE, "--yes")
    said = done.stderr.splitlines()
    assert done.exit_code == 1 and len(said) == 3, said
    for name, line in zip(("lists/teams.csv", "mine.csv", "notes.txt"), sorted(said), strict=True):
        assert line == f"course: {full.path / name} still mentions them; look into it yourself"
    assert "backups of this course home" in done.stdout and (full.path / "mine.csv").exists()


def test_what_belongs_to_another_account_is_said_and_the_rest_removed(full, monkeypatch):
    real = shutil.rmtree

    def rmtree(path: Path, *args, **words):
        if "inbound" in str(path):
            raise PermissionError(13, "Permission denied", str(path))
        real(path, *args, **words)

    monkeypatch.setattr("shutil.rmtree", rmtree)
    done = course(full, "forget", ZOE, "--yes")
    assert done.exit_code == 1 and "cannot be removed (Permission denied); remove it as its owner" in done.stderr
    assert ZOE not in full.roster and not (full.submitted / ZOE).exists()
    monkeypatch.setattr("shutil.rmtree", real)
    assert course(full, "forget", ZOE, "--yes").exit_code == 0 and list(traces(full)) == []


@pytest.mark.parametrize("text", [f'[extensions]\n{ZOE} = {{ 00 = "2026-02-01" }}', f'[extensions."{ZOE}"]\n00 = ""'])
def test_extensions_may_be_written_in_other_ways(home, text):
    toml = home.path / "course.toml"
    before = toml.read_text()
    toml.write_text(before + text.replace('""', '"2026-02-01"'))
    forget.forget(Home.open(home.path), ZOE)
    assert ZOE not in toml.read_text() and toml.read_text().strip() == before.strip()


def test_a_regrade_of_everybody_that_speaks_of_them_is_said(full):
    with closing(sqlite3.connect(full.path / "journal.db")) as database, database:
        database.execute("CREATE TABLE note (learner TEXT, reason TEXT)")
        database.executemany("INSERT INTO note VALUES (?, ?)", [("", f"{ZOE} was right"), (ZOE, "x"), ("yan", "y")])
    done = course(full, "forget", ZOE, "--yes")
    assert done.exit_code == 1 and "the table note of" in done.stderr and "still mentions them" in done.stderr
    with closing(sqlite3.connect(full.path / "journal.db")) as database:
        assert [row[0] for row in database.execute("SELECT learner FROM note")] == ["", "yan"]


def test_a_learner_called_like_an_example_or_a_folder(home):
    home.roster_file.write_text("id\nada\nsubmitted\nkept\n")
    for name in ("submitted", "kept"):
        path = home.notebook("submitted", SLUG, name)
        path.parent.mkdir(parents=True)
        path.write_text("{}")
    assert course(home, "forget", "ada", "--yes").exit_code == 0  # the comment in course.toml is nobody's
    forget.forget(home, "submitted")
    assert home.notebook("submitted", SLUG, "kept").is_file() and list(home.roster) == ["kept"]
    assert not (home.path / "journal.db").exists()  # a new one would hide that the verdicts are gone


def test_unknown_is_an_error_of_ours(home):
    with pytest.raises(HomeError, match="is no learner's id"):
        forget.plan(home, "../x")
