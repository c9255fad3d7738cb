"""Names, times, secrets and floods in the exchange: each is refused for itself, and costs nobody else anything."""

from __future__ import annotations

import os
import pwd
import unicodedata
from datetime import datetime
from pathlib import Path

import pytest

from course.classroom import gradebook
from course.classroom.doors.exchange import collect, release_feedback
from course.classroom.grading.grade import grade_class
from course.classroom.home import Home
from course.classroom.nbconfig import quiet
from course.classroom.pages.feedback import feedback_class

from .conftest import GOOD, SLUG
from .test_exchange import NOW, put, taken

SECRET = "0123456789abcdef" * 8


@pytest.mark.parametrize(
    "stamp",
    [
        "9999-12-31 23:59:59 -2359",
        "0001-01-01 00:00:00 +2359",
        "2999-01-01 00:00:00 UTC",
        "1999-01-01 00:00:00 UTC",
        "2026-02-30 00:00:00 UTC",
        "2026-01-01 00:00:00 +0000 UTC",
        "",
    ],
)
def test_a_strange_time_is_refused_or_replaced_and_the_rest_collected(home: Home, stamp):
    put(home, f"ada+{SLUG}+{stamp}")
    put(home, f"bob+{SLUG}+{NOW}+x")
    got = collect(home, SLUG)
    assert "bob" in got.collected
    assert got.notes if "ada" in got.collected else "time" in got.refused[0].sentence
    assert stamp != "9999-12-31 23:59:59 -2359" or got.collected == ("bob",)


def test_times_ten_years_away_are_refused(home: Home):
    put(home, f"ada+{SLUG}+2999-01-01 00:00:00 UTC+future", b"future")
    put(home, f"ada+{SLUG}+{NOW}+x", b"present")
    got = collect(home, SLUG)
    assert taken(home, "ada") == b"present" and "more than ten years from now" in got.refused[0].sentence


def test_names_reach_the_terminal_in_plain_text_and_one_line(home: Home):
    evil = "\x1b]0;PWNED\x07\x1b[2J\nrefused: cyd: forged\r\u202e\u2028"
    put(home, f"ada+{SLUG}+2026-01-01 10:00 {evil}", notebook=f"{evil}.ipynb")
    put(home, f"bob+{SLUG}+{evil}")
    put(home, f"dan+{SLUG}+{NOW}+{evil}", bytes(21_000_000), notebook=f"{evil}.ipynb")
    os.makedirs(os.fsencode(home.exchange / "demo" / "inbound") + b"/\xff\xfe+" + os.fsencode(SLUG))
    got = collect(home, SLUG)
    assert got.collected == ("ada",) and len(got.notes) == 1 and len(got.refused) == 3
    for line in (*map(str, got.refused), *got.notes):
        # Cs: bytes that are no text; Zl: a line separator.
        assert not {unicodedata.category(mark) for mark in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}, line


@pytest.mark.parametrize("secret", [b"\xff\xfe\xff", b"", b"f" * 31, b"f" * 900, b"../" * 20, b"ab" * 40 + b"\n"])
def test_a_secret_that_nbgrader_would_not_make_stays_out(home: Home, secret):
    (put(home, f"ada+{SLUG}+{NOW}+x") / "submission_secret.txt").write_bytes(secret)
    (put(home, f"bob+{SLUG}+{NOW}+x") / "submission_secret.txt").write_text(SECRET)
    got = collect(home, SLUG)
    kept = home.notebook("submitted", SLUG, "ada").parent / "submission_secret.txt"
    assert got.collected == ("ada", "bob") and not kept.exists() and "its secret is not one" in got.notes[0]
    assert (home.notebook("submitted", SLUG, "bob").parent / "submission_secret.txt").read_text() == SECRET
    kept.write_bytes(secret)  # an earlier version of this program took it
    assert collect(home, SLUG).collected == ("ada",) and not kept.exists()
    assert collect(home, SLUG).unchanged == ("ada", "bob")


def test_a_bad_secret_costs_nobody_else_their_feedback(home: Home, hand_in):
    for learner in ("ada", "bob"):
        hand_in(home, learner, GOOD)
    collect(home, SLUG)
    grade_class(home, SLUG)
    feedback_class(home, SLUG)
    secret = home.notebook("feedback", SLUG, "ada").parent / "submission_secret.txt"
    secret.chmod(0o600)
    secret.write_bytes(b"\xff\xfe\xff")
    returned = release_feedback(home, SLUG)
    assert returned.learners == ("bob",)
    assert "ada" in returned.refused[0].name and "not one that nbgrader makes" in returned.refused[0].sentence


