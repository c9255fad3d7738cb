"""What the commands say: nothing to do, wrong use, and what disk and database refuse, each in one sentence."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from course.classroom.doors import collecting
from course.classroom.home import Home
from course.classroom.nbconfig import Log, quiet
from course.cli import main

from .conftest import BOOM, GOOD, SLUG
from .test_exchange import NOW, put


def course(*words: str, home: Home | Path | None = None):
    done = CliRunner().invoke(main, [*words, *(["--home", str(getattr(home, "path", home))] if home else [])])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def test_nothing_to_do_is_said(home):
    done = course("collect", "00", home=home)
    assert done.exit_code == 0 and "0 submissions of 00_double collected" in done.stdout and "Next" not in done.stdout
    done = course("grade", "00", home=home)
    assert done.exit_code == 0 and "Nothing to grade: no submission of 00_double was collected." in done.stdout
    assert "Next: course collect 00" in done.stdout and "┏" not in done.stdout
    done = course("feedback", "00", home=home)
    assert done.exit_code == 0 and "Nothing to return: no submission of 00_double is graded." in done.stdout
    assert "Next: course grade 00" in done.stdout


def test_numbers_and_nouns_agree(home, hand_in):
    hand_in(home, "ada", GOOD)
    done = course("collect", "00", home=home)
    assert "1 submission of 00_double collected, 0 already here." in done.stdout and "Next: course grade" in done.stdout
    done = course("grade", "00", home=home)
    assert done.exit_code == 0 and "1 graded, 1 of them new, 0 to review." in done.stdout
    assert "export" not in done.stdout
    assert "1 page written" in course("feedback", "00", home=home).stdout


def test_what_is_undecided_is_said_with_what_nbgrader_makes_of_it(home, hand_in):
    hand_in(home, "cyd", BOOM)
    course("collect", "00", home=home)
    done = course("grade", "00", home=home)
    assert done.exit_code == 1
    assert done.stdout.splitlines()[-3].endswith(
        "1 submission not decided (cyd): an export leaves them empty until they are graded."
    )


def test_a_refusal_says_how_it_is_settled(home):
    put(home, f"eve+{SLUG}+{NOW}+x")
    done = course("collect", "00", home=home)
    assert done.exit_code == 1 and "Next" not in done.stdout
    assert f"refused: eve+{SLUG}+{NOW}+x: 'eve' is not on the roster" in done.stderr
    assert f"or delete it in {home.exchange / 'demo' / 'inbound'}" in done.stderr


@pytest.mark.parametrize("verb", ["collect", "grade", "feedback"])
def test_what_was_not_released_is_said(home, verb):
    done = course(verb, "77", home=home)
    assert done.exit_code == 1
    assert done.stderr == (
        "course: 77 was not released from this home; it has released 00_double; run: course release 77\n"
    )


def test_a_file_where_a_folder_should_be(tmp_path, home):
    (tmp_path / "file").write_text("")
    done = course("init", "demo", home=tmp_path / "file")
    assert done.exit_code == 1 and "file is a file, and a course home is a folder" in done.stderr
    assert "is a file" in course("grade", "00", home=tmp_path / "file").stderr
    assert course("init", "demo", home=tmp_path / "file" / "below").stderr.count("\n") == 1
    (home.path / "source").rename(home.path / "source.old")
    (home.path / "source").write_text("")
    for verb in ("init", "grade"):
        done = course(verb, "demo" if verb == "init" else "00", home=home)
        assert done.exit_code == 1 and "source is a file where a folder should be; move it away" in done.stderr


def test_the_demo_looks_before_it_plays(tmp_path):
    (tmp_path / "file").write_text("")
    done = course("demo", "--keep", str(tmp_path / "file"))
    assert done.exit_code == 1 and "name a folder for the demo with --keep" in done.stderr
    done = course("demo", "--keep", str(tmp_path / "demo"), "--json", str(tmp_path / "no" / "demo.json"))
    assert done.exit_code == 1 and f"there is no folder {tmp_path / 'no'}" in done.stderr
    assert not (tmp_path / "demo").exists()


def test_a_gradebook_in_use_is_said(home):
    with closing(sqlite3.connect(home.path / "gradebook.db")) as database:
        database.execute("BEGIN EXCLUSIVE")
        done = course("grade", "00", home=home)
    assert done.exit_code == 1 and done.stderr.count("\n") == 1
    assert "the gradebook is in use by another program (database is locked); nothing is lost" in done.stderr
    assert course("grade", "00", home=home).exit_code == 0


def test_a_gradebook_that_is_none_is_said(home):
    (home.path / "gradebook.db").write_bytes(b"not a database" * 100)
    done = course("grade", "00", home=home)
    assert done.exit_code == 1 and "the gradebook cannot be used (file is not a database)" in done.stderr
    assert done.stderr.count("\n") == 1


def test_what_nbgrader_says_of_a_locked_gradebook_is_found():
    with quiet() as (log, heard):
        log.error(
            "Traceback (most recent call last):\n  File ...\n"
            "sqlalchemy.exc.OperationalError: (sqlite3.OperationalError) database is locked\n"
            "[SQL: SELECT 1]\n(Background on this error at: https://example.org)"
        )
    assert isinstance(heard, Log) and heard.last.endswith("database is locked")


def test_a_bug_shows_where_it_is(home, monkeypatch):
    def bug(*_):
        raise KeyError("nowhere")

    monkeypatch.setattr(collecting, "collect", bug)
    done = CliRunner().invoke(main, ["collect", "00", "--home", str(home.path)])
    assert isinstance(done.exception, KeyError)


def test_wrong_use_is_two(home):
    assert course("grade", "00", "--jobs", "0", home=home).exit_code == 2
    assert "Authors: build" in course("--help").stdout
    text = " ".join(course("init", "--help").stdout.split())
    assert "How it is known whose a submission is" in text and "--exchange" in text
