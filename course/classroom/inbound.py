"""What learners put into the exchange, read with suspicion: who handed in what, when, and what must be refused."""

from __future__ import annotations

import os
import pwd
import re
import stat
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ..bundle.reading import Unreadable, read
from ..grade.limits import Limits

_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?)(?: ?(UTC|GMT|Z|[+-]\d\d:?\d\d))?")
SLACK = timedelta(minutes=10)
"""How much older than its files a submission may say that it is: copying takes time, and clocks differ."""


@dataclass(frozen=True)
class Refusal:
    """A submission that was not taken: the name of its folder, whose it claims to be, and one sentence."""

    name: str
    learner: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.name}: {self.sentence}"


@dataclass(frozen=True)
class Handed:
    """A submission that may be taken: whose, its folder, its notebook, its time (UTC, naive as nbgrader's are)."""

    learner: str
    folder: Path
    notebook: Path
    time: datetime
    note: str = ""

    def content(self, limits: Limits) -> bytes:
        """The notebook's bytes."""
        return read(self.notebook, limits.notebook_mb)


class _Refused(Exception):
    """Carries the sentence from where the reason was seen."""


def survey(
    inbound: Path, slug: str, roster: Container[str], identity: str, limits: Limits
) -> tuple[list[Handed], list[Refusal]]:
    """Every submission of ``slug`` in the exchange's ``inbound`` folder, as taken or refused; never raises on one.

    ``identity`` is "uid" (the owner of folder and notebook must be the account named like the learner) or "hub".
    """
    handed, refused = [], []
    for name in sorted(os.listdir(inbound)):
        parts = name.split("+")
        if slug not in parts[1:] and len(parts) in (3, 4):
            continue  # of another assignment
        learner = parts[0]
        try:
            handed.append(_examine(inbound / name, parts, slug, roster, identity, limits))
        except _Refused as refusal:
            refused.append(Refusal(name, learner, str(refusal)))
        except (OSError, ValueError) as error:
            refused.append(Refusal(name, learner, f"it cannot be read ({error})"))
    return handed, refused


def _examine(
    folder: Path, parts: list[str], slug: str, roster: Container[str], identity: str, limits: Limits
) -> Handed:
    if len(parts) not in (3, 4) or parts[1] != slug:
        raise _Refused("its name is not LEARNER+ASSIGNMENT+TIME, so nobody can tell whose it is")
    learner = parts[0]
    if learner not in roster:
        raise _Refused(f"{learner!r} is not on the roster; add them there and collect again, or leave it")
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode):
        raise _Refused("it is not a folder but a link or a file")
    notebook, note = _notebook(folder, slug)
    if identity == "uid":
        _check_owner(learner, status.st_uid)
        _check_owner(learner, notebook.lstat().st_uid)
    try:
        read(notebook, limits.notebook_mb)
    except Unreadable as error:
        raise _Refused(str(error)) from None
    time = _time(parts[2])
    seen = datetime.fromtimestamp(status.st_ctime, UTC).replace(tzinfo=None)
    if time is None:
        note += f"its time {parts[2]!r} names no zone that is known, so that of its files counts; "
    return Handed(learner, folder, notebook, time or seen, note)


def _notebook(folder: Path, slug: str) -> tuple[Path, str]:
    """The notebook to grade: the one called like the assignment, else the only one that there is."""
    names = [name for name in os.listdir(folder) if name.endswith(".ipynb")]
    if f"{slug}.ipynb" in names:
        return folder / f"{slug}.ipynb", ""
    if len(names) == 1:
        return folder / names[0], f"its notebook is called {names[0]!r} instead of {slug}.ipynb; "
    raise _Refused(f"it has no {slug}.ipynb" + (f", but {len(names)} others" if names else ""))


def _check_owner(learner: str, uid: int) -> None:
    try:
        owner = pwd.getpwuid(uid).pw_name
    except KeyError:
        owner = f"the unknown account {uid}"
    if owner != learner:
        raise _Refused(f"it says it is by {learner!r} but belongs to {owner!r}; ask both of them")


def _time(text: str) -> datetime | None:
    """The UTC time that a folder's name gives, or None where the zone is unknown; ``ValueError`` for no time at all.

    nbgrader itself takes ``CEST`` for UTC and ``+0200`` for 200 seconds.
    """
    match = _TIME.fullmatch(text)
    if match is None:
        if re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d", text):
            return None
        raise _Refused(f"its name gives no time but {text!r}")
    time, zone = datetime.fromisoformat(match[1]), match[2] or "UTC"
    if zone[0] in "+-":
        offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
        time += -offset if zone[0] == "+" else offset
    return time


def choose(handed: Iterable[Handed], due: Callable[[str], datetime | None]) -> tuple[list[Handed], list[Refusal]]:
    """For each learner the last submission before ``due(learner)``, else the last; and those that were back-dated."""
    by_learner: dict[str, list[Handed]] = {}
    refused = []
    for item in handed:
        seen = datetime.fromtimestamp(item.folder.lstat().st_ctime, UTC).replace(tzinfo=None)
        limit = due(item.learner)
        if limit is not None and item.time <= limit and seen > limit and seen - item.time > SLACK:
            sentence = (
                f"it says {item.time:%Y-%m-%d %H:%M} UTC, before the due date, but its files are of "
                f"{seen:%Y-%m-%d %H:%M}; where a backup was restored, rename the folder to the right time"
            )
            refused.append(Refusal(item.folder.name, item.learner, sentence))
            continue
        by_learner.setdefault(item.learner, []).append(item)
    chosen = []
    for learner, items in sorted(by_learner.items()):
        limit = due(learner)
        in_time = [item for item in items if limit is None or item.time <= limit]
        best = max(in_time or items, key=lambda item: (item.time, item.folder.name))
        chosen.append(replace(best, note=best.note.removesuffix("; ")))
    return chosen, refused
