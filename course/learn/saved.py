"""Whether what a learner ran is what they saved: only what is saved is handed in."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ..bundle.cells import TASKS, Cell, CellError
from .folder import find, sources


def unsaved(slug: str, task: str, runs: Sequence[str], folder: Path | None = None) -> str:
    """A sentence where the saved notebook of ``slug`` does not hold the cell of ``task`` as it ran last; else nothing.

    ``runs`` are the texts of the cells that were run, in order. Says nothing where there is nothing to compare.
    """
    ran = [text for text in runs if _is_of(task, text)]
    path = find(slug, folder)
    if not ran or path is None:
        return ""
    try:
        saved = [text for _, text in sources(json.loads(path.read_bytes()))]
        when = datetime.fromtimestamp(path.stat().st_mtime)
    except (OSError, ValueError):
        return ""
    if any(ran[-1].strip() == text.strip() for text in saved):
        return ""
    return (
        f"Not saved yet: {path.name}, saved at {when:%H:%M}, does not hold `{task}` as you ran it. What is saved is "
        "what is graded, so press Ctrl+S before you submit."
    )


def _is_of(task: str, text: str) -> bool:
    try:
        cell = Cell.from_source(text)
    except CellError:
        return False
    return cell.kind in TASKS and cell.name == task
