"""How nbgrader is set up for a course home: one table, as a configuration file and as an object, and its quiet log."""

from __future__ import annotations

import hashlib
import itertools
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .home import Home, write_text

if TYPE_CHECKING:
    from traitlets.config import Config

_HERE = "course.classroom"
_NBGRADER = "nbgrader.preprocessors"

NAME = "nbgrader_config.py"
_WHY = "without it as generated, nbgrader would run learners' code unjailed"
_SEAL = "# As generated: "
_HEADER = """\
# Written by `course`, which overwrites changes; edit course.toml instead. With this file `nbgrader` commands and
# formgrader, started in this folder, grade through the course's own plug-in, like `course grade`. It imports nothing
# that could fail: without these settings nbgrader would run learners' code unjailed.
import os

c = get_config()
here = os.path.dirname(os.path.abspath(__file__))
"""


def table(home: Home) -> dict[str, dict[str, Any]]:
    """nbgrader's settings by class; plug-ins are named, so that nothing of ours is imported before it is used."""
    return {
        "CourseDirectory": {"course_id": home.settings.course_id},
        "Exchange": {"timezone": "UTC"},
        "ExchangeFactory": {"collect": f"{_HERE}.doors.exchange.SafeCollect"},
        # There is one stripper, ours: what lies in source/ is already the exercise.
        "GenerateAssignment": {
            "preprocessors": [
                f"{_NBGRADER}.{name}"
                for name in ("LockCells", "ClearOutput", "CheckCellMetadata", "ComputeChecksums", "SaveCells")
            ]
        },
        "Autograde": {
            "exporter_class": f"{_HERE}.grading.plugin.SubmissionReader",
            # Without CheckCellMetadata: what it looks at is the released notebook's, which was checked at its release.
            "sanitize_preprocessors": [f"{_HERE}.grading.plugin.Transplant"],
            "autograde_preprocessors": [
                f"{_HERE}.grading.plugin.JudgedOutputs",
                f"{_NBGRADER}.LimitOutput",
                f"{_HERE}.grading.plugin.SaveVerdicts",
                f"{_NBGRADER}.AssignLatePenalties",
                f"{_HERE}.grading.plugin.MarkFinished",
            ],
        },
        "AssignLatePenalties": {"plugin_class": f"{_HERE}.grading.late.LatePolicy"},
        "ExportApp": {"plugin_class": f"{_HERE}.desk.export.CourseExporter"},
        "GenerateFeedback": {"exporter_class": f"{_HERE}.pages.feedback.FeedbackPage", "preprocessors": []},
    }


def write_config(home: Home) -> str:
    """Write the home's `nbgrader_config.py`; a sentence when it was missing or edited, and where the edited one is."""
    path, text = home.path / NAME, config_text(home)
    found = path.read_bytes() if path.is_file() else None
    said = ""
    if found is None:
        said = f"{NAME} was missing from {home.path} and has been put back; {_WHY}"
    elif not _generated(found):
        kept = _keep(path, found)
        said = f"{NAME} in {home.path} had been edited; it is as generated again, and yours is kept as {kept}; {_WHY}"
    write_text(path, text)
    return said


def _generated(data: bytes) -> bool:
    """Whether the file is as some earlier settings, or another version of the course, generated it."""
    body, _, seal = data.rpartition(_SEAL.encode())
    return bool(body) and seal.strip() == hashlib.sha256(body).hexdigest().encode()


def _keep(path: Path, data: bytes) -> str:
    """Write ``data`` beside ``path`` under the next free name; that name."""
    for number in itertools.count(1):
        kept = path.with_name(f"{path.name}.edited-{number}")
        try:
            with kept.open("xb") as file:
                file.write(data)
        except FileExistsError:
            continue
        return kept.name
    raise AssertionError("there is always a next number")


def is_current(home: Home) -> bool:
    """Whether the home's `nbgrader_config.py` is as generated; without it nbgrader runs learners' code by itself."""
    path = home.path / NAME
    return path.is_file() and path.read_bytes() == config_text(home).encode()


