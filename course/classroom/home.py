"""The course home: the one folder, outside the code, that holds everything a class produces."""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ..grade.limits import Limits
from ..learn.exercises import resolve
from .roster import Learner, read_roster, write_roster

IDENTITIES = ("uid", "hub")
FOLDERS = ("source", "release", "submitted", "autograded", "feedback", "bundles")
_COURSE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

_TEMPLATE = """\
# The course. Edit this file freely; every `course` command reads it anew.

# Part of each learner's public seed and of every path in the exchange: do not change it while the course runs.
course_id = {course_id}

# Who is in the course: a CSV file with the columns id, first_name, last_name, email. Relative to this folder.
roster = {roster}

# How a submission's author is known. "uid": the owner of the files in the exchange is the learner, so learners
# have accounts on this machine. "hub": the hub has checked who they are, and the folder's name says it.
identity = {identity}

# Where assignments and submissions change hands. Relative to this folder, which nobody but you can enter: where
# learners have accounts of their own, name a folder that all of them can reach.
exchange = {exchange}

# The weakest jail that grades of record may be made in; T1 asks for namespaces too.
floor = {floor}

# What a submission may use, where that differs from the defaults; seconds and megabytes.
# [limits]
# cpu = 5.0
# memory_mb = 1024
"""


class HomeError(ValueError):
    """The course home is missing, or something in it is not as it should be; the sentence says how to go on."""


@dataclass(frozen=True)
class Settings:
    """What `course.toml` says."""

    course_id: str
    roster: str = "roster.csv"
    identity: str = "uid"
    exchange: str = "exchange"
    floor: str = "T2"
    limits: Limits = field(default_factory=Limits)

    @classmethod
    def parse(cls, text: str) -> Settings:
        """Settings from TOML; `HomeError` names the entry that is wrong."""
        try:
            data = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise HomeError(f"course.toml is not valid TOML: {error}") from None
        known = {item.name for item in fields(cls)}
        if unknown := sorted(set(data) - known):
            raise HomeError(f"course.toml has an entry {unknown[0]!r} that nothing reads; known are {sorted(known)}")
        if "course_id" not in data:
            raise HomeError('course.toml has no course_id; add a line like course_id = "demo"')
        limits = _limits(data.pop("limits", {}))
        for name, value in data.items():
            if not isinstance(value, str) or not value:
                raise HomeError(f"course.toml: {name} = {value!r} should be a text in quotes")
        settings = cls(**data, limits=limits)
        settings._check()
        return settings

    def _check(self) -> None:
        if not _COURSE_ID.fullmatch(self.course_id):
            raise HomeError(
                f"course_id = {self.course_id!r} should be letters, digits, '.', '_' and '-', beginning with a letter "
                "or a digit, at most 64 of them"
            )
        if self.identity not in IDENTITIES:
            raise HomeError(f"course.toml: identity = {self.identity!r} should be one of {list(IDENTITIES)}")
        if self.floor not in {"T1", "T2"}:
            raise HomeError(f"course.toml: floor = {self.floor!r} should be 'T1' or 'T2'")

    def to_toml(self) -> str:
        """The text of a new `course.toml`, with a comment on every entry."""
        names = ("course_id", "roster", "identity", "exchange", "floor")
        # JSON's strings are TOML's basic strings.
        return _TEMPLATE.format(**{name: json.dumps(getattr(self, name)) for name in names})


def _limits(table: Any) -> Limits:
    if not isinstance(table, dict):
        raise HomeError(f"course.toml: limits = {table!r} should be a table, begun by a line [limits]")
    kinds = {item.name: type(getattr(Limits(), item.name)) for item in fields(Limits)}
    values = {}
    for name, value in table.items():
        if name not in kinds:
            raise HomeError(f"course.toml: there is no limit {name!r}; known are {sorted(kinds)}")
        whole = kinds[name] is int
        if isinstance(value, bool) or not isinstance(value, int if whole else (int, float)) or value <= 0:
            raise HomeError(f"course.toml: the limit {name} = {value!r} should be a positive {kinds[name].__name__}")
        values[name] = kinds[name](value)
    return Limits(**values)


