"""What a learner reads about their submission: one self-contained page made from the verdict, with no code of ours."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup, escape

from ...bundle.cells import TASKS, grade_id
from ...grade.verdict import MANUAL, CheckVerdict, TaskVerdict, Verdict
from ...wording import count
from ..gradebook import Row, Scores
from ..grading.written import text_of
from ..show import WORDS, number, one_line, plain
from .pictures import Picture
from .statistics import LEAST, Standing

TEXT_BUDGET = 150_000
"""Bytes of escaped text that a page may hold of the learner's, so that it stays below 300 kB without figures."""
LONGEST = 200_000
"""Characters of a text that are looked at."""
CHECKS, OWN = 240, 60
"""How many checks, and own cells, a page shows at most: each costs markup, too."""
FIGURES, FIGURE_BYTES = 24, 2_000_000
DOORS = {"exchange": "through the exchange", "hub": "from your folder on the hub", "lms": "through the LMS"}
_TICKS = re.compile(r"`([^`\n]+)`")
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class About:
    """What a page's head says: the assignment's title, the course, the learner's name and id, when and how it came.

    Times are UTC, naive, and shown in ``zone``; ``due`` is the learner's own deadline, ``extended`` where that is
    theirs alone. ``door`` and ``in_time`` are as in `handed.Record`: where an LMS says whether it was in time,
    ``submitted`` is no time that a learner knows. ``notes`` is what collecting had to say of it.
    """

    title: str
    course_id: str
    name: str
    learner: str
    submitted: datetime | None = None
    due: datetime | None = None
    extended: bool = False
    door: str = ""
    in_time: bool | None = None
    notes: tuple[str, ...] = ()
    zone: tzinfo = UTC

    def local(self, time: datetime) -> str:
        """A time as people of the course write it."""
        return f"{time.replace(tzinfo=UTC).astimezone(self.zone):%-d %B %Y, %H:%M %Z}"

    @property
    def came(self) -> str:
        """When it was handed in, as far as anybody knows, and by which door."""
        when = self.local(self.submitted) if self.submitted is not None and self.in_time is None else ""
        by = DOORS.get(self.door, "")
        return " ".join(text for text in ("handed in", when, by) if text) if when or by else ""

    def timing(self, penalty: float, decided: bool) -> str:
        """When it was due, how late it came, and what that cost; nothing where nobody said when it is due."""
        if self.due is None:
            return ""
        text = f"It was due on {self.local(self.due)}{', which is your extension' if self.extended else ''}"
        if self.submitted is None:
            return f"{text}."
        late = self.submitted - self.due
        if self.in_time or (self.in_time is None and late <= timedelta(0)):
            return f"{text}; it came in time."
        text += "; the LMS says that it came late" if self.in_time is False else f"; it came {span(late)} late"
        if penalty:
            return f"{text}, and {count(1, 'point') if penalty == 1 else f'{number(penalty)} points'} came off."
        return f"{text}, and nothing came off." if decided else f"{text}."


