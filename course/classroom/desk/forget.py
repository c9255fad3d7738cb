"""Removing all that a course home and its exchange hold of one learner."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import tomlkit

from .. import gradebook
from ..doors.exchange import page_of
from ..doors.inbound import SECRET, secret_of
from ..home import Home, HomeError, write_private
from ..nbconfig import quiet
from ..roster import Learner
from .export import FORMS, table

STEPS = ("submitted", "autograded", "feedback")
MADE = ("exported", "figures")
"""Folders of what other verbs make from the grades, and can make again."""
_OURS = {*STEPS, *MADE, "kept", "handed", "source", "release", "bundles", "revealed", "assignments"}
_WAIT = 30.0
"""Seconds to wait for a database that another program is writing."""
_ID = re.compile(r"\w[\w.@-]{0,63}", re.ASCII)


@dataclass(frozen=True)
class Step:
    """One kind of thing that a learner has here: what, how many, and what removes them; safe to repeat."""

    what: str
    count: int
    remove: Callable[[], object]


@dataclass(frozen=True)
class Left:
    """What is not removed: here, where a person can see to it, and elsewhere, where no command of ours can."""

    here: tuple[str, ...]
    elsewhere: tuple[str, ...]


def plan(home: Home, learner: str) -> list[Step]:
    """What there is of ``learner``, in the order in which it is removed.

    The roster's row goes last: a run that was killed is finished by the next one, which still knows the learner.
    `HomeError` for an id that is on no roster and has left no trace.
    """
    if not _ID.fullmatch(learner):
        raise HomeError(f"{learner!r} is no learner's id; write it as it stands in {home.roster_file.name}")
    steps = [
        _files("feedback pages in the exchange", _returned(home, learner)),
        _files("submissions in the exchange", _inbound(home, learner)),
        _files("folders of submissions, grades and feedback", _folders(home, learner)),
        _files("notes on verdicts and on what was handed in", _notes(home, learner)),
        Step(
            "refused submissions on the list for review",
            _refused(home, learner),
            partial(_refused, home, learner, True),
        ),
        Step("rows in the journal of verdicts", _rows(home, learner), partial(_rows, home, learner, True)),
        Step("entries in the gradebook", _entries(home, learner), partial(_entries, home, learner, True)),
        _files("exports, reports and figures, made again by their commands", _made(home, learner)),
        Step("extensions in course.toml", _extension(home, learner), partial(_extension, home, learner, True)),
        Step("rows of the roster", int(learner in home.roster), partial(_unenrol, home, learner)),
    ]
    if not any(step.count for step in steps):
        raise HomeError(f"{learner!r} is not on the roster, and nothing of theirs is here; look at the spelling")
    return steps


def forget(home: Home, learner: str) -> Left:
    """Remove what `plan` lists; what is left. Safe to be killed anywhere and run again."""
    about = home.roster.get(learner, Learner(learner))
    refused = []
    for step in plan(home, learner):
        try:
            step.remove()
        except OSError as error:  # of another account: it keeps nothing else here
            refused.append(
                f"{step.what}: {error.filename} cannot be removed ({error.strerror}); remove it as its owner"
            )
    places = [*map(str, _mentions(home, about)), *_said_in_journal(home, about)]
    mentions = [f"{place} still mentions them; look into it yourself" for place in places]
    elsewhere = [
        "backups of this course home",
        "the learner's own copies"
        + (f" ({home.settings.hub.replace('{learner}', learner)})" if home.settings.hub else ""),
        "the LMS, and zips of submissions that you downloaded from it",
        "exports and reports that you moved elsewhere",
    ]
    return Left((*refused, *mentions), tuple(elsewhere))


def _files(what: str, paths: list[Path]) -> Step:
    return Step(what, len(paths), partial(_remove_all, paths))


def _remove_all(paths: list[Path]) -> None:
    """Remove files and folders, never through a link, and go on after one that cannot be; the first error is raised."""
    errors = []
    for path in paths:
        try:
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        except FileNotFoundError:
            pass
        except OSError as error:
            errors.append(error)
    if errors:
        raise errors[0]


def _course(home: Home) -> Path:
    return home.exchange / home.settings.course_id


def _inbound(home: Home, learner: str) -> list[Path]:
    """Everything that was handed in under the learner's name, whoever put it there."""
    folder = _course(home) / "inbound"
    names = sorted(os.listdir(folder)) if folder.is_dir() else []
    return [folder / name for name in names if name.split("+")[0] == learner]


def _returned(home: Home, learner: str) -> list[Path]:
    """Feedback pages in the exchange: their names are made of each submission's secret."""
    found = {}
    for place in (*_inbound(home, learner), *(path for top in _folders(home, learner) for path in top.glob("*"))):
        secret = _secret(place / SECRET)
        if not secret:
            continue
        for slug in (*home.assignments, place.name):
            page = page_of(home, slug, secret)
            found[page] = page.is_file()
    return [page for page, there in found.items() if there]


def _secret(path: Path) -> str | None:
    """A submission's secret; a learner could have put a link or anything else there."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        try:
            return secret_of(file.read(1000))
        except OSError:
            return None


def _folders(home: Home, learner: str) -> list[Path]:
    return [path for step in STEPS if (path := home.path / step / learner).is_dir()]


def _notes(home: Home, learner: str) -> list[Path]:
    return sorted(path for name in ("kept", "handed") for path in home.path.glob(f"{name}/*/{learner}.json"))


def _refused(home: Home, learner: str, remove: bool = False) -> int:
    """How many refusals in the learner's name stand on the lists that collecting left; takes them out if asked."""
    found = 0
    for path in sorted(home.path.glob("handed/*.refused.json")):
        items = json.loads(path.read_text(encoding="utf-8"))
        others = [item for item in items if item.get("learner") != learner]
        found += len(items) - len(others)
        if remove and others != items:
            write_private(path, (json.dumps(others, indent=1, ensure_ascii=False) + "\n").encode())
    return found


