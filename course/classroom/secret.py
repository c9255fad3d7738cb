"""The course secret, from which every hidden input is derived: made once, read with suspicion, never replaced."""

from __future__ import annotations

import os
import re
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path

from ..wording import count
from .settings import HomeError

_HEX = re.compile(rb"[0-9a-fA-F]{64}\s*")


def make_secret(path: Path) -> None:
    """Write 32 random bytes, in hex, mode 0600, unless ``path`` is there: whole or not at all, and only once."""
    if path.exists():
        return
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)  # fails when another process was first: its secret stays
    except FileExistsError:
        pass
    finally:
        temporary.unlink()


def read_secret(path: Path) -> bytes:
    """The 32 bytes in ``path``; `HomeError` when it is missing or is not 64 hex digits."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise HomeError(f"the course secret {path} is missing; {remedy(path)}") from None
    if not _HEX.fullmatch(data):
        size = len(data.strip())
        why = f"{size} characters instead of 64 hex digits" if size != 64 else "other characters than hex digits"
        raise HomeError(f"the course secret {path} holds {why}; {remedy(path)}")
    return bytes.fromhex(data.decode())


def remedy(path: Path) -> str:
    """How to go on where the secret is lost: with another one every hidden input, and so scores, would change."""
    number = verdicts(path.with_name("journal.db"))
    if not number:
        return f"nothing was graded with it yet, so move {path.name} away if it is there, and run course init again"
    made = count(number, "verdict")
    return (
        f"put it back from your backup, because {made} in journal.db {'was' if number == 1 else 'were'} made with its "
        "hidden inputs; "
        "where there is no backup, move the secret and journal.db away and run course init, and all is judged anew"
    )


def verdicts(journal: Path) -> int:
    """How many verdicts a journal holds; 0 where there is none."""
    if not journal.is_file():
        return 0
    with closing(sqlite3.connect(journal)) as database:
        try:
            return int(database.execute("SELECT COUNT(*) FROM verdict").fetchone()[0])
        except sqlite3.OperationalError as error:
            if "no such table" in str(error):
                return 0
            raise
