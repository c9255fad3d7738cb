"""Zip files of an LMS with bad intentions in them: nothing is believed or unpacked, and only the bad one pays."""

from __future__ import annotations

import os
import stat
import tempfile
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.bundle.reading import Unreadable
from course.classroom.doors.inbound import Refusal
from course.classroom.doors.stamps import Refused
from course.classroom.settings import HomeError

from .zips import ADA, GOOD, PEOPLE, SLUG, Raw, beside_good, canvas, canvas_name, collect, folder, pack, roster

ADAS = canvas_name(ADA, 1, False)


@pytest.mark.parametrize(
    "name",
    [
        f"../{ADAS}",
        f"x/../../{ADAS}",
        f"/etc/{ADAS}",
        f"C:{ADAS}",
        f"C:\\x\\{ADAS}",
        f"..\\{ADAS}",
        folder("Ada Lovelace", file="../../x.ipynb"),
    ],
)
def test_names_that_lead_elsewhere_are_refused(tmp_path, name):
    refused = beside_good(tmp_path / "a.zip", [(name, b"evil")])
    assert len(refused) == 1 and "leads out of the zip" in refused[0].sentence


@pytest.mark.parametrize("mark", ["\x1b[2J", "\n", "\x00", "\u202e", "\u2066", "\u200f", "\t", "\x7f", "\u2028"])
def test_names_with_controls_are_refused(tmp_path, mark):
    refused = beside_good(tmp_path / "a.zip", [(f"lovelace{mark}ada_1_2_x.ipynb".encode(), b"evil")])
    assert len(refused) == 1 and "control characters" in refused[0].sentence


@pytest.mark.parametrize("marked", [True, False])
def test_names_that_are_no_utf8_are_refused_and_cost_nobody_else(tmp_path, marked):
    refused = beside_good(tmp_path / "a.zip", [(Raw(b"jos\xe9_1_2_x.ipynb", marked=marked), b"x")])
    assert len(refused) == 1 and "not UTF-8" in refused[0].sentence


def test_links_and_devices_are_refused(tmp_path):
    entries = []
    for k, kind in enumerate((stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFDIR)):
        entry = Raw(folder("Ada Lovelace", 1, f"{k}/{SLUG}.ipynb" if k else f"{SLUG}.ipynb").encode())
        entry.external_attr = (kind | 0o777) << 16
        entries.append((entry, b"/etc/passwd"))
    for k in range(4):
        refused = beside_good(tmp_path / f"{k}.zip", entries[k : k + 1])
        assert len(refused) == 1 and "no plain file" in refused[0].sentence and refused[0].learner == "ada"


def test_encrypted_and_strangely_packed_entries_are_refused(tmp_path):
    lzma = Raw(ADAS.encode())
    lzma.compress_type = zipfile.ZIP_LZMA
    refused = beside_good(tmp_path / "a.zip", [(lzma, b"x" * 1000)])
    assert len(refused) == 1 and "method 14" in refused[0].sentence
    path = pack(tmp_path / "b.zip", [(ADAS, b"x"), GOOD])
    data = bytearray(path.read_bytes())
    for sign, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(sign) + at] |= 1
    path.write_bytes(data)
    got, refused = collect(path)
    assert [one.learner for one in got] == ["cher"] and "encrypted" in refused[0].sentence


def test_an_entry_that_is_there_twice_is_refused(tmp_path):
    same = folder("Ada Lovelace")
    refused = beside_good(tmp_path / "a.zip", [(same, b"1"), (same.replace("/", "//"), b"2"), (same, b"3")])
    assert len(refused) == 1 and "3 times" in refused[0].sentence and refused[0].learner == "ada"


def test_bombs_are_not_unpacked(tmp_path):
    refused = beside_good(tmp_path / "a.zip", [(ADAS, bytes(50_000_000))])
    assert len(refused) == 1 and "50 MB or more, and 1 MB are allowed" in refused[0].sentence
    path = pack(tmp_path / "b.zip", [(ADAS, bytes(50_000_000)), GOOD])
    data = bytearray(path.read_bytes())
    for sign, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        data[data.index(sign) + at : data.index(sign) + at + 4] = (900_000).to_bytes(4, "little")
    path.write_bytes(data)
    got, refused = collect(path)
    assert [one.learner for one in got] == ["ada", "cher"] and refused == []
    with pytest.raises(Refused, match="damaged in the zip"):
        got[0].content()
    assert got[1].content() == b"good"


def test_never_more_than_the_limit_is_read(tmp_path, monkeypatch):
    path = pack(tmp_path / "a.zip", [(ADAS, bytes(1_000_000))])
    got, _ = collect(path)
    assert len(got[0].content()) == 1_000_000
    asked = []
    read = zipfile.ZipExtFile.read
    monkeypatch.setattr(zipfile.ZipExtFile, "read", lambda self, n=-1: asked.append(n) or read(self, n) + b"x")
    with pytest.raises(Unreadable, match="1 MB are allowed"):
        got[0].content()
    assert asked == [1_000_001]


def test_a_damaged_notebook_costs_only_itself(tmp_path):
    path = pack(tmp_path / "a.zip", [(ADAS, os.urandom(1000)), GOOD])
    data = bytearray(path.read_bytes())
    data[200] ^= 255
    path.write_bytes(data)
    got, refused = collect(path)
    with pytest.raises(Refused, match="damaged in the zip"):
        got[0].content()
    assert got[1].content() == b"good" and refused == []


