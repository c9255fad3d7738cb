"""Grades as files for other systems: a plain table, Canvas's gradebook and Moodle's, and nbgrader's own `export`."""

from __future__ import annotations

import csv
import io
import re
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.plugins import ExportPlugin

from ...wording import count
from .. import gradebook, schedule
from ..doors import handed
from ..doors.stamps import time_of
from ..gradebook import Scores
from ..home import Home, HomeError, write_private
from ..roster import Learner
from ..show import number, one_line

FORMS = ("csv", "canvas", "moodle")
GRADED, UNDECIDED, REFUSED, NOTHING = "graded", "not graded", "refused", "nothing handed in"
READ = "a person reads it"
"""What is known of a learner and an assignment; in the second, third and last, something waits for a person."""

COLUMNS = (
    *("id", "first_name", "last_name", "email", "assignment"),
    *("score", "maximum", "late_penalty", "status", "submitted"),
)
# Where the separator is a semicolon, a spreadsheet begins a new cell after each, within a comma's cell too.
_FORMULA = re.compile("(?:^|[;\t\r\n])\\s*(?=[-=+@\uff1d\uff0b\uff0d\uff20])")


@dataclass(frozen=True)
class Grade:
    """What one learner has in one assignment; ``score`` is after the ``penalty``, and None where there is none.

    ``again`` says that a score was given by hand before the newest verdict, and a person should look once more.
    """

    learner: Learner
    slug: str
    status: str
    score: float | None
    maximum: float
    penalty: float | None = None
    submitted: str = ""
    again: bool = False


def gather(home: Home, slugs: Iterable[str], *, zero: bool = False, now: datetime | None = None) -> list[Grade]:
    """What every learner on the roster has in each of ``slugs``, in their order, from nbgrader's gradebook.

    With ``zero`` a learner who handed in nothing has 0, once their own deadline is over. What is not graded, or was
    refused when it was collected, never has a number.
    """
    return [grade for slug in slugs for grade in _assignment(home, slug, zero, now or schedule.now())]


def _assignment(home: Home, slug: str, zero: bool, now: datetime) -> Iterator[Grade]:
    held, maximum = gradebook.class_scores(home, slug), _maximum(home, slug)
    due, extended = gradebook.due_dates(home, slug)
    refused = {item.get("learner") for item in handed.refused(home, slug)}
    for learner in home.roster.values():
        scores, there = held.get(learner.id), home.notebook("submitted", slug, learner.id).parent.is_dir()
        if scores is None and not there:
            status = REFUSED if learner.id in refused else NOTHING
            until = extended.get(learner.id, due)
            over = until is None or until < now
            yield Grade(learner, slug, status, 0.0 if zero and over and status == NOTHING else None, maximum)
            continue
        finished = _finished(home, slug, learner.id)
        done = scores is not None and scores.score is not None and finished
        waits = READ if finished and scores is not None and _only_texts(scores) else UNDECIDED
        yield Grade(
            learner=learner,
            slug=slug,
            status=GRADED if done else waits,
            # As nbgrader's own export: a penalty by hand, or negative extra credit, takes nobody below nothing.
            score=max(0.0, scores.score or 0.0) if scores is not None and done else None,
            maximum=maximum,
            penalty=scores.penalty if scores is not None and done else None,
            submitted=_submitted(home, slug, learner.id),
            again=scores is not None
            and any(row.needs_manual and row.score is not None for row in scores.rows.values()),
        )


def _only_texts(scores: Scores) -> bool:
    """Whether all that has no score are texts, which a person reads."""
    return all(row.cell.startswith("written-") for row in scores.rows.values() if row.score is None)


def _maximum(home: Home, slug: str) -> float:
    with gradebook.gradebook(home) as opened:
        try:
            return float(opened.find_assignment(slug).max_score)
        except MissingEntry:
            raise HomeError(f"the gradebook knows nothing of {slug}; release it first: course release {slug}") from None


def _finished(home: Home, slug: str, learner: str) -> bool:
    """Whether the gradebook's scores are of the submission that lies here, and were written to the end.

    Grading gives its result the submission's time when all is written. An older time, or none, is of an older
    submission or of a run that was killed, whose scores nbgrader holds for 0.
    """
    if not home.notebook("submitted", slug, learner).parent.is_dir():
        return True  # graded, and moved away since
    graded = home.notebook("autograded", slug, learner).is_file()
    return graded and home.stamp("submitted", slug, learner) == home.stamp("autograded", slug, learner)


