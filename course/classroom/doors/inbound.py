"""What learners put into the exchange, read with suspicion: who handed in what, when, and what must be refused.

A learner can rename, link and rewrite what lies there at any moment. So everything is opened once, relative to the
folder that holds it and never through a link; what is checked, and what is read, are the open files.
"""

from __future__ import annotations

import errno
import os
import pwd
import re
import stat
from collections.abc import Container, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path

from ...bundle.reading import Unreadable, check_descriptor, read_descriptor
from ...grade.limits import Limits
from ..show import one_line
from . import stamps
from .delivery import Delivery
from .stamps import Refused

_DIGITS = re.compile(rb"[0-9A-Fa-f]{32,256}")
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
FOLDER = FILE | os.O_DIRECTORY

SECRET = "submission_secret.txt"
"""The file with which the exchange addresses feedback."""

MOST = 50
"""How many submissions of one learner are opened, and how many refusals of folders in one name are listed."""
ENTRIES = 1000
"""How many files of a folder are looked at where a notebook has another name."""


def secret_of(data: bytes) -> str | None:
    """nbgrader's secret as text (it makes 128 hexadecimal digits), or None where ``data`` is something else."""
    return data.decode("ascii") if _DIGITS.fullmatch(data) else None


@dataclass(frozen=True)
class Refusal:
    """A submission that was not taken: the name of its folder, whose it claims to be, and one sentence.

    Learners choose names, and sentences quote them: all three are made plain, in one line.
    """

    name: str
    learner: str
    sentence: str

    def __post_init__(self) -> None:
        for field in ("name", "learner", "sentence"):
            object.__setattr__(self, field, one_line(getattr(self, field)))

    def __str__(self) -> str:
        return f"{self.name}: {self.sentence}"


@dataclass(frozen=True)
class Claim:
    """What a folder's name says, before it is opened; ``unknown`` is its time where that names no zone we know."""

    learner: str
    name: str
    time: datetime
    unknown: str = ""


@dataclass(frozen=True)
class Handed:
    """A submission that may be taken: whose, its folder's name, its time (UTC, naive as nbgrader's are).

    ``notebook`` is the open file, ``title`` its name, ``status`` as it was looked at; ``secret`` may be empty.
    """

    learner: str
    name: str
    notebook: int
    title: str
    time: datetime
    status: os.stat_result
    secret: bytes
    note: str

    def content(self, limits: Limits) -> bytes:
        """The notebook's bytes; `Unreadable` when they are not those that were looked at."""
        return read_unchanged(self.notebook, self.title, self.status, limits)

    def delivery(self, limits: Limits) -> Delivery:
        """What is taken of it, while it is open."""
        content = partial(self.content, limits)
        return Delivery(self.learner, "exchange", self.name, self.time, content, note=self.note, secret=self.secret)


@dataclass(frozen=True)
class Inbox:
    """The exchange's folder of submissions, open, and the rules by which those of one assignment are taken.

    ``identity`` is "uid" (the owner of folder and files must be the account named like the learner) or "hub".
    """

    place: int
    slug: str
    roster: Container[str]
    identity: str
    limits: Limits

    def survey(self) -> tuple[dict[str, list[Claim]], list[Refusal]]:
        """Whose submissions there are, by the folders' names and owners; never raises on one of them."""
        claims: dict[str, list[Claim]] = {}
        refused: dict[str, list[Refusal]] = {}
        for name in sorted(os.listdir(self.place)):
            parts = name.split("+")
            if self.slug not in parts[1:] and len(parts) in (3, 4):
                continue  # of another assignment
            try:
                claim = self._claim(name, parts)
            except Exception as error:
                key = parts[0] if parts[0] in self.roster else ""
                refused.setdefault(key, []).append(refusal_of(name, error))
            else:
                claims.setdefault(claim.learner, []).append(claim)
        return claims, _shortened(refused)

    def _claim(self, name: str, parts: list[str]) -> Claim:
        if len(parts) not in (3, 4) or parts[1] != self.slug:
            raise Refused("its name is not LEARNER+ASSIGNMENT+TIME, so nobody can tell whose it is")
        try:
            name.encode()
        except UnicodeEncodeError:
            raise Refused("its name is not UTF-8, so it was not made by nbgrader") from None
        learner = parts[0]
        if learner not in self.roster:
            raise Refused(f"{learner!r} is not on the roster; add them there and collect again, or leave it")
        status = os.stat(name, dir_fd=self.place, follow_symlinks=False)
        if not stat.S_ISDIR(status.st_mode):
            raise Refused("it is not a folder but a link or a file")
        # Looked at again when it is open; here, so that others' folders do not count as this learner's.
        self._check_owner(learner, status)
        time = stamps.named(parts[2])
        if time is None:
            return Claim(learner, name, stamps.changed(status), unknown=parts[2])
        return Claim(learner, name, time)

    @contextmanager
    def pick(self, claims: list[Claim], due: datetime | None) -> Iterator[tuple[Handed | None, list[Refusal]]]:
        """One learner's last submission before ``due``, else their last, open until the end; and the refused ones."""

        def rank(item: Claim | Handed) -> tuple:
            return due is None or item.time <= due, item.time, item.name

        good: list[Handed] = []
        refused: list[Refusal] = []
        with ExitStack() as stack:
            for claim in sorted(claims, key=rank, reverse=True)[:MOST]:
                try:
                    good.append(self._examine(claim, due, stack))
                except Exception as error:
                    refused.append(refusal_of(claim.name, error))
            if len(claims) > MOST:
                refused.append(_unread(claims, self.slug))
            yield max(good, key=rank, default=None), refused

    def _examine(self, claim: Claim, due: datetime | None, stack: ExitStack) -> Handed:
        """Opens a submission; its notebook stays open with ``stack`` and is not read."""
        folder = self._folder(claim, stack)
        self._check_owner(claim.learner, os.fstat(folder))
        notebook, title, note = open_notebook(folder, f"{self.slug}.ipynb", stack)
        note = f"{note}; " if note else ""
        status = check_descriptor(notebook, title, self.limits.notebook_mb)
        self._check_owner(claim.learner, status)
        self._check_only_name(title, status)
        seen = stamps.changed(os.fstat(folder), status)
        if claim.unknown:
            note += f"its time {claim.unknown!r} names no zone that is known, so that of its files counts; "
        time = seen if claim.unknown else claim.time
        stamps.check(time, seen, due)
        secret = self._secret(claim.learner, folder)
        if secret is None:
            note += "its secret is not one that nbgrader makes, so the exchange cannot address its feedback; "
        return Handed(claim.learner, claim.name, notebook, title, time, status, secret or b"", note[:-2])

    def _folder(self, claim: Claim, stack: ExitStack) -> int:
        try:
            return open_at(claim.name, FOLDER, self.place, stack)
        except OSError as error:
            if error.errno in (errno.ELOOP, errno.ENOTDIR):
                raise Refused("it is not a folder but a link or a file") from None
            raise

    def _secret(self, learner: str, folder: int) -> bytes | None:
        """nbgrader's secret, nothing where there is none, None where it is not nbgrader's or another account's."""
        with ExitStack() as stack:
            try:
                file = open_at(SECRET, FILE, folder, stack)
                status = os.fstat(file)
                self._check_owner(learner, status)
                self._check_only_name(SECRET, status)
                data = os.read(file, 1000) if stat.S_ISREG(status.st_mode) else b"?"
            except FileNotFoundError:
                return b""
            except (OSError, Refused):
                return None
        return data if secret_of(data) else None

    def _check_owner(self, learner: str, status: os.stat_result) -> None:
        if self.identity != "uid":
            return
        try:
            owner = pwd.getpwuid(status.st_uid).pw_name
        except KeyError:
            owner = f"the unknown account {status.st_uid}"
        if owner != learner:
            raise Refused(f"it says it is by {learner!r} but belongs to {owner!r}; ask both of them")

    def _check_only_name(self, name: str, status: os.stat_result) -> None:
        if self.identity == "uid" and status.st_nlink != 1:
            raise Refused(f"{name} is a file of {status.st_nlink} names (hard links); submit a copy of it")


