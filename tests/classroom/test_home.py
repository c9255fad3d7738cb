"""The course home, its settings, its secret and its roster."""

from __future__ import annotations

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from course.classroom.home import Home, HomeError
from course.classroom.nbconfig import config
from course.classroom.roster import Learner, RosterError, read_roster, write_roster
from course.classroom.secret import make_secret
from course.classroom.settings import Settings


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_create_makes_a_private_home_and_is_safe_to_run_again(tmp_path):
    home = Home.create(tmp_path / "home", course_id="demo", roster=[Learner("ada")])
    secret, toml = home.secret, (home.path / "course.toml").read_text()
    assert mode(home.path) == 0o700 and mode(home.path / "secret") == 0o600 and len(secret) == 32
    (home.path / "course.toml").write_text(toml + "# a note of mine\n")
    again = Home.create(home.path, course_id="demo")
    assert again.secret == secret and list(again.roster) == ["ada"]
    assert (home.path / "course.toml").read_text().endswith("# a note of mine\n")


def test_create_refuses_another_course_in_the_same_home(tmp_path):
    Home.create(tmp_path / "home", course_id="demo")
    with pytest.raises(HomeError, match="course_id = 'demo', not 'other'"):
        Home.create(tmp_path / "home", course_id="other")


def test_home_comes_from_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(HomeError, match="there is no course home at"):
        Home.open()
    Home.create(course_id="demo")
    assert Home.open().path == tmp_path / "elsewhere"


def test_one_secret_though_many_make_it(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: make_secret(tmp_path / "secret"), range(40)))
    assert os.listdir(tmp_path) == ["secret"]
    assert len(bytes.fromhex((tmp_path / "secret").read_text())) == 32


def test_settings_go_round_with_their_comments():
    settings = Settings('de"mo'.replace('"', ""), identity="hub", exchange="/srv/exchange")
    text = settings.to_toml()
    assert Settings.parse(text) == settings
    assert text.count("\n#") >= 6
    assert Settings.parse(text + "\n[limits]\ncpu = 2\nmemory_mb = 256\n").limits.cpu == 2.0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("course_id = ", "not valid TOML"),
        ('roster = "r.csv"', "has no course_id"),
        ('course_id = "a"\nrooster = "r.csv"', "'rooster' that nothing reads"),
        ('course_id = "a b"', "should be letters"),
        ('course_id = "a"\nidentity = "lms"', "identity = 'lms'"),
        ('course_id = "a"\nfloor = "T0"', "floor = 'T0'"),
        ('course_id = "a"\n[limits]\ncpus = 1', "there is no limit 'cpus'"),
        ('course_id = "a"\n[limits]\ncpu = -1', "cpu = -1 should be a positive float"),
        ('course_id = "a"\n[limits]\nmemory_mb = 1.5', "memory_mb = 1.5 should be a positive int"),
    ],
)
def test_settings_say_what_is_wrong(text, message):
    with pytest.raises(HomeError, match=message):
        Settings.parse(text)


def test_a_moved_home_still_configures_itself(tmp_path):
    Home.create(tmp_path / "old", course_id="demo")
    os.rename(tmp_path / "old", tmp_path / "new")
    from traitlets.config import PyFileConfigLoader

    found = PyFileConfigLoader("nbgrader_config.py", path=str(tmp_path / "new")).load_config()
    assert found.CourseDirectory.root == str(tmp_path / "new")
    assert found == config(Home.open(tmp_path / "new"))


def test_nbgrader_patterns_in_the_path_are_refused(tmp_path):
    with pytest.raises(HomeError, match="holds '\\['"):
        Home.create(tmp_path / "course [1]", course_id="demo")


def test_roster_reads_what_a_spreadsheet_writes(tmp_path):
    path = tmp_path / "roster.csv"
    path.write_bytes("\ufeffid;last_name;first_name;group\r\nada;Lovelace;Ada;1\r\n;;;\r\n".encode())
    assert read_roster(path) == [Learner("ada", "Ada", "Lovelace")]
    assert read_roster(path)[0].name == "Ada Lovelace" and Learner("bob").name == "bob"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name\nada\n", "has no column 'id'"),
        ("id\nada\nada\n", "line 3 of roster.csv: the id 'ada' is there twice"),
        ("id\n../x\n", "the id '../x' should be letters"),
        ("id\na+b\n", "the id 'a\\+b'"),
        ("id,email\n,x@example.org\n", "the id ''"),
        ("id,last_name\nada,Lovelace, Countess\n", "line 2 of roster.csv has 3 fields, its first line only 2; put"),
        ("id;email\nada;a@example.org\nbob;b;c;d\n", 'line 3 .* 4 fields, .* holds a ";" into quotes'),
        ("id\nada\x00\n", "is not a CSV file|the id"),
    ],
)
def test_roster_says_which_line_is_wrong(tmp_path, text, message):
    (tmp_path / "roster.csv").write_text(text)
    with pytest.raises(RosterError, match=message):
        read_roster(tmp_path / "roster.csv")


def test_empty_fields_at_the_end_of_a_row_cost_nothing(tmp_path):
    (tmp_path / "roster.csv").write_text("id,last_name\nada,Lovelace,,\n")
    assert read_roster(tmp_path / "roster.csv") == [Learner("ada", "", "Lovelace")]


def test_roster_is_not_written_when_an_id_is_wrong(tmp_path):
    with pytest.raises(RosterError, match="learner 2"):
        write_roster(tmp_path / "roster.csv", [Learner("ada"), Learner("a/b")])
    assert not (tmp_path / "roster.csv").exists()