def _submitted(home: Home, slug: str, learner: str) -> str:
    time = time_of(home.stamp("submitted", slug, learner))
    return f"{time:%Y-%m-%dT%H:%M:%SZ}" if time else ""


def harmless(text: str) -> str:
    """``text`` with an apostrophe before what a spreadsheet would take for a formula's beginning.

    >>> harmless("=1+1"), harmless("Zoë"), harmless("a;=1")
    ("'=1+1", 'Zoë', "a;'=1")
    """
    return _FORMULA.sub(lambda match: f"{match[0]}'", text)


def table(form: str, grades: Iterable[Grade]) -> bytes:
    """The file's bytes in one of `FORMS`."""
    grades = list(grades)
    rows = {"csv": _plain, "canvas": _canvas, "moodle": _moodle}[form](grades)
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    # Excel takes a CSV file for UTF-8 only after a byte-order mark; an LMS looks at the very first cell.
    return text.getvalue().encode("utf-8-sig" if form == "csv" else "utf-8")


def _plain(grades: list[Grade]) -> Iterator[Iterable[str]]:
    """One row a learner and assignment. People open it in spreadsheets, so every text is made harmless."""
    yield COLUMNS
    for one in grades:
        own = (one.learner.id, one.learner.first_name, one.learner.last_name, one.learner.email)
        points = (number(one.score, ""), number(one.maximum, ""), number(one.penalty, ""))
        yield (*map(harmless, own), one.slug, *points, one.status, one.submitted)


def _by_learner(grades: Iterable[Grade]) -> dict[str, dict[str, Grade]]:
    found: dict[str, dict[str, Grade]] = {}
    for one in grades:
        found.setdefault(one.learner.id, {})[one.slug] = one
    return found


def _canvas(grades: list[Grade]) -> Iterator[Iterable[str]]:
    """What Canvas's gradebook imports: its five first columns, assignments, a row of points, a row a learner.

    Its importer (`lib/gradebook_importer.rb` of instructure/canvas-lms) finds a student by the number under ID, else
    by SIS User ID, SIS Login ID, and at last by name; so ids stand there exactly as they are, which begin with
    a letter or digit anyway. It takes a row for that of the points by its first cell, which no name may imitate.
    An empty cell is no score.
    """
    slugs = list(dict.fromkeys(one.slug for one in grades))
    maxima = {one.slug: one.maximum for one in grades}
    yield ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", *slugs)
    yield ("    Points Possible", "", "", "", "", *(number(maxima[slug]) for slug in slugs))
    for own in _by_learner(grades).values():
        learner = next(iter(own.values())).learner
        number_there = getattr(learner, "lms", "")
        number_there = number_there if number_there.isascii() and number_there.isdigit() else ""
        names = one_line(", ".join(filter(None, (learner.last_name, learner.first_name))) or learner.id)
        name = learner.id if "points possible" in names.lower() else harmless(names.strip())
        yield (name, number_there, "", learner.id, "", *(number(own[slug].score, "") for slug in slugs))


def _moodle(grades: list[Grade]) -> Iterator[Iterable[str]]:
    """What Moodle's gradebook imports, mapped by ID number or email address; columns called as its export does.

    Its importer (`grade/import/csv/classes/load_data.php` of moodle/moodle) takes "-" for no grade. It does so for an
    empty cell too where the grade item exists, but of a new item an empty cell becomes 0. Names are for people; by ids
    and addresses it finds its users, so those stand as they are.
    """
    slugs = list(dict.fromkeys(one.slug for one in grades))
    yield ("First name", "Last name", "ID number", "Email address", *slugs)
    for own in _by_learner(grades).values():
        learner = next(iter(own.values())).learner
        names = (harmless(one_line(text).strip()) for text in (learner.first_name, learner.last_name))
        yield (*names, learner.id, learner.email, *(number(own[slug].score, "-") for slug in slugs))