@contextmanager
def inbox(path: Path, slug: str, roster: Container[str], identity: str, limits: Limits) -> Iterator[Inbox]:
    """The `Inbox` of an assignment, open."""
    with ExitStack() as stack:
        place = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        stack.callback(os.close, place)
        yield Inbox(place, slug, roster, identity, limits)


class NoNotebook(Refused):
    """There is no notebook at all."""


def open_at(name: str, flags: int, folder: int, stack: ExitStack) -> int:
    descriptor = os.open(name, flags, dir_fd=folder)
    stack.callback(os.close, descriptor)
    return descriptor


def open_notebook(folder: int, wanted: str, stack: ExitStack) -> tuple[int, str, str]:
    """The notebook to grade, open, its name, and a note: the one called as ``wanted``, else the only one there is."""
    name, note = wanted, ""
    try:
        try:
            return open_at(name, FILE, folder, stack), name, note
        except FileNotFoundError:
            name = _only_notebook(folder, wanted)
            note = f"its notebook is called {name!r} instead of {wanted}"
            return open_at(name, FILE, folder, stack), name, note
    except OSError as error:
        raise Refused(f"{name} cannot be opened ({error.strerror}); submit a plain notebook file.") from None


def read_unchanged(notebook: int, title: str, status: os.stat_result, limits: Limits) -> bytes:
    """The bytes of the open file; `Unreadable` when it is no longer as it was looked at."""
    data = read_descriptor(notebook, title, limits.notebook_mb)
    now = os.fstat(notebook)
    if (now.st_ctime_ns, now.st_size) != (status.st_ctime_ns, status.st_size):
        raise Unreadable("its notebook changed while it was collected; collect again")
    return data


def _only_notebook(folder: int, wanted: str) -> str:
    with os.scandir(folder) as entries:
        names = [entry.name for entry in islice(entries, ENTRIES) if entry.name.endswith(".ipynb")]
    if len(names) == 1:
        return names[0]
    if not names:
        raise NoNotebook(f"it has no {wanted}")
    raise Refused(f"it has no {wanted}, but {len(names)} others")


def refusal_of(name: str, error: Exception) -> Refusal:
    """What went wrong with a submission, in a sentence, whatever it was."""
    if isinstance(error, Refused | Unreadable):
        sentence = str(error)
    else:
        sentence = f"it cannot be read ({(isinstance(error, OSError) and error.strerror) or error})"
    return Refusal(name, name.split("+")[0], sentence)


def _shortened(refused: Mapping[str, list[Refusal]]) -> list[Refusal]:
    """The first refusals in each name, and how many more there are: nobody's folders may bury the others'."""
    short = []
    for learner, found in refused.items():
        short += found[:MOST]
        if len(found) > MOST:
            whose = f"in the name of {learner!r}" if learner else "of nobody on the roster"
            short.append(Refusal("more", learner, f"{len(found) - MOST} other folders {whose} were refused too"))
    return short


def _unread(claims: list[Claim], slug: str) -> Refusal:
    learner, count = claims[0].learner, len(claims)
    sentence = f"{learner!r} handed in {count} times; the {MOST} newest were looked at, those in time first"
    return Refusal(f"{learner}+{slug}", learner, f"{sentence}, and {count - MOST} were not")
