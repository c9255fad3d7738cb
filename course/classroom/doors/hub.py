"""Collecting from a hub where all learners' servers run under one account: the folder says whose a notebook is.

The hub makes a folder for each learner and lets nobody else into it. What lies inside is the learner's to arrange, so
nothing below that folder is opened through a link.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from ...bundle.reading import check_descriptor
from ...grade.limits import Limits
from ..settings import HomeError
from . import stamps
from .delivery import Delivery
from .inbound import FOLDER, NoNotebook, Refusal, open_at, open_notebook, read_unchanged, refusal_of
from .stamps import Refused

LAYOUT = "{learner}/{assignment}/{assignment}.ipynb"
"""Where a learner's notebook lies below a folder that is named without a layout of its own."""


def layout(text: str) -> str:
    """A path with ``{learner}`` and ``{assignment}`` in it, from one, or from the folder of all learners' folders."""
    pattern = text if "{learner}" in text else str(Path(text) / LAYOUT)
    if "{assignment}" not in pattern:
        raise HomeError(f"{text!r} does not say where an assignment lies; write a path with {{assignment}} in it")
    root = Path(pattern.split("{learner}")[0] + "x").parent
    if not root.is_dir():
        raise HomeError(
            f"there is no folder {root} with learners' folders in it; look at hub in course.toml, or --from"
        )
    return pattern


@contextmanager
def hub(pattern: str, slug: str, learner: str, limits: Limits, refused: list[Refusal]) -> Iterator[Delivery | None]:
    """The notebook of one learner, open until the end, or None; what cannot be taken is added to ``refused``."""
    path = pattern.replace("{learner}", learner).replace("{assignment}", slug)
    with ExitStack() as stack:
        try:
            yield _open(Path(path), pattern, slug, learner, limits, stack)
            return
        except (Missing, NoNotebook):
            pass
        except Exception as error:
            found = refusal_of(path, error)
            refused.append(Refusal(path, learner, found.sentence))
        yield None


class Missing(Exception):
    """The learner has no such folder or notebook."""


def _open(path: Path, pattern: str, slug: str, learner: str, limits: Limits, stack: ExitStack) -> Delivery:
    own = next(number for number, part in enumerate(Path(pattern).parts) if "{learner}" in part)
    parts = path.parts
    try:
        folder = os.open(Path(*parts[: own + 1]), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        stack.callback(os.close, folder)
        for part in parts[own + 1 : -1]:
            folder = open_at(part, FOLDER, folder, stack)
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise Missing from None
        if error.errno in (errno.ELOOP, errno.ENOTDIR):
            raise Refused("a folder on the way to it is a link or a file; submit from a plain folder") from None
        raise
    notebook, title, note = open_notebook(folder, parts[-1], stack)
    status = check_descriptor(notebook, title, limits.notebook_mb)
    time = stamps.changed(status)
    return Delivery(
        learner=learner,
        door="hub",
        name=str(path),
        time=time,
        content=lambda: read_unchanged(notebook, title, status, limits),
        note=note,
    )


def strangers(pattern: str, roster: Iterable[str]) -> list[str]:
    """Folders beside the learners' that belong to nobody on the roster, where the layout has a folder a learner."""
    before, _, after = pattern.partition("{learner}")
    if not before.endswith("/") or not after.startswith("/"):
        return []
    return sorted(set(os.listdir(before)) - set(roster))
