"""Collecting by every door: the hub's folders, an LMS's zip, and that no door overrules another."""

from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from course.classroom.doors import handed
from course.classroom.doors.collecting import collect
from course.classroom.doors.exchange import release_feedback
from course.classroom.grading.grade import grade_class
from course.classroom.home import Home, HomeError
from course.classroom.pages.feedback import feedback_class
from course.cli import main

from .conftest import GOOD, SLUG, WRONG
from .test_schedule import due, now, rewrite
from .zips import canvas


@pytest.fixture
def homes(tmp_path: Path) -> Path:
    """The hub's folder of learners' folders."""
    path = tmp_path / "srv"
    for learner in ("ada", "bob", "eve"):
        (path / learner).mkdir(parents=True)
    return path


def solved(home: Home, learner: str, edits: dict[str, str] = GOOD) -> bytes:
    data = json.loads(home.notebook("release", SLUG).read_text())
    for cell in data["cells"]:
        cell["source"] = edits.get(cell["id"], cell["source"])
    return json.dumps(data).encode()


def save(homes: Path, learner: str, data: bytes, name: str = f"{SLUG}.ipynb") -> Path:
    path = homes / learner / SLUG / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    return path


def taken(home: Home, learner: str) -> bytes:
    return home.notebook("submitted", SLUG, learner).read_bytes()


def test_a_hubs_folders_say_whose_a_notebook_is(home, homes):
    """Whatever the notebook itself says; folders of strangers are named and left alone."""
    save(homes, "ada", solved(home, "ada"))
    save(homes, "bob", solved(home, "bob", WRONG), "my notebook.ipynb")
    save(homes, "eve", solved(home, "ada"))
    got = collect(home, SLUG, str(homes))
    assert (got.collected, got.refused, set(got.missing)) == (("ada", "bob"), (), {"cyd", "dan"})
    assert "Not on the roster, so nothing was taken from their folders: eve" in got.notes
    assert any("is called 'my notebook.ipynb' instead of 00_double.ipynb" in note for note in got.notes)
    assert collect(home, SLUG, str(homes)).unchanged == ("ada", "bob")
    record = handed.record_of(home, SLUG, "ada")
    assert record is not None and record.door == "hub" and record.name == str(homes / "ada" / SLUG / f"{SLUG}.ipynb")
    grades = grade_class(home, SLUG)
    assert {one: grades.held[one].score for one in grades.held} == {"ada": 6.0, "bob": 3.0}


@pytest.mark.parametrize("what", ["notebook", "folder", "fifo", "directory", "huge"])
def test_what_a_learner_arranges_in_their_folder_reaches_nobody_elses(home, homes, what):
    other = save(homes, "bob", solved(home, "bob"))
    own = homes / "ada" / SLUG
    if what == "folder":
        own.symlink_to(other.parent)
    else:
        own.mkdir()
        path = own / f"{SLUG}.ipynb"
        if what == "notebook":
            path.symlink_to(other)
        elif what == "fifo":
            os.mkfifo(path)
        elif what == "directory":
            path.mkdir()
        else:
            path.write_bytes(b"x" * (home.settings.limits.notebook_mb * 1_000_000 + 1))
    got = collect(home, SLUG, str(homes))
    assert got.collected == ("bob",) and [one.learner for one in got.refused] == ["ada"]
    assert not home.notebook("submitted", SLUG, "ada").exists()
    assert [one["sentence"] for one in handed.refused(home, SLUG)] == [got.refused[0].sentence]
    shutil.rmtree(own) if not own.is_symlink() else own.unlink()
    assert collect(home, SLUG, str(homes)).refused == () and handed.refused(home, SLUG) == []


def test_a_link_that_the_hub_made_is_followed(home, homes):
    (homes / "elsewhere").mkdir()
    (homes / "cyd").symlink_to(homes / "elsewhere")
    save(homes, "elsewhere", solved(home, "cyd"))
    assert collect(home, SLUG, str(homes)).collected == ("cyd",)


def test_what_was_saved_after_the_deadline_does_not_replace_what_was_collected_in_time(home, homes):
    path = save(homes, "ada", solved(home, "ada"))
    home = rewrite(home, due(now() + timedelta(seconds=60)))
    assert collect(home, SLUG, str(homes)).collected == ("ada",)
    home = rewrite(home, due(now() - timedelta(seconds=60)))
    path.write_bytes(solved(home, "ada", WRONG))
    os.utime(path, (0, 0))
    first = taken(home, "ada")
    # The first was late too by the new date: the later one counts.
    collect(home, SLUG, str(homes))
    assert taken(home, "ada") != first
    home = rewrite(home, due(now() + timedelta(seconds=60)))
    collect(home, SLUG, str(homes))
    in_time = taken(home, "ada")
    soon = now()
    home = rewrite(home, due(soon.replace(microsecond=0) + timedelta(seconds=1)))
    while now() <= soon + timedelta(seconds=2):
        pass
    path.write_bytes(solved(home, "ada"))
    got = collect(home, SLUG, str(homes))
    assert got.unchanged == ("ada",) and taken(home, "ada") == in_time


