"""The kinds of cell that a notebook is made of, and the first comment line by which each is recognised."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

KINDS = ("setup", "learner", "given", "example", "function", "check", "experiment", "draw", "question")
"""Kinds that a code cell names in its first line; ``prose`` (markdown) and ``scratch`` (anything else) need no line."""

EDITABLE = frozenset({"learner", "function", "experiment", "question"})
"""Kinds whose text is the learner's; every other cell is taken from the bundle when a submission is graded."""

TASKS = frozenset({"function", "experiment", "question"})
"""Kinds that are graded: each has a check cell of the same name, which carries its points."""

_HEADER = re.compile(
    r"# (?P<kind>" + "|".join(KINDS) + r")(?: (?P<name>[A-Za-z_]\w*))?"
    r"(?: \((?P<points>\d+(?:\.\d+)?) points?\))?: \S.*"
)

_POINTS = re.compile(r"\(\d+(?:\.\d+)? points?\)")


class CellError(ValueError):
    """A cell's first line is not one that the course understands."""


@dataclass(frozen=True)
class Cell:
    """One cell of an assignment.

    ``kind`` is one of `KINDS`, ``prose`` or ``scratch``; ``name`` the task that it belongs to (empty where there is
    none); ``source`` its text; ``points`` what the visible checks of a check cell are worth; ``id`` its grade id,
    which stands in the notebook's metadata too.

    >>> Cell.from_source("# function gd: your code below\\ndef gd(): ...").id
    'function-gd'
    """

    kind: str
    name: str
    source: str
    id: str
    points: float = 0.0

    @classmethod
    def from_source(cls, source: str) -> Cell:
        """The code cell that ``source`` says it is in its first line; `CellError` if it says nothing."""
        first = source.lstrip("\n").split("\n", 1)[0].rstrip()
        match = _HEADER.fullmatch(first)
        if match is None:
            raise CellError(f"a code cell begins with {first!r}; it should begin like '# function gd: your code below'")
        kind, name = match["kind"], match["name"] or ""
        if kind == "experiment":
            name = name or "experiment"
        if kind in {"function", "check", "question"} and not name:
            raise CellError(f"the cell {first!r} does not say which task it belongs to; write '# {kind} NAME: …'")
        return cls(kind, name, source, grade_id(kind, name), float(match["points"] or 0))

    def weighted(self, factor: float) -> Cell:
        """This cell with its points, and what its first line says of them, times ``factor``."""
        if not self.points or factor == 1:
            return self
        points = round(self.points * factor, 6)
        word = f"({points:g} point{'' if points == 1 else 's'})"
        return replace(self, points=points, source=_POINTS.sub(word, self.source, count=1))

    @property
    def editable(self) -> bool:
        """Whether the learner writes in this cell."""
        return self.kind in EDITABLE

    def to_dict(self) -> dict:
        """Plain data, as it crosses to a worker or lies in a bundle."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict) -> Cell:
        """The inverse of `to_dict`."""
        return cls(**data)


def grade_id(kind: str, name: str = "") -> str:
    """The id of a cell: its kind, and the task that it belongs to where there is one."""
    return f"{kind}-{name}" if name and name != kind else kind


def task_cell(cells: Iterable[Cell], task: str) -> Cell:
    """The cell in which ``task`` is worked on: a function's, the experiment's or a question's."""
    return next(cell for cell in cells if cell.name == task and cell.kind in TASKS)


def with_source(cells: Sequence[Cell], task: str, source: str) -> tuple[Cell, ...]:
    """``cells`` with ``source`` as the text of the cell in which ``task`` is worked on."""
    own = task_cell(cells, task)
    return tuple(replace(cell, source=source) if cell is own else cell for cell in cells)
