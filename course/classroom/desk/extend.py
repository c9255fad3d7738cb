"""Extensions: a later deadline for one learner, written into `course.toml` with everything else there left as it is."""

from __future__ import annotations

from datetime import datetime

import tomlkit

from .. import schedule
from ..home import Home, HomeError, write_text
from ..settings import Settings


def extend(home: Home, learner: str, slug: str, until: str) -> tuple[datetime, datetime]:
    """Give ``learner`` until ``until`` for ``slug``; the deadlines (UTC, naive) before and after.

    ``until`` is a time, days after the due date such as ``+3``, or ``none``, which takes the extension back.
    `HomeError` for somebody unknown, an assignment without a due date, or a time before it.
    """
    if learner not in home.roster:
        raise HomeError(f"{learner!r} is not on the roster; add them there first")
    due = home.due(slug)
    if due is None:
        raise HomeError(f"{slug} has no due date; set `due` under [assignments.{slug}] in course.toml first")
    before = home.due(slug, learner) or due
    try:
        at = None if until == "none" else schedule.until(until, home.settings.zone, due)
    except schedule.ScheduleError as error:
        raise HomeError(str(error)) from None
    if at is not None and at < due:
        raise HomeError(f"{until} is before {slug} is due ({due:%Y-%m-%d %H:%M} UTC); an extension comes after it")
    path = home.path / "course.toml"
    text = _with(path.read_text(encoding="utf-8"), learner, slug, at)
    Settings.parse(text)
    write_text(path, text)
    return before, Home.open(home.path).due(slug, learner) or due


def _with(text: str, learner: str, slug: str, at: datetime | None) -> str:
    document = tomlkit.parse(text)
    tables = document.setdefault("extensions", tomlkit.table(is_super_table=True))
    own = tables.setdefault(learner, tomlkit.table())
    for name in [name for name in own if schedule.named({name: True}, slug, False)]:
        del own[name]
    if at is not None:
        own[slug] = f"{at:%Y-%m-%d %H:%M:%S}+00:00"
    if not own:
        del tables[learner]
    if not tables:
        del document["extensions"]
    return tomlkit.dumps(document)