def span(time: timedelta) -> str:
    """How long that is, in its two largest units.

    >>> span(timedelta(hours=51, minutes=5)), span(timedelta(minutes=1)), span(timedelta(seconds=1))
    ('2 days and 3 hours', '1 minute', 'less than a minute')
    """
    minutes = int(time.total_seconds() // 60)
    parts = [(minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute")]
    first = next((place for place, (size, _) in enumerate(parts) if size), len(parts))
    return " and ".join(count(*part) for part in parts[first : first + 2] if part[0]) or "less than a minute"


@dataclass
class _Budget:
    left: int = TEXT_BUDGET

    def clip(self, text: str, most: int = 20_000) -> str:
        """``text``, cleaned, and cut so that it takes at most ``most`` bytes, and what is left, once escaped."""
        text, most = plain(text[:LONGEST]), max(0, min(most, self.left))
        if len(text) > most or _size(text) > most:
            low, high = 0, min(len(text), most)
            while low < high:
                middle = (low + high + 1) // 2
                low, high = (middle, high) if _size(text[:middle]) <= most else (low, middle - 1)
            text = text[:low] + ("\n… (cut here)" if most else "")
        self.left -= _size(text)
        return text


def _size(text: str) -> int:
    """Bytes that it takes on the page at most; what stands between backticks is set as code."""
    return len(_ticks(text).encode())


@dataclass(frozen=True)
class _Task:
    name: str
    word: str
    status: str
    score: float | None
    maximum: float
    sentence: str
    checks: tuple[dict, ...]
    note: str = ""
    more: int = 0
    cause: str = ""
    hints: tuple[tuple[str, str], ...] = ()
    code: str = ""
    comment: str = ""
    manual: bool = False
    text: bool = False

    @property
    def told(self) -> bool:
        """Whether there is more to say of the task than its line in the table."""
        return bool(self.code or self.comment or any(check["status"] != "fault" for check in self.checks))


def render(
    verdict: Verdict,
    notebook: Mapping,
    about: About,
    scores: Scores | None = None,
    standing: Standing | None = None,
    told: Mapping[str, Sequence[Picture]] | None = None,
) -> str:
    """The page, as HTML: no script, nothing loaded from elsewhere, no hidden input, no text of the learner's unescaped.

    ``notebook`` is the autograded notebook (nbformat JSON with the figures in its outputs); ``scores`` what the
    gradebook says, where a person may have changed a score or written a comment; ``standing`` the class's;
    ``told`` what the course's own cells say of their figures, by cell.
    """
    budget, codes = _Budget(), _codes(notebook)
    # What a learner can make long comes last, or has its share: no sentence of a check is cut for it.
    pairs = zip(verdict.tasks, _checks(verdict, budget), strict=True)
    tasks = [_task(task, scores, budget, checks) for task, checks in pairs]
    messages, tasks = _messages(verdict, about, budget), _with_codes(tasks, codes, budget)
    own = [text for name, text in codes.items() if name.startswith("own-")]
    total = scores.score if scores is not None else verdict.score
    penalty = scores.penalty if scores is not None else 0.0
    return template("page.html").render(
        about=about,
        timing=about.timing(penalty, total is not None),
        verdict=verdict,
        tasks=tasks,
        score=total,
        to_read=verdict.decided,
        so_far=sum(task.score for task in tasks if task.score is not None),
        share=_share(total, verdict.maximum),
        maximum=verdict.maximum,
        penalty=penalty,
        **messages,
        **_beside(verdict, standing),
        figures=figures(notebook["cells"], told),
        own=[budget.clip(code) for code in own[:OWN] if budget.left > 0],
        own_count=len(own),
    )


def _beside(verdict: Verdict, standing: Standing | None) -> dict[str, Any]:
    """The class, and its numbers by this verdict's tasks."""
    known = standing.tasks if standing is not None else {}
    rows = {task.name: known.get(_row_name(task)) for task in verdict.tasks}
    return {"standing": standing, "least": LEAST, "rows": rows}


def _codes(notebook: Mapping) -> dict[str, str]:
    """The text of every cell of code, and of every one that a person reads, by the cell's id."""
    codes = {cell["id"]: "".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"}
    return codes | {cell["id"]: text_of(cell) for cell in notebook["cells"] if cell["id"].startswith("written-")}


def _messages(verdict: Verdict, about: About, budget: _Budget) -> dict[str, Any]:
    """What is said of the submission as a whole: a regrade, what was repaired, what a person looks at."""
    notes = (*verdict.notes, *map(to_learner, about.notes))
    return {
        "again": budget.clip(verdict.again, 1_000),
        "notes": [budget.clip(note, 1_000) for note in notes[:50]],
        "review": [budget.clip(text, 1_000) for text in verdict.review[:10]],
    }


def to_learner(note: str) -> str:
    """What collecting said of a submission to its collector, as a sentence to its learner.

    >>> to_learner("its notebook is called 'a.ipynb' instead of b.ipynb; its time names no zone")
    "Your notebook is called 'a.ipynb' instead of b.ipynb; your submission's time names no zone."
    """
    text = re.sub(r"(^|; )its (?=notebook)", r"\1your ", note.strip())
    text = re.sub(r"(^|; )its ", r"\1your submission's ", text)
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?")) else ".")


def _with_codes(tasks: Sequence[_Task], codes: Mapping[str, str], budget: _Budget) -> list[_Task]:
    """``tasks`` with the learner's cells, each of which gets at least its share of the room that is left."""
    found = []
    for place, task in enumerate(tasks):
        code = next((codes[name] for name in _ids(task.name) if name in codes), "")
        found.append(replace(task, code=budget.clip(code, min(20_000, budget.left // (len(tasks) - place)))))
    return found


def _ids(task: str) -> list[str]:
    return [grade_id(kind, task) for kind in TASKS]


def _share(score: float | None, maximum: float) -> float:
    return 0.0 if score is None or maximum <= 0 else round(100 * min(1.0, max(0.0, score / maximum)), 1)


def _task(task: TaskVerdict, scores: Scores | None, budget: _Budget, checks: list[dict]) -> _Task:
    row = _row(task, scores)
    comments = scores.comments if scores is not None else {}
    manual = row is not None and row.manual is not None
    read = task.status == MANUAL and row is not None and row.score is not None
    note = _said_once(checks)
    return _Task(
        name=task.name,
        word="read" if read else WORDS[task.status],
        status=task.status,
        score=row.score if row is not None else task.score,
        maximum=task.maximum,
        sentence="A person has read this." if read else budget.clip(task.sentence, 1_000),
        checks=tuple(checks),
        more=len([one for one in task.checks if one.status != MANUAL]) - len(checks),
        cause=budget.clip(task.cause, 1_000),
        hints=tuple(_ladder([budget.clip(hint, 1_000) for hint in task.hints[:6]])),
        note="\n".join(text for text in (note, budget.clip(task.note, 1_000)) if text),
        comment=budget.clip(next((comments[name] for name in _ids(task.name) if name in comments), ""), 5_000),
        manual=manual,
        text=task.written,
    )


def _ladder(hints: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each hint under the name by which it is opened."""
    for place, hint in enumerate(hints):
        last = place == len(hints) - 1 and place > 1
        yield ("A hint" if not place else "The plainest hint" if last else "A plainer hint"), hint


def _checks(verdict: Verdict, budget: _Budget) -> list[list[dict]]:
    """What is shown of every task's checks: their sentences go before anything that a learner can make long."""
    most = max(1, CHECKS // max(1, len(verdict.tasks)))
    chosen = [[one for one in task.checks[:most] if one.status != MANUAL] for task in verdict.tasks]
    detail = min(1_000, TEXT_BUDGET // 2 // max(1, sum(map(len, chosen))))
    return [[_check(one, budget, detail) for one in checks] for checks in chosen]


def _said_once(checks: list[dict[str, Any]]) -> str:
    """The detail that every check has, taken out of them; empty when they differ or there is but one."""
    details = {check["detail"] for check in checks}
    if len(checks) < 2 or len(details) > 1:
        return ""
    for check in checks:
        check["detail"] = ""
    return details.pop()


def _row(task: TaskVerdict, scores: Scores | None) -> Row | None:
    return scores.row(task.name) if scores is not None else None


def _row_name(task: TaskVerdict) -> str:
    return grade_id("written" if task.written else "check", task.name)


def _check(check: CheckVerdict, budget: _Budget, detail: int) -> dict[str, Any]:
    return {
        "word": WORDS[check.status],
        "status": check.status,
        "sentence": budget.clip(check.sentence, 1_000),
        "detail": budget.clip(check.detail, detail) if check.status != "passed" else "",
        "points": check.points,
        "visible": check.visible,
        "topic": plain(check.topic),
    }


def figures(cells: Iterable[Mapping], told: Mapping[str, Sequence[Picture]] | None = None) -> list[dict[str, str]]:
    """The pictures in the outputs of ``cells``, as PNG data, and texts that say which cell drew them, and what."""
    found: list[dict[str, str]] = []
    for cell in cells:
        place = 0
        for output in cell.get("outputs", ()):
            data = _png(output.get("data", {}).get("image/png"))
            if data and len(found) < FIGURES:
                said = (told or {}).get(cell["id"], ())
                about = said[place] if place < len(said) else None
                place += 1
                which = plain(str(cell["id"]))[:100] + ("”" if place == 1 else f"”, picture {place}")
                found.append({"data": data} | _texts(which, about))
    return found


def _texts(which: str, about: Picture | None) -> dict[str, str]:
    """A figure's caption, and its text alternative, which repeats that and goes on."""
    if about is None:
        return dict.fromkeys(("caption", "alt"), f"Figure drawn by your cell “{which}")
    caption = f"Figure of the cell “{which}{f': {about.title}' if about.title else ''}"
    return {"caption": plain(caption), "alt": plain(f"{caption}. What the exercise says of it: {about.alt}")[:2_000]}


def _png(text: Any) -> str:
    """``text`` again, if it is base64 of a PNG picture of bearable size; else nothing."""
    if isinstance(text, list):
        text = "".join(part for part in text if isinstance(part, str))
    if not isinstance(text, str) or len(text) > FIGURE_BYTES * 4 // 3 + 1000:
        return ""
    try:
        data = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        return ""
    return base64.b64encode(data).decode() if data.startswith(_PNG) else ""


def _percent(share: float) -> str:
    """A share in whole percent; all and none are said only where it is so."""
    return f"{100 * share:.0f} %" if share in (0, 1) else f"{min(99, max(1, round(100 * share)))} %"


def _ticks(text: str) -> Markup:
    """``text`` escaped, and what stands between two backticks set as code."""
    return Markup(_TICKS.sub(r"<code>\1</code>", str(escape(text))))


@cache
def template(name: str) -> jinja2.Template:
    """A page's template: what is put into it is escaped, and a name that is not given is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(lambda file: (files(__package__) / file).read_text(encoding="utf-8")),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
    )
    environment.filters.update(number=number, percent=_percent, plain=plain, ticks=_ticks, one_line=one_line)
    return environment.get_template(name)
