"""Zip files that learners hand in through an LMS, as `course submit` makes them: opened once, in memory, unbelieved."""

from __future__ import annotations

import contextlib
import io
import stat
import tempfile
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.bundle.reading import Unreadable
from course.classroom.doors import collecting, lmszip
from course.classroom.doors.stamps import Refused
from course.classroom.settings import HomeError
from course.learn.handin import Look, Receipt, Saved, archive_name, packed

from .zips import ADA, BOB, NOTEBOOK, PACKED, SLUG, Raw, beside_good, canvas_name, collect, folder, only, pack

NAME = f"{SLUG}_ada.zip"


def submitted(data: bytes = b"x", learner: str = "ada") -> bytes:
    """The zip that `course submit` makes; its receipt says that it is this learner's."""
    item = Saved(Path("/home/ada") / NOTEBOOK, data, datetime.now(UTC))
    receipt = Receipt.of(SLUG, item, Look(learner_id=learner), datetime.now(UTC), "zip")
    return packed(SLUG, data, receipt)


def zipped(*entries: tuple[str | bytes | Raw, bytes]) -> bytes:
    """The bytes of another zip."""
    with tempfile.TemporaryDirectory() as place:
        return pack(Path(place) / "a.zip", entries).read_bytes()


def ways(data: bytes, name: str = NAME) -> list[tuple[str, bytes]]:
    """Ada's upload as Canvas and Moodle, in folders or without them, have it."""
    flat = f"Ada Lovelace_7_assignsubmission_file_{name}"
    return [(canvas_name(ADA, 1, False, name), data), (folder("Ada Lovelace", 7, name), data), (flat, data)]


def why(path: Path, *entries: tuple[str | bytes | Raw, bytes]) -> str:
    """The sentence by which a zip of these entries, which Ada handed in, is refused; it costs nobody else."""
    refused = beside_good(path, [(canvas_name(ADA, 1, False, NAME), zipped(*entries))])
    assert [one.learner for one in refused] == ["ada"]
    return refused[0].sentence


@pytest.mark.parametrize("way", range(3))
def test_the_zip_of_course_submit_is_opened_whatever_the_lms_and_whoever_its_receipt_names(tmp_path, way):
    upload = ways(submitted(b"work", learner="bob"), archive_name(SLUG, "bob"))[way]
    got, refused = collect(pack(tmp_path / "a.zip", [upload]))
    assert [(one.learner, one.content(), one.note, one.name, one.title) for one in got] == [
        ("ada", b"work", "", upload[0], NOTEBOOK)
    ]
    assert refused == []


def test_a_class_that_hands_in_zips_is_collected_and_not_taken_for_another_assignments(home, tmp_path):
    files = {"ada": b"hers", "bob": b"his"}
    entries = [
        (canvas_name(home.roster[who], k, False, archive_name(SLUG, who)), submitted(data, who))
        for k, (who, data) in enumerate(files.items(), 1)
    ]
    found = collecting.collect(home, SLUG, str(pack(tmp_path / "all.zip", entries)))
    assert (list(found.collected), list(found.refused)) == (["ada", "bob"], [])
    assert {who: home.notebook("submitted", SLUG, who).read_bytes() for who in files} == files


def test_of_a_notebook_and_a_zip_in_canvas_the_later_upload_counts(tmp_path):
    def newest(*names: str) -> bytes:
        entries = [(f"lovelaceada_1_{k}_{name}", submitted(b"zip") if name.endswith("zip") else b"notebook")
                   for k, name in enumerate(names, 50)]  # fmt: skip
        got, refused = collect(pack(tmp_path / "a.zip", reversed(entries)))
        assert len(got) == len(names) and refused == [] and all(one.note == "" for one in got)
        return max(got, key=lambda one: one.time).content()

    assert newest(NOTEBOOK, NAME) == b"zip" and newest(NAME, NOTEBOOK) == b"notebook"
    assert newest(NOTEBOOK, "my work.zip") == b"zip"
    assert newest(f"{SLUG}_ada-1.zip", NAME, f"{SLUG}-1.ipynb") == b"notebook"


def test_in_moodle_a_zip_of_the_notebook_beside_it_is_no_question_and_another_is(tmp_path):
    names = [folder("Ada Lovelace", 7, name) for name in (NAME, NOTEBOOK)]
    got, refused = collect(pack(tmp_path / "a.zip", [(names[0], submitted(b"x")), (names[1], b"x")]))
    assert [(one.name, one.content()) for one in got] == [(names[1], b"x")] and refused == []
    text = only(pack(tmp_path / "b.zip", [(names[0], submitted(b"y")), (names[1], b"x")]))
    assert f"which of its notebooks is meant? {NOTEBOOK}, {NAME}; hand in just one" in text
    # A tool kept the times of the files.
    times = [PACKED + timedelta(days=1), PACKED]
    entries = [Raw(name.encode(), when) for name, when in zip(names, times, strict=True)]
    got, _ = collect(pack(tmp_path / "c.zip", [(entries[0], submitted(b"y")), (entries[1], b"x")]))
    assert [one.content() for one in sorted(got, key=lambda one: one.time)] == [b"x", b"y"]


