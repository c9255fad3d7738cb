"""How the visible checks of a task show themselves: in a notebook, a terminal and plain Python alike."""

from __future__ import annotations

import html
import os
from dataclasses import dataclass
from typing import Any

import numpy as np

from .compare import canonical
from .known import Mistake
from .progress import Standing
from .recorder import Failure

_BOX = (
    "font-family:var(--jp-code-font-family,monospace);font-size:var(--jp-code-font-size,13px);line-height:1.5;"
    "max-width:100ch;overflow-wrap:anywhere"
)
_LIGHT, _DARK = (("ok", "#00694c"), ("no", "#a13d00")), (("ok", "#62d2a2"), ("no", "#ffab7a"))
_DARK_PAGES = ('[data-jp-theme-light="false"]', ".vscode-dark", "[theme=dark]")  # JupyterLab, VS Code, Colab


NOTHING = Standing()


@dataclass(frozen=True)
class Result:
    """One visible check that has run: its sentence, ``passed``/``failed``/``error``/``timeout``, and the reason.

    ``call`` is the last call that it made, as text.
    """

    sentence: str
    status: str
    reason: str = ""
    failure: Failure | None = None
    call: str = ""


@dataclass(frozen=True)
class Row:
    """A line of a report: a word in front, the text, and whether it is good news (``ok``), bad (``no``) or neither."""

    word: str
    text: str
    tone: str = ""


@dataclass(frozen=True)
class Report:
    """The visible checks of one task: one line a check, then the first failure in full, then what comes at grading."""

    task: str
    results: tuple[Result, ...]
    hidden: str = ""
    named: Mistake | None = None
    standing: Standing = NOTHING
    question: str = ""
    note: str = ""
    optional: bool = False

    @property
    def passed(self) -> int:
        """How many checks passed."""
        return sum(result.status == "passed" for result in self.results)

    @property
    def first(self) -> Result | None:
        """The first check that did not pass."""
        return next((result for result in self.results if result.status != "passed"), None)

    def rows(self) -> list[list[Row]]:
        """The report in three parts: the checks, the first failure, the summary. A task not begun takes two lines."""
        if self.results and all(one.reason.startswith("NotImplementedError") for one in self.results):
            return [[Row("error", self.results[0].reason, "no")], [], self._summary()]
        checks = [Row(r.status, r.sentence, "ok" if r.status == "passed" else "no") for r in self.results]
        return [checks, self._failure(), self._summary()]

    def _failure(self) -> list[Row]:
        if self.first is None:
            return []
        rows = [Row("look at", self.first.sentence), *_details(self.first)]
        if self.named is not None:
            rows.append(Row("cause", self.named.says, "no"))
        standing = self.standing
        if not standing.general:  # what may be said to anyone might not be about this failure: only for those who ask
            rows += [Row(f"hint {n}", text) for n, text in enumerate(standing.hints[: standing.opened], 1)]
        if standing.opened < len(standing.hints):
            more = "a general hint" if standing.general else "the next hint" if standing.opened else "a hint"
            rows.append(Row("stuck?", f'check.hint("{self.task}") shows {more}.'))
        return rows

    def _summary(self) -> list[Row]:
        count = f"{self.task}: {self.passed} of {len(self.results)} visible checks pass"
        hidden = f"; hidden checks at grading look at: {self.hidden}." if self.hidden else "."
        rows = [Row("in all", count + hidden, "ok" if self.first is None else "")]
        if self.first is None and self.question:
            rows.append(Row("and you?", f"A question on your own code, for you alone. {self.question}"))
            rows.append(
                Row("", f'If you like: guess, then run in a cell of your own: check.answer("{self.task}", YOUR GUESS)')
            )
        return rows + ([Row("note", self.note)] if self.note else [])

    def lines(self) -> list[str]:
        """The report as plain lines."""
        return [line for line, _ in self.toned()]

    def toned(self) -> list[tuple[str, str]]:
        """The report as lines, each with its tone: ``ok``, ``no`` or empty."""
        parts = [part for part in self.rows() if part]
        wide = max((len(row.word) for part in parts for row in part), default=0)
        shown: list[tuple[str, str]] = []
        for part in parts:
            shown += [("", "")] if shown else []
            for row in part:
                first, *rest = row.text.splitlines() or [""]
                shown.append((f"{row.word:<{wide}}  {first}".rstrip(), row.tone))
                shown += [(" " * (wide + 2) + line, "") for line in rest]
        return shown

    def __repr__(self) -> str:
        return "\n".join(self.lines())

    def _repr_html_(self) -> str:
        parts = (f'<div style="margin:.4em 0">{"".join(map(_html, part))}</div>' for part in self.rows() if part)
        style = "" if os.environ.get("NO_COLOR") else f"<style>{_colours()}</style>"
        return f'<div class="course-check" style="{_BOX}">{style}{"".join(parts)}</div>'


def _colours() -> str:
    rules = [f".course-check .{tone}{{color:{colour}}}" for tone, colour in _LIGHT]
    rules += [f"{page} .course-check .{tone}{{color:{colour}}}" for page in _DARK_PAGES for tone, colour in _DARK]
    return "".join(rules)


def _html(row: Row) -> str:
    """One row; laid out by its own style, since a page may take style sheets away from a notebook that it distrusts."""
    word = f'<b class="{row.tone}" style="flex:0 0 9ch;margin-right:1ch">{html.escape(row.word)}</b> '
    text = f'<span style="white-space:pre-wrap">{html.escape(row.text)}</span>'
    return f'<div style="display:flex">{word}{text}</div>'


def _details(result: Result) -> list[Row]:
    rows = [Row("called", result.call)] if result.call else []
    if result.failure is None:
        return [*rows, Row("found", result.reason)]
    if result.failure.want is not None:
        rows += [Row("yours", shortly(result.failure.got)), Row("expected", shortly(result.failure.want))]
    return [*rows, Row("found", result.failure.sentence)]


def shortly(value: Any) -> str:
    """A value on one line of at most 200 characters."""
    plain = canonical(value)
    if isinstance(plain, np.ndarray) and plain.ndim == 0:
        value = plain.item()  # however the number is stored
    with np.printoptions(precision=6, threshold=12, edgeitems=3):
        text = " ".join(repr(value).split())
    return text if len(text) <= 200 else text[:197] + "..."
