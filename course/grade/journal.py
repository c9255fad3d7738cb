"""Every verdict ever made, and every regrade, in sqlite: killed at any moment, nothing is lost, doubled or changed."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .verdict import Verdict

_SCHEMA = """
CREATE TABLE IF NOT EXISTS verdict (
    key TEXT NOT NULL,            -- everything that can change a verdict, hashed
    attempt INTEGER NOT NULL,     -- 1, and one more for each time an instructor asked for it to be made again
    assignment TEXT NOT NULL,
    learner TEXT NOT NULL,
    bundle TEXT NOT NULL,
    made TEXT NOT NULL,           -- UTC, ISO 8601
    verdict TEXT NOT NULL,        -- JSON
    PRIMARY KEY (key, attempt)
) STRICT;
CREATE INDEX IF NOT EXISTS verdict_of ON verdict (assignment, learner, made);
CREATE TABLE IF NOT EXISTS regrade (
    assignment TEXT NOT NULL,
    learner TEXT NOT NULL,        -- '' for everybody
    made TEXT NOT NULL,           -- UTC, ISO 8601
    who TEXT NOT NULL,
    reason TEXT NOT NULL,
    bundle TEXT NOT NULL,         -- what is graded by from then on; '' where that stays as it was
    instead TEXT NOT NULL,        -- JSON: the bundles in whose place it stands
    submission TEXT NOT NULL,     -- SHA-256 of the file whose result changed; '' for everybody
    changes TEXT NOT NULL         -- JSON: what changed, for people
) STRICT;
CREATE INDEX IF NOT EXISTS regrade_of ON regrade (assignment, learner);
"""
_INSERT = """
INSERT OR IGNORE INTO verdict (key, attempt, assignment, learner, bundle, made, verdict)
VALUES (?1, {number}, ?2, ?3, ?4, ?5, ?6)
"""
_AGAIN = "1 + (SELECT COALESCE(MAX(attempt), 0) FROM verdict WHERE key = ?1)"


@dataclass(frozen=True)
class Regrade:
    """Why submissions were judged again, and what counts from then on; ``learner`` "" stands for everybody."""

    assignment: str
    learner: str
    who: str
    reason: str
    bundle: str = ""
    instead: tuple[str, ...] = ()
    submission: str = ""
    changes: tuple[str, ...] = ()
    made: str = ""


class JournalError(RuntimeError):
    """The journal cannot be read or written; the sentence says why and that grading can be resumed."""


class Journal:
    """Verdicts by key. Writing is insert-or-ignore: a verdict that is there is never replaced."""

    def __init__(self, path: Path, timeout: float = 30.0):
        self.path, self.timeout = path, timeout
        with self._connect() as database:
            database.execute("PRAGMA journal_mode=WAL")
            database.executescript(_SCHEMA)

    @contextmanager
    def _connect(self) -> Iterator[sqlite3.Connection]:
        try:
            database = sqlite3.connect(self.path, timeout=self.timeout)
            try:
                with database:
                    yield database
            finally:
                database.close()
        except sqlite3.Error as error:
            raise JournalError(
                f"the journal {self.path.name} cannot be used ({error}); nothing is lost: mend it and run this again"
            ) from error

    def find(self, key: str) -> Verdict | None:
        """The newest verdict under ``key``, or None."""
        query = "SELECT verdict FROM verdict WHERE key = ? ORDER BY attempt DESC LIMIT 1"
        with self._connect() as database:
            row = database.execute(query, (key,)).fetchone()
        return Verdict.from_json(row[0]) if row else None

    def add(self, key: str, verdict: Verdict, *, again: bool = False) -> Verdict:
        """Write ``verdict`` unless one is there under ``key``; with ``again`` beside it. Returns what counts."""
        with self._connect() as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute(_INSERT.format(number=_AGAIN if again else "1"), _row(key, verdict))
        counted = self.find(key)
        assert counted is not None
        return counted

    def count(self, assignment: str) -> int:
        """How many verdicts there are for ``assignment``, repeated ones included."""
        with self._connect() as database:
            query = "SELECT COUNT(*) FROM verdict WHERE assignment = ?"
            return int(database.execute(query, (assignment,)).fetchone()[0])

    def regrade(self, records: Iterable[Regrade], verdicts: Iterable[tuple[str, Verdict]]) -> None:
        """Write ``records``, and beside what is there the ``verdicts`` that count instead: all of it or nothing."""
        made = _now()
        with self._connect() as database:
            database.execute("BEGIN IMMEDIATE")
            for key, verdict in verdicts:
                database.execute(_INSERT.format(number=_AGAIN), _row(key, verdict))
            for one in records:
                lists = json.dumps(one.instead), one.submission, json.dumps(one.changes)
                row = (one.assignment, one.learner, made, one.who, one.reason, one.bundle, *lists)
                database.execute("INSERT INTO regrade VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def regrades(self, assignment: str, learner: str | None = None) -> list[Regrade]:
        """The regrades of ``assignment``, of all or those that concern ``learner``; the last one first."""
        query = "SELECT learner, made, who, reason, bundle, instead, submission, changes FROM regrade"
        query += " WHERE assignment = ?1 AND (?2 IS NULL OR learner IN ('', ?2)) ORDER BY rowid DESC"
        with self._connect() as database:
            rows = database.execute(query, (assignment, learner)).fetchall()
        return [
            Regrade(assignment, one, who, why, bundle, tuple(json.loads(old)), file, tuple(json.loads(changes)), made)
            for one, made, who, why, bundle, old, file, changes in rows
        ]

    def instead_of(self, bundle: str, assignment: str, learner: str) -> str:
        """The bundle by which a regrade let ``learner`` be graded in the place of ``bundle``; itself where none did."""
        found = (one.bundle for one in self.regrades(assignment, learner) if one.bundle and bundle in one.instead)
        return next(found, bundle)

    def repeated(self, assignment: str) -> list[list[Verdict]]:
        """Verdicts, without pictures, that were made more than once under the same key, the oldest first."""
        query = (
            "SELECT key, json_remove(verdict, '$.outputs') FROM verdict WHERE assignment = ?1 AND key IN "
            "(SELECT key FROM verdict WHERE assignment = ?1 GROUP BY key HAVING COUNT(*) > 1) ORDER BY key, attempt"
        )
        with self._connect() as database:
            rows = database.execute(query, (assignment,)).fetchall()
        found: dict[str, list[Verdict]] = {}
        for key, text in rows:
            found.setdefault(key, []).append(Verdict.from_json(text))
        return list(found.values())

    def newest(self, assignment: str) -> dict[str, Verdict]:
        """The verdict, without pictures, that was made last for each learner, whatever counts."""
        query = (
            "SELECT json_remove(verdict, '$.outputs') FROM verdict WHERE rowid IN "
            "(SELECT MAX(rowid) FROM verdict WHERE assignment = ? GROUP BY learner)"
        )
        with self._connect() as database:
            rows = database.execute(query, (assignment,)).fetchall()
        return {verdict.learner: verdict for verdict in (Verdict.from_json(text) for (text,) in rows)}


def _row(key: str, verdict: Verdict) -> tuple[str, ...]:
    return (key, verdict.assignment, verdict.learner, verdict.bundle, _now(), verdict.to_json())


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
