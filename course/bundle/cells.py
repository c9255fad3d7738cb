"""The kinds of cell that a notebook is made of, and the first comment line by which each is recognised."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace

KINDS = ("setup", "learner", "given", "example", "function", "check", "experiment", "draw", "question")
"""Kinds that a code cell names in its first line; ``prose`` (markdown) and ``scratch`` (anything else) need no line.

``written`` is markdown too, and says in its first line that it is no prose: see `Cell.from_text`.
"""

EDITABLE = frozenset({"learner", "function", "experiment", "question", "written"})
"""Kinds whose text is the learner's; every other cell is taken from the bundle when a submission is graded."""

CHECKED = frozenset({"function", "experiment", "question"})
"""Kinds that checks grade: each has a check cell of the same name, which carries its points."""

TASKS = CHECKED | {"written"}
"""Kinds that are graded; ``written`` ones by a person, who reads them: such a cell carries its points itself."""

_HEADER = re.compile(
    r"# (?P<kind>" + "|".join(KINDS) + r")(?: (?P<name>[A-Za-z_]\w*))?"
    r"(?: \((?P<points>\d+(?:\.\d+)?) points?\))?: \S.*"
)

_WRITTEN = re.compile(r"\*\*written (?P<name>[A-Za-z_]\w*) \((?P<points>\d+(?:\.\d+)?) points?\): \S(?:.*\S)?\*\*")

_POINTS = re.compile(r"\(\d+(?:\.\d+)? points?\)")


class CellError(ValueError):
    """A cell's first line is not one that the course understands."""


@dataclass(frozen=True)
class Cell:
    """One cell of an assignment.

    ``kind`` is one of `KINDS`, ``prose`` or ``scratch``; ``name`` the task that it belongs to (empty where there is
    none); ``source`` its text; ``points`` what the visible checks of a check cell, or a written cell, are worth;
    ``id`` its grade id, which stands in the notebook's metadata too.

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

    @classmethod
    def from_text(cls, source: str, number: int) -> Cell:
        """The markdown cell ``source``: written by the learner if its first line says so, else prose ``number``.

        >>> Cell.from_text("**written why (2 points): your text below; a person reads it**", 1).id
        'written-why'
        """
        first = source.lstrip("\n").split("\n", 1)[0].rstrip()
        if match := _WRITTEN.fullmatch(first):
            return cls("written", match["name"], source, grade_id("written", match["name"]), float(match["points"]))
        if first.lower().startswith("**written "):
            like = "**written NAME (3 points): your text below; a person reads it**"
            raise CellError(f"a cell of text begins with {first!r}; for a written task it should begin like {like!r}")
        return cls("prose", "", source, f"prose-{number:02d}")

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


def scored(cells: Iterable[Cell]) -> dict[str, str]:
    """The grade ids of the cells that carry points, each with its task: check cells, and written ones."""
    return {cell.id: cell.name for cell in cells if cell.kind in {"check", "written"}}


def task_of(cell_id: str) -> str:
    """The task whose points the cell of this grade id carries.

    >>> task_of("check-gd"), task_of("written-why")
    ('gd', 'why')
    """
    return cell_id.removeprefix("check-").removeprefix("written-")


def task_cell(cells: Iterable[Cell], task: str) -> Cell:
    """The cell in which ``task`` is worked on: a function's, the experiment's, a question's or a written one."""
    return next(cell for cell in cells if cell.name == task and cell.kind in TASKS)


def with_source(cells: Sequence[Cell], task: str, source: str) -> tuple[Cell, ...]:
    """``cells`` with ``source`` as the text of the cell in which ``task`` is worked on."""
    own = task_cell(cells, task)
    return tuple(replace(cell, source=source) if cell is own else cell for cell in cells)
