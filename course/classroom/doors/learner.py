"""What a learner does with nbgrader's exchange: fetch an assignment, submit it, fetch the feedback."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.auth import Authenticator
from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeFetchAssignment, ExchangeFetchFeedback, ExchangeSubmit

from ..home import Home, HomeError
from ..nbconfig import config, course_directory, quiet


def fetch(home: Home, slug: str, learner: str, desk: Path) -> Path:
    """Fetch ``slug`` into the folder ``desk``; the path of the notebook. What is there already stays."""
    path = desk / slug / f"{slug}.ipynb"
    if not path.is_file():
        _do(ExchangeFetchAssignment, home, slug, learner, desk)
    if not path.is_file():
        raise HomeError(f"{slug} did not arrive in {desk}; was it released?")
    return path


def submit(home: Home, slug: str, learner: str, desk: Path) -> None:
    """Submit the saved notebook in ``desk``."""
    _do(ExchangeSubmit, home, slug, learner, desk)


def fetch_feedback(home: Home, slug: str, learner: str, desk: Path) -> list[Path]:
    """Fetch the feedback pages of ``slug`` into ``desk``; their paths."""
    _do(ExchangeFetchFeedback, home, slug, learner, desk)
    return sorted((desk / slug).glob("feedback/*/*.html"))


def _do(step: Any, home: Home, slug: str, learner: str, desk: Path) -> None:
    desk.mkdir(parents=True, exist_ok=True)
    with quiet() as (log, heard), _inside(desk):
        coursedir = course_directory(home, log, assignment_id=slug, student_id=learner)
        settings = config(home)
        settings.Exchange.cache = str(desk / ".nbgrader_cache")
        settings.Exchange.assignment_dir = str(desk)
        try:
            step(coursedir=coursedir, authenticator=Authenticator(log=log), config=settings, log=log).start()
        except ExchangeError as error:
            raise HomeError(f"{step.__name__} failed for {learner!r}: {heard.last or error}") from None


@contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """nbgrader's learner side works in the current folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)
