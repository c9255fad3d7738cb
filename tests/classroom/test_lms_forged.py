"""Learners whose names, or files' names, are made to look like another's in the zip of an LMS."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from course.classroom.doors import handed
from course.classroom.doors.collecting import collect as collect_class
from course.classroom.doors.delivery import Delivery
from course.classroom.doors.inbound import Refusal
from course.classroom.doors.lms import deliveries
from course.classroom.pages.handback import lms_name
from course.classroom.pages.handback import pack as pack_pages
from course.classroom.roster import Learner

from .zips import LIMITS, SLUG, canvas_name, collect, folder, only, pack, roster

MAL = Learner("mal", "Mal", "Evil")
"""Her account in Canvas is 77, and her upload 88."""
ADAS = [Learner("ada", "Ada", "Lovelace"), Learner("ada", "Ada", "Lovelace", lms="12")]
HERS = f"lovelaceada_12_345_{SLUG}.ipynb"


def zipped(title: str = f"{SLUG}.ipynb", data: bytes = b"mal's") -> bytes:
    """A learner's own zip of one notebook."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr(title, data)
    return made.getvalue()


def beside_hers(path: Path, ada: Learner, name: str, *others: Learner) -> list[Refusal]:
    """The refusals where Ada's own work, and nothing else, is taken as hers beside a file called ``name``."""
    data = zipped() if name.endswith(".zip") else b"mal's"
    got, refused = collect(pack(path, [(HERS, b"ada's"), (name, data)]), ada, *(others or [MAL]))
    assert [(one.learner, one.content()) for one in got] == [("ada", b"ada's")]
    return refused


FORGED = [
    "lovelaceada_12_99999_x_77_88_w.zip",  # "Lovelace, Ada_12-_99999-_x"
    f"lovelaceada_12_99999_x_77_88_{SLUG}.ipynb",
    f"lovelaceada_12_99999_77_88_{SLUG}.ipynb",
    f"lovelaceada_12_99999_{SLUG}_77_88_{SLUG}.ipynb",
    f"lovelaceada_12_99999_x_LATE_77_88_{SLUG}.ipynb",
    f"lovelaceada_12_77_88_{SLUG}.ipynb",  # "Lovelace, Ada_12"
    "lovelaceada_12_77_88_x.ipynb",
    f"evilmal_77_88_lovelaceada_12_99999_{SLUG}.ipynb",  # only the file is called so
    "evilmal_77_88_12_99999_x.ipynb",
    f"_77_88_12_99999_{SLUG}.ipynb",  # "!!!", of whom Canvas leaves nothing
    f"adalovelace_12_assignsubmission_file_77_88_{SLUG}.ipynb",  # "Ada Lovelace_12-_assignsubmission-_file"
    f"adalovelace_12_assignsubmission_file__77_88_{SLUG}.ipynb",
]


@pytest.mark.parametrize("ada", ADAS)
@pytest.mark.parametrize("mal", [MAL, Learner("mal", "Mal", "Evil", lms="77")])
@pytest.mark.parametrize("name", FORGED)
def test_what_can_be_read_in_two_ways_is_nobodys_and_costs_nobody_anything(tmp_path, name, mal, ada):
    refused = beside_hers(tmp_path / "a.zip", ada, name, mal)
    assert [(one.name, one.learner) for one in refused] == [(name, "")]
    assert "two ways" in refused[0].sentence
    text = only(pack(tmp_path / "b.zip", [(name, zipped())]), ada, mal)
    assert "two ways" in text, "nor is it hers where she handed in nothing"


def test_an_account_cannot_pass_for_one_that_is_anonymous(tmp_path):
    ada = Learner("ada", "Ada", "Lovelace", lms="anon_ab1cd")
    assert "two ways" in only(pack(tmp_path / "a.zip", [("anon_ab1cd_77_88_x.ipynb", b"x")]), ada, MAL)
    got, _ = collect(pack(tmp_path / "b.zip", [("anon_ab1cd_345_x_1_2.ipynb", b"x")]), ada, MAL)
    assert [one.learner for one in got] == ["ada"]


@pytest.mark.parametrize(
    "name", ["evilmal_5_6_x_LATE_77_88_{}", "evilmal_5_6_LATE_77_88_{}", "evilmal_5_LATE_77_88_{}"]
)
def test_nobody_hides_that_canvas_calls_it_late(tmp_path, name):
    got, refused = collect(pack(tmp_path / "a.zip", [(name.format(f"{SLUG}.ipynb"), b"x")]), *ADAS[1:], MAL)
    assert got == [] and len(refused) == 1
    mal = Learner("mal", "Mal", "Evil", lms="77")
    got, refused = collect(tmp_path / "a.zip", *ADAS[1:], mal)
    assert all(one.in_time is False for one in got) and len(got) + len(refused) == 1


def test_late_is_said_in_capitals_and_names_are_small(tmp_path):
    late = Learner("late", "Too_Late", "Smith")
    got, refused = collect(pack(tmp_path / "a.zip", [(f"smithtoo_late_5_6_{SLUG}.ipynb", b"x")]), late)
    assert [(one.learner, one.in_time) for one in got] == [("late", True)] and refused == []
    got, refused = collect(pack(tmp_path / "b.zip", [(f"SmithToo_Late_LATE_5_6_{SLUG}.ipynb", b"x")]), late)
    assert [(one.learner, one.in_time) for one in got] == [("late", False)] and refused == [], "of a Canvas unlike ours"


