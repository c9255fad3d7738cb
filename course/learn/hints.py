"""The hint ladder: one step more for the failure that the visible checks found last."""

from __future__ import annotations

from . import progress


class Note(str):
    """A sentence that a notebook shows without quotation marks."""

    def __repr__(self) -> str:
        return str(self)


def next_hint(slug: str, task: str) -> str:
    """Open one hint more for the failure that was seen last; all open ones, as text."""
    before = progress.standing(slug).get(task)
    if before is None:
        return f"Run the check of `{task}` first: hints answer what it finds."
    if before.done:
        return f"All visible checks of `{task}` pass; there is nothing to hint at."
    if not before.hints:
        return f"No hint is known for this failure of `{task}`; the report says what came back, and what was expected."
    now = progress.ask(slug, task)
    shown = [f"hint {number}: {text}" for number, text in enumerate(now.hints[: now.opened], 1)]
    return "\n".join(shown + (["That was the last one."] if before.opened == len(now.hints) else []))
