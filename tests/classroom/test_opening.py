"""What every verb does first: nbgrader's settings, the secret, the course and the exchange are as they must be."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from traitlets.config import PyFileConfigLoader

from course.classroom import gradebook
from course.classroom.desk import doctor
from course.classroom.doors.exchange import collect
from course.classroom.grading import judging
from course.classroom.grading.grade import grade_class
from course.classroom.home import Home, HomeError
from course.classroom.nbconfig import config, config_text
from course.classroom.opening import check, ready_exchange, unreachable
from course.cli import main
from course.grade.jail import tiers

from .conftest import GOOD, SLUG
from .test_doors import environment

SETTINGS = "nbgrader_config.py"
REAL_MAKE = judging.make


def course(*words: str, home: Home | Path):
    return CliRunner().invoke(main, [*words, "--home", str(getattr(home, "path", home))])


def settings_of(home: Home):
    return PyFileConfigLoader(SETTINGS, path=str(home.path)).load_config()


@pytest.mark.parametrize("verb", ["collect", "grade", "feedback"])
def test_every_verb_restores_what_keeps_nbgrader_from_running_code(home, verb):
    path = home.path / SETTINGS
    for number, text in ((1, "c = get_config()\n"), (2, "not even text\xff")):
        path.write_bytes(text.encode("latin-1"))
        done = course(verb, "00", home=home)
        assert done.exit_code == 0 and done.stderr.count("\n") == 1
        assert (
            f"had been edited; it is as generated again, and yours is kept as {SETTINGS}.edited-{number}" in done.stderr
        )
        assert (home.path / f"{SETTINGS}.edited-{number}").read_bytes() == text.encode("latin-1")
        assert settings_of(home) == config(home)
    path.unlink()
    done = course(verb, "00", home=home)
    assert f"{SETTINGS} was missing from {home.path} and has been put back" in done.stderr
    assert settings_of(home) == config(home)
    assert course(verb, "00", home=home).stderr == ""
    assert len(list(home.path.glob(f"{SETTINGS}*"))) == 3


def test_init_restores_it_too_and_the_library_opens_without_a_trace(home):
    path = home.path / SETTINGS
    path.write_text("# mine\n")
    Home.open(home.path)
    assert path.read_text() == "# mine\n"
    assert "had been edited" in course("init", "demo", home=home).stderr and path.read_text() == config_text(home)


def test_a_change_of_course_toml_is_taken_over_without_a_word(home, tmp_path):
    toml = home.path / "course.toml"
    toml.write_text(toml.read_text().replace('exchange = "exchange"', f'exchange = "{tmp_path}/other"'))
    (tmp_path / "other" / "demo" / "inbound").mkdir(parents=True)
    done = course("collect", "00", home=home)
    assert done.exit_code == 0 and done.stderr == ""
    assert settings_of(home).Exchange.root == f"{tmp_path}/other" and not list(home.path.glob("*.edited-*"))


@pytest.mark.skipif(tiers.probe().best is None, reason="this machine has no jail for grades of record")
def test_after_any_verb_the_stock_command_grades_in_the_jail(home, hand_in, tmp_path):
    mark = tmp_path / "escaped"
    edits = {"function-double": f"{GOOD['function-double']}\nopen({str(mark)!r}, 'w').write('here')"}
    hand_in(home, "ada", GOOD | edits)
    collect(home, SLUG)
    (home.path / SETTINGS).unlink()
    assert course("collect", "00", home=home).exit_code == 0
    command = [sys.executable, "-m", "nbgrader", "autograde", SLUG]
    done = subprocess.run(command, cwd=home.path, env=environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert not mark.exists() and gradebook.scores(home, SLUG, "ada") is not None


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (None, "is missing"),
        (b"", "holds 0 characters instead of 64"),
        (b"abc", "holds 3 characters"),
        (b"x" * 64, "other characters than hex digits"),
    ],
)
def test_a_damaged_secret_is_named_with_its_remedy(home, data, says):
    path = home.path / "secret"
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    done = course("grade", "00", home=home)
    assert done.exit_code == 1 and done.stderr.count("\n") == 1
    assert says in done.stderr and "nothing was graded with it yet" in done.stderr
    assert any(says in finding.sentence and finding.stops for finding in doctor._home(home.path))


@pytest.mark.skipif(tiers.probe().best is None, reason="this machine has no jail for grades of record")
def test_no_other_secret_is_made_once_there_are_verdicts(tmp_path, released, hand_in):
    home = Home.open(Path(shutil.copytree(released, tmp_path / "home")))
    hand_in(home, "ada", GOOD)
    collect(home, SLUG)
    grade_class(home, SLUG)
    judging.close()
    before = gradebook.class_scores(home, SLUG)
    secret = (home.path / "secret").read_bytes()
    (home.path / "secret").unlink()
    for words in (("init", "demo"), ("grade", "00", "--again"), ("collect", "00")):
        done = course(*words, home=home)
        assert (
            done.exit_code == 1 and "put it back from your backup, because 1 verdict in journal.db was" in done.stderr
        )
    assert not (home.path / "secret").exists() and gradebook.class_scores(home, SLUG) == before
    with pytest.raises(HomeError, match="is missing"):
        judging.make(home)  # nbgrader's own doors come this way
    (home.path / "secret").write_bytes(secret)
    assert course("init", "demo", home=home).exit_code == 0


def test_the_course_keeps_its_name(home):
    toml = home.path / "course.toml"
    toml.write_text(toml.read_text().replace('course_id = "demo"', 'course_id = "other"'))
    for verb in ("grade", "collect", "release"):
        done = course(verb, "00", home=home)
        assert done.exit_code == 1 and done.stderr.count("\n") == 1
        assert "course_id = 'other', but this home has released and graded as 'demo'" in done.stderr
        assert "put 'demo' back" in done.stderr
    for door in (check, REAL_MAKE):
        with pytest.raises(HomeError, match="put 'demo' back"):
            door(Home.open(home.path))


def test_a_home_is_found_from_inside(home, monkeypatch):
    monkeypatch.delenv("COURSE_HOME", raising=False)
    monkeypatch.chdir(home.path)
    assert Home.open().path == home.path
    done = CliRunner().invoke(main, ["grade", "00"])
    assert done.exit_code == 0 and "Nothing to grade" in done.stdout


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def open_folder():
    """A folder that everybody can enter; pytest's own are private."""
    top = Path(tempfile.mkdtemp(dir=tempfile.gettempdir()))
    os.chmod(top, 0o755)
    if any(not mode(folder) & 0o001 for folder in top.parents):
        pytest.skip("this machine has no temporary folder that everybody can enter")
    yield top
    shutil.rmtree(top)


