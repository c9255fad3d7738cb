"""What the course's own cells say of the figures that they draw, for those who cannot see them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ...bundle.cells import EDITABLE, Cell

_BELOW = re.compile(r"[;.]?\s*the text below[^.]*\.?$", re.I)


@dataclass(frozen=True)
class Picture:
    """A figure's title, which may be empty, and its text alternative."""

    title: str
    alt: str


def described(skeleton: Iterable[Cell]) -> dict[str, tuple[Picture, ...]]:
    """The figures of a skeleton's cells, by cell, in the order in which they are drawn.

    Learners cannot change these cells: what they hand in for one is replaced by the skeleton's. Cells that are theirs
    are not read at all, and text that is only put together when a cell runs is not known here.
    """
    found = {cell.id: tuple(_pictures(cell.source)) for cell in skeleton if cell.kind not in {*EDITABLE, "prose"}}
    return {name: pictures for name, pictures in found.items() if pictures}


def _pictures(source: str) -> Iterable[Picture]:
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    except (SyntaxError, ValueError, RecursionError):
        return  # a line of IPython's own, such as %timeit
    for call in sorted(calls, key=lambda node: (node.lineno, node.col_offset)):
        where = call.func.value if isinstance(call.func, ast.Attribute) else None
        if not (isinstance(where, ast.Name) and where.id == "figures"):
            continue
        said = {item.arg: item.value for item in call.keywords}
        first = call.args[0] if call.args else None  # figures.new(alt, …)
        if alt := _text(said.get("alt", first)):
            yield Picture(_text(said.get("title")), _BELOW.sub(".", alt))


def _text(node: ast.expr | None) -> str:
    """A literal text in one line; nothing for anything else."""
    return " ".join(node.value.split()) if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
