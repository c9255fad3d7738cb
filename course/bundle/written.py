"""Finds the texts that learners wrote for a person to read: in cells of text, or of any other type, and keeps them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from .cells import Cell, CellError
from .reading import WRITTEN, Found

_LABEL = re.compile(r"(?im)^[ \t#>]*[*_]{0,3}written[ \t]+(?P<name>[^\W\d]\w*)\b[^\n]*")
_ABSENT = "*(This cell was not in the notebook. Its text may stand elsewhere in the file that was handed in.)*"
_SIGNS = re.compile(r"[\s*_#>]+")


@dataclass(frozen=True)
class Text:
    """What was found of a written cell: its text under the skeleton's first line, and notes on repairs."""

    source: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Part:
    """What one submitted cell has of a written ``cell``; ``headed`` where its first line says so as ours does."""

    cell: Cell
    text: str
    headed: bool
    code: bool


def texts(found: Sequence[Found], skeleton: Iterable[Cell]) -> tuple[dict[str, Text], list[Found]]:
    """The texts by grade id, of those written cells that are there, and everything else, without them.

    A cell is known by its first line, else by its grade id; several of one task are put together, since a person
    reads them all. Of what a learner wrote nothing is changed or left out.
    """
    ours = tuple(skeleton)
    cells = {cell.name.casefold(): cell for cell in ours if cell.kind == "written"}
    if not cells:
        return {}, list(found)
    prose, code = ({_first(cell.source) for cell in ours if (cell.kind == "prose") is text} for text in (True, False))
    parts: dict[str, list[_Part]] = {}
    rest: list[Found] = []
    for item in found:
        mine, left = _apart(item, cells, prose, code)
        for part in mine:
            parts.setdefault(part.cell.id, []).append(part)
        rest += left
    made = {cell_id: _together(several) for cell_id, several in parts.items()}
    return {cell_id: text for cell_id, text in made.items() if text is not None}, rest


def absent(cell: Cell) -> Cell:
    """What stands for a written ``cell`` that was not there; it is not the untouched one, so that a person looks."""
    return replace(cell, source=f"{_first(cell.source)}\n\n{_ABSENT}")


def untouched(source: str, cell: Cell) -> bool:
    """Whether ``source`` holds nothing but what the skeleton's ``cell`` holds, or less."""
    return set(_lines(source)) <= set(_lines(cell.source))


def body(source: str) -> str:
    """The text under a written cell's first line."""
    return source.lstrip("\n").partition("\n")[2].strip("\n")


def _apart(item: Found, cells: dict[str, Cell], prose: set[str], code: set[str]) -> tuple[list[_Part], list[Found]]:
    """The written parts of one submitted cell, which may have been merged with others, and what is left of it."""
    starts = list(_starts(item.source, cells, prose))
    if not starts:
        claimed = next((cell for cell in cells.values() if cell.id == item.grade_id), None)
        if claimed is None or item.header:
            return [], [item]
        return [_Part(claimed, f"\n{item.source}", False, item.code)], []
    parts, left = [], [replace(item, source=item.source[: starts[0][0]])]
    ends = [start for start, _ in starts[1:]] + [len(item.source)]
    for (start, cell), end in zip(starts, ends, strict=True):
        text = item.source[start:end]
        stop = _next_of(text, code)
        parts.append(_part(cell, text[:stop] if item.code else text, item.code))
        left.append(Found(text[stop:], "", "", item.defines, item.code))  # in a cell of text a person reads it too
    return parts, [one for one in left if one.source.strip()]


def _starts(source: str, cells: dict[str, Cell], prose: set[str]) -> Iterator[tuple[int, Cell]]:
    """Where a written cell begins: at a first line in the form of ours, or at the very first if that names it."""
    for match in _LABEL.finditer(source):
        cell, line = cells.get(match["name"].casefold()), match.group().strip()
        top = not source[: match.start()].strip() and line not in prose
        if cell is not None and (top or _named(line) == cell.name):
            yield match.start(), cell


def _named(line: str) -> str:
    try:
        return Cell.from_text(line, 0).name
    except CellError:
        return ""


def _part(cell: Cell, text: str, code: bool) -> _Part:
    line, _, rest = text.partition("\n")
    ours = _first(cell.source)
    if _named(line.strip()) == cell.name or _SIGNS.sub("", line) == _SIGNS.sub("", ours):
        return _Part(cell, rest, True, code)
    if line.strip().startswith(ours):  # written on in the same line
        return _Part(cell, f"{line.strip().removeprefix(ours).lstrip()}\n{rest}", True, code)
    return _Part(cell, f"\n{text}", False, code)


def _next_of(text: str, firsts: set[str]) -> int:
    """Where in ``text`` another cell begins, by one of these first lines; its end if none does."""
    at = 0
    for line in text.split("\n"):
        if at and line.rstrip() in firsts:
            return at
        at += len(line) + 1
    return len(text)


def _together(parts: Sequence[_Part]) -> Text | None:
    """One text of all ``parts`` of a task; None where there is only what stands for a cell that was not there."""
    cell, notes = parts[0].cell, []
    there = {part.text.rstrip(): part for part in parts if part.text.strip() != _ABSENT}
    if not there:
        return None
    worked = {text: part for text, part in there.items() if not untouched(text, cell)}
    if not worked:
        return Text(cell.source)
    if len(worked) > 1:
        notes.append(f"There are several cells of `{cell.name}`; their texts were put together.")
    if any(part.code for part in worked.values()):
        notes.append(f"The cell of `{cell.name}` was a cell of code, not of text; it was read as text.")
    if not all(part.headed for part in worked.values()):
        notes.append(f"The first line of the cell of `{cell.name}` was changed or gone; it was put back.")
    first, *more = worked
    text = "\n\n".join([first, *(one.lstrip("\n") for one in more)])
    if len(text) > WRITTEN:
        text = text[:WRITTEN].rstrip()
        notes.append(f"The text of `{cell.name}` has more than {WRITTEN} characters; what follows them was cut off.")
    return Text(f"{_first(cell.source)}\n{text}", tuple(notes))


def _first(source: str) -> str:
    return source.lstrip("\n").split("\n", 1)[0].rstrip()


def _lines(source: str) -> list[str]:
    return [line.strip() for line in source.split("\n") if line.strip()]
