"""Disk full, a home that cannot be written, a locked database: one sentence, exit 1, and the next run goes on."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from course.classroom import gradebook
from course.classroom.grading import grade as grading
from course.classroom.grading import judging, leftovers
from course.classroom.home import Home
from course.cli import main
from course.grade.journal import Journal
from tests.classroom import tiny

from . import state

ROOT = Path(__file__).resolve().parents[2]
LEARNERS = 6


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, state.End]:
    """A class that has handed in, and how it ends when nothing is in the way."""
    folder = tmp_path_factory.mktemp("class")
    home = state.make(folder, LEARNERS, seed=5)
    return home, state.uninterrupted(state.copy(home, folder / "truth"), folder / "run")


def sandboxed(script: str, *words: object) -> subprocess.CompletedProcess:
    """A shell ``script`` where it may mount; skips the test where nobody may."""
    own = [] if os.geteuid() == 0 else ["--map-root-user"]
    unshare = ["unshare", *own, "--mount", "--propagation", "private"]
    if not shutil.which("unshare") or subprocess.run([*unshare, "true"], capture_output=True).returncode:
        pytest.skip("nothing can be mounted here")
    return subprocess.run(
        [*unshare, "sh", "-euc", script, "sh", *map(str, words)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )


GRADE = f"{sys.executable} -c \"from course.cli import main; main(prog_name='course')\" grade 90 --jobs 2 --home"


def one_sentence(error: str) -> str:
    """What was said, which must be a single line, and no traceback."""
    assert error.startswith("course: ") and error.count("\n") == 1 and "Traceback" not in error, error
    return error


def same(home: Path, truth: state.End, scratch: Path) -> None:
    """The home is as it would be without the trouble, whatever was written when."""
    scratch.mkdir()
    (scratch / "out").write_text("")
    found = list(state.differences(truth, state.end(home, scratch, 0)))
    assert not found, found


@pytest.mark.parametrize("left", [8, 100, 180, 400])
def test_a_full_disk(made, tmp_path, left):
    """``left`` kilobytes of it are free: what cannot be written first is the journal, a notebook or the gradebook."""
    home, truth = made
    script = f"""
        mount -t tmpfs -o size=40m none "$2"; cp -a "$1" "$2/home"; chmod 700 "$2/home"
        free=$(df --output=avail -k "$2" | tail -1); head -c $(((free - {left}) * 1024)) /dev/zero > "$2/ballast"
        set +e; {GRADE} "$2/home" 2> "$3/err" > "$3/out"; echo $? > "$3/first"; rm "$2/ballast"
        {GRADE} "$2/home" > "$3/out" 2>&1; echo $? > "$3/second"; cp -a "$2/home" "$3/home"
    """
    (tmp_path / "disk").mkdir()
    done = sandboxed(script, home, tmp_path / "disk", tmp_path)
    assert done.returncode == 0, done.stderr
    said = one_sentence((tmp_path / "err").read_text())
    assert (tmp_path / "first").read_text() == "1\n", said
    assert "No space left on device" in said or "disk is full" in said or "disk I/O error" in said, said
    assert "run this again" in said or "run it again" in said
    assert (tmp_path / "second").read_text() == "0\n", (tmp_path / "out").read_text()
    same(tmp_path / "home", truth, tmp_path / "scratch")


def test_a_home_that_is_mounted_read_only(made, tmp_path):
    home, truth = made
    mine = state.copy(home, tmp_path / "home")
    done = sandboxed(f'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"; {GRADE} "$1"', mine)
    assert done.returncode == 1 and "run this again" in one_sentence(done.stderr)
    assert not list(mine.glob("autograded/*"))
    assert state.command(mine, tmp_path / "run").wait() == 0
    same(mine, truth, tmp_path / "scratch")


def test_files_that_may_not_grow(made, tmp_path):
    """Without any mount: no file may become larger than the gradebook is."""
    home, truth = made
    mine = state.copy(home, tmp_path / "home")
    done = subprocess.run(
        ["sh", "-c", f"ulimit -f 120; exec {GRADE} {mine}"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 1 and "again" in one_sentence(done.stderr)
    assert state.command(mine, tmp_path / "run").wait() == 0
    same(mine, truth, tmp_path / "scratch")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """Three learners who are right, and databases that give up waiting after a moment."""
    made = tiny.make_home(tmp_path, ["ada", "bob", "cyd"])
    for learner in made.roster:
        tiny.hand_in(made, learner, tiny.notebook(made, learner))
    monkeypatch.setattr(Journal.__init__, "__defaults__", (0.2,))
    original = sqlite3.connect
    monkeypatch.setattr("sqlite3.dbapi2.connect", lambda *a, **k: original(*a, **{**k, "timeout": 0.2}))
    yield made
    judging.close()


def grade(home: Home):
    """The command, in this process."""
    return CliRunner().invoke(main, ["grade", "90", "--home", str(home.path)])


@pytest.mark.parametrize("name", ["journal.db", "gradebook.db"])
def test_a_database_in_use(home, name):
    """By another program: the whole command stops at once and says so once."""
    if name == "journal.db":
        Journal(home.path / name)
    with closing(sqlite3.connect(home.path / name)) as database:
        database.execute("BEGIN EXCLUSIVE")
        done = grade(home)
    assert done.exit_code == 1 and "database is locked" in one_sentence(done.stderr) and "again" in done.stderr
    assert grade(home).exit_code == 0
    assert {gradebook.scores(home, tiny.SLUG, learner).score for learner in home.roster} == {6.0}


@pytest.mark.parametrize("name", ["journal.db", "gradebook.db"])
def test_a_database_in_use_from_the_middle_on(home, name, monkeypatch):
    """After the first verdict, or the first row: what was done stays, and is not done again."""
    other = sqlite3.connect(home.path / name, check_same_thread=False)
    owner, method = (Journal, "add") if name == "journal.db" else (grading, "_write")
    original = getattr(owner, method)

    def lock(*arguments, **options):
        done = original(*arguments, **options)
        if not other.in_transaction:
            other.execute("BEGIN IMMEDIATE")
        return done

    with closing(other), monkeypatch.context() as patch:
        patch.setattr(owner, method, lock)
        done = grade(home)
    assert done.exit_code == 1 and "database is locked" in one_sentence(done.stderr), done.output
    done = grade(home)
    assert done.exit_code == 0 and "3 graded" in done.stdout and "0 to review." in done.stdout
    if name == "gradebook.db":
        assert "2 of them new" in done.stdout
    assert {gradebook.scores(home, tiny.SLUG, learner).score for learner in home.roster} == {6.0}
    with closing(sqlite3.connect(home.path / "journal.db")) as database:
        assert database.execute("SELECT learner, attempt FROM verdict ORDER BY 1").fetchall() == [
            ("ada", 1),
            ("bob", 1),
            ("cyd", 1),
        ]


def test_what_a_killed_run_began_to_write_is_removed_and_nothing_else(home):
    assert grade(home).exit_code == 0
    kept, cell = home.path / "kept" / tiny.SLUG, "0123456789abcdef"
    old = [
        kept / f".ada.json.{cell}",
        home.path / f".dates.json.{cell}",
        home.path / "figures" / ".90_tiny.png.a1_b2c3d",
    ]
    stays = [kept / ".ada.json", kept / f"ada.json.{cell}", home.path / ".gitignore.local", kept / f".new.json.{cell}"]
    for path in (*old, *stays):
        path.write_text(json.dumps("half"))
    for path in (*old, *stays[:-1]):
        os.utime(path, (1, 1))
    leftovers.remove(home, tiny.SLUG)
    assert not any(path.exists() for path in old) and all(path.exists() for path in stays)