@dataclass(frozen=True)
class Home:
    """A course home that exists: its folder, and what its `course.toml` says.

    >>> home = Home.create(Path("course-home"), course_id="demo", identity="hub")     # doctest: +SKIP
    >>> home.submitted / "ada" / "02_full_batch_gd"                                   # doctest: +SKIP
    """

    path: Path
    settings: Settings

    @classmethod
    def open(cls, path: Path | None = None) -> Home:
        """The home at ``path``, else at ``$COURSE_HOME``, else at ``./.course``; `HomeError` if there is none."""
        path = _where(path)
        try:
            text = (path / "course.toml").read_text(encoding="utf-8")
        except OSError as error:
            raise HomeError(
                f"there is no course home at {path} ({error.strerror}); make one with `course init`, or name it in "
                "COURSE_HOME"
            ) from None
        except UnicodeDecodeError as error:
            raise HomeError(f"course.toml is not UTF-8 text (byte {error.start}); save it as UTF-8") from None
        return cls(path, Settings.parse(text))

    @classmethod
    def create(
        cls,
        path: Path | None = None,
        *,
        course_id: str,
        roster: Path | Iterable[Learner] | None = None,
        identity: str = "uid",
        exchange: str = "exchange",
    ) -> Home:
        """Make a home, mode 0700, with its secret, `course.toml`, folders and nbgrader's configuration.

        Safe to run again: what is there stays (the secret above all), what is missing is made, and a ``roster``
        that is given replaces the one before. `HomeError` when the home is of another course or identity.
        """
        path = _where(path)
        wanted = Settings(course_id=course_id, identity=identity, exchange=exchange)
        wanted._check()
        learners = read_roster(roster) if isinstance(roster, Path) else roster
        path.mkdir(parents=True, exist_ok=True)
        os.chmod(path, 0o700)
        if not (path / "course.toml").exists():
            write_text(path / "course.toml", wanted.to_toml())
        home = cls.open(path)
        for name in ("course_id", "identity"):
            have, want = getattr(home.settings, name), getattr(wanted, name)
            if have != want:
                raise HomeError(f"{path} has {name} = {have!r}, not {want!r}; edit course.toml, or use another home")
        home._furnish(learners)
        return home

    def _furnish(self, learners: Iterable[Learner] | None) -> None:
        from .nbconfig import write_config  # nbconfig needs Home

        for name in FOLDERS:
            (self.path / name).mkdir(exist_ok=True)
        make_secret(self.path / "secret")
        if learners is not None:
            write_roster(self.roster_file, learners)
        elif not self.roster_file.exists():
            write_roster(self.roster_file, [])
        write_config(self)

    @property
    def secret(self) -> bytes:
        """The course secret, from which the hidden seeds are derived; 32 bytes."""
        return bytes.fromhex((self.path / "secret").read_text())

    @property
    def roster_file(self) -> Path:
        """The roster's CSV file."""
        return self.path / self.settings.roster

    @property
    def roster(self) -> dict[str, Learner]:
        """The learners by id, in the roster's order; read anew each time."""
        return {learner.id: learner for learner in read_roster(self.roster_file)}

    @property
    def exchange(self) -> Path:
        """The folder through which assignments and submissions change hands."""
        return self.path / self.settings.exchange

    @property
    def bundles(self) -> Path:
        """Frozen assignments, ``SLUG/HASH``."""
        return self.path / "bundles"

    def slug(self, name: str) -> str:
        """The released assignment that ``02``, ``2`` or a slug means; `UnknownAssignment` lists what was released."""
        return resolve(name, {path.parent.name: path for path in sorted(self.bundles.glob("*/released"))})

    @property
    def submitted(self) -> Path:
        """Collected submissions, ``LEARNER/SLUG/SLUG.ipynb``."""
        return self.path / "submitted"

    def notebook(self, step: str, slug: str, learner: str = ".", suffix: str = ".ipynb") -> Path:
        """Where nbgrader keeps an assignment's notebook (or feedback page) at one of its steps."""
        return self.path / step / learner / slug / f"{slug}{suffix}"


def _where(path: Path | None) -> Path:
    path = Path(os.path.abspath(path or os.environ.get("COURSE_HOME") or ".course"))
    if odd := sorted(set(str(path)) & set("*?[\n")):
        raise HomeError(f"the path {path} holds {odd[0]!r}, which nbgrader takes for a pattern; choose another folder")
    return path


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


def write_text(path: Path, text: str) -> bool:
    """Write ``text`` whole or not at all; whether the file changed."""
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        temporary.write_text(text, encoding="utf-8")
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return True


def replace_folder(made: Path, path: Path) -> None:
    """Put the folder ``made`` in the place of ``path``; both lie on one file system."""
    path.parent.mkdir(parents=True, exist_ok=True)
    old = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    if path.exists():
        os.rename(path, old)
    os.rename(made, path)
    shutil.rmtree(old, ignore_errors=True)
