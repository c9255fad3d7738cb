"""Zip files of Canvas and Moodle: who is meant, and what time counts."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from course.classroom.doors.delivery import Delivery
from course.classroom.doors.inbound import Refusal
from course.classroom.doors.lmsnames import fold
from course.classroom.roster import Learner, read_roster, write_roster

from .zips import ADA, BOB, PEOPLE, SLUG, Raw, canvas, canvas_name, collect, folder, moodle, only, pack


@pytest.mark.parametrize("door", ["canvas", "folders", "flat"])
def test_names_of_all_kinds_come_through_and_each_gets_their_own(tmp_path, door):
    path = tmp_path / "all.zip"
    if door == "canvas":
        canvas(path, [(one, one.id.encode(), False) for one in PEOPLE])
    else:
        moodle(path, [(one, one.id.encode()) for one in PEOPLE], folders=door == "folders")
    got, refused = collect(path)
    assert refused == []
    assert {one.learner: one.content().decode() for one in got} == {one.id: one.id for one in PEOPLE}
    assert all(one.door == "lms" and one.in_time is True and one.note == "" for one in got)


def test_moodle_of_today_has_no_underscore_at_the_end_and_keeps_folders(tmp_path):
    path = pack(tmp_path / "a.zip", [(f"Lovelace Ada_7_assignsubmission_file/deep/{SLUG}.ipynb", b"x")])
    got, refused = collect(path)
    assert [one.learner for one in got] == ["ada"] and refused == []


def test_a_zip_that_was_unpacked_and_packed_again_is_read_too(tmp_path):
    names = [f"subs/{canvas_name(one, k, False)}" for k, one in enumerate(PEOPLE[:2], 1)]
    path = pack(tmp_path / "a.zip", [("subs/", b""), *((name, b"x") for name in names), ("__MACOSX/subs/._x", b"")])
    got, refused = collect(path)
    assert [one.learner for one in got] == ["ada", "bob"] and refused == []


def test_late_is_what_canvas_says_and_a_name_may_look_like_it(tmp_path):
    late = Learner("late", "Late", "Smith")
    path = canvas(tmp_path / "a.zip", [(ADA, b"1", True), (BOB, b"2", False), (late, b"3", False)])
    got, _ = collect(path, ADA, BOB, late)
    assert {one.learner: one.in_time for one in got} == {"ada": False, "bob": True, "late": True}


def test_anonymous_entries_are_told_apart_from_people(tmp_path):
    names = ["LATE_anon_Ab1Cd_77_x.ipynb", "anon_Zz9yX_78_x.ipynb", "anonymous_12_79_x.ipynb", folder("Participant")]
    path = pack(tmp_path / "a.zip", [(name, b"x") for name in names])
    got, refused = collect(path, ADA, Learner("eve", lms="anon_Ab1Cd"))
    assert [(one.learner, one.in_time) for one in got] == [("eve", False)]
    why = [refusal.sentence for refusal in refused]
    assert "is anonymous" in why[0] and "is anonymous" in why[1] and "blind marking" in why[2] and len(why) == 3


def test_uploads_again_are_all_there_the_newest_last(tmp_path):
    numbers = {9: f"{SLUG}.ipynb", 10: f"{SLUG}-1.ipynb", 11: f"{SLUG}-2.ipynb"}
    path = pack(tmp_path / "a.zip", [(f"lovelaceada_1_{k}_{numbers[k]}", str(k).encode()) for k in (11, 9, 10)])
    got, refused = collect(path)
    assert [one.content() for one in sorted(got, key=lambda one: one.time)] == [b"9", b"10", b"11"]
    assert refused == [] and len({one.time for one in got}) == 3 and all(one.note == "" for one in got)


def test_of_many_uploads_the_newest_are_offered(tmp_path):
    names = [f"lovelaceada_1_{k}_{SLUG}-{k}.ipynb" for k in range(1, 81)]
    got, _ = collect(pack(tmp_path / "a.zip", [(name, b"x") for name in names]))
    assert [one.name for one in got] == names[-50:]


def test_a_notebook_of_another_name_is_taken_where_it_is_the_only_one(tmp_path):
    entries = [(folder("Ada Lovelace", 1, "My Work.IPYNB"), b"x"), (folder("Ada Lovelace", 1, "essay.pdf"), b"p")]
    entries += [(folder("Bob Ross", 2, name), b"x") for name in ("one.ipynb", "two.ipynb", "help.py")]
    entries += [(folder("Cher", 3, name), name.encode()) for name in (f"{SLUG}.ipynb", "old.ipynb", f"o/{SLUG}.ipynb")]
    entries += [(folder("محمد علي", 4, "all.pdf"), b"PK")]
    got, refused = collect(pack(tmp_path / "a.zip", entries))
    assert [(one.learner, one.note) for one in got] == [
        ("ada", f"its notebook is called 'My Work.IPYNB' instead of {SLUG}.ipynb"),
        ("cher", ""),
    ]
    assert got[1].content() == f"{SLUG}.ipynb".encode()
    assert "one.ipynb, two.ipynb;" in refused[0].sentence and refused[0].learner == "bob"
    assert "no notebook in it but all.pdf" in refused[1].sentence and refused[1].learner == "rtl"


def test_two_of_one_name_are_nobody_until_the_roster_says(tmp_path):
    twins = [Learner("ada1", "Ada", "Lovelace"), Learner("ada2", "ADA", "Lóvelace", "a,b@x.org")]
    files = [(one, one.id.encode(), False) for one in twins]
    got, refused = collect(canvas(tmp_path / "a.zip", files), *twins)
    assert got == [] and len(refused) == 2
    assert all("(ada1)" in one.sentence and "(ada2)" in one.sentence for one in refused)
    assert 'ada2,ADA,Lóvelace,"a,b@x.org",1001' in refused[0].sentence
    told = [Learner("ada1", "Ada", "Lovelace", lms="1001"), Learner("ada2", "ADA", "Lóvelace", lms="1|1002")]
    got, refused = collect(tmp_path / "a.zip", *told)
    assert {one.learner: one.content().decode() for one in got} == {"ada1": "ada1", "ada2": "ada2"} and refused == []
    path = pack(tmp_path / "m.zip", [(folder("Ada Lovelace", 5), b"5"), (folder("Ada Lovelace", 6), b"6")])
    assert len(collect(path, *twins)[1]) == 2
    got, _ = collect(path, Learner("ada1", "Ada", "Lovelace", lms="Ada Lovelace_6"), twins[1])
    assert [(one.learner, one.content()) for one in got] == [("ada1", b"6")]


def test_two_accounts_of_one_name_are_not_one_learner(tmp_path):
    path = pack(tmp_path / "a.zip", [(f"lovelaceada_{k}_{k}5_{SLUG}.ipynb", b"x") for k in (31, 32)])
    got, refused = collect(path)
    assert got == [] and len(refused) == 2 and "different accounts" in refused[0].sentence
    assert "ada,Ada,Lovelace,ada@example.org,32" in refused[0].sentence
    got, refused = collect(path, Learner("ada", "Ada", "Lovelace", lms="32"))
    assert [one.name for one in got] == [f"lovelaceada_32_325_{SLUG}.ipynb"] and len(refused) == 1
    got, refused = collect(path, Learner("ada", "Ada", "Lovelace", lms="32 | 31"))
    assert len(got) == 2 and refused == []


def test_the_user_id_wins_over_the_name_and_a_taken_name_is_no_way_in(tmp_path):
    path = pack(tmp_path / "a.zip", [(f"rosscarol_4711_5_{SLUG}.ipynb", b"x")])
    got, refused = collect(path, ADA, BOB, Learner("carol", "Carol", "Ross"))
    assert [one.learner for one in got] == ["bob"] and refused == []
    text = only(pack(tmp_path / "b.zip", [(f"rossbob_99_5_{SLUG}.ipynb", b"x")]), ADA, BOB)
    assert "bears the name of Bob Ross (bob)" in text and "4711" in text and "bob,Bob,Ross,,4711|99" in text


def test_moodles_number_is_no_user_id(tmp_path):
    assert "nobody on the roster" in only(pack(tmp_path / "a.zip", [(folder("Zed Zorn", 4711), b"x")]))


def test_strangers_are_listed_with_who_is_near_and_what_to_write(tmp_path):
    text = only(pack(tmp_path / "a.zip", [(f"lovelaceadda_31_5_{SLUG}.ipynb", b"x")]))
    assert "'lovelaceadda' (user id 31 in Canvas)" in text and "Ada Lovelace (ada)" in text
    assert text.endswith("under the first line id,first_name,last_name,email,lms: ada,Ada,Lovelace,ada@example.org,31")
    path = pack(tmp_path / "m.zip", [(folder("Ada King Lovelace", 9), b"x")])
    line = only(path).rsplit(": ", 1)[1]
    assert line == "ada,Ada,Lovelace,ada@example.org,Ada King Lovelace"  # no number: it is another one next time
    (tmp_path / "roster.csv").write_text(f"id,first_name,last_name,email,lms\n{line}\n")
    got, refused = collect(path, *read_roster(tmp_path / "roster.csv"))
    assert [one.learner for one in got] == ["ada"] and refused == []


def test_one_name_is_not_part_of_another(tmp_path):
    names = [
        folder(name, k) for k, name in enumerate(["Ada", "Lovelace", "Ada Lovelace Jr", "Ada Lovelac", "たがた がく"])
    ]
    got, refused = collect(pack(tmp_path / "a.zip", [(name, b"x") for name in names]))
    assert got == [] and len(refused) == 5
    assert fold("たかだ") != fold("たがた") and fold("रमा") != fold("राम") and fold("ÅSA") == fold("asa")


def stamped(path: Path, *times: datetime, door: str = "moodle") -> tuple[list[Delivery], list[Refusal]]:
    entries = []
    for k, (one, when) in enumerate(zip(PEOPLE, times, strict=False), 1):
        name = folder(one.name, k) if door == "moodle" else canvas_name(one, k, False)
        entries.append((Raw(name.encode(), when, marked=True), b"x"))
    return collect(pack(path, entries), zone=ZoneInfo("Europe/Berlin"))


def test_times_are_read_in_the_courses_zone_and_of_moodle_only_where_they_are_not_the_downloads(tmp_path):
    got, _ = stamped(tmp_path / "a.zip", datetime(2026, 7, 1, 12), datetime(2026, 7, 1, 12, 30))
    assert got[0].time == datetime(2026, 7, 1, 10) and [one.in_time for one in got] == [True, True]
    got, _ = stamped(tmp_path / "b.zip", datetime(2026, 7, 1, 12), datetime(2026, 7, 3, 12))
    assert [one.in_time for one in got] == [None, None] and got[1].time == datetime(2026, 7, 3, 10)
    got, _ = stamped(tmp_path / "c.zip", datetime(2026, 7, 1), datetime(2026, 7, 3), door="canvas")
    assert [one.in_time for one in got] == [True, True]


@pytest.mark.parametrize("when", [datetime(1980, 1, 1), datetime(1999, 12, 31), datetime(2100, 1, 1)])
def test_the_zips_own_time_counts_where_the_entries_is_impossible(tmp_path, when):
    pack(tmp_path / "a.zip", [(Raw(folder("Ada Lovelace").encode(), when), b"x")])
    os.utime(tmp_path / "a.zip", (1_770_000_000, 1_770_000_000))
    got, _ = collect(tmp_path / "a.zip")
    assert got[0].time == datetime.fromtimestamp(1_770_000_000, UTC).replace(tzinfo=None)
    os.utime(tmp_path / "a.zip", (9_000_000_000, 9_000_000_000))
    got, _ = collect(tmp_path / "a.zip")
    assert abs(got[0].time - datetime.now(UTC).replace(tzinfo=None)) < timedelta(minutes=1)


def test_a_day_that_no_calendar_has_costs_nothing(tmp_path):
    path = canvas(tmp_path / "a.zip", [(ADA, b"x", False)])
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\1\2")
    data[at + 12 : at + 16] = b"\xff\xff\xff\xff"
    path.write_bytes(data)
    assert [one.content() for one in collect(path)[0]] == [b"x"]


def test_the_roster_keeps_the_column_lms_and_has_it_only_where_it_is_used(tmp_path):
    path = tmp_path / "roster.csv"
    write_roster(path, [ADA, Learner("x", "y", "z", "e")])
    assert path.read_text().splitlines()[0] == "id,first_name,last_name,email"
    people = [ADA, BOB, Learner("c", lms="C, c|9")]
    write_roster(path, people)
    assert path.read_text().splitlines()[0] == "id,first_name,last_name,email,lms" and read_roster(path) == people
    path.write_text("lms;id;more\n 12 ;bob;x\n;ada;\n")
    assert read_roster(path) == [Learner("bob", lms="12"), Learner("ada")]
