"""Two real accounts of the machine, handing in by nbgrader's own classes: nobody can be, read or harm the other."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course.classroom.desk.release import release
from course.classroom.doors.collecting import collect
from course.classroom.doors.learner import fetch, submit
from course.classroom.grading.grade import grade_class
from course.classroom.home import Home
from course.classroom.opening import ready_exchange, unreachable
from course.classroom.roster import Learner

from .conftest import GOOD, SLUG

USERS = ("daemon", "nobody")
ALL = all(any(entry.pw_name == user for entry in pwd.getpwall()) for user in USERS)
pytestmark = pytest.mark.skipif(os.geteuid() != 0 or not ALL, reason=f"needs root, to be {' and '.join(USERS)}")


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that every account can enter, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="course-two-users-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


@pytest.fixture
def shared(open_folder: Path, sources: Path, grader: dict) -> Home:
    """A home whose exchange all accounts reach, identity by the files' owner, and a desk for each learner."""
    roster = [Learner(user) for user in USERS]
    where = str(open_folder / "exchange")
    home = Home.create(open_folder / "home", course_id="demo", roster=roster, identity="uid", exchange=where)
    ready_exchange(home)
    release(home, SLUG, root=sources)
    ready_exchange(home)
    assert unreachable(home) == ""
    work(home, USERS[0], open_folder / "warm")  # imports all that the others may not be able to read
    for folder in (home.exchange / "demo" / "inbound").iterdir():
        shutil.rmtree(folder)
    for user in USERS:
        desk = open_folder / user
        desk.mkdir()
        os.chown(desk, pwd.getpwnam(user).pw_uid, -1)
    return home


def as_user(user: str, action: Callable[[], object]) -> None:
    """Do something as another account, in a process of its own; an error there is an error here."""
    account = pwd.getpwnam(user)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(read)
            os.chdir("/")  # where tests run, another account may not be able to return to
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
            os.environ["HOME"] = "/nonexistent"
            action()
            status = 0
        except BaseException:
            os.write(write, traceback.format_exc()[-4000:].encode())
        finally:
            sys.stdout.flush()
            os._exit(status)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read().decode()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, said


def work(home: Home, user: str, desk: Path) -> None:
    """Fetch, solve and submit, as nbgrader does it for the account that runs this."""
    path = fetch(home, SLUG, user, desk)
    made = json.loads(path.read_text())
    for cell in made["cells"]:
        cell["source"] = GOOD.get(cell["id"], cell["source"])
    path.write_text(json.dumps(made))
    submit(home, SLUG, user, desk)


def closed(home: Home) -> Home:
    """What learners know of the home: its settings, without a way into it."""
    return Home(home.path, home.settings)


def test_each_hands_in_their_own_and_all_is_collected(shared, open_folder):
    for user in USERS:
        as_user(user, lambda user=user: work(closed(shared), user, open_folder / user))
    inbound = shared.exchange / "demo" / "inbound"
    owners = {path.name.split("+")[0]: pwd.getpwuid(path.stat().st_uid).pw_name for path in inbound.iterdir()}
    assert owners == {user: user for user in USERS}
    got = collect(shared, SLUG)
    assert (got.collected, got.refused) == (USERS, ())
    grades = grade_class(shared, SLUG)
    assert {learner: one.score for learner, one in grades.held.items()} == dict.fromkeys(USERS, 6.0)


def test_one_cannot_hand_in_as_the_other(shared, open_folder):
    as_user("nobody", lambda: work(closed(shared), "nobody", open_folder / "nobody"))
    as_user("daemon", lambda: work(closed(shared), "nobody", open_folder / "daemon"))
    got = collect(shared, SLUG)
    assert got.collected == ("nobody",)
    assert [refusal.sentence for refusal in got.refused] == [
        "it says it is by 'nobody' but belongs to 'daemon'; ask both of them"
    ]
    own = [path for path in (shared.exchange / "demo" / "inbound").iterdir() if path.owner() == "nobody"]
    taken = shared.notebook("submitted", SLUG, "nobody").read_bytes()
    assert taken == (own[0] / f"{SLUG}.ipynb").read_bytes()


def refused(action: Callable[[], object]) -> None:
    """It must be the system that stops it."""
    try:
        action()
    except PermissionError:
        return
    raise AssertionError("nothing stopped it")


def test_one_cannot_find_move_or_read_what_the_other_handed_in(shared, open_folder):
    as_user("nobody", lambda: work(closed(shared), "nobody", open_folder / "nobody"))
    inbound = shared.exchange / "demo" / "inbound"
    folder = next(inbound.iterdir())

    def try_it() -> None:
        refused(lambda: os.listdir(inbound))
        refused(lambda: os.listdir(shared.path))
        refused(lambda: (shared.path / "secret").read_bytes())
        refused(lambda: folder.rename(inbound / "mine"))  # even who is told its name

    as_user("daemon", try_it)


def test_who_is_told_the_name_of_a_folder_can_replace_what_is_in_it_and_is_found_out(shared, open_folder):
    """nbgrader opens submitted folders to all, and hides their names; the owner of each file is looked at."""
    as_user("nobody", lambda: work(closed(shared), "nobody", open_folder / "nobody"))
    path = next((shared.exchange / "demo" / "inbound").iterdir()) / f"{SLUG}.ipynb"

    def replace() -> None:
        path.unlink()
        path.write_text("{}")

    as_user("daemon", replace)
    got = collect(shared, SLUG)
    assert got.collected == () and "belongs to 'daemon'" in got.refused[0].sentence
