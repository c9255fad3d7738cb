"""What can be judged of an assignment by reading: its messages, its header, its exercise, what ships to learners."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ..author.build import Built, is_current
from ..author.marks import Marks, Mistake
from ..bundle.cells import task_cell
from ..bundle.notebook import to_text

CAUSE_WORDS, LADDER_WORDS = 25, 160
TELLING = 30
"""A line of a solution or of a hidden check that is this long or longer is recognised wherever it stands."""


def read(built: Built, marks: Marks, root: Path) -> Iterator[str]:
    """A sentence for everything that an author should change."""
    slug = built.contract.slug
    for one in marks.mistakes:
        yield from _message(one, task_cell(built.reference, one.task).source)
    yield from _header(built)
    if not is_current(built, root):
        yield f"exercises/{slug}.ipynb is stale; run: course build {slug}"
    text = to_text(built.notebook)
    for line in sorted(secret_lines(built)):
        if line in text:
            yield f"the exercise of {slug} holds a secret line ({line[:40]!r}…); keep it out of what is not a solution"


def _message(one: Mistake, source: str) -> Iterator[str]:
    name = f"the mistake {one.name} of {one.task}"
    if len(one.says.split()) > CAUSE_WORDS:
        yield f"{name} says {len(one.says.split())} words, more than {CAUSE_WORDS}; say the cause alone"
    ladder = sum(len(hint.split()) for hint in one.hints)
    if ladder > LADDER_WORDS:
        yield f"{name} has hints of {ladder} words, more than {LADDER_WORDS} together"
    if len(one.hints) == 0:
        yield f"{name} has no hint; give at least where to look"
    for text in (one.says, *one.hints):
        given = _given_away(one, text, source)
        if given:
            yield f"{name} gives code away in its words ({given!r}); describe it instead"


def _given_away(one: Mistake, text: str, source: str) -> str:
    """A piece of the patch, or a line of the reference, that stands in a message; short words do not count."""
    pieces = [one.was.strip(), one.now.strip(), *(line.strip() for line in source.splitlines()[1:])]
    code = [piece for piece in pieces if len(piece) >= 8 and re.search(r"[=(\[+*/]", piece)]
    return next((piece for piece in code if piece in text), "")


def _header(built: Built) -> Iterator[str]:
    contract = built.contract
    if not contract.prerequisites:
        yield f"the contract of {contract.slug} names no prerequisites; say what learners must know"
    if not contract.claims:
        yield f"the contract of {contract.slug} settles no claim; say which, and by what"
    if contract.hours <= 0:
        yield f"the contract of {contract.slug} says {contract.hours:g} hours; measure them"


def secret_lines(built: Built) -> set[str]:
    """Lines of solution regions that are long enough to be telling."""
    found: set[str] = set()
    for cell in built.reference:
        within = False
        for line in cell.source.splitlines():
            if "### BEGIN SOLUTION" in line or "### END SOLUTION" in line:
                within = "BEGIN" in line
            elif within and len(line.strip()) >= TELLING:
                found.add(line.strip())
    return found
