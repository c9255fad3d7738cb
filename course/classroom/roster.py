"""The roster: who is in the course, as a CSV file that a spreadsheet can write."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass
from pathlib import Path

COLUMNS = ("id", "first_name", "last_name", "email")
LMS = "lms"
"""The one column more that a roster may have; see `Learner`."""
_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}")


class RosterError(ValueError):
    """The roster cannot be read; the sentence says which line and what to change."""


@dataclass(frozen=True)
class Learner:
    """One row of the roster; only the id must be given.

    ``lms`` is what Canvas or Moodle call the learner, where that is not the name here: a user id of Canvas, or the
    name as the LMS writes it; several stand side by side with a "|" between them.
    """

    id: str
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    lms: str = ""

    @property
    def name(self) -> str:
        """The full name, or the id where there is none."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.id


def read_roster(path: Path) -> list[Learner]:
    """The learners in a CSV file with the columns id, first_name, last_name, email, lms; all but id may be missing.

    Commas or semicolons separate, a byte-order mark is welcome, other columns are left alone. `RosterError` for a
    missing file or column, a row that is longer than the first, an id that is empty, twice there, or unfit for a
    file name.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise RosterError(f"the roster {path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        raise RosterError(f"the roster {path.name} is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
    learners: dict[str, Learner] = {}
    try:
        for number, row in _rows(text, path.name):
            learner = Learner(*((row.get(column) or "").strip() for column in (*COLUMNS, LMS)))
            if learner == Learner(""):
                continue
            _check(learner, learners, f"line {number} of {path.name}")
            learners[learner.id] = learner
    except csv.Error as error:
        raise RosterError(f"the roster {path.name} is not a CSV file ({error}); save it as one") from None
    return list(learners.values())


def _rows(text: str, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows by column, each with the number of its line."""
    header = text.split("\n", 1)[0]
    mark = ";" if ";" in header and "," not in header else ","
    rows = csv.DictReader(io.StringIO(text), delimiter=mark, restkey="")
    columns = rows.fieldnames or ()
    if "id" not in columns:
        raise RosterError(f"the roster {name} has no column 'id'; its first line should read {','.join(COLUMNS)}")
    for row in rows:
        extra = row.pop("", None)
        if isinstance(extra, list) and any(text.strip() for text in extra):
            raise RosterError(
                f"line {rows.line_num} of {name} has {len(columns) + len(extra)} fields, its first line only "
                f'{len(columns)}; put a text that holds a "{mark}" into quotes'
            )
        yield rows.line_num, row


def write_roster(path: Path, learners: Iterable[Learner]) -> None:
    """Write ``learners`` to ``path``; `RosterError` before anything is written.

    The column lms is there only where somebody has an entry in it: most classes need none.
    """
    seen: dict[str, Learner] = {}
    for number, learner in enumerate(learners, start=1):
        _check(learner, seen, f"learner {number}")
        seen[learner.id] = learner
    columns = (*COLUMNS, LMS) if any(learner.lms for learner in seen.values()) else COLUMNS
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(astuple(learner)[: len(columns)] for learner in seen.values())


def _check(learner: Learner, seen: dict[str, Learner], where: str) -> None:
    if not _ID.fullmatch(learner.id):
        raise RosterError(
            f"{where}: the id {learner.id!r} should be letters, digits, '.', '_', '@' and '-', at most 64 of them, "
            "because folders are named after it"
        )
    if learner.id in seen:
        raise RosterError(f"{where}: the id {learner.id!r} is there twice")
