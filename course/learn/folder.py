"""The folder in which a learner works: where their notebooks are, how far they have come, and how to begin again."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ..bundle.notebook import to_text
from . import progress
from .exercises import exercises

_BUILD = re.compile(r'check\.begin\("\w+", build="(\w*)"\)')


class FolderError(ValueError):
    """What a verb needs is not in this folder; the sentence says what, and how to go on."""


def find(slug: str, folder: Path | None = None) -> Path | None:
    """The notebook of ``slug`` in ``folder`` (default: the current one) or in its subfolder of that name."""
    folder = folder or Path()
    return next((p for p in (folder / f"{slug}.ipynb", folder / slug / f"{slug}.ipynb") if p.is_file()), None)


def sources(notebook: Mapping) -> Iterator[tuple[dict, str]]:
    """Each cell of a notebook's JSON with its text."""
    for cell in notebook.get("cells", ()):
        if isinstance(cell, dict):
            text = cell.get("source", "")
            yield cell, text if isinstance(text, str) else "".join(map(str, text))


def build_of(notebook: Mapping) -> str:
    """The build that a notebook says it is of; empty where it says nothing."""
    return build_in(text for _, text in sources(notebook))


def build_in(texts: Iterable[str]) -> str:
    """The build that the cells of these texts say they are of; empty where they say nothing."""
    found = map(_BUILD.search, texts)
    return next((match[1] for match in found if match), "")


def status(folder: Path | None = None) -> list[str]:
    """A line or two for every assignment that is installed: begun or not, which tasks pass, what is next."""
    lines = []
    for slug in exercises():
        here, tasks = find(slug, folder), progress.standing(slug)
        if not tasks:
            lines.append(f"{slug}: {'here, not checked yet' if here else 'not begun in this folder'}")
            continue
        done = [task for task, one in tasks.items() if one.done]
        when = max(one.when for one in tasks.values()).replace("T", " ")[:16]
        lines.append(f"{slug}: {len(done)} of {len(tasks)} tasks pass their visible checks (checked {when})")
        left = [f"{task} {one.passed} of {one.of}" for task, one in tasks.items() if not one.done]
        if left:
            lines.append(f"    to do: {', '.join(left)}")
        lines += [f"    feedback: {page}" for page in _pages(slug, folder or Path())]
    return lines


def _pages(slug: str, folder: Path) -> list[Path]:
    return sorted({*folder.glob(f"feedback/*/{slug}.html"), *folder.glob(f"{slug}/feedback/*/{slug}.html")})


def reset(slug: str, notebook: Path) -> Path:
    """Put the untouched exercise in the place of ``notebook``, but for the learner cell; where the backup lies."""
    exercise = json.loads(exercises()[slug].read_text(encoding="utf-8"))
    now = datetime.now().strftime("%Y%m%d-%H%M%S")
    backup = _free(notebook.with_name(f"{notebook.stem}.before-reset-{now}.ipynb"))
    shutil.copy2(notebook, backup)
    try:
        old = json.loads(notebook.read_text(encoding="utf-8"))
    except ValueError:  # that may be the reason to begin again
        old = {}
    fresh = _with_learner(exercise, old if isinstance(old, dict) else {})
    temporary = notebook.with_name(f".{notebook.name}.{os.getpid()}")
    temporary.write_text(to_text(fresh), encoding="utf-8")
    os.replace(temporary, notebook)
    progress.forget(slug)
    return backup


def _free(path: Path) -> Path:
    """``path``, or where that is taken, the same with a number."""
    taken = (path.with_name(f"{path.stem}-{number}.ipynb") for number in range(2, 1000))
    return next(one for one in (path, *taken) if not one.exists())


def _with_learner(exercise: dict, old: Mapping[str, Any]) -> dict:
    """The exercise with the learner cell of ``old``, and with what ``old`` says of where it was released."""
    mine = next((text for _, text in sources(old) if text.startswith("# learner:")), "")
    for cell, text in sources(exercise):
        if mine and text.startswith("# learner:"):
            cell["source"] = mine.splitlines(keepends=True)
    released = old.get("metadata", {}).get("course") if isinstance(old.get("metadata"), dict) else None
    if released and build_of(old) == build_of(exercise):
        exercise.setdefault("metadata", {})["course"] = released
    return exercise
