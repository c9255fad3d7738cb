"""`course submit` through nbgrader's exchange: what arrives, what is collected of it, and every way it can fail."""

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from nbgrader.exchange.default import ExchangeSubmit

from course.classroom.doors import handin
from course.classroom.doors.exchange import collect
from course.classroom.nbconfig import NAME
from course.cli import Course
from course.learn import exercises, progress
from course.verbs import learner as verbs

from .conftest import GOOD, SLUG

ADA = '# learner: who you are\ncourse_id = "demo"\nlearner_id = "ada"\n'


@pytest.fixture
def desk(home, tmp_path, monkeypatch):
    """Ada's folder with the solved notebook, where the hub says who she is and nbgrader is set up for the home."""
    place, package = tmp_path / "desk", tmp_path / "package"
    (package / "exercises").mkdir(parents=True)
    place.mkdir()
    shutil.copy(home.notebook("release", SLUG), package / "exercises")
    monkeypatch.setattr(exercises, "_PACKAGE", package)
    names = {"XDG_DATA_HOME": "data", "JUPYTER_DATA_DIR": "jupyter", "JUPYTER_CONFIG_DIR": "config"}
    for name, folder in names.items():
        monkeypatch.setenv(name, str(tmp_path / folder))
    monkeypatch.setenv("COURSE_HOME", str(home.path))
    monkeypatch.setenv("JUPYTERHUB_USER", "ada")
    progress._memory.clear()
    monkeypatch.chdir(place)
    write(place, GOOD | {"learner": ADA})
    return place


def write(place, edits):
    data = json.loads(exercises.exercises()[SLUG].read_text())
    for cell in data["cells"]:
        cell["source"] = edits.get(cell["id"], cell["source"])
    (place / f"{SLUG}.ipynb").write_text(json.dumps(data))


def run(*words, code=0):
    group = Course("course", commands={"submit": verbs.submit, "status": verbs.status})
    done = CliRunner().invoke(group, list(words), catch_exceptions=False)
    assert done.exit_code == code, done.output
    return done.output


def arrived(home):
    return sorted((home.exchange / "demo" / "inbound").iterdir())


def test_it_goes_in_is_collected_and_status_knows(home, desk):
    (desk / "notes.txt").write_text("mine")
    text = run("submit", "00")
    assert f"Handed in by nbgrader's exchange {home.exchange}." in text and "Not begun" not in text
    (folder,) = arrived(home)
    assert sorted(path.name for path in folder.iterdir()) == [f"{SLUG}.ipynb", "submission_secret.txt", "timestamp.txt"]
    assert f"by         nbgrader's exchange, as {folder.name}\n" in text and folder.name.startswith(f"ada+{SLUG}+")
    assert collect(home, SLUG).collected == ("ada",)
    assert home.notebook("submitted", SLUG, "ada").read_bytes() == (desk / f"{SLUG}.ipynb").read_bytes()
    assert "    handed in 20" in run("status") and "the notebook is the same since" in run("status")
    assert not list(desk.glob("*.zip"))


def test_again_only_what_changed_goes_in(home, desk):
    run("submit", "00")
    assert "It is in nbgrader's exchange already, as it is now." in run("submit", "00")
    assert len(arrived(home)) == 1
    write(desk, GOOD | {"learner": ADA, "question-limit": "# question limit: your answer below\nlimit = 8"})
    assert "the notebook has changed since; course submit 00" in run("status")
    run("submit", "00")
    assert len(arrived(home)) == 2
    shutil.rmtree(arrived(home)[1])
    assert "Handed in by" in run("submit", "00")


def test_with_zip_the_exchange_is_left_alone(home, desk):
    assert f"Packed: {desk / f'{SLUG}_ada.zip'}" in run("submit", "00", "--zip")
    assert arrived(home) == []


def test_the_copy_by_which_feedback_is_fetched_is_kept(home, desk, tmp_path):
    run("submit", "00")
    (kept,) = (tmp_path / "jupyter" / "nbgrader_cache" / "demo").iterdir()
    assert (kept / "submission_secret.txt").read_text() == (arrived(home)[0] / "submission_secret.txt").read_text()


def test_another_name_than_the_accounts_is_told(home, desk, monkeypatch):
    monkeypatch.setattr(handin, "get_username", lambda: "bob")
    monkeypatch.delenv("JUPYTERHUB_USER")
    text = run("submit", "00")
    assert "The learner cell says learner_id = 'ada', and here you are 'bob': it goes in as that of 'bob'." in text
    assert arrived(home)[0].name.startswith(f"bob+{SLUG}+") and "learner    bob\n" in text


def test_the_configuration_in_the_folder_decides_before_that_of_the_home(home, desk, tmp_path):
    (desk / NAME).write_text(f"c = get_config()\nc.Exchange.root = {str(tmp_path / 'nowhere')!r}\n")
    text = run("submit", "00")
    assert f"nbgrader's exchange {tmp_path / 'nowhere'} is not there, or closed to you." in text and "Packed: " in text
    (desk / NAME).write_text("c = get_config()\nc.CourseDirectory.student_id = 'cyd'\n")
    run("submit", "00")
    assert arrived(home)[0].name.startswith("cyd+")


def test_the_configuration_in_jupyters_folder_is_found(home, desk, tmp_path, monkeypatch):
    monkeypatch.delenv("COURSE_HOME")
    (tmp_path / "config").mkdir()
    settings = {"Exchange": {"root": str(home.exchange)}}
    (tmp_path / "config" / "nbgrader_config.json").write_text(json.dumps(settings))
    run("submit", "00")
    assert len(arrived(home)) == 1


