"""Sentences for people: how many of what, and what an error of the machine means and how to go on."""

from __future__ import annotations


def count(number: int, noun: str) -> str:
    """A number with its noun.

    >>> count(1, "learner"), count(0, "learner")
    ('1 learner', '0 learners')
    """
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def trouble(error: Exception) -> str:
    """What a full disk, a missing permission or a locked database means, in one sentence; empty for anything else.

    An error of ours says itself what happened; anything else is a bug, which should show where it happened.

    >>> trouble(NotADirectoryError(20, "Not a directory", "home/bundles"))[:45]
    'home/bundles cannot be used (Not a directory)'
    """
    kind = type(error)
    if kind.__module__ in {"sqlite3", "sqlalchemy.exc"}:
        return _database(error)
    if not isinstance(error, OSError):
        return ""
    name = error.filename2 or error.filename
    what = f"{name} cannot be used" if name else "the machine refused"
    return (
        f"{what} ({error.strerror or error}); look whether it is there, at its owner and permissions and at the disk's "
        "free space, then run this again"
    )


def _database(error: Exception) -> str:
    first = str(getattr(error, "orig", None) or error).splitlines()[0]
    return in_use(first) or (
        f"the gradebook cannot be used ({first}); look at gradebook.db in the course home, put it back from your "
        "backup if it is damaged, and run this again"
    )


def in_use(text: str) -> str:
    """The sentence for what a locked sqlite database says; empty for any other text.

    >>> in_use("(sqlite3.OperationalError) database is locked")[:60]
    'the gradebook is in use by another program (database is lock'
    """
    if "database is locked" not in text:
        return ""
    return (
        "the gradebook is in use by another program (database is locked); nothing is lost: close that program, or "
        "wait, and run this again"
    )


def sentence(error: Exception) -> str:
    """One line for an error that concerns one learner only: ours, the machine's, or the name of a bug."""
    text = trouble(error) or str(error).strip()
    return " ".join(text.split()) or type(error).__name__
