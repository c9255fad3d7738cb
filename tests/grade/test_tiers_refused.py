"""Hosts that refuse user namespaces, for real: T2 is taken, a grade of record is made, floor T1 says why it is not.

`refused.py` runs each command as such a host would: default Docker (seccomp, few capabilities), Ubuntu 24.04 (the maps
of a user namespace cannot be written), ``user.max_user_namespaces = 0``; as root, and as an ordinary account.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from course.grade.jail import drop, landlock, seccomp

if sys.platform != "linux":
    pytest.skip("jails are made of Linux's own parts", allow_module_level=True)

from tests.classroom.tiny import SLUG, hand_in, make_home, notebook

from .refused import CANNOT

SCRIPT = Path(__file__).with_name("refused.py")
ROOT = os.geteuid() == 0
UID = 54_321 if ROOT else os.geteuid()
AS_ROOT = pytest.mark.skipif(not ROOT, reason="needs root")
ORDINARY = ["docker", "ubuntu", "sysctl"]
SAID = {"docker": "bwrap: ", "ubuntu": "uid map: Permission denied", "sysctl": "ENOSPC"}
"""What bubblewrap says, by how it was refused."""

REPAIR = {"docker": "seccomp=unconfined", "ubuntu": "apparmor_restrict_unprivileged_userns", "sysctl": "max_user_name"}


def parts() -> str:
    """Why T2 cannot be had here at all, or nothing."""
    if landlock.abi() < 1:
        return "this kernel has no Landlock"
    try:
        seccomp.compile_filter()
    except seccomp.SeccompMissing as error:
        return str(error)
    return ""


pytestmark = pytest.mark.skipif(bool(parts()), reason=f"no T2 on this machine: {parts()}")


def run(how: str, words: list[str], *, uid: int = UID, folder: Path | None = None) -> subprocess.CompletedProcess:
    """A Python, refused as ``how`` says, as account ``uid``."""
    environment = {**os.environ, "HOME": str(folder or "/"), "XDG_DATA_HOME": str(folder or "/"), "COLUMNS": "300"}
    command = [sys.executable, "-P", str(SCRIPT), how, str(uid), sys.executable, "-P", *words]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, env=environment, cwd=folder or "/", check=False
    )
    if done.returncode == CANNOT:
        pytest.skip(f"{how}: cannot be had here ({done.stderr.strip()})")
    return done


def course(how: str, *words: str, uid: int = UID, folder: Path | None = None) -> subprocess.CompletedProcess:
    """A `course` command there."""
    return run(how, ["-c", "from course.cli import main; main()", *words], uid=uid, folder=folder)


PROBE = """
import json
from course.grade.jail import tiers
from course.grade.workers import ForkServer
report, floors = tiers.probe(), {}
for floor in tiers.RECORD:
    try:
        floors[floor] = tiers.require(floor, report)
    except tiers.TierUnavailable as error:
        floors[floor] = str(error)
try:
    with ForkServer(preload=False) as server:
        taken = server.tier
except tiers.TierUnavailable as error:
    taken = str(error)