def config_text(home: Home) -> str:
    """The text of `nbgrader_config.py`; paths in it follow the file when it is moved, its last line seals it."""
    lines = [f"c.{owner}.{name} = {value!r}" for owner, values in table(home).items() for name, value in values.items()]
    lines += [
        "c.CourseDirectory.root = here",
        f"c.Exchange.root = os.path.join(here, {home.settings.exchange!r})",
    ]
    body = _HEADER + "\n".join(lines) + "\n"
    return f"{body}{_SEAL}{hashlib.sha256(body.encode()).hexdigest()}\n"


def config(home: Home, **coursedir: str) -> Config:
    """The same settings for use in this process; ``coursedir`` adds to `CourseDirectory` (``assignment_id``, …).

    >>> config(home, assignment_id="02_full_batch_gd", student_id="ada")     # doctest: +SKIP
    """
    from traitlets.config import Config

    made = Config()
    for owner, values in table(home).items():
        for name, value in values.items():
            setattr(made[owner], name, value)
    made.CourseDirectory.root = str(home.path)
    made.Exchange.root = str(home.exchange)
    for name, value in coursedir.items():
        setattr(made.CourseDirectory, name, value)
    return made


def course_directory(home: Home, log: Any, **values: str) -> Any:
    """nbgrader's view of the home's folders; ``values`` are ``assignment_id`` and ``student_id``."""
    from nbgrader.coursedir import CourseDirectory

    return CourseDirectory(config=config(home, **values), log=log)


class NbgraderFailed(Exception):
    """One of nbgrader's steps broke off; its text is the most telling that was said."""


def run(
    home: Home, step: Any, failures: tuple[type[Exception], ...], slug: str, learner: str = "", **traits: Any
) -> Any:
    """Do one of nbgrader's steps, a class of its, quietly and return what did it; ``traits`` are its own settings.

    `NbgraderFailed` for the exceptions that are ``failures`` of this step; others pass.
    """
    whose = {"assignment_id": slug} | ({"student_id": learner} if learner else {})
    with quiet() as (log, heard):
        made = step(coursedir=course_directory(home, log, **whose), config=config(home), log=log)
        for name, value in traits.items():
            setattr(made, name, value)
        try:
            made.start()
        except failures as error:
            raise NbgraderFailed(heard.last or str(error)) from error
    return made


class Log(logging.Handler):
    """Keeps what nbgrader says of warnings and errors instead of printing it; ``last`` is the most telling line."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[tuple[int, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append((record.levelno, record.getMessage()))

    @property
    def last(self) -> str:
        """The last line of the first error, which is what was raised; empty when there was none."""
        errors = [text for level, text in self.lines if level >= logging.ERROR and "Traceback" in text]
        errors = errors or [text for level, text in self.lines if level >= logging.ERROR]
        lines = errors[0].strip().splitlines() if errors else [""]
        # sqlalchemy goes on below what was raised with the statement and an address
        database = [line for line in lines if line.startswith("sqlalchemy.exc.")]
        return (database or lines)[-1]


@contextmanager
def quiet() -> Iterator[tuple[logging.Logger, Log]]:
    """A logger to hand to nbgrader's classes, and what was said to it; warnings of what nbgrader uses are dropped."""
    log, handler = logging.Logger("course.nbgrader", logging.WARNING), Log()
    log.addHandler(handler)
    other = logging.getLogger("tornado.application")  # where nbgrader's gradebook writes what it raises too
    before, other.disabled = other.disabled, True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # SQLAlchemy's and nbconvert's, about nbgrader's code
            yield log, handler
    finally:
        other.disabled = before


@contextmanager
def alembic_on_path() -> Iterator[None]:
    """nbgrader calls the program `alembic` when it makes a gradebook; it lies beside the interpreter."""
    before = os.environ.get("PATH", "")
    os.environ["PATH"] = os.pathsep.join([os.path.dirname(os.path.abspath(sys.executable)), before])
    try:
        yield
    finally:
        os.environ["PATH"] = before
