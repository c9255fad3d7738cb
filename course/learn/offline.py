"""Runs a notebook's visible checks outside of Jupyter, on the learner's own machine."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ..bundle.cells import Cell, task_cell
from ..bundle.loader import LoadError, load
from ..bundle.notebook import from_notebook
from ..bundle.reading import Unreadable, literals, parse, read
from ..bundle.transplant import transplant
from .exercises import optional
from .folder import build_in
from .known import known
from .visible import Check, Report, Result


class NotebookError(ValueError):
    """A notebook cannot be checked; the sentence says why."""


def check_notebook(notebook: Path, exercise: Path, *, gpu: bool = False) -> Iterator[str | Report]:
    """Run the check cells of ``exercise`` on the learner's cells of ``notebook``, task by task.

    With ``gpu`` the arrays live on the GPU, whatever the learner cell says; then no mistake is named, and what is kept
    of earlier checks stays as it is: points are for the CPU. Yields what was repaired, as sentences, then a `Report` a
    task. `NotebookError` for a file that is no notebook, or whose first cells do not run, or without a usable GPU.
    """
    if gpu:
        _find_gpu()
    skeleton = from_notebook(json.loads(exercise.read_text(encoding="utf-8")))
    try:
        data = read(notebook)
        done = transplant(data, skeleton)
    except Unreadable as error:
        raise NotebookError(str(error)) from None
    yield from (*done.notes, *done.review)
    yield from _other_build(data, exercise.stem)
    # Jupyter runs the learner cell like any other; here it is the learner's own too. Questions are read, as at grading.
    own = [_learners(cell, gpu) if cell.kind == "learner" else cell for cell in done.cells]
    loaded = load(own)
    questions = [cell for cell in skeleton if cell.kind == "question"]
    loaded.namespace.update({name: None for cell in questions for name in literals(cell.source)} | done.answers)
    broken = {error.cell: error for error in reversed(loaded.errors)}
    for cell_id in ("learner", "setup"):
        if cell_id in broken:
            raise NotebookError(f"the {cell_id} cell does not run: {_sentence(broken[cell_id])}")
    yield from (
        f"One of your own cells does not run: {_sentence(e)}" for i, e in broken.items() if i.startswith("own-")
    )
    checks = [cell for cell in skeleton if cell.kind == "check"]
    for cell in checks:
        report = _run(cell, loaded.namespace, broken.get(task_cell(skeleton, cell.name).id), exercise.stem, gpu)
        yield replace(report, optional=optional(checks, cell.name))
    yield from (f"{cell.name}: a person reads this." for cell in skeleton if cell.kind == "written")


def _other_build(data: bytes, slug: str) -> Iterator[str]:
    """A sentence where the notebook was made for another version of this package's exercise."""
    ours, theirs = known(slug), build_in(cell.source for cell in parse(data).cells)
    if ours is not None and theirs and theirs != ours.build:
        yield (
            f"This notebook is of build {theirs}, the installed exercise of build {ours.build}: the checks below are "
            "those of the installed one. Install the package that came with the notebook to have both alike."
        )


def _learners(cell: Cell, gpu: bool) -> Cell:
    """The learner cell as one that is run; its lines keep their numbers."""
    return replace(cell, kind="scratch", source=cell.source + '\nbackend = "cupy"' * gpu)


def _find_gpu() -> None:
    """Compute one number on the GPU; `NotebookError` where that is impossible."""
    try:
        cupy = importlib.import_module("cupy")
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == "cupy"
        why = "is not installed" if missing else f"cannot be imported ({_first_line(error)})"
    else:
        try:
            if cupy.cuda.is_available() and float(cupy.ones(2).sum()) == 2:
                return
            why = "finds no GPU"
        except Exception as error:  # a driver that is too old, a compiler that is not there: CuPy says which
            why = f"cannot compute on this GPU ({_first_line(error)})"
    raise NotebookError(f"--gpu needs CuPy and a GPU, but CuPy {why}; without --gpu the checks run on the CPU.")


def _first_line(error: Exception) -> str:
    return next(filter(None, map(str.strip, str(error).splitlines())), type(error).__name__)


def _run(cell: Cell, names: dict[str, Any], broken: LoadError | None, slug: str, gpu: bool) -> Report:
    """One check cell of the installed exercise, with a fresh ``check`` whose report is handed on instead of shown."""
    check, ours = QuietCheck(), known(slug)
    code = compile(cell.source, f"<{cell.id}>", "exec")
    if gpu:  # CuPy compiles what it meets for the first time, in seconds that are not the learner's
        exec(code, {**names, "check": QuietCheck()})
    else:
        check.begin(slug, ours.build if ours else "")
    exec(code, {**names, "check": check})
    report = check.reports[-1]
    if broken is None:
        return report
    first = Result("Your cell runs from its first line to its last.", "error", _sentence(broken))
    return replace(report, results=(first, *report.results))


def _sentence(error: LoadError) -> str:
    return f"{error.type} in line {error.line}: {error.text}".rstrip(": ")


class QuietCheck(Check):
    """A check that keeps its reports instead of printing them."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[Report] = []

    def report(self, task: str, hidden: str = "") -> Report:
        """Keep the report."""
        self.reports.append(self._report(task, hidden))
        return self.reports[-1]
