"""What `course.toml` says of assignments and time: due dates, extensions, factors on points, the late policy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_NUMBER = re.compile(r"\d{1,2}")
_SLUG = re.compile(r"\d\d_[a-z0-9_]+")
T = TypeVar("T")


def now() -> datetime:
    """This moment, as all times here are: UTC, naive."""
    return datetime.now(UTC).replace(tzinfo=None)


class ScheduleError(ValueError):
    """An entry of `course.toml` about assignments or time is wrong; the sentence says which and how."""


@dataclass(frozen=True)
class Entry:
    """One chosen assignment: when it is due (UTC, naive; None: never said), and the factor on its points.

    ``emptied`` says that the due date stands there as an empty text, which takes back one that stood there before.
    """

    due: datetime | None = None
    points: float = 1.0
    emptied: bool = False


@dataclass(frozen=True)
class Late:
    """The late policy: what each day begun costs, as a share of the score; free minutes; days until nothing counts.

    >>> Late(per_day=0.1, days=3).penalty(score=20, seconds=25 * 3600)
    4.0
    """

    per_day: float = 0.0
    grace_minutes: float = 0.0
    days: int = 0

    def __bool__(self) -> bool:
        """Whether lateness costs anything."""
        return bool(self.per_day or self.days)

    def penalty(self, score: float, seconds: float) -> float:
        """Points to take off a ``score`` that came ``seconds`` after it was due."""
        late = seconds - 60 * self.grace_minutes
        if late <= 0:
            return 0.0
        begun = -int(-seconds // 86_400)  # grace forgives the first minutes, it does not move the deadline
        if self.days and begun > self.days:
            return score
        return round(score * min(1.0, self.per_day * begun), 2)


def named(table: Mapping[str, T], slug: str, default: T) -> T:
    """What ``table`` holds for ``slug``, called by its slug or its number.

    >>> named({"4": "due"}, "04_minibatch_loader", "")
    'due'
    """
    for name, value in table.items():
        if name == slug or (_NUMBER.fullmatch(name) and slug[:2] == name.zfill(2)):
            return value
    return default


def zone(name: str) -> tzinfo:
    """The time zone called ``name``; `ScheduleError` where there is none."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ScheduleError(
            f'timezone = {name!r} is no zone that is known; write one like "UTC" or "Europe/Zurich"'
        ) from None


def moment(value: Any, where: str, local: tzinfo) -> datetime:
    """A time of `course.toml` as UTC, naive; a day alone means its last second, a time without offset is ``local``."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip()) if ":" in value else date.fromisoformat(value.strip())
        except ValueError:
            raise ScheduleError(f'{where} = {value!r} is no time; write one like "2026-10-12 23:59"') from None
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime.combine(value, time(23, 59, 59))
    if not isinstance(value, datetime):
        raise ScheduleError(f'{where} = {value!r} is no time; write one like "2026-10-12 23:59"')
    return (value if value.tzinfo else value.replace(tzinfo=local)).astimezone(UTC).replace(tzinfo=None)


def entries(table: Any, local: tzinfo) -> dict[str, Entry]:
    """The chosen assignments, from ``[assignments.NAME]``."""
    found = {}
    for name, values in _tables(table, "assignments").items():
        if not (_NUMBER.fullmatch(name) or _SLUG.fullmatch(name)):
            raise ScheduleError(f'[assignments.{name}] is no assignment; write a number or a slug, like "04"')
        if unknown := sorted(set(values) - {"due", "points"}):
            raise ScheduleError(f"[assignments.{name}] has an entry {unknown[0]!r}; known are 'due' and 'points'")
        due, points = values.get("due", ""), values.get("points", 1.0)
        if isinstance(points, bool) or not isinstance(points, int | float) or not 0 < points <= 100:
            raise ScheduleError(f"[assignments.{name}] points = {points!r} should be a factor above 0, at most 100")
        if abs(points * 100 - round(points * 100)) > 1e-9:
            raise ScheduleError(f"[assignments.{name}] points = {points!r} should have at most two decimals")
        when = moment(due, f"[assignments.{name}] due", local) if due != "" else None
        found[name] = Entry(when, float(points), emptied=values.get("due") == "")
    return found


def extensions(table: Any, local: tzinfo) -> dict[str, dict[str, datetime]]:
    """Later deadlines, from ``[extensions.LEARNER]``, by learner and assignment."""
    found = {}
    for learner, values in _tables(table, "extensions").items():
        found[learner] = {name: moment(at, f"[extensions.{learner}] {name}", local) for name, at in values.items()}
    return found


def late(table: Any) -> Late:
    """The late policy, from ``[late]``."""
    if not isinstance(table, dict):
        raise ScheduleError(f"late = {table!r} should be a table, begun by a line [late]")
    most = {"per_day": 1.0, "grace_minutes": 24 * 60.0, "days": 365}
    for name, value in table.items():
        if name not in most:
            raise ScheduleError(f"[late] has an entry {name!r}; known are {sorted(most)}")
        whole = name == "days"
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            raise ScheduleError(f"[late] {name} = {value!r} should be a {'whole ' if whole else ''}number")
        if not 0 <= value <= most[name]:
            raise ScheduleError(f"[late] {name} = {value!r} should lie between 0 and {most[name]:g}")
    return Late(**table)


def _tables(table: Any, name: str) -> dict[str, dict]:
    if not isinstance(table, dict) or not all(isinstance(value, dict) for value in table.values()):
        raise ScheduleError(f"{name} should be tables, each begun by a line like [{name}.04]")
    return table


def until(value: str, local: tzinfo, due: datetime | None) -> datetime:
    """A later deadline that somebody typed: a time, or days after ``due`` such as ``+3``."""
    if match := re.fullmatch(r"\+(\d{1,3})d?", value.strip()):
        if due is None:
            raise ScheduleError(f"{value} counts from a due date, and there is none; write a time")
        return due + timedelta(days=int(match[1]))
    return moment(value, "the deadline", local)
