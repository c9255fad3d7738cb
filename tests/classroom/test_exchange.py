"""Collecting: who is taken, who is refused with which sentence, and that one cannot harm another."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.apps.api import NbGraderAPI

from course.classroom import gradebook
from course.classroom.doors.exchange import collect
from course.classroom.doors.stamps import named
from course.classroom.home import Home, HomeError
from course.classroom.nbconfig import config, quiet

from .conftest import GOOD, LEARNERS, SLUG

NOW = "2026-03-01 10:00:00.000000 UTC"


def put(home: Home, name: str, data: bytes = b'{"cells": []}', notebook: str = f"{SLUG}.ipynb") -> Path:
    """A submission in the exchange, made by hand."""
    folder = home.exchange / "demo" / "inbound" / name
    folder.mkdir()
    (folder / notebook).write_bytes(data)
    (folder / "timestamp.txt").write_text(name.split("+")[2] if name.count("+") > 1 else "")
    return folder


def taken(home: Home, learner: str) -> bytes:
    return home.notebook("submitted", SLUG, learner).read_bytes()


def test_fetch_submit_collect(home, hand_in):
    place = hand_in(home, "ada", GOOD)
    first = collect(home, SLUG)
    assert first.collected == ("ada",) and first.refused == () and set(first.missing) == {"bob", "cyd", "dan"}
    assert taken(home, "ada") == (place / SLUG / f"{SLUG}.ipynb").read_bytes()
    files = sorted(os.listdir(home.notebook("submitted", SLUG, "ada").parent))
    assert files == [f"{SLUG}.ipynb", "submission_secret.txt", "timestamp.txt"]
    again = collect(home, SLUG)
    assert again.collected == () and again.unchanged == ("ada",)
    assert os.listdir(home.submitted / "ada") == [SLUG]


def test_bad_submissions_are_refused_one_by_one_and_the_rest_collected(home):
    limit = home.settings.limits.notebook_mb * 1_000_000
    inbound = home.exchange / "demo" / "inbound"
    put(home, f"ada+{SLUG}+{NOW}+x")
    put(home, f"eve+{SLUG}+{NOW}+x")
    put(home, f"..+{SLUG}+{NOW}+x")
    put(home, f"bob+{SLUG}+yesterday+x")
    put(home, "no-plus-at-all")
    put(home, f"a+b+c+{SLUG}+{NOW}+x")
    put(home, f"cyd+{SLUG}+2026-03-01 10:00:01 UTC", b"x" * (limit + 1))
    put(home, f"cyd+other_assignment+{NOW}+x")
    (inbound / f"cyd+{SLUG}+{NOW}+link").symlink_to(inbound / f"ada+{SLUG}+{NOW}+x")
    folder = put(home, f"dan+{SLUG}+2026-03-01 10:00:02 UTC+pipe", notebook="other.txt")
    os.mkfifo(folder / f"{SLUG}.ipynb")
    folder = put(home, f"dan+{SLUG}+2026-03-01 10:00:03 UTC+link", notebook="other.txt")
    (folder / f"{SLUG}.ipynb").symlink_to("/etc/passwd")
    put(home, f"dan+{SLUG}+2026-03-01 10:00:04 UTC+none", notebook="report.pdf")
    put(home, f"dan+{SLUG}+{NOW}+good")

    got = collect(home, SLUG)
    assert got.collected == ("ada", "dan")
    why = {refusal.name.replace(f"+{SLUG}+", " "): refusal.sentence for refusal in got.refused}
    assert "'eve' is not on the roster" in why[f"eve {NOW}+x"]
    assert "'..' is not on the roster" in why[f".. {NOW}+x"]
    assert "gives no time but 'yesterday'" in why["bob yesterday+x"]
    assert "nobody can tell whose" in why["no-plus-at-all"]
    assert "nobody can tell whose" in why[f"a+b+c {NOW}+x"]
    assert "more than the 20 MB allowed" in why["cyd 2026-03-01 10:00:01 UTC"]
    assert "not a folder but a link" in why[f"cyd {NOW}+link"]
    assert "not a plain file" in why["dan 2026-03-01 10:00:02 UTC+pipe"]
    assert "cannot be opened" in why["dan 2026-03-01 10:00:03 UTC+link"]
    assert f"has no {SLUG}.ipynb" in why["dan 2026-03-01 10:00:04 UTC+none"]
    assert len(why) == 10
    assert sorted(os.listdir(home.submitted)) == ["ada", "dan"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand files to other accounts")
def test_with_identity_uid_the_owner_must_be_the_learner(tmp_path, sources, grader):
    import pwd

    from course.classroom.desk.release import release
    from course.classroom.roster import Learner

    people = [Learner("daemon"), Learner("nobody"), Learner("root")]
    home = Home.create(tmp_path / "home", course_id="demo", roster=people, identity="uid")
    release(home, SLUG, root=sources)
    daemon, nobody = pwd.getpwnam("daemon").pw_uid, pwd.getpwnam("nobody").pw_uid
    for name, folder_owner, file_owner in (
        (f"daemon+{SLUG}+{NOW}+own", daemon, daemon),
        (f"daemon+{SLUG}+2026-03-02 10:00:00 UTC+forged", nobody, nobody),
        (f"daemon+{SLUG}+2026-03-03 10:00:00 UTC+planted", daemon, nobody),
        (f"nobody+{SLUG}+{NOW}+gone", 3_999_999, 3_999_999),
    ):
        folder = put(home, name, name.encode())
        os.chown(folder, folder_owner, -1)
        os.chown(folder / f"{SLUG}.ipynb", file_owner, -1)
    got = collect(home, SLUG)
    assert got.collected == ("daemon",) and taken(home, "daemon").endswith(b"own")
    assert [refusal.sentence.split(";")[0] for refusal in got.refused] == [
        "it says it is by 'daemon' but belongs to 'nobody'",
        "it says it is by 'daemon' but belongs to 'nobody'",
        "it says it is by 'nobody' but belongs to 'the unknown account 3999999'",
    ]


def test_the_last_submission_counts_and_a_newer_one_replaces_it(home):
    put(home, f"ada+{SLUG}+2026-03-01 10:00:00 UTC+a", b"first")
    put(home, f"ada+{SLUG}+2026-03-01 11:30:00 +0200+b", b"earlier, in another zone")
    assert collect(home, SLUG).collected == ("ada",) and taken(home, "ada") == b"first"
    put(home, f"ada+{SLUG}+2026-03-02 10:00:00 UTC+c", b"second")
    assert collect(home, SLUG).collected == ("ada",) and taken(home, "ada") == b"second"


def test_the_last_before_the_due_date_counts_extensions_included(home):
    soon = datetime(2030, 1, 1)  # the files here are of today, before any of these times
    stamp = "%Y-%m-%d %H:%M:%S UTC"
    with quiet(), gradebook.gradebook(home) as opened:
        opened.update_or_create_assignment(SLUG, duedate=soon)
        opened.update_or_create_submission(SLUG, "bob")
        opened.grant_extension(SLUG, "bob", days=2)
    for learner in ("ada", "bob"):
        put(home, f"{learner}+{SLUG}+{soon - timedelta(days=1):{stamp}}+a", b"early")
        put(home, f"{learner}+{SLUG}+{soon + timedelta(days=1):{stamp}}+b", b"later")
        put(home, f"{learner}+{SLUG}+{soon + timedelta(days=3):{stamp}}+c", b"latest")
    put(home, f"cyd+{SLUG}+{soon + timedelta(days=3):{stamp}}+c", b"only late")
    collect(home, SLUG)
    assert [taken(home, name) for name in ("ada", "bob", "cyd")] == [b"early", b"later", b"only late"]


def test_a_back_dated_submission_is_refused(home):
    with gradebook.gradebook(home) as opened:
        opened.update_or_create_assignment(SLUG, duedate=datetime(2020, 1, 1))
    put(home, f"ada+{SLUG}+2019-12-31 23:00:00 UTC+a")
    got = collect(home, SLUG)
    assert got.collected == () and ", after the due date; where a backup was restored" in got.refused[0].sentence


def test_a_renamed_notebook_is_taken_with_a_note(home):
    put(home, f"ada+{SLUG}+{NOW}+x", b"mine", notebook=f"{SLUG}-Copy1.ipynb")
    got = collect(home, SLUG)
    assert got.collected == ("ada",) and taken(home, "ada") == b"mine"
    assert f"'{SLUG}-Copy1.ipynb' instead of {SLUG}.ipynb" in got.notes[0]


def test_times_are_utc():
    assert named("2026-03-01 10:00:00.5 UTC") == datetime(2026, 3, 1, 10, 0, 0, 500_000)
    assert named("2026-03-01 10:00:00 +0200") == named("2026-03-01 08:00:00") == datetime(2026, 3, 1, 8)
    assert named("2026-03-01 10:00:00-05:30") == datetime(2026, 3, 1, 15, 30)
    assert named("2026-03-01 10:00:00 CEST") is None


def test_formgraders_button_collects_by_the_same_rules(home):
    put(home, f"ada+{SLUG}+{NOW}+x")
    put(home, "no-plus-at-all")
    put(home, f"eve+{SLUG}+{NOW}+x")
    with quiet():
        answer = NbGraderAPI(config=config(home)).collect(SLUG)
    assert answer["success"] and "Refused eve+" in answer["log"]
    assert sorted(os.listdir(home.submitted)) == ["ada"]


def test_collecting_before_release_says_so(tmp_path):
    home = Home.create(tmp_path / "home", course_id="demo", roster=LEARNERS)
    with pytest.raises(HomeError, match="release 00_double first"):
        collect(home, SLUG)


def test_an_interrupted_copy_leaves_nothing_that_counts(home):
    put(home, f"ada+{SLUG}+{NOW}+x", b"whole")
    (home.submitted / "ada" / ".half").mkdir(parents=True)
    (home.submitted / "ada" / ".half" / f"{SLUG}.ipynb").write_bytes(b"wh")
    assert collect(home, SLUG).collected == ("ada",) and taken(home, "ada") == b"whole"
    shutil.rmtree(home.submitted / "ada" / SLUG)
    assert collect(home, SLUG).collected == ("ada",)
