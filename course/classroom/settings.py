"""What `course.toml` says: its entries, their defaults and comments, and a sentence for each that is wrong."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, field, fields
from typing import Any

from ..grade.limits import Limits

IDENTITIES = ("uid", "hub")
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
        settings.check()
        return settings

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