def test_other_files_are_left_and_unknown_names_listed(tmp_path):
    names = ["readme.txt", "x/y.py", f"{SLUG}.ipynb", "inner.zip", ".DS_Store", "__MACOSX/a.ipynb"]
    names += [f"x/{ADAS}", folder("Cher", 9, f".ipynb_checkpoints/{SLUG}-checkpoint.ipynb")]
    refused = beside_good(tmp_path / "a.zip", [(name, b"x") for name in names])
    odd = "Ada Lovelace_7_assignsubmission_file_odd/x.ipynb"
    refused += beside_good(tmp_path / "b.zip", [(odd, b"x")])
    assert [one.name for one in refused] == [f"{SLUG}.ipynb", "inner.zip", f"x/{ADAS}", odd]
    assert all("neither Canvas' nor Moodle's" in one.sentence for one in refused)


def test_a_hundred_thousand_entries_are_looked_through_in_seconds_and_told_of_in_fifty(tmp_path):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as file:
        for k in range(100_000):
            file.writestr(zipfile.ZipInfo(f"nobody{k}_9{k}_{k}_x.ipynb" if k % 2 else f"../{k}"), b"")
        file.writestr(Raw(GOOD[0].encode()), GOOD[1])
    before = time.perf_counter()
    got, refused = collect(path)
    assert time.perf_counter() - before < 30
    assert [one.learner for one in got] == ["cher"] and len(refused) == 102
    assert "49950 other entries" in refused[50].sentence and "49950 other entries" in refused[101].sentence


def test_long_names_are_looked_at_and_shown_in_part(tmp_path):
    before = time.perf_counter()
    refused = beside_good(tmp_path / "a.zip", [("a" * 60_000 + f"{k}_1_2_x.ipynb", b"x") for k in range(9)])
    assert time.perf_counter() - before < 10 and len(refused) == 9


@pytest.mark.parametrize("what", ["missing", "folder", "fifo", "text", "empty", "truncated", "list", "unreadable"])
def test_what_is_no_zip_is_said_in_a_sentence(tmp_path, what):
    path = tmp_path / "a.zip"
    whole = canvas(tmp_path / "whole.zip", [(ADA, b"x" * 5000, False)]).read_bytes()
    if what == "folder":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    elif what != "missing":
        at = whole.index(b"PK\5\6") + 12
        listing = whole[:at] + (70_000_000).to_bytes(4, "little") + whole[at + 4 :]
        path.write_bytes({"text": b"no zip", "empty": b"", "truncated": whole[:-30], "list": listing}.get(what, whole))
    if what == "unreadable":
        path.chmod(0)
        if os.access(path, os.R_OK):
            pytest.skip("root reads everything")
    with pytest.raises(HomeError) as error:
        collect(path)
    assert str(path) in str(error.value) and "\n" not in str(error.value)


def test_a_longer_list_of_contents_than_is_read_is_refused(tmp_path, monkeypatch):
    path = canvas(tmp_path / "a.zip", [(one, b"x", False) for one in PEOPLE])
    monkeypatch.setattr("course.classroom.doors.lmszip.DIRECTORY", 500)
    with pytest.raises(HomeError, match="no zip file"):
        collect(path)


def attempt(data: bytes) -> None:
    """Collect from these bytes; nothing but the sentences that are foreseen, and no file, may come of it."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "one" / "two" / "a.zip"
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        try:
            got, refused = collect(path)
        except HomeError:
            got, refused = [], []
        for one in got:
            assert one.learner in roster()
            try:
                one.content()
            except (Unreadable, Refused):
                pass
        assert all(isinstance(one, Refusal) for one in refused)
        assert [one for one in Path(place).rglob("*") if one.is_file()] == [path] and path.read_bytes() == data


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda data: b"PK\5\6" + data.ljust(18, b"\0")))
def test_arbitrary_bytes_as_a_zip(data):
    attempt(data)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8))
def test_a_zip_with_bytes_changed(changes):
    with tempfile.TemporaryDirectory() as place:
        data = bytearray(canvas(Path(place) / "a.zip", [(one, b"x" * 9, False) for one in PEOPLE[:3]]).read_bytes())
    for at, value in changes:
        data[at % len(data)] = value
    attempt(bytes(data))


NAMES = (
    st.binary(max_size=40)
    | st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace"))
    | st.lists(
        st.sampled_from(
            ["lovelaceada", "Ada Lovelace", "_", "LATE", "12", "345", "assignsubmission_file", "/", "..", "\\"]
        )
        | st.sampled_from([f"{SLUG}.ipynb", "-1", ".ipynb", "anon", "\u202e", "\0", "C:", "x"]),
        max_size=12,
    ).map(lambda parts: "".join(parts).encode())
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(NAMES, st.booleans()), max_size=6))
def test_arbitrary_names_of_entries(names):
    with tempfile.TemporaryDirectory() as place:
        data = pack(Path(place) / "a.zip", [(Raw(name, marked=marked), b"x") for name, marked in names]).read_bytes()
    attempt(data)
