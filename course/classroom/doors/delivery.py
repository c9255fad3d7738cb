"""A submission as it comes in, through whichever door, before it is taken."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Delivery:
    """One submission: whose, by which door, under which name, when (UTC, naive), and how to read its notebook.

    ``door`` is "exchange", "hub" or "lms", and says by what the learner is known: the files' owner or the exchange's
    folder, the hub's directory layout, the roster's names. ``name`` is what people find it by. ``content`` gives the
    notebook's bytes, or raises `Unreadable` or `Refused` with a sentence. ``in_time`` is what an LMS itself says;
    None leaves that to ``time``. ``title`` is the notebook's own file name; ``note`` is a sentence for the learner;
    ``secret`` nbgrader's, for feedback.
    """

    learner: str
    door: str
    name: str
    time: datetime
    content: Callable[[], bytes]
    in_time: bool | None = None
    note: str = ""
    secret: bytes = b""
    title: str = ""