def test_other_zips_beside_a_notebook_cost_nothing_but_a_lost_submission_is_told(tmp_path):
    for k, zipfile_ in enumerate([zipped(("a.csv", b"1")), b"no zip", zipped(*((f"{n}", b"") for n in range(30)))]):
        for way in (0, 1):
            entries = [ways(zipfile_, "data.zip")[way], ways(b"x", NOTEBOOK)[way]]
            got, refused = collect(pack(tmp_path / f"{k}{way}.zip", entries))
            assert [one.content() for one in got] == [b"x"] and refused == []
            entries[0] = ways(zipfile_)[way]
            got, refused = collect(pack(tmp_path / f"{k}{way}.zip", entries))
            assert [one.content() for one in got] == [b"x"] and [one.name for one in refused] == [entries[0][0]]


def test_the_notebook_in_it_may_lie_in_a_folder_or_be_called_otherwise(tmp_path):
    def taken(*names: str) -> tuple[bytes, str]:
        data = zipped(*((name, name.encode()) for name in names))
        got, refused = collect(pack(tmp_path / "a.zip", ways(data)[:1]))
        assert refused == [] and len(got) == 1
        return got[0].content(), got[0].note

    other = f"its notebook is called 'My Work.ipynb' instead of {NOTEBOOK}"
    assert taken("help.py", "My Work.ipynb", "__MACOSX/._My Work.ipynb", "inner.zip") == (b"My Work.ipynb", other)
    assert taken("x/", f"x/{NOTEBOOK}", f"x/old/{NOTEBOOK}", "x/old.ipynb")[0] == f"x/{NOTEBOOK}".encode()
    assert taken(NOTEBOOK, f"../{NOTEBOOK}", "C:\\x") == (NOTEBOOK.encode(), "")
    assert taken("é.py", NOTEBOOK, f".ipynb_checkpoints/{NOTEBOOK}") == (NOTEBOOK.encode(), "")


def test_a_zip_without_one_notebook_that_is_meant_is_refused_and_says_what_is_in_it(tmp_path):
    path = tmp_path / "a.zip"
    assert "no notebook in it but a.txt, inner.zip;" in why(path, ("a.txt", b""), ("inner.zip", submitted()))
    assert "no notebook in it but nothing;" in why(path)
    assert "which of the notebooks in it is meant? a.ipynb, b.ipynb;" in why(path, ("a.ipynb", b""), ("b.ipynb", b""))
    assert "meant? 00_double.ipynb, 00_double.ipynb;" in why(path, (NOTEBOOK, b"a"), (NOTEBOOK, b"b"))
    text = why(path, *((f"{k}.txt", b"") for k in range(21)))
    assert text == "it holds more than 20 files; hand in the notebook alone, or what course submit packs"
    assert "no notebook in it but 0.txt, 1.txt, 2.txt, 3.txt, 4.txt and 15 more;" in why(
        path, *((f"{k}.txt", b"") for k in range(20))
    )


def test_a_hundred_thousand_files_in_it_are_not_listed(tmp_path, monkeypatch):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for k in range(8000):
            file.writestr(zipfile.ZipInfo(f"{k}"), b"")
    made = []
    init = zipfile.ZipInfo.__init__
    monkeypatch.setattr(zipfile.ZipInfo, "__init__", lambda self, *a, **k: made.append(1) or init(self, *a, **k))
    text = only(pack(tmp_path / "a.zip", ways(buffer.getvalue())[:1]))
    assert "more than 20 files" in text and len(made) < 100


@pytest.mark.parametrize("name", [f"../{NOTEBOOK}", f"/etc/{NOTEBOOK}", f"C:{NOTEBOOK}", f"..\\{NOTEBOOK}"])
def test_a_notebook_in_it_whose_name_leads_elsewhere_is_refused(tmp_path, name):
    assert "its name leads out of the zip" in why(tmp_path / "a.zip", (name, b"evil"), ("receipt.txt", b""))


def test_controls_and_other_bytes_in_its_names_are_refused(tmp_path):
    assert "control characters" in why(tmp_path / "a.zip", ("\u202e\x1b[2J.ipynb", b"evil"))
    assert "not UTF-8" in why(tmp_path / "b.zip", (Raw(b"\xe9.ipynb", marked=True), b"evil"))


