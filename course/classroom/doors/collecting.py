"""Collecting an assignment by every door: nbgrader's exchange, a hub's folders, an LMS's zip."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from ...wording import count
from .. import gradebook
from ..home import Home, HomeError
from ..nbconfig import write_config
from ..show import one_line
from . import handed
from .delivery import Delivery
from .exchange import Collection
from .exchange import collect as collect_exchange
from .hub import hub, layout, strangers
from .inbound import Refusal, refusal_of
from .lms import deliveries

_SLUG = re.compile(r"(?<!\d)\d\d_[a-z][a-z0-9_]*[a-z0-9]")


def collect(home: Home, slug: str, source: str = "") -> Collection:
    """Bring the submissions of ``slug`` into the home; safe to run again.

    Without a ``source``: from the exchange, and from the hub that `course.toml` names. A ``source`` is an LMS's zip,
    or a hub's layout or folder. Of all that a learner handed in, by whichever door, the last in time counts.
    """
    if source and "{" not in source and not Path(source).is_dir():
        return from_lms(home, slug, Path(source))
    if source:
        return from_hub(home, slug, source)
    found = collect_exchange(home, slug)
    if not home.settings.hub:
        return found
    other = from_hub(home, slug, home.settings.hub)
    came = dict.fromkeys([*found.unchanged, *other.unchanged], False)
    came |= dict.fromkeys([*found.collected, *other.collected], True)
    return Collection.of(came, [*found.refused, *other.refused], [*found.notes, *other.notes], home.roster)


def from_hub(home: Home, slug: str, source: str) -> Collection:
    """From the folders that a hub keeps for its learners; whose a notebook is says the folder's name.

    What lies there when it is collected is what counts, so collect when an assignment is due.
    """
    pattern = layout(source)
    _begin(home)
    came: dict[str, bool] = {}
    refused: list[Refusal] = []
    notes: list[str] = []
    dates = gradebook.due_dates(home, slug)
    for learner in home.roster:
        with hub(pattern, slug, learner, home.settings.limits, refused) as delivery:
            if delivery is not None:
                _take(home, slug, delivery, dates, came, refused, notes)
    if others := strangers(pattern, home.roster):
        shown = ", ".join(one_line(name) for name in others[:10]) + (", …" if len(others) > 10 else "")
        notes.append(f"Not on the roster, so nothing was taken from their folders: {shown}")
    handed.refuse(home, slug, "hub", refused)
    return Collection.of(came, refused, notes, home.roster)


def from_lms(home: Home, slug: str, source: Path) -> Collection:
    """From the zip of all submissions that Canvas or Moodle makes; whose a notebook is says the roster."""
    _begin(home)
    found, refused = deliveries(source, slug, home.roster, home.settings.limits, home.settings.zone)
    _refuse_another(slug, source, found)
    came: dict[str, bool] = {}
    notes: list[str] = []
    dates = gradebook.due_dates(home, slug)
    for learner in home.roster:
        own = sorted((item for item in found if item.learner == learner), key=lambda item: (item.time, item.name))
        for item in own:
            _take(home, slug, item, dates, came, refused, notes)
    if late := sum(item.in_time is False for item in found):
        notes.append(f"{source.name} marks {count(late, 'upload')} as late but not how late: one day is reckoned")
    handed.refuse(home, slug, "lms", refused)
    return Collection.of(came, refused, notes, home.roster)


def _refuse_another(slug: str, source: Path, found: Iterable[Delivery]) -> None:
    """`HomeError` where most learners' notebooks are called like another assignment, which would overwrite a class.

    A learner has one voice, however much they uploaded.
    """
    voices = {item.learner: match[0] if (match := _SLUG.search(item.title)) else slug for item in found}
    other = Counter(voices.values()).most_common(1)[0][0] if voices else slug
    if other != slug and not other.startswith(f"{slug}_"):  # `course submit` adds the learner's id
        raise HomeError(
            f"most notebooks in {source.name} are called {other}, so nothing was collected; is it that assignment's? "
            f"Then: course collect {other[:2]} --from {source}"
        )


def _begin(home: Home) -> None:
    write_config(home)  # course.toml may have been edited
    gradebook.enrol(home)


def _take(
    home: Home,
    slug: str,
    item: Delivery,
    dates: tuple[datetime | None, dict[str, datetime]],
    came: dict[str, bool],
    refused: list[Refusal],
    notes: list[str],
) -> None:
    everybodys, extended = dates
    due = extended.get(item.learner, everybodys)
    if item.in_time is False and due is not None and due != everybodys and item.time <= due:
        item = replace(item, in_time=True)  # an LMS does not know of an extension that was given here
    try:
        if home.settings.attempts:  # such a door has no act of handing in: what has other contents is another attempt
            data = item.content()
            item = replace(item, content=lambda: data)  # an open file is read once
            attempt = f"{item.name} {hashlib.sha256(data).hexdigest()[:12]}"
            good, said = handed.admit(home, slug, item.learner, [attempt])
            notes += map(one_line, said)
            if not good:
                came.setdefault(item.learner, False)
                return
        new = handed.take(home, slug, item, due)
    except Exception as error:  # whatever it is, it costs nobody else
        refused.append(Refusal(item.name, item.learner, refusal_of(item.name, error).sentence))
        return
    came[item.learner] = came.get(item.learner, False) or new
    if item.note:
        notes.append(one_line(f"{item.name}: {item.note}"))
