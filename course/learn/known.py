"""The known mistakes that ship with the course: what each of them looks like to the visible checks, and what to say.

``NN_slug.traces.json``, beside the exercise, is made by `course build`. It holds the behaviour of known wrong answers
and the words about them, never a right answer. It belongs to one build of the notebook: with another nothing is named.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from .exercises import exercises
from .tracing import Call, same_print


@dataclass(frozen=True)
class Seen:
    """What came of one visible check: its status, the marks of its failures, and the calls that it made."""

    status: str
    marks: tuple[str, ...]
    steps: tuple

    @classmethod
    def of(cls, status: str, marks: Sequence[str], calls: Sequence[Call]) -> Seen:
        """From what a run found."""
        return cls(status, tuple(marks), tuple(tuple(call.step) for call in calls))

    def same(self, other: Seen) -> bool:
        """Whether both are the same behaviour."""
        if (self.status, self.marks, len(self.steps)) != (other.status, other.marks, len(other.steps)):
            return False
        pairs = zip(self.steps, other.steps, strict=True)
        return all(a[0] == b[0] and list(a[2]) == list(b[2]) and same_print(a[1], b[1]) for a, b in pairs)


@dataclass(frozen=True)
class Mistake:
    """A known mistake: its name, its cause in one sentence, and its hints from vague to plain."""

    name: str
    says: str
    hints: tuple[str, ...] = ()


class Known:
    """The known mistakes of one assignment, for one build of its notebook."""

    def __init__(self, build: str, tasks: Mapping[str, Mapping]):
        self.build, self._tasks = build, tasks

    def name(self, task: str, seen: Mapping[str, Seen]) -> Mistake | None:
        """The one mistake that behaves in every visible check of ``task`` as ``seen`` does; None for none or several.

        ``seen`` maps the name of each check to what came of it.
        """
        if not any(one.status == "failed" for one in seen.values()):
            return None  # an exception says what it is, and anyone's may be of the same kind
        found = [entry for entry in self._tasks.get(task, {}).get("mistakes", ()) if _matches(entry["seen"], seen)]
        if len(found) != 1:
            return None
        return Mistake(found[0]["name"], found[0]["says"], tuple(found[0]["hints"]))

    def hints(self, task: str) -> tuple[str, ...]:
        """What may be said to anyone who is stuck at ``task``."""
        return tuple(self._tasks.get(task, {}).get("hints", ()))


def _matches(entry: Mapping, seen: Mapping[str, Seen]) -> bool:
    if set(entry) != set(seen):
        return False
    return all(
        Seen(status, tuple(marks), tuple(steps)).same(seen[check]) for check, (status, marks, steps) in entry.items()
    )


@cache
def known(slug: str) -> Known | None:
    """What ships for ``slug``; None where nothing does, or it cannot be read."""
    try:
        data = json.loads(exercises()[slug].with_suffix(".traces.json").read_text(encoding="utf-8"))
        return Known(data["build"], data["tasks"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
