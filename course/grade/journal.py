"""Every verdict ever made, in sqlite: killed at any moment, nothing is lost, doubled or changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
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
"""


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
        made = datetime.now(UTC).isoformat(timespec="milliseconds")
        row = (key, verdict.assignment, verdict.learner, verdict.bundle, made, verdict.to_json())
        number = "1 + (SELECT COALESCE(MAX(attempt), 0) FROM verdict WHERE key = ?1)" if again else "1"
        with self._connect() as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute(
                f"INSERT OR IGNORE INTO verdict (key, attempt, assignment, learner, bundle, made, verdict) "
                f"VALUES (?1, {number}, ?2, ?3, ?4, ?5, ?6)",
                row,
            )
        counted = self.find(key)
        assert counted is not None
        return counted

    def count(self, assignment: str) -> int:
        """How many verdicts there are for ``assignment``, repeated ones included."""
        with self._connect() as database:
            query = "SELECT COUNT(*) FROM verdict WHERE assignment = ?"
            return int(database.execute(query, (assignment,)).fetchone()[0])
