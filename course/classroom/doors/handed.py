"""What was handed in and which of it counts: one file a learner and assignment, kept beside the notebooks themselves.

nbgrader keeps of a submission its notebook and its time. This ledger adds by which door it came, under which name, what
its learner should be told, and what else they handed in before, so that no door overrules another: the last
submission in time counts, else the last, wherever it came from.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from ..home import Home, write_folder, write_text
from .delivery import Delivery
from .inbound import MOST, SECRET, Refusal
from .stamps import Refused

_TIME = "%Y-%m-%d %H:%M:%S.%f UTC"


@dataclass(frozen=True)
class Record:
    """The submission that counts: its door, name, time (UTC, ISO), what an LMS says of it, SHA-256, and notes."""

    door: str
    name: str
    time: str
    in_time: bool | None
    digest: str
    notes: tuple[str, ...] = ()

    def rank(self, due: datetime | None) -> tuple[bool, datetime]:
        """What is larger counts: in time before late, then later before earlier."""
        time = datetime.fromisoformat(self.time)
        punctual = due is None or time <= due if self.in_time is None else self.in_time
        return punctual, time


def record_of(home: Home, slug: str, learner: str) -> Record | None:
    """What is known of the submission that lies in the home; None where nothing is, or another file lies there."""
    current = _load(home, slug, learner).get("current")
    if not isinstance(current, dict):
        return None
    notebook = home.notebook("submitted", slug, learner)
    if not notebook.is_file() or hashlib.sha256(notebook.read_bytes()).hexdigest() != current.get("digest"):
        return None
    return Record(**{**current, "notes": tuple(current["notes"])})


def admit(home: Home, slug: str, learner: str, names: Iterable[str]) -> tuple[set[str], list[str]]:
    """Which submissions, by ``names`` (oldest first), count under the attempts policy, and what to say of the others.

    What was seen first stays first: a submission that appears later with an earlier time takes nobody's place, and
    one that is taken away again stays counted.
    """
    most, names = home.settings.attempts, list(names)
    if not most:
        return set(names), []
    data = _load(home, slug, learner)
    seen = [name for name in data.get("seen", ()) if type(name) is str]
    before = set(seen)
    new = [name for name in names if name not in before]
    if new:
        _save(home, slug, learner, {**data, "seen": seen + new})
    places = {name: place for place, name in enumerate([*seen, *new], start=1)}
    late = [name for name in names if places[name] > most]
    notes = [f"{name}: it is attempt {places[name]} of {learner!r}, and the first {most} count" for name in late]
    if len(notes) > MOST:
        notes[MOST:] = [f"{learner!r} made {len(notes) - MOST} more attempts than those; the first {most} count"]
    return set(names) - set(late), notes


def take(home: Home, slug: str, delivery: Delivery, due: datetime | None) -> bool:
    """Put a submission into the home, unless the one that lies there counts for more; whether anything changed.

    Raises what ``delivery.content`` raises. Safe to be killed anywhere: the ledger is believed only where it fits.
    """
    data, learner = delivery.content(), delivery.learner
    notes = tuple(text for text in (delivery.note,) if text)
    time = delivery.time
    if due is not None and delivery.in_time is not None:  # the LMS saw when it came; its archive's times say less
        time = min(time, due) if delivery.in_time else due + timedelta(seconds=1)  # it does not say how late
    digest = hashlib.sha256(data).hexdigest()
    made = Record(delivery.door, delivery.name, delivery.time.isoformat(), delivery.in_time, digest, notes)
    have = record_of(home, slug, learner)
    same = have is not None and (have.door, have.name, have.time) == (made.door, made.name, made.time)
    if have is not None and not same and have.rank(due) > made.rank(due):
        return False
    known = have if have is not None and (have.door, have.name) == ("exchange", delivery.name) else None
    if home.settings.attempts and known is not None and known.digest != digest:
        raise Refused("it was changed after it was collected, and attempts are counted; hand in anew")
    files = {f"{slug}.ipynb": data, "timestamp.txt": time.strftime(_TIME).encode()}
    if delivery.secret:
        files[SECRET] = delivery.secret
    if have == made and _lies_there(home, slug, learner, files):
        return False
    _save(home, slug, learner, {**_load(home, slug, learner), "current": asdict(made)})
    if _lies_there(home, slug, learner, files):
        return have is None
    write_folder(home.notebook("submitted", slug, learner).parent, files)
    return True


def _lies_there(home: Home, slug: str, learner: str, files: Mapping[str, bytes]) -> bool:
    folder = home.notebook("submitted", slug, learner).parent
    names = {*files, SECRET}
    return files == {path.name: path.read_bytes() for path in (folder / name for name in names) if path.is_file()}


def refuse(home: Home, slug: str, door: str, refusals: Iterable[Refusal]) -> None:
    """Keep what the last collecting by ``door`` refused, for `course review`."""
    kept = [item for item in refused(home, slug) if item.get("door") != door]
    kept += [{"door": door, **asdict(refusal)} for refusal in refusals]
    write_text(_refused(home, slug), json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def refused(home: Home, slug: str) -> list[dict[str, str]]:
    """What the last collecting by each door refused: door, name, learner, sentence."""
    try:
        return list(json.loads(_refused(home, slug).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return []


def _refused(home: Home, slug: str) -> Path:
    return home.path / "handed" / f"{slug}.refused.json"


def _path(home: Home, slug: str, learner: str) -> Path:
    return home.path / "handed" / slug / f"{learner}.json"


def _load(home: Home, slug: str, learner: str) -> dict[str, Any]:
    try:
        return dict(json.loads(_path(home, slug, learner).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def _save(home: Home, slug: str, learner: str, data: Mapping[str, Any]) -> None:
    write_text(_path(home, slug, learner), json.dumps(data, indent=1, ensure_ascii=False) + "\n")
    os.chmod(home.path / "handed", 0o700)
