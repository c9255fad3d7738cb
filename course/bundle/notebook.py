"""Cells to notebook JSON and back; with `json` alone, so that learners need no nbformat."""

from __future__ import annotations

import json
from collections.abc import Iterable

from .cells import CHECKED, Cell, CellError

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def to_notebook(cells: Iterable[Cell], points: dict[str, float], course: dict) -> dict:
    """nbformat 4.5 JSON of ``cells``; check and written cells carry ``points[task]``; ``course`` is metadata of ours.

    Deterministic: the same cells give the same bytes, because every cell id is its grade id.
    """
    return {
        "cells": [_to_json(cell, points) for cell in cells],
        "metadata": {**METADATA, "course": course},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _to_json(cell: Cell, points: dict[str, float]) -> dict:
    graded, text = cell.kind in {"check", "written"}, cell.kind in {"prose", "written"}
    marks = {
        "grade": graded,
        "grade_id": cell.id,
        "locked": not cell.editable,
        "schema_version": 3,
        "solution": cell.editable,
        "task": False,
    }
    if graded:
        marks["points"] = points[cell.name]
    data: dict = {
        "cell_type": "markdown" if text else "code",
        "id": cell.id,
        "metadata": {"deletable": False, **({} if cell.editable else {"editable": False}), "nbgrader": marks},
        "source": cell.source.splitlines(keepends=True),
    }
    if not text:
        data.update(execution_count=None, outputs=[])
    return data


def to_text(notebook: dict) -> str:
    """The bytes that are committed and released, as text: sorted keys, one-space indent, a final newline."""
    return json.dumps(notebook, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def from_notebook(notebook: dict) -> tuple[Cell, ...]:
    """The cells of a notebook of *ours* (skeleton or reference), where every code cell says what it is."""
    cells, prose = [], 0
    for data in notebook["cells"]:
        source = "".join(data["source"])
        if data["cell_type"] == "code":
            cells.append(Cell.from_source(source))
        else:
            cells.append(Cell.from_text(source, prose + 1))
            prose += cells[-1].kind == "prose"
    check_ids(cells)
    return tuple(cells)


def check_ids(cells: Iterable[Cell]) -> None:
    """Raise `CellError` when two cells have one id, or a task that checks grade lacks its check cell or the reverse."""
    seen: set[str] = set()
    tasks, checks = set(), set()
    for cell in cells:
        if cell.id in seen:
            raise CellError(f"two cells are called {cell.id!r}; give one of them another name")
        seen.add(cell.id)
        if cell.kind in CHECKED:
            tasks.add(cell.name)
        elif cell.kind == "check":
            checks.add(cell.name)
    if tasks != checks:
        raise CellError(
            f"every task but a written one needs one check cell of its name: tasks without {sorted(tasks - checks)}, "
            f"checks without a task {sorted(checks - tasks)}"
        )