def test_links_and_encrypted_notebooks_in_it_are_refused(tmp_path):
    link = Raw(NOTEBOOK.encode())
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    text = why(tmp_path / "a.zip", (link, b"/etc/passwd"), ("other.ipynb", b"x"))
    assert text == f"in it, {NOTEBOOK} is a link or something else that is no plain file"
    data = bytearray(zipped((NOTEBOOK, b"x")))
    data[data.index(b"PK\1\2") + 8] |= 1
    text = only(pack(tmp_path / "b.zip", ways(bytes(data))[:1]))
    assert text == f"in it, {NOTEBOOK} is encrypted; hand in the plain notebook"
    whole = bytearray(pack(tmp_path / "c.zip", ways(submitted())[:1]).read_bytes())
    whole[whole.rindex(b"PK\1\2") + 8] |= 1
    (tmp_path / "c.zip").write_bytes(whole)
    assert f"{NAME} is encrypted" in only(tmp_path / "c.zip")


def test_bombs_cost_no_more_than_the_limit(tmp_path):
    big = bytes(50_000_000)
    assert f"in it, {NOTEBOOK} has 50 MB or more, and 1 MB are allowed" in why(tmp_path / "a.zip", (NOTEBOOK, big))
    assert "50 MB or more" in only(pack(tmp_path / "b.zip", ways(big)[:1]))  # the zip itself, by what is said of it
    data = bytearray(zipped((NOTEBOOK, big)))
    for sign, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        data[data.index(sign) + at : data.index(sign) + at + 4] = (900_000).to_bytes(4, "little")
    got, refused = collect(pack(tmp_path / "c.zip", ways(bytes(data))[:1]))
    assert refused == []
    with pytest.raises(Refused, match=f"{NOTEBOOK} is damaged in the zip .*; pack it again"):
        got[0].content()


def test_never_more_than_the_limit_is_read_of_the_notebook_in_it(tmp_path, monkeypatch):
    got, _ = collect(pack(tmp_path / "a.zip", ways(submitted(bytes(1_000_000)))[:1]))
    assert len(got[0].content()) == 1_000_000
    asked = []
    read = zipfile.ZipExtFile.read
    more = {True: b"x", False: b""}  # only of the notebook there is more than is said
    monkeypatch.setattr(
        zipfile.ZipExtFile, "read", lambda self, n=-1: asked.append(n) or read(self, n) + more[self.name == NOTEBOOK]
    )
    with pytest.raises(Unreadable, match="1 MB are allowed"):
        got[0].content()
    assert asked == [1_000_001, 1_000_001]


def test_of_many_zips_of_one_learner_only_the_newest_are_opened(tmp_path, monkeypatch):
    opened = []
    look = lmszip.look
    monkeypatch.setattr(lmszip, "look", lambda *given: opened.append(1) or look(*given))
    names = [f"lovelaceada_1_{k}_{SLUG}_ada-{k}.zip" for k in range(1, 81)]
    got, refused = collect(pack(tmp_path / "a.zip", [(name, submitted()) for name in names]))
    assert [one.name for one in got] == names[-50:] and refused == []
    assert len(opened) == 50


def attempt(data: bytes) -> None:
    """Collect this as Ada's zip: it gives bytes or a foreseen sentence, costs Bob nothing, and writes no file."""
    with tempfile.TemporaryDirectory() as place, contextlib.chdir(place):
        path = Path(place) / "one" / "two" / "a.zip"
        path.parent.mkdir(parents=True)
        pack(path, [(canvas_name(ADA, 1, False, NAME), data), (canvas_name(BOB, 2, False), b"bob")])
        try:
            got, refused = collect(path)
        except HomeError:
            pytest.fail("one learner's zip cost the whole class")
        assert ("bob", b"bob") in [(one.learner, one.content()) for one in got if one.learner == "bob"]
        assert sorted([one.learner for one in got] + [one.learner for one in refused]) == ["ada", "bob"]
        for one in got:
            try:
                assert type(one.content()) is bytes
            except (Unreadable, Refused):
                assert one.learner == "ada"
        assert [one for one in Path(place).rglob("*") if one.is_file()] == [path]


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300) | st.binary(max_size=100).map(lambda data: b"PK\5\6" + data.ljust(18, b"\0")))
def test_arbitrary_bytes_as_a_learners_zip(data):
    attempt(data)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=8))
def test_a_learners_zip_with_bytes_changed(changes):
    data = bytearray(zipped((NOTEBOOK, b"x" * 9), ("receipt.txt", b"r")))
    for at, value in changes:
        data[at % len(data)] = value
    attempt(bytes(data))
