"""Tasks that a person grades: what their verdict says before anybody has read them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from ..bundle.cells import Cell
from ..bundle.freeze import Bundle
from ..bundle.transplant import Transplanted
from ..bundle.written import untouched
from .verdict import MANUAL, READ, CheckVerdict, TaskVerdict

SENTENCE = "A person reads this."


def read_by_person(bundle: Bundle, paper: Transplanted) -> Iterator[TaskVerdict]:
    """The verdict on each written task: nothing for a cell that was not touched, else that it waits for a person."""
    ours = {cell.id: cell for cell in bundle.skeleton if cell.kind == "written"}
    for cell in paper.cells:
        if cell.id in ours:
            yield _verdict(cell, ours[cell.id], bundle.contract.points[cell.name], cell.name in paper.found)


def _verdict(cell: Cell, ours: Cell, points: float, there: bool) -> TaskVerdict:
    if there and untouched(cell.source, ours):
        check = CheckVerdict(READ, SENTENCE, points, "missing", f"`{cell.name}` is not written yet.", visible=True)
    else:
        check = CheckVerdict(READ, SENTENCE, points, MANUAL, "" if there else _GONE, visible=True)
    return TaskVerdict(cell.name, (check,), points, trace=hashlib.sha256(cell.source.encode()).hexdigest()[:16])


_GONE = "Its cell is not in your notebook; a person looks whether its text is elsewhere in it."


def in_order(tasks: Sequence[TaskVerdict], bundle: Bundle) -> tuple[TaskVerdict, ...]:
    """``tasks`` in the contract's order."""
    order = list(bundle.contract.points)
    return tuple(sorted(tasks, key=lambda task: order.index(task.name)))
