"""Puts a learner's cells into an assignment's skeleton, so that only their own work is theirs; notes its repairs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from .cells import TASKS, Cell
from .reading import CELLS, Found, Parsed, literals, parse


@dataclass(frozen=True)
class Transplanted:
    """A submission as it is graded: the skeleton's cells with the learner's work in them, in document order.

    ``notes`` are sentences for the learner, ``review`` for the instructor; ``found`` the tasks of which a cell was
    there; ``answers`` the literals of the question cells; ``learner_id`` what the notebook itself says.
    """

    cells: tuple[Cell, ...]
    notes: tuple[str, ...]
    review: tuple[str, ...]
    found: frozenset[str]
    answers: dict[str, Any]
    learner_id: str

    @property
    def digest(self) -> str:
        """A hash of everything that is executed or read; the part of the verdict key that is the learner's."""
        digest = hashlib.sha256()
        for cell in self.cells:
            digest.update(f"{cell.id}\0{cell.kind}\0{len(cell.source)}\0".encode())
            digest.update(cell.source.encode())
        return digest.hexdigest()


def transplant(notebook: bytes | Parsed, skeleton: Sequence[Cell], most: int = CELLS) -> Transplanted:
    """Read ``notebook`` as data and put its editable cells into ``skeleton``.

    Copied, lost, renamed and invented cells are repaired, each with a note. `reading.Unreadable` when it is no
    notebook, or one of more than ``most`` cells.
    """
    found = (notebook if isinstance(notebook, Parsed) else parse(notebook, most)).cells
    placed, notes = _place(found, skeleton)
    review = []
    tasks = {cell.name for cell in skeleton if cell.kind in TASKS and cell.id in placed}
    functions = {cell.name for cell in skeleton if cell.kind in {"function", "experiment"}}
    if functions and not tasks & functions:
        review.append("No function cell was found in this notebook; is it the right file?")
    for cell in skeleton:
        if cell.kind in TASKS and cell.id not in placed:
            notes.append(f"The cell of `{cell.name}` is not in your notebook, so `{cell.name}` could not be graded.")
    cells = tuple(_in_order(found, placed, skeleton))
    # Only what is asked for: any other name would stand in the way of the checks' own.
    asked = {name for cell in skeleton if cell.kind == "question" for name in literals(cell.source)}
    typed = [literals(cell.source) for cell in cells if cell.kind == "question"]
    answers = {name: value for answer in typed for name, value in answer.items() if name in asked}
    learner = next((literals(cell.source).get("learner_id") for cell in cells if cell.kind == "learner"), None)
    return Transplanted(
        cells, tuple(notes), tuple(review), frozenset(tasks), answers, learner if type(learner) is str else ""
    )


def _place(found: Sequence[Found], skeleton: Sequence[Cell]) -> tuple[dict[str, int], list[str]]:
    """For each editable cell of the skeleton the index of the submitted cell that takes its place, and notes."""
    placed: dict[str, int] = {}
    notes: list[str] = []
    claimed = {_claim(cell, skeleton) for cell in found}
    for cell in skeleton:
        if cell.kind == "check" and cell.id not in claimed:
            notes.append(f"The check cell of `{cell.name}` was missing and has been put back; it costs nothing.")
        if not cell.editable:
            continue
        at = [index for index, item in enumerate(found) if _claim(item, skeleton) == cell.id]
        if not at and cell.kind in {"function", "experiment"}:
            at = [i for i, item in enumerate(found) if cell.name in item.defines and not _claim(item, skeleton)]
            if at:
                notes.append(f"The cell of `{cell.name}` had lost its first line; it was recognised by its function.")
        if len(at) > 1:
            at = [_choose(at, found, cell)]
            notes.append(f"There are several cells of `{cell.name or cell.kind}`; the last that has work in it counts.")
        if at:
            placed[cell.id] = at[0]
    return placed, notes


def _claim(item: Found, skeleton: Sequence[Cell]) -> str:
    """The skeleton cell that a submitted cell says it is: by its text first, which learners see, else by metadata."""
    ids = {cell.id for cell in skeleton}
    if item.header in ids:
        return item.header
    return item.grade_id if item.grade_id in ids else ""


def _choose(at: list[int], found: Sequence[Found], cell: Cell) -> int:
    """Of several copies the last that defines the task and is not the untouched stub; else the last."""
    worked = [i for i in at if found[i].source.strip() != cell.source.strip()]
    defining = [i for i in worked if cell.kind == "question" or cell.name in found[i].defines]
    return (defining or worked or at)[-1]


def _in_order(found: Sequence[Found], placed: dict[str, int], skeleton: Sequence[Cell]) -> list[Cell]:
    """Skeleton cells in their order, the learner's own cells behind the skeleton cell that they followed."""
    taken = {index: cell_id for cell_id, index in placed.items()}
    own: dict[str, list[str]] = {}
    after = ""
    for index, item in enumerate(found):
        claim = taken.get(index) or _claim(item, skeleton)
        if claim:
            after = claim
        elif item.source.strip():
            own.setdefault(after, []).append(item.source)
    cells: list[Cell] = []
    for source in own.get("", ()):
        cells.append(_scratch(source, len(cells)))
    count = len(cells)
    for cell in skeleton:
        if cell.kind in TASKS and cell.id not in placed:
            cells.append(replace(cell, source=f"# {cell.kind} {cell.name}: this cell was not in the notebook"))
        else:
            cells.append(replace(cell, source=found[placed[cell.id]].source) if cell.id in placed else cell)
        for source in own.get(cell.id, ()):
            cells.append(_scratch(source, count))
            count += 1
    return cells


def _scratch(source: str, count: int) -> Cell:
    return Cell("scratch", "", source, f"own-{count + 1:02d}")
