"""A class of 24 with hostile submissions, and Dask beside it."""

import subprocess

import pytest

from course.classroom.home import Home
from tests.benchmarks.grading_class import COURSE, hand_in, hostile, make_room, sheets

from .dask import Dask

HOSTILE = ("leaves", "aborts", "forges", "signals")


@pytest.fixture(scope="package")
def room(tmp_path_factory):
    """A home with 24 submissions, four of them hostile, and what they are."""
    made = make_room(tmp_path_factory.mktemp("class"), "90", 24)
    assert not (made.home.path / "journal.db").exists()
    found = sheets(made, 24)
    found[4::5] = [hostile(made, sheet.learner, kind) for sheet, kind in zip(found[4::5], HOSTILE, strict=True)]
    hand_in(made.home.path, made.slug, found)
    return made


@pytest.fixture
def home(room, tmp_path):
    """A copy of that home, in which nothing was judged."""
    subprocess.run(["cp", "-a", str(room.home.path), str(tmp_path / "home")], check=True)
    return Home.open(tmp_path / "home")


@pytest.fixture
def start(tmp_path):
    """``start(machines)``: a scheduler with so many workers."""
    running = []

    def run(machines, *options, environment=None, protocol="tcp"):
        (tmp_path / "dask").mkdir()
        running.append(Dask(tmp_path / "dask", environment, protocol))
        for _ in range(machines):
            running[-1].add(*options)
        return running[-1]

    yield run
    for one in running:
        one.__exit__()


@pytest.fixture
def home_path(tmp_path):
    """A course home in which nothing was released."""
    return Home.create(tmp_path / "bare", course_id=COURSE, identity="hub").path
