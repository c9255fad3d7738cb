"""A course home, Jupyter servers for a learner and an instructor, and a browser; all of this machine only."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from course.classroom import roles
from course.classroom.desk.release import release
from course.classroom.grading import judging
from course.classroom.home import Home
from course.classroom.roster import Learner
from course.grade.jail import tiers
from tests.classroom.conftest import HIDDEN, SLUG, SOLUTION

from .pages import Door

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
# nbgrader's pages ask a CDN for MathJax: nothing but this machine is ever asked.
FLAGS.append("--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1")
STOCK = ("MathJax is not defined",)
"""Errors of nbgrader's own pages, where a CDN cannot be reached."""
LIMITS = "\n[limits]\ncpu = 1.0\n"
"""Seconds of a loop that does not end, at grading; it is run more than once, for the checks and for display."""
START = 60.0
"""Seconds that a server may take to answer."""


@dataclass(frozen=True)
class Room:
    """A home with the small assignment released, the repository that it came from, and its one learner."""

    folder: Path
    home: Home
    learner: str

    @property
    def inbound(self) -> list[Path]:
        """The notebooks that lie in the exchange as handed in."""
        return list(self.home.exchange.glob(f"demo/inbound/*/{SLUG}.ipynb"))

    def course(self, *words: str) -> str:
        """The `course` command on this home, as an instructor runs it: what it prints."""
        command = [str(Path(sys.executable).with_name("course")), *words, "--home", str(self.home.path)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, env=environment(self.folder))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def environment(folder: Path) -> dict[str, str]:
    """For a process of somebody whose own files lie in ``folder``: nothing is read from or written to a real home."""
    beside = os.path.dirname(os.path.abspath(sys.executable))
    own = {
        "HOME": folder,
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_DATA_DIR": folder / "data",
        "JUPYTER_RUNTIME_DIR": folder / "runtime",
        "IPYTHONDIR": folder / "ipython",
        "XDG_DATA_HOME": folder / "share",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "PYTEST", "COURSE"))}
    path = os.pathsep.join([beside, os.environ.get("PATH", "")])
    return kept | {name: str(value) for name, value in own.items()} | {"PATH": path}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """The course home; the account that runs the tests is its learner, since nbgrader goes by accounts."""
    if tiers.probe().best is None:
        pytest.skip("this machine has no jail for grades of record")
    folder, learner = tmp_path_factory.mktemp("room"), pwd.getpwuid(os.geteuid()).pw_name
    for name, text in (("solutions/00_double.py", SOLUTION), ("tests/hidden/test_00_double.py", HIDDEN)):
        (folder / "repository" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "repository" / name).write_text(text)
    roster = [Learner(learner, "Ada", "Lovelace"), Learner("bob", "Bob", "Ross")]
    home = Home.create(folder / "home", course_id="demo", roster=roster, exchange=str(folder / "exchange"))
    with (home.path / "course.toml").open("a") as file:
        file.write(LIMITS)
    home = Home.open(home.path)
    release(home, SLUG, root=folder / "repository")
    judging.close()
    return Room(folder, home, learner)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, for the tests of one file."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; it drives the browser")
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium; on Debian: apt-get install chromium, elsewhere name one in CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield opened
        opened.close()


@contextmanager
def serve(folder: Path, role: str, work: Path, settings: str = "") -> Iterator[str]:
    """JupyterLab for ``role`` in the folder ``work``, on a port that is free: its address. It ends with this."""
    work.mkdir(parents=True, exist_ok=True)
    roles.write(role, folder / "config")
    # JupyterLab saves by itself every two minutes, which a slow machine may well need for a test.
    autosave = {"@jupyterlab/docmanager-extension:plugin": {"autosave": False}}
    (folder / "config" / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(autosave))
    (folder / "config" / "nbgrader_config.py").write_text(settings)
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--ServerApp.port=0"]
    command += ["--ServerApp.port_retries=0", "--IdentityProvider.token=", "--ServerApp.password="]
    command += ["--allow-root"] if os.geteuid() == 0 else []
    log = folder / "server.log"
    with log.open("wb") as said:
        server = subprocess.Popen(command, cwd=work, env=environment(folder), stdout=said, stderr=said)
    try:
        yield _address(server, folder / "runtime" / f"jpserver-{server.pid}.json", log)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _address(server: subprocess.Popen, file: Path, log: Path) -> str:
    """Where the server answers, as it says itself in its runtime file."""
    end = time.monotonic() + START
    while time.monotonic() < end and server.poll() is None:
        try:
            address = f"http://127.0.0.1:{json.loads(file.read_text())['port']}"
            with urlopen(address + "/api", timeout=5):
                return address
        except (OSError, ValueError):
            time.sleep(0.05)
    raise RuntimeError(f"JupyterLab did not answer within {START:g} s; it said:\n{log.read_text()[-3000:]}")


class Doors:
    """JupyterLab as each role has it: one server and one window a role, opened when first asked for."""

    def __init__(self, room: Room, browser: Any, stack: ExitStack) -> None:
        self.room, self.browser, self.stack = room, browser, stack
        self.open: dict[str, Door] = {}

    def __call__(self, role: str) -> Door:
        """The door of ``role``."""
        if role not in self.open:
            self.open[role] = self._make(role)
        return self.open[role]

    def _make(self, role: str) -> Door:
        folder, home = self.room.folder / role, self.room.home
        learner = role == "learner"
        work = folder / "work" if learner else home.path
        settings = f"c = get_config()\nc.Exchange.root = {str(home.exchange)!r}\n" if learner else ""
        url = self.stack.enter_context(serve(folder, role, work, settings))
        context = self.browser.new_context(viewport={"width": 1600, "height": 900})
        self.stack.callback(context.close)
        return Door(context, url, work, SLUG)


@pytest.fixture(scope="module")
def doors(browser: Any, room: Room) -> Iterator[Doors]:
    """``doors(role)`` is JupyterLab as that role has it."""
    with ExitStack() as stack:
        yield Doors(room, browser, stack)


@pytest.fixture(autouse=True)
def no_page_errors(doors: Doors) -> Iterator[None]:
    """After each test: no script of a page met an error, but for those that are known of nbgrader's own pages."""
    yield
    assert [text for door in doors.open.values() for text in door.errors if not text.startswith(STOCK)] == []