def test_the_last_in_time_counts_whatever_door_it_came_by(home, homes, hand_in, tmp_path):
    save(homes, "ada", solved(home, "ada", WRONG))
    home = rewrite(home, f'hub = "{homes}/{{learner}}/{{assignment}}/{{assignment}}.ipynb"\n')
    assert collect(home, SLUG).collected == ("ada",)
    hand_in(home, "ada", GOOD)
    assert collect(home, SLUG).collected == ("ada",)
    exchanged = taken(home, "ada")
    assert b"x + x" in exchanged
    zipped = canvas(tmp_path / "all.zip", [(home.roster["ada"], solved(home, "ada", WRONG), True)])
    got = collect(home, SLUG, str(zipped))
    assert got.refused == () and taken(home, "ada") == exchanged, "what Canvas calls late is no match for in time"
    save(homes, "ada", solved(home, "ada", WRONG))
    collect(home, SLUG)
    assert b"wrong" in taken(home, "ada")
    assert collect(home, SLUG).unchanged == ("ada",)


def test_an_lms_says_who_was_in_time_and_pages_for_its_learners_are_files(home, tmp_path):
    home = rewrite(home, due(datetime.now(UTC) - timedelta(days=1), "[late]\nper_day = 0.5"))
    pairs = [(home.roster["ada"], solved(home, "ada"), False), (home.roster["bob"], solved(home, "bob"), True)]
    got = collect(home, SLUG, str(canvas(tmp_path / "all.zip", pairs)))
    assert got.collected == ("ada", "bob") and got.refused == ()
    grades = grade_class(home, SLUG)
    assert grades.held["ada"].penalty == 0.0 and grades.held["bob"].penalty > 0.0
    feedback_class(home, SLUG)
    returned = release_feedback(home, SLUG)
    assert (returned.files, returned.learners, returned.refused) == (("ada", "bob"), (), ())


def test_sentences_for_a_source_that_is_not_there(home, tmp_path):
    for source, seen in (
        (str(tmp_path / "none.zip"), "none.zip"),
        (str(tmp_path / "x" / "{learner}" / "y"), "{assignment}"),
        (str(tmp_path / "x" / "{learner}" / "{assignment}.ipynb"), "there is no folder"),
    ):
        with pytest.raises(HomeError, match=seen):
            collect(home, SLUG, source)
        done = CliRunner().invoke(main, ["collect", "00", "--from", source, "--home", str(home.path)])
        assert done.exit_code == 1 and done.stderr.count("\n") == 1


def test_killed_between_ledger_and_notebook_the_next_collecting_mends_it(home, homes, monkeypatch):
    save(homes, "ada", solved(home, "ada", WRONG))
    collect(home, SLUG, str(homes))
    save(homes, "ada", solved(home, "ada"))

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("course.classroom.home.replace_folder", die)
        collect(home, SLUG, str(homes))
    assert handed.record_of(home, SLUG, "ada") is None and b"wrong" in taken(home, "ada")
    assert [path.name for path in (home.submitted / "ada").iterdir()] == [SLUG], "nothing half made stays"
    assert collect(home, SLUG, str(homes)).collected == ("ada",)
    record = handed.record_of(home, SLUG, "ada")
    assert record is not None and b"x + x" in taken(home, "ada")


def test_the_zip_of_another_assignment_overwrites_nobody(home, tmp_path):
    save = [(home.roster[one], solved(home, one), False) for one in ("ada", "bob")]
    collect(home, SLUG, str(canvas(tmp_path / "good.zip", save)))
    before = taken(home, "ada")
    other = canvas(tmp_path / "other.zip", [(home.roster["ada"], b"{}", False)], name="03_sgd_noise.ipynb")
    with pytest.raises(HomeError, match=r"called 03_sgd_noise, so nothing was collected.* course collect 03 --from"):
        collect(home, SLUG, str(other))
    assert taken(home, "ada") == before


def test_of_two_zips_the_later_counts_in_whatever_order_they_are_collected(home, tmp_path):
    home = rewrite(home, due(datetime(2026, 1, 1)))
    ada = home.roster["ada"]
    old = canvas(tmp_path / "old.zip", [(ada, solved(home, "ada", WRONG), False)], when=datetime(2026, 2, 1))
    new = canvas(tmp_path / "new.zip", [(ada, solved(home, "ada"), False)], when=datetime(2026, 2, 2))
    for path in (new, old):
        collect(home, SLUG, str(path))
    assert b"x + x" in taken(home, "ada")
    stamp = home.notebook("submitted", SLUG, "ada").parent / "timestamp.txt"
    assert stamp.read_text().startswith("2026-01-01 00:00:00"), "in time by Canvas's word"
