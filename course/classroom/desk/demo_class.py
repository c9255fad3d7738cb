"""The ten learners of the demo, and what each of them writes into the notebooks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...author.build import Built, without_marks
from ...author.marks import read_marks
from ...bundle.cells import TASKS, Cell, task_cell
from ...grade.reference import load_reference, right_answers, silent

SLUGS = ("02_full_batch_gd", "04_minibatch_loader")
LOOP = {"02_full_batch_gd": "quadratic_gd"}
MISTAKE = {"02_full_batch_gd": "max_stable_lr", "04_minibatch_loader": "iterations_per_epoch"}


@dataclass(frozen=True)
class Filled:
    """A learner of the demo: id, names, what they play, and when and by which door they hand in."""

    id: str
    first_name: str
    last_name: str
    plays: str
    door: str = "exchange"
    late: bool = False

    @property
    def own_work(self) -> bool:
        """Whether they write anything into the exercise's own cells."""
        return self.id not in {"dan", "fox"}


CLASS = (
    Filled("ada", "Ada", "Byron", "everything right"),
    Filled("ben", "Ben", "Okri", "right in an unusual way, with warnings"),
    Filled("cleo", "Cléo", "Dubois", "a typical mistake"),
    Filled("dan", "Dan", "Ng", "untouched"),
    Filled("eve", "Eve", "Moreau", "an endless loop in 02"),
    Filled("fox", "Fox", "Reinecke", "a forger"),
    Filled("gus", "Gustav", "Ek", "right, but after the deadline", late=True),
    Filled("hana", "Hana", "Kovář", "right, after the deadline, with an extension", late=True),
    Filled("ivo", "Ivo", "de la Cruz, Jr.", "right, by an LMS that drops metadata", door="lms"),
    Filled("joy", "Joy", "O'Neill", "right, on a hub, with a copied cell", door="hub"),
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
    if learner.own_work:
        sources = {cell.id: without_marks(cell.source) for cell in built.reference if cell.kind in TASKS}
        sources.update(answered(built, learner.id, "demo"))
    if learner.id == "ben":
        sources.update({f"function-{one.task}": one.source for one in reversed(marks.alternatives)})
        own.append(_NOISE)
    elif learner.id == "cleo":
        task = MISTAKE[built.contract.slug]
        mistake = next(one for one in marks.mistakes if one.task == task)
        sources[f"function-{task}"] = without_marks(mistake.patch(task_cell(built.reference, task).source))
    elif learner.id == "eve" and built.contract.slug in LOOP:
        task = LOOP[built.contract.slug]
        sources[f"function-{task}"] = _endless(task_cell(built.reference, task).source)
    elif learner.id == "fox":
        own.append((root / "tests" / "attacks" / "cells" / "forger.py").read_text(encoding="utf-8"))
    _write(notebook, learner.id, sources, own)
    if learner.door == "lms":
        _strip(notebook)
    elif learner.door == "hub":
        _copy_a_cell(notebook)


def _strip(notebook: dict) -> None:
    """As Colab leaves a notebook: cells without ids and without nbgrader's metadata."""
    notebook.update(nbformat_minor=0, metadata={"kernelspec": notebook["metadata"]["kernelspec"]})
    for cell in notebook["cells"]:
        cell.pop("id", None)
        cell["metadata"] = {}


def _copy_a_cell(notebook: dict) -> None:
    """Copied with its metadata, as JupyterLab does; it would stop nbgrader for the whole class."""
    at = next(i for i, cell in enumerate(notebook["cells"]) if cell.get("id", "").startswith("function-"))
    notebook["cells"].insert(at + 1, dict(notebook["cells"][at]))


def answered(built: Built, learner: str, course_id: str) -> dict[str, str]:
    """The question cells with the numbers that are right for this learner's own data in this course."""
    names = {"course_id": course_id, "learner_id": learner, "backend": "numpy", "print": silent}
    typed = right_answers(built.reference, load_reference(built.reference, names))
    cells = [cell for cell in built.skeleton if cell.kind == "question"]
    return {cell.id: "\n".join(_typed(line, typed) for line in cell.source.splitlines()) for cell in cells}


def _typed(line: str, typed: dict) -> str:
    name = line.removesuffix(" = None")
    return f"{name} = {typed[name]!r}" if name in typed and name != line else line


def _endless(source: str) -> str:
    """The function with a loop at its beginning that never ends."""
    return without_marks(source.replace(_BEGIN, f"    t = 0\n    while t < 1:\n        t = t * 1\n{_BEGIN}"))


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