def test_an_exchange_that_nobody_can_enter_is_said(tmp_path, open_folder):
    done = course("init", "demo", home=tmp_path / "home")
    closed = f"because {tmp_path / 'home'} is closed to other users (mode 700)"
    assert done.exit_code == 0 and closed in done.stderr and "course init demo --exchange FOLDER" in done.stderr
    assert any(closed in finding.sentence and not finding.stops for finding in doctor._home(tmp_path / "home"))
    exchange = open_folder / "class" / "exchange"
    done = course("init", "demo", "--exchange", str(exchange), home=tmp_path / "home")
    home = Home.open(tmp_path / "home")
    assert done.exit_code == 0 and done.stderr == "" and home.exchange == exchange and unreachable(home) == ""
    assert mode(exchange) == 0o1777, "everybody may hand in, nobody may move another's"
    os.chmod(open_folder, 0o750)
    assert f"{open_folder} is closed" in unreachable(home)
    assert unreachable(Home.create(tmp_path / "hub", course_id="demo", identity="hub")) == ""


def test_a_relative_exchange_is_of_the_folder_that_one_stands_in(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert course("init", "demo", "--identity", "hub", "--exchange", "shared", home=tmp_path / "home").exit_code == 0
    assert Home.open(tmp_path / "home").exchange == tmp_path / "shared" and mode(tmp_path / "shared") == 0o1777


def test_the_exchange_moves_only_before_the_first_release(home, tmp_path):
    done = course("init", "demo", "--exchange", str(tmp_path / "elsewhere"), home=home)
    assert done.exit_code == 1 and "has exchange = 'exchange'" in done.stderr and "edit course.toml" in done.stderr


def test_nobody_can_move_what_lies_in_an_open_exchange(home):
    os.chmod(home.exchange, 0o777)
    assert any("chmod 1777" in finding.sentence for finding in doctor._home(home.path))
    ready_exchange(home)
    assert mode(home.exchange) == 0o1777
    os.chmod(home.exchange, 0o755)
    ready_exchange(home)
    assert mode(home.exchange) == 0o755, "an exchange that was closed on purpose stays closed"


def test_doctor_stops_only_for_what_stops_grading(home, monkeypatch):
    fine = [doctor.Finding("a", True, "is there", serious=True), doctor.Finding("b", False, "is only good to know")]
    monkeypatch.setattr(doctor, "examine", lambda folder: [*fine, *doctor._home(folder)])
    done = course("doctor", home=home)
    assert done.exit_code == 0 and f"{home.path}: demo, 4 learners" in done.stdout, done.stdout
    os.chmod(home.path / "secret", 0o644)
    (home.path / SETTINGS).write_text("")
    done = course("doctor", home=home)
    assert done.exit_code == 1 and done.stdout.count("FIX ") == 2
    assert "chmod 600" in done.stdout and "course init demo" in done.stdout
    assert (home.path / SETTINGS).read_text() == "", "doctor changes nothing"
