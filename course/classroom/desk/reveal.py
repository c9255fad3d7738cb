"""Publishing a solution, once nobody can hand in the assignment any more."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from ...author.build import without_marks
from ...bundle.cells import Cell
from ...bundle.freeze import Bundle, latest
from ...bundle.notebook import to_text
from .. import gradebook, schedule
from ..home import Home, HomeError, write_folder, write_text

_ABOUT = """\
# Solution

The notebook below is *{title}* as its authors solved it: one right way of several. Type your `learner_id`
in the learner cell to see your own data, then run all cells.\
"""


@dataclass(frozen=True)
class Revealed:
    """A solution that was published: where it lies, what learners fetch it as, whether anything is new, and a note.

    ``there`` is its place in the exchange; where that is None, ``why`` says why and what to do.
    """

    notebook: Path
    name: str
    there: Path | None
    changed: bool
    why: str = ""
    note: str = ""


def reveal(home: Home, slug: str, *, although_open: bool = False, now: datetime | None = None) -> Revealed:
    """Put the solution of ``slug`` into the home's folder ``revealed`` and, as an assignment of its own, where
    learners fetch; safe to run again.

    `HomeError` while anybody on the roster can still hand in; where no due date says when that ends, unless
    ``although_open``.
    """
    now = now or schedule.now()
    refuse_open(home, slug, although_open, now)
    bundle = latest(home.bundles, slug)
    if bundle is None:
        raise HomeError(f"{slug} was never released from this home, so there is no solution to reveal")
    text = to_text(solution(bundle, home.settings.course_id))
    path, name = home.path / "revealed" / f"{slug}.ipynb", f"{slug}_solution"
    changed = write_text(path, text)
    outbound = home.exchange / home.settings.course_id / "outbound"
    if not outbound.is_dir():
        why = f"There is no exchange at {home.exchange}, so hand the file out yourself."
        return Revealed(path, name, None, changed, why, _note(home, slug, now))
    there = outbound / name / f"{name}.ipynb"
    changed = _publish(there, text) or changed
    return Revealed(path, name, there, changed, note=_note(home, slug, now))


def refuse_open(home: Home, slug: str, although_open: bool, now: datetime) -> None:
    """`HomeError` while a deadline is still to come, with whose; and where there is none, unless ``although_open``."""
    closed = home.closed(slug)
    if closed is None:
        if although_open:
            return
        raise HomeError(
            f"{slug} has no due date, so it can still be handed in; give it one in course.toml, or reveal its "
            "solution all the same with --although-open"
        )
    if closed < now:
        return
    due, extended = gradebook.due_dates(home, slug)
    still = {learner: at for learner, at in extended.items() if at >= now and learner in home.roster}
    whose = [f"for {learner} until {_said(at)}" for learner, at in sorted(still.items(), key=lambda item: item[1])]
    if due is not None and due >= now:
        whose.insert(0, f"for everybody until {_said(due)}")
    raise HomeError(
        f"{slug} can still be handed in, {', '.join(whose)}; reveal its solution after "
        f"{_said(closed)}, when nobody can copy it any more"
    )


def _said(time: datetime) -> str:
    return f"{time:%Y-%m-%d %H:%M} UTC"


def _note(home: Home, slug: str, now: datetime) -> str:
    """What to know where a submission that comes from now on would still count."""
    due, extended = gradebook.due_dates(home, slug)
    waited_for = []
    for learner in home.roster:
        until = extended.get(learner, due)
        late = 0.0 if until is None else (now - until).total_seconds()
        counts = home.settings.late.penalty(1.0, late) < 1.0
        if counts and not home.notebook("submitted", slug, learner).is_file():
            waited_for.append(learner)
    if not waited_for:
        return ""
    names = ", ".join(waited_for[:10]) + (", …" if len(waited_for) > 10 else "")
    return f"nothing from {names} was collected; what they hand in now can be copied, and by the late policy it counts"


def solution(bundle: Bundle, course_id: str) -> dict:
    """The reference notebook as a learner of ``course_id`` would have it: no marks, no metadata of nbgrader's.

    Hidden checks are in no notebook. The learner cell names nobody.
    """
    cells = tuple(replace(cell, source=without_marks(cell.source)) for cell in bundle.reference)
    about = Cell("prose", "", _ABOUT.format(title=bundle.contract.title), "solution-of")
    made = replace(bundle, skeleton=(about, *cells)).release_notebook(course_id)
    made["metadata"].pop("course", None)
    for cell in made["cells"]:
        cell["metadata"] = {}
    return made


def _publish(there: Path, text: str) -> bool:
    """Put ``text`` at ``there``, readable by all, in a folder of its own; whether anything changed.

    An assignment of its own is what `nbgrader fetch_assignment` can get; a file beside the exercise would reach
    nobody who has fetched that already.
    """
    if there.is_file() and there.read_bytes() == text.encode():
        return False
    write_folder(there.parent, {there.name: text.encode()}, public=True)
    return True
