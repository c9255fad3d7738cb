"""How a task's verdict looks in a notebook: one line a check in words, and the score as the cell's result."""

from __future__ import annotations

import html
import re
from decimal import ROUND_HALF_UP, Decimal

from ..grade.verdict import CheckVerdict, TaskVerdict

WORDS = {
    "passed": "passed",
    "failed": "failed",
    "error": "error",
    "timeout": "timeout",
    "memory": "memory",
    "crashed": "crashed",
    "missing": "missing",
    "manual": "a person reads it",
    "fault": "not decided",
}
"""What a person reads for each status."""

_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-_])")
# Control characters, and those that turn the direction of the text around them.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def plain(text: str) -> str:
    """``text`` without terminal escapes, control characters and tricks with the direction of writing.

    >>> plain("\\x1b[31mred\\x1b[0m\\a")
    'red'
    """
    return _CONTROL.sub("", _ESCAPES.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def one_line(text: str) -> str:
    """``text``, plain and in one line: for names and messages that somebody else chose.

    >>> one_line("a\\nrefused: b\\x1b[2J")
    'a refused: b'
    """
    return " ".join(plain(text).split("\n")).replace("\t", " ").replace("\u2028", " ").replace("\u2029", " ")


def number(value: float | None, none: str = "-") -> str:
    """Points with at most two decimals and a dot, halves up as people round; ``none`` where there are none.

    >>> number(3.0), number(24.125), number(2.675), number(0.1 + 0.2), number(None)
    ('3', '24.13', '2.68', '0.3', '-')
    """
    if value is None:
        return none
    rounded = Decimal(repr(float(value))).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return f"{rounded + 0:f}".rstrip("0").rstrip(".")


def line(check: CheckVerdict) -> str:
    """One check in one line of plain text."""
    points = f" ({number(check.points)})" if check.points else ""
    detail = f" {plain(check.detail)}" if check.detail and check.status != "passed" else ""
    return f"{WORDS[check.status]:>11}{points}  {plain(check.sentence)}{detail}".replace("\n", " ")


def outputs(task: TaskVerdict) -> list[dict]:
    """nbformat outputs of a task's check cell: the sentences, then the score, which nbgrader reads.

    An undecided task has no score here; nothing may read its lack as full points or as none.
    """
    lines = [line(check) for check in task.checks]
    if task.cause:
        lines.insert(0, plain(f"What went wrong: {task.cause}"))
    text = "\n".join(lines)
    rows = "".join(f"<li>{html.escape(text.strip())}</li>" for text in lines)
    shown: list[dict] = [
        {
            "output_type": "display_data",
            "data": {"text/plain": text, "text/html": f'<ul style="list-style:none;padding:0">{rows}</ul>'},
            "metadata": {},
        }
    ]
    if task.score is not None:
        data = {"text/plain": f"{task.score!r}"}
        shown.append({"output_type": "execute_result", "data": data, "metadata": {}, "execution_count": None})
    return shown
