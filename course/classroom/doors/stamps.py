"""When a submission was handed in: what its folder's name says, and what its files say about that."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, timedelta

from ..schedule import now

_TIME = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,6})?)(?: ?(UTC|GMT|Z|[+-]\d\d:?\d\d))?", re.ASCII)

SLACK = timedelta(minutes=10)
"""How much older than its files a submission may say that it is: copying takes time, and clocks differ."""
FAR = timedelta(days=3653)
"""How far from now a submission's time may lie."""


class Refused(Exception):
    """Carries the sentence why a submission is not taken from where the reason was seen."""


def named(text: str) -> datetime | None:
    """The time (UTC, naive) that a folder's name gives, or None where its zone is unknown; `Refused` for no time.

    nbgrader itself takes ``CEST`` for UTC and ``+0200`` for 200 seconds.
    """
    match = _TIME.fullmatch(text)
    if match is None and re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d", text, re.ASCII):
        return None
    try:
        if match is None:
            raise ValueError
        time, zone = datetime.fromisoformat(match[1]), match[2] or "UTC"
        if zone[0] in "+-":
            offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[-2:]))
            time += -offset if zone[0] == "+" else offset
    except (ValueError, OverflowError):
        raise Refused(f"its name gives no time but {text!r}") from None
    if abs(time - now()) > FAR:
        raise Refused(f"its name gives the time {text!r}, more than ten years from now")
    return time


def time_of(text: str) -> datetime | None:
    """As `named`, and None for no time too."""
    try:
        return named(text)
    except Refused:
        return None


def changed(*statuses: os.stat_result) -> datetime:
    """When the last of these files or folders changed (UTC, naive); nobody but the system sets that time."""
    return datetime.fromtimestamp(max(status.st_ctime for status in statuses), UTC).replace(tzinfo=None)


def check(time: datetime, seen: datetime, due: datetime | None) -> None:
    """`Refused` for what says that it is older than its files, where those changed after the due date."""
    if due is not None and due < seen and seen - time > SLACK:
        raise Refused(
            f"it says {time:%Y-%m-%d %H:%M} UTC, but its files are of {seen:%Y-%m-%d %H:%M}, after the due date; where "
            "a backup was restored, rename the folder to the right time"
        )
