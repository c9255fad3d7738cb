"""What every verb does before its work: look whether the home is whole and of one course, and mend what it may."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from .home import Home, HomeError
from .nbconfig import write_config


def opened(folder: Path | None = None) -> tuple[Home, str]:
    """The home at ``folder``, checked, with nbgrader's settings as generated; and a sentence if those were mended."""
    home = Home.open(folder)
    check(home)
    return home, write_config(home)


def mended(folder: Path | None = None) -> str:
    """As `opened` for a home that may not be there yet, or not whole: only a sentence if its settings were mended."""
    try:
        return write_config(Home.open(folder))
    except HomeError:
        return ""


def check(home: Home) -> None:
    """`HomeError` when a folder, the secret or the course's name is not what submissions were made under."""
    home.check_folders()
    _ = home.secret
    others = sorted(_courses(home.path / "gradebook.db") - {home.settings.course_id})
    if others:
        raise HomeError(
            f"course.toml says course_id = {home.settings.course_id!r}, but this home has released and graded as "
            f"{others[0]!r}, on which learners' data and their folders in the exchange depend; put {others[0]!r} back, "
            "or make another home for another course"
        )


def _courses(path: Path) -> set[str]:
    """The courses to which the gradebook's assignments belong; read without nbgrader, which would add one."""
    if not path.is_file():
        return set()
    with closing(sqlite3.connect(path)) as database:
        try:
            return {row[0] for row in database.execute("SELECT DISTINCT course_id FROM assignment")}
        except sqlite3.OperationalError as error:
            if "no such" in str(error):  # table or column: nothing was released yet
                return set()
            raise


def ready_exchange(home: Home) -> None:
    """Make the exchange where there is none; everybody can hand in, and nobody can move what is another's."""
    root = home.exchange
    if not root.exists():
        root.mkdir(parents=True)
        os.chmod(root, 0o1777)
    for folder in (root, root / home.settings.course_id / "inbound"):
        if not folder.is_dir():
            continue
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & stat.S_IWOTH and not mode & stat.S_ISVTX and os.geteuid() in (0, folder.stat().st_uid):
            os.chmod(folder, mode | stat.S_ISVTX)


def unreachable(home: Home) -> str:
    """A sentence when learners with accounts of their own cannot enter the exchange; else nothing."""
    if home.settings.identity != "uid":
        return ""
    exchange = home.exchange.resolve()
    for folder in (exchange, *exchange.parents):
        if folder.exists() and not (mode := stat.S_IMODE(folder.stat().st_mode)) & stat.S_IXOTH:
            how = f"with course init {home.settings.course_id} --exchange FOLDER"
            if any(home.bundles.glob("*/released")):
                how = "as exchange in course.toml, and release again"
            return (
                f"learners with accounts of their own cannot reach the exchange {exchange}, because {folder} is closed "
                f"to other users (mode {mode:o}); name a folder that all of them can enter, {how}"
            )
    return ""


def unsafe(home: Home) -> str:
    """A sentence when any user could move or replace what lies in the exchange; else nothing."""
    root = home.exchange
    if not root.is_dir():
        return ""
    mode = stat.S_IMODE(root.stat().st_mode)
    if mode & stat.S_IWOTH and not mode & stat.S_ISVTX:
        return f"anybody can move the folders of the exchange {root} (mode {mode:o}); run: chmod 1777 {root}"
    return ""