def test_whatever_goes_wrong_with_one_page_costs_nobody_else(home: Home, hand_in, monkeypatch):
    from course.classroom.doors import exchange

    for learner in ("ada", "bob"):
        hand_in(home, learner, GOOD)
    collect(home, SLUG)
    grade_class(home, SLUG)
    feedback_class(home, SLUG)
    original = exchange._return_one

    def fail(home, slug, learner, page):
        if learner == "ada":
            raise RuntimeError("nobody expected this")
        return original(home, slug, learner, page)

    monkeypatch.setattr(exchange, "_return_one", fail)
    returned = release_feedback(home, SLUG)
    assert returned.learners == ("bob",) and "nobody expected this" in returned.refused[0].sentence


def read_so_far() -> int:
    return int(Path("/proc/self/io").read_text().split("rchar:")[1].split()[0])


def flood(home: Home, learner: str, day: datetime, count: int, size: int = 10) -> None:
    for number in range(count):
        folder = put(home, f"{learner}+{SLUG}+{day:%Y-%m-%d} 00:00:00.{number:06d} UTC", b"%06d" % number)
        os.truncate(folder / f"{SLUG}.ipynb", size)


@pytest.mark.skipif(not os.path.exists("/proc/self/io"), reason="counts what was read by Linux' own account")
def test_of_a_flood_only_the_newest_are_opened_and_one_is_read(home: Home):
    flood(home, "ada", datetime(2026, 1, 1), 80, size=5_000_000)
    put(home, f"bob+{SLUG}+{NOW}+x")
    before = read_so_far()
    got = collect(home, SLUG)
    assert read_so_far() - before < 50_000_000
    assert got.collected == ("ada", "bob") and taken(home, "ada")[:6] == b"000079"
    assert "80 times" in str(got.refused[0]) and "30 were not" in str(got.refused[0])


def test_what_was_in_time_is_found_in_a_flood_of_late_ones(home: Home):
    with quiet(), gradebook.gradebook(home) as opened:
        opened.update_or_create_assignment(SLUG, duedate=datetime(2030, 1, 1))
    put(home, f"ada+{SLUG}+2029-12-31 00:00:00 UTC+x", b"in time")
    flood(home, "ada", datetime(2030, 1, 2), 60)
    collect(home, SLUG)
    assert taken(home, "ada") == b"in time"


def test_refusals_in_one_name_are_counted_beyond_fifty(home: Home):
    for number in range(70):
        put(home, f"ada+{SLUG}+nonsense {number:02d}")
    put(home, f"bob+{SLUG}+nonsense")
    got = collect(home, SLUG)
    sentences = [str(refusal) for refusal in got.refused]
    assert len(sentences) == 52 and any(text.startswith("bob") for text in sentences)
    assert any("20 other folders in the name of 'ada'" in text for text in sentences)


def accounts(tmp_path: Path, sources: Path) -> Home:
    from course.classroom.desk.release import release
    from course.classroom.roster import Learner

    people = [Learner("daemon"), Learner("nobody")]
    home = Home.create(tmp_path / "home", course_id="demo", roster=people, identity="uid")
    release(home, SLUG, root=sources)
    return home


def give(folder: Path, account: str, *names: str) -> Path:
    owner = pwd.getpwnam(account).pw_uid
    for path in (folder, *(folder / name for name in names)):
        os.chown(path, owner, -1)
    return folder


root_only = pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand files to other accounts")


@root_only
def test_with_identity_uid_folders_of_others_do_not_push_ones_own_out(tmp_path, sources, grader):
    home = accounts(tmp_path, sources)
    give(put(home, f"daemon+{SLUG}+{NOW}+x", b"mine"), "daemon", f"{SLUG}.ipynb")
    for number in range(60):
        give(put(home, f"daemon+{SLUG}+2026-04-01 00:00:{number:02d} UTC"), "nobody", f"{SLUG}.ipynb")
    got = collect(home, SLUG)
    assert got.collected == ("daemon",) and taken(home, "daemon") == b"mine" and len(got.refused) == 51


@root_only
def test_with_identity_uid_hard_links_and_others_secrets_are_not_taken(tmp_path, sources, grader):
    home = accounts(tmp_path, sources)
    linked = put(home, f"daemon+{SLUG}+2026-03-02 10:00:00 UTC+linked")
    os.link(linked / f"{SLUG}.ipynb", linked / "again.ipynb")
    give(linked, "daemon", f"{SLUG}.ipynb")
    own = put(home, f"daemon+{SLUG}+{NOW}+own", b"mine")
    (own / "submission_secret.txt").write_text(SECRET)
    give(give(own, "daemon", f"{SLUG}.ipynb"), "daemon")
    os.chown(own / "submission_secret.txt", pwd.getpwnam("nobody").pw_uid, -1)
    got = collect(home, SLUG)
    assert got.collected == ("daemon",) and taken(home, "daemon") == b"mine"
    assert "2 names (hard links)" in got.refused[0].sentence and "its secret is not one" in got.notes[0]
    os.chown(own / "submission_secret.txt", pwd.getpwnam("daemon").pw_uid, -1)
    assert collect(home, SLUG).collected == ("daemon",)
    assert (home.notebook("submitted", SLUG, "daemon").parent / "submission_secret.txt").read_text() == SECRET
