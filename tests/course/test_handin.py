"""Handing in without nbgrader: which version, what grading will see, the zip file, the receipt; and every refusal."""

import hashlib
import io
import json
import os
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from course.cli import Course
from course.learn import handin, progress
from course.learn.exercises import exercises
from course.verbs import learner as verbs

SLUG = "04_minibatch_loader"
NOW = datetime(2026, 11, 20, 14, 2, 11, tzinfo=UTC)
DONE = (
    "# function iterations_per_epoch: your code below\ndef iterations_per_epoch(N, m, drop_last=False):\n    return 1\n"
)


@pytest.fixture(autouse=True)
def own_memory(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    progress._memory.clear()


@pytest.fixture
def notebook(tmp_path, monkeypatch):
    """The notebook of assignment 04 in a folder of one's own, by ada, with one task begun."""
    path = tmp_path / "work" / f"{SLUG}.ipynb"
    path.parent.mkdir()
    monkeypatch.chdir(path.parent)
    write(path, {"function-iterations_per_epoch": DONE})
    return path


def write(path, edits, name="ada", drop=()):
    data = json.loads(exercises()[SLUG].read_text())
    for cell in data["cells"]:
        if cell["id"] == "learner":
            cell["source"] = "".join(cell["source"]).replace('learner_id = ""', f"learner_id = {name!r}")
        cell["source"] = edits.get(cell["id"], cell["source"])
    data["cells"] = [cell for cell in data["cells"] if not cell["id"].startswith(tuple(drop))]
    path.write_text(json.dumps(data))


def run(*words, code=0):
    """The verb where no nbgrader can be imported: the room of the classroom is hidden too, as it may be loaded."""
    group = Course("course", commands={"submit": verbs.submit, "status": verbs.status})
    with pytest.MonkeyPatch.context() as patch:
        for name in [*(name for name in sys.modules if name.split(".")[0] == "nbgrader"), "nbgrader"]:
            patch.setitem(sys.modules, name, None)
        patch.delitem(sys.modules, "course.classroom.doors.handin", raising=False)
        if "course.classroom" in sys.modules:
            patch.delattr(sys.modules["course.classroom"], "handin", raising=False)
        done = CliRunner().invoke(group, list(words), catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


def test_without_nbgrader_a_zip_file_is_made_with_the_bytes_as_they_are(notebook):
    """As a learner runs it, in a process of its own that has no nbgrader."""
    program = (
        "import sys; sys.modules['nbgrader'] = None\nfrom course.cli import Course; from course.verbs import learner"
    )
    program += f"\nCourse('course', commands={{'submit': learner.submit}})({['submit', '04']!r})"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    path, digest = notebook.with_name(f"{SLUG}_ada.zip"), hashlib.sha256(notebook.read_bytes()).hexdigest()
    assert f"Packed: {path}\nIt is not handed in yet: upload this file" in done.stdout
    assert f"takes no zip files, upload the notebook instead, which counts as well: {notebook}\n" in done.stdout
    assert f"SHA-256 begins with {digest[:12]}" in done.stdout and "save first (Ctrl+S)" in done.stdout
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == [f"{SLUG}.ipynb", "receipt.txt"]
        assert archive.read(f"{SLUG}.ipynb") == notebook.read_bytes()
        receipt = archive.read("receipt.txt").decode()
    assert digest in receipt and "learner    ada\n" in receipt and str(notebook.parent) not in receipt
    assert receipt in done.stdout
    kept = list((progress.place().parent / "receipts").iterdir())
    assert [one.read_text() for one in kept] == [receipt]


def test_it_says_what_is_not_begun_and_what_grading_repairs(notebook):
    write(notebook, {"function-iterations_per_epoch": DONE}, drop=["setup", "question-factors"])
    text = run("submit", "04")
    assert "Grading will read it so:\n  The setup cell was missing and has been put back; it costs nothing." in text
    begun = next(line for line in text.splitlines() if line.startswith("Not begun: "))
    assert "iterations_per_epoch" not in begun and "minibatches, finds_bug" in begun
    assert "factors" not in begun and "The cell of `factors` is not in your notebook" in text
    assert "Not begun, without points:" not in text


def test_what_has_no_points_is_named_apart():
    exercise = exercises()["07_accumulation"]
    look = handin.look(exercise.read_bytes(), exercise)
    assert look.optional == ("rank_grad",) and "rank_grad" not in look.untouched and "accumulate" in look.untouched
    assert "Not begun, without points: rank_grad." in list(look.said())


def test_a_file_of_another_name_is_handed_in_under_the_assignments(notebook, tmp_path):
    copy = notebook.rename(notebook.with_name("final (2).ipynb"))
    text = run("submit", "04", "--notebook", copy.name, "--zip", str(tmp_path))
    with zipfile.ZipFile(tmp_path / f"{SLUG}_ada.zip") as archive:
        assert f"{SLUG}.ipynb" in archive.namelist()
    assert str(tmp_path / f"{SLUG}_ada.zip") in text and "final (2).ipynb, saved" in text


def test_a_second_notebook_that_is_left_behind_is_named(notebook):
    other = notebook.parent / SLUG / notebook.name
    other.parent.mkdir()
    other.write_bytes(notebook.read_bytes())
    assert "There is another one" not in run("submit", "04")
    other.write_bytes(b"{}")
    os.utime(other, (2e9, 2e9))
    assert f"There is another one, saved later, which is not handed in; if you mean that: --notebook {other}" in run(
        "submit", "04"
    )


def test_again_nothing_changes_and_another_notebook_gets_another_file(notebook):
    first = notebook.with_name(f"{SLUG}_ada.zip")
    run("submit", "04")
    before = first.read_bytes()
    text = run("submit", "04")
    assert f"It is packed already, as it is now: {first}" in text and receipt_in(first) in text
    write(notebook, {"function-iterations_per_epoch": DONE + "    # more\n"})
    assert f"Packed: {first.with_name(f'{SLUG}_ada-2.zip')}" in run("submit", "04")
    assert first.read_bytes() == before and b"# more" not in inside(first)
    assert b"# more" in inside(first.with_name(f"{SLUG}_ada-2.zip"))
    assert sorted(path.name for path in notebook.parent.iterdir()) == [
        f"{SLUG}.ipynb", f"{SLUG}_ada-2.zip", f"{SLUG}_ada.zip",
    ]  # fmt: skip


def receipt_in(path):
    with zipfile.ZipFile(path) as archive:
        return archive.read("receipt.txt").decode()


def inside(path):
    with zipfile.ZipFile(path) as archive:
        return archive.read(f"{SLUG}.ipynb")


def test_what_lies_there_is_never_overwritten_whatever_it_is(notebook):
    for content in (b"no zip at all", packed_empty()):
        path = notebook.with_name(f"{SLUG}_ada.zip")
        path.write_bytes(content)
        run("submit", "04")
        assert path.read_bytes() == content and inside(path.with_name(f"{path.stem}-2.zip")) == notebook.read_bytes()


def packed_empty():
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    return buffer.getvalue()


def test_the_zip_is_the_same_for_the_same_bytes_and_time(notebook):
    item = handin.saved(SLUG, notebook)
    look = handin.look(item.data, exercises()[SLUG])
    made = {
        handin.packed(SLUG, item.data, handin.Receipt.of(SLUG, item, look, NOW + timedelta(seconds=later), "zip"))
        for later in (0, 0, 2)
    }
    assert len(made) == 2


def test_the_receipt_says_how_the_visible_checks_stood(notebook):
    assert "checks     nothing is known of visible checks on this machine" in run("submit", "04")
    progress.checked(SLUG, "train", 2, 3, "x", ())
    write(notebook, {})
    assert "checks     train 2 of 3 (last run 20" in run("submit", "04")


def test_status_says_when_and_whether_it_changed_since(notebook, monkeypatch):
    assert "packed" not in run("status")
    run("submit", "04")
    lines = run("status").splitlines()
    told = lines[next(n for n, line in enumerate(lines) if line.startswith(SLUG)) + 1]
    assert told.startswith(f"    packed, to be uploaded: {notebook.with_name(SLUG)}_ada.zip, 20")
    assert told.endswith("; the notebook is the same since")
    notebook.write_text(notebook.read_text() + " ")
    assert "the notebook has changed since; course submit 04 hands in what is saved now" in run("status")
    notebook.unlink()
    assert "the notebook is not here" in run("status")
    for damaged in ("no json", "[]", f'{{"{SLUG}": 3}}', f'{{"{SLUG}": {{"zip": {{"slug": 1}}}}}}'):
        (progress.place().parent / "handed-in.json").write_text(damaged)
        assert "the notebook" not in run("status")


def test_where_the_machine_remembers_nothing_the_zip_is_made_all_the_same(notebook, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "file"))
    text = run("submit", "04")
    assert "the receipt could not be kept on this machine; copy it from here" in text
    assert notebook.with_name(f"{SLUG}_ada.zip").is_file()


# -- what is refused -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("{ not json", "its JSON breaks off or is damaged"), ("[]", "it has no list of cells"),
     ('{"cells": [], "nbformat": 4}', "No function cell of this assignment was found in this notebook")],
)  # fmt: skip
def test_what_cannot_be_graded_is_refused_unless_anyway(notebook, text, sentence):
    notebook.write_text(text)
    said = run("submit", "04", code=1)
    assert sentence in said and "Nothing was handed in; with --anyway it goes in as it is." in said
    assert [path.name for path in notebook.parent.iterdir()] == [notebook.name]
    assert sentence in run("submit", "04", "--anyway")
    assert inside(notebook.with_name(f"{SLUG}_unknown.zip")) == text.encode()


