"""nbgrader's gradebook, opened, filled with the roster, and read back; only nbgrader's converters write scores."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..bundle.cells import task_of
from .home import Home, write_text
from .nbconfig import alembic_on_path
from .schedule import named

if TYPE_CHECKING:
    from nbgrader.api import Gradebook

_GIVEN = "dates.json"


@dataclass(frozen=True)
class Row:
    """What the gradebook holds for one check cell, or text, of a submission; a score of None is "not graded"."""

    cell: str
    maximum: float
    auto: float | None
    manual: float | None
    extra: float | None
    needs_manual: bool

    @property
    def score(self) -> float | None:
        """The score that counts: a manual one wins over an automatic one."""
        base = self.auto if self.manual is None else self.manual
        return None if base is None else base + (self.extra or 0.0)


@dataclass(frozen=True)
class Scores:
    """A submission's rows by check cell, its penalty for lateness, and what a person wrote to its cells."""

    rows: dict[str, Row]
    penalty: float
    comments: dict[str, str]
    late: float = 0.0

    def row(self, task: str) -> Row | None:
        """The row that holds the points of ``task``."""
        return next((row for row in self.rows.values() if task_of(row.cell) == task), None)

    @property
    def score(self) -> float | None:
        """Points after the penalty; None while any row is undecided."""
        scores = [row.score for row in self.rows.values()]
        known = [score for score in scores if score is not None]
        return None if len(known) < len(scores) else round(sum(known) - self.penalty, 6)

    @property
    def maximum(self) -> float:
        """What the assignment is worth."""
        return round(sum(row.maximum for row in self.rows.values()), 6)


@contextmanager
def gradebook(home: Home) -> Iterator[Gradebook]:
    """The home's gradebook, made where there is none, and closed at the end."""
    with open_url(f"sqlite:///{home.path / 'gradebook.db'}", home.settings.course_id) as opened:
        yield opened


@contextmanager
def open_url(url: str, course_id: str = "default_course") -> Iterator[Gradebook]:
    """The gradebook at a database ``url``, closed at the end."""
    from nbgrader.api import Gradebook

    with alembic_on_path():
        opened = Gradebook(url, course_id)
    try:
        yield opened
    finally:
        opened.close()


@contextmanager
def held_open() -> Iterator[None]:
    """While this lasts, all openings of a gradebook in this process share a connection and the statements that
    SQLAlchemy has compiled: nbgrader opens it nine times a submission, each time with everything to be made anew.

    Each opening still has a session of its own, and sees what others have written since.
    """
    from nbgrader.api import Gradebook
    from sqlalchemy.orm import scoped_session, sessionmaker

    engines: dict[str, Any] = {}
    courses: set[tuple[str, str]] = set()
    made, closed = Gradebook.__init__, Gradebook.close

    def make(self: Any, db_url: str, course_id: str = "default_course", authenticator: Any = None) -> None:
        if db_url not in engines:
            made(self, db_url, course_id, authenticator)
            engines[db_url] = self.engine
        else:
            self.engine, self.course_id, self.authenticator = engines[db_url], course_id, authenticator
            self.db = scoped_session(sessionmaker(autoflush=True, bind=self.engine, future=True))
            if (db_url, course_id) not in courses:
                self.check_course(course_id=course_id)
        courses.add((db_url, course_id))

    def close(self: Any) -> None:
        self.db.remove()

    Gradebook.__init__, Gradebook.close = make, close
    try:
        yield
    finally:
        Gradebook.__init__, Gradebook.close = made, closed
        for engine in engines.values():
            engine.dispose()


def enrol(home: Home) -> int:
    """Bring the roster's names into the gradebook; how many students were new or changed. Nobody is removed."""
    changed = 0
    with gradebook(home) as opened:
        known = {student.id: student for student in opened.students}
        for learner in home.roster.values():
            wanted = {
                "first_name": learner.first_name or None,
                "last_name": learner.last_name or None,
                "email": learner.email or None,
            }
            student = known.get(learner.id)
            if student is None or any(getattr(student, name) != value for name, value in wanted.items()):
                opened.update_or_create_student(learner.id, **wanted)
                changed += 1
    return changed


def cells(home: Home, slug: str) -> dict[str, float]:
    """Points of each cell with points that the gradebook knows of ``slug``; empty when it was never released."""
    from nbgrader.api import MissingEntry

    with gradebook(home) as opened:
        try:
            notebook = opened.find_notebook(slug, slug)
        except MissingEntry:
            return {}
        return {cell.name: float(cell.max_score) for cell in notebook.grade_cells}


def all_cells(home: Home, slug: str) -> tuple[dict[str, float], int]:
    """Points (0 for ungraded) of every marked cell of ``slug`` in the gradebook, and how many submissions it has."""
    from nbgrader.api import MissingEntry

    with gradebook(home) as opened:
        try:
            notebook = opened.find_notebook(slug, slug)
        except MissingEntry:
            return {}, 0
        points = {cell.name: 0.0 for cell in notebook.source_cells}
        points.update({cell.name: float(cell.max_score) for cell in notebook.grade_cells})
        return points, len(notebook.submissions)