def remarks(home: Home, form: str, grades: Iterable[Grade]) -> tuple[list[str], list[str]]:
    """Sentences on what waits for a person, and on what one should merely know."""
    grades, waiting, known = list(grades), [], []
    empty = '"-"' if form == "moodle" else "an empty cell"
    for slug in dict.fromkeys(one.slug for one in grades):
        own = [one for one in grades if one.slug == slug]
        for status, how in (
            (UNDECIDED, f"run course grade {slug}, or grade by hand in formgrader"),
            (READ, "read and grade what they wrote in formgrader"),
            (REFUSED, f"look at what course collect {slug} says of them"),
        ):
            if names := [_called(one.learner) for one in own if one.status == status]:
                waiting.append(f"{slug}: {status}, so {empty} and never 0: {', '.join(names)}; {how}")
        if names := [_called(one.learner) for one in own if one.again]:
            waiting.append(f"{slug}: scored by hand before the newest verdict, look again: {', '.join(names)}")
        if others := sorted(_graded(home, slug) - set(home.roster)):
            known.append(f"{slug}: graded, but not on the roster, so not in the file: {', '.join(others)}")
    if form == "moodle":
        learners = {one.learner.id: one.learner for one in grades}.values()
        if odd := [learner.id for learner in learners if harmless(learner.email) != learner.email]:
            known.append(f"a spreadsheet may take the email address of {', '.join(odd)} for a formula; do not open it")
    return waiting, known


def _graded(home: Home, slug: str) -> set[str]:
    """Whoever has a submission in the gradebook."""
    with gradebook.gradebook(home) as opened:
        return {item.student.id for item in opened.find_assignment(slug).submissions}


def _called(learner: Learner) -> str:
    return learner.id if learner.name == learner.id else f"{learner.id} ({one_line(learner.name)})"


def export(home: Home, form: str, grades: Iterable[Grade], out: Path | None = None) -> Path:
    """Write ``grades`` to ``out``, else into the home's folder ``exported``; mode 0600, whole or not at all.

    `HomeError` for a place where learners could read it or put another in its stead, or that the home needs itself.
    """
    if out is None:
        out = home.path / "exported" / f"grades_{form}.csv"
        out.parent.mkdir(mode=0o700, exist_ok=True)
    path = home.place(out, "--out")
    _refuse_place(home, path)
    write_private(path, table(form, grades))
    return path


def _refuse_place(home: Home, path: Path) -> None:
    """`HomeError` when it is a place that the home needs itself, or where others could put a file in its stead."""
    folder, real, root = path.parent, path.resolve(), home.path.resolve()
    free = real.parent == root / "exported" or (real.parent == root and real.suffix == ".csv")
    if (real.is_relative_to(root) and not free) or real == home.roster_file.resolve():
        raise HomeError(f"{path} is a place that the course home uses itself; leave out --out, or name another place")
    mode = stat.S_IMODE(folder.stat().st_mode)
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        raise HomeError(f"anybody can replace files in {folder} (mode {mode:o}); name another place with --out")


class CourseExporter(ExportPlugin):
    """The plain table as nbgrader's `nbgrader export` writes it: --to, --assignment and --student are its own."""

    def export(self, gradebook: Any) -> None:
        """Write the file; ends with 1 when something waits for a person, with what on stderr."""
        home = Home.open(Path(self.parent.coursedir.root))
        if self.parent.coursedir.db_url != f"sqlite:///{home.path / 'gradebook.db'}":
            raise HomeError(
                f"--db names {self.parent.coursedir.db_url}; this exports the gradebook of {home.path} alone"
            )
        slugs = [home.slug(str(name)) for name in self.assignment] or home.assignments
        wanted = {str(name): None for name in self.student} or dict.fromkeys(home.roster)
        if unknown := [name for name in wanted if name not in home.roster]:
            raise HomeError(f"{unknown[0]!r} is not on the roster; add them there, or leave them out")
        grades = [one for one in gather(home, slugs) if one.learner.id in wanted]
        path = export(home, "csv", grades, Path(self.to or "grades.csv"))
        self.log.info("%s written to %s", count(len(grades), "row"), path)
        waiting, known = remarks(home, "csv", grades)
        for text in (*known, *waiting):
            self.log.warning("%s", text)
        if waiting:
            self.parent.exit(1)