@pytest.mark.parametrize("name", ["", "  "])
def test_an_empty_learner_cell_is_refused(notebook, name):
    write(notebook, {}, name=name)
    assert "The learner cell does not say who you are: learner_id is still ''" in run("submit", "04", code=1)
    run("submit", "04", "--anyway")


def test_a_notebook_beyond_the_usual_size_is_refused_unless_anyway(notebook, monkeypatch):
    monkeypatch.setattr(handin, "MEGABYTES", 0.001)
    assert "clear its outputs" in run("submit", "04", code=1)
    run("submit", "04", "--anyway")
    monkeypatch.setattr(handin, "_MOST", 0.001)
    assert "clear its outputs" in run("submit", "04", "--anyway", code=1)


def test_no_notebook_a_folder_a_link_to_nothing_and_a_pipe_are_told(notebook):
    place = notebook.parent
    notebook.rename(place / "other.ipynb")
    assert f"there is no {SLUG}.ipynb in this folder" in run("submit", "04", "--anyway", code=1)
    (place / SLUG).mkdir()
    (place / "other.ipynb").rename(place / SLUG / notebook.name)
    said = run("submit", "04", "--notebook", SLUG, code=1)
    assert f"{SLUG} is a folder, and a notebook is a file; name --notebook {SLUG}/{SLUG}.ipynb" in said
    assert "name the notebook in it" in run("submit", "04", "--notebook", "..", code=1)
    (place / "gone.ipynb").symlink_to("nowhere")
    assert "gone.ipynb cannot be opened (No such file" in run("submit", "04", "--notebook", "gone.ipynb", code=1)
    os.mkfifo(place / "pipe.ipynb")
    assert "pipe.ipynb is not a plain file" in run("submit", "04", "--notebook", "pipe.ipynb", code=1)


