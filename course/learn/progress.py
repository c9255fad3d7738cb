"""What a learner's own machine remembers of their checks: how far each task is, which failure keeps coming back.

One small file in the user's data folder. It decides nothing but which hints are open and what `course status` says, so
that losing it, or not being able to write it, costs nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path

UNWRITTEN = "unwritten"
"""The failure of a task that is not begun: it may be seen as often as one likes."""


@dataclass(frozen=True)
class Standing:
    """One task: how many of its visible checks passed last, when, and the failure that was first to look at.

    ``times`` is how often in a row that failure was seen, ``asked`` how many hints were asked for, ``hints`` the
    ladder that belongs to it, ``general`` whether that is the task's own, where the failure has no name.
    """

    passed: int = 0
    of: int = 0
    when: str = ""
    failure: str = ""
    times: int = 0
    asked: int = 0
    hints: list[str] = field(default_factory=list)
    general: bool = False

    @property
    def opened(self) -> int:
        """How many hints are open: those asked for; and of a known mistake's, from the third time on, one more each."""
        by_itself = 0 if self.general else self.times - 2
        return min(len(self.hints), max(self.asked, by_itself, 0))

    @property
    def done(self) -> bool:
        """Whether all visible checks pass."""
        return self.of > 0 and self.passed == self.of


def place() -> Path:
    """The file, by the XDG convention."""
    base = os.environ.get("XDG_DATA_HOME") or os.path.join(os.path.expanduser("~"), ".local", "share")
    return Path(base) / "gradient-course" / "progress.json"


def standing(slug: str) -> dict[str, Standing]:
    """All tasks of ``slug`` that were ever checked here."""
    return _entries(_read().get(slug, {}))


def checked(
    slug: str, task: str, passed: int, of: int, failure: str, hints: tuple[str, ...], general: bool = False
) -> Standing:
    """Note the outcome of a run of the checks of ``task``; the standing after it."""

    def note(old: Standing) -> Standing:
        again = bool(failure) and failure == old.failure
        return Standing(
            passed,
            of,
            datetime.now().isoformat(timespec="seconds"),
            failure,
            0 if failure == UNWRITTEN else old.times + 1 if again else int(bool(failure)),
            old.asked if again else 0,
            list(hints),
            general,
        )

    return _change(slug, task, note)


def ask(slug: str, task: str) -> Standing:
    """Open the next hint of ``task``, if there is one more."""
    return _change(slug, task, lambda old: replace(old, asked=min(len(old.hints), old.opened + 1)))


def forget(slug: str) -> None:
    """Forget all about ``slug``."""
    data = _read()
    if data.pop(slug, None) is not None:
        _write(data)


_memory: dict[str, dict] = {}
"""What is remembered where nothing can be written."""


def _change(slug: str, task: str, change: Callable[[Standing], Standing]) -> Standing:
    data = _read()
    new = change(_entries(data.get(slug, {})).get(task, Standing()))
    data.setdefault(slug, {})[task] = asdict(new)
    _write(data)
    return new


def _entries(found: object) -> dict[str, Standing]:
    entries = {}
    for task, values in found.items() if isinstance(found, dict) else ():
        try:
            entries[task] = Standing(**values)
            _ = entries[task].opened
        except TypeError:  # another version's, or somebody's hand
            continue
    return entries


def _read() -> dict[str, dict]:
    try:
        data = json.loads(place().read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return dict(_memory)
    return {slug: tasks for slug, tasks in data.items() if isinstance(tasks, dict)} if isinstance(data, dict) else {}


def _write(data: dict[str, dict]) -> None:
    _memory.clear()
    _memory.update(data)
    with suppress(OSError):
        write_json(place(), data)


def write_json(path: Path, data: object) -> None:
    """Write ``data`` into a file of the user's data folder, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps(data, indent=1), encoding="utf-8")
    os.replace(temporary, path)