def _rows(home: Home, learner: str, remove: bool = False) -> int:
    """How many rows of the journal are the learner's, in any of its tables; takes them out if asked.

    Deleted rows stay readable in the file, and in the one beside it, until it is written anew and both are joined.
    """
    path = home.path / "journal.db"
    if not path.is_file():
        return 0
    with closing(sqlite3.connect(path, timeout=_WAIT, isolation_level=None)) as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        own = [table for table in tables if "learner" in _columns(database, table)]
        count = 'SELECT COUNT(*) FROM "{}" WHERE learner = ?'
        found = sum(int(database.execute(count.format(table), (learner,)).fetchone()[0]) for table in own)
        if remove:
            database.execute("BEGIN IMMEDIATE")
            for table in own:
                database.execute(f'DELETE FROM "{table}" WHERE learner = ?', (learner,))
            database.execute("COMMIT")
            database.execute("VACUUM")
            if database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                raise HomeError("the journal is in use by another program; close that, or wait, and run this again")
    return found


def _columns(database: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in database.execute(f'PRAGMA table_info("{table}")')}


def _entries(home: Home, learner: str, remove: bool = False) -> int:
    """How many entries the gradebook has, the student and each submission; nbgrader takes them out if asked."""
    from nbgrader.api import MissingEntry

    path = home.path / "gradebook.db"
    if not path.is_file():
        return 0
    with quiet(), gradebook.gradebook(home) as opened:
        try:
            found = 1 + len(opened.find_student(learner).submissions)
            if remove:
                opened.remove_student(learner)
        except MissingEntry:
            found = 0
    if remove:
        with closing(sqlite3.connect(path, timeout=_WAIT, isolation_level=None)) as database:
            database.execute("VACUUM")
    return found


def _made(home: Home, learner: str) -> list[Path]:
    """What our verbs made from the grades, if it mentions the learner; of tables only those that are ours."""
    about, heads = home.roster.get(learner, Learner(learner)), [table(form, []).splitlines()[0] for form in FORMS]
    tables = [path for path in home.path.glob("*.csv") if path.read_bytes().startswith(tuple(heads))]
    found = [home.path / "report.html", *tables, *(path for name in MADE for path in home.path.glob(f"{name}/*"))]
    return sorted(path for path in found if path.is_file() and _says(about, path.name.encode(), path.read_bytes()))


def _extension(home: Home, learner: str, remove: bool = False) -> int:
    """How many tables of extensions in `course.toml` are the learner's; takes them out if asked."""
    path = home.path / "course.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    tables = document.get("extensions", {})
    found = int(learner in tables)
    if remove and found:
        del tables[learner]
        if not tables:
            del document["extensions"]
        write_private(path, tomlkit.dumps(document).encode(), _mode(path))
    return found


def _unenrol(home: Home, learner: str) -> None:
    path = home.roster_file
    write_private(path, without_row(path.read_bytes().decode("utf-8"), learner).encode(), _mode(path))


def without_row(text: str, learner: str) -> str:
    """A roster's text without the row of ``learner``; everything else, other columns too, stays as it is written.

    >>> without_row("id;note\\nada;x\\nbob;y\\n", "ada")
    'id;note\\nbob;y\\n'
    """
    lines = list(io.StringIO(text, newline=""))
    mark = ";" if ";" in lines[0] and "," not in lines[0] else ","
    rows = csv.reader(lines, delimiter=mark)
    column, before, kept = next(rows)[:], rows.line_num, lines[: rows.line_num]
    place = [name.lstrip("\ufeff") for name in column].index("id")
    for row in rows:
        if len(row) <= place or row[place].strip() != learner:
            kept += lines[before : rows.line_num]
        before = rows.line_num
    return "".join(kept)


def _mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def _mentions(home: Home, about: Learner) -> Iterator[Path]:
    """Files of the home that still say who it was; what others handed in is theirs, and databases were cleaned."""
    tops = list(home.path.iterdir())
    others = [path for path in tops if path.is_dir() and path.name not in _OURS and path != home.exchange]
    files = [path for path in tops if path.suffix != ".db" and path.name != "secret"]
    files += [*home.path.glob("handed/*.json"), *(path for folder in others for path in folder.rglob("*"))]
    for path in sorted(files):
        if path.is_file() and not path.is_symlink() and _says(about, path.name.encode(), path.read_bytes()):
            yield path


def _said_in_journal(home: Home, about: Learner) -> Iterator[str]:
    """Notes of regrades that concern everybody, where a person may have written of the learner."""
    path = home.path / "journal.db"
    if not path.is_file():
        return
    with closing(sqlite3.connect(path)) as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            rows = database.execute(f'SELECT * FROM "{name}"') if name != "verdict" else ()
            if any(_says(about, *(str(value).encode() for value in row)) for row in rows):
                yield f"the table {name} of {path}"


def _says(about: Learner, *texts: bytes) -> bool:
    """Whether any of ``texts`` has the learner's id as a word, their full name or their email address."""
    names = [about.name, f"{about.last_name}, {about.first_name}", about.email]
    spelt = {form for name in names if name.strip(", ") for form in (name, html.escape(name), json.dumps(name)[1:-1])}
    word = rb"(?<![\w.@-])" + re.escape(about.id.encode()) + rb"(?![\w@-])"
    pattern = re.compile(b"|".join([word, *(re.escape(form.encode()) for form in spelt - {about.id})]))
    return any(pattern.search(text) for text in texts)
