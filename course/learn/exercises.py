"""Where the exercises lie that came with the package, and how a learner names one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ..bundle.cells import Cell

_PACKAGE = Path(__file__).resolve().parents[1]


class UnknownAssignment(ValueError):
    """Nothing is called like that; the sentence lists what there is."""


def exercises() -> dict[str, Path]:
    """Slug to notebook, in order: from the wheel, or from the repository of an editable install."""
    for folder in (_PACKAGE / "exercises", _PACKAGE.parent / "exercises"):
        if folder.is_dir():
            return {path.stem: path for path in sorted(folder.glob("[0-9][0-9]_*.ipynb"))}
    return {}


def optional(checks: Iterable[Cell], task: str) -> bool:
    """Whether ``task`` is for those who want more: its check cell carries no points, while others of ``checks`` do."""
    points = {cell.name: cell.points for cell in checks if cell.kind == "check"}
    return any(points.values()) and not points.get(task, 1.0)


def resolve(name: str, known: dict[str, Path] | None = None) -> str:
    """The slug that ``name`` means: a slug, a file name, or a number such as ``2`` or ``02``.

    >>> resolve("2", {"02_full_batch_gd": Path("x")})
    '02_full_batch_gd'
    """
    slugs = list(exercises() if known is None else known)
    stem = Path(name).stem if name.endswith((".ipynb", ".py")) else name
    found = [slug for slug in slugs if slug == stem or (re.fullmatch(r"\d{1,2}", stem) and slug[:2] == stem.zfill(2))]
    if len(found) != 1:
        raise UnknownAssignment(f"there is no assignment {name!r} here; there are: {', '.join(slugs) or 'none'}")
    return found[0]
