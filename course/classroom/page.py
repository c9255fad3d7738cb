"""What a learner reads about their submission: one self-contained page made from the verdict, with no code of ours."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
from markupsafe import Markup, escape

from ..bundle.cells import TASKS, grade_id
from ..grade.verdict import CheckVerdict, TaskVerdict, Verdict
from .gradebook import Row, Scores
from .show import WORDS, number, one_line, plain

TEXT_BUDGET = 150_000
"""Bytes of escaped text that a page may hold of the learner's, so that it stays below 300 kB without figures."""
FIGURES, FIGURE_BYTES = 24, 2_000_000
_TICKS = re.compile(r"`([^`\n]+)`")
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class About:
    """What a page's head says: the assignment's title, the course, the learner's name and id, when it came (UTC)."""

    title: str
    course_id: str
    name: str
    learner: str
    submitted: datetime | None = None


@dataclass
class _Budget:
    left: int = TEXT_BUDGET

    def clip(self, text: str, most: int = 20_000) -> str:
        """``text``, cleaned, and cut so that it takes at most ``most`` bytes, and what is left, once escaped."""
        text, most = plain(text), max(0, min(most, self.left))
        if _size(text) > most:
            low, high = 0, len(text)
            while low < high:
                middle = (low + high + 1) // 2
                low, high = (middle, high) if _size(text[:middle]) <= most else (low, middle - 1)
            text = text[:low] + "\n… (cut here)"
        self.left -= _size(text)
        return text


def _size(text: str) -> int:
    return len(str(escape(text)).encode())


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
    cause: str = ""
    hint: str = ""
    code: str = ""
    comment: str = ""
    manual: bool = False

    @property
    def told(self) -> bool:
        """Whether there is more to say of the task than its line in the table."""
        return bool(self.code or self.comment or any(check["status"] != "fault" for check in self.checks))


def render(verdict: Verdict, notebook: Mapping, about: About, scores: Scores | None = None) -> str:
    """The page, as HTML: no script, nothing loaded from elsewhere, no hidden input, no text of the learner's unescaped.

    ``notebook`` is the autograded notebook (nbformat JSON with the figures in its outputs); ``scores`` what the
    gradebook says, where a person may have changed a score or written a comment.
    """
    budget, codes = _Budget(), {}
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        codes[cell["id"]] = "".join(cell["source"])
    tasks = [_task(task, codes, scores, budget) for task in verdict.tasks]
    total = scores.score if scores is not None else verdict.score
    return template("page.html").render(
        about=about,
        verdict=verdict,
        tasks=tasks,
        score=total,
        so_far=sum(task.score for task in tasks if task.score is not None),
        share=_share(total, verdict.maximum),
        maximum=verdict.maximum,
        penalty=scores.penalty if scores is not None else 0.0,
        notes=[budget.clip(note, 1_000) for note in verdict.notes[:50]],
        review=[budget.clip(text, 1_000) for text in verdict.review[:10]],
        figures=figures(cells),
        own=[budget.clip(codes[cell["id"]]) for cell in cells if cell["id"].startswith("own-")],
    )


def _share(score: float | None, maximum: float) -> float:
    return 0.0 if score is None or maximum <= 0 else round(100 * min(1.0, max(0.0, score / maximum)), 1)


def _task(task: TaskVerdict, codes: Mapping[str, str], scores: Scores | None, budget: _Budget) -> _Task:
    row = _row(task, scores)
    ids = [grade_id(kind, task.name) for kind in TASKS]
    code = next((codes[name] for name in ids if name in codes), "")
    comments = scores.comments if scores is not None else {}
    manual = row is not None and row.manual is not None
    checks = [_check(check, budget) for check in task.checks[:100]]
    note = _said_once(checks)
    return _Task(
        name=task.name,
        word=WORDS[task.status],
        status=task.status,
        score=row.score if row is not None else task.score,
        maximum=task.maximum,
        sentence=budget.clip(task.sentence, 1_000),
        checks=tuple(checks),
        cause=budget.clip(task.cause, 1_000),
        hint=budget.clip(task.hints[0], 1_000) if task.hints else "",
        note="\n".join(text for text in (note, budget.clip(task.note, 1_000)) if text),
        code=budget.clip(code),
        comment=budget.clip(next((comments[name] for name in ids if name in comments), ""), 5_000),
        manual=manual,
    )


def _said_once(checks: list[dict[str, Any]]) -> str:
    """The detail that every check has, taken out of them; empty when they differ or there is but one."""
    details = {check["detail"] for check in checks}
    if len(checks) < 2 or len(details) > 1:
        return ""
    for check in checks:
        check["detail"] = ""
    return details.pop()


def _row(task: TaskVerdict, scores: Scores | None) -> Row | None:
    return scores.rows.get(grade_id("check", task.name)) if scores is not None else None


def _check(check: CheckVerdict, budget: _Budget) -> dict[str, Any]:
    return {
        "word": WORDS[check.status],
        "status": check.status,
        "sentence": budget.clip(check.sentence, 1_000),
        "detail": budget.clip(check.detail, 1_000) if check.status != "passed" else "",
        "points": check.points,
        "visible": check.visible,
        "topic": plain(check.topic),
    }


def figures(cells: Iterable[Mapping]) -> list[dict[str, str]]:
    """The pictures in the outputs of ``cells``, as PNG data and a text that says which cell drew them."""
    found: list[dict[str, str]] = []
    for cell in cells:
        count = 0
        for output in cell.get("outputs", ()):
            data = _png(output.get("data", {}).get("image/png"))
            if data and len(found) < FIGURES:
                count += 1
                which = "" if count == 1 else f", picture {count}"
                found.append({"data": data, "alt": f"Figure drawn by your cell “{plain(cell['id'])}”{which}"})
    return found


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
    environment.filters.update(number=number, plain=plain, ticks=_ticks, one_line=one_line)
    return environment.get_template(name)