whys = {tier.name: tier.why for tier in report.tiers if not tier.available}
print(json.dumps({"best": report.best, "why": whys, "floors": floors, "taken": taken}))
"""


def probed(how: str, uid: int = UID) -> dict:
    """What the probe finds there."""
    done = run(how, ["-c", PROBE], uid=uid)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_what_it_is_held_against():
    """By the same way with nothing refused, the best tier is the one that this machine has."""
    found = probed("open")
    if found["best"] != "T1":
        pytest.skip(f"this machine refuses namespaces itself: {found['why']['T1']}")
    assert found == {"best": "T1", "why": {}, "floors": {"T1": "T1", "T2": "T1"}, "taken": "T1"}


@pytest.mark.parametrize("how", ORDINARY)
def test_an_ordinary_account_gets_t2_and_t1_says_why_and_what_to_do(how):
    found = probed(how)
    assert (found["best"], found["taken"], found["floors"]["T2"]) == ("T2", "T2", "T2") and set(found["why"]) == {"T1"}
    sentence = found["floors"]["T1"]
    assert (
        "Grades of record need tier T1 or better, which this machine cannot have. T1: bubblewrap was refused"
        in sentence
    )
    assert SAID[how] in sentence and REPAIR[how] in sentence and 'floor = "T2"' in sentence
    assert "Errno" not in sentence and "\n" not in sentence


@AS_ROOT
def test_root_in_a_container_gets_t2_and_is_not_sent_to_a_sysctl():
    found = probed("docker", uid=-1)
    assert (found["best"], found["taken"]) == ("T2", "T2")
    assert "--cap-add SYS_ADMIN" in found["floors"]["T1"] and "sysctl" not in found["floors"]["T1"]


@AS_ROOT
def test_root_needs_no_user_namespace():
    found = probed("sysctl", uid=-1)
    if probed("open", uid=-1)["best"] != "T1":
        pytest.skip("this machine refuses namespaces itself")
    assert found["best"] == "T1"


@AS_ROOT
def test_root_in_a_container_whose_python_nobody_else_may_read():
    """Docker leaves root no CAP_DAC_READ_SEARCH, which such a worker would need: it says what to do instead."""
    where = drop.closed([sys.base_prefix, sys.prefix])
    if not where:
        pytest.skip("everybody may read this Python")
    found = probed("docker,covered", uid=-1)
    assert (
        found["best"] is None and f"chmod o+x {where}" in found["why"]["T2"] and f"chmod o+x {where}" in found["taken"]
    )


# -- a grade of record -------------------------------------------------------------------------------------------------


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every account can enter, unlike pytest's own."""
    path = Path(tempfile.mkdtemp(prefix="course-refused-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path)


def made(folder: Path, uid: int, more: str = "") -> Path:
    """A home of account ``uid``, in which a right submission and a wrong one lie."""
    home = make_home(folder, ["ada", "ben"])
    wrong = {"function-double": "# function double: your code below\ndef double(x):\n    return 3 * x\n"}
    hand_in(home, "ada", notebook(home, "ada"))
    hand_in(home, "ben", notebook(home, "ben", **wrong))
    settings = home.path / "course.toml"
    settings.write_text(settings.read_text().replace('floor = "T2"', f'floor = "{more or "T2"}"'))
    assert f'floor = "{more or "T2"}"' in settings.read_text()
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, uid if uid >= 0 else os.getuid(), -1, follow_symlinks=False)
    return home.path


def verdicts(home: Path) -> dict[str, tuple]:
    """What the journal holds: by learner the score, whether it is the maximum, and the tier."""
    from course.grade.journal import Journal

    found = Journal(home / "journal.db").newest(SLUG)
    return {name: (one.score == one.maximum, one.score is None, one.tier) for name, one in found.items()}


ACCOUNTS = [pytest.param("docker", -1, marks=AS_ROOT, id="docker-root"), *((how, UID) for how in ORDINARY)]


@pytest.mark.parametrize(("how", "uid"), ACCOUNTS)
def test_a_grade_of_record_is_made_at_t2_and_its_page_names_it(folder, how, uid):
    home = made(folder, uid)
    done = course(how, "grade", SLUG, "--home", str(home), uid=uid, folder=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert verdicts(home) == {"ada": (True, False, "T2"), "ben": (False, False, "T2")}
    done = course(how, "feedback", SLUG, "--home", str(home), uid=uid, folder=folder)
    pages = list(home.glob(f"feedback/*/{SLUG}/*.html"))
    assert len(pages) == 2 and all("jail T2" in page.read_text() for page in pages), done.stdout + done.stderr


@pytest.mark.parametrize(("how", "uid"), ACCOUNTS[:2])
def test_below_the_floor_nothing_is_graded_and_it_says_why(folder, how, uid):
    home = made(folder, uid, more="T1")
    done = course(how, "grade", SLUG, "--home", str(home), uid=uid, folder=folder)
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 1 and "Traceback" not in said
    assert "Grades of record need tier T1 or better" in said and "bubblewrap was refused its namespaces" in said
    assert verdicts(home) == {}


def test_without_landlock_and_namespaces_nothing_is_graded(folder):
    home = made(folder, UID)
    done = course("docker,no-landlock", "grade", SLUG, "--home", str(home), folder=folder)
    said = " ".join((done.stdout + done.stderr).split())
    assert done.returncode == 1 and "Traceback" not in said and verdicts(home) == {}
    assert "Grades of record need tier T2 or better" in said
    assert "bubblewrap was refused its namespaces" in said and "this kernel has no Landlock" in said


# -- course doctor -----------------------------------------------------------------------------------------------------


def lines(done: subprocess.CompletedProcess) -> dict[str, str]:
    """The doctor's lines by what they are about; each begins with ok, note or FIX."""
    assert "Traceback" not in done.stderr, done.stderr
    return {line[6:19].strip(): line for line in done.stdout.splitlines()}


@pytest.mark.parametrize("how", ORDINARY)
def test_the_doctor_says_which_tier_and_why_not_the_better_one(folder, how):
    done = course(how, "doctor", folder=folder)
    said = lines(done)
    assert said["T1"].startswith("note") and SAID[how] in said["T1"] and said["T2"].startswith("ok")
    assert said["grading"].startswith("ok") and "tier T2" in said["grading"]
    assert done.returncode == 0, done.stdout


def test_the_doctor_wants_it_mended_where_nothing_can_be_graded(folder):
    done = course("docker,no-landlock", "doctor", folder=folder)
    said = lines(done)
    assert said["T1"].startswith("note") and said["T2"].startswith("note") and "no Landlock" in said["T2"]
    assert said["grading"].startswith("FIX") and done.returncode == 1


def test_the_doctor_wants_it_mended_where_the_floor_cannot_be_had(folder):
    home = made(folder, UID, more="T1")
    done = course("docker", "doctor", "--home", str(home), folder=folder)
    assert lines(done)["course home"].startswith("ok") and lines(done)["grading"].startswith("FIX")
    assert done.returncode == 1


# -- what a worker has given up ----------------------------------------------------------------------------------------

INSIDE = """
import ctypes, os, resource
def f():
    with_root = []
    for name in ("setuid", "seteuid", "setgid"):
        try:
            getattr(os, name)(0)
            with_root.append(name)
        except PermissionError:
            pass
    limits = [resource.getrlimit(getattr(resource, "RLIMIT_" + name)) for name in ("NPROC", "CORE", "FSIZE")]
    return list(os.getresuid()), list(os.getresgid()), os.getgroups(), with_root, limits
"""

OUTSIDE = """
import json, os, sys
from course.bundle.cells import Cell
from course.grade.workers import ForkServer
found = []
with ForkServer(tier=sys.argv[1], preload=False) as server:
    workers = [server.worker() for _ in range(2)]
    for worker in workers:
        worker.load([Cell.from_source("# function f: x\\n" + sys.argv[2])], names={})
        pid = worker._process.pid
        status = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status"))
        owner = os.stat(f"/proc/{pid}/environ").st_uid
        found.append([worker.call("f").value, {name: text.split() for name, text in status.items()}, owner])
print(json.dumps(found))
"""


def worker_facts(tier: str, uid: int, how: str = "open") -> list:
    """Of two workers at once: what each says of itself, what /proc says of it, and who owns its environ there."""
    done = run(how, ["-c", OUTSIDE, tier, INSIDE], uid=uid)
    if "T1: bubblewrap" in done.stderr:  # was refused its namespaces, or is not installed
        pytest.skip(done.stderr.strip().splitlines()[-1])
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def assert_powerless(inside: list, status: dict, owner: int) -> None:
    """No capabilities, no way to get any, no groups, a filter, no debugger, no processes, no files."""
    assert [status[name] for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")] == [["0" * 16]] * 4
    assert status["NoNewPrivs"] == ["1"] and status["Seccomp"] == ["2"]
    assert owner != int(status["Uid"][0]), "dumpable: its files under /proc belong to the worker itself"
    assert inside[3] == [] and inside[4] == [[0, 0]] * 3


@AS_ROOT
@pytest.mark.parametrize(("tier", "how"), [("T1", "open"), ("T2", "open"), ("T2", "docker")])
def test_roots_workers_are_nobody(tier, how):
    found = worker_facts(tier, -1, how)
    for inside, status, owner in found:
        assert_powerless(inside, status, owner)
        (uid,) = set(inside[0])
        assert drop.UIDS <= uid < drop.UIDS + 65_536 and set(inside[1]) == {uid} and inside[2] == []
        assert status["Uid"] == status["Gid"] == [str(uid)] * 4 and status["Groups"] == []
        assert status["CapBnd"] == ["0" * 16]
    assert found[0][0][0] != found[1][0][0], "two workers at once have one uid"


@AS_ROOT
def test_what_roots_workers_keep_where_python_lies_in_a_closed_folder():
    """T1 needs nothing: its mounts are open. T2 keeps one capability, to read what Landlock lets it read."""
    if drop.reachable([sys.base_prefix, sys.prefix]):
        pytest.skip("everybody may read this Python")
    for inside, status, owner in worker_facts("T1", -1, "open,covered"):
        assert_powerless(inside, status, owner)
    for inside, status, owner in worker_facts("T2", -1, "open,covered"):
        assert status["CapPrm"] == status["CapEff"] == [f"{1 << 2:016x}"]
        assert_powerless(inside, {**status, "CapPrm": ["0" * 16], "CapEff": ["0" * 16]}, owner)
        assert status["CapBnd"] == ["0" * 16] and min(*inside[0], *inside[1]) >= drop.UIDS


@pytest.mark.parametrize(("tier", "how"), [("T1", "open"), *(("T2", how) for how in ["open", *ORDINARY])])
def test_an_ordinary_accounts_workers_have_no_way_up(tier, how):
    for inside, status, owner in worker_facts(tier, UID, how):
        assert_powerless(inside, status, owner)
        assert set(inside[0]) == {UID} and status["Uid"] == [str(UID)] * 4
