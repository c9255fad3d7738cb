"""Runs a notebook's visible checks outside of Jupyter, on the learner's own machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..bundle.cells import Cell, CellError
from ..bundle.loader import LOADED, LoadError, load
from ..bundle.notebook import from_notebook
from .visible import Check, Report


class NotebookError(ValueError):
    """A notebook cannot be checked; the sentence says why."""


def check_notebook(notebook: Path, exercise: Path) -> Iterator[Report]:
    """Load the learner's cells of ``notebook`` and run the check cells of ``exercise`` on them, task by task.

    Yields a `Report` a task. Raises `NotebookError` for a file that is not a notebook, or whose setup does not run.
    """
    cells = read_cells(notebook)
    names: dict[str, Any] = {"__name__": "__notebook__"}
    for cell in cells:
        if cell.kind == "learner":
            exec(compile(cell.source, f"<{cell.id}>", "exec"), names)
    loaded = load([cell for cell in cells if cell.kind in LOADED], names)
    for error in loaded.errors:
        if error.cell == "setup":
            raise NotebookError(f"the setup cell does not run: {_sentence(error)}")
    for cell in cells:
        if cell.kind == "question":
            exec(compile(cell.source, f"<{cell.id}>", "exec"), names)
    broken = {error.cell: error for error in loaded.errors}
    for cell in from_notebook(json.loads(exercise.read_text(encoding="utf-8"))):
        if cell.kind == "check":
            yield _run(cell, names, broken.get(f"function-{cell.name}"))


def read_cells(notebook: Path) -> list[Cell]:
    """The code cells of a notebook; cells that do not say what they are come as ``scratch``."""
    try:
        data = json.loads(notebook.read_text(encoding="utf-8"))
        sources = ["".join(cell["source"]) for cell in data["cells"] if cell["cell_type"] == "code"]
    except OSError as error:
        raise NotebookError(f"{notebook} cannot be read ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotebookError(f"{notebook.name} is not a notebook; open it in Jupyter and save it again") from None
    return [_cell(source, number) for number, source in enumerate(sources)]


def _cell(source: str, number: int) -> Cell:
    try:
        return Cell.from_source(source)
    except CellError:
        return Cell("scratch", "", source, f"own-{number:02d}")


def _run(cell: Cell, names: dict[str, Any], broken: LoadError | None) -> Report:
    """One check cell, with a fresh ``check`` whose report is handed on instead of shown."""
    check = QuietCheck()
    exec(compile(cell.source, f"<{cell.id}>", "exec"), {**names, "check": check})
    report = check.reports[-1]
    note = f" The cell itself does not run: {_sentence(broken)}" if broken else ""
    return Report(report.task, report.results, report.hidden + note)


def _sentence(error: LoadError) -> str:
    return f"{error.type} in line {error.line} {error.text}".strip()


class QuietCheck(Check):
    """A check that keeps its reports instead of printing them."""

    def __init__(self) -> None:
        super().__init__()
        self.reports: list[Report] = []

    def report(self, task: str, hidden: str = "") -> Report:
        """Keep the report."""
        self.reports.append(Report(task, tuple(self.results.pop(task, ())), hidden))
        return self.reports[-1]
