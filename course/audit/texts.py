"""What can be judged of an assignment by reading: its messages, its header, its exercise, what ships to learners."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from ..author.build import Built, is_current
from ..author.marks import Marks, Mistake
from ..bundle.cells import task_cell

CAUSE_WORDS, LADDER_WORDS = 25, 160
TELLING = 45
"""A line of a solution or of a hidden check that is this long or longer is recognised wherever it stands."""

SHIPPED = ("autograd_mini", "course", "exercises", "README.md", "CHANGELOG.md")
"""Of the repository what stands in the wheel or the sdist."""


def read(built: Built, marks: Marks, root: Path) -> Iterator[str]:
    """A sentence for everything that an author should change."""
    slug = built.contract.slug
    for one in marks.fitting(built.reference).mistakes:
        yield from _message(one, task_cell(built.reference, one.task).source)
    yield from _header(built)
    if not is_current(built, root):
        yield f"exercises/{slug}.ipynb is stale; run: course build {slug}"
    secret = secret_lines(built, marks)
    for name, line in leaks(secret, root):
        yield f"{name} ships to learners and holds a secret line ({line[:40]!r}…); keep it out, or show it on purpose"


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
    pieces = [one.was, one.now, *one.source.splitlines()[2:], *source.splitlines()[1:]]
    stripped = [piece.strip() for piece in pieces]
    code = [piece for piece in stripped if len(piece) >= 8 and re.search(r"[=(\[+*/]", piece)]
    return next((piece for piece in code if piece in text), "")


def _header(built: Built) -> Iterator[str]:
    contract = built.contract
    if not contract.prerequisites:
        yield f"the contract of {contract.slug} names no prerequisites; say what learners must know"
    if not contract.claims:
        yield f"the contract of {contract.slug} settles no claim; say which, and by what"
    if contract.hours <= 0:
        yield f"the contract of {contract.slug} says {contract.hours:g} hours; measure them"


def secret_lines(built: Built, marks: Marks) -> set[str]:
    """Telling lines of solutions, alternatives, mistakes and hidden checks that the exercise does not show anyway."""
    found = {line.strip() for cell in built.reference for line in _lines(cell.source, solution=True)}
    texts = [one.source for one in marks.alternatives]
    for mistake in marks.mistakes:
        texts += [mistake.was, mistake.now, mistake.source]
    for node in ast.parse(built.checks).body:
        if isinstance(node, ast.FunctionDef):
            texts.append("\n".join(map(ast.unparse, node.body[bool(ast.get_docstring(node)) :])))
            texts.append(ast.get_source_segment(built.checks, node) or "")
    found |= {line.strip() for text in texts for line in text.splitlines()}
    public = [line for cell in built.reference for line in _lines(cell.source, solution=False)]
    public += [line for text in (built.checks, *texts) for line in _documented(text)]
    long = {line for line in found if len(line) >= TELLING and not line.startswith(("#", '"""', "@"))}
    return {line for line in long if not any(line in shown for shown in public)}


def leaks(secret: set[str], root: Path) -> Iterator[tuple[str, str]]:
    """The files under ``root`` that ship, and a line of ``secret`` that stands in each."""
    for name in SHIPPED:
        place = root / name
        for path in sorted(place.rglob("*") if place.is_dir() else [place]):
            if path.is_file() and "__pycache__" not in path.parts:
                text = path.read_text(encoding="utf-8", errors="replace")
                text = text.replace('\\"', '"') if path.suffix in {".ipynb", ".json"} else text
                for line in sorted(secret):
                    if line in text:
                        yield str(path.relative_to(root)), line
                        break


def _lines(source: str, *, solution: bool) -> Iterator[str]:
    """The lines of a cell that are in a solution region, or those that are not."""
    within = False
    for line in source.splitlines():
        if "### BEGIN SOLUTION" in line or "### END SOLUTION" in line:
            within = "BEGIN" in line
        elif within is solution:
            yield line


def _documented(text: str) -> Iterator[str]:
    """Lines of docstrings, which are public: learners read them."""
    try:
        tree = ast.parse(text)
    except SyntaxError:  # a piece of a patch
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.Module):
            yield from (ast.get_docstring(node, clean=False) or "").splitlines()