def test_a_notebook_that_changes_while_it_is_read_is_refused(notebook, monkeypatch):
    def saves(descriptor, name, megabytes):
        notebook.write_text("{}")
        return b"{"

    monkeypatch.setattr(handin, "read_descriptor", saves)
    assert "was being saved at this very moment; submit again" in run("submit", "04", code=1)


def test_a_full_disk_is_told_and_nothing_is_left(notebook, monkeypatch):
    def full(path, data):
        path.open("wb").close()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    said = run("submit", "04", code=1)
    assert "could not be written (No space left on device), so nothing was packed" in said and "--zip FILE" in said
    assert [path.name for path in notebook.parent.iterdir()] == [notebook.name]


def test_a_folder_that_is_not_there_is_told(notebook):
    assert "(No such file or directory), so nothing was packed" in run("submit", "04", "--zip", "no/such.zip", code=1)


def test_a_learners_id_builds_no_path(notebook):
    write(notebook, {}, name="../../evil\x1b[31m")
    run("submit", "04")
    assert "learner    ../../evil?[31m\n" in receipt_in(notebook.with_name(f"{SLUG}_evil_31m.zip"))


@pytest.mark.parametrize(
    ("before", "said"),
    [(timedelta(seconds=0), "0 seconds ago, "), (timedelta(seconds=1), "1 second ago, "),
     (timedelta(minutes=59, seconds=59), "59 minutes ago, "), (timedelta(hours=2), "2 hours ago, "),
     (timedelta(days=3), f"3 days ago, {(NOW - timedelta(days=3)).astimezone():%Y-%m-%d %H:%M:%S}"),
     (timedelta(seconds=-5), f"at {NOW.astimezone():%Y-%m-%d} ")],
)  # fmt: skip
def test_when_it_was_saved(before, said):
    assert handin.ago(NOW - before, NOW).startswith(said)
    assert ("in the future" in handin.ago(NOW - before, NOW)) == (before < timedelta(0))