def due_dates(home: Home, slug: str) -> tuple[datetime | None, dict[str, datetime]]:
    """The due date of ``slug`` (UTC, naive), and of each learner who has an extension.

    Where `course.toml` gives the due date, its extensions count and no others; else what the gradebook holds, which
    formgrader can edit, and the file's extensions. A date that the file itself gave before, and that stands there empty
    now, is none.
    """
    entry = home.settings.entry(slug)
    due, extended = (entry.due, {}) if entry is not None and entry.due is not None else _held_dates(home, slug)
    if entry is not None and entry.emptied and due is not None and _given(home).get(slug) == due.isoformat():
        due = None
    for learner, dates in home.settings.extensions.items():
        if (at := named(dates, slug, None)) is not None:
            extended[learner] = at
    return due, extended if due is not None else {}


def _held_dates(home: Home, slug: str) -> tuple[datetime | None, dict[str, datetime]]:
    from nbgrader.api import MissingEntry

    with gradebook(home) as opened:
        try:
            assignment = opened.find_assignment(slug)
        except MissingEntry:
            return None, {}
        due = assignment.duedate
        given = [item for item in assignment.submissions if item.extension is not None and due is not None]
        return due, {item.student.id: due + item.extension for item in given}


def _given(home: Home) -> dict[str, str]:
    """The due dates, by assignment, that `course.toml` gave the gradebook; formgrader's are not among them."""
    try:
        return dict(json.loads((home.path / _GIVEN).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _give(home: Home, slug: str, due: datetime | None) -> None:
    dates = {name: at for name, at in _given(home).items() if name != slug}
    dates |= {slug: due.isoformat()} if due is not None else {}
    write_text(home.path / _GIVEN, json.dumps(dates, indent=1, sort_keys=True) + "\n")


def _take_back(home: Home, slug: str) -> None:
    """Empty the due date of ``slug`` in the gradebook if it is still the one that `course.toml` gave."""
    due, _ = _held_dates(home, slug)
    if due is not None and due.isoformat() == _given(home).get(slug):
        with gradebook(home) as opened:
            assignment = opened.find_assignment(slug)
            for item in assignment.submissions:
                item.extension = None  # nbgrader would add it to no date
            assignment.duedate = None
            opened.db.commit()
    _give(home, slug, None)


def apply_dates(home: Home, slug: str, learner: str = "") -> None:
    """Write the due date of `course.toml` into the gradebook, and a learner's extension if they have a submission.

    A date that it gave before, and that stands there empty now, is taken out again.
    """
    from nbgrader.api import MissingEntry

    entry = home.settings.entry(slug)
    if entry is not None and entry.emptied and slug in _given(home):
        _take_back(home, slug)
    if entry is None or entry.due is None:
        return
    with gradebook(home) as opened:
        try:
            assignment = opened.find_assignment(slug)
            item = opened.find_submission(slug, learner) if learner else None
        except MissingEntry:
            return
        later = named(home.settings.extensions.get(learner, {}), slug, None)
        extension = None if later is None else later - entry.due
        _give(home, slug, entry.due)  # before the gradebook has it: what is not its date is never taken back
        if assignment.duedate != entry.due or (item is not None and item.extension != extension):
            assignment.duedate = entry.due
            if item is not None:
                item.extension = extension
            opened.db.commit()


def scores(home: Home, slug: str, learner: str) -> Scores | None:
    """What the gradebook says of a submission, or None when it has none."""
    with gradebook(home) as opened:
        return _scores(opened, slug, learner)


def class_scores(home: Home, slug: str) -> dict[str, Scores]:
    """What the gradebook says of every submission of ``slug``, by learner."""
    from nbgrader.api import MissingEntry

    with gradebook(home) as opened:
        try:
            learners = [item.student.id for item in opened.find_assignment(slug).submissions]
        except MissingEntry:
            return {}
        found = {learner: _scores(opened, slug, learner) for learner in sorted(learners)}
        return {learner: item for learner, item in found.items() if item is not None}


def scores_at(url: str, slug: str, learner: str) -> Scores | None:
    """As `scores`, for a database ``url``."""
    with open_url(url) as opened:
        return _scores(opened, slug, learner)


def _scores(opened: Any, slug: str, learner: str) -> Scores | None:
    from nbgrader.api import MissingEntry

    try:
        notebook = opened.find_submission_notebook(slug, slug, learner)
    except MissingEntry:
        return None
    rows = {
        grade.name: Row(
            cell=grade.name,
            maximum=float(grade.max_score),
            auto=grade.auto_score,
            manual=grade.manual_score,
            extra=grade.extra_credit,
            needs_manual=bool(grade.needs_manual_grade),
        )
        for grade in notebook.grades
    }
    comments = {item.name: item.manual_comment for item in notebook.comments if item.manual_comment}
    penalty = float(notebook.late_submission_penalty or 0.0)
    return Scores(rows, penalty, comments, float(notebook.assignment.total_seconds_late))
