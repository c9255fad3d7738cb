"""What `course.toml` says: its entries, their defaults and comments, and a sentence for each that is wrong."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, tzinfo
from typing import Any

from ..grade.limits import Limits
from . import schedule
from .schedule import Entry, Late, ScheduleError

IDENTITIES = ("uid", "hub")
FEEDBACK = ("deadline", "all_deadlines", "at_once")
_FIELDS = re.compile(r"\{[a-z]*\}")
_COURSE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")

_TEMPLATE = """\
# The course. Edit this file freely; every `course` command reads it anew.

# Part of each learner's public seed and of every path in the exchange: do not change it while the course runs.
course_id = {course_id}

# Who is in the course: a CSV file with the columns id, first_name, last_name, email. Relative to this folder.
roster = {roster}

# How it is known whose a submission is. "uid": the owner of the files in the exchange is the learner, so learners
# have accounts on this machine. "hub": the folder's name is believed. That is safe only where a hub, or a collector
# of yours, makes those folders; in a plain shared folder anybody could hand in under another's name.
identity = {identity}

# Where assignments and submissions change hands. Relative to this folder, which nobody but you can enter: where
# learners have accounts of their own, name a folder that all of them can enter.
exchange = {exchange}

# Where a hub keeps learners' folders: `course collect` then looks into them too, and the folder says whose a notebook
# is. {{learner}} and {{assignment}} stand for the id and the assignment's name. Empty: there is no such hub.
hub = {hub}

# The weakest jail that grades of record may be made in; T1 asks for namespaces too.
floor = {floor}

# The zone of times below that name none, such as "Europe/Zurich".
timezone = {timezone}

# How often a learner may hand in an assignment: the first so many count. 0: as often as they like.
attempts = {attempts}

# When graded feedback goes out: after a learner's own "deadline", after "all_deadlines" of the class, or "at_once".
feedback = {feedback}

# What lateness costs. Each day begun takes this share of the score; the first minutes are free; after so many days
# nothing counts any more (0: never). The last submission in time counts; a late one only where none was in time.
[late]
per_day = {per_day}
grace_minutes = {grace_minutes}
days = {late_days}

# The assignments of this course, each with a due date and a factor on its points. With none listed all may be
# released. A day alone means its end; without `due` the date is the one that formgrader shows, and an empty `due` takes
# back a date that stood here before.
{assignments}
# Later deadlines for single learners; `course extend LEARNER ASSIGNMENT TIME` writes them here.
# [extensions.ada]
# 04 = "2026-10-15 23:59"

# What a submission may use, where that differs from the defaults; seconds and megabytes.
# [limits]
# cpu = 5.0
# memory_mb = 1024
"""
_ENTRY = """\
{mark}[assignments.{slug}]
{mark}due = ""
{mark}points = 1.0

"""
_TEXTS = ("course_id", "roster", "identity", "exchange", "hub", "floor", "timezone", "feedback")


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
    hub: str = ""
    timezone: str = "UTC"
    attempts: int = 0
    feedback: str = "deadline"
    late: Late = field(default_factory=Late)
    assignments: Mapping[str, Entry] = field(default_factory=dict, hash=False)
    extensions: Mapping[str, Mapping[str, datetime]] = field(default_factory=dict, hash=False)
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
        limits, attempts = _limits(data.pop("limits", {})), data.pop("attempts", 0)
        if isinstance(attempts, bool) or not isinstance(attempts, int) or attempts < 0:
            raise HomeError(f"course.toml: attempts = {attempts!r} should be a whole number, 0 for no limit")
        tables = {name: data.pop(name, {}) for name in ("late", "assignments", "extensions")}
        for name, value in data.items():
            if not isinstance(value, str) or not (value or name == "hub"):
                raise HomeError(f"course.toml: {name} = {value!r} should be a text in quotes")
        try:
            zone = schedule.zone(data.get("timezone", "UTC"))
            settings = cls(
                **data,
                attempts=attempts,
                late=schedule.late(tables["late"]),
                assignments=schedule.entries(tables["assignments"], zone),
                extensions=schedule.extensions(tables["extensions"], zone),
                limits=limits,
            )
        except ScheduleError as error:
            raise HomeError(f"course.toml: {error}") from None
        settings.check()
        return settings

    @property
    def zone(self) -> tzinfo:
        """The zone of times that name none."""
        return schedule.zone(self.timezone)

    def entry(self, slug: str) -> Entry | None:
        """What is said of an assignment; None where it is not among the chosen ones."""
        return schedule.named(self.assignments, slug, None if self.assignments else Entry())

    def check(self) -> None:
        """`HomeError` names the entry that nothing can be made of."""
        if not _COURSE_ID.fullmatch(self.course_id):
            raise HomeError(
                f"course_id = {self.course_id!r} should be letters, digits, '.', '_' and '-', beginning with a letter "
                "or a digit, at most 64 of them"
            )
        if self.identity not in IDENTITIES:
            raise HomeError(f"course.toml: identity = {self.identity!r} should be one of {list(IDENTITIES)}")
        if self.floor not in {"T1", "T2"}:
            raise HomeError(f"course.toml: floor = {self.floor!r} should be 'T1' or 'T2'")
        if self.feedback not in FEEDBACK:
            raise HomeError(f"course.toml: feedback = {self.feedback!r} should be one of {list(FEEDBACK)}")
        if self.hub and not {"{learner}", "{assignment}"} <= set(_FIELDS.findall(self.hub)):
            raise HomeError(
                f"course.toml: hub = {self.hub!r} should be a path with {{learner}} and {{assignment}} in it"
            )

    def to_toml(self, known: Iterable[str] = ()) -> str:
        """The text of a new `course.toml`, with a comment on every entry.

        Chosen assignments stand in it, else those that are ``known`` as comments.
        """
        texts = {name: json.dumps(getattr(self, name)) for name in _TEXTS}  # JSON's strings are TOML's basic strings
        chosen = [_ENTRY.format(mark="", slug=slug) for slug in self.assignments]
        others = [_ENTRY.format(mark="# ", slug=slug) for slug in known]
        return _TEMPLATE.format(
            **texts,
            attempts=self.attempts,
            per_day=self.late.per_day,
            grace_minutes=self.late.grace_minutes,
            late_days=self.late.days,
            assignments="".join(chosen or others),
        )


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