@pytest.mark.parametrize(
    "own",
    [
        *("HW_12_3_final.ipynb", "hw 12_12_3_x.ipynb", "hw-1_12_3_x.ipynb", "v1.0_12_3_x.ipynb", "x_1_2.ipynb"),
        *(f"{SLUG}.ipynb", f"{SLUG}-1.ipynb", f"{SLUG}_s12.zip", f"{SLUG}_12.zip"),
        *("07_12_x.ipynb", "01_02_x.ipynb", "_LATE_x.ipynb"),
    ],
)
def test_numbers_in_the_names_of_honest_files_do_no_harm(tmp_path, own):
    data = zipped() if own.endswith(".zip") else b"x"
    got, refused = collect(pack(tmp_path / "a.zip", [(f"lovelaceada_12_345_{own}", data)]), *ADAS[:1], MAL)
    assert [(one.learner, one.in_time) for one in got] == [("ada", True)] and refused == []
    flat = f"Ada Lovelace_7_assignsubmission_file_{own}"
    got, refused = collect(pack(tmp_path / "b.zip", [(flat, data)]), *ADAS[:1], MAL)
    assert [one.learner for one in got] == ["ada"] and refused == []


def test_an_honest_file_that_can_be_read_in_two_ways_is_told_of_and_settled_by_its_name(tmp_path):
    text = only(pack(tmp_path / "a.zip", [("lovelaceada_12_345_hw_12_3_final.ipynb", b"x")]), *ADAS[1:])
    assert "'lovelaceada' (user id 12 in Canvas) or by 'lovelaceada_12_345_hw' (user id 12 in Canvas)" in text
    assert f"handed in again as {SLUG}.ipynb, or unpack the zip, call it NAME_USERID_FILEID_{SLUG}" in text
    got, refused = collect(pack(tmp_path / "b.zip", [(f"subs/{HERS}", b"x")]), *ADAS[1:])
    assert [one.learner for one in got] == ["ada"] and refused == []
    five = Learner("five", "Five_5", "Smith", lms="12")
    assert "two ways" in only(pack(tmp_path / "c.zip", [(canvas_name(five, 1, False), b"x")]), five)
    got, _ = collect(pack(tmp_path / "d.zip", [(f"smithfive_LATE_12_50001_{SLUG}.ipynb", b"x")]), five)
    assert [(one.learner, one.in_time) for one in got] == [("five", False)]


def of_twelve(path: Path, *names: str) -> list[Delivery]:
    """What is taken of an assignment whose name begins with no 0."""
    entries = [(name, zipped("12_wide.ipynb") if name.endswith(".zip") else b"x") for name in names]
    return deliveries(pack(path, entries), "12_wide", roster(ADAS[1], MAL), LIMITS)[0]


def test_the_assignments_own_number_is_no_upload(tmp_path):
    names = [f"lovelaceada_12_34{k}_12_wide{own}" for k, own in enumerate((".ipynb", "-1.ipynb", "_ada.zip"))]
    assert [one.name for one in of_twelve(tmp_path / "a.zip", *names)] == names
    assert of_twelve(tmp_path / "b.zip", "lovelaceada_12_345_12_wider_77_88_12_wide.ipynb") == []
    assert of_twelve(tmp_path / "c.zip", "lovelaceada_12_77_88_12_wide.ipynb") == []


def test_long_names_full_of_numbers_are_looked_through_at_once(tmp_path):
    names = [("a" + "_1" * 30_000 + f"_{k}_x.ipynb", b"x") for k in range(1, 30)]
    names += [("A" + "_1" * 30_000 + f"_{k}_y.ipynb", b"x") for k in range(1, 30)]
    got, refused = collect(pack(tmp_path / "a.zip", names))
    assert got == [] and all("two ways" in one.sentence and len(str(one)) < 2000 for one in refused[:-1])


@pytest.mark.parametrize(
    ("title", "name", "page"),
    [
        ("x_12_345_.ipynb", "evilmal_77_88_my.zip", f"evilmal_77_88_{SLUG}.html"),
        (
            "Ada Lovelace_7_assignsubmission_file_x.ipynb",
            "Mal Evil_8_assignsubmission_file_my.zip",
            f"Mal Evil_8_assignsubmission_file_{SLUG}.html",
        ),
        (f"{SLUG}.ipynb", folder("Mal Evil", 8, "my.zip"), f"Mal Evil_8_assignsubmission_file_/{SLUG}.html"),
    ],
)
def test_a_zips_own_titles_lead_no_page_to_somebody_else(home, tmp_path, title, name, page):
    home.roster_file.write_text("id,first_name,last_name\nada,Ada,Lovelace\nmal,Mal,Evil\n")
    got = collect_class(home, SLUG, str(pack(tmp_path / "a.zip", [(name, zipped(title))])))
    assert got.collected == ("mal",) and got.refused == ()
    record = handed.record_of(home, SLUG, "mal")
    assert record is not None and record.name == name and lms_name(record.name, SLUG) == page
    assert title == f"{SLUG}.ipynb" or any(title in note for note in (*got.notes, *record.notes))
    made = home.notebook("feedback", SLUG, "mal", ".html")
    made.parent.mkdir(parents=True)
    made.write_text("page")
    assert dict(pack_pages(home, SLUG, tmp_path / "pages.zip").names) == {"mal": page}


def test_a_zips_titles_are_known_to_who_asks_which_assignment_it_is(tmp_path):
    got, _ = collect(pack(tmp_path / "a.zip", [("lovelaceada_12_345_all.zip", zipped("03_sgd_noise.ipynb"))]))
    assert [(one.name, one.title) for one in got] == [("lovelaceada_12_345_all.zip", "03_sgd_noise.ipynb")]
