"""The six learners of the demo, and what each of them writes into the notebook."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from ..author.build import Built
from ..author.marks import read_marks
from ..bundle.cells import TASKS, Cell, task_cell
from ..grade.reference import load_reference, right_answers

LOOP, MISTAKE = "quadratic_gd", "max_stable_lr"


@dataclass(frozen=True)
class Filled:
    """A learner of the demo: id, names, and what they play."""

    id: str
    first_name: str
    last_name: str
    plays: str


CLASS = (
    Filled("ada", "Ada", "Byron", "everything right"),
    Filled("ben", "Ben", "Okri", "right in an unusual way, with warnings"),
    Filled("cleo", "Cléo", "Dubois", f"a typical mistake in {MISTAKE}"),
    Filled("dan", "Dan", "Ng", "untouched"),
    Filled("eve", "Eve", "Moreau", f"an endless loop in {LOOP}"),
    Filled("fox", "Fox", "Reinecke", "a forger"),
)

_BEGIN = "    ### BEGIN SOLUTION\n"
_NOISE = """\
import sys
import warnings

warnings.warn("this learner's code warns, and that costs nothing")
print("a word on stderr", file=sys.stderr)
"""


def fill_in(notebook: dict, learner: Filled, built: Built, root: Path) -> None:
    """Write what ``learner`` plays into the cells of ``notebook``, and their id into the learner cell."""
    marks = read_marks(root / "tests" / "hidden" / f"test_{built.contract.slug}.py")
    sources: dict[str, str] = {}
    own: list[str] = []
    if learner.id not in {"dan", "fox"}:
        sources = {cell.id: _unmarked(cell.source) for cell in built.reference if cell.kind in TASKS}
        sources.update(_answered(built, learner.id))
    if learner.id == "ben":
        sources.update({f"function-{one.task}": one.source for one in reversed(marks.alternatives)})
        own.append(_NOISE)
    elif learner.id == "cleo":
        mistake = next(one for one in marks.mistakes if one.task == MISTAKE)
        sources[f"function-{MISTAKE}"] = _unmarked(mistake.patch(task_cell(built.reference, MISTAKE).source))
    elif learner.id == "eve":
        sources[f"function-{LOOP}"] = _endless(task_cell(built.reference, LOOP).source)
    elif learner.id == "fox":
        own.append((root / "tests" / "attacks" / "cells" / "forger.py").read_text(encoding="utf-8"))
    _write(notebook, learner.id, sources, own)


def _answered(built: Built, learner: str) -> dict[str, str]:
    """The question cells with the numbers that are right for this learner's own data."""
    names = {"course_id": "demo", "learner_id": learner, "backend": "numpy"}
    typed = right_answers(built.reference, load_reference(built.reference, names))
    cells = [cell for cell in built.skeleton if cell.kind == "question"]
    return {cell.id: "\n".join(_typed(line, typed) for line in cell.source.splitlines()) for cell in cells}


def _typed(line: str, typed: dict) -> str:
    name = line.removesuffix(" = None")
    return f"{name} = {typed[name]!r}" if name in typed and name != line else line


def _unmarked(source: str) -> str:
    """A cell of the reference as a learner would have written it."""
    return re.sub(r"(?m)^ *### (BEGIN|END) SOLUTION\n?", "", source)


def _endless(source: str) -> str:
    """The function with a loop at its beginning that never ends."""
    return _unmarked(source.replace(_BEGIN, f"    t = 0\n    while t < 1:\n        t = t * 1\n{_BEGIN}"))


def _write(notebook: dict, learner: str, sources: dict[str, str], own: list[str]) -> None:
    cells = []
    for cell in notebook["cells"]:
        if cell.get("id") in sources:
            cell["source"] = sources[cell["id"]]
        elif cell.get("id") == "learner":
            cell["source"] = _with_id("".join(cell["source"]), learner)
        cells.append(cell)
        if cell.get("id") == "setup":
            cells += [_own(text, number) for number, text in enumerate(own)]
    notebook["cells"] = cells


def _with_id(source: str, learner: str) -> str:
    lines = [f'learner_id = "{learner}"' if line.startswith("learner_id") else line for line in source.splitlines()]
    return "\n".join(lines)


def _own(text: str, number: int) -> dict:
    cell = Cell("scratch", "", text, f"demo-{number}")
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": cell.id,
        "metadata": {},
        "outputs": [],
        "source": cell.source,
    }
