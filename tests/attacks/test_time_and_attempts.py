"""More time and more attempts than one has: what a learner writes about them is held against the file system."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from course.classroom.doors import handed
from course.classroom.doors.collecting import collect
from course.classroom.grading.grade import grade_class
from course.classroom.roster import Learner
from tests.classroom.conftest import GOOD, SLUG, WRONG, grader, hand_in, home, released, sources  # noqa: F401
from tests.classroom.test_collecting import solved, taken
from tests.classroom.test_exchange import put
from tests.classroom.test_schedule import due, now, rewrite
from tests.classroom.zips import canvas, pack


def stamp(time) -> str:
    return f"{time:%Y-%m-%d %H:%M:%S.%f} UTC"


@pytest.mark.parametrize("claimed", [1, 14 * 60, 8 * 86_400])
def test_who_is_late_cannot_say_that_they_were_less_late(home, claimed):  # noqa: F811
    late = "[late]\nper_day = 0.1\ngrace_minutes = 15\ndays = 5"
    home = rewrite(home, due(now() - timedelta(days=9), late))
    at = home.due(SLUG) + timedelta(seconds=claimed)
    put(home, f"ada+{SLUG}+{stamp(at)}", solved(home, "ada"))
    put(home, f"bob+{SLUG}+{stamp(now())}", solved(home, "bob"))
    got = collect(home, SLUG)
    assert got.collected == ("bob",) and ", after the due date; where" in got.refused[0].sentence
    assert grade_class(home, SLUG).held["bob"].score == 0.0


def test_where_attempts_count_what_was_collected_cannot_be_rewritten(home):  # noqa: F811
    home = rewrite(home, "attempts = 1\n")
    folder = put(home, f"ada+{SLUG}+{stamp(now())}", solved(home, "ada", WRONG))
    collect(home, SLUG)
    first = taken(home, "ada")
    (folder / f"{SLUG}.ipynb").write_bytes(solved(home, "ada"))
    got = collect(home, SLUG)
    assert taken(home, "ada") == first and "attempts are counted; hand in anew" in got.refused[0].sentence


def test_at_a_hub_what_was_saved_anew_is_another_attempt(home, tmp_path):  # noqa: F811
    home = rewrite(home, "attempts = 2\n")
    path = tmp_path / "srv" / "ada" / SLUG / f"{SLUG}.ipynb"
    path.parent.mkdir(parents=True)
    seen = []
    for number in range(4):
        path.write_bytes(solved(home, "ada", WRONG | {"question-limit": f"# question limit: yours\nlimit = {number}"}))
        got = collect(home, SLUG, str(tmp_path / "srv"))
        seen.append((got.collected, len(got.notes), f"limit = {number}".encode() in taken(home, "ada")))
    assert seen == [(("ada",), 0, True), (("ada",), 0, True), ((), 1, False), ((), 1, False)]


def test_the_same_zip_again_is_no_attempt(home, tmp_path):  # noqa: F811
    home = rewrite(home, "attempts = 1\n")
    path = canvas(tmp_path / "all.zip", [(home.roster["ada"], solved(home, "ada"), False)])
    assert collect(home, SLUG, str(path)).collected == ("ada",)
    again = collect(home, SLUG, str(path))
    assert (again.unchanged, again.notes) == (("ada",), ())


def test_a_flood_of_folders_buries_nobody(home):  # noqa: F811
    home = rewrite(home, "attempts = 1\n")
    names = [f"ada+{SLUG}+2026-01-01 00:00:00.{number:06d} UTC" for number in range(5_000)]
    good, notes = handed.admit(home, SLUG, "ada", names)
    assert good == {names[0]} and len(notes) == 51 and "4949 more attempts" in notes[-1]


def test_a_name_that_is_no_text_stops_nobody_else(home):  # noqa: F811
    home = rewrite(home, "attempts = 3\n")
    put(home, f"bob+{SLUG}+{stamp(now())}", solved(home, "bob"))
    os.mkdir(os.fsencode(home.exchange / "demo" / "inbound") + f"/ada+{SLUG}+{stamp(now())}+".encode() + b"\xff")
    got = collect(home, SLUG)
    assert got.collected == ("bob",) and [one.sentence for one in got.refused] == [
        "its name is not UTF-8, so it was not made by nbgrader"
    ]


def test_one_learner_with_many_uploads_has_one_voice(home, tmp_path):  # noqa: F811
    names = ["03_sgd_noise.ipynb", *(f"03_sgd_noise-{number}.ipynb" for number in range(1, 20))]
    entries = [(f"evilmal_77_{88 + number}_{name}", b"{}") for number, name in enumerate(names)]
    entries += [(f"lovelaceada_12_345_{SLUG}.ipynb", solved(home, "ada"))]
    entries += [(f"rossbob_13_346_{SLUG}.ipynb", solved(home, "bob"))]
    home.roster_file.write_text("id,first_name,last_name\nada,Ada,Lovelace\nbob,Bob,Ross\nmal,Mal,Evil\n")
    got = collect(home, SLUG, str(pack(tmp_path / "all.zip", entries)))
    assert {"ada", "bob"} <= set(got.collected)
    assert Learner("mal", "Mal", "Evil") == home.roster["mal"]