def test_a_broken_configuration_is_told(home, desk):
    (desk / NAME).write_text("c = get_config(\n")
    said = run("submit", "00", code=1)
    assert f"{desk / NAME} cannot be read (SyntaxError: " in said and "--zip" in said and arrived(home) == []


def test_a_course_that_the_exchange_does_not_know_gets_a_zip_file_and_a_word(home, desk):
    write(desk, GOOD | {"learner": ADA.replace("demo", "other")})
    text = run("submit", "00")
    assert f"exchange {home.exchange} has no course 'other'; it has 'demo'. If yours is among them, correct" in text
    assert "Packed: " in text and arrived(home) == []


@pytest.mark.parametrize("course", ["../demo", "*", ".", "de mo", "a+b"])
def test_a_course_id_builds_no_path(home, desk, course):
    write(desk, GOOD | {"learner": ADA.replace("demo", course)})
    text = run("submit", "00")
    assert f"was not used: the learner cell says {course!r} for course_id." in text and "Packed: " in text


def test_what_was_not_released_is_refused(home, desk):
    outbound = home.exchange / "demo" / "outbound"
    (outbound / SLUG).rename(outbound / "01_other")
    said = run("submit", "00", code=1)
    assert f"the course 'demo' has not released {SLUG} there; there are 01_other. Tell your instructor;" in said
    assert "course submit 00 --zip" in said and arrived(home) == [] and not list(desk.glob("*.zip"))


def test_a_question_that_is_gone_is_not_one_that_is_not_begun(home, desk):
    """An emptied cell is not begun; one that is gone is said to be gone."""
    write(desk, GOOD | {"learner": ADA, "question-limit": "# question limit: your answer below"})
    assert "Not begun: limit." in run("submit", "00")
    path = desk / f"{SLUG}.ipynb"
    data = json.loads(path.read_text())
    data["cells"] = [cell for cell in data["cells"] if cell["id"] != "question-limit"]
    path.write_text(json.dumps(data))
    text = run("submit", "00")
    assert "The cell of `limit` is not in your notebook" in text and "Not begun" not in text


@pytest.mark.parametrize("which", ["root", "inbound"])
def test_an_exchange_that_is_not_writable_is_told(home, desk, which, monkeypatch):
    locked = home.exchange if which == "root" else home.exchange / "demo" / "inbound"
    real = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: real(path, mode) and not (Path(path) == locked and mode & 2))
    said = run("submit", "00", code=1)
    assert f"you cannot write to {locked}; its owner must allow that. Tell your instructor;" in said


@pytest.mark.parametrize("which", ["outbound", "course"])
def test_a_closed_folder_is_told(home, desk, which, monkeypatch):
    """As it is for another account than root's, which may look into everything."""
    course = home.exchange / "demo"
    closed = course if which == "course" else course / "outbound"
    access, isdir = os.access, os.path.isdir
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != closed and access(path, mode))
    monkeypatch.setattr(os.path, "isdir", lambda path: closed not in Path(path).parents and isdir(path))
    text = run("submit", "00", code=int(which == "outbound"))
    assert f"you cannot look into {closed}; its owner must allow that." in text
    assert ("Packed: " in text) == (which == "course") and arrived(home) == []


def test_what_nbgrader_refuses_is_told_in_its_words(home, desk, monkeypatch):
    monkeypatch.setattr(ExchangeSubmit, "ensure_root", lambda self: self.fail("Unwritable directory"))
    assert "nothing was handed in by nbgrader's exchange" in run("submit", "00", code=1)
    assert "Unwritable directory. Tell your instructor;" in run("submit", "00", code=1)


def test_a_full_disk_leaves_no_half_submission(home, desk, monkeypatch):
    real = shutil.copy2

    def full(source, target, **options):
        real(source, target, **options)
        Path(target).write_text("{")
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(shutil.copytree, "__defaults__", (False, None, full, False, False))
    said = run("submit", "00", code=1)
    assert "No space left on device" in said and "Traceback" not in said
    assert arrived(home) == [] and "handed in" not in run("status")


def test_a_half_arrival_is_no_arrival(home, desk, monkeypatch):
    real = ExchangeSubmit.copy_files

    def garbles(self):
        real(self)
        path = Path(self.inbound_path) / self.assignment_filename / f"{SLUG}.ipynb"
        path.write_bytes(path.read_bytes()[:-1])

    monkeypatch.setattr(ExchangeSubmit, "copy_files", garbles)
    assert "it did not arrive there. Tell your instructor;" in run("submit", "00", code=1)
    assert arrived(home) == []


def test_where_nbgraders_own_copy_fails_it_is_handed_in_all_the_same(home, desk, tmp_path):
    (tmp_path / "jupyter").write_text("a file")
    text = run("submit", "00")
    assert "nbgrader's own copy, by which it fetches feedback, could not be kept" in text and "Handed in by" in text
    assert len(arrived(home)) == 1


def test_an_nbgrader_that_cannot_be_loaded_is_told(home, desk, monkeypatch):
    import sys

    import course.classroom.doors

    monkeypatch.delattr(course.classroom.doors, "handin")
    monkeypatch.delitem(sys.modules, "course.classroom.doors.handin")
    monkeypatch.delattr("nbgrader.exchange.default.ExchangeSubmit")
    assert "nbgrader is installed, but cannot be used (cannot import name 'ExchangeSubmit'" in run("submit", "00")
    assert (desk / f"{SLUG}_ada.zip").is_file()
